//! Names of axes.
//!
//! A name is compared on every named operation, so it is a `Copy` string slice: names written in a program
//! are used as they are, names read at run time are interned and live as long as the process.
//!
//! An axis that a user must not meet (one that `nmap` hides, a positional one that goes by a name for a while) has a
//! mark beside its text. Marks are equal or not as texts are, and only this crate gives them, so no text that anybody
//! writes is such a name.

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
pub struct AxisName {
    text: &'static str,
    /// 0 for a name that a user gave.
    mark: u64,
}

static INTERNED: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

impl AxisName {
    /// A name from a literal.
    pub const fn new(name: &'static str) -> Self {
        AxisName { text: name, mark: 0 }
    }

    /// The same text as a name that no user can write.
    pub(crate) const fn marked(self, mark: u64) -> Self {
        AxisName { text: self.text, mark }
    }

    /// What distinguishes the name from one of the same text; 0 for what a user wrote.
    pub(crate) const fn mark(&self) -> u64 {
        self.mark
    }

    /// The name's text.
    pub const fn as_str(&self) -> &'static str {
        self.text
    }

    /// A name made at run time. The text is kept for the life of the process, once for each distinct name.
    pub fn intern(name: &str) -> Self {
        let mut interned = INTERNED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = interned.get(name) {
            return AxisName::new(known);
        }
        let kept: &'static str = Box::leak(name.into());
        interned.insert(kept);
        AxisName::new(kept)
    }
}

impl PartialEq for AxisName {
    fn eq(&self, other: &Self) -> bool {
        self.mark == other.mark && (std::ptr::eq(self.text, other.text) || self.text == other.text)
    }
}

impl Eq for AxisName {}

impl std::hash::Hash for AxisName {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
        self.mark.hash(state);
    }
}

impl PartialEq<str> for AxisName {
    fn eq(&self, other: &str) -> bool {
        self.mark == 0 && self.text == other
    }
}

impl PartialEq<&str> for AxisName {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl AsRef<str> for AxisName {
    fn as_ref(&self) -> &str {
        self.text
    }
}

impl From<&'static str> for AxisName {
    fn from(name: &'static str) -> Self {
        AxisName::new(name)
    }
}

impl From<String> for AxisName {
    fn from(name: String) -> Self {
        AxisName::intern(&name)
    }
}

impl From<&String> for AxisName {
    fn from(name: &String) -> Self {
        AxisName::intern(name)
    }
}

impl From<&AxisName> for AxisName {
    fn from(name: &AxisName) -> Self {
        *name
    }
}

impl fmt::Display for AxisName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl fmt::Debug for AxisName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.text, f)
    }
}
