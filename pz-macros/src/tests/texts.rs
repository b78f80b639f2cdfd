//! That each text of a message stands in an answer under `tests/ui`.
//!
//! A place that tells of a mistake often has several texts to choose from. So the texts are taken out of the sources, and
//! each must be found among what the compiler said to the cases, with anything in the place of what is filled in.

use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use super::sites::sources;

/// The most letters that stand for one that is filled in.
const FILLED: usize = 300;

/// The texts in some code: its strings of several words. Attributes and tests have none for users.
fn texts(tokens: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        let before = tokens[..place].iter().rev().take(2).map(ToString::to_string).collect::<Vec<_>>();
        match token {
            TokenTree::Group(_) if before.first().is_some_and(|token| token == "#") => {}
            TokenTree::Group(_) if before == ["!", "#"] || before == ["tests", "mod"] => {}
            TokenTree::Group(group) => found.extend(texts(group.stream())),
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse2::<syn::LitStr>(literal.to_token_stream()) {
                    found.push(text.value());
                }
            }
            _ => {}
        }
    }
    found.retain(|text| text.contains(' ') && text.len() >= 10);
    found
}

/// Each run of spaces and line ends as one space.
fn joined(text: &str) -> String {
    let mut joined = String::new();
    for letter in text.chars() {
        match letter.is_whitespace() {
            true if joined.ends_with(' ') => {}
            true => joined.push(' '),
            false => joined.push(letter),
        }
    }
    joined
}

/// What stands between the parts of a format string that are filled in.
fn pieces(format: &str) -> Vec<String> {
    let (mut pieces, mut inside) = (vec![String::new()], false);
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '}' if !inside && letters.peek() == Some(&letter) => {
                letters.next();
                pieces.last_mut().expect("there is one").push(letter);
            }
            '{' => inside = true,
            '}' => {
                inside = false;
                pieces.push(String::new());
            }
            _ if inside => {}
            _ => pieces.last_mut().expect("there is one").push(letter),
        }
    }
    pieces.iter().map(|piece| joined(piece)).filter(|piece| !piece.is_empty()).collect()
}

/// Whether the answers have the pieces one after the other.
fn stands_in(pieces: &[String], answers: &str) -> bool {
    let Some((first, others)) = pieces.split_first() else { return true };
    answers.match_indices(first.as_str()).any(|(at, _)| {
        let mut rest = &answers[at + first.len()..];
        others.iter().all(|piece| match rest.find(piece.as_str()) {
            Some(gap) if gap <= FILLED && !rest[..gap].contains("error") => {
                rest = &rest[gap + piece.len()..];
                true
            }
            _ => false,
        })
    })
}

#[test]
fn each_text_stands_in_an_answer() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut answers = String::new();
    for folder in ["../tests/ui/fail", "../tests/ui/model/fail"] {
        let mut cases = Vec::new();
        sources(&package.join(folder), &mut cases);
        for case in cases {
            answers.push_str(
                &fs::read_to_string(case.with_extension("stderr")).expect("each case has an answer"),
            );
        }
    }
    let answers = joined(&answers);
    let mut missing = Vec::new();
    for stage in ["parse", "ir", "check"] {
        let mut files = Vec::new();
        sources(&package.join("src").join(stage), &mut files);
        for file in files {
            let code: TokenStream =
                fs::read_to_string(&file).expect("it can be read").parse().expect("it is Rust");
            let unseen = texts(code).into_iter().filter(|text| !stands_in(&pieces(text), &answers));
            missing.extend(unseen.map(|text| format!("{}: {text}", file.display())));
        }
    }
    assert!(missing.is_empty(), "no case in tests/ui shows these texts:\n{}", missing.join("\n"));
}

#[test]
fn a_text_that_nobody_sees_is_found() {
    let code = quote::quote!(
        #![doc = "what a reader of the file sees"]
        #[doc = "what a reader sees"]
        fn a() {
            errors.add("found `{a}`, wanted {b} in `{{ .. }}`", "no");
        }
        mod tests {
            fn b() {
                assert!(c, "a text of a test");
            }
        }
    );
    let found = texts(code);
    assert_eq!(found, ["found `{a}`, wanted {b} in `{{ .. }}`"]);
    let pieces = pieces(&found[0]);
    assert_eq!(pieces, ["found `", "`, wanted ", " in `{ .. }`"]);
    assert!(stands_in(&pieces, &joined("error: found `x`, wanted\n   y in `{ .. }`")));
    assert!(!stands_in(&pieces, "error: found `x`, wanted y in braces"));
}
