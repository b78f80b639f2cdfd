//! From a selection to another one: nodes inside the selected ones, or fewer of them.

use std::any::type_name;

use super::look::nodes_at;
use super::{Picked, Selection};
use crate::path::KeyPath;
use crate::tree::trail::{Paths, Trail};
use crate::tree::walk::{Event, Walker};
use crate::tree::{Instance, PyTree, Tree, short_type_name};

/// Which matches count where one is inside another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Nested {
    Outermost,
    Innermost,
}

impl<'r, Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// Selects the nodes of type `U` in the selected nodes (themselves included), the outermost where one is in
    /// another. For a tuple of types these are the nodes of one of them; for a [family](crate::tree::Family), the
    /// nodes of all its types.
    pub fn at_instances_of<U: Instance>(self) -> Selection<'r, Root, U::Seen> {
        self.instances::<U>(Nested::Outermost, "at_instances_of")
    }

    /// As [`at_instances_of`](Self::at_instances_of), but the innermost where one is in another.
    pub fn at_innermost_instances_of<U: Instance>(self) -> Selection<'r, Root, U::Seen> {
        self.instances::<U>(Nested::Innermost, "at_innermost_instances_of")
    }

    fn instances<U: Instance>(self, nested: Nested, call: &str) -> Selection<'r, Root, U::Seen> {
        let call = format!("{call}::<{}>", short_type_name(type_name::<U>()));
        let matches = |_: &KeyPath, node: &dyn PyTree| U::seen(node).is_some();
        self.narrow(call, Some(type_name::<U>()), nested, false, matches, U::seen)
    }

    /// Selects the nodes in the selected nodes (themselves included) for which `matches` says so, the outermost
    /// where one is in another. The paths that it is given begin at the selected node.
    pub fn at_subtrees_where(
        self,
        matches: impl FnMut(&KeyPath, &dyn PyTree) -> bool,
    ) -> Selection<'r, Root, dyn PyTree> {
        self.narrow("at_subtrees_where".into(), None, Nested::Outermost, true, matches, Some)
    }

    /// As [`at_subtrees_where`](Self::at_subtrees_where), with paths from the root.
    pub fn at_subtrees_where_absolute(
        self,
        matches: impl FnMut(&KeyPath, &dyn PyTree) -> bool,
    ) -> Selection<'r, Root, dyn PyTree> {
        self.absolute("at_subtrees_where_absolute", Nested::Outermost, matches)
    }

    /// As [`at_subtrees_where`](Self::at_subtrees_where), but the innermost where one is in another.
    pub fn at_innermost_subtrees_where(
        self,
        matches: impl FnMut(&KeyPath, &dyn PyTree) -> bool,
    ) -> Selection<'r, Root, dyn PyTree> {
        self.narrow("at_innermost_subtrees_where".into(), None, Nested::Innermost, true, matches, Some)
    }

    /// As [`at_innermost_subtrees_where`](Self::at_innermost_subtrees_where), with paths from the root.
    pub fn at_innermost_subtrees_where_absolute(
        self,
        matches: impl FnMut(&KeyPath, &dyn PyTree) -> bool,
    ) -> Selection<'r, Root, dyn PyTree> {
        self.absolute("at_innermost_subtrees_where_absolute", Nested::Innermost, matches)
    }

    fn absolute(
        mut self,
        call: &str,
        nested: Nested,
        mut matches: impl FnMut(&KeyPath, &dyn PyTree) -> bool,
    ) -> Selection<'r, Root, dyn PyTree> {
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_tree()));
        let (mut found, mut paths) = (Vec::new(), Paths::default());
        for step in self.picked.iter().map(|picked| picked.step) {
            let above = paths.of(&trail, step);
            found.extend(sweep(&mut trail, step, nested, Some(above), &mut matches));
        }
        let picked = nodes_at(&trail, found);
        self.then(trail, picked, call.into(), None)
    }

    pub(super) fn narrow<U: ?Sized>(
        mut self,
        call: String,
        sought: Option<&'static str>,
        nested: Nested,
        paths: bool,
        mut matches: impl FnMut(&KeyPath, &dyn PyTree) -> bool,
        cast: impl Fn(&'r dyn PyTree) -> Option<&'r U>,
    ) -> Selection<'r, Root, U> {
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_tree()));
        let mut picked = Vec::new();
        for step in self.picked.iter().map(|picked| picked.step) {
            let found = sweep(&mut trail, step, nested, paths.then(KeyPath::root), &mut matches);
            picked.extend(found.into_iter().filter_map(|step| {
                let value = cast(trail.steps()[step].node)?;
                Some(Picked { step, value })
            }));
        }
        self.then(trail, picked, call, sought)
    }

    /// Keeps the selected nodes for which `keep` says so.
    pub fn where_(mut self, mut keep: impl FnMut(&T) -> bool) -> Self {
        let mut picked = std::mem::take(&mut self.picked);
        picked.retain(|picked| keep(picked.value));
        self.fewer(picked, "where_".into())
    }

    /// Keeps the selected nodes for whose path, from the root, and value `keep` says so.
    pub fn where_with_keypath(mut self, mut keep: impl FnMut(&KeyPath, &T) -> bool) -> Self {
        let mut picked = std::mem::take(&mut self.picked);
        let mut paths = Paths::default();
        picked.retain(|picked| keep(&paths.of(&self.trail, picked.step), picked.value));
        self.fewer(picked, "where_with_keypath".into())
    }

    pub(super) fn fewer(mut self, picked: Vec<Picked<'r, T>>, call: String) -> Self {
        let trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_tree()));
        self.then(trail, picked, call, None)
    }
}

/// The steps to the matches in the node at the step `base`, in the tree's order. The paths that `matches` is given begin
/// with `above`; where that is `None`, nobody looks at them.
fn sweep(
    trail: &mut Trail<'_>,
    base: usize,
    nested: Nested,
    above: Option<KeyPath>,
    matches: &mut dyn FnMut(&KeyPath, &dyn PyTree) -> bool,
) -> Vec<usize> {
    let mut found = Vec::new();
    let mut walker = Walker::new(trail.steps()[base].node);
    let (paths, mut path) = (above.is_some(), above.unwrap_or_default());
    // For the innermost matches: whether each node on the way matches.
    let mut matched = Vec::new();
    while let Some(event) = walker.next() {
        match event {
            Event::Enter(node) => {
                if paths && let Some(key) = walker.last_key() {
                    path.push(key);
                }
                let hit = matches(&path, node);
                if nested == Nested::Innermost {
                    matched.push(hit);
                } else if hit {
                    found.push(trail.record(base, &mut walker));
                    walker.skip();
                }
            }
            Event::Leave(_) => {
                let inside = walker.frames().last().is_some_and(|frame| frame.hit);
                let hit = matched.pop().unwrap_or(false);
                if hit && !inside {
                    found.push(trail.record(base, &mut walker));
                }
                if (hit || inside)
                    && let [.., above, _] = walker.frames()
                {
                    above.hit = true;
                }
                if paths {
                    path.pop();
                }
            }
        }
    }
    found
}
