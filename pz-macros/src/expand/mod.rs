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
mod tree;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, WherePredicate, parse_quote};

use crate::ir::Need;

pub(crate) use dataclass::dataclass;
pub(crate) use layer::layer;
pub(crate) use pattern::{einsum, rearrange, wrong};
pub(crate) use tree::tree;

/// Hides items from the user's scope. In it, `pz_` is all that expansions may name.
fn hidden(items: TokenStream) -> TokenStream {
    quote! {
        const _: () = {
            use ::pz::__private as pz_;
            #items
        };
    }
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
