//! Axes in braces: names, sizes, and the rest.

use proc_macro2::{Group, Ident, TokenTree};
use syn::Expr;

use super::{Axis, AxisList, Cursor, wanted};
use crate::diag::Errors;

/// The axes in braces.
pub(super) fn axes(errors: &mut Errors, group: &Group) -> AxisList {
    let mut cursor = Cursor::inside(group);
    let axes = axes_until(errors, &mut cursor, group);
    if !cursor.is_at_end() {
        wanted(errors, &cursor, "an axis", "`=>` belongs to a layer that makes axes of others");
    }
    axes
}

/// Axes up to the end or to `=>`.
pub(super) fn axes_until(errors: &mut Errors, cursor: &mut Cursor, group: &Group) -> AxisList {
    let mut list = AxisList { rests: Vec::new(), axes: Vec::new(), span: group.span() };
    while !cursor.is_at_end() && !cursor.is("=>") {
        let rest = cursor.punct("..").is_some();
        let Some(name) = cursor.ident() else {
            wanted(errors, cursor, "the name of an axis", "write axes such as `..batch, seq, features: 64`");
            cursor.skip_entry();
            continue;
        };
        let size = if cursor.punct(":").is_some() { size(errors, cursor, &name) } else { None };
        match (rest, &size) {
            (true, None) => list.rests.push(name),
            (true, Some(size)) => errors.add(
                size,
                format!("found a size after `..{name}`, which stands for any axes"),
                format!("write `..{name}`, or `{name}: 8` for one axis"),
            ),
            (false, _) => list.axes.push(Axis { name, size }),
        }
        if cursor.is_at_end() || cursor.is("=>") || cursor.punct(",").is_some() {
            continue;
        }
        if cursor.begins_an_entry() || matches!(cursor.peek(), Some(TokenTree::Ident(_))) || cursor.is("..") {
            let found = cursor.found();
            wanted(errors, cursor, "a comma", &format!("write a comma before {found}"));
        } else {
            wanted(errors, cursor, "a comma", "write `name: size` between commas");
            cursor.skip_entry();
        }
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
    match syn::parse2(tokens.clone()) {
        Ok(size) => Some(size),
        Err(_) => {
            errors.add(
                &tokens,
                format!("found `{tokens}` as the size of `{name}`, wanted a number or an expression"),
                format!("write `{name}: 64`, `{name}: WIDTH` or `{name}: 2 * WIDTH`"),
            );
            None
        }
    }
}
