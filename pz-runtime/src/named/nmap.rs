//! Functions of positional arrays, made functions of named ones: `nmap`.
//!
//! Penzai maps the function over every named axis of its arguments, so that it sees positional axes alone. Here all
//! operations carry named axes along anyway, so the function runs once, on arrays whose named axes are hidden: their
//! names have a mark that no user can write and no listing shows, and each call has a number of its own in it. So an
//! array that is kept from one call cannot meet the axes of another, and an error can say where it is from.

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::leaves::{filled, leaves};
use super::{NamedArray, Role};
use crate::array::caller;
use crate::array::layout::Dims;
use crate::error::{Report, Result};
use crate::path::KeyPath;
use crate::shape::AxisName;
use crate::tree::{PyTree, Walk, visit};

/// The bits of a mark that hold the number of the call; above them is that of the line that made it.
const CALL_BITS: u32 = 40;

/// Whether the axis is hidden from the function that is running.
pub(crate) fn is_hidden(name: AxisName) -> bool {
    name.mark() >> CALL_BITS != 0
}

static CALLS: AtomicU64 = AtomicU64::new(0);

/// The lines of programs that called `nmap`, numbered from 1.
static LINES: LazyLock<Mutex<HashMap<&'static Location<'static>, u64>>> = LazyLock::new(Mutex::default);

