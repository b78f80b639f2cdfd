//! The standard library's containers as trees.
//!
//! `Vec`, arrays, tuples and maps are nodes of their own. `Box`, `Arc` and a filled `Option` are wrappers: the node
//! is what they hold, and a path has no step for them. An empty `Option` is a node without children, as JAX's
//! `None` is.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;

use super::{Edits, Kind, Node, NodeInfo, Part, PyTree, unerase};
use crate::error::{Report, Result};
use crate::path::PathKey;

const fn container(type_name: &'static str, kind: Kind) -> NodeInfo {
    NodeInfo { type_name, kind, fields: &[], color: None, docs: "" }
}

static NONE: NodeInfo = container("None", Kind::Nothing);
static VEC: NodeInfo = container("Vec", Kind::Sequence);
static TUPLE: NodeInfo = container("tuple", Kind::Sequence);
static MAP: NodeInfo = container("BTreeMap", Kind::Map);
static HASH_MAP: NodeInfo = container("HashMap", Kind::Map);
static INDEX_MAP: NodeInfo = container("IndexMap", Kind::Map);
static ARRAY: NodeInfo = container("array", Kind::Sequence);

impl<T: PyTree + Clone> PyTree for Vec<T> {
    fn info(&self) -> &'static NodeInfo {
        &VEC
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        out.extend(self.iter().map(|element| element.as_part()));
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        Ok(Box::new(edits.elements(self)?))
    }
    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }
    fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(self)
    }
}

impl<T: PyTree + Clone> PyTree for BTreeMap<String, T> {
    fn info(&self) -> &'static NodeInfo {
        &MAP
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        out.extend(self.values().map(|value| value.as_part()));
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        if edits.empties() {
            return Ok(Box::new(Self::new()));
        }
        let entries = self.iter().enumerate().map(|(index, (key, value))| {
            Ok((key.clone(), edits.child(index, &PathKey::entry(key.clone()), value)?))
        });
        Ok(Box::new(entries.collect::<Result<Self>>()?))
    }
    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }
    fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(self)
    }
    fn entry_keys(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}

/// The entries come in the order of their keys.
impl<T: PyTree + Clone> PyTree for HashMap<String, T> {
    fn info(&self) -> &'static NodeInfo {
        &HASH_MAP
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        out.extend(sorted(self).into_iter().map(|(_, value)| value.as_part()));
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        if edits.empties() {
            return Ok(Box::new(Self::new()));
        }
        let entries = sorted(self).into_iter().enumerate().map(|(index, (key, value))| {
            Ok((key.clone(), edits.child(index, &PathKey::entry(key.clone()), value)?))
        });
        Ok(Box::new(entries.collect::<Result<Self>>()?))
    }
    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }
    fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(self)
    }
    fn entry_keys(&self) -> Vec<&str> {
        sorted(self).into_iter().map(|(key, _)| key.as_str()).collect()
    }
}

/// The entries come in the map's own order, which is that of insertion.
// Written out as for `BTreeMap`: rustc shows these impls where a field is no tree, and of a macro it would show the inside.
impl<T: PyTree + Clone> PyTree for IndexMap<String, T> {
    fn info(&self) -> &'static NodeInfo {
        &INDEX_MAP
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        out.extend(self.values().map(|value| value.as_part()));
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        if edits.empties() {
            return Ok(Box::new(Self::new()));
        }
        let entries = self.iter().enumerate().map(|(index, (key, value))| {
            Ok((key.clone(), edits.child(index, &PathKey::entry(key.clone()), value)?))
        });
        Ok(Box::new(entries.collect::<Result<Self>>()?))
    }
    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }
    fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(self)
    }
    fn entry_keys(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}

fn sorted<T>(map: &HashMap<String, T>) -> Vec<(&String, &T)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}

impl<T: PyTree + Clone, const N: usize> PyTree for [T; N] {
    fn info(&self) -> &'static NodeInfo {
        &ARRAY
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        out.extend(self.iter().map(|element| element.as_part()));
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        let elements = edits.elements(self)?;
        let count = elements.len();
        match <[T; N]>::try_from(elements) {
            Ok(elements) => Ok(Box::new(elements)),
            Err(_) => {
                let problem = format!("the array has exactly {N} elements, and the edit leaves {count}");
                let report = Report::new("editing a tree", problem);
                Err(report.help("declare the field as `Vec` for a list that grows and shrinks").tree())
            }
        }
    }
    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }
    fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(self)
    }
}

macro_rules! tuples {
    ($(($($name:ident $place:tt),+))+) => {$(
        impl<$($name: PyTree + Clone),+> PyTree for ($($name,)+) {
            fn info(&self) -> &'static NodeInfo {
                &TUPLE
            }
            fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
                out.extend([$(self.$place.as_part()),+]);
            }
            fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
                Ok(Box::new(($(edits.child($place, &PathKey::Index($place), &self.$place)?,)+)))
            }
            fn clone_node(&self) -> Node {
                Box::new(self.clone())
            }
            fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
                Err(self)
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}

