//! What an edit hands to [`PyTree::rebuild`]: for each child of one node, whether it stays, what takes its
//! place, and what comes before and after it.
//!
//! A child that stays is cloned by its field, which knows how to share it; nothing here looks inside. An error
//! names the step from the node to the child; the engine, which knows where the node is, completes the path.

use std::any::type_name;

use super::{Kind, Node, PyTree, short_type_name};
use crate::error::{Error, Report, Result};
use crate::path::{KeyPath, PathKey};

/// The new children that [`PyTree::rebuild`] puts in place, each by the index of the child.
#[derive(Default)]
pub struct Edits {
    changes: Vec<Option<Change>>,
    empties: bool,
}

/// What takes the place of one child.
pub(crate) enum Change {
    /// Another node.
    One(Node),
    /// Another node, and the child that was there.
    Before(Node),
    /// The child that was there, and another node.
    After(Node),
    /// Any number of nodes.
    Many(Vec<Node>),
}

impl Change {
    /// All that is then at the child's place, `old` being what was there.
    pub(super) fn beside(self, old: impl FnOnce() -> Node) -> Vec<Node> {
        match self {
            Change::One(node) => vec![node],
            Change::Before(node) => vec![node, old()],
            Change::After(node) => vec![old(), node],
            Change::Many(nodes) => nodes,
        }
    }
}

impl Edits {
    /// The edits of a node: `(index of the child, new child)`.
    pub fn new(edits: impl IntoIterator<Item = (usize, Node)>) -> Self {
        Edits::of(edits.into_iter().map(|(index, node)| (index, Change::One(node))))
    }

    pub(crate) fn of(edits: impl IntoIterator<Item = (usize, Change)>) -> Self {
        let mut all = Edits::default();
        edits.into_iter().for_each(|(index, change)| all.put(index, change));
        all
    }

    /// For a list or a map: all its children are left out.
    pub(super) fn emptying() -> Self {
        Edits { empties: true, ..Edits::default() }
    }

    /// Whether all children are left out.
    pub(super) fn empties(&self) -> bool {
        self.empties
    }

    /// Forgets all edits, and keeps their memory for those of another node.
    pub(super) fn clear(&mut self) {
        self.changes.clear();
    }

    /// The edit of one child.
    pub(super) fn put(&mut self, index: usize, change: Change) {
        if self.changes.len() <= index {
            self.changes.resize_with(index + 1, || None);
        }
        self.changes[index] = Some(change);
    }

    fn take(&mut self, index: usize) -> Option<Change> {
        self.changes.get_mut(index).and_then(Option::take)
    }

    /// The `index`-th child: the new one where it was edited, else a clone of `old`. (What the derive calls.)
    ///
    /// # Errors
    /// The field of type `T` cannot hold what takes the child's place.
    pub fn child<T: PyTree + Clone>(&mut self, index: usize, key: &PathKey, old: &T) -> Result<T> {
        self.settled(index, old).map_err(|given| misfit::<T>(EDITING, key, &given))
    }

    /// As [`child`](Self::child); gives back what the field cannot hold.
    pub(super) fn settled<T: PyTree + Clone>(&mut self, index: usize, old: &T) -> Result<T, Vec<Node>> {
        self.take(index).map_or_else(|| Ok(old.clone()), |change| settle(change, old))
    }

    /// As [`child`](Self::child), for a field of a struct, which knows the keys of its children. (What the derive
    /// calls.)
    pub(super) fn field<T: PyTree + Clone>(
        &mut self,
        owner: &dyn PyTree,
        index: usize,
        old: &T,
    ) -> Result<T> {
        self.settled(index, old).map_err(|given| misfit::<T>(EDITING, &owner.child_key(index), &given))
    }

    /// The elements of a sequence: inserted nodes become elements, removed ones leave no gap.
    ///
    /// # Errors
    /// An element cannot be a `T`.
    pub fn elements<T: PyTree + Clone>(&mut self, old: &[T]) -> Result<Vec<T>> {
        if self.empties {
            return Ok(Vec::new());
        }
        let more = |change: &Option<Change>| match change {
            None | Some(Change::One(_)) => 0,
            Some(Change::Before(_) | Change::After(_)) => 1,
            Some(Change::Many(nodes)) => nodes.len(),
        };
        let mut elements = Vec::with_capacity(old.len() + self.changes.iter().map(more).sum::<usize>());
        for (index, element) in old.iter().enumerate() {
            let take = |node| fit(node).map_err(|node| misfit::<T>(EDITING, &PathKey::Index(index), &[node]));
            match self.take(index) {
                None => elements.push(element.clone()),
                Some(Change::One(node)) => elements.push(take(node)?),
                Some(Change::Before(node)) => elements.extend([take(node)?, element.clone()]),
                Some(Change::After(node)) => elements.extend([element.clone(), take(node)?]),
                Some(Change::Many(nodes)) => {
                    for node in nodes {
                        elements.push(take(node)?);
                    }
                }
            }
        }
        Ok(elements)
    }
}

