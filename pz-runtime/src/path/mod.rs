//! Key paths: where something is in a tree.
//!
//! A [`KeyPath`] is what a person reads in an error, what a selection is keyed by, and what the renderer
//! prints beside a node. It has one spelling everywhere: `.body.sublayers[3]['name']`.
//! [`scope`] knows, while a model runs, in which layer of which tree the program is, and `caller` in which line.

pub(crate) mod caller;
pub mod scope;

use std::borrow::Cow;
use std::fmt;

/// One step from a node to a child.
///
/// ```
/// use pz::path::PathKey;
/// assert_eq!(PathKey::attr("delta").to_string(), ".delta");
/// assert_eq!(PathKey::Index(2).to_string(), "[2]");
/// assert_eq!(PathKey::entry("a").to_string(), "['a']");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PathKey {
    /// A field of a struct, `.name`.
    Attr(Cow<'static, str>),
    /// A place in a sequence, `[index]`.
    Index(usize),
    /// An entry of a map, `['key']`.
    Entry(Cow<'static, str>),
}

impl PathKey {
    /// The key of a field.
    pub const fn attr(name: &'static str) -> Self {
        PathKey::Attr(Cow::Borrowed(name))
    }

    /// The key of an entry in a map.
    pub fn entry(key: impl Into<Cow<'static, str>>) -> Self {
        PathKey::Entry(key.into())
    }
}

impl fmt::Display for PathKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PathKey::Attr(name) => write!(f, ".{name}"),
            PathKey::Index(index) => write!(f, "[{index}]"),
            PathKey::Entry(key) => write!(f, "['{key}']"),
        }
    }
}

/// The steps from the root of a tree to a node. The root's own path is empty.
///
/// ```
/// use pz::path::{KeyPath, PathKey};
/// let path: KeyPath = [PathKey::attr("sublayers"), PathKey::Index(0)].into_iter().collect();
/// assert_eq!(path.to_string(), ".sublayers[0]");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPath(Vec<PathKey>);

impl KeyPath {
    /// The path of the root.
    pub const fn root() -> Self {
        KeyPath(Vec::new())
    }

    /// The steps, outermost first.
    pub fn keys(&self) -> &[PathKey] {
        &self.0
    }

    /// This path and one step more.
    pub fn child(&self, key: PathKey) -> Self {
        let mut keys = Vec::with_capacity(self.0.len() + 1);
        keys.extend_from_slice(&self.0);
        keys.push(key);
        KeyPath(keys)
    }

    /// This path, then the steps of `rest`.
    pub fn join(&self, rest: &KeyPath) -> Self {
        KeyPath(self.0.iter().chain(&rest.0).cloned().collect())
    }

    /// Adds a step at the end.
    pub fn push(&mut self, key: PathKey) {
        self.0.push(key);
    }

    /// Takes the last step away.
    pub fn pop(&mut self) -> Option<PathKey> {
        self.0.pop()
    }

    /// The number of steps.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether this is the root's path.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this path leads to `other` or to a node above it.
    pub fn is_prefix_of(&self, other: &KeyPath) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|key| key.fmt(f))
    }
}

impl Extend<PathKey> for KeyPath {
    fn extend<I: IntoIterator<Item = PathKey>>(&mut self, keys: I) {
        self.0.extend(keys);
    }
}

impl FromIterator<PathKey> for KeyPath {
    fn from_iter<I: IntoIterator<Item = PathKey>>(keys: I) -> Self {
        KeyPath(keys.into_iter().collect())
    }
}
