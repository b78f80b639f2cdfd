//! The path to a node, as a list that shares its beginning.
//!
//! The nodes of a deep tree have long paths, and written out one by one all of them would be quadratic in its depth: those
//! of a chain of a hundred thousand nodes have five thousand million steps. So a path is its last step and the path
//! above that, and a path made from another one shares it. All the paths of a tree take as much memory as it has nodes.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::iter::successors;
use std::sync::Arc;

use super::PathKey;

/// The steps from the root of a tree to a node. The root's own path is empty.
///
/// A clone, and a path with one step more, share the steps that are there: see [`child`](Self::child).
///
/// ```
/// use pz::path::{KeyPath, PathKey};
/// let path: KeyPath = [PathKey::attr("sublayers"), PathKey::Index(0)].into_iter().collect();
/// assert_eq!(path.to_string(), ".sublayers[0]");
/// ```
#[derive(Clone, Default)]
pub struct KeyPath(Option<Arc<Step>>);

struct Step {
    key: PathKey,
    /// The number of steps, this one included.
    len: usize,
    above: KeyPath,
}

impl KeyPath {
    /// The path of the root.
    pub const fn root() -> Self {
        KeyPath(None)
    }

    /// The steps, outermost first.
    pub fn keys(&self) -> Vec<&PathKey> {
        let mut keys: Vec<&PathKey> = self.steps().map(|step| &step.key).collect();
        keys.reverse();
        keys
    }

    /// The last step.
    pub fn last(&self) -> Option<&PathKey> {
        self.0.as_deref().map(|step| &step.key)
    }

    /// The path to the node above; the root has none.
    pub fn above(&self) -> Option<&KeyPath> {
        self.0.as_deref().map(|step| &step.above)
    }

    /// This path and one step more, in constant time.
    ///
    /// ```
    /// use pz::path::{KeyPath, PathKey};
    /// let list = KeyPath::root().child(PathKey::attr("sublayers"));
    /// let both = [list.child(PathKey::Index(0)), list.child(PathKey::Index(1))];
    /// assert_eq!(both[1].to_string(), ".sublayers[1]");
    /// assert!(list.is_prefix_of(&both[0]));
    /// ```
    pub fn child(&self, key: PathKey) -> Self {
        let mut path = self.clone();
        path.push(key);
        path
    }

    /// This path, then the steps of `rest`.
    pub fn join(&self, rest: &KeyPath) -> Self {
        let mut path = self.clone();
        path.extend(rest.keys().into_iter().cloned());
        path
    }

    /// Adds a step at the end.
    pub fn push(&mut self, key: PathKey) {
        let above = std::mem::take(self);
        self.0 = Some(Arc::new(Step { key, len: above.len() + 1, above }));
    }

    /// Takes the last step away.
    pub fn pop(&mut self) -> Option<PathKey> {
        let last = self.0.take()?;
        match Arc::try_unwrap(last) {
            Ok(Step { key, above, .. }) => {
                *self = above;
                Some(key)
            }
            Err(shared) => {
                *self = shared.above.clone();
                Some(shared.key.clone())
            }
        }
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |step| step.len)
    }

    /// Whether this is the root's path.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The path in a sentence: in backticks, and that of the root, which is empty, in words.
    pub(crate) fn told(&self) -> String {
        if self.is_empty() { "the root".to_owned() } else { format!("`{self}`") }
    }

    /// Whether this path leads to `other` or to a node above it.
    pub fn is_prefix_of(&self, other: &KeyPath) -> bool {
        let mut above = other;
        while above.len() > self.len()
            && let Some(next) = above.above()
        {
            above = next;
        }
        self == above
    }

    /// What tells this path from others that are there: paths for which it is the same share all their steps. Where it
    /// differs, they may be equal all the same.
    pub(crate) fn address(&self) -> usize {
        self.0.as_ref().map_or(0, |step| Arc::as_ptr(step).addr())
    }

    /// The steps, innermost first.
    fn steps(&self) -> impl Iterator<Item = &Step> {
        successors(self.0.as_deref(), |step| step.above.0.as_deref())
    }
}

/// One step after another: dropped by nested calls, a long path would overflow the stack.
impl Drop for KeyPath {
    fn drop(&mut self) {
        let mut last = self.0.take();
        while let Some(step) = last {
            last = Arc::into_inner(step).and_then(|mut step| step.above.0.take());
        }
    }
}

impl PartialEq for KeyPath {
    fn eq(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        for (left, right) in self.steps().zip(other.steps()) {
            if std::ptr::eq(left, right) {
                return true;
            }
            if left.key != right.key {
                return false;
            }
        }
        true
    }
}

impl Eq for KeyPath {}

impl Hash for KeyPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        self.steps().for_each(|step| step.key.hash(state));
    }
}

impl Ord for KeyPath {
    /// The order of the steps, outermost first.
    fn cmp(&self, other: &Self) -> Ordering {
        self.keys().cmp(&other.keys())
    }
}

impl PartialOrd for KeyPath {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keys().into_iter().try_for_each(|key| key.fmt(f))
    }
}

impl fmt::Debug for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPath({self})")
    }
}

impl Extend<PathKey> for KeyPath {
    fn extend<I: IntoIterator<Item = PathKey>>(&mut self, keys: I) {
        keys.into_iter().for_each(|key| self.push(key));
    }
}

impl FromIterator<PathKey> for KeyPath {
    fn from_iter<I: IntoIterator<Item = PathKey>>(keys: I) -> Self {
        let mut path = KeyPath::root();
        path.extend(keys);
        path
    }
}
