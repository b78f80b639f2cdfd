//! A tree in two parts, and together again.
//!
//! A typed struct has no place for "not here", so a part is a tree of its own kind: on the way to what is missing it
//! keeps the old node as a pattern (its type, keys and static fields) with new children; what is whole stays the typed
//! node that it was. [`combine`] rebuilds the typed tree.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::edits::{EDITING, Edits};
use super::kept::{self, bury};
use super::pattern::Patterns;
use super::replace::located;
use super::walk::{Event, Walker};
use super::{Kind, Node, NodeInfo, Part, PyTree, Tree};
use crate::error::{Error, Report, Result};
use crate::path::{KeyPath, PathKey};

/// What stands in a part of a tree for a subtree that is in another part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotInThisPartition;

impl PyTree for NotInThisPartition {
    fn info(&self) -> &'static NodeInfo {
        static INFO: NodeInfo = NodeInfo {
            type_name: "NotInThisPartition",
            kind: Kind::Struct,
            fields: &[],
            color: Some("orange"),
            docs: "A subtree that is in another part.",
        };
        &INFO
    }
    super::leaf_methods!();
}

crate::node_types!(NotInThisPartition);

/// A part of a tree of type `Root`: the tree, with [`NotInThisPartition`] in the place of what is not in it.
///
/// It is a tree itself: its leaves can be selected, mapped and shown. (On the way to what is missing, nodes are no
/// longer of their types; whole subtrees are.)
pub struct Partition<Root> {
    top: Shared,
    of: PhantomData<fn() -> Root>,
}

/// A node of any type, dropped without recursion.
#[derive(Clone)]
pub(super) struct Shared(Option<Arc<dyn PyTree>>);

/// A node of which something is missing: an old node as the pattern, and new children.
#[derive(Clone)]
struct Partial {
    like: Shared,
    children: Vec<Shared>,
}

impl Shared {
    /// Nothing.
    pub(super) fn missing() -> Self {
        Shared(None)
    }
    /// A node like `like` with these children.
    pub(super) fn partial(like: Shared, children: Vec<Shared>) -> Self {
        Shared::of(Box::new(Partial { like, children }))
    }
    /// What a [`partial`](Self::partial) node can be like, instead of `node`.
    pub(super) fn like(node: &dyn PyTree, patterns: &mut Patterns) -> Self {
        match node.downcast_ref::<Partial>() {
            Some(partial) => partial.like.clone(),
            None => Shared::of(patterns.of(node)),
        }
    }
    pub(super) fn of(node: Node) -> Self {
        match super::unerase::<Shared>(node) {
            Ok(shared) => shared,
            Err(node) => Shared(Some(Arc::from(node))),
        }
    }
    fn node(&self) -> &dyn PyTree {
        self.0.as_deref().map_or(&NotInThisPartition, |node| node.as_tree())
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(node) = self.0.take() {
            bury(kept::Shared::Plain(node));
        }
    }
}

/// The part of an implementation that passes on to the node inside.
macro_rules! as_inside {
    ($self:ident, $inside:expr) => {
        fn info(&$self) -> &'static NodeInfo {
            $inside.info()
        }
        fn parts<'a>(&'a $self, out: &mut Vec<Part<'a>>) {
            $inside.parts(out);
        }
        fn rebuild(&$self, edits: &mut Edits) -> Result<Node> {
            $inside.rebuild(edits)
        }
        fn clone_node(&$self) -> Node {
            Box::new($self.clone())
        }
        fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
            Err(self)
        }
        fn child_key(&$self, index: usize) -> PathKey {
            $inside.child_key(index)
        }
        fn entry_keys(&$self) -> Vec<&str> {
            $inside.entry_keys()
        }
        fn as_node(&$self) -> &dyn PyTree {
            $inside
        }
    };
}

impl PyTree for Shared {
    as_inside!(self, self.node());
    fn from_node(node: Node) -> Result<Self, Node> {
        Ok(Shared::of(node))
    }
}

impl<Root: 'static> PyTree for Partition<Root> {
    as_inside!(self, self.top.node());
    fn from_node(node: Node) -> Result<Self, Node> {
        super::unerase::<Self>(node).or_else(|node| Ok(Partition::of(Shared::of(node))))
    }
}