thread_local! {
    /// The marks of the calls that are running inside one another.
    static RUNNING: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// One `nmap` that is running.
struct Running {
    mark: u64,
}

impl Running {
    fn start(line: &'static Location<'static>) -> Self {
        let call = CALLS.fetch_add(1, Ordering::Relaxed) & ((1 << CALL_BITS) - 1);
        let line = {
            let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
            let next = lines.len() as u64 + 1;
            *lines.entry(line).or_insert(next)
        };
        let mark = line << CALL_BITS | call;
        RUNNING.with_borrow_mut(|running| running.push(mark));
        Running { mark }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.with_borrow_mut(|running| running.retain(|mark| *mark != self.mark));
    }
}

/// The axes of the array that an `nmap` hid which is not running here (any more), in words: `` `a` of the `nmap` at
/// src/main.rs:7 ``.
pub(super) fn leaked(array: &NamedArray) -> Option<String> {
    let is_running = |name: &AxisName| RUNNING.with_borrow(|running| running.contains(&name.mark()));
    let names = array.roles.iter().filter_map(|role| role.name());
    let names = names.filter(|name| is_hidden(*name) && !is_running(name));
    let said = names.map(|name| {
        let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.iter().find(|(_, number)| **number == name.mark() >> CALL_BITS);
        let place = line.map_or_else(String::new, |(line, _)| format!(" at {}:{}", line.file(), line.line()));
        format!("`{name}` of the `nmap`{place}")
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// Refuses arrays that were kept from another call.
fn refuse_leaked(what: &str, arrays: &[(KeyPath, NamedArray)]) -> Result<()> {
    let problems = arrays.iter().filter_map(|(path, array)| {
        let axes = leaked(array)?;
        Some(format!("{what}{path} is a slice along {axes}, which is not running here"))
    });
    match Report::of("nmap", problems.collect()) {
        Some(report) => {
            Err(report.help("return it from the function that `nmap` was given, and use the result").shape())
        }
        None => Ok(()),
    }
}

/// Calls `f` with the named axes of all arrays in `args` hidden, and gives them back to all arrays of its result.
///
/// `args` is a tree: an array, a tuple of arrays and other values, a struct. `f` sees each array with its positional
/// axes alone, and is called once; it may call `nmap` itself, and use arrays from outside that have no named axes.
/// Every array of the result has all named axes of the arguments, in the order in which they first occur there, and its
/// positional axes behind them.
///
/// # Errors
/// A named axis has two sizes (each argument that has it is named); the result has a leaf that is no array, or an array
/// with named axes, or one that was kept from another `nmap`; what `f` returns.
///
/// ```
/// use pz::{NamedArray, nx};
/// let x = NamedArray::from_vec(vec![1f32, 2., 3., 4., 5., 6.], [("batch", 2), ("feature", 3)])?;
/// let scale = NamedArray::from_vec(vec![1f32, 10.], [("batch", 2)])?;
/// // The function sees a list of three numbers, and one number.
/// let y = nx::nmap(|(x, scale)| x.sum(0)?.mul(&scale), (x.untag("feature")?, scale))?;
/// assert_eq!(y.to_vec::<f32>()?, [6., 150.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn nmap<A: PyTree, Y: PyTree>(f: impl FnOnce(A) -> Result<Y>, args: A) -> Result<Y> {
    let call = caller::of("nmap");
    let mut found = Vec::new();
    visit(&args, |path, node| {
        if let Some(array) = node.downcast_ref::<NamedArray>() {
            found.push((path.clone(), array.clone()));
        }
        Walk::Enter
    });
    let axes = {
        let _call = caller::at(call);
        refuse_leaked("args", &found)?;
        collected(&found)?
    };
    let running = Running::start(call.place);
    let inside = found.iter().map(|(_, array)| running.hide(array)).collect();
    let result = f(filled(&args, inside)?)?;
    let _call = caller::at(call);
    let outside = running.show(&leaves("nmap", &result)?, &axes)?;
    filled(&result, outside)
}

/// The named axes of all arguments in the order in which they occur.
fn collected(arguments: &[(KeyPath, NamedArray)]) -> Result<Vec<(AxisName, usize)>> {
    let mut axes: Vec<(AxisName, usize)> = Vec::new();
    let mut differing: Vec<AxisName> = Vec::new();
    for (name, size) in arguments.iter().flat_map(|(_, array)| array.named_shape()) {
        match axes.iter().find(|(known, _)| *known == name) {
            Some((_, known)) if *known != size && !differing.contains(&name) => differing.push(name),
            Some(_) => {}
            None => axes.push((name, size)),
        }
    }
    let problems = differing.iter().map(|name| {
        let sizes = arguments.iter().filter_map(|(path, array)| Some((path, array.size(name)?)));
        let sizes: Vec<String> = sizes.map(|(path, size)| format!("{size} in args{path}")).collect();
        format!("the axis `{name}` has size {}", sizes.join(", "))
    });
    match Report::of("nmap", problems.collect()) {
        Some(report) => {
            let all = arguments.iter().map(|(path, array)| format!("args{path} has ({})", array.axes_text()));
            Err(report.help(all.collect::<Vec<_>>().join(", ")).shape())
        }
        None => Ok(axes),
    }
}

impl Running {
    /// The array with its named axes hidden.
    fn hide(&self, array: &NamedArray) -> NamedArray {
        let hidden = |role: Role| match role {
            Role::Named(name) if !is_hidden(name) => Role::Named(name.marked(self.mark)),
            other => other,
        };
        NamedArray::new(array.array.clone(), array.roles.iter().map(|&role| hidden(role)).collect())
    }

    /// The arrays with these named axes shown again, and first.
    fn show(&self, results: &[(KeyPath, NamedArray)], axes: &[(AxisName, usize)]) -> Result<Vec<NamedArray>> {
        refuse_leaked("result", results)?;
        let named = results.iter().filter(|(_, array)| !array.named_shape().is_empty());
        let problems = named.map(|(path, array)| {
            format!("the function returned result{path} with named axes, {}", array.summary_text())
        });
        if let Some(report) = Report::of("nmap", problems.collect()) {
            return Err(report
                .help(
                    "make them positional: `x.untag(…)`; `nmap` gives back the names that the arguments had",
                )
                .shape());
        }
        let hidden: Vec<AxisName> = axes.iter().map(|(name, _)| name.marked(self.mark)).collect();
        results
            .iter()
            .map(|(_, array)| {
                let missing = hidden.iter().zip(axes).filter(|(name, _)| array.axis_of(**name).is_none());
                let all = array.broadcast_to(missing.map(|(name, (_, size))| (*name, *size)))?;
                let own = all.numbers("nmap", &hidden)?;
                // Axes of an `nmap` around this one stay hidden.
                let others = (0..all.roles.len()).filter(|axis| !own.contains(axis));
                let order: Dims = own.iter().copied().chain(others).collect();
                let mut shown = all.permuted(&order)?;
                shown.roles.iter_mut().zip(axes).for_each(|(role, (name, _))| *role = Role::Named(*name));
                NamedArray::result(shown.array, shown.roles)
            })
            .collect()
    }
}
