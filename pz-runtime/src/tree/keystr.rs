//! Paths for people: `TransformerLM.body/Sequential.sublayers[3]`.

use super::walk::child;
use super::{PyTree, Tree};
use crate::path::{KeyPath, PathKey};

/// The path to a node with the type names of the structs on the way, as Penzai prints it.
///
/// Steps that lead nowhere in `tree` are printed without a type.
pub fn pretty_keystr(path: &KeyPath, tree: &(impl Tree + ?Sized)) -> String {
    let mut text = String::new();
    let mut node: Option<&dyn PyTree> = Some(tree.as_tree());
    for key in path.keys() {
        if let (PathKey::Attr(_), Some(here)) = (key, node) {
            if !text.is_empty() {
                text.push('/');
            }
            text.push_str(here.info().type_name);
        }
        text.push_str(&key.to_string());
        node = node.and_then(|here| child(here, key));
    }
    text
}
