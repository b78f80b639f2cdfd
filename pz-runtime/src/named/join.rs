//! Several arrays to one: behind one another along an axis, or along a new one.

use super::arithmetic::merged;
use super::{NamedArray, Role};
use crate::array::caller;
use crate::array::layout::Dims;
use crate::array::{Array, DType};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// The arrays behind one another along `axis`, which each of them has; it comes last in the result. Other axes
/// broadcast by name.
///
/// # Errors
/// No arrays; one without the axis; an axis with two sizes; numbers of positional axes that differ.
#[track_caller]
pub fn concatenate(arrays: &[&NamedArray], axis: impl Into<AxisName>) -> Result<NamedArray> {
    let _place = caller::enter();
    let name = axis.into();
    let Some((first, rest)) = arrays.split_first() else {
        return Err(Report::new("concatenate", "no arrays were given")
            .help("give at least one array")
            .shape());
    };
    let count = first.positional_shape().len();
    let mut problems = Vec::new();
    for (place, array) in arrays.iter().enumerate() {
        if array.axis_of(name.as_str()).is_none() {
            problems.push(format!("array {place} has no axis `{name}`; it has ({})", array.axes_text()));
        }
        if array.positional_shape().len() != count {
            problems.push(format!(
                "array {place} has another number of positional axes than the first ({count})"
            ));
        }
    }
    if let Some(report) = Report::of("concatenate", problems) {
        return Err(report.shape());
    }
    // One slice of each along the axis stands for the array while the other axes are merged.
    let mut shape = without(first, name)?;
    for array in rest {
        let other = without(array, name)?;
        let (roles, dims) = merged("concatenate", &shape, &other)?;
        shape = NamedArray::new(shape.aligned(&roles, &dims)?, roles);
    }
    let dtype = rest.iter().fold(first.dtype(), |dtype, array| dtype.promote(array.dtype()));
    let mut roles = shape.roles.clone();
    roles.push(Role::Named(name));
    let parts = arrays.iter().map(|array| {
        let mut dims: Dims = shape.array.dims().into();
        dims.push(array.size(name.as_str()).unwrap_or(0));
        array.cast(dtype)?.aligned(&roles, &dims)
    });
    let parts = parts.collect::<Result<Vec<Array>>>()?;
    let parts: Vec<&Array> = parts.iter().collect();
    Ok(NamedArray::new(Array::concatenate(&parts, roles.len() - 1)?, roles))
}

/// An array of the other axes' shape, whatever is in it.
fn without(array: &NamedArray, name: AxisName) -> Result<NamedArray> {
    let axis = array.numbers("concatenate", &[name])?[0];
    let mut roles = array.roles.clone();
    roles.remove(axis);
    Ok(NamedArray::new(Array::full(0.0, &array.array.dims_without(&[axis]), DType::Bool)?, roles))
}

/// The arrays along a new axis, which comes last. Other axes broadcast by name.
///
/// # Errors
/// As [`concatenate`]; an array has the axis already.
#[track_caller]
pub fn stack(arrays: &[&NamedArray], axis: impl Into<AxisName>) -> Result<NamedArray> {
    let name = axis.into();
    let clashes = arrays.iter().enumerate().filter(|(_, array)| array.axis_of(name.as_str()).is_some());
    let problems = clashes.map(|(place, _)| format!("array {place} already has an axis `{name}`")).collect();
    if let Some(report) = Report::of("stack", problems) {
        return Err(report.help("use `concatenate` to join along an axis that is there").shape());
    }
    let grown = arrays.iter().map(|array| array.broadcast_to([(name, 1)])).collect::<Result<Vec<_>>>()?;
    concatenate(&grown.iter().collect::<Vec<_>>(), name)
}
