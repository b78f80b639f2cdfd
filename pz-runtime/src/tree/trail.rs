//! Where the selected nodes of a tree are: their paths, with common beginnings kept once.
//!
//! A selection of a hundred thousand nodes in a list, or below each other, would be quadratic as a list of key
//! paths. As a trail, each step on the way to a selected node is recorded once, after the step above it; an edit
//! then rebuilds exactly the recorded nodes, in reverse.

use super::PyTree;
use super::walk::Walker;
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

    /// The path from the root to a step.
    pub(super) fn path(&self, step: usize) -> KeyPath {
        let mut keys = Vec::new();
        let mut step = &self.steps[step];
        while let Some(key) = &step.key {
            keys.push(key.clone());
            step = &self.steps[step.above];
        }
        keys.into_iter().rev().collect()
    }
}
