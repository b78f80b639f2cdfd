//! Shape rules that several primitives share.
//!
//! Operands arrive with equal shapes and promoted dtypes, for the named operations broadcast and promote
//! before; what these rules refuse is a dtype that an operation has no meaning for, or axes that do not exist.

use smallvec::SmallVec;

use crate::array::dtype::{DKind, DType};
use crate::array::layout::Dims;
use crate::array::params::Params;
use crate::array::primitive::Spec;
use crate::error::{Report, Result};

/// Same shape, same dtype, for numbers.
pub(crate) fn number(_: &Params, inputs: &[Spec]) -> Result<Spec> {
    same(inputs)?;
    let spec = &inputs[0];
    if spec.dtype == DType::Bool {
        let problem = "the operands are bool, and the operation is for numbers";
        return Err(Report::new("arithmetic", problem).help("cast them first: `x.cast(DType::I32)`").dtype());
    }
    Ok(spec.clone())
}

/// Same shape, same dtype, any dtype.
pub(crate) fn any(_: &Params, inputs: &[Spec]) -> Result<Spec> {
    same(inputs)?;
    Ok(inputs[0].clone())
}

/// Same shape, a float dtype.
pub(crate) fn float(_: &Params, inputs: &[Spec]) -> Result<Spec> {
    same(inputs)?;
    let spec = &inputs[0];
    if !spec.dtype.is_float() {
        let problem = format!("the operand is {}, and the operation needs a float", spec.dtype);
        return Err(Report::new("elementwise function", problem)
            .help("cast it first: `x.cast(DType::F32)`")
            .dtype());
    }
    Ok(spec.clone())
}

/// Same shape, truth values or integers.
pub(crate) fn bits(_: &Params, inputs: &[Spec]) -> Result<Spec> {
    same(inputs)?;
    let spec = &inputs[0];
    if spec.dtype.kind() == DKind::Float {
        let problem = format!("the operands are {}, and logic is for bool and integers", spec.dtype);
        return Err(Report::new("logic", problem).help("compare first: `x.not_equal(0)`").dtype());
    }
    Ok(spec.clone())
}

/// Same shape, integers.
pub(crate) fn integer(_: &Params, inputs: &[Spec]) -> Result<Spec> {
    same(inputs)?;
    let spec = &inputs[0];
    if spec.dtype.kind() != DKind::Int {
        let problem = format!("the operands are {}, and the operation is for integers", spec.dtype);
        return Err(Report::new("integer operation", problem)
            .help("cast them first: `x.cast(DType::I32)`")
            .dtype());
    }
    Ok(spec.clone())
}

/// Two operands of one shape and dtype; the result is bool.
pub(crate) fn comparison(_: &Params, inputs: &[Spec]) -> Result<Spec> {
    same(inputs)?;
    Ok(inputs[0].of(DType::Bool))
}

/// A condition and two choices of one shape.
pub(crate) fn select(_: &Params, inputs: &[Spec]) -> Result<Spec> {
    let [condition, on_true, on_false] = inputs else { return Err(wrong_count(inputs)) };
    if condition.dtype != DType::Bool {
        let problem = format!("the condition is {}, and must be bool", condition.dtype);
        return Err(Report::new("select", problem).help("compare first: `x.not_equal(0)`").dtype());
    }
    same(&[on_true.clone(), on_false.clone()])?;
    if condition.dims != on_true.dims {
        return Err(shapes("select", &condition.dims, &on_true.dims));
    }
    Ok(on_true.clone())
}

/// The dtype that the parameters name.
pub(crate) fn cast(params: &Params, inputs: &[Spec]) -> Result<Spec> {
    match params {
        Params::DType(DType::Key) => {
            let problem = format!("the operand is {}, and no number is a random key", inputs[0].dtype);
            Err(Report::new("cast", problem)
                .help("make keys of a seed, `Key::new(0)`, or of their words, `words.wrap_key_data()`")
                .dtype())
        }
        Params::DType(dtype) => Ok(inputs[0].of(*dtype)),
        _ => Err(wrong_count(inputs)),
    }
}

/// The dimensions that the parameters name, the dtype of the first operand.
pub(crate) fn given_dims(params: &Params, inputs: &[Spec]) -> Result<Spec> {
    match params {
        Params::Dims(dims) | Params::Broadcast { dims, .. } => {
            Ok(Spec::new(Dims::from_slice(dims), inputs[0].dtype))
        }
        _ => Err(wrong_count(inputs)),
    }
}

/// The operand without the axes that the parameters name.
pub(crate) fn reduce(params: &Params, inputs: &[Spec]) -> Result<Spec> {
    let axes = params.axes();
    axes.iter().try_for_each(|&axis| axis_exists("reduce", axis, &inputs[0].dims))?;
    Ok(Spec::new(without(&inputs[0].dims, axes), inputs[0].dtype))
}

/// Sizes without some axes.
pub(crate) fn without(dims: &[usize], axes: &[usize]) -> Dims {
    dims.iter().enumerate().filter(|(axis, _)| !axes.contains(axis)).map(|(_, &dim)| dim).collect()
}

/// Refuses an axis number beyond the axes.
pub(crate) fn axis_exists(op: &str, axis: usize, dims: &[usize]) -> Result<()> {
    if axis < dims.len() {
        return Ok(());
    }
    Err(Report::new(op, format!("axis {axis} was asked for, and the array has {} axes", dims.len())).shape())
}

/// An error about two shapes that should be one.
pub(crate) fn shapes(op: &str, left: &[usize], right: &[usize]) -> crate::Error {
    Report::new(op, format!("the shapes {left:?} and {right:?} differ")).shape()
}

fn same(inputs: &[Spec]) -> Result<()> {
    let Some((first, rest)) = inputs.split_first() else { return Err(wrong_count(inputs)) };
    for other in rest {
        if other.dims != first.dims {
            return Err(shapes("elementwise operation", &first.dims, &other.dims));
        }
        if other.dtype != first.dtype {
            let problem = format!("the dtypes {} and {} differ", first.dtype, other.dtype);
            return Err(Report::new("elementwise operation", problem).dtype());
        }
    }
    Ok(())
}

fn wrong_count(inputs: &[Spec]) -> crate::Error {
    Report::new("primitive", format!("{} operands or unfitting parameters were given", inputs.len())).shape()
}

/// The order that undoes a permutation.
pub(crate) fn inverse(order: &[usize]) -> SmallVec<[usize; 6]> {
    let mut inverse: SmallVec<[usize; 6]> = SmallVec::from_elem(0, order.len());
    order.iter().enumerate().for_each(|(place, &axis)| inverse[axis] = place);
    inverse
}
