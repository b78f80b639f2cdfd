//! The grammar of `#[pytree(..)]` and `#[layer(..)]`: options between commas, each a word, alone, or with
//! `= value`, or with a group.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::{Attribute, Expr, ExprPath, LitStr, Meta, TypePath};

use crate::diag::Errors;
use crate::words;

/// One option as it was written.
pub(crate) struct Opt {
    pub(crate) word: Ident,
    pub(crate) given: Given,
}

/// What follows the word.
pub(crate) enum Given {
    Nothing,
    /// `= value`.
    Value(TokenStream),
    /// `(…)`, `{…}` or `[…]`.
    Group(Group),
    /// `i32 { .. }`.
    Typed(Ident, Group),
}

/// The options in all attributes called `attribute`.
pub(super) fn options(
    errors: &mut Errors,
    attribute: &words::Attribute,
    on: &[Attribute],
    place: words::Place,
) -> Vec<Opt> {
    let mut options = Vec::new();
    for found in on.iter().filter(|found| found.path().is_ident(attribute.name)) {
        let name = attribute.name;
        let help = || format!("{} can have {}", place.name(), words::listed(&attribute.examples(place)));
        match &found.meta {
            Meta::List(list) if list.tokens.is_empty() => {
                errors.add(&list.path, format!("found `#[{name}()]`, wanted an option inside"), help());
            }
            Meta::List(list) => options
                .extend(segments(list.tokens.clone()).filter_map(|tokens| option(errors, name, tokens))),
            meta => {
                let written =
                    if matches!(meta, Meta::Path(_)) { name.to_owned() } else { format!("{name} = ..") };
                errors.add(
                    meta,
                    format!("found `#[{written}]` without a list, wanted `#[{name}(..)]`"),
                    help(),
                );
            }
        }
    }
    options
}

/// The options that an attribute macro was given as its arguments.
pub(crate) fn arguments(errors: &mut Errors, attribute: &words::Attribute, tokens: TokenStream) -> Vec<Opt> {
    segments(tokens).filter_map(|tokens| option(errors, attribute.name, tokens)).collect()
}

/// The tokens between commas; a comma at the end opens no further segment.
fn segments(tokens: TokenStream) -> impl Iterator<Item = Vec<TokenTree>> {
    let mut segments = vec![Vec::new()];
    for token in tokens {
        match (&token, segments.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => segments.push(Vec::new()),
            (_, Some(segment)) => segment.push(token),
            (_, None) => {}
        }
    }
    segments.into_iter().filter(|segment| !segment.is_empty())
}

/// Reads one segment; of one with a mistake in it, what could be read.
fn option(errors: &mut Errors, name: &str, tokens: Vec<TokenTree>) -> Option<Opt> {
    let mut tokens = tokens.into_iter();
    let word = match tokens.next()? {
        TokenTree::Ident(word) => word,
        other => {
            errors.add(
                &other,
                format!("found `{other}` in `#[{name}(..)]`, wanted a word"),
                "options are words, such as in `#[pytree(static)]`",
            );
            return None;
        }
    };
    let (given, rest) = match tokens.next() {
        None => (Given::Nothing, None),
        Some(TokenTree::Punct(equals)) if equals.as_char() == '=' => {
            let value: TokenStream = tokens.by_ref().collect();
            if value.is_empty() {
                errors.add(
                    &equals,
                    format!("found no value after `{word} =`"),
                    format!("write the value, or `{word}` alone"),
                );
                return None;
            }
            (Given::Value(value), None)
        }
        Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::None => {
            (Given::Group(group), tokens.next())
        }
        Some(TokenTree::Ident(dtype)) => match tokens.next() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                (Given::Typed(dtype, group), tokens.next())
            }
            _ => (Given::Nothing, Some(TokenTree::Ident(dtype))),
        },
        Some(other) => (Given::Nothing, Some(other)),
    };
    if let Some(rest) = rest {
        errors.add(
            &rest,
            format!("found `{rest}` after `{word}`, wanted a comma"),
            format!("write `{word}, {rest}`"),
        );
    }
    Some(Opt { word, given })
}

/// The value as a string literal, where it is one.
pub(crate) fn string(value: TokenStream) -> Option<LitStr> {
    syn::parse2(value).ok()
}

/// The value as the name of a type, where it is one.
pub(crate) fn type_path(value: TokenStream) -> Option<TypePath> {
    syn::parse2(value).ok()
}

/// The value as an expression, where it is one.
pub(crate) fn expression(value: TokenStream) -> Option<Expr> {
    syn::parse2(value).ok()
}

/// The value as a path in an expression, where it is one.
pub(crate) fn path(value: TokenStream) -> Option<ExprPath> {
    syn::parse2(value).ok()
}
