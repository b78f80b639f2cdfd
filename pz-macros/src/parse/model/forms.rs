//! The form of an entry: what stands after the layer's name.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};
use syn::ext::IdentExt;
use syn::{Block, Path};

use super::axes::axes_until;
use super::blocks::block;
use super::entries::{entries, options, settings};
use super::header::{side, side_inputs};
use super::slips::{self, Misplaced};
use super::{Cursor, Form, Setting, wanted};
use crate::diag::Errors;
use crate::words::{self, ACTIVATIONS, FORMS, PARAMETERS};

pub(super) fn form(errors: &mut Errors, cursor: &mut Cursor, name: &Ident) -> Form {
    if let Some(group) = cursor.group(Delimiter::Brace) {
        return braces(errors, cursor, &group);
    }
    if let Some(TokenTree::Ident(word)) = cursor.peek().cloned() {
        let known = FORMS.iter().find(|form| word == form.word);
        if let Some(form) = known {
            cursor.take();
            return block(errors, cursor, word, form.word);
        }
    }
    let Some(ty) = layer_type(errors, cursor, name) else { return Form::Unknown };
    if let Some(group) = cursor.group(Delimiter::Parenthesis) {
        return parentheses(errors, cursor, name, ty, &group);
    }
    match cursor.group(Delimiter::Brace) {
        Some(group) if slips::holds_layers(&group) => layers_in(errors, name, &ty, &group),
        Some(group) => {
            let form = axes_of(errors, ty, &group, Vec::new());
            with_options(form, options(errors, cursor))
        }
        None => Form::Model { ty },
    }
}

/// The type of a layer. `None` where there is none, which is told.
fn layer_type(errors: &mut Errors, cursor: &mut Cursor, name: &Ident) -> Option<Path> {
    let before = cursor.here();
    let tokens = cursor.until_group();
    let Ok(ty) = syn::parse2::<Path>(tokens.clone()) else {
        let place = TokenTree::Ident(Ident::new("_", before));
        let found = if tokens.is_empty() { cursor.found() } else { format!("`{tokens}`") };
        let quoted = match tokens.clone().into_iter().next() {
            Some(TokenTree::Literal(literal)) => slips::quoted(&literal),
            _ => None,
        };
        let by_dots = tokens.to_string().replace(['.', ' '], ":").replace(':', "::");
        let shown = if *name == "_" { "name".to_owned() } else { name.to_string() };
        let help = match quoted {
            Some(layer) if syn::parse_str::<Path>(&layer).is_ok() => {
                format!("write `{shown}: {layer}` without quotes")
            }
            _ if syn::parse_str::<Path>(&by_dots).is_ok() => format!("write `{shown}: {by_dots}`"),
            _ => {
                let forms = words::listed(&words::form_examples());
                format!("write `{shown}: Layer {{ .. }}`, or one of {forms}")
            }
        };
        errors.add(place, format!("found {found} after `{shown}:`, wanted a layer"), help);
        return None;
    };
    if let Some(word) = lower_case(&ty) {
        errors.add(
            &word,
            format!("found `{word}`, which is no form of a layer"),
            instead_of(&word.to_string()),
        );
        skip_groups(cursor);
        return None;
    }
    if let Some((ty, function)) = function_of(&ty) {
        errors.add(
            &function,
            format!("found the function `{ty}::{function}`, wanted a layer"),
            match function == "init" {
                true => format!("write `{ty}`: `init` of this model builds the models in it too"),
                false => format!(
                    "write `{ty} {{ consumed => made: 8 }}`, or the expression with what it takes and gives: `{{ {ty}::{function}(..) }} as {{ .. }} -> {{ .. }}`"
                ),
            },
        );
        skip_groups(cursor);
        return None;
    }
    Some(ty)
}

/// What to write instead of a word in lower case.
fn instead_of(word: &str) -> String {
    if ACTIVATIONS.contains(&word) {
        return format!("write `Elementwise({word})`");
    }
    if let Some((layer, _)) = PARAMETERS.iter().find(|(layer, _)| layer.eq_ignore_ascii_case(word)) {
        return format!("write `{layer}`: layers are types");
    }
    let near = words::meant_form(word)
        .or_else(|| words::nearest(word, FORMS.iter().map(|form| form.word)).and_then(words::form_example));
    match near {
        Some(example) => format!("write `{example}`"),
        None => {
            let forms = words::listed(&words::form_examples());
            format!("layers are types, such as `Affine`; the other forms are {forms}")
        }
    }
}

fn skip_groups(cursor: &mut Cursor) {
    while cursor.group(Delimiter::Parenthesis).or_else(|| cursor.group(Delimiter::Brace)).is_some() {}
}

/// `Layer(argument)`, and what else people put into the parentheses.
fn parentheses(errors: &mut Errors, cursor: &mut Cursor, name: &Ident, ty: Path, group: &Group) -> Form {
    let (open, text) = (TokenTree::Ident(Ident::new("_", group.span_open())), group.stream());
    let called = last_word(&ty);
    let in_braces = match cursor.peek() {
        Some(TokenTree::Group(braces)) if braces.delimiter() == Delimiter::Brace => Some(braces.clone()),
        _ => None,
    };
    if let Some(braces) = in_braces {
        cursor.take();
        errors.add(
            open,
            format!("found options before the axes of `{name}`"),
            format!("write `{called} {braces} ({text})`"),
        );
        let options = settings(errors, group);
        return axes_of(errors, ty, &braces, options);
    }
    match slips::misplaced(group) {
        Some(Misplaced::Axes) => {
            errors.add(
                open,
                format!("found the axes of `{name}` in parentheses, wanted braces"),
                format!("write `{called} {{ {text} }}`"),
            );
            let form = axes_of(errors, ty, group, Vec::new());
            with_options(form, options(errors, cursor))
        }
        Some(Misplaced::Named(option, value)) => {
            errors.add(
                &option,
                format!(
                    "found `{option} = {value}` in the place of the argument of `{name}`, which has no name"
                ),
                format!("write `{called}({value})`; options stand in parentheses of their own after it"),
            );
            options(errors, cursor);
            Form::Unknown
        }
        None => {
            let options = options(errors, cursor);
            Form::Keeps { ty, arguments: group.clone(), options }
        }
    }
}

