//! A selection as text: the whole tree, unfolded as far as to what is selected.

use super::part::{Part, Selected};
use super::{Options, build, layout, text};
use crate::error::Result;
use crate::path::{KeyPath, PathSet};
use crate::tree::{Selection, Tree};

impl<Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'_, Root, T> {
    /// The tree as text, in which the line of each selected node says so.
    ///
    /// ```
    /// let tree = vec![(1.5_f32, true), (2.5, false)];
    /// assert_eq!(
    ///     pz::select(&tree).at_instances_of::<bool>().show_selection()?,
    ///     "\
    /// select(
    ///   [
    ///     (
    ///       1.5,
    ///       true,  # selected
    ///     ),
    ///     (
    ///       2.5,
    ///       false,  # selected
    ///     ),
    ///   ]
    /// ).at_keypaths(<2 subtrees, marked above>)"
    /// );
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// What was asked for before cannot be selected.
    pub fn show_selection(self) -> Result<String> {
        let (tree, count, hidden) = shown(self, Selected::Told)?;
        let subtrees = if count == 1 { "subtree" } else { "subtrees" };
        let marked = match hidden {
            0 => "marked above".to_owned(),
            _ => format!("{} marked above, the others deeper than is shown", count - hidden),
        };
        let lines: Vec<String> = tree.lines().map(|line| format!("  {line}")).collect();
        Ok(format!("select(\n{}\n).at_keypaths(<{count} {subtrees}, {marked}>)", lines.join("\n")))
    }

    /// The tree as text, unfolded as far as to the selected nodes.
    ///
    /// ```
    /// let tree = vec![(1.5_f32, true), (2.5, false)];
    /// let text = pz::select(&tree).pick_nth_selected(0).at_children().show_value()?;
    /// assert_eq!(text, "[\n  (1.5, true),\n  (2.5, false),\n]");
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// As of [`show_selection`](Self::show_selection).
    pub fn show_value(self) -> Result<String> {
        Ok(shown(self, Selected::Shown)?.0)
    }
}

/// The tree of a selection as text, how many nodes are selected, and how many of these are too deep to be seen.
fn shown<Root: Tree + ?Sized, T: Tree + ?Sized>(
    selection: Selection<'_, Root, T>,
    how: Selected,
) -> Result<(String, usize, usize)> {
    let root = selection.root();
    let paths = selection.get_keypaths()?;
    let options = Options::default();
    let mut parts = build::parts_of(root.as_tree());
    mark(&mut parts, &paths, how);
    let is_hidden = |part: &&Part| part.selected == how && part.depth > options.max_depth;
    let hidden = parts.iter().filter(is_hidden).count();
    let layout = layout::Layout::of(&parts, &options);
    Ok((text::write(&parts, &layout, &options), paths.len(), hidden))
}

/// Marks the parts at some paths. All paths are followed at once.
fn mark(parts: &mut [Part], paths: &[KeyPath], how: Selected) {
    let wanted = PathSet::of(paths);
    let mut places: Vec<Option<usize>> = Vec::with_capacity(parts.len());
    for part in parts {
        let place = match (part.parent, &part.key) {
            (None, _) => Some(PathSet::ROOT),
            (Some(parent), Some(key)) => places[parent].and_then(|parent| wanted.next(parent, key)),
            (Some(_), None) => None,
        };
        if place.is_some_and(|place| wanted.end(place).is_some()) {
            part.selected = how;
        }
        places.push(place);
    }
}