/// The value of a field that held `old`; gives the nodes back where the field cannot hold them.
fn settle<T: PyTree>(change: Change, old: &T) -> Result<T, Vec<Node>> {
    match change {
        Change::One(node) => fit(node).map_err(|node| vec![node]),
        change => T::from_nodes(change.beside(|| old.clone_node())),
    }
}

/// Puts a node into a field of type `T`; a node in a wrapper that the field does not know is taken out of it.
pub(super) fn fit<T: PyTree>(node: Node) -> Result<T, Node> {
    T::from_node(node).or_else(|node| match node.rebuild(&mut Edits::new([])) {
        Ok(bare) => T::from_node(bare),
        Err(_) => Err(node),
    })
}

/// What a report of a misfit says was being done.
pub(crate) const EDITING: &str = "editing a tree";

/// The error for a field of type `T` that cannot hold `given`.
pub(crate) fn misfit<T>(operation: &str, key: &PathKey, given: &[Node]) -> Error {
    let wanted = short_type_name(type_name::<T>());
    let (a, bare) = (article(&wanted), bare(&wanted));
    let (bare_article, can_be_empty) = (article(bare), wanted.starts_with("Option<"));
    let names: Vec<_> = given.iter().map(|node| described(&**node)).collect();
    let (problem, help) = match given {
        [] => (
            format!("the field holds exactly one `{wanted}`, which cannot be removed"),
            "put a layer in its place that hands its input on, or declare the field as `Option` or `Vec`".into(),
        ),
        [node] if holds_any_layer(bare) => no_layer(&**node, "the field"),
        [_] if can_be_empty => (
            format!("the field holds {bare_article} `{bare}` or nothing, and was given {}", names[0]),
            format!(
                "give it {bare_article} `{bare}`, or remove what it holds; a field declared as `AnyLayer` holds any \
                 layer"
            ),
        ),
        [_] => (
            format!("the field holds {a} `{wanted}`, and was given {}", names[0]),
            format!("give it {bare_article} `{bare}`; a field declared as `AnyLayer` holds any layer"),
        ),
        _ => (
            match can_be_empty {
                true => format!("the field holds one `{bare}` at most, and was given {}: {}", given.len(), list(given)),
                false => format!("the field holds one `{wanted}`, and was given {}: {}", given.len(), list(given)),
            },
            "a field declared as `AnyLayer` takes several layers (and nothing but layers) as a `Sequential`, a `Vec` \
             takes them side by side"
                .into(),
        ),
    };
    Report::new(operation, problem).path(KeyPath::from_iter([key.clone()])).help(help).tree()
}

/// The problem and the remedy where `whole` holds any layer, and was given what is none.
pub(super) fn no_layer(given: &dyn PyTree, whole: &str) -> (String, String) {
    let problem = format!("{whole} holds a layer, and was given {}, which is none", described(given));
    let help = match given.info().kind {
        Kind::Struct => format!("implement `Layer` for `{}`, or give a layer", given.info().type_name),
        Kind::Nothing => "give a layer; a field declared as `Option` can be empty".to_owned(),
        Kind::Sequence | Kind::Map | Kind::Leaf | Kind::Text => {
            "give a layer, which is a struct or an enum that implements `Layer`".to_owned()
        }
    };
    (problem, help)
}

/// How many types of elements a message lists.
const LISTED: usize = 3;

/// A node with its article, by its type and, of a list or a map, by those of its elements.
pub(super) fn described(node: &dyn PyTree) -> String {
    let name = node.info().type_name;
    let mut elements: Vec<&str> = Vec::new();
    if matches!(node.info().kind, Kind::Sequence | Kind::Map) {
        for child in node.children() {
            let name = child.info().type_name;
            if !elements.contains(&name) {
                elements.push(name);
            }
        }
    }
    let more = if elements.len() > LISTED { ", …" } else { "" };
    elements.truncate(LISTED);
    let elements: Vec<_> = elements.into_iter().map(|name| format!("`{name}`")).collect();
    match elements.as_slice() {
        [] => format!("{} `{name}`", article(name)),
        elements => format!("{} `{name}` of {}{more}", article(name), elements.join(", ")),
    }
}

fn list(nodes: &[Node]) -> String {
    nodes.iter().map(|node| format!("`{}`", node.info().type_name)).collect::<Vec<_>>().join(", ")
}

/// The article of a type's name: a small letter at its beginning is spelt.
pub(super) fn article(name: &str) -> &'static str {
    if name.starts_with(['A', 'E', 'I', 'O']) { "an" } else { "a" }
}

/// The type in the wrappers that have no step in a path.
pub(super) fn bare(field_type: &str) -> &str {
    let inside = ["Option<", "Box<", "Arc<"].iter().find_map(|wrapper| field_type.strip_prefix(wrapper));
    inside.and_then(|inside| inside.strip_suffix('>')).map_or(field_type, bare)
}

/// Whether a type, out of its wrappers, holds any layer.
pub(super) fn holds_any_layer(field_type: &str) -> bool {
    field_type == "AnyLayer" || field_type.starts_with("Slot<")
}
