//! Entries between commas: a name, and one of the forms.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::forms::form;
use super::slips::{after_layer, colon, layer_name, nameless};
use super::{Cursor, Entry, Form, Setting, wanted};
use crate::diag::{Errors, place};

/// The entries in braces. One without a name, or without a form, is there as well, as what could not be read.
pub(super) fn entries(errors: &mut Errors, group: &Group) -> Vec<Entry> {
    let mut cursor = Cursor::inside(group);
    let mut entries = Vec::new();
    while !cursor.is_at_end() {
        let before = errors.count();
        let attributes = cursor.attributes();
        let here = cursor.here();
        let (name, is_there) = match layer_name(errors, &mut cursor) {
            Some(name) if name == "_" => (name, true),
            Some(name) if colon_follows(errors, &mut cursor, &name, before) => (name, true),
            Some(name) => (name, false),
            None => (nameless(here), false),
        };
        if !is_there {
            entries.push(Entry { attributes, name, form: Form::Unknown, broken: true });
            cursor.skip_entry();
            continue;
        }
        let form = form(errors, &mut cursor, &name);
        let readable = !matches!(form, Form::Unknown);
        let holds_others = matches!(
            form,
            Form::Block { .. } | Form::From { .. } | Form::Attention { .. } | Form::Stack { .. }
        );
        let broken = !readable || !holds_others && errors.count() > before;
        entries.push(Entry { attributes, name, form, broken });
        let told = errors.count() > before;
        after_layer(errors, &mut cursor, told);
    }
    entries
}

fn colon_follows(errors: &mut Errors, cursor: &mut Cursor, name: &Ident, before: usize) -> bool {
    let told = errors.count() > before;
    colon(errors, cursor, name, told)
}

/// `(option = value, ..)`, where it is next.
pub(super) fn options(errors: &mut Errors, cursor: &mut Cursor) -> Vec<Setting> {
    if let Some(group) = cursor.group(Delimiter::Parenthesis) {
        return settings(errors, &group);
    }
    let in_braces = match cursor.peek() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => group.clone(),
        _ => return Vec::new(),
    };
    let inside = Cursor::inside(&in_braces);
    if !(inside.is_word_at(0) && inside.is_at(1, "=")) {
        return Vec::new();
    }
    cursor.take();
    errors.add(
        TokenTree::Ident(Ident::new("_", in_braces.span_open())),
        "found options in braces, wanted parentheses",
        format!("write `({})`", in_braces.stream()),
    );
    settings(errors, &in_braces)
}

/// The options in a group.
pub(super) fn settings(errors: &mut Errors, group: &Group) -> Vec<Setting> {
    let mut cursor = Cursor::inside(group);
    let mut settings: Vec<Setting> = Vec::new();
    while !cursor.is_at_end() {
        let Some(name) = cursor.ident() else {
            wanted(errors, &cursor, "an option with its value", "write `option = value` between commas");
            cursor.skip_entry();
            continue;
        };
        let colon = cursor.punct(":");
        if cursor.punct("=").is_none() && colon.is_none() {
            errors.add(
                &name,
                format!("found the option `{name}` without its value"),
                format!("write `{name} = value`"),
            );
            cursor.skip_entry();
            continue;
        }
        let mut value = Vec::new();
        while !cursor.is_at_end() && !cursor.ends_an_entry() {
            value.extend(cursor.take());
        }
        let value: TokenStream = value.into_iter().collect();
        if value.is_empty() {
            wanted(errors, &cursor, &format!("a value for `{name}`"), &format!("write `{name} = value`"));
        } else if let Some(colon) = colon {
            errors.add(
                colon,
                format!("found `:` after the option `{name}`, wanted `=`"),
                format!("write `{name} = {value}`"),
            );
        } else if let Some(first) = settings.iter().find(|known| known.name == name) {
            let first = place(first.name.span());
            errors.add(
                &name,
                format!("found the option `{name}`, which is there already{first}"),
                "remove one of the two",
            );
        } else {
            settings.push(Setting { name, value });
        }
        if cursor.punct(",").is_none() {
            super::slips::semicolon(errors, &mut cursor);
        }
    }
    settings
}
