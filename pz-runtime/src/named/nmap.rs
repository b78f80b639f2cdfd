//! Functions of positional arrays, made functions of named ones: `nmap`.
//!
//! Penzai maps the function over every named axis of its arguments, so that it sees positional axes alone. Here all
//! operations carry named axes along anyway, so the function runs once, on arrays whose named axes are [`hidden`].

use super::hidden::{self, Call};
use super::leaves::{filled, leaves};
use super::{NamedArray, Role};
use crate::array::caller;
use crate::array::layout::Dims;
use crate::error::{Report, Result};
use crate::path::KeyPath;
use crate::shape::AxisName;
use crate::tree::{PyTree, Walk, visit};

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
        hidden::refuse_leaked("nmap", "args", &found)?;
        collected(&found)?
    };
    let running = Call::start(call.place, &axes);
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

impl Call {
    /// The array with its named axes hidden.
    fn hide(&self, array: &NamedArray) -> NamedArray {
        let hidden = |role: Role| match role {
            Role::Named(name) if !hidden::is_hidden(name) => Role::Named(self.hidden(name)),
            other => other,
        };
        NamedArray::new(array.array.clone(), array.roles.iter().map(|&role| hidden(role)).collect())
    }

    /// The arrays with these named axes shown again, and first.
    fn show(&self, results: &[(KeyPath, NamedArray)], axes: &[(AxisName, usize)]) -> Result<Vec<NamedArray>> {
        hidden::refuse_leaked("nmap", "result", results)?;
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
        let hidden: Vec<AxisName> = self.axes().iter().map(|(name, _)| *name).collect();
        results
            .iter()
            .map(|(_, array)| {
                let all = array.widened(self.axes())?;
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
