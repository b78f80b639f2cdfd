//! The line of the user's program that an operation was written in.
//!
//! A named method is many operations, some of them made behind function pointers, where `#[track_caller]` is lost.
//! So the method says at its start where it was called from; every node that it makes remembers that, and every report
//! of what it refuses names it.

use std::cell::Cell;
use std::panic::Location;

thread_local! {
    static CALLER: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

/// Ends what [`enter`] began.
#[must_use = "the place is forgotten when the guard is dropped"]
pub(crate) struct Guard {
    outer: Option<&'static Location<'static>>,
}

/// Takes the caller's caller as the place of all operations until the guard is dropped, unless a method further out
/// did so already.
#[track_caller]
pub(crate) fn enter() -> Guard {
    let (outer, here) = (current(), Location::caller());
    let _ = CALLER.try_with(|caller| caller.set(outer.or(Some(here))));
    Guard { outer }
}

/// Takes a place that was noted before as that of all operations until the guard is dropped.
pub(crate) fn at(place: &'static Location<'static>) -> Guard {
    let outer = current();
    let _ = CALLER.try_with(|caller| caller.set(Some(place)));
    Guard { outer }
}

/// The place that was taken; the caller where none was.
#[track_caller]
pub(crate) fn here() -> &'static Location<'static> {
    current().unwrap_or(Location::caller())
}

/// The place that was taken.
fn current() -> Option<&'static Location<'static>> {
    CALLER.try_with(Cell::get).ok().flatten()
}

/// This crate's own sources, as the compiler names them: `…/pz-runtime/src/`.
fn own() -> &'static str {
    file!().strip_suffix("path/caller.rs").unwrap_or("pz-runtime/src/")
}

/// The place that was taken, where it is not in this crate: a layer of ours is named by the scope, and our line in it
/// says nothing to a user.
pub(crate) fn outside() -> Option<&'static Location<'static>> {
    current().filter(|place| !place.file().starts_with(own()))
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = CALLER.try_with(|caller| caller.set(self.outer));
    }
}