impl PyTree for Partial {
    fn info(&self) -> &'static NodeInfo {
        self.like.node().info()
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        let first = out.len();
        self.like.node().parts(out);
        let places = out[first..].iter_mut().filter(|part| matches!(part, Part::Child(..)));
        for (place, child) in places.zip(&self.children) {
            *place = child.as_part();
        }
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        // All keys at once: one by one, those of a map are as many lists of all its entries.
        let keys = super::map::keys(self.like.node());
        let children = self.children.iter().zip(&keys).enumerate();
        let children = children.map(|(index, (child, key))| {
            edits.settled(index, child).map_err(|given| other_children(key, &given))
        });
        Ok(Box::new(Partial { like: self.like.clone(), children: children.collect::<Result<_>>()? }))
    }
    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }
    fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(self)
    }
    fn child_key(&self, index: usize) -> PathKey {
        self.like.node().child_key(index)
    }
    fn entry_keys(&self) -> Vec<&str> {
        self.like.node().entry_keys()
    }
}

/// The error for an edit that gives a node of a part more children, or fewer.
fn other_children(key: &PathKey, given: &[Node]) -> Error {
    let keeps = "a node of which a part is missing keeps the number of its children";
    let problem = match given {
        [] => format!("{keeps}, and the edit removes one"),
        _ => format!("{keeps}, and the edit puts {} nodes in the place of one", given.len()),
    };
    Report::new(EDITING, problem)
        .path(KeyPath::from_iter([key.clone()]))
        .help("edit the whole tree: before `.partition()`, or what `combine` gives")
        .tree()
}

impl<Root> Clone for Partition<Root> {
    fn clone(&self) -> Self {
        Partition::of(self.top.clone())
    }
}

impl<Root> fmt::Debug for Partition<Root> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Partition({})", self.top.node().info().type_name)
    }
}

impl<Root> Partition<Root> {
    pub(super) fn of(top: Shared) -> Self {
        Partition { top, of: PhantomData }
    }

    /// A part without anything in it.
    pub fn empty() -> Self {
        Partition::of(Shared(None))
    }
}

impl<Root: PyTree> Partition<Root> {
    /// The two parts put together; what is in neither stays missing.
    ///
    /// # Errors
    /// Nodes of different structure at one place; a leaf that is in both.
    pub fn merge(&self, other: &Partition<Root>) -> Result<Partition<Root>> {
        let top = merge(self.top.node(), other.top.node())?;
        Ok(Partition::of(top))
    }

    /// The typed tree.
    ///
    /// # Errors
    /// Something is missing: its paths.
    pub fn complete(&self) -> Result<Root> {
        let missing = super::select(self).at_instances_of::<NotInThisPartition>();
        let count = missing.count();
        // Only one path is told: all of them would be quadratic in a deep tree.
        if let Some(first) = missing.pick_nth_selected(0).get_keypaths()?.first() {
            let problem = match count {
                1 => "a subtree is in none of the parts".to_owned(),
                count => format!("{count} subtrees are in none of the parts; the first is this"),
            };
            return Err(Report::new("combine", problem).path(first.clone()).tree());
        }
        let mut walker = Walker::new(self.top.node());
        let mut done: Vec<Node> = Vec::new();
        while let Some(event) = walker.next() {
            match event {
                Event::Enter(node) => {
                    if node.downcast_ref::<Partial>().is_none() {
                        walker.skip();
                    }
                }
                Event::Leave(children) => {
                    let node = walker.frames().last().map_or(self.top.node(), |frame| frame.node);
                    let whole = match node.downcast_ref::<Partial>() {
                        None => node.clone_node(),
                        Some(partial) => {
                            let children = done.split_off(done.len() - children);
                            let whole = partial
                                .like
                                .node()
                                .rebuild(&mut Edits::new(children.into_iter().enumerate()));
                            whole.map_err(|error| located(error, &walker.path()))?
                        }
                    };
                    done.push(whole);
                }
            }
        }
        let top = done.pop().unwrap_or_else(|| Box::new(NotInThisPartition));
        Root::from_node(top).map_err(|node| {
            let problem =
                format!("the parts make a `{}`, which the tree's type cannot hold", node.info().type_name);
            Report::new("combine", problem).tree()
        })
    }
}

