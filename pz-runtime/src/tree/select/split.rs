//! A selection as two parts of the tree: what is selected, and the rest.

use std::collections::HashSet;

use super::Selection;
use super::refine::ways_to;
use crate::error::Result;
use crate::tree::partition::{Partition, Shared};
use crate::tree::pattern::Patterns;
use crate::tree::trail::Trail;
use crate::tree::walk::{Event, Walker};
use crate::tree::{PyTree, Tree};

impl<Root: PyTree, T: Tree + ?Sized> Selection<'_, Root, T> {
    /// The selected nodes as one part of the tree, and the rest as the other; in each,
    /// [`NotInThisPartition`](crate::tree::NotInThisPartition) stands for what is in the other.
    /// [`combine`](crate::combine) puts them together.
    ///
    /// # Errors
    /// The chain has failed.
    pub fn partition(self) -> Result<(Partition<Root>, Partition<Root>)> {
        self.split(false)
    }

    /// As [`partition`](Self::partition), leaf by leaf: both parts have all the nodes of the tree but its leaves, and a
    /// node without children is in both.
    ///
    /// # Errors
    /// The chain has failed.
    pub fn partition_at_leaves(self) -> Result<(Partition<Root>, Partition<Root>)> {
        self.split(true)
    }

    fn split(self, at_leaves: bool) -> Result<(Partition<Root>, Partition<Root>)> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let selected = self.picked.iter().map(|picked| picked.step).collect();
        let (chosen, rest) = split(&self.trail, &selected, at_leaves);
        Ok((Partition::of(chosen), Partition::of(rest)))
    }
}

impl<Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'_, Root, T> {
    /// The tree itself: the end of a selection that was only looked at.
    ///
    /// # Errors
    /// The chain has failed.
    pub fn deselect(self) -> Result<Root::Owned> {
        self.edit_nothing("Selection::deselect")
    }
}

/// What the walk knows of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Selected,
    OnTheWay,
    Beside,
}

fn split(trail: &Trail<'_>, selected: &HashSet<usize>, at_leaves: bool) -> (Shared, Shared) {
    let ways = ways_to(trail, selected);
    let top = trail.steps()[0].node;
    let mut walker = Walker::new(top);
    let mut places: Vec<Place> = Vec::new();
    let mut done: Vec<(Shared, Shared)> = Vec::new();
    let mut patterns = Patterns::default();
    let whole = |node: &dyn PyTree| Shared::of(node.clone_node());
    while let Some(event) = walker.next() {
        match event {
            Event::Enter(_) => {
                let step = match walker.frames() {
                    [.., above, here] => {
                        let step = above.step.and_then(|step| ways.get(&step)?.get(&here.index).copied());
                        here.step = step;
                        step
                    }
                    [root] => {
                        root.step = Some(0);
                        root.step
                    }
                    [] => None,
                };
                let place = match (places.last(), step) {
                    (Some(Place::Selected), _) => Place::Selected,
                    (_, Some(step)) if selected.contains(&step) => Place::Selected,
                    (_, Some(step)) if ways.contains_key(&step) => Place::OnTheWay,
                    _ => Place::Beside,
                };
                places.push(place);
                if !at_leaves && place != Place::OnTheWay {
                    walker.skip();
                }
            }
            Event::Leave(children) => {
                let node = walker.frames().last().map_or(top, |frame| frame.node);
                let place = places.pop().unwrap_or(Place::Beside);
                let below = done.split_off(done.len() - children);
                let is_whole = if at_leaves { node.is_leaf() } else { place != Place::OnTheWay };
                done.push(match (is_whole, place) {
                    (true, Place::Selected) => (whole(node), Shared::missing()),
                    (true, _) => (Shared::missing(), whole(node)),
                    (false, _) => {
                        let (chosen, rest) = below.into_iter().unzip();
                        let like = Shared::like(node, &mut patterns);
                        (Shared::partial(like.clone(), chosen), Shared::partial(like, rest))
                    }
                });
            }
        }
    }
    done.pop().unwrap_or_else(|| (Shared::missing(), whole(top)))
}
