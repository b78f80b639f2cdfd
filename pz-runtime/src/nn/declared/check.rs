//! Judging a model after edits, and costing it: the header is held to what the tree of layers really does.
//!
//! The model runs on arrays that have a shape and no value, so that nothing is computed; every error that a layer
//! gives names the layer by its path.

use super::Model;
use super::run::fits;
use super::site::set_quotients;
use super::types::dtype_of;
use crate::AxisName;
use crate::array::trace::traced;
use crate::array::{DType, caller};
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::nn::judging::judging;
use crate::nn::rehearsal::Rehearsal;
use crate::nn::{Cost, Layer, SideInputs, Value, cost};
use crate::shape::{Axes, Axis, Signature};

/// What axes of open size, and the rest, are taken to be where nobody says: sizes that no model is likely to have.
const MADE_UP: [usize; 6] = [3, 5, 7, 11, 13, 17];

/// Judges a model on an input of these sizes: of the open axes, and of axes for the rest. Those left out are made up,
/// and so are side inputs that are declared and not given: integers along the open axes, a random stream or a mask where
/// a layer asks for that. The run is on copies of all variables, so what they hold stays; parameters may be missing.
///
/// # Errors
/// What a layer says of its input; a result that is not what the header declares; a size for an axis that the header
/// does not leave open; a layer that reads a value.
#[track_caller]
pub fn check_model<M: Model + Layer, N: Into<AxisName>>(
    model: &M,
    sizes: impl IntoIterator<Item = (N, usize)>,
    side: &SideInputs,
) -> Result<()> {
    let call = caller::at(caller::here());
    let sizes: Vec<(AxisName, usize)> = sizes.into_iter().map(|(axis, size)| (axis.into(), size)).collect();
    let judged = judge(model, M::SIGNATURE, M::ARGUMENTS, &sizes, side);
    drop(call);
    judged
}

/// What a declared model costs on an input of these sizes. A rest for which none are given has no axes.
///
/// # Errors
/// As [`cost`](crate::nn::cost); an axis of open size that is left out.
#[track_caller]
pub fn cost_model<M: Model + Layer, N: Into<AxisName>>(
    model: &M,
    sizes: impl IntoIterator<Item = (N, usize)>,
) -> Result<Cost> {
    let call = caller::at(caller::here());
    let sizes: Vec<(AxisName, usize)> = sizes.into_iter().map(|(axis, size)| (axis.into(), size)).collect();
    let stage = Stage::new("cost", M::SIGNATURE, M::ARGUMENTS, &sizes, &SideInputs::new());
    let found = stage.and_then(|stage| cost(model, stage.input, &stage.side));
    drop(call);
    found
}

fn judge(
    model: &dyn Layer,
    signature: &'static Signature,
    arguments: &[usize],
    sizes: &[(AxisName, usize)],
    side: &SideInputs,
) -> Result<()> {
    let mut rehearsal = Rehearsal::new();
    let (model, side) = (rehearsal.of_layer(model)?, rehearsal.of_side(side)?);
    let Stage { values, axes, input, side } = Stage::new("check_with", signature, arguments, sizes, &side)?;
    let (output, _) = judging(|| traced(|| model.call(input, &side)?.into_array(signature.name)))?;
    compare(signature, &values, &axes, &output)
}

/// What a model is run on for its shapes.
struct Stage {
    /// The values of the signature's symbols.
    values: Vec<Option<usize>>,
    /// The axes of the first input.
    axes: Vec<(AxisName, usize)>,
    input: Value,
    side: SideInputs,
}

impl Stage {
    /// What `call` runs a model of this signature on. A check makes up what is left out.
    fn new(
        call: &str,
        signature: &'static Signature,
        arguments: &[usize],
        sizes: &[(AxisName, usize)],
        side: &SideInputs,
    ) -> Result<Self> {
        let mut values = vec![None; signature.symbols.len()];
        values.iter_mut().zip(arguments).for_each(|(value, argument)| *value = Some(*argument));
        let open = open_axes(signature, &mut values, sizes);
        let axes = input_axes(call, signature, &signature.input, &values, &open, sizes)?;
        let mut inputs = Vec::new();
        for declared in inputs_of(signature) {
            let axes = match signature.inputs {
                [] | [_] => axes.clone(),
                _ => input_axes(call, signature, declared, &values, &open, sizes)?,
            };
            inputs.push(NamedArray::without_value(&[], axes, dtype_of(&declared.elements))?);
        }
        let input = match signature.inputs {
            [] | [_] => Value::from(inputs.swap_remove(0)),
            _ => Value::Tuple(inputs.into_iter().map(Value::from).collect()),
        };
        let mut side = side.clone();
        for name in signature.side_inputs {
            if side.known(name).is_err() {
                let array = NamedArray::without_value(&[], open.iter().copied(), DType::I32)?;
                side = side.with_stand_in(name, array)?;
            }
        }
        Ok(Stage { values, axes, input, side })
    }
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
    set_quotients(signature, values);
    open
}

/// All axes of an input. In a check a rest for which no sizes were given is an axis of the rest's name; elsewhere sizes
/// are never made up.
fn input_axes(
    call: &str,
    signature: &Signature,
    input: &Axes,
    values: &[Option<usize>],
    open: &[(AxisName, usize)],
    sizes: &[(AxisName, usize)],
) -> Result<Vec<(AxisName, usize)>> {
    let (mut axes, mut problems) = (Vec::new(), Vec::new());
    let makes_up = call != "cost";
    if !makes_up {
        let missing = open.iter().filter(|(axis, _)| sizes.iter().all(|(given, _)| given != axis));
        problems.extend(missing.map(|(axis, _)| format!("the size of `{axis}` is open, and was not given")));
    }
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
        && makes_up
        && axes.len() == declared
        && !signature.names.contains(&rest)
    {
        axes.push((AxisName::new(rest), MADE_UP[open.len() % MADE_UP.len()]));
    }
    match Report::of(format_args!("{}::{call}", signature.name), problems) {
        Some(report) => Err(report.shape()),
        None => Ok(axes),
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
