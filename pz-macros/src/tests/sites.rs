//! That each mistake that the macros can answer has a case in `tests/ui`.
//!
//! A message is a product, and one that no case shows is read by nobody before a user reads it. So the cases' sources
//! are given to the macros here as rustc gives them, and each place in the sources that tells of a mistake is noted;
//! those that the sources have and that were not noted have no case.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, Meta, Stmt};

use crate::diag::TOLD;

/// A line of a file, from `src/`.
type Site = (String, u32);

pub(super) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
}

/// The functions that are told of a mistake, by how they are called.
const TELLERS: [&str; 4] = ["errors.add(", "slips.add(", "errors.syntax(", "wanted("];

/// Whether a line of the sources tells of a mistake.
fn tells(line: &str) -> bool {
    let line = line.trim_start();
    let calls = |teller: &str| {
        line.match_indices(teller).any(|(at, _)| {
            !line[..at].ends_with("fn ")
                && !line[..at].ends_with(|last: char| last.is_alphanumeric() || last == '_')
        })
    };
    !line.starts_with("//") && (TELLERS.into_iter().any(calls) || line.starts_with(".add("))
}

/// The places in a file that tell of mistakes. A function that hands on what it was told, with the place of its caller,
/// is none.
fn sites_in(text: &str) -> Vec<u32> {
    let mut sites = Vec::new();
    let mut within: Option<String> = None;
    for (line, number) in text.lines().zip(1_u32..) {
        if line.trim() == "#[track_caller]" {
            within = Some(line.replace("#[track_caller]", "}"));
        }
        match &within {
            Some(end) if line == end => within = None,
            None if tells(line) => sites.push(number),
            _ => {}
        }
    }
    sites
}

/// The places that tell of mistakes.
fn sites() -> BTreeSet<Site> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&folder, &mut files);
    let mut sites = BTreeSet::new();
    for file in files {
        let name =
            file.strip_prefix(&folder).expect("it is in the folder").to_string_lossy().replace('\\', "/");
        if !name.starts_with("tests") && name != BUG {
            let text = fs::read_to_string(&file).expect("it can be read");
            sites.extend(sites_in(&text).into_iter().map(|number| (name.clone(), number)));
        }
    }
    // What two models of one name are answered rests on their places, which only the compiler gives.
    sites.retain(|(name, _)| name != "twins.rs");
    sites
}

/// What tells of bugs in pz alone.
const BUG: &str = "diag.rs";

fn attributes(item: &mut Item) -> Option<&mut Vec<Attribute>> {
    match item {
        Item::Struct(item) => Some(&mut item.attrs),
        Item::Enum(item) => Some(&mut item.attrs),
        Item::Union(item) => Some(&mut item.attrs),
        Item::Fn(item) => Some(&mut item.attrs),
        Item::Impl(item) => Some(&mut item.attrs),
        _ => None,
    }
}

/// Gives an item to the attribute and to the derives that stand on it.
fn expand(mut item: Item) {
    if let Item::Fn(function) = &item {
        for statement in &function.block.stmts {
            if let Stmt::Item(inner) = statement {
                expand(inner.clone());
            }
        }
    }
    let Some(all) = attributes(&mut item) else { return };
    let is = |attribute: &Attribute, name: &str| {
        attribute.path().segments.last().is_some_and(|last| last.ident == name)
    };
    let layer = all.iter().position(|attribute| {
        is(attribute, "derive") && crate::parse::derives(std::slice::from_ref(attribute), "Layer")
    });
    let dataclass = all.iter().position(|attribute| is(attribute, "pytree_dataclass"));
    if layer.is_some() && layer < dataclass {
        crate::layer(item.to_token_stream());
        return;
    }
    if let Some(place) = dataclass {
        let arguments = match all.remove(place).meta {
            Meta::List(list) => list.tokens,
            _ => TokenStream::new(),
        };
        crate::dataclass(arguments, item.to_token_stream());
        if !matches!(item, Item::Fn(_) | Item::Impl(_)) {
            crate::tree(item.to_token_stream());
        }
    }
    if layer.is_some() {
        crate::layer(item.to_token_stream());
    }
}

/// Gives all calls of the other macros to them.
fn call(tokens: TokenStream) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (place, token) in tokens.iter().enumerate() {
        let TokenTree::Group(group) = token else { continue };
        let name = match &tokens[..place] {
            [.., TokenTree::Ident(name), TokenTree::Punct(bang)] if bang.as_char() == '!' => name.to_string(),
            _ => String::new(),
        };
        match name.as_str() {
            "model" => drop(crate::declared(group.stream())),
            "einsum" => drop(crate::pattern::einsum(group.stream())),
            "rearrange" => drop(crate::pattern::rearrange(group.stream())),
            _ => call(group.stream()),
        }
    }
}

#[test]
fn each_message_has_a_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui");
    let mut cases = Vec::new();
    sources(&folder.join("fail"), &mut cases);
    sources(&folder.join("model"), &mut cases);
    assert!(cases.len() > 100);
    for case in cases {
        let text = fs::read_to_string(&case).expect("it can be read");
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
        call(file.to_token_stream());
        file.items.into_iter().for_each(expand);
    }
    let told: BTreeSet<Site> = TOLD.with_borrow(|told| {
        let site = |place: &&std::panic::Location<'_>| {
            let file = place.file().split_once("src/").map_or(place.file(), |(_, file)| file);
            (file.replace('\\', "/"), place.line())
        };
        told.iter().map(site).collect()
    });
    let sites = sites();
    let unlisted: Vec<_> = told.difference(&sites).filter(|(file, _)| file != BUG).collect();
    assert!(unlisted.is_empty(), "these tell of mistakes, and are not known to: {unlisted:?}");
    let silent: Vec<String> =
        sites.difference(&told).map(|(file, line)| format!("src/{file}:{line}")).collect();
    assert!(silent.is_empty(), "no case in tests/ui shows these messages:\n{silent:#?}");
}

#[test]
fn a_place_that_tells_is_found() {
    let text = "fn a() {\n    errors.add(x);\n    // errors.add(x);\n    self.errors.add(x);\n    wanted(\n        errors,\n    );\n    unwanted(x);\n    .add(\n}\n\n#[track_caller]\nfn wanted(a: A) {\n    errors.add(x);\n}\nslips.add(x)\n";
    assert_eq!(sites_in(text), [2, 4, 5, 9, 16]);
}
