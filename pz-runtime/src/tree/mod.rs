//! What a tree is.
//!
//! A model is a tree of values: structs that carry `#[pytree_dataclass]`, sequences, options, and leaves
//! (arrays, variables, numbers). The derive writes only what cannot be written once: a const table of the
//! type ([`NodeInfo`]), one level of [`parts`](PyTree::parts), and a [`rebuild`](PyTree::rebuild) that
//! exchanges children. Everything else, selecting and editing and printing and counting, is ordinary
//! non-generic code over `&dyn PyTree`.
//!
//! Wrappers that only say how a child is stored (`AnyLayer`, `Slot`, `Box`, `Arc`) are not nodes: they show
//! the node inside through [`as_node`](PyTree::as_node), take one back through
//! [`from_node`](PyTree::from_node), and have no step in a path.

mod attributes;
mod edits;
mod equal;
mod fixed;
mod hash;
mod impls;
mod instance;
mod kept;
mod keystr;
mod leaf;
mod map;
mod partition;
mod pattern;
mod replace;
mod same;
mod scalars;
pub mod select;
mod structs;
mod texts;
mod trail;
mod typed;
mod variable;
mod walk;

use std::any::{Any, TypeId};
use std::fmt;
use std::hash::Hasher;

use crate::error::Result;
use crate::path::PathKey;

#[doc(hidden)]
pub use attributes::Fields;
pub use attributes::{Attributes, PyTreeDataclassSafetyError};
pub use edits::Edits;
pub use equal::{Diff, Difference, What, diff, equal};
pub(crate) use equal::{Shown, TOLD_STEPS, path_to};
pub use hash::structure_hash;
pub use instance::{Family, Instance, family_id, member_of};
pub use kept::Memo;
pub(crate) use kept::{Kept, Shared, bury};
pub use keystr::pretty_keystr;
pub(crate) use leaf::leaf_methods;
pub use map::{Structure, flatten, flatten_exactly_one_level, map, map_upwards, zip};
pub use partition::{NotInThisPartition, Partition, combine};
pub use same::{count, leaves, same_structure, same_tree};
pub use select::{Selection, select};
pub use structs::{
    Struct, StructStaticMetadata, dataclass_from_attributes, init_takes_fields, is_pytree_dataclass_type,
    is_pytree_node_field,
};
pub use typed::{PathOf, PathTo, PathToList, PathToMap, PathToTuple, Steps, TypedKeyPath};
pub use variable::Variable;
pub use walk::{Walk, find, visit};

/// A node or leaf on its own, its type erased.
pub type Node = Box<dyn PyTree>;

/// A value that is a tree: a node with children, or a leaf.
///
/// Written by `#[pytree_dataclass]`; written by hand only for containers and leaves.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tree",
    label = "this type has no `PyTree` implementation",
    note = "write `#[pytree_dataclass]` above the struct; a field that is no data can be `#[pytree(static)]`"
)]
pub trait PyTree: Any + Send + Sync {
    /// The table that describes this type.
    fn info(&self) -> &'static NodeInfo;