/// `Layer { axes }` or `Layer { left => right }`.
fn axes_of(errors: &mut Errors, ty: Path, group: &Group, options: Vec<Setting>) -> Form {
    let mut inside = Cursor::inside(group);
    let before = errors.count();
    let left = axes_until(errors, &mut inside, group);
    if !slips::arrow(errors, &mut inside) {
        return Form::ActsOver { ty, axes: left, options };
    }
    // Numbers on both sides are one mistake: sizes without names.
    let again = errors.count() > before && matches!(inside.peek(), Some(TokenTree::Literal(_)));
    let mut unheard = Errors::default();
    let right = axes_until(if again { &mut unheard } else { &mut *errors }, &mut inside, group);
    if !inside.is_at_end() {
        wanted(errors, &inside, "`}`", "write `=>` once: what is consumed before it, what is made after it");
    }
    Form::Maps { ty, left, right, options }
}

fn with_options(form: Form, given: Vec<Setting>) -> Form {
    match form {
        Form::ActsOver { ty, axes, .. } => Form::ActsOver { ty, axes, options: given },
        Form::Maps { ty, left, right, .. } => Form::Maps { ty, left, right, options: given },
        other => other,
    }
}

/// `Residual { norm: LayerNorm { .. }, .. }`: layers in a type, where one of the forms holds them.
fn layers_in(errors: &mut Errors, name: &Ident, ty: &Path, group: &Group) -> Form {
    let called = last_word(ty);
    let meant = words::meant_form(&called.to_string());
    let help = match meant {
        Some(row) if row.starts_with('{') => format!("write `{name}: {{ .. }}`: layers in a row"),
        Some(example) => format!("write `{name}: {example}`"),
        None => {
            let forms = words::listed(&words::form_examples());
            format!("layers inside others stand in one of the forms {forms}, or in `{{ .. }}` in a row")
        }
    };
    errors.add(&called, format!("found layers in the type `{called}`, wanted one of the forms"), help);
    match meant.and_then(|example| example.split(' ').next()) {
        Some("{") => Form::Block { word: Ident::new("group", called.span()), parts: entries(errors, group) },
        Some(word @ ("residual" | "add" | "multiply")) => {
            Form::Block { word: Ident::new(word, called.span()), parts: entries(errors, group) }
        }
        _ => Form::Unknown,
    }
}

/// `{ expression } as { .. } -> { .. } with (..)`, or `{ entries }`.
fn braces(errors: &mut Errors, cursor: &mut Cursor, group: &Group) -> Form {
    if cursor.word("as").is_some() {
        let tokens = TokenTree::Group(group.clone()).into();
        let before = errors.count();
        if let Err(error) = syn::parse2::<Block>(tokens) {
            errors.syntax(error);
        }
        let signature_follows = matches!(cursor.peek(), Some(TokenTree::Group(_)))
            || matches!(cursor.peek_at(1), Some(TokenTree::Group(_)));
        if !signature_follows && let Ok(ty) = syn::parse2::<Path>(cursor.until_group()) {
            return Form::Typed { expression: group.clone(), ty };
        }
        let input = side(errors, cursor, "the input");
        if input.broken || cursor.punct("->").is_none() {
            if !input.broken {
                wanted(errors, cursor, "`->` and the axes of the output", "write `as { a: 8 } -> { b: 4 }`");
            }
            return Form::Unknown;
        }
        let output = side(errors, cursor, "the output");
        let side_inputs = side_inputs(errors, cursor);
        if errors.count() > before {
            return Form::Unknown;
        }
        return Form::Foreign { expression: group.clone(), input, output, side_inputs };
    }
    let inside = Cursor::inside(group);
    // `{ Layer {} }` is an expression; two with a comma between them are layers without names.
    let several = group.stream().into_iter().any(|token| token.to_string() == ",");
    if inside.begins_an_entry() || inside.is_at_end() || several && slips::holds_layers(group) {
        return Form::Block { word: Ident::new("group", group.span_open()), parts: entries(errors, group) };
    }
    errors.add(
        TokenTree::Group(group.clone()),
        "found an expression without a signature, wanted what it takes and gives",
        "write `{ expression } as { ..batch, a: 8 } -> { ..batch, b: 4 }`, or `as Layer` if the layer has a signature",
    );
    Form::Unknown
}

/// The type's own name.
fn last_word(ty: &Path) -> Ident {
    match ty.segments.last() {
        Some(last) => last.ident.clone(),
        None => Ident::new("Layer", proc_macro2::Span::call_site()),
    }
}

/// The one word of a path that is no type's name.
fn lower_case(path: &Path) -> Option<Ident> {
    let word = path.get_ident()?;
    begins_low(word).then(|| word.clone())
}

/// `Affine::new` as the type and the function.
fn function_of(path: &Path) -> Option<(Ident, Ident)> {
    let mut words = path.segments.iter().rev().map(|segment| &segment.ident);
    let (function, ty) = (words.next()?, words.next()?);
    (begins_low(function) && !begins_low(ty)).then(|| (ty.clone(), function.clone()))
}

fn begins_low(word: &Ident) -> bool {
    word.unraw().to_string().starts_with(char::is_lowercase)
}
