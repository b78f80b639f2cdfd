//! Entries between commas: a name, and one of the forms.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::Path;
use syn::ext::IdentExt;

use super::axes::axes_until;
use super::blocks::block;
use super::header::{side, side_inputs};
use super::{Cursor, Entry, Form, Setting, wanted};
use crate::diag::Errors;
use crate::words::{self, FORMS};

/// The entries in braces.
pub(super) fn entries(errors: &mut Errors, group: &Group) -> Vec<Entry> {
    let mut cursor = Cursor::inside(group);
    let mut entries = Vec::new();
    while !cursor.is_at_end() {
        let attributes = cursor.attributes();
        let Some(name) = cursor.name(errors, "the name of a layer") else {
            wanted(errors, &cursor, "the name of a layer", "write `name: Layer { .. }`");
            cursor.skip_entry();
            continue;
        };
        if cursor.punct(":").is_none() {
            wanted(
                errors,
                &cursor,
                &format!("`:` after `{name}`"),
                &format!("write `{name}: Layer {{ .. }}`"),
            );
            cursor.skip_entry();
            continue;
        }
        let before = errors.count();
        let form = form(errors, &mut cursor, &name);
        let readable = !matches!(form, Form::Unknown);
        let holds_others = matches!(
            form,
            Form::Block { .. } | Form::From { .. } | Form::Attention { .. } | Form::Stack { .. }
        );
        let broken = !readable || !holds_others && errors.count() > before;
        entries.push(Entry { attributes, name, form, broken });
        if cursor.is_at_end() || cursor.punct(",").is_some() {
            continue;
        }
        if cursor.begins_an_entry() {
            let next = cursor.found();
            wanted(errors, &cursor, "a comma", &format!("write a comma before {next}"));
        } else {
            if readable {
                wanted(errors, &cursor, "a comma", "write a comma between layers");
            }
            cursor.skip_entry();
        }
    }
    entries
}

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
    let before = cursor.here();
    let tokens = cursor.until_group();
    let Ok(ty) = syn::parse2::<Path>(tokens.clone()) else {
        let place = TokenTree::Ident(Ident::new("_", before));
        let found = if tokens.is_empty() { cursor.found() } else { format!("`{tokens}`") };
        errors.add(
            place,
            format!("found {found} after `{name}:`, wanted a layer"),
            format!("write `{name}: Layer {{ .. }}`, or one of {}", words::listed(&words::form_examples())),
        );
        return Form::Unknown;
    };
    if let Some(word) = lower_case(&ty) {
        let known = FORMS.iter().map(|form| form.word);
        let near = words::nearest(&word.to_string(), known);
        let help = match near.and_then(|near| FORMS.iter().find(|form| form.word == near)) {
            Some(form) => format!("write `{}`", form.example),
            None => format!(
                "layers are types, such as `Affine`; the other forms are {}",
                words::listed(&words::form_examples())
            ),
        };
        errors.add(&word, format!("unknown form `{word}`"), help);
        while cursor.group(Delimiter::Parenthesis).or_else(|| cursor.group(Delimiter::Brace)).is_some() {}
        return Form::Unknown;
    }
    if let Some(group) = cursor.group(Delimiter::Parenthesis) {
        let options = options(errors, cursor);
        return Form::Keeps { ty, arguments: group.stream(), options };
    }
    if let Some(group) = cursor.group(Delimiter::Brace) {
        let mut inside = Cursor::inside(&group);
        let left = axes_until(errors, &mut inside, &group);
        if inside.punct("=>").is_none() {
            let options = options(errors, cursor);
            return Form::ActsOver { ty, axes: left, options };
        }
        let right = axes_until(errors, &mut inside, &group);
        if !inside.is_at_end() {
            wanted(
                errors,
                &inside,
                "the end",
                "write `=>` once: what is consumed before it, what is made after it",
            );
        }
        let options = options(errors, cursor);
        return Form::Maps { ty, left, right, options };
    }
    Form::Model { ty }
}

/// `{ expression } as { .. } -> { .. } with (..)`, or `{ entries }`.
fn braces(errors: &mut Errors, cursor: &mut Cursor, group: &Group) -> Form {
    if cursor.word("as").is_some() {
        let signature_follows = matches!(cursor.peek(), Some(TokenTree::Group(_)))
            || matches!(cursor.peek_at(1), Some(TokenTree::Group(_)));
        if !signature_follows && let Ok(ty) = syn::parse2::<Path>(cursor.until_group()) {
            return Form::Typed { expression: group.stream(), ty };
        }
        let read = side(errors, cursor, "the input").and_then(|input| {
            if cursor.punct("->").is_none() {
                wanted(errors, cursor, "`->` and the axes of the output", "write `as { a: 8 } -> { b: 4 }`");
                return None;
            }
            let output = side(errors, cursor, "the output")?;
            Some((input, output, side_inputs(errors, cursor)))
        });
        return match read {
            Some((input, output, side_inputs)) => {
                Form::Foreign { expression: group.stream(), input, output, side_inputs }
            }
            None => Form::Unknown,
        };
    }
    if Cursor::inside(group).begins_an_entry() || group.stream().is_empty() {
        return Form::Block { word: Ident::new("group", group.span_open()), parts: entries(errors, group) };
    }
    errors.add(
        TokenTree::Group(group.clone()),
        "found an expression without a signature, wanted what it takes and gives",
        "write `{ expression } as { ..batch, a: 8 } -> { ..batch, b: 4 }`, or `as Layer` if the layer has a signature",
    );
    Form::Unknown
}

/// `(option = value, ..)`, where it is next.
pub(super) fn options(errors: &mut Errors, cursor: &mut Cursor) -> Vec<Setting> {
    let Some(group) = cursor.group(Delimiter::Parenthesis) else { return Vec::new() };
    let mut cursor = Cursor::inside(&group);
    let mut settings: Vec<Setting> = Vec::new();
    while !cursor.is_at_end() {
        let name = cursor.ident().filter(|_| cursor.punct("=").is_some());
        let Some(name) = name else {
            wanted(errors, &cursor, "an option with its value", "write `option = value` between commas");
            cursor.skip_entry();
            continue;
        };
        let mut value = Vec::new();
        while !cursor.is_at_end() && !cursor.is(",") {
            value.extend(cursor.take());
        }
        let value: TokenStream = value.into_iter().collect();
        if value.is_empty() {
            wanted(errors, &cursor, &format!("a value for `{name}`"), &format!("write `{name} = value`"));
        } else if settings.iter().any(|known| known.name == name) {
            errors.add(&name, format!("found the option `{name}` twice"), "remove one of the two");
        } else {
            settings.push(Setting { name, value });
        }
        cursor.punct(",");
    }
    settings
}

/// The one word of a path that is no type's name.
fn lower_case(path: &Path) -> Option<Ident> {
    let word = path.get_ident()?;
    word.unraw().to_string().starts_with(|letter: char| letter.is_lowercase()).then(|| word.clone())
}
