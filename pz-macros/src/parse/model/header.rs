//! The header of a model: its parameters, what it takes and gives, its side inputs and its conditions.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{BinOp, Expr, Lit, Visibility};

use super::axes::axes;
use super::slips::{semicolon, unquoted};
use super::{AxisList, Condition, Cursor, Side, wanted};
use crate::diag::Errors;
use crate::words;

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
        if let Some(tick) = cursor.punct("'") {
            let name = cursor.ident().map(|name| name.to_string()).unwrap_or_default();
            errors.add(
                tick,
                format!("found the lifetime `'{name}`, wanted a size"),
                format!("remove `'{name}`: a model owns what it holds"),
            );
            to_next_parameter(cursor);
            continue;
        }
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
        } else if let Some(place) = cursor.punct("=") {
            errors.add(
                place,
                format!("found a default for the parameter `{name}`, wanted `const {name}: usize` alone"),
                "remove it, and give the size where the model is named: `Name<8>`",
            );
        }
        parameters.push(name);
        to_next_parameter(cursor);
    }
    parameters
}

fn to_next_parameter(cursor: &mut Cursor) {
    while !(cursor.is_at_end() || cursor.is(",") || cursor.is(">")) {
        cursor.take();
    }
    cursor.punct(",");
}

/// An array in the header. Where there is none, that is told, and what is given back is broken.
pub(super) fn side(errors: &mut Errors, cursor: &mut Cursor, what: &str) -> Side {
    let before = errors.count();
    let dtype = element_type(errors, cursor);
    let here = cursor.here();
    let group = match cursor.peek().cloned() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group,
        Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::None => {
            let place = TokenTree::Ident(Ident::new("_", group.span_open()));
            let help = format!("write `{{ {} }}`", group.stream());
            errors.add(place, format!("found {}, wanted the axes of {what} in braces", cursor.found()), help);
            group
        }
        _ => {
            match dtype.filter(|word| !words::is_element_type(&word.to_string())) {
                Some(word) => errors.add(
                    &word,
                    format!("found `{word}`, wanted the axes of {what} in braces"),
                    format!("write `{{ ..batch, {word}: 8 }}`"),
                ),
                None => {
                    let wanted_axes = format!("the axes of {what} in braces");
                    wanted(errors, cursor, &wanted_axes, "write `{ ..batch, a: 8 }`");
                }
            }
            let dtype = None;
            let axes = AxisList { rests: Vec::new(), axes: Vec::new(), span: here };
            return Side { dtype, axes, broken: true };
        }
    };
    cursor.take();
    let mut side = array(errors, dtype, &group);
    if side.dtype.is_none()
        && let Some(TokenTree::Ident(word)) = cursor.peek().cloned()
        && !["with", "where"].iter().any(|known| word == known)
        && !cursor.begins_an_entry()
    {
        cursor.take();
        errors.add(
            &word,
            format!("found `{word}` after the axes of {what}"),
            format!("write an element type before them: `{word} {{ .. }}`"),
        );
    }
    side.broken = errors.count() > before;
    side
}

/// `i32`, or `DType::I32`, which is told.
fn element_type(errors: &mut Errors, cursor: &mut Cursor) -> Option<Ident> {
    let first = cursor.ident()?;
    let (mut last, mut path) = (first.clone(), first.to_string());
    while let Some((by, _)) = cursor.one_of(&["::", "."]) {
        last = cursor.ident()?;
        path.push_str(by);
        path.push_str(&last.to_string());
    }
    if last != first {
        let word = last.to_string().to_lowercase();
        let word = words::meant_type(&word).unwrap_or(&word);
        let help = format!("write `{word} {{ .. }}`");
        errors.add(&first, format!("found `{path}`, wanted an element type"), help);
        last = Ident::new(word, last.span());
    }
    Some(last)
}

/// `{ .. }`, or `(x: { .. }, memory: i32 { .. })`.
pub(super) fn inputs(errors: &mut Errors, cursor: &mut Cursor) -> Vec<(Option<Ident>, Side)> {
    let group = match cursor.peek().cloned() {
        Some(TokenTree::Group(group))
            if group.delimiter() == Delimiter::Parenthesis && !holds_axes(&group) =>
        {
            group
        }
        _ => return vec![(None, side(errors, cursor, "the input"))],
    };
    cursor.take();
    let mut inside = Cursor::inside(&group);
    let mut inputs = Vec::new();
    let before = errors.count();
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
        let side = side(errors, &mut inside, &format!("the input `{name}`"));
        let broken = side.broken;
        inputs.push((Some(name), side));
        if !inside.is_at_end() && inside.punct(",").is_none() {
            if !broken {
                wanted(errors, &inside, "a comma", "write a comma between the inputs");
            }
            if !inside.begins_an_entry() {
                inside.skip_entry();
            }
        }
    }
    if inputs.is_empty() {
        if errors.count() == before {
            wanted(
                errors,
                &inside,
                "an input",
                "write `(x: { ..batch, a: 8 })`, or `{ ..batch, a: 8 }` alone",
            );
        }
        let axes = AxisList { rests: Vec::new(), axes: Vec::new(), span: group.span() };
        inputs.push((None, Side { dtype: None, axes, broken: true }));
    }
    inputs
}

