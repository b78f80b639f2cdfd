//! From a selection to the node at the end of a typed path.

use super::{Picked, Selection};
use crate::error::{Error, Report};
use crate::path::KeyPath;
use crate::tree::trail::Trail;
use crate::tree::typed::{PathTo, TypedKeyPath};
use crate::tree::walk::child_index;
use crate::tree::{Kind, PyTree, Tree, short_type_name};

impl<'r, Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'r, Root, T> {
    /// Selects, in each selected node, the one at the end of a path: as [`at`](Self::at), but the path can be made
    /// without a value, kept, and used on several trees.
    ///
    /// The chain ends in an error where the path leads nowhere, or to a node of another type than it says: an empty
    /// `Option`, or what an edit has put into a slot.
    ///
    /// ```
    /// use pz::{Struct, pytree_dataclass, select};
    ///
    /// #[pytree_dataclass]
    /// struct Pair {
    ///     left: f32,
    ///     right: (f32, Option<f32>),
    /// }
    ///
    /// let pair = Pair { left: 1.0, right: (2.0, None) };
    /// assert_eq!(select(&pair).at_path(Pair::path().right()._0()).get()?, &2.0);
    /// assert!(select(&pair).at_path(Pair::path().right()._1()).get().is_err());
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn at_path<P: TypedKeyPath<Root = T>>(mut self, path: P) -> Selection<'r, Root, P::Node> {
        let typed: PathTo<T, P::Node> = path.typed();
        let path = typed.clone().keypath();
        let mut trail = std::mem::replace(&mut self.trail, Trail::new(self.root.as_tree()));
        let mut picked = Vec::new();
        for step in self.picked.iter().map(|picked| picked.step) {
            let found = follow(&mut trail, step, &path).and_then(|end| {
                let node = trail.steps()[end].node;
                match P::Node::in_node(node) {
                    Some(value) => Ok(Picked { step: end, value }),
                    None => Err(another_type(node, std::any::type_name::<P::Node>(), trail.path(end))),
                }
            });
            match found {
                Ok(found) => picked.push(found),
                Err(error) => {
                    self.error.get_or_insert(error);
                }
            }
        }
        self.then(trail, picked, format!("at_path({typed:?})"), None)
    }
}

/// The step at the end of a path from a step.
fn follow(trail: &mut Trail<'_>, base: usize, path: &KeyPath) -> Result<usize, Error> {
    let mut here = base;
    for key in path.keys() {
        let node = trail.steps()[here].node;
        let next = child_index(node, key).and_then(|index| trail.descend(here, &[index]));
        here = next.ok_or_else(|| {
            let name = node.info().type_name;
            let problem = format!("the path `{path}` leads nowhere: this `{name}` has no child `{key}`");
            Report::new("Selection::at_path", problem).path(trail.path(here)).tree()
        })?;
    }
    Ok(here)
}

fn another_type(node: &dyn PyTree, wanted: &str, path: KeyPath) -> Error {
    let (found, wanted) = (node.info().type_name, short_type_name(wanted));
    let problem = format!("the path is to a `{wanted}`, and a `{found}` is there");
    let instead = match node.info().kind {
        Kind::Struct => format!("`path.holding::<{found}>()` is a path to what is there"),
        _ => "`.at_keypaths([&path.keypath()])` selects whatever is there".to_owned(),
    };
    let help =
        format!("another layer can be in a slot than was declared, and an `Option` can be empty; {instead}");
    Report::new("Selection::at_path", problem).path(path).help(help).tree()
}
