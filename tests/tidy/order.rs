//! The module order: which module may use which.
//!
//! An arrow that points up, once let in, never leaves: the lower module cannot be read, tested or moved alone any
//! more. So the order is a list here, and a mention of a later module is a failing test, whichever way it is spelled:
//! `crate::nn`, `pz::nn`, `use crate::{nn, …}`, `super::super::nn`, or a re-export at the crate's root.

use std::collections::BTreeMap;

use super::scan::{Token, tokens, use_paths, uses};

/// The order of the modules of a crate: a module may use those of earlier rows, and its own.
pub struct Order {
    /// The rows, lowest first.
    pub rows: &'static [&'static [&'static str]],
    /// Modules that see the whole crate: the root, and what re-exports.
    pub above_all: &'static [&'static str],
    /// What the crate calls itself besides `crate`.
    pub own_name: Option<&'static str>,
}

/// pz-runtime's order.
pub const RUNTIME: Order = Order {
    rows: &[
        &["path"],
        &["error"],
        &["context"],
        &["shape"],
        &["tree"],
        &["random"],
        &["array"],
        &["grad"],
        &["named"],
        &["chk"],
        &["vars"],
        &["nn"],
        &["models"],
        &["toolshed"],
        &["treescope"],
    ],
    above_all: &["lib", "prelude", "private", "__private"],
    own_name: Some("pz"),
};

/// pz-macros' order: five stages over some words that all of them use.
pub const MACROS: Order = Order {
    rows: &[&["diag", "words", "twins", "dump"], &["parse"], &["ir"], &["check"], &["expand"]],
    above_all: &["lib", "pattern", "tests"],
    own_name: None,
};

impl Order {
    fn rank(&self, module: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.contains(&module))
    }

    /// Complains of each module that `lib.rs` declares and that has no place in the order.
    pub fn unplaced(&self, lib: &str) -> Vec<String> {
        modules_of(lib)
            .into_iter()
            .filter(|name| self.rank(name).is_none() && !self.above_all.contains(name))
            .map(|name| {
                format!("the module `{name}` has no place in the module order of tests/tidy/order.rs")
            })
            .collect()
    }

    /// Complains of each mention of a later module in `code`, the file `path` below `src/`; `names` are the root's
    /// re-exports.
    pub fn violations(&self, path: &str, code: &str, names: &BTreeMap<&str, &str>) -> Vec<String> {
        let place: Vec<&str> =
            path.trim_end_matches(".rs").split('/').filter(|part| *part != "mod").collect();
        let module = place[0];
        let Some(rank) = self.rank(module) else { return Vec::new() };
        mentions(&tokens(code), place.len(), self.own_name)
            .into_iter()
            .filter_map(|Mention { name: Token { line, text }, is_path }| {
                // A module and a function may share a name: `crate::grad::Scope`, `crate::grad(…)`.
                let export = names.get(text).filter(|_| !is_path || self.rank(text).is_none());
                let target = export.copied().unwrap_or(text);
                let target_rank = self.rank(target)?;
                let comes =
                    if target == text { String::new() } else { format!(" (`{text}` comes from there)") };
                // Neighbours in a row are equals.
                (target_rank > rank)
                    .then(|| format!("{path}:{line}: `{module}` must not use `{target}`{comes}"))
            })
            .collect()
    }
}

/// The modules that a crate's root declares.
pub fn modules_of(lib: &str) -> Vec<&str> {
    let tokens = tokens(lib);
    tokens
        .windows(3)
        .filter(|window| window[0].text == "mod" && window[2].text == ";")
        .map(|window| window[1].text)
        .collect()
}

/// What the root re-exports: each name, and the module that it comes from.
pub fn exports_of(lib: &str) -> BTreeMap<&str, &str> {
    let tokens = tokens(lib);
    uses(&tokens)
        .into_iter()
        .flat_map(use_paths)
        .filter_map(|(path, alias)| {
            let local = path.iter().position(|part| !["crate", "self"].contains(part))?;
            Some((alias.or(path.last().copied())?, path[local]))
        })
        .collect()
}

/// A name that is looked up at the crate's root, and whether `::` follows it.
struct Mention<'a> {
    name: Token<'a>,
    is_path: bool,
}

/// The names that are looked up at the crate's root, from a file that is `depth` modules below it.
fn mentions<'a>(tokens: &[Token<'a>], depth: usize, own_name: Option<&str>) -> Vec<Mention<'a>> {
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.text == text);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let mut next = at + 1;
        let reaches_root = match tokens[at].text {
            "crate" => true,
            name if Some(name) == own_name => true,
            "super" if at == 0 || !is(at - 1, "::") => {
                let mut supers = 1;
                while is(next, "::") && is(next + 1, "super") {
                    supers += 1;
                    next += 2;
                }
                supers == depth
            }
            _ => false,
        };
        if !reaches_root || !is(next, "::") {
            continue;
        }
        if is(next + 1, "{") {
            found.extend(heads_of_group(&tokens[next + 2..]));
        } else if let Some(name) = tokens.get(next + 1) {
            found.push(Mention { name: *name, is_path: is(next + 2, "::") });
        }
    }
    found
}

/// The first segment of each entry of a `{…}`, from the tokens after its opening brace.
fn heads_of_group<'a>(tokens: &[Token<'a>]) -> Vec<Mention<'a>> {
    let mut heads = Vec::new();
    let mut depth = 1;
    let mut wanted = true;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," if depth == 1 => wanted = true,
            _ if wanted => {
                let is_path = tokens.get(at + 1).is_some_and(|next| next.text == "::");
                heads.push(Mention { name: *token, is_path });
                wanted = false;
            }
            _ => {}
        }
    }
    heads
}
