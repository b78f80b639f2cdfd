//! Doc comments as text.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The doc comment, without the space that follows `///`. Docs that a macro makes are left out: their text is
/// not known here.
pub(super) fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let strip = |line: &str| line.strip_prefix(' ').unwrap_or(line).to_owned();
    let lines: Vec<String> = lines.flat_map(|text| text.split('\n').map(strip).collect::<Vec<_>>()).collect();
    lines.join("\n").trim().to_owned()
}
