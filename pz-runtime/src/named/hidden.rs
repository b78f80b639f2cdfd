//! The axes that `nmap` hides: how they are named, which calls are running, and arrays that lack some of them.
//!
//! The name of a hidden axis has a mark that no user can write and no listing shows, and each call of `nmap` has a
//! number of its own in it. So an array that is kept from one call cannot meet the axes of another, and an error can
//! say where it is from.
//!
//! To the function that runs, an array that differs from slice to slice looks like one that does not. Where several
//! arrays have to have one form (what a loop carries into a step and out of it, what branches give, a tangent and its
//! input), each is [`widened`](NamedArray::widened): repeated along the hidden axes that it lacks.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::NamedArray;
use super::derivative::Form;
use crate::error::{Report, Result};
use crate::path::KeyPath;
use crate::shape::AxisName;

/// The bits of a mark that hold the number of the call; above them is that of the line that made it.
const CALL_BITS: u32 = 40;

/// Names with sizes.
pub(super) type SizedAxes = Vec<(AxisName, usize)>;

/// Whether the axis is hidden from the function that is running.
pub(crate) fn is_hidden(name: AxisName) -> bool {
    name.mark() >> CALL_BITS != 0
}

static CALLS: AtomicU64 = AtomicU64::new(0);

/// The lines of programs that called `nmap`, numbered from 1.
static LINES: LazyLock<Mutex<HashMap<&'static Location<'static>, u64>>> = LazyLock::new(Mutex::default);

thread_local! {
    /// The calls that are running inside one another.
    static RUNNING: RefCell<Running> = const { RefCell::new(Vec::new()) };
}

/// Calls of `nmap` that run inside one another, the outermost first: the mark of each, and the axes that it hides.
pub(super) type Running = Vec<(u64, Arc<SizedAxes>)>;

/// One `nmap` that is running.
pub(super) struct Call {
    mark: u64,
    axes: Arc<SizedAxes>,
}

impl Call {
    /// Starts the call that this line makes, which hides these axes.
    pub(super) fn start(line: &'static Location<'static>, axes: &[(AxisName, usize)]) -> Self {
        let call = CALLS.fetch_add(1, Ordering::Relaxed) & ((1 << CALL_BITS) - 1);
        let line = {
            let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
            let next = lines.len() as u64 + 1;
            *lines.entry(line).or_insert(next)
        };
        let mark = line << CALL_BITS | call;
        let axes = Arc::new(axes.iter().map(|(name, size)| (name.marked(mark), *size)).collect());
        RUNNING.with_borrow_mut(|running| running.push((mark, Arc::clone(&axes))));
        Call { mark, axes }
    }

    /// The name under which an axis is hidden.
    pub(super) fn hidden(&self, name: AxisName) -> AxisName {
        name.marked(self.mark)
    }

    /// The axes that are hidden, by their hidden names.
    pub(super) fn axes(&self) -> &[(AxisName, usize)] {
        &self.axes
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(|running| running.retain(|(mark, _)| *mark != self.mark));
    }
}

/// The calls that are running.
pub(super) fn running() -> Running {
    RUNNING.with_borrow(Clone::clone)
}

/// The axes that the calls which are running hide, the outermost first.
pub(super) fn axes() -> SizedAxes {
    RUNNING.with_borrow(|running| running.iter().flat_map(|(_, axes)| axes.iter().copied()).collect())
}

/// Calls that run once more, for as long as this lives: what a function under `nmap` left to be called later is called.
pub(super) struct Again(Running);

impl Again {
    pub(super) fn new(calls: &Running) -> Self {
        RUNNING.with_borrow_mut(|running| {
            let before = running.clone();
            let inner = before.iter().filter(|(mark, _)| calls.iter().all(|(known, _)| known != mark));
            *running = calls.iter().chain(inner).cloned().collect();
            Again(before)
        })
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(|running| *running = std::mem::take(&mut self.0));
    }
}

/// Hidden axes in words: `` `a` of the `nmap` at src/main.rs:7 ``.
fn text(names: impl Iterator<Item = AxisName>) -> String {
    let said = names.map(|name| {
        let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.iter().find(|(_, number)| **number == name.mark() >> CALL_BITS);
        let place = line.map_or_else(String::new, |(line, _)| format!(" at {}:{}", line.file(), line.line()));
        format!("`{name}` of the `nmap`{place}")
    });
    said.collect::<Vec<_>>().join(", ")
}

/// The axes of the array that an `nmap` hid which is not running here (any more), in words.
pub(super) fn leaked(array: &NamedArray) -> Option<String> {
    let is_running =
        |name: AxisName| RUNNING.with_borrow(|running| running.iter().any(|(mark, _)| *mark == name.mark()));
    let lost: Vec<AxisName> =
        array.hidden_axes().iter().map(|(name, _)| *name).filter(|name| !is_running(*name)).collect();
    (!lost.is_empty()).then(|| text(lost.into_iter()))
}

/// Refuses arrays that were kept from another call.
pub(super) fn refuse_leaked(op: &str, what: &str, arrays: &[(KeyPath, NamedArray)]) -> Result<()> {
    let problems = arrays.iter().filter_map(|(path, array)| {
        let axes = leaked(array)?;
        Some(format!("{what}{path} is a slice along {axes}, which is not running here"))
    });
    match Report::of(op, problems.collect()) {
        Some(report) => {
            Err(report.help("return it from the function that `nmap` was given, and use the result").shape())
        }
        None => Ok(()),
    }
}

impl NamedArray {
    /// The hidden axes that the array has.
    pub(super) fn hidden_axes(&self) -> SizedAxes {
        let mut axes = self.sized_names();
        axes.retain(|(name, _)| is_hidden(*name));
        axes
    }

    /// Whether the array has no axis that the function which is running sees.
    pub(super) fn is_one_number(&self) -> bool {
        self.roles.iter().all(|role| role.name().is_some_and(is_hidden))
    }

    /// The hidden axes that the array has, in words.
    pub(super) fn hidden_text(&self) -> String {
        text(self.hidden_axes().into_iter().map(|(name, _)| name))
    }

    /// The array with its axes in the order of those of another, which has the same.
    pub(super) fn in_order_of(&self, other: &NamedArray) -> Result<NamedArray> {
        Form::of(other).fit(self).unwrap_or_else(|| Ok(self.clone()))
    }

    /// The array repeated along those of these axes that it has not.
    pub(super) fn widened(&self, axes: &[(AxisName, usize)]) -> Result<NamedArray> {
        let missing: SizedAxes =
            axes.iter().copied().filter(|(name, _)| self.axis_of(name).is_none()).collect();
        if missing.is_empty() { Ok(self.clone()) } else { self.broadcast_to(missing) }
    }
}

/// Puts into `all` those axes that are not in it.
pub(super) fn extend(all: &mut SizedAxes, axes: impl IntoIterator<Item = (AxisName, usize)>) {
    for axis in axes {
        if !all.contains(&axis) {
            all.push(axis);
        }
    }
}
