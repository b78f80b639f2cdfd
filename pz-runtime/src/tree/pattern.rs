//! Nodes as patterns: what a node is (its type, keys and static fields), without the weight of what is below it.
//!
//! A part of a tree keeps each node on the way to what is missing, and puts other children in it. A copy of the node
//! would do; but a field that holds its child without sharing it, as a `Box` does, copies all that is below, and the
//! copies of a hundred thousand levels would fill the memory. So a pattern has a small node of its type in the place of each
//! such child: an empty list or map, or the first of its type from below. Nobody sees that node.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use super::walk::{Event, Walker};
use super::{Edits, Kind, Node, Part, PyTree, map};

/// The patterns of the nodes of one tree.
#[derive(Default)]
pub(super) struct Patterns {
    /// A small node of each type that a child was of.
    small: HashMap<TypeId, Node>,
}

impl Patterns {
    /// A node of the same type, with the same keys and static fields, and with as many children.
    pub(super) fn of(&mut self, node: &dyn PyTree) -> Node {
        let heavy = heavy(node);
        for (_, child) in &heavy {
            if !self.small.contains_key(&type_of(*child)) {
                self.learn(*child);
            }
        }
        self.light(node, &heavy)
    }

    /// Finds a small node of each type in a tree: the first from below, whose children are small in their turn.
    fn learn(&mut self, top: &dyn PyTree) {
        let mut walker = Walker::new(top);
        while let Some(event) = walker.next() {
            if let Event::Leave(_) = event {
                let node = walker.frames().last().map_or(top, |frame| frame.node);
                if !node.is_leaf() && !self.small.contains_key(&type_of(node)) {
                    let small = emptied(node).unwrap_or_else(|| self.light(node, &heavy(node)));
                    self.small.insert(type_of(node), small);
                }
            }
        }
    }

    /// The node with what is small in the place of its heavy children; a copy, where it does not take them or would have
    /// other keys.
    fn light(&self, node: &dyn PyTree, heavy: &[(usize, &dyn PyTree)]) -> Node {
        if heavy.is_empty() {
            return node.clone_node();
        }
        let small = heavy
            .iter()
            .filter_map(|(index, child)| Some((*index, self.small.get(&type_of(*child))?.clone_node())));
        match node.rebuild(&mut Edits::new(small)) {
            Ok(light) if type_of(&*light) == type_of(node) && map::keys(&*light) == map::keys(node) => light,
            _ => node.clone_node(),
        }
    }
}

fn type_of(node: &dyn PyTree) -> TypeId {
    (node as &dyn Any).type_id()
}

/// The children whose copies have copies of all that is below, with their indices.
fn heavy(node: &dyn PyTree) -> Vec<(usize, &dyn PyTree)> {
    let mut parts = Vec::new();
    node.parts(&mut parts);
    let children = parts.into_iter().filter_map(|part| match part {
        Part::Child(child, memo) => Some((child, memo)),
        Part::Static(_) => None,
    });
    let heavy = children.enumerate().filter(|(_, (child, memo))| memo.is_none() && !child.is_leaf());
    heavy.map(|(index, (child, _))| (index, child)).collect()
}

/// A list or a map without its children.
fn emptied(node: &dyn PyTree) -> Option<Node> {
    if !matches!(node.info().kind, Kind::Sequence | Kind::Map) {
        return None;
    }
    let empty = node.rebuild(&mut Edits::emptying()).ok()?;
    (type_of(&*empty) == type_of(node) && empty.children().is_empty()).then_some(empty)
}
