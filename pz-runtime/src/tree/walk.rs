//! Walking over a tree with an explicit stack, so that depth costs memory and never overflows.
//!
//! [`Walker`] is the one traversal; everything that looks at whole trees is built on it. It keeps the parts of all
//! the nodes on the way in one buffer, so entering a node allocates nothing once the buffer has grown.

use super::{Kind, Part, PyTree, Tree};
use crate::path::{KeyPath, PathKey};

/// Whether to look at the children of the node that was just visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// Visit the children next.
    Enter,
    /// Go on beside the node.
    Skip,
}

/// Visits every node of a tree with its path, depth first, parents before their children.
///
/// ```
/// use pz::tree::{Walk, visit};
/// let mut paths = Vec::new();
/// visit(&(1.5_f32, vec![true, false]), |path, node| {
///     paths.push(format!("{path} {}", node.info().type_name));
///     Walk::Enter
/// });
/// assert_eq!(paths, [" tuple", "[0] f32", "[1] Vec", "[1][0] bool", "[1][1] bool"]);
/// ```
pub fn visit<'r>(tree: &'r (impl Tree + ?Sized), mut each: impl FnMut(&KeyPath, &'r dyn PyTree) -> Walk) {
    let mut walker = Walker::new(tree.as_tree());
    let mut path = KeyPath::root();
    while let Some(event) = walker.next() {
        match event {
            Event::Enter(node) => {
                if let Some(key) = walker.last_key() {
                    path.push(key);
                }
                if each(&path, node) == Walk::Skip {
                    walker.skip();
                }
            }
            Event::Leave(_) => {
                path.pop();
            }
        }
    }
}

/// The node at a path, where there is one.
pub fn find<'r>(tree: &'r (impl Tree + ?Sized), path: &KeyPath) -> Option<&'r dyn PyTree> {
    path.keys().into_iter().try_fold(tree.as_tree(), child)
}

/// The child of a node under a key.
pub(super) fn child<'r>(node: &'r dyn PyTree, key: &PathKey) -> Option<&'r dyn PyTree> {
    node.children().get(child_index(node, key)?).copied()
}

/// The number of the child under a key; whether a sequence has it, its children say.
pub(super) fn child_index(node: &dyn PyTree, key: &PathKey) -> Option<usize> {
    match (node.info().kind, key) {
        (Kind::Map, PathKey::Entry(key)) => node.entry_keys().iter().position(|entry| entry == key),
        (Kind::Map, _) => None,
        (Kind::Sequence, PathKey::Index(index)) => Some(*index),
        _ => (0..node.children().len()).find(|index| node.child_key(*index) == *key),
    }
}

/// A depth-first walk in progress.
pub(super) struct Walker<'r> {
    frames: Vec<Frame<'r>>,
    parts: Vec<Part<'r>>,
    state: State,
}

/// A node on the way from the top to where the walk is.
pub(super) struct Frame<'r> {
    pub(super) node: &'r dyn PyTree,
    /// Which child of the frame above this is.
    pub(super) index: usize,
    /// Where this node's trail ends, once it has been recorded.
    pub(super) step: Option<usize>,
    /// Whether a node below has been selected.
    pub(super) hit: bool,
    /// How many children have been entered.
    children: usize,
    /// The keys of a map's entries, once somebody has asked for one.
    entries: Option<Box<[&'r str]>>,
    start: usize,
    cursor: usize,
}

/// What the walk came upon.
pub(super) enum Event<'r> {
    /// A node, before its children.
    Enter(&'r dyn PyTree),
    /// A node, after its children; with the number of them that were entered.
    Leave(usize),
}

/// What the last event asks for before the walk goes on.
enum State {
    /// Nothing has been visited.
    Fresh,
    /// Look at the top node's children.
    Open,
    /// Leave the top node's children out.
    Skip,
    /// Take the top frame off.
    Close,
}

impl<'r> Frame<'r> {
    fn new(node: &'r dyn PyTree, index: usize) -> Self {
        Frame { node, index, step: None, hit: false, children: 0, entries: None, start: 0, cursor: 0 }
    }
}

impl<'r> Walker<'r> {
    pub(super) fn new(top: &'r dyn PyTree) -> Self {
        Walker { frames: vec![Frame::new(top, 0)], parts: Vec::new(), state: State::Fresh }
    }

    /// The next event; `None` after the top node was left.
    pub(super) fn next(&mut self) -> Option<Event<'r>> {
        let state = std::mem::replace(&mut self.state, State::Open);
        let top = self.frames.last_mut()?;
        match state {
            State::Fresh => return Some(Event::Enter(top.node)),
            State::Open => {
                (top.start, top.cursor) = (self.parts.len(), self.parts.len());
                top.node.parts(&mut self.parts);
            }
            State::Skip => (top.start, top.cursor) = (self.parts.len(), self.parts.len()),
            State::Close => {
                self.frames.pop();
            }
        }
        let top = self.frames.last_mut()?;
        while let Some(part) = self.parts.get(top.cursor).copied() {
            top.cursor += 1;
            if let Part::Child(child, _) = part {
                top.children += 1;
                let index = top.children - 1;
                self.frames.push(Frame::new(child, index));
                return Some(Event::Enter(child));
            }
        }
        self.parts.truncate(top.start);
        self.state = State::Close;
        Some(Event::Leave(top.children))
    }

    /// Leaves out the children of the node that was just entered.
    pub(super) fn skip(&mut self) {
        self.state = State::Skip;
    }

    /// The nodes from the top to where the walk is.
    pub(super) fn frames(&mut self) -> &mut [Frame<'r>] {
        &mut self.frames
    }

    /// The key of the step to the frame at `depth`; the top frame has none.
    pub(super) fn key(&mut self, depth: usize) -> Option<PathKey> {
        let index = self.frames.get(depth)?.index;
        let above = &mut self.frames[depth.checked_sub(1)?];
        let node = above.node;
        if node.info().kind != Kind::Map {
            return Some(node.child_key(index));
        }
        let entries = above.entries.get_or_insert_with(|| node.entry_keys().into());
        Some(entries.get(index).map_or(PathKey::Index(index), |entry| PathKey::entry(entry.to_string())))
    }

    /// The path to the node where the walk is.
    pub(super) fn path(&mut self) -> KeyPath {
        (1..self.frames.len()).filter_map(|depth| self.key(depth)).collect()
    }

    /// The key of the step to the node where the walk is.
    pub(super) fn last_key(&mut self) -> Option<PathKey> {
        self.key(self.frames.len().checked_sub(1)?)
    }
}
