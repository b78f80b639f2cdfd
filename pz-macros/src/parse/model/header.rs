//! The header of a model: its parameters, what it takes and gives, its side inputs and its conditions.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Visibility};

use super::axes::axes;
use super::{Condition, Cursor, Side, wanted};
use crate::diag::Errors;

pub(super) fn visibility(cursor: &mut Cursor) -> Visibility {
    let Some(word) = cursor.word("pub") else { return Visibility::Inherited };
    let group = cursor.group(Delimiter::Parenthesis);
    let tokens = word.to_token_stream().into_iter().chain(group.map(TokenTree::Group)).collect();
    syn::parse2(tokens).unwrap_or(Visibility::Inherited)
}

/// `<const W: usize, ..>`.
pub(super) fn generics(errors: &mut Errors, cursor: &mut Cursor) -> Vec<Ident> {
    let mut parameters = Vec::new();
    if cursor.punct("<").is_none() {
        return parameters;
    }
    while !cursor.is_at_end() && cursor.punct(">").is_none() {
        let word = cursor.word("const");
        let Some(name) = cursor.ident() else {
            wanted(errors, cursor, "a parameter", "write `<const WIDTH: usize>`");
            cursor.take();
            continue;
        };
        let typed = cursor.punct(":").is_some() && cursor.word("usize").is_some();
        if word.is_none() || !typed {
            errors.add(
                &name,
                format!("found the parameter `{name}`, wanted a size"),
                format!("write `const {name}: usize`: models have no other parameters"),
            );
            while !cursor.is_at_end() && !cursor.is(",") && !cursor.is(">") {
                cursor.take();
            }
        }
        parameters.push(name);
        cursor.punct(",");
    }
    parameters
}

pub(super) fn side(errors: &mut Errors, cursor: &mut Cursor, what: &str) -> Option<Side> {
    let dtype = cursor.ident();
    let Some(group) = cursor.group(Delimiter::Brace) else {
        wanted(errors, cursor, &format!("the axes of {what} in braces"), "write `{ ..batch, a: 8 }`");
        return None;
    };
    Some(array(errors, dtype, &group))
}

/// `{ .. }`, or `(x: { .. }, memory: i32 { .. })`; `None` where neither is there.
pub(super) fn inputs(errors: &mut Errors, cursor: &mut Cursor) -> Option<Vec<(Option<Ident>, Side)>> {
    let Some(group) = cursor.group(Delimiter::Parenthesis) else {
        return Some(vec![(None, side(errors, cursor, "the input")?)]);
    };
    let mut inside = Cursor::inside(&group);
    let mut inputs = Vec::new();
    while !inside.is_at_end() {
        let name = inside.ident().filter(|_| inside.punct(":").is_some());
        let Some(name) = name else {
            wanted(
                errors,
                &inside,
                "the name of an input and `:`",
                "write `(x: { ..batch, a: 8 }, y: { .. })`",
            );
            inside.skip_entry();
            continue;
        };
        match side(errors, &mut inside, &format!("the input `{name}`")) {
            Some(side) => inputs.push((Some(name), side)),
            None => inside.skip_entry(),
        }
        if !inside.is_at_end() && inside.punct(",").is_none() {
            wanted(errors, &inside, "a comma", "write a comma between the inputs");
            inside.skip_entry();
        }
    }
    if inputs.is_empty() {
        wanted(errors, &inside, "an input", "write `(x: { ..batch, a: 8 })`");
        return None;
    }
    Some(inputs)
}

/// The array in an option such as `input { .. }`.
pub(crate) fn array(errors: &mut Errors, dtype: Option<Ident>, group: &Group) -> Side {
    let before = errors.count();
    let axes = axes(errors, group);
    Side { dtype, axes, broken: errors.count() > before }
}

/// The names in an option such as `with(token_positions)`.
pub(crate) fn side_inputs_in(errors: &mut Errors, group: &Group) -> Vec<Ident> {
    names(errors, &mut Cursor::inside(group), "the name of a side input")
}

/// `with (positions, ..)`.
pub(super) fn side_inputs(errors: &mut Errors, cursor: &mut Cursor) -> Vec<Ident> {
    if cursor.word("with").is_none() {
        return Vec::new();
    }
    let Some(group) = cursor.group(Delimiter::Parenthesis) else {
        wanted(errors, cursor, "the names of side inputs", "write `with (token_positions)`");
        return Vec::new();
    };
    side_inputs_in(errors, &group)
}

/// Identifiers between commas.
pub(super) fn names(errors: &mut Errors, cursor: &mut Cursor, what: &str) -> Vec<Ident> {
    let mut names = Vec::new();
    while !cursor.is_at_end() {
        match cursor.ident() {
            Some(name) => names.push(name),
            None => {
                wanted(errors, cursor, what, "write names between commas");
                cursor.skip_entry();
                continue;
            }
        }
        if !cursor.is_at_end() && cursor.punct(",").is_none() {
            wanted(errors, cursor, "a comma", "write a comma between the names");
            cursor.skip_entry();
        }
    }
    names
}

/// `where A * B == C, D divides E`.
pub(super) fn conditions(errors: &mut Errors, cursor: &mut Cursor) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if cursor.word("where").is_none() {
        return conditions;
    }
    while !cursor.is_at_end()
        && !matches!(cursor.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
    {
        let mut tokens = Vec::new();
        while !cursor.is_at_end()
            && !cursor.is(",")
            && !matches!(cursor.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
        {
            tokens.extend(cursor.take());
        }
        cursor.punct(",");
        match condition(&tokens) {
            Some(condition) => conditions.push(condition),
            None => {
                let all: TokenStream = tokens.into_iter().collect();
                errors.add(
                    &all,
                    format!("found `where {all}`, wanted what is equal or what divides"),
                    "write `where HEADS * WIDTH == EMBEDDING` or `where HEADS divides EMBEDDING`",
                );
            }
        }
    }
    conditions
}

fn condition(tokens: &[TokenTree]) -> Option<Condition> {
    let expression = |tokens: &[TokenTree]| syn::parse2::<Expr>(tokens.iter().cloned().collect()).ok();
    if let Some(place) =
        tokens.iter().position(|token| matches!(token, TokenTree::Ident(word) if word == "divides"))
    {
        return Some(Condition::Divides(expression(&tokens[..place])?, expression(&tokens[place + 1..])?));
    }
    match expression(tokens)? {
        Expr::Binary(binary) if matches!(binary.op, syn::BinOp::Eq(_)) => {
            Some(Condition::Equal(*binary.left, *binary.right))
        }
        _ => None,
    }
}
