//! Several arrays to one: behind one another along an axis, or along a new one.

use super::arithmetic::merged;
use super::axes::{NEW_POSITION, POSITION, position_name};
use super::{Axis, NamedArray, Role, Roles, positional};
use crate::array::caller;
use crate::array::layout::Dims;
use crate::array::{Array, DType};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// The arrays behind one another along `axis`, which each of them has; it comes last in the result, and a positional
/// axis keeps its position. Other axes broadcast by name.
///
/// # Errors
/// No arrays; one without the axis; an axis with two sizes; numbers of positional axes that differ.
///
/// ```
/// use pz::{NamedArray, nx};
/// let x = NamedArray::from_positional(vec![1, 2, 3, 4], &[2, 2])?;
/// assert_eq!(nx::concatenate(&[&x, &x], 1)?.to_vec::<i32>()?, [1, 2, 1, 2, 3, 4, 3, 4]);
/// assert_eq!(nx::stack(&[&x, &x], 0)?.positional_shape(), [2, 2, 2]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn concatenate(arrays: &[&NamedArray], axis: impl Into<Axis>) -> Result<NamedArray> {
    let _call = caller::enter("concatenate");
    joined("concatenate", arrays, axis.into())
}

fn joined(op: &str, arrays: &[&NamedArray], axis: Axis) -> Result<NamedArray> {
    let Some((first, rest)) = arrays.split_first() else {
        return Err(Report::new(op, "no arrays were given").help("give at least one array").shape());
    };
    let Axis::Named(name) = axis else { return joined_by_position(op, arrays, axis) };
    let count = first.positional_shape().len();
    let mut problems = Vec::new();
    for (place, array) in arrays.iter().enumerate() {
        if array.axis_of(name).is_none() {
            problems.push(format!("array {place} has no axis `{name}`; it has ({})", array.axes_text()));
        }
        if array.positional_shape().len() != count {
            problems.push(format!(
                "array {place} has another number of positional axes than the first ({count})"
            ));
        }
    }
    problems.extend(differing(arrays, name));
    if let Some(report) = Report::of(op, problems) {
        let help = if arrays.iter().any(|array| array.axis_of(name).is_none()) {
            "name an axis that all have, or join along a new one: `nx::stack(&arrays, \"new\")`".into()
        } else if arrays.iter().any(|array| array.positional_shape().len() != count) {
            "`expand_dims` gives an array one more positional axis".into()
        } else if op == "stack" {
            "stack arrays of the same sizes: `slice` what is longer, `pad` what is shorter".into()
        } else {
            format!("arrays may differ along `{name}` alone: `slice` what is longer, `pad` what is shorter")
        };
        return Err(report.help(help).shape());
    }
    let (mut roles, shape) = others_merged(op, arrays, name)?;
    roles.push(Role::Named(name));
    let dtype = rest.iter().fold(first.dtype(), |dtype, array| dtype.promote(array.dtype()));
    let parts = arrays.iter().map(|array| {
        let mut dims = shape.clone();
        dims.push(array.size(name).unwrap_or(0));
        array.cast(dtype)?.aligned(&roles, &dims)
    });
    let parts = parts.collect::<Result<Vec<Array>>>()?;
    let parts: Vec<&Array> = parts.iter().collect();
    Ok(NamedArray::new(Array::concatenate(&parts, roles.len() - 1)?, roles))
}

/// All axes but `joined`, which each array has, merged by name.
fn others_merged(op: &str, arrays: &[&NamedArray], joined: AxisName) -> Result<(Roles, Dims)> {
    let axis = arrays[0].numbers(op, &[joined])?[0];
    let (mut roles, dims) = (arrays[0].roles.clone(), arrays[0].array.dims_without(&[axis]));
    roles.remove(axis);
    // Nearly always they are alike. (Sizes of named axes do not differ any more.)
    if arrays.iter().all(|array| array.roles == arrays[0].roles) && !arrays[0].has_positional() {
        return Ok((roles, dims));
    }
    // One slice of each along the axis stands for the array.
    let mut shape = without(arrays[0], joined)?;
    for array in &arrays[1..] {
        let (roles, dims) = merged(op, &shape, &without(array, joined)?)?;
        shape = NamedArray::new(shape.aligned(&roles, &dims)?, roles);
    }
    Ok((shape.roles, shape.array.dims().into()))
}

/// Axes but `joined` that have not the same size in all arrays that have them.
fn differing(arrays: &[&NamedArray], joined: AxisName) -> Vec<String> {
    let mut first: Vec<(AxisName, usize, usize)> = Vec::new();
    let mut problems = Vec::new();
    for (place, array) in arrays.iter().enumerate() {
        for (name, size) in array.sized_names().into_iter().filter(|(name, _)| *name != joined) {
            match first.iter().find(|(known, ..)| *known == name) {
                Some(&(_, of, known)) if known != size => problems.push(format!(
                    "the axis `{name}` has size {known} in array {of}, and {size} in array {place}"
                )),
                Some(_) => {}
                None => first.push((name, place, size)),
            }
        }
    }
    problems
}

/// By name, with names for the positional axes of all arrays.
fn joined_by_position(op: &str, arrays: &[&NamedArray], axis: Axis) -> Result<NamedArray> {
    let mut problems = Vec::new();
    let count = positional(&arrays[0].roles).len();
    for (place, array) in arrays.iter().enumerate() {
        let own = positional(&array.roles).len();
        if own != count {
            problems.push(format!("array {place} has {own} positional axes, and the first has {count}"));
        }
    }
    if let Some(report) = Report::of(op, problems) {
        return Err(report.shape());
    }
    let name = arrays[0].name_of(op, axis, POSITION)?;
    let named = arrays.iter().map(|array| array.positions_named(POSITION)).collect::<Result<Vec<_>>>()?;
    joined(op, &named.iter().collect::<Vec<_>>(), name.into())?.positions_back(&[POSITION])
}

/// An array of the other axes' shape, whatever is in it.
fn without(array: &NamedArray, name: AxisName) -> Result<NamedArray> {
    let axis = array.numbers("concatenate", &[name])?[0];
    let mut roles = array.roles.clone();
    roles.remove(axis);
    Ok(NamedArray::new(Array::full(0.0, &array.array.dims_without(&[axis]), DType::Bool)?, roles))
}

/// The arrays along a new axis, which comes last; a position is that among the result's positional axes. Other axes
/// broadcast by name.
///
/// # Errors
/// As [`concatenate`]; an array has the axis already, or the position is beyond the result's.
#[track_caller]
pub fn stack(arrays: &[&NamedArray], axis: impl Into<Axis>) -> Result<NamedArray> {
    let _call = caller::enter("stack");
    let axis = axis.into();
    let name = axis.name().unwrap_or(position_name(NEW_POSITION, 0));
    let clashes = arrays.iter().enumerate().filter(|(_, array)| array.axis_of(name).is_some());
    let problems = clashes.map(|(place, _)| format!("array {place} already has an axis `{name}`")).collect();
    if let Some(report) = Report::of("stack", problems) {
        return Err(report.help("use `concatenate` to join along an axis that is there").shape());
    }
    let grown = arrays.iter().map(|array| array.broadcast_to([(name, 1)])?.at_axis("stack", name, axis));
    let grown = grown.collect::<Result<Vec<_>>>()?;
    joined("stack", &grown.iter().collect::<Vec<_>>(), axis)
}