    /// Appends this node's parts, in declaration order: children by [`as_part`](PyTree::as_part), and static fields.
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>);

    /// A copy of this node in which some children are exchanged.
    ///
    /// # Errors
    /// A child that its field cannot hold.
    fn rebuild(&self, edits: &mut Edits) -> Result<Node>;

    /// A copy of this node; children are shared where they can be.
    fn clone_node(&self) -> Node;

    /// Converts a node that is a layer into the layer slot type `slot` (a hook for `AnyLayer`); gives the
    /// node back where it is no layer.
    #[doc(hidden)]
    fn into_slot(self: Box<Self>, slot: TypeId) -> Result<Box<dyn Any>, Node>;

    /// The text of a leaf, or a remark beside a node: `f32(vocabulary:512, embedding:64)`.
    fn summary(&self) -> Option<String> {
        None
    }

    /// What a value that is shared by reference has in common with itself elsewhere in a tree: variables give their
    /// address. Other values may be equal, but are never the same.
    fn identity(&self) -> Option<usize> {
        None
    }

    /// This leaf as a variable, where it is one.
    fn as_variable(&self) -> Option<&dyn Variable> {
        None
    }

    /// How the value of this leaf differs from that of another leaf of the same type, in words; `None` where it does
    /// not. A leaf that says nothing else is compared by its identity and its summary, which tells all of a number.
    ///
    /// # Errors
    /// The value cannot be computed.
    fn leaf_difference(&self, other: &dyn PyTree) -> Result<Option<String>> {
        if self.identity().is_some() && self.identity() == other.identity() {
            return Ok(None);
        }
        let (left, right) = (self.summary().unwrap_or_default(), other.summary().unwrap_or_default());
        Ok((left != right).then(|| format!("{left} against {right}")))
    }

    /// The families that the type belongs to beside its own: see [`Family`].
    fn families(&self) -> &'static [TypeId] {
        &[]
    }

    /// The key of the `index`-th child.
    fn child_key(&self, index: usize) -> PathKey {
        let info = self.info();
        match info.kind {
            Kind::Struct => info
                .fields
                .iter()
                .filter(|field| field.child)
                .nth(index)
                .map_or(PathKey::Index(index), |field| PathKey::attr(field.name)),
            Kind::Map => self
                .entry_keys()
                .get(index)
                .map_or(PathKey::Index(index), |key| PathKey::entry(key.to_string())),
            Kind::Sequence | Kind::Leaf | Kind::Nothing | Kind::Text => PathKey::Index(index),
        }
    }

    /// The keys of a map's entries, in the order of its children; empty for other nodes.
    fn entry_keys(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The node that this value stands for: itself, or what a wrapper holds.
    fn as_node(&self) -> &dyn PyTree
    where
        Self: Sized,
    {
        self
    }

    /// This value as a child of its parent: what [`parts`](PyTree::parts) says of it.
    fn as_part(&self) -> Part<'_>
    where
        Self: Sized,
    {
        Part::Child(self.as_node(), None)
    }

    /// The field that holds this child, edited: the new child where there is one, else a clone. (What the derive
    /// calls, as a method of this trait so that a field that is no tree is one error.)
    #[doc(hidden)]
    fn edited(&self, owner: &dyn PyTree, edits: &mut Edits, index: usize) -> Result<Self>
    where
        Self: Sized + Clone,
    {
        edits.field(owner, index, self)
    }

    /// The field at a place, as it was given. (What the derive calls, for the same reason.)
    #[doc(hidden)]
    fn given(fields: &mut Fields<'_>, place: usize) -> Result<Self>
    where
        Self: Sized,
    {
        let value = fields.child(place)?;
        fields.required(place, value)
    }

    /// The field at a place, as it was given, else its default.
    #[doc(hidden)]
    fn given_or(fields: &mut Fields<'_>, place: usize, default: impl FnOnce() -> Self) -> Result<Self>
    where
        Self: Sized,
    {
        Ok(fields.child(place)?.unwrap_or_else(default))
    }

    /// Takes a node into a field of this type; gives it back where it does not fit.
    #[doc(hidden)]
    fn from_node(node: Node) -> Result<Self, Node>
    where
        Self: Sized,
    {
        unerase(node)
    }

    /// Takes the nodes that an edit puts in the place of one into a field of this type: none where the node was
    /// removed, several where others were inserted beside it. Gives them back where the field cannot hold
    /// them; most fields hold exactly one.
    #[doc(hidden)]
    fn from_nodes(nodes: Vec<Node>) -> Result<Self, Vec<Node>>
    where
        Self: Sized,
    {
        match <[Node; 1]>::try_from(nodes) {
            Ok([node]) => Self::from_node(node).map_err(|node| vec![node]),
            Err(nodes) => Err(nodes),
        }
    }
}

/// A tree as an argument: a typed one or an erased one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tree",
    label = "this type has no `PyTree` implementation",
    note = "write `#[pytree_dataclass]` above the struct; a field that is no data can be `#[pytree(static)]`"
)]
pub trait Tree {
    /// What an edit of the tree gives: a tree of the same type, or a [`Node`] where the type is erased.
    type Owned;

    /// Whether the type is known, and an edit keeps it.
    #[doc(hidden)]
    const KNOWN: bool;

    /// The node at the top of the tree, out of its wrappers.
    fn as_tree(&self) -> &dyn PyTree;

    /// A copy of the tree, with its wrappers.
    #[doc(hidden)]
    fn to_node(&self) -> Node;

    /// The node at the top of what an edit gave, out of its wrappers.
    #[doc(hidden)]
    fn edited(owned: &Self::Owned) -> &dyn PyTree;

    /// The tree that an edit gave: one node, or what it put in the place of the root. Gives the nodes back where they are
    /// no such tree.
    #[doc(hidden)]
    fn from_edit(nodes: Vec<Node>) -> Result<Self::Owned, Vec<Node>>;

    /// Takes a node that was made from a tree of this type.
    #[doc(hidden)]
    fn from_copy(node: Node) -> Result<Box<Self>, Node>;

    /// A node as a tree of this type, where it is one.
    #[doc(hidden)]
    fn in_node(node: &dyn PyTree) -> Option<&Self>;
}

impl<T: PyTree> Tree for T {
    type Owned = T;
    const KNOWN: bool = true;
    fn as_tree(&self) -> &dyn PyTree {
        self.as_node()
    }
    fn to_node(&self) -> Node {
        self.clone_node()
    }
    fn edited(owned: &T) -> &dyn PyTree {
        owned.as_node()
    }
    fn from_edit(nodes: Vec<Node>) -> Result<T, Vec<Node>> {
        match <[Node; 1]>::try_from(nodes) {
            Ok([node]) => edits::fit(node).map_err(|node| vec![node]),
            Err(nodes) => T::from_nodes(nodes),
        }
    }
    fn from_copy(node: Node) -> Result<Box<Self>, Node> {
        T::from_node(node).map(Box::new)
    }
    fn in_node(node: &dyn PyTree) -> Option<&T> {
        node.downcast_ref()
    }
}