/// The tree whose parts these are.
///
/// ```
/// use pz::{combine, select};
/// let tree = (1.0_f32, vec![2.0_f32, 3.0]);
/// let (some, rest) = select(&tree).at(|tree| &tree.1[0]).partition()?;
/// assert_eq!(combine([&some, &rest])?, tree);
/// # Ok::<(), pz::Error>(())
/// ```
///
/// # Errors
/// Something that is in two parts or in none; parts of different structure.
pub fn combine<'p, Root: PyTree>(parts: impl IntoIterator<Item = &'p Partition<Root>>) -> Result<Root> {
    parts.into_iter().try_fold(Partition::empty(), |sum, part| sum.merge(part))?.complete()
}

/// Two nodes to be put together, or what is made of the children of two.
enum Task<'a> {
    Merge(&'a dyn PyTree, &'a dyn PyTree, Option<PathKey>),
    Build(&'a dyn PyTree, usize),
}

fn merge(left: &dyn PyTree, right: &dyn PyTree) -> Result<Shared> {
    let mut tasks = vec![Task::Merge(left, right, None)];
    let mut done: Vec<Shared> = Vec::new();
    let mut patterns = Patterns::default();
    let mut path = KeyPath::root();
    let missing = |node: &dyn PyTree| node.downcast_ref::<NotInThisPartition>().is_some();
    while let Some(task) = tasks.pop() {
        match task {
            Task::Merge(left, right, key) => {
                let has_key = key.is_some();
                path.extend(key);
                if missing(left) || missing(right) {
                    done.push(Shared::of(if missing(left) { right } else { left }.clone_node()));
                    if has_key {
                        path.pop();
                    }
                    continue;
                }
                check_alike(left, right, &path)?;
                let pairs: Vec<_> = left.children().into_iter().zip(right.children()).collect();
                tasks.push(Task::Build(left, pairs.len()));
                let keys = super::map::keys(left);
                tasks.extend(
                    keys.into_iter()
                        .zip(pairs)
                        .map(|(key, (left, right))| Task::Merge(left, right, Some(key)))
                        .rev(),
                );
            }
            Task::Build(like, count) => {
                let children = done.split_off(done.len() - count);
                done.push(Shared::partial(Shared::like(like, &mut patterns), children));
                path.pop();
            }
        }
    }
    Ok(done.pop().unwrap_or(Shared(None)))
}

/// Two nodes that can be put together: of one type, with the same keys and static fields, and no leaves.
fn check_alike(left: &dyn PyTree, right: &dyn PyTree, path: &KeyPath) -> Result<()> {
    let (left_name, right_name) = (left.info().type_name, right.info().type_name);
    let problem = if left.is_leaf() && right.is_leaf() && left_name == right_name {
        format!("a leaf of type `{left_name}` is in two parts")
    } else if left_name != right_name
        || left.entry_keys() != right.entry_keys()
        || !same_level(pattern(left), pattern(right))
    {
        format!("a `{left_name}` and a `{right_name}` of another structure are at one place")
    } else {
        return Ok(());
    };
    Err(Report::new("combine", problem)
        .path(path.clone())
        .help("parts of one tree come from one call of `.partition()`")
        .tree())
}

/// The node of the whole tree that a node of a part is like.
fn pattern(node: &dyn PyTree) -> &dyn PyTree {
    node.downcast_ref::<Partial>().map_or(node, |partial| partial.like.node())
}

/// Whether two nodes are alike, their children left out.
fn same_level(left: &dyn PyTree, right: &dyn PyTree) -> bool {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    left.parts(&mut a);
    right.parts(&mut b);
    let alike = |(a, b): (&Part<'_>, &Part<'_>)| match (a, b) {
        (Part::Static(a), Part::Static(b)) => a.same(*b),
        (Part::Child(..), Part::Child(..)) => true,
        _ => false,
    };
    (left as &dyn Any).type_id() == (right as &dyn Any).type_id()
        && left.info().type_name == right.info().type_name
        && a.len() == b.len()
        && a.iter().zip(&b).all(alike)
}
