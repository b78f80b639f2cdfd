//! Axes and places as expressions, and the page about a model.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Path;
use syn::ext::IdentExt;

use crate::ir::model::{Axes, Axis, Form, Layer, Model, Side};

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

/// The model as a table, for its page.
pub(super) fn table(model: &Model) -> String {
    let name = text(&model.name);
    let mut page = format!(
        "\n\nTakes `{}` and gives `{}`.\n\n| part of `{name}` | layer | axes |\n|---|---|---|\n",
        header(&model.input),
        header(&model.output)
    );
    rows(&mut page, &model.layers, "");
    page
}

fn header(side: &Side) -> String {
    let dtype = side.dtype.as_ref().map(|dtype| format!("{dtype} ")).unwrap_or_default();
    let rest = side.axes.rests.iter().map(|rest| format!("..{rest}"));
    let all: Vec<String> = rest.chain(side.axes.axes.iter().map(typed)).collect();
    format!("{dtype}{{ {} }}", all.join(", "))
}

fn typed(axis: &Axis) -> String {
    if axis.text.is_empty() { text(&axis.name) } else { format!("{}: {}", text(&axis.name), axis.text) }
}

fn list(axes: &Axes) -> String {
    axes.axes.iter().map(typed).collect::<Vec<_>>().join(", ")
}

fn rows(page: &mut String, layers: &[Layer], before: &str) {
    for layer in layers {
        let path = format!("{before}{}", text(&layer.name));
        let (kind, axes, parts): (String, String, &[Layer]) = match &layer.form {
            Form::Keeps { ty, .. } | Form::Model { ty, .. } | Form::Typed { ty, .. } => {
                (shown(ty), String::new(), &[])
            }
            Form::ActsOver { ty, axes, .. } => (shown(ty), list(axes), &[]),
            Form::Maps { ty, left, right, .. } => {
                (shown(ty), format!("{} => {}", list(left), list(right)), &[])
            }
            Form::Block { word, parts } => (word.to_string(), String::new(), parts),
            Form::From { input, parts, .. } => (format!("from {input}"), String::new(), parts),
            Form::Attention { seq, kv_seq, parts, .. } => {
                ("attention".into(), format!("{seq} as {kv_seq}"), parts)
            }
            Form::Stack { count_text, axis, parts, .. } => {
                ("stack".into(), format!("{axis}: {count_text}"), parts)
            }
            Form::Shared { of, .. } => (format!("shared {of}"), String::new(), &[]),
            Form::Foreign { input, output, .. } => {
                ("expression".into(), format!("{} -> {}", header(input), header(output)), &[])
            }
            Form::Unknown => continue,
        };
        let axes = if axes.is_empty() { String::new() } else { format!("`{axes}`") };
        page.push_str(&format!("| `{path}` | `{kind}` | {axes} |\n"));
        rows(page, parts, &format!("{path}."));
    }
}

fn shown(path: &Path) -> String {
    quote!(#path).to_string().replace(' ', "")
}
