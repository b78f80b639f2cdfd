//! What types and fields say of themselves, as lines of comment above their lines.
//!
//! The same words twelve times for twelve blocks would bury the tree: they stand at the first node of each type, which
//! is unfolded for them. Of a longer text they are the first paragraph, which is what rustdoc shows in its lists.

use std::collections::HashSet;

use super::part::Part;
use crate::tree::{Kind, NodeInfo};

/// Gives the parts their docs; those deeper than is shown give way to later ones.
pub(super) fn tell(parts: &mut [Part], max_depth: usize) {
    let mut told = HashSet::new();
    let mut first = vec![false; parts.len()];
    for index in 0..parts.len() {
        let part = &parts[index];
        if part.depth > max_depth {
            continue;
        }
        let mut lines = Vec::new();
        if let Some(field) = part.field.filter(|_| part.parent.is_some_and(|parent| first[parent])) {
            lines.extend(summary(field.docs).map(str::to_owned));
        }
        if let Some(info) = part.info.filter(|info| info.kind == Kind::Struct && told.insert(words(info))) {
            first[index] = true;
            let mut docs = summary(info.docs);
            lines.extend(docs.next().map(|line| format!("{}: {line}", info.type_name)));
            lines.extend(docs.map(str::to_owned));
        }
        parts[index].docs = lines;
    }
}

/// All that a type says. Two types may have one name, and what is said for one is not yet said for the other.
fn words(info: &NodeInfo) -> (&str, &str, Vec<&str>) {
    (info.type_name, info.docs, info.fields.iter().map(|field| field.docs).collect())
}

/// The lines of the first paragraph.
fn summary(docs: &str) -> impl Iterator<Item = &str> {
    docs.trim_start().lines().map(str::trim).take_while(|line| !line.is_empty())
}
