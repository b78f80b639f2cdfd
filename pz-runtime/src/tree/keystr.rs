//! Paths for people: `TransformerLM.body/Sequential.sublayers[3]`.

use super::PyTree;
use crate::path::{KeyPath, PathKey};

/// The path to a node with the type names of the structs on the way, as Penzai prints it.
///
/// Steps that lead nowhere in `tree` are printed without a type.
pub fn pretty_keystr(path: &KeyPath, tree: &dyn PyTree) -> String {
    let mut text = String::new();
    let mut node = Some(tree);
    for key in path.keys() {
        if let (PathKey::Attr(_), Some(here)) = (key, node) {
            if !text.is_empty() {
                text.push('/');
            }
            text.push_str(here.info().type_name);
        }
        text.push_str(&key.to_string());
        node = node.and_then(|here| {
            here.children().into_iter().enumerate().find(|(i, _)| here.child_key(*i) == *key).map(|(_, child)| child)
        });
    }
    text
}
