//! Where the selected nodes of a tree are: their paths, with common beginnings kept once.
//!
//! A selection of a hundred thousand nodes in a list, or below each other, would be quadratic as a list of key
//! paths. As a trail, each step on the way to a selected node is recorded once, after the step above it; an edit
//! then rebuilds exactly the recorded nodes, in reverse.

use std::any::Any;

use super::walk::Walker;
use super::{Kind, PyTree};
use crate::path::{KeyPath, PathKey};

/// The recorded steps. Step 0 is the root.
pub(super) struct Trail<'r> {
    steps: Vec<Step<'r>>,
}

pub(super) struct Step<'r> {
    pub(super) node: &'r dyn PyTree,
    /// The step above; the root's is itself.
    pub(super) above: usize,
    /// Which child of the node above this is, and its key.
    pub(super) index: usize,
    pub(super) key: Option<PathKey>,
}

/// A step on the way, with its children looked up once.
struct Open<'r> {
    step: usize,
    children: Vec<&'r dyn PyTree>,
    entries: Vec<&'r str>,
}

impl<'r> Open<'r> {
    fn at(step: usize, node: &'r dyn PyTree) -> Self {
        let entries = if node.info().kind == Kind::Map { node.entry_keys() } else { Vec::new() };
        Open { step, children: node.children(), entries }
    }
}

impl<'r> Trail<'r> {
    /// A trail that knows only the root.
    pub(super) fn new(root: &'r dyn PyTree) -> Self {
        Trail { steps: vec![Step { node: root, above: 0, index: 0, key: None }] }
    }

    pub(super) fn steps(&self) -> &[Step<'r>] {
        &self.steps
    }

    /// Records the way from the recorded step `base`, where the walk began, to where the walk is.
    pub(super) fn record(&mut self, base: usize, walker: &mut Walker<'r>) -> usize {
        walker.frames()[0].step = Some(base);
        let depth = walker.frames().len();
        let known = (0..depth).rev().find(|depth| walker.frames()[*depth].step.is_some()).unwrap_or(0);
        let mut above = walker.frames()[known].step.unwrap_or(base);
        for depth in known + 1..depth {
            let key = walker.key(depth);
            let id = self.steps.len();
            let frame = &mut walker.frames()[depth];
            frame.step = Some(id);
            self.steps.push(Step { node: frame.node, above, index: frame.index, key });
            above = id;
        }
        above
    }

    /// Records the way from `base` down along the children with these indices.
    pub(super) fn descend(&mut self, base: usize, indices: &[usize]) -> Option<usize> {
        let mut above = base;
        for &index in indices {
            let here = self.steps[above].node;
            let node = here.children().get(index).copied()?;
            self.steps.push(Step { node, above, index, key: Some(here.child_key(index)) });
            above = self.steps.len() - 1;
        }
        Some(above)
    }

    /// Records the children with these indices, each given as the way down from `base`; the ways are in the tree's
    /// order, and none is the beginning of another. Common beginnings are recorded once.
    pub(super) fn descend_all(&mut self, base: usize, ways: &[Vec<usize>]) -> Vec<usize> {
        let mut open = vec![Open::at(base, self.steps[base].node)];
        let mut done = Vec::with_capacity(ways.len());
        let mut last: &[usize] = &[];
        for way in ways {
            let common = last.iter().zip(way).take_while(|(a, b)| a == b).count();
            open.truncate(common + 1);
            for &index in &way[common..] {
                let Some(above) = open.last() else { break };
                let Some(node) = above.children.get(index).copied() else { break };
                let key = match above.entries.get(index) {
                    Some(entry) => PathKey::entry(entry.to_string()),
                    None => self.steps[above.step].node.child_key(index),
                };
                self.steps.push(Step { node, above: above.step, index, key: Some(key) });
                open.push(Open::at(self.steps.len() - 1, node));
            }
            done.extend(open.last().map(|open| open.step));
            last = way;
        }
        done
    }

    /// Records the steps of a trail that begins at the step `base`; gives where each of them is now. `None` where the
    /// other trail begins at another node.
    pub(super) fn graft(&mut self, base: usize, other: Trail<'r>) -> Option<Vec<usize>> {
        let (here, top) = (self.steps[base].node, other.steps[0].node);
        let same_type = (here as &dyn Any).type_id() == (top as &dyn Any).type_id();
        if !same_type || !std::ptr::addr_eq(here, top) {
            return None;
        }
        let mut places = vec![base];
        for step in other.steps.into_iter().skip(1) {
            let above = places[step.above];
            places.push(self.steps.len());
            self.steps.push(Step { above, ..step });
        }
        Some(places)
    }

    /// The path from the step `top`, which is above, to a step.
    pub(super) fn path_from(&self, top: usize, step: usize) -> KeyPath {
        let mut keys = Vec::new();
        let mut at = step;
        while at != top
            && let Some(key) = &self.steps[at].key
        {
            keys.push(key.clone());
            at = self.steps[at].above;
        }
        keys.into_iter().rev().collect()
    }

    /// The path from the root to a step. (Those of many steps: [`Paths`].)
    pub(super) fn path(&self, step: usize) -> KeyPath {
        self.path_from(0, step)
    }
}

/// The paths to steps of a trail, each one step more than that to the step above it: those to all steps take no longer to
/// make than the trail.
#[derive(Default)]
pub(super) struct Paths {
    known: Vec<Option<KeyPath>>,
}

impl Paths {
    /// The path from the root to a step of the trail, which is the same trail each time.
    pub(super) fn of(&mut self, trail: &Trail<'_>, step: usize) -> KeyPath {
        self.known.resize(trail.steps.len(), None);
        let mut unknown = Vec::new();
        let mut at = step;
        let mut path = loop {
            match (&self.known[at], &trail.steps[at].key) {
                (Some(path), _) => break path.clone(),
                (None, None) => break KeyPath::root(),
                (None, Some(key)) => unknown.push((at, key)),
            }
            at = trail.steps[at].above;
        };
        for (at, key) in unknown.into_iter().rev() {
            path.push(key.clone());
            self.known[at] = Some(path.clone());
        }
        path
    }
}
