//! A layer's type under one word, at one place.
//!
//! The compiler tells a mistake once where two messages say the same at the same place. A type is written once by the
//! user and used many times by us; a path of several words would be told at its first word, at its last, or at all of
//! them, depending on the use. So each use is of an alias that stands where the path's last word stands.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Path, PathArguments};

/// Where the type's own name stands.
pub(super) fn place(ty: &Path) -> Span {
    ty.segments.last().map_or_else(Span::call_site, |last| last.ident.span())
}

/// The alias of the type of layer `number` where the model's parameters do not exist.
pub(super) fn constant_alias(number: usize, ty: &Path, parameters: &[Ident]) -> TokenStream {
    let plain = without_parameters(ty, parameters);
    let alias = defined(constant_type(number, ty));
    quote!(type #alias = #plain;)
}

/// The alias of the type for code, where it is another.
pub(super) fn code_alias(number: usize, ty: &Path, parameters: &[Ident]) -> TokenStream {
    let mentioned = mentioned(ty, parameters);
    if mentioned.is_empty() {
        return TokenStream::new();
    }
    let generic = defined(generic_alias(number, ty));
    quote!(type #generic<#(const #mentioned: usize),*> = #ty;)
}

/// An alias where it is defined: as ours, so that the compiler does not propose to give it parameters.
fn defined(mut alias: Ident) -> Ident {
    alias.set_span(Span::call_site().located_at(alias.span()));
    alias
}

/// The type in constants.
pub(super) fn constant_type(number: usize, ty: &Path) -> Ident {
    format_ident!("Pz{number}", span = place(ty))
}

fn generic_alias(number: usize, ty: &Path) -> Ident {
    format_ident!("Pz{number}With", span = place(ty))
}

/// The type in code.
pub(super) fn code_type(number: usize, ty: &Path, parameters: &[Ident]) -> TokenStream {
    let mentioned = mentioned(ty, parameters);
    if mentioned.is_empty() {
        let alias = constant_type(number, ty);
        return quote!(#alias);
    }
    let (alias, span) = (generic_alias(number, ty), place(ty));
    let arguments = mentioned.into_iter().map(|parameter| {
        let mut parameter = parameter.clone();
        parameter.set_span(parameter.span().located_at(span));
        parameter
    });
    quote_spanned!(span=> #alias<#(#arguments),*>)
}

/// The parameters in the type's arguments, in order.
fn mentioned<'p>(ty: &Path, parameters: &'p [Ident]) -> Vec<&'p Ident> {
    let words = quote!(#ty).to_string();
    let words: Vec<&str> = words.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    parameters.iter().filter(|parameter| words.iter().any(|word| *parameter == word)).collect()
}

/// The type with 0 for each argument that mentions a parameter.
fn without_parameters(path: &Path, parameters: &[Ident]) -> Path {
    let mut path = path.clone();
    for segment in &mut path.segments {
        let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { continue };
        for argument in &mut arguments.args {
            let alone: Path = syn::parse_quote!(Alone<#argument>);
            if !mentioned(&alone, parameters).is_empty() {
                *argument = syn::parse_quote!(0);
            }
        }
    }
    path
}