/// A tree without leaves.
impl PyTree for () {
    fn info(&self) -> &'static NodeInfo {
        &TUPLE
    }
    fn parts<'a>(&'a self, _: &mut Vec<Part<'a>>) {}
    fn rebuild(&self, _: &mut Edits) -> Result<Node> {
        Ok(Box::new(()))
    }
    fn clone_node(&self) -> Node {
        Box::new(())
    }
    fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(self)
    }
}

impl<T: PyTree> PyTree for Option<T> {
    fn info(&self) -> &'static NodeInfo {
        self.as_ref().map_or(&NONE, T::info)
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        if let Some(value) = self {
            value.parts(out);
        }
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        match self {
            Some(value) => value.rebuild(edits),
            None => Ok(self.clone_node()),
        }
    }
    fn clone_node(&self) -> Node {
        match self {
            Some(value) => value.clone_node(),
            None => Box::new(None::<T>),
        }
    }
    fn into_slot(self: Box<Self>, slot: TypeId) -> Result<Box<dyn Any>, Node> {
        match *self {
            Some(value) => Box::new(value).into_slot(slot),
            None => Err(self),
        }
    }
    fn summary(&self) -> Option<String> {
        self.as_ref().and_then(T::summary)
    }
    fn child_key(&self, index: usize) -> PathKey {
        self.as_ref().map_or(PathKey::Index(index), |value| value.child_key(index))
    }
    fn entry_keys(&self) -> Vec<&str> {
        self.as_ref().map_or(Vec::new(), T::entry_keys)
    }
    fn as_node(&self) -> &dyn PyTree {
        match self {
            Some(value) => value.as_node(),
            None => self,
        }
    }
    fn as_part(&self) -> Part<'_> {
        match self {
            Some(value) => value.as_part(),
            None => Part::Child(self, None),
        }
    }
    fn from_node(node: Node) -> Result<Self, Node> {
        // What is empty fits, whatever it was declared to hold.
        let nothing = |node: Node| if node.info().kind == Kind::Nothing { Ok(None) } else { Err(node) };
        unerase::<Self>(node).or_else(|node| T::from_node(node).map(Some)).or_else(nothing)
    }
    fn from_nodes(nodes: Vec<Node>) -> Result<Self, Vec<Node>> {
        if nodes.is_empty() { Ok(None) } else { T::from_nodes(nodes).map(Some) }
    }
}

/// The part of a wrapper's implementation that only passes on to what is inside.
macro_rules! as_inside {
    () => {
        fn info(&self) -> &'static NodeInfo {
            (**self).info()
        }
        fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
            (**self).parts(out);
        }
        fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
            (**self).rebuild(edits)
        }
        fn summary(&self) -> Option<String> {
            (**self).summary()
        }
        fn child_key(&self, index: usize) -> PathKey {
            (**self).child_key(index)
        }
        fn entry_keys(&self) -> Vec<&str> {
            (**self).entry_keys()
        }
        fn as_node(&self) -> &dyn PyTree {
            (**self).as_node()
        }
        fn as_part(&self) -> Part<'_> {
            (**self).as_part()
        }
    };
}

impl<T: PyTree> PyTree for Box<T> {
    as_inside!();
    fn clone_node(&self) -> Node {
        (**self).clone_node()
    }
    fn into_slot(self: Box<Self>, slot: TypeId) -> Result<Box<dyn Any>, Node> {
        (*self).into_slot(slot)
    }
    fn from_node(node: Node) -> Result<Self, Node> {
        unerase::<Self>(node).or_else(|node| T::from_node(node).map(Box::new))
    }
    fn from_nodes(nodes: Vec<Node>) -> Result<Self, Vec<Node>> {
        T::from_nodes(nodes).map(Box::new)
    }
}

impl<T: PyTree> PyTree for Arc<T> {
    as_inside!();
    fn clone_node(&self) -> Node {
        Box::new(Arc::clone(self))
    }
    fn into_slot(self: Box<Self>, slot: TypeId) -> Result<Box<dyn Any>, Node> {
        match Arc::try_unwrap(*self) {
            Ok(inside) => Box::new(inside).into_slot(slot),
            Err(shared) => (*shared).clone_node().into_slot(slot),
        }
    }
    fn from_node(node: Node) -> Result<Self, Node> {
        unerase::<Self>(node).or_else(|node| T::from_node(node).map(Arc::new))
    }
    fn from_nodes(nodes: Vec<Node>) -> Result<Self, Vec<Node>> {
        T::from_nodes(nodes).map(Arc::new)
    }
}
