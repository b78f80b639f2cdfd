//! How two trees differ: in structure, in static fields, in the values of leaves.
//!
//! One walk over both trees at once gives every difference with its path, in reading order; below nodes that differ in
//! structure it does not go on. What the difference of two leaves is, the leaf says
//! ([`PyTree::leaf_difference`]): arrays in numbers, others in words.

use std::any::Any;
use std::fmt;

use super::{Kind, Part, PyTree, Static, Tree};
use crate::error::Result;
use crate::path::{KeyPath, PathKey};

/// All places where two trees differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Each difference: where, and what it is.
    pub differences: Vec<Difference>,
}

/// How many steps the paths in a message may have together: in a deep tree with something to tell at every node, all of
/// them would fill the memory.
pub(crate) const TOLD_STEPS: usize = 1 << 20;

/// One place where two trees differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The node, as both trees have it.
    pub path: KeyPath,
    /// What is different there.
    pub what: What,
    /// The two sides in words.
    pub text: String,
}

/// What can be different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The type of a node, its keys, or the number of its children.
    Structure,
    /// A static field.
    Static,
    /// The value of a leaf.
    Leaf,
}

impl Diff {
    /// Whether there is no difference.
    pub fn is_empty(&self) -> bool {
        self.differences.is_empty()
    }

    /// A line for each of the differences that `pick` picks, and one more where there is too much to tell: in a deep tree
    /// with a difference at every node, the paths of all would fill the memory.
    pub(super) fn told(&self, pick: impl Fn(&Difference) -> bool) -> Vec<String> {
        let mut picked = self.differences.iter().filter(|difference| pick(difference)).peekable();
        let (mut lines, mut steps) = (Vec::new(), 0);
        while let Some(difference) = picked.next_if(|_| steps < TOLD_STEPS) {
            steps += difference.path.len();
            lines.push(format!("root{}: {}", difference.path, difference.text));
        }
        match picked.count() {
            0 => {}
            left => lines.push(format!("{left} more differences are deeper in the trees than can be told")),
        }
        lines
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("the trees are the same");
        }
        f.write_str(&self.told(|_| true).join("\n"))
    }
}

/// Every difference of two trees, in reading order.
///
/// ```
/// let before = (1.0_f32, vec![true, false]);
/// let after = (1.5_f32, vec![true, true]);
/// let diff = pz::tree::diff(&before, &after)?;
/// assert_eq!(diff.to_string(), "root[0]: 1.0 against 1.5\nroot[1][1]: false against true");
/// assert!(pz::tree::equal(&before, &before)?);
/// # Ok::<(), pz::Error>(())
/// ```
///
/// # Errors
/// A leaf whose value cannot be computed.
pub fn diff(left: &(impl Tree + ?Sized), right: &(impl Tree + ?Sized)) -> Result<Diff> {
    let mut diff = Diff::default();
    compare(left.as_tree(), right.as_tree(), &mut |path, what, text| {
        diff.differences.push(Difference { path: path.clone(), what, text });
        true
    })?;
    Ok(diff)
}

/// Whether two trees have the same structure and the same leaves: numbers by their bits, variables by label and value.
///
/// # Errors
/// As [`diff`].
pub fn equal(left: &(impl Tree + ?Sized), right: &(impl Tree + ?Sized)) -> Result<bool> {
    let mut same = true;
    compare(left.as_tree(), right.as_tree(), &mut |_, _, _| {
        same = false;
        false
    })?;
    Ok(same)
}

/// What is told of each difference: its path, its kind, its text. Gives whether to go on.
type Tell<'a> = dyn FnMut(&KeyPath, What, String) -> bool + 'a;

/// Two nodes to compare, and the path to them.
struct Pair<'a> {
    left: &'a dyn PyTree,
    right: &'a dyn PyTree,
    path: KeyPath,
}

fn compare(left: &dyn PyTree, right: &dyn PyTree, tell: &mut Tell<'_>) -> Result<()> {
    let mut stack = vec![Pair { left, right, path: KeyPath::root() }];
    let (mut left_parts, mut right_parts) = (Vec::new(), Vec::new());
    while let Some(Pair { left, right, path }) = stack.pop() {
        if let Some(text) = structure(left, right) {
            if !tell(&path, What::Structure, text) {
                return Ok(());
            }
            continue;
        }
        if left.is_leaf() {
            if let Some(text) = left.leaf_difference(right)?
                && !tell(&path, What::Leaf, text)
            {
                return Ok(());
            }
            continue;
        }
        left.parts(&mut left_parts);
        right.parts(&mut right_parts);
        let (mut pairs, mut names) = (Vec::new(), Vec::new());
        for (place, parts) in left_parts.drain(..).zip(right_parts.drain(..)).enumerate() {
            match parts {
                (Part::Child(left, _), Part::Child(right, _)) => pairs.push((left, right)),
                (Part::Static(left), Part::Static(right)) if !left.same(right) => {
                    names.push((place, left, right));
                }
                _ => {}
            }
        }
        for (place, left_value, right_value) in names {
            let field = left.info().fields.get(place).map_or("", |field| field.name);
            let values = format!("{} against {}", Shown(left_value), Shown(right_value));
            // A text is its own static part, which has no name.
            let text = if field.is_empty() { values } else { format!("`{field}` is {values}") };
            if !tell(&path, What::Static, text) {
                return Ok(());
            }
        }
        let entries = left.entry_keys();
        let first = stack.len();
        for (index, (left_child, right_child)) in pairs.into_iter().enumerate() {
            let key = match entries.get(index) {
                Some(entry) => PathKey::entry(entry.to_string()),
                None => left.child_key(index),
            };
            stack.push(Pair { left: left_child, right: right_child, path: path.child(key) });
        }
        stack[first..].reverse();
    }
    Ok(())
}

/// The path along steps that each know the one above; the first has no key.
pub(crate) fn path_to(ways: &[(usize, Option<PathKey>)], mut at: usize) -> KeyPath {
    let mut keys = Vec::new();
    while let (above, Some(key)) = &ways[at] {
        keys.push(key.clone());
        at = *above;
    }
    keys.into_iter().rev().collect()
}

/// How the structure of two nodes differs, their children left out.
fn structure(left: &dyn PyTree, right: &dyn PyTree) -> Option<String> {
    let (left_name, right_name) = (left.info().type_name, right.info().type_name);
    if (left as &dyn Any).type_id() != (right as &dyn Any).type_id() {
        return Some(match left_name == right_name {
            true => format!("a `{left_name}` against a `{right_name}` with other type parameters"),
            false => format!("a `{left_name}` against a `{right_name}`"),
        });
    }
    // Two variants of an enum.
    if left_name != right_name {
        return Some(format!("`{left_name}` against `{right_name}`"));
    }
    if left.info().kind == Kind::Map && left.entry_keys() != right.entry_keys() {
        return Some(format!("the keys {:?} against {:?}", left.entry_keys(), right.entry_keys()));
    }
    let count = |node: &dyn PyTree| {
        let mut parts = Vec::new();
        node.parts(&mut parts);
        parts.len()
    };
    let (left_count, right_count) = if left.is_leaf() { (0, 0) } else { (count(left), count(right)) };
    (left_count != right_count).then(|| {
        let noun = if left_count == 1 { "child" } else { "children" };
        format!("{left_count} {noun} against {right_count}")
    })
}

/// A static value as text.
pub(crate) struct Shown<'a>(pub(crate) &'a dyn Static);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}
