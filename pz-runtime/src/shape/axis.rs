//! Names of axes.
//!
//! A name is compared on every named operation, so it is a `Copy` string slice: names written in a program
//! are used as they are, names read at run time are interned and live as long as the process.

use std::collections::HashSet;
use std::fmt;
use std::sync::{LazyLock, Mutex};

/// The name of an axis: any text.
///
/// ```
/// use pz::AxisName;
/// let seq: AxisName = "seq".into();
/// assert_eq!(seq, AxisName::from(String::from("seq")));
/// ```
#[derive(Clone, Copy, PartialOrd, Ord)]
pub struct AxisName(&'static str);

static INTERNED: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

impl AxisName {
    /// A name from a literal.
    pub const fn new(name: &'static str) -> Self {
        AxisName(name)
    }

    /// The name's text.
    pub const fn as_str(&self) -> &'static str {
        self.0
    }

    /// A name made at run time. The text is kept for the life of the process, once for each distinct name.
    pub fn intern(name: &str) -> Self {
        let mut interned = INTERNED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = interned.get(name) {
            return AxisName(known);
        }
        let kept: &'static str = Box::leak(name.into());
        interned.insert(kept);
        AxisName(kept)
    }
}

impl PartialEq for AxisName {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || self.0 == other.0
    }
}

impl Eq for AxisName {}

impl std::hash::Hash for AxisName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl PartialEq<str> for AxisName {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for AxisName {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl AsRef<str> for AxisName {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl From<&'static str> for AxisName {
    fn from(name: &'static str) -> Self {
        AxisName(name)
    }
}

impl From<String> for AxisName {
    fn from(name: String) -> Self {
        AxisName::intern(&name)
    }
}

impl From<&AxisName> for AxisName {
    fn from(name: &AxisName) -> Self {
        *name
    }
}

impl fmt::Display for AxisName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for AxisName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}
