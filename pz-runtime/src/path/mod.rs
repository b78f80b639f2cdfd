//! Key paths: where something is in a tree.
//!
//! A [`KeyPath`] is what a person reads in an error, what a selection is keyed by, and what the renderer
//! prints beside a node. It has one spelling everywhere: `.body.sublayers[3]['name']`.
//! [`scope`] knows, while a model runs, in which layer of which tree the program is, and `caller` in which line.

pub(crate) mod caller;
mod keypath;
pub mod scope;
mod set;

use std::borrow::Cow;
use std::fmt::{self, Write as _};

pub use keypath::KeyPath;
pub(crate) use set::PathSet;

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
            PathKey::Entry(key) => write!(f, "[{}]", Quoted(key)),
        }
    }
}

/// A text as Python writes it, so that a path with any key in it is one line, and is the one that Penzai prints.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = if self.0.contains('\'') && !self.0.contains('"') { '"' } else { '\'' };
        f.write_char(quote)?;
        for letter in self.0.chars() {
            match letter {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                letter if letter == quote => write!(f, "\\{letter}")?,
                letter if letter.is_control() => write!(f, "\\x{:02x}", u32::from(letter))?,
                letter => f.write_char(letter)?,
            }
        }
        f.write_char(quote)
    }
}
