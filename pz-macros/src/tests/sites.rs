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

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
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

/// The places that tell of mistakes.
fn sites() -> BTreeSet<Site> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&folder, &mut files);
    let mut sites = BTreeSet::new();
    for file in files {
        let name =
            file.strip_prefix(&folder).expect("it is in the folder").to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&file).expect("it can be read");
        let lines = text.lines().zip(1_u32..);
        let tells = |line: &str| line.contains("errors.add(") || line.trim().starts_with(".add(");
        sites.extend(lines.filter(|(line, _)| tells(line)).map(|(_, number)| (name.clone(), number)));
    }
    // What two models of one name are answered rests on their places, which only the compiler gives.
    sites.retain(|(name, _)| !name.starts_with("tests") && name != "twins.rs");
    sites
}

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
    assert!(
        told.iter().all(|site| site.0 == "diag.rs" || sites.contains(site)),
        "{:?}",
        told.difference(&sites)
    );
    let silent: Vec<String> =
        sites.difference(&told).map(|(file, line)| format!("src/{file}:{line}")).collect();
    assert!(silent.is_empty(), "no case in tests/ui shows these messages:\n{silent:#?}");
}
