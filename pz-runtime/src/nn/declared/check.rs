//! Judging a model after edits: the header is held to what the tree of layers really does.
//!
//! The model runs on arrays that have a shape and no value, so that nothing is computed; every error that a layer
//! gives names the layer by its path.

use super::Model;
use super::run::fits;
use crate::AxisName;
use crate::array::trace::traced;
use crate::array::{DType, caller};
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::nn::{KeyValueCache, Layer, SideInputs, Value};
use crate::shape::{Axes, Axis, Elements, Kind, Signature};
use crate::tree::{PyTree, select};
use crate::vars::StateVariable;

/// What axes of open size, and the rest, are taken to be where nobody says: sizes that no model is likely to have.
const MADE_UP: [usize; 6] = [3, 5, 7, 11, 13, 17];

/// Judges a model on an input of these sizes: of the open axes, and of axes for the rest. Those left out are made up,
/// and so are side inputs that are declared and not given: integers along the open axes. The model's state variables
/// are copied before, so what they hold stays.
///
/// # Errors
/// What a layer says of its input; a result that is not what the header declares; a size for an axis that the header
/// does not leave open; a layer that reads a value.
#[track_caller]
pub fn check_model<M: Model, N: Into<AxisName>>(
    model: &M,
    sizes: impl IntoIterator<Item = (N, usize)>,
    side: &SideInputs,
) -> Result<()> {
    let place = caller::enter();
    let sizes: Vec<(AxisName, usize)> = sizes.into_iter().map(|(axis, size)| (axis.into(), size)).collect();
    let model = copied::<NamedArray, M>(model)?;
    let model = copied::<Option<NamedArray>, M>(&model)?;
    let model = copied::<KeyValueCache, M>(&model)?;
    let mut values = vec![None; M::SIGNATURE.symbols.len()];
    values.iter_mut().zip(M::ARGUMENTS).for_each(|(value, argument)| *value = Some(*argument));
    let judged = judge(&model, M::SIGNATURE, values, &sizes, side);
    drop(place);
    judged
}

/// The model with state variables of its own in the place of those that hold a `T`.
fn copied<T: PyTree + Clone, M: Model>(model: &M) -> Result<M> {
    select(model)
        .at_instances_of::<StateVariable<T>>()
        .allow_empty()
        .apply(|variable| variable.freeze().unfreeze_as_copy())
}

fn judge(
    model: &dyn Layer,
    signature: &'static Signature,
    mut values: Vec<Option<usize>>,
    sizes: &[(AxisName, usize)],
    side: &SideInputs,
) -> Result<()> {
    let open = open_axes(signature, &mut values, sizes);
    let axes = input_axes(signature, &signature.input, &values, &open, sizes)?;
    let mut inputs = Vec::new();
    for declared in inputs_of(signature) {
        let axes = match signature.inputs {
            [] | [_] => axes.clone(),
            _ => input_axes(signature, declared, &values, &open, sizes)?,
        };
        inputs.push(NamedArray::without_value(axes, dtype(&declared.elements))?);
    }
    let input = match signature.inputs {
        [] | [_] => Value::from(inputs.swap_remove(0)),
        _ => Value::Tuple(inputs.into_iter().map(Value::from).collect()),
    };
    let mut all = side.clone();
    for name in signature.side_inputs {
        if side.known(name).is_err() {
            all = all.with(name, NamedArray::without_value(open.iter().copied(), DType::I32)?);
        }
    }
    let (output, _) = traced(|| model.call(input, &all)?.into_array(signature.name))?;
    compare(signature, &values, &axes, &output)
}

/// What the model takes, in order.
fn inputs_of(signature: &Signature) -> Vec<&Axes> {
    match signature.inputs {
        [] => vec![&signature.input],
        inputs => inputs.iter().map(|(_, axes)| axes).collect(),
    }
}

fn is_open(signature: &Signature, axis: &Axis) -> bool {
    axis.size.is_none_or(|size| axis.is_open(&size, signature.symbols))
}

/// The input's axes of open size, with their sizes, which become values of symbols; then those of quotients.
pub(super) fn open_axes(
    signature: &Signature,
    values: &mut [Option<usize>],
    sizes: &[(AxisName, usize)],
) -> Vec<(AxisName, usize)> {
    let mut open = Vec::new();
    let axes = inputs_of(signature).into_iter().flat_map(Axes::as_slice);
    for axis in axes.filter(|axis| is_open(signature, axis)) {
        if open.iter().any(|(known, _)| *known == *axis.name) {
            continue;
        }
        let given = sizes.iter().find(|(known, _)| *known == *axis.name).map(|(_, size)| *size);
        let size = given.unwrap_or(MADE_UP[open.len() % MADE_UP.len()]);
        if let Some(symbol) = signature.symbols.iter().position(|symbol| *symbol == axis.name) {
            values[symbol] = Some(size);
        }
        open.push((AxisName::new(axis.name), size));
    }
    for (above, below, symbol) in signature.quotients {
        let quotient = match (above.value(values), below.value(values)) {
            (Some(above), Some(below)) if below > 0 && above % below == 0 => Some(above / below),
            _ => None,
        };
        if let Some(value) = values.get_mut(usize::from(*symbol)) {
            *value = quotient;
        }
    }
    open
}

