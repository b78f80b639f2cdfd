//! The call of the user's program that an operation belongs to: the public function, and the line it was called on.
//!
//! A named method is many operations, some of them made behind function pointers, where `#[track_caller]` is lost.
//! So the method says at its start what it is and where it was called from. Every node that it makes remembers that,
//! and every report of what it refuses names both: what a user called, and never what that is made of.

use std::cell::Cell;
use std::panic::Location;

thread_local! {
    static CALL: Cell<Option<Call>> = const { Cell::new(None) };
}

/// A call of a public function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Call {
    /// The line of the program.
    pub(crate) place: &'static Location<'static>,
    /// The function, as users know it; none where an operation was made outside of all.
    pub(crate) function: Option<&'static str>,
}

/// Ends what [`enter`] began.
#[must_use = "the call is forgotten when the guard is dropped"]
pub(crate) struct Guard {
    outer: Option<Call>,
}

/// Takes all operations until the guard is dropped as those of a call of `function` by the caller's caller, unless a
/// function further out did so already.
#[track_caller]
pub(crate) fn enter(function: &'static str) -> Guard {
    at(of(function))
}

/// The call in which this is run: that of `function` by the caller's caller, or of a function further out.
#[track_caller]
pub(crate) fn of(function: &'static str) -> Call {
    let Call { place, function: outer } = here();
    Call { place, function: outer.or(Some(function)) }
}

/// Takes a call that was noted before as that of all operations until the guard is dropped.
pub(crate) fn at(call: Call) -> Guard {
    replace(Some(call))
}

/// The call in which this is run; the caller's line where there is none.
#[track_caller]
pub(crate) fn here() -> Call {
    current().unwrap_or(Call { place: Location::caller(), function: None })
}

/// Runs a function of the user's, whose own calls are what its operations belong to.
pub(crate) fn suspended<T>(function: impl FnOnce() -> T) -> T {
    let _call = replace(None);
    function()
}

/// The public function that is running.
pub(crate) fn function() -> Option<&'static str> {
    current().and_then(|call| call.function)
}

fn replace(call: Option<Call>) -> Guard {
    let outer = current();
    let _ = CALL.try_with(|current| current.set(call));
    Guard { outer }
}

fn current() -> Option<Call> {
    CALL.try_with(Cell::get).ok().flatten()
}

/// This crate's own sources, as the compiler names them: `…/pz-runtime/src/`.
fn own() -> &'static str {
    file!().strip_suffix("path/caller.rs").unwrap_or("pz-runtime/src/")
}

/// The line of the call in which this is run, where it is not in this crate: a layer of ours is named by the scope, and
/// our line in it says nothing to a user.
pub(crate) fn outside() -> Option<&'static Location<'static>> {
    current().map(|call| call.place).filter(|place| !place.file().starts_with(own()))
}

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = CALL.try_with(|current| current.set(self.outer));
    }
}
