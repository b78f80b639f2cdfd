//! Axes in braces: names, sizes, and the rest.

use proc_macro2::{Group, Ident, TokenTree};
use syn::{Expr, Lit};

use super::slips::{axis_name, semicolon, size_follows};
use super::{Axis, AxisList, Cursor, wanted};
use crate::diag::Errors;

/// The most axes of an array; as the const rules have it.
const MOST: usize = 16;

/// The axes in braces.
pub(super) fn axes(errors: &mut Errors, group: &Group) -> AxisList {
    let mut cursor = Cursor::inside(group);
    let axes = axes_until(errors, &mut cursor, group);
    if !cursor.is_at_end() {
        let help = match cursor.is("->") {
            true => "close the braces before it: `{ ..batch, a: 8 } -> { ..batch, b: 4 }`",
            false => "`=>` stands in a layer that makes axes of others; after these braces stands `->`",
        };
        wanted(errors, &cursor, "an axis or `}`", help);
    }
    axes
}

/// Axes up to the end or to an arrow.
pub(super) fn axes_until(errors: &mut Errors, cursor: &mut Cursor, group: &Group) -> AxisList {
    let mut list = AxisList { rests: Vec::new(), axes: Vec::new(), span: group.span() };
    while !(cursor.is_at_end() || cursor.is_arrow()) {
        let Some((rest, name)) = axis_name(errors, cursor) else { continue };
        let size = if size_follows(errors, cursor, &name) { size(errors, cursor, &name) } else { None };
        if !rest {
            list.axes.push(Axis { name, size });
        } else {
            if let Some(size) = size {
                errors.add(
                    &size,
                    format!("found a size after `..{name}`, which stands for any axes"),
                    format!("write `..{name}`, or `{name}: 8` for one axis"),
                );
            }
            list.rests.push(name);
        }
        if cursor.is_at_end() || cursor.is_arrow() || cursor.punct(",").is_some() {
            continue;
        }
        if semicolon(errors, cursor) {
            continue;
        }
        if let Some(TokenTree::Literal(size)) = cursor.peek().cloned()
            && let Some(Axis { name, size: None }) = list.axes.last().filter(|_| !rest)
        {
            errors.add(
                &size,
                format!("found `{size}` after `{name}`, wanted `:` and a size"),
                format!("write `{name}: {size}`"),
            );
            cursor.skip_axis();
        } else if cursor.begins_an_entry() || cursor.is_word_at(0) || cursor.is("..") {
            let found = cursor.found();
            wanted(errors, cursor, "a comma", &format!("write a comma before {found}"));
        } else {
            wanted(errors, cursor, "a comma", "write `name: size` between commas");
            cursor.skip_axis();
        }
    }
    if let Some(axis) = list.axes.get(MOST) {
        errors.add(
            &axis.name,
            format!("found {} axes, and an array has at most {MOST}", list.axes.len()),
            "leave some to the rest: `..batch`",
        );
        list.axes.truncate(MOST);
    }
    list
}

/// The expression after `name:`.
fn size(errors: &mut Errors, cursor: &mut Cursor, name: &Ident) -> Option<Expr> {
    let tokens = cursor.until_comma();
    if tokens.is_empty() {
        wanted(
            errors,
            cursor,
            &format!("the size of `{name}`"),
            &format!("write `{name}: 64`, or `{name}` alone"),
        );
        return None;
    }
    let text = tokens.to_string();
    let text = text.strip_prefix("- ").map_or_else(|| text.clone(), |number| format!("-{number}"));
    let found = format!("found `{text}` as the size of `{name}`");
    match syn::parse2::<Expr>(tokens.clone()) {
        Ok(Expr::Lit(literal)) if !matches!(literal.lit, Lit::Int(_)) => {
            let digits = tokens.to_string();
            let digits = digits.trim_matches('"').trim_end_matches(".0");
            let help = match digits.parse::<u64>() {
                Ok(number) => format!("write `{name}: {number}`"),
                Err(_) => format!(
                    "write `{name}: 64`; an option stands in parentheses after the axes: `{{ .. }} ({name} = {tokens})`"
                ),
            };
            errors.add(tokens, format!("{found}, wanted a whole number"), help);
            None
        }
        Ok(Expr::Unary(negative)) if matches!(negative.op, syn::UnOp::Neg(_)) => {
            let help = format!("write `{name}: 64`, with the size that it shall have");
            errors.add(tokens, format!("{found}, wanted a number from 1"), help);
            None
        }
        Ok(size) => Some(size),
        Err(_) => {
            let help = format!("write `{name}: 64`, `{name}: WIDTH` or `{name}: 2 * WIDTH`");
            errors.add(tokens, format!("{found}, wanted a number or an expression"), help);
            None
        }
    }
}