impl Tree for dyn PyTree {
    type Owned = Node;
    const KNOWN: bool = false;
    fn as_tree(&self) -> &dyn PyTree {
        self
    }
    fn to_node(&self) -> Node {
        self.clone_node()
    }
    fn edited(owned: &Node) -> &dyn PyTree {
        &**owned
    }
    fn from_edit(nodes: Vec<Node>) -> Result<Node, Vec<Node>> {
        <[Node; 1]>::try_from(nodes).map(|[node]| node)
    }
    fn from_copy(node: Node) -> Result<Box<Self>, Node> {
        Ok(node)
    }
    fn in_node(node: &dyn PyTree) -> Option<&Self> {
        Some(node)
    }
}

/// What a type says of itself, written once by the derive.
#[derive(Debug)]
pub struct NodeInfo {
    /// The type's name without its path and parameters; of an enum, with the variant: `Mixer::Attention`.
    pub type_name: &'static str,
    /// How the node is addressed and drawn.
    pub kind: Kind,
    /// The fields in declaration order; empty for sequences and leaves.
    pub fields: &'static [FieldInfo],
    /// A CSS colour for renderings.
    pub color: Option<&'static str>,
    /// The type's doc comment.
    pub docs: &'static str,
}

/// What a type says of one field.
#[derive(Debug)]
pub struct FieldInfo {
    /// The field's name; `0`, `1`, … in a tuple struct.
    pub name: &'static str,
    /// Whether the field is a child. Other fields are static: part of the structure.
    pub child: bool,
    /// Whether the field has a value where none is given.
    pub default: bool,
    /// The field's doc comment.
    pub docs: &'static str,
}

/// How a node is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Children are fields.
    Struct,
    /// Children are numbered.
    Sequence,
    /// Children have keys of their own: [`PyTree::entry_keys`].
    Map,
    /// No children: a value.
    Leaf,
    /// No children, and no value: an empty `Option`.
    Nothing,
    /// No children, and a value that is structure: a text.
    Text,
}

/// One part of a node.
#[derive(Clone, Copy)]
pub enum Part<'a> {
    /// A child: a tree of its own, and what is known of it where it is shared.
    Child(&'a dyn PyTree, Option<&'a Memo>),
    /// A static field: structure, not data.
    Static(&'a dyn Static),
}

/// A value that belongs to the structure of a tree: compared and hashed with it, never edited as data.
///
/// Numbers with a fractional part compare by their bits, functions by name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a static field",
    label = "this type has no `Static` implementation",
    note = "a type that is compared with `==` and hashed can have one: `pz::static_by_eq!({Self});`",
    note = "for a type of another crate write one of your own around it, with `#[derive(Clone, Debug, PartialEq, Eq, Hash)]`"
)]
pub trait Static: Any + Send + Sync {
    /// Whether two static values are the same.
    fn same(&self, other: &dyn Static) -> bool;
    /// Adds the value to a hash of the structure.
    fn hash_into(&self, state: &mut dyn Hasher);
    /// Prints the value, as a person would type it.
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// The value, its type erased. (What the derive calls, as a method of this trait so that a field that cannot be static
    /// is one error.)
    #[doc(hidden)]
    fn as_static(&self) -> &dyn Static
    where
        Self: Sized,
    {
        self
    }

    /// The field at a place, as it was given.
    #[doc(hidden)]
    fn given(fields: &mut Fields<'_>, place: usize) -> Result<Self>
    where
        Self: Sized + Clone,
    {
        let value = fields.fixed(place)?;
        fields.required(place, value)
    }

    /// The field at a place, as it was given, else its default.
    #[doc(hidden)]
    fn given_or(fields: &mut Fields<'_>, place: usize, default: impl FnOnce() -> Self) -> Result<Self>
    where
        Self: Sized + Clone,
    {
        Ok(fields.fixed(place)?.unwrap_or_else(default))
    }
}

impl dyn PyTree {
    /// The value as a `T`, where it is one.
    pub fn downcast_ref<T: PyTree>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }

    /// This node's children, one level.
    pub fn children(&self) -> Vec<&dyn PyTree> {
        let mut parts = Vec::new();
        self.parts(&mut parts);
        parts
            .into_iter()
            .filter_map(|part| match part {
                Part::Child(child, _) => Some(child),
                Part::Static(_) => None,
            })
            .collect()
    }

    /// Whether this is a leaf.
    pub fn is_leaf(&self) -> bool {
        self.info().kind == Kind::Leaf
    }
}

/// Takes an erased node as a `T`; gives it back where it is of another type.
pub fn unerase<T: PyTree>(node: Node) -> Result<T, Node> {
    if (&*node as &dyn Any).is::<T>() {
        let any: Box<dyn Any> = node;
        Ok(*any.downcast::<T>().expect("the type id was compared"))
    } else {
        Err(node)
    }
}

/// A type's name without module paths: `alloc::vec::Vec<pz::nn::Linear>` becomes `Vec<Linear>`.
pub fn short_type_name(full: &str) -> String {
    let mut short = String::with_capacity(full.len());
    let mut word = String::new();
    for c in full.chars() {
        match c {
            ':' => word.clear(),
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            c => {
                short.push_str(&std::mem::take(&mut word));
                short.push(c);
            }
        }
    }
    short + &word
}
