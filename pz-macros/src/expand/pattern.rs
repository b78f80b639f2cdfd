//! Patterns to calls: the names as constants, the arrays by reference. All else is in the runtime.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Expr;

use crate::ir::{Einsum, Names, Rearrange};
use crate::parse::{Term, Word};

/// `einsum!`: a `Result<NamedArray>`.
pub(crate) fn einsum(einsum: &Einsum) -> TokenStream {
    let Einsum { pattern, arrays, .. } = einsum;
    let operands = einsum.operands.iter().map(names);
    let output = names(&einsum.output);
    quote! {
        ::pz::__private::einsum(
            &::pz::__private::EinsumPattern { text: #pattern, operands: &[#(#operands),*], output: #output },
            &[#(&(#arrays)),*],
        )
    }
}

fn names(names: &Names) -> TokenStream {
    let words = texts(&names.words);
    let rest = option(names.rest.map(|(_, before)| quote!(#before)));
    quote!(::pz::__private::PatternNames { names: &[#(#words),*], rest: #rest })
}

fn texts(words: &[Word]) -> Vec<&str> {
    words.iter().map(|word| word.text.as_str()).collect()
}

fn option(tokens: Option<TokenStream>) -> TokenStream {
    match tokens {
        Some(tokens) => quote!(::pz::__private::Some(#tokens)),
        None => quote!(::pz::__private::None),
    }
}

/// `rearrange!`: a `Result<NamedArray>`.
pub(crate) fn rearrange(rearrange: &Rearrange) -> TokenStream {
    let Rearrange { pattern, array, sizes, .. } = rearrange;
    let (left, right) = (rearrange.left.iter().map(term), rearrange.right.iter().map(term));
    let sizes = sizes.iter().map(|(name, size)| {
        let name = name.to_string();
        quote!((#name, #size))
    });
    quote! {
        ::pz::__private::rearrange(
            &::pz::__private::RearrangePattern { text: #pattern, left: &[#(#left),*], right: &[#(#right),*] },
            &(#array),
            &[#(#sizes),*],
        )
    }
}

fn term(term: &Term) -> TokenStream {
    match term {
        Term::Axis(Word { text, .. }) => quote!(::pz::__private::PatternTerm::Axis(#text)),
        Term::Rest(_) => quote!(::pz::__private::PatternTerm::Rest),
        Term::Group { name, axes, .. } => {
            let name = option(name.as_ref().map(|Word { text, .. }| quote!(#text)));
            let axes = texts(axes);
            quote!(::pz::__private::PatternTerm::Group(#name, &[#(#axes),*]))
        }
    }
}

/// Beside errors: a value of the right type, in which the arguments are used.
pub(crate) fn wrong(errors: &Option<TokenStream>, arguments: &[&Expr]) -> TokenStream {
    quote!({ #errors let _ = (#(&(#arguments),)*); ::pz::__private::wrong_pattern() })
}
