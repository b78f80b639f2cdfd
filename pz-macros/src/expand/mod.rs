//! The intermediate representation to tokens. Nothing here can fail.
//!
//! Each impl stands in a `const _` block of its own and names the runtime through `::pz::__private` alone, so
//! that nothing that the user has in scope can change it. What needs no types of the user's is a function in
//! the runtime, not tokens.

mod dataclass;
pub(crate) mod fallback;
mod layer;
pub(crate) mod model;
mod pattern;
mod steps;
mod structs;
mod tree;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Generics, WherePredicate, parse_quote};

use crate::ir::{Field, Need};

pub(crate) use dataclass::dataclass;
pub(crate) use layer::layer;
pub(crate) use pattern::{einsum, rearrange, wrong};
pub(crate) use tree::tree;

/// `DigitsNet` as `digits_net`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (place, letter) in name.char_indices() {
        if letter.is_uppercase() && place > 0 && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// A variable of the generated code, or `self`, for use among tokens that have the place of the user's. (Where a macro
/// of the user's was given those, a variable called from their place would be another one.)
fn local(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// Hides items from the user's scope. In it, `pz_` is all that expansions may name. (Some of these names have the place of
/// the user's tokens, and to a lint they are the user's, who has the same in scope without `pz_`.)
fn hidden(items: TokenStream) -> TokenStream {
    quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            use ::pz::__private as pz_;
            #items
        };
    }
}

/// The variable that a field is bound to: at the field's type, where rustc shall point when the type is at fault, and so
/// without a `self` in the expression, which would mean another one there.
fn bound(place: usize, field: &Field) -> Ident {
    format_ident!("pz_{place}", span = field.span())
}

/// The generics with one more bound for each need.
fn bounded(generics: &Generics, needs: Vec<(TokenStream, Need)>) -> Generics {
    let mut generics = generics.clone();
    if !needs.is_empty() {
        let bounds = needs.into_iter().map(|(ty, need)| -> WherePredicate {
            match need {
                Need::Child => parse_quote!(#ty: pz_::PyTree + pz_::Clone),
                Need::Static => parse_quote!(#ty: pz_::Static + pz_::Clone),
                Need::Layer => parse_quote!(#ty: pz_::Layer),
            }
        });
        generics.make_where_clause().predicates.extend(bounds);
    }
    generics
}
