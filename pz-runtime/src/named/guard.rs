//! Slices that do not count.
//!
//! Where a choice differs from slice to slice under `nmap`, a function also runs for slices that will not take what it
//! gives: the branch of others, the step of a loop that is over for them. What fails for some values must not fail
//! there (Euclid's loop ends at a remainder of 0, by which its step then divides), so while such a function runs, the
//! operations that can fail ask here which slices count, and are given harmless values for the others.

use std::cell::RefCell;

use super::NamedArray;
use super::hidden::is_hidden;
use crate::error::Result;
use crate::shape::AxisName;

thread_local! {
    /// A truth value for each slice, where some do not count.
    static COUNTING: RefCell<Option<NamedArray>> = const { RefCell::new(None) };
}

/// For as long as it lives only those slices count that did before, and for which a truth value holds.
pub(super) struct Guard(Option<NamedArray>);

impl Guard {
    pub(super) fn new(counts: &NamedArray) -> Result<Self> {
        let before = COUNTING.with_borrow(Clone::clone);
        let both = match &before {
            Some(before) => before.logical_and(counts)?,
            None => counts.clone(),
        };
        COUNTING.set(Some(both));
        Ok(Guard(before))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        COUNTING.set(self.0.take());
    }
}

/// Which slices of an array count, those slices together that the array does not tell apart; nothing where all do.
pub(super) fn counting(array: &NamedArray) -> Result<Option<NamedArray>> {
    let Some(counts) = COUNTING.with_borrow(Clone::clone) else { return Ok(None) };
    let names = counts.roles.iter().filter_map(|role| role.name());
    let together: Vec<AxisName> =
        names.filter(|name| is_hidden(*name) && array.axis_of(name).is_none()).collect();
    if together.is_empty() { Ok(Some(counts)) } else { counts.any(together).map(Some) }
}

impl NamedArray {
    /// The array with `harmless` for the slices that do not count.
    pub(super) fn guarded(&self, harmless: i32) -> Result<NamedArray> {
        match counting(self)? {
            Some(counts) => counts.select(self, harmless),
            None => Ok(self.clone()),
        }
    }
}
