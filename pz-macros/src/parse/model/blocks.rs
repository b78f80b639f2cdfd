//! The forms that begin with a word of their own: residuals, branches, stacks, attention, and layers that share.

use proc_macro2::{Delimiter, Group, Ident, TokenTree};
use syn::Expr;

use super::entries::entries;
use super::forms::form;
use super::{Cursor, Form, wanted};
use crate::diag::Errors;
use crate::words::FORMS;

pub(super) fn block(errors: &mut Errors, cursor: &mut Cursor, word: Ident, known: &str) -> Form {
    let body = |errors: &mut Errors, cursor: &mut Cursor| {
        let Some(group) = cursor.group(Delimiter::Brace) else {
            let example = FORMS.iter().find(|form| form.word == known).map_or("", |form| form.example);
            wanted(
                errors,
                cursor,
                &format!("the layers of `{known}` in braces"),
                &format!("write `{example}`"),
            );
            return None;
        };
        Some(entries(errors, &group))
    };
    match known {
        "shared" => shared(errors, cursor),
        "from" => {
            let Some(input) = cursor.ident() else {
                wanted(errors, cursor, "the name of an input", "write `from memory { .. }`");
                return Form::Unknown;
            };
            body(errors, cursor).map_or(Form::Unknown, |parts| Form::From { word, input, parts })
        }
        "attention" => {
            let axes = cursor.group(Delimiter::Parenthesis).and_then(|group| attention_axes(&group));
            let parts = body(errors, cursor);
            match (axes, parts) {
                (Some((seq, kv_seq, projection)), Some(parts)) => {
                    Form::Attention { word, seq, kv_seq, projection, parts }
                }
                (None, Some(_)) => {
                    errors.add(
                        &word,
                        "found `attention` without its axes, wanted the axis to attend along and the axes to multiply over",
                        "write `attention(seq as kv_seq, projection) { .. }`",
                    );
                    Form::Unknown
                }
                (_, None) => Form::Unknown,
            }
        }
        "stack" => {
            let mut tokens = Vec::new();
            while !cursor.is_at_end()
                && !matches!(cursor.peek(), Some(TokenTree::Ident(word)) if word == "as")
                && !matches!(cursor.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
            {
                tokens.extend(cursor.take());
            }
            let first = tokens.first().map(ToString::to_string);
            let count = syn::parse2::<Expr>(tokens.into_iter().collect()).ok();
            let axis = cursor.word("as").and_then(|_| cursor.ident());
            let number =
                first.filter(|_| axis.is_none()).map(|text| text.trim_matches(['(', ')']).to_owned());
            let shown =
                (number.unwrap_or("12".into()), axis.clone().map_or("layer".into(), |axis| axis.to_string()));
            let parts = body(errors, cursor);
            match (count, axis, parts) {
                (Some(count), Some(axis), Some(parts)) => Form::Stack { word, count, axis, parts },
                (_, _, Some(_)) => {
                    errors.add(
                        &word,
                        "found `stack` without a number and an axis, wanted how many layers and what their axis is called",
                        format!("write `stack {} as {} {{ .. }}`", shown.0, shown.1),
                    );
                    Form::Unknown
                }
                (_, _, None) => Form::Unknown,
            }
        }
        _ => body(errors, cursor).map_or(Form::Unknown, |parts| Form::Block { word, parts }),
    }
}

/// `(seq as kv_seq, projection)`.
fn attention_axes(group: &Group) -> Option<(Ident, Ident, Vec<Ident>)> {
    let mut cursor = Cursor::inside(group);
    let seq = cursor.ident()?;
    cursor.word("as")?;
    let kv_seq = cursor.ident()?;
    let mut projection = Vec::new();
    while cursor.punct(",").is_some() && !cursor.is_at_end() {
        projection.push(cursor.ident()?);
    }
    (cursor.is_at_end() && !projection.is_empty()).then_some((seq, kv_seq, projection))
}

fn shared(errors: &mut Errors, cursor: &mut Cursor) -> Form {
    let Some(of) = cursor.ident() else {
        let inside = match cursor.peek() {
            Some(TokenTree::Group(group)) => group.stream().to_string(),
            _ => "embed".to_owned(),
        };
        wanted(errors, cursor, "the name of an earlier layer", &format!("write `shared {inside}`"));
        return Form::Unknown;
    };
    let as_ = cursor.word("as").map(|_| Box::new(form(errors, cursor, &of)));
    Form::Shared { of, as_ }
}