/// Whether parentheses hold axes, and no inputs with names.
fn holds_axes(group: &Group) -> bool {
    let mut cursor = Cursor::inside(group);
    let name = cursor.ident();
    if name.is_none() {
        return cursor.is("..");
    }
    let ends = cursor.is_at_end() || cursor.is(",");
    ends || cursor.punct(":").is_some() && matches!(cursor.peek(), Some(TokenTree::Literal(_)))
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
    if let Some(group) = cursor.group(Delimiter::Parenthesis) {
        return side_inputs_in(errors, &group);
    }
    let here = TokenTree::Ident(Ident::new("_", cursor.here()));
    let found = cursor.found();
    let mut names = Vec::new();
    while let Some(TokenTree::Ident(name)) = cursor.peek().cloned() {
        if name == "where" || cursor.begins_an_entry() {
            break;
        }
        names.push(name);
        cursor.take();
        cursor.punct(",");
    }
    let shown = match names.as_slice() {
        [] => "token_positions".to_owned(),
        names => names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    errors.add(
        here,
        format!("found {found}, wanted the names of side inputs in parentheses"),
        format!("write `with ({shown})`"),
    );
    names
}

/// Identifiers between commas.
pub(super) fn names(errors: &mut Errors, cursor: &mut Cursor, what: &str) -> Vec<Ident> {
    let mut names = Vec::new();
    while !cursor.is_at_end() {
        if let Some(TokenTree::Literal(literal)) = cursor.peek().cloned()
            && let Some(name) = unquoted(errors, &literal, what)
        {
            cursor.take();
            names.push(name);
        } else if let Some(name) = cursor.ident() {
            names.push(name);
        } else {
            let help = match cursor.peek_at(1) {
                Some(TokenTree::Ident(name)) => format!("write `{name}`"),
                _ => "write names between commas".to_owned(),
            };
            wanted(errors, cursor, what, &help);
            cursor.take();
            if !cursor.is_word_at(0) {
                cursor.skip_entry();
            }
            continue;
        }
        if !cursor.is_at_end() && cursor.punct(",").is_none() {
            wanted(errors, cursor, "a comma", "write a comma between the names");
            if !cursor.is_word_at(0) {
                cursor.skip_entry();
            }
        }
    }
    names
}

/// Whether the layers are next, or the end.
fn at_body(cursor: &Cursor) -> bool {
    cursor.is_at_end() || cursor.is_group_at(0, Delimiter::Brace)
}

/// `where A * B == C, D divides E`. Side inputs that stand behind it are told, and go to the others.
pub(super) fn conditions(errors: &mut Errors, cursor: &mut Cursor, sides: &mut Vec<Ident>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if cursor.word("where").is_none() {
        return conditions;
    }
    while !at_body(cursor) {
        let mut tokens = Vec::new();
        let and = |cursor: &Cursor| cursor.is("&&");
        let with = |cursor: &Cursor| {
            matches!(cursor.peek(), Some(TokenTree::Ident(word)) if word == "with")
                && (cursor.is_word_at(1) || cursor.is_group_at(1, Delimiter::Parenthesis))
        };
        while !(at_body(cursor) || cursor.ends_an_entry() || and(cursor) || with(cursor)) {
            tokens.extend(cursor.take());
        }
        let all: TokenStream = tokens.iter().cloned().collect();
        if !tokens.is_empty() {
            conditions.extend(condition(errors, &tokens, &all));
        }
        if with(cursor) {
            let place = cursor.peek().cloned();
            // Parentheses that are missing there too are told with it.
            let behind = side_inputs(&mut Errors::default(), cursor);
            let names: Vec<String> = behind.iter().map(ToString::to_string).collect();
            errors.add(
                place,
                "found `with` after `where`, wanted it before",
                format!("write `with ({}) where {all}`", names.join(", ")),
            );
            sides.extend(behind);
        } else if let Some(place) = cursor.punct("&&") {
            errors.add(place, "found `&&`, wanted a comma", "write a comma between what `where` states");
        } else if cursor.punct(",").is_none() {
            semicolon(errors, cursor);
        }
    }
    conditions
}

/// One condition; `all` are its tokens. `None` where it is none, which is told.
fn condition(errors: &mut Errors, tokens: &[TokenTree], all: &TokenStream) -> Option<Condition> {
    let expression = |tokens: &[TokenTree]| syn::parse2::<Expr>(tokens.iter().cloned().collect()).ok();
    let divides =
        tokens.iter().position(|token| matches!(token, TokenTree::Ident(word) if word == "divides"));
    let read = match divides {
        Some(place) => expression(&tokens[..place]).zip(expression(&tokens[place + 1..])),
        None => None,
    };
    if let Some((divisor, of)) = read {
        return Some(Condition::Divides(divisor, of));
    }
    let help = match expression(tokens) {
        Some(Expr::Binary(binary)) if matches!(binary.op, BinOp::Eq(_)) => {
            let (left, right) = (*binary.left, *binary.right);
            let Some((of, divisor)) = remainder(&left, &right) else {
                return Some(Condition::Equal(left, right));
            };
            let (whole, part) = (of.to_token_stream(), divisor.to_token_stream());
            errors.add(
                all,
                format!("found `where {all}`, wanted what divides"),
                format!("write `where {part} divides {whole}`"),
            );
            return Some(Condition::Divides(divisor, of));
        }
        Some(Expr::Assign(assign)) => {
            let (left, right) = (&assign.left, &assign.right);
            format!("write `where {} == {}`", left.to_token_stream(), right.to_token_stream())
        }
        _ => "write `where HEADS * WIDTH == EMBEDDING` or `where HEADS divides EMBEDDING`".to_owned(),
    };
    errors.add(all, format!("found `where {all}`, wanted what is equal or what divides"), help);
    None
}

/// What `a % b == 0` says: `a`, and the `b` that divides it.
fn remainder(left: &Expr, right: &Expr) -> Option<(Expr, Expr)> {
    let (Expr::Binary(binary), Expr::Lit(literal)) = (left, right) else { return None };
    let zero = matches!(&literal.lit, Lit::Int(number) if number.base10_digits() == "0");
    (zero && matches!(binary.op, BinOp::Rem(_))).then(|| ((*binary.left).clone(), (*binary.right).clone()))
}
