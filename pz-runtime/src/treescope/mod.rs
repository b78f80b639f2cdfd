//! The renderer: value, parts, layout, text.
//!
//! A tree is first flattened into `part`s, in the order in which they are read, and every later step is a loop over
//! that list: `layout` decides which nodes are unfolded, `text` writes the lines. Nothing here recurses, so a
//! tree may be as deep as memory allows; and nothing is evaluated, so looking at a model costs no arithmetic.
//!
//! Only this module knows how things are drawn. The rest of the crate describes itself as data: the table of a node's
//! type, the summary of a leaf.

mod build;
mod color;
mod count;
mod debug;
mod docs;
mod layout;
mod leaf;
mod names;
mod part;
mod selection;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use debug::debug;

use crate::tree::Tree;

/// How a tree is laid out as text.
///
/// ```
/// use pz::treescope::{Options, render_text_with};
/// let tree = vec![1.5f32, 2.5];
/// assert_eq!(render_text_with(&tree, &Options::default()), "[1.5, 2.5]");
/// assert_eq!(render_text_with(&tree, &Options { target_width: 5, ..Options::default() }), "[\n  1.5,\n  2.5,\n]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// A node whose one-line text is wider is written on several lines. Its indentation is not counted.
    pub target_width: usize,
    /// The fields of a node this deep are not written, only their number, where the node does not fit on one line.
    /// (The indentation of a tree that is 100,000 deep would fill a disk.)
    pub max_depth: usize,
    /// Types are drawn in the colour that they give themselves with `#[pytree(color = ..)]`: the escape sequences of
    /// terminals (24-bit, ANSI) stand around a node's name and brackets, and around leaves. Off, so that a text is the same wherever it is
    /// written. Of CSS, these are drawn: `#` and digits, names, `rgb(..)`, `hsl(..)` and `oklch(..)`; alpha is left out.
    ///
    /// ```
    /// use pz::treescope::{Options, render_text_with};
    ///
    /// #[pz::pytree_dataclass]
    /// #[pytree(color = "#93cce1")]
    /// struct Gain(f32);
    ///
    /// let text = render_text_with(&Gain(2.0), &Options { color: true, ..Options::default() });
    /// assert_eq!(text, "\x1b[38;2;147;204;225mGain(\x1b[39m2.0\x1b[38;2;147;204;225m)\x1b[39m");
    /// ```
    pub color: bool,
    /// The first paragraph of each type's and each field's doc comment is written above its line, once for each type:
    /// at the first node that is of it, which is unfolded.
    ///
    /// ```
    /// use pz::treescope::{Options, render_text_with};
    ///
    /// /// Multiplies.
    /// #[pz::pytree_dataclass]
    /// struct Gain {
    ///     /// What the input is multiplied by.
    ///     by: f32,
    /// }
    ///
    /// let options = Options { docs: true, ..Options::default() };
    /// let text = render_text_with(&vec![Gain { by: 2.0 }, Gain { by: 3.0 }], &options);
    /// let lines = [
    ///     "[",
    ///     "  # Gain: Multiplies.",
    ///     "  Gain(",
    ///     "    # What the input is multiplied by.",
    ///     "    by=2.0,",
    ///     "  ),",
    ///     "  Gain(by=3.0),",
    ///     "]",
    /// ];
    /// assert_eq!(text, lines.join("\n"));
    /// ```
    pub docs: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { target_width: 60, max_depth: 64, color: false, docs: false }
    }
}

/// A tree as text, with types, fields, axes, and the number of parameters of each part.
///
/// Nodes that fit are written on one line, others on one line for each field. Arrays are shown as their dtype and
/// axes; values that are pending stay pending. A parameter that is used in several places is counted at the first
/// one, and each place says so. A trailing `#` remark gives the parameters of a node, unless its parent has just said
/// the same number.
pub fn render_text(tree: &(impl Tree + ?Sized)) -> String {
    render_text_with(tree, &Options::default())
}

/// [`render_text`], with another layout.
pub fn render_text_with(tree: &(impl Tree + ?Sized), options: &Options) -> String {
    let mut parts = build::parts_of(tree.as_tree());
    if options.color {
        color::ink(&mut parts);
    }
    if options.docs {
        docs::tell(&mut parts, options.max_depth);
    }
    let layout = layout::Layout::of(&parts, options);
    text::write(&parts, &layout, options)
}

/// A tree as one line, without remarks: what `{:?}` prints of a derived type.
///
/// ```
/// let tree = (1.5_f32, vec![Some(true), None]);
/// assert_eq!(pz::treescope::render_line(&tree), "(1.5, [true, None])");
/// ```
pub fn render_line(tree: &(impl Tree + ?Sized)) -> String {
    text::line_of(&build::parts_of(tree.as_tree()), 0)
}
