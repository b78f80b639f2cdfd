//! Axes and places as expressions.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

use crate::ir::model::{Axis, Side};

/// The line of a token in the user's file.
pub(super) fn line(span: Span) -> u32 {
    if proc_macro::is_available() { span.unwrap().line() as u32 } else { 0 }
}

/// A place.
pub(super) fn place(who: &str, span: Span) -> TokenStream {
    let line = line(span);
    quote!(pz_::Place { who: #who, file: PZ_FILE, line: #line })
}

/// An axis that `who` declares.
pub(super) fn axis(axis: &Axis, who: &str) -> TokenStream {
    let name = text(&axis.name);
    let by = place(who, axis.name.span());
    let size = match &axis.size {
        Some(size) => quote!(pz_::Some(#size)),
        None => quote!(pz_::None),
    };
    quote!(pz_::Axis { name: #name, size: #size, by: #by })
}

/// A header's array.
pub(super) fn side(side: &Side, who: &str) -> TokenStream {
    let axes = side.axes.axes.iter().map(|one| axis(one, who));
    let rest = match side.axes.rests.first() {
        Some(rest) => {
            let rest = text(rest);
            quote!(pz_::Some(#rest))
        }
        None => quote!(pz_::None),
    };
    let elements = match &side.dtype {
        Some(dtype) => {
            let dtype = dtype.to_string();
            quote!(pz_::elements(#dtype))
        }
        None => quote!(pz_::Elements::FLOAT),
    };
    let by = place(who, side.dtype.as_ref().map_or(side.axes.span, Ident::span));
    quote!(pz_::Axes::new(&[#(#axes),*], #rest, #elements).of(#elements, #by))
}

/// A name without `r#`.
pub(super) fn text(name: &Ident) -> String {
    name.unraw().to_string()
}
