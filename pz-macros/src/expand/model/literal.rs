//! Axes, places, element types and numbers as expressions.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Expr, ExprLit, ExprUnary, Lit, Path, UnOp};

use crate::ir::model::{Axis, Side};
use crate::parse::model::Setting;
use crate::words::{DTYPE, ELEMENT_TYPES};

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

/// An expression that is an element type: a word such as `bf16` as the type that is so called, any other as it is.
pub(super) fn element_type(expression: &TokenStream) -> TokenStream {
    match syn::parse2::<Ident>(expression.clone()) {
        Ok(word) if ELEMENT_TYPES.contains(&word.to_string().as_str()) => {
            let variant = Ident::new(&word.to_string().to_uppercase(), word.span());
            let variant = if word == "bool" { Ident::new("Bool", word.span()) } else { variant };
            quote_spanned!(word.span()=> pz_::DType::#variant)
        }
        _ => expression.clone(),
    }
}

/// The element type that a layer is told: its option `dtype`, or an argument that is a type's name.
pub(super) fn dtype(options: &[Setting], argument: Option<&TokenStream>) -> Option<TokenStream> {
    if let Some(option) = options.iter().find(|option| option.name == DTYPE) {
        return Some(element_type(&option.value));
    }
    let argument = argument?;
    let path: Path = syn::parse2(argument.clone()).ok()?;
    let words: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let is_type = match words.as_slice() {
        [word] => ELEMENT_TYPES.contains(&word.as_str()),
        [.., of, _] => of == "DType",
        [] => false,
    };
    is_type.then(|| element_type(argument))
}

/// A number that is written out, and how.
pub(super) fn number(expression: &TokenStream) -> Option<(f64, String)> {
    let expression: Expr = syn::parse2(expression.clone()).ok()?;
    let (sign, inner) = match &expression {
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => (-1.0, &**expr),
        plain => (1.0, plain),
    };
    let Expr::Lit(ExprLit { lit, .. }) = inner else { return None };
    let value: f64 = match lit {
        Lit::Float(number) => number.base10_parse().ok()?,
        Lit::Int(number) => number.base10_parse().ok()?,
        _ => return None,
    };
    let value = sign * value;
    value.is_finite().then(|| (value, quote!(#expression).to_string().replace(' ', "")))
}