/// All axes of the input. A rest for which no sizes were given is an axis of the rest's name.
fn input_axes(
    signature: &Signature,
    input: &Axes,
    values: &[Option<usize>],
    open: &[(AxisName, usize)],
    sizes: &[(AxisName, usize)],
) -> Result<Vec<(AxisName, usize)>> {
    let (mut axes, mut problems) = (Vec::new(), Vec::new());
    for axis in input.as_slice() {
        let own = open.iter().find(|(known, _)| *known == *axis.name).map(|(_, size)| *size);
        match own.or_else(|| axis.size.and_then(|size| size.value(values))) {
            Some(size) => axes.push((AxisName::new(axis.name), size)),
            None => problems.push(format!("the size of `{}` is no whole number for these sizes", axis.name)),
        }
    }
    let declared = axes.len();
    for (axis, size) in sizes {
        let elsewhere = || open.iter().any(|(known, _)| known == axis);
        match (axes.iter().find(|(known, _)| known == axis), input.rest) {
            (Some((_, known)), _) if known == size => {}
            (Some((_, known)), _) => {
                problems.push(format!("`{axis}: {size}` was given, and the model has `{axis}: {known}`"));
            }
            (None, _) if elsewhere() => {}
            (None, Some(_)) => axes.push((*axis, *size)),
            (None, None) => {
                problems.push(format!("`{axis}: {size}` was given, and the model has no such axis"))
            }
        }
    }
    if let Some(rest) = input.rest
        && axes.len() == declared
        && !signature.names.contains(&rest)
    {
        axes.push((AxisName::new(rest), MADE_UP[open.len() % MADE_UP.len()]));
    }
    match Report::of(format!("{}::check_with", signature.name), problems) {
        Some(report) => Err(report.shape()),
        None => Ok(axes),
    }
}

/// The element type of an input that is declared as `elements`.
fn dtype(elements: &Elements) -> DType {
    match (elements.kind, elements.name) {
        (Kind::Bool, _) => DType::Bool,
        (Kind::Int, name) => {
            let all = [DType::U8, DType::U16, DType::U32, DType::U64, DType::I8, DType::I16, DType::I64];
            all.into_iter().find(|dtype| dtype.to_string() == name).unwrap_or(DType::I32)
        }
        (_, name) => {
            let all = [DType::F16, DType::BF16, DType::F64];
            all.into_iter().find(|dtype| dtype.to_string() == name).unwrap_or(DType::F32)
        }
    }
}

/// Everything about the result that is not as declared.
pub(super) fn compare(
    signature: &Signature,
    values: &[Option<usize>],
    input: &[(AxisName, usize)],
    output: &NamedArray,
) -> Result<()> {
    let mut problems = Vec::new();
    let elements = &signature.output.elements;
    if !fits(elements, output) {
        problems.push(format!("the result is {}, and {} is declared", output.dtype(), elements.name));
    }
    if !output.positional_shape().is_empty() {
        problems.push(format!("the result has positional axes {:?}", output.positional_shape()));
    }
    let rest = input
        .iter()
        .filter(|(name, _)| signature.output.rest.is_some() && signature.input.find(name.as_str()).is_none());
    let declared = signature.output.as_slice().iter().map(|axis| {
        let open = || input.iter().find(|(known, _)| *known == *axis.name).map(|(_, size)| *size);
        (AxisName::new(axis.name), axis.size.map_or_else(open, |size| size.value(values)))
    });
    let wanted: Vec<_> = declared.chain(rest.map(|(name, size)| (*name, Some(*size)))).collect();
    for (axis, size) in &wanted {
        match (output.size(*axis), size) {
            (None, _) => problems.push(format!("the result has no axis `{axis}`, which is declared")),
            (Some(found), Some(wanted)) if found != *wanted => {
                problems
                    .push(format!("the result has `{axis}: {found}`, and `{axis}: {wanted}` is declared"));
            }
            (Some(_), _) => {}
        }
    }
    for (name, size) in output.named_shape() {
        if !wanted.iter().any(|(axis, _)| *axis == name) {
            problems.push(format!("the result has the axis `{name}: {size}`, which is not declared"));
        }
    }
    match Report::of(signature.name, problems) {
        Some(report) => Err(report.help(format!("the result's axes are {:?}", output.named_shape())).shape()),
        None => Ok(()),
    }
}
