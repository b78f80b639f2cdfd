//! Running a declared model: the input is held to the header, then the layers follow one another.

use super::check::{compare, open_axes};
use crate::AxisName;
use crate::array::DKind;
use crate::error::{Error, Report, Result};
use crate::named::NamedArray;
use crate::nn::{Layer, SideInputs, Value, call_child};
use crate::shape::{Axes, Elements, Kind, Signature};

/// Calls the layers of a declared model, after a look at its input.
///
/// # Errors
/// An input that is no array or that the header does not allow; a side input that is not there; those of the layers; a
/// result of another element type than is declared.
pub fn call_model(
    model: &dyn Layer,
    signature: &'static Signature,
    layers: &[(&'static str, &dyn Layer)],
    input: Value,
    side: &SideInputs,
) -> Result<Value> {
    let (input, side) = &taken(signature, input, side)?;
    for name in signature.side_inputs {
        side.known(name)?;
    }
    let output = layers.iter().try_fold(input.clone().into(), |value, (field, layer)| {
        call_child(model, field, *layer, value, side)
    })?;
    match &output {
        Value::Array(array) if !fits(&signature.output.elements, array) => Err(mistyped(signature, array)),
        _ => Ok(output),
    }
}

/// What a model gives that holds arrays of another type than it was declared with: loaded ones, or those of an edit.
fn mistyped(signature: &Signature, output: &NamedArray) -> Error {
    let (found, wanted) = (output.dtype(), signature.output.elements.name);
    let problem = format!("the result is {found}, and {wanted} is declared");
    let help = format!(
        "give the parameters the type that the model was declared with, or cast the result to {wanted}"
    );
    Report::new(signature.name, problem).help(help).dtype()
}

/// Calls a layer that has a signature, and holds what it takes and gives to that.
///
/// # Errors
/// An input that the signature does not allow, those of the layer, and a result that the signature does not promise.
pub fn call_signed(
    signature: &'static Signature,
    arguments: &[usize],
    input: Value,
    side: &SideInputs,
    call: &dyn Fn(Value, &SideInputs) -> Result<Value>,
) -> Result<Value> {
    let input = input.into_array(signature.name)?;
    check_input(signature, "the input", &signature.input, &input)?;
    let mut values = vec![None; signature.symbols.len()];
    values.iter_mut().zip(arguments).for_each(|(value, argument)| *value = Some(*argument));
    let axes: Vec<(AxisName, usize)> = input.named_shape().into_iter().collect();
    let open = open_axes(signature, &mut values, &axes);
    let mut problems = Vec::new();
    for axis in
        signature.input.as_slice().iter().filter(|axis| !open.iter().any(|(name, _)| *name == *axis.name))
    {
        let wanted = axis.size.and_then(|size| size.value(&values));
        if let (Some(found), Some(wanted)) = (input.size(axis.name), wanted)
            && found != wanted
        {
            problems.push(format!("the input has `{0}: {found}`, and must have `{0}: {wanted}`", axis.name));
        }
    }
    if let Some(report) = Report::of(signature.name, problems) {
        return Err(report.shape());
    }
    let output = call(input.into(), side)?.into_array(signature.name)?;
    compare(signature, &values, &axes, &output)?;
    Ok(output.into())
}

/// The input, and side inputs with those that the header names: judged.
pub(super) fn taken(
    signature: &'static Signature,
    input: Value,
    side: &SideInputs,
) -> Result<(NamedArray, SideInputs)> {
    let arrays = match (signature.inputs, input) {
        ([] | [_], input) => vec![input.into_array(signature.name)?],
        (inputs, Value::Tuple(items)) if items.len() == inputs.len() => {
            items.into_iter().map(|item| item.into_array(signature.name)).collect::<Result<_>>()?
        }
        (inputs, input) => {
            let names: Vec<String> = inputs.iter().map(|(name, _)| format!("`{name}`")).collect();
            let given = match input {
                Value::Array(_) => "one array".to_owned(),
                Value::Tuple(items) => format!("a tuple of {}", items.len()),
            };
            let problem = format!("takes a tuple of {}, and was given {given}", names.join(", "));
            return Err(Report::new(signature.name, problem).help("write `[x, y].into()`").shape());
        }
    };
    let Some(first) = arrays.first().cloned() else {
        return Err(Report::new(signature.name, "takes an array, and was given none").shape());
    };
    let mut side = side.clone();
    match signature.inputs {
        [] => check_input(signature, "the input", &signature.input, &first)?,
        inputs => {
            for ((name, axes), array) in inputs.iter().zip(&arrays) {
                check_input(signature, &format!("`{name}`"), axes, array)?;
                check_alike(signature, (inputs[0].0, &first), (name, axes, array))?;
                side = side.with(name, array.clone());
            }
        }
    }
    Ok((first, side))
}

/// What two inputs both have must be of one size, and they must have the same rest.
fn check_alike(
    signature: &'static Signature,
    (first_name, first): (&str, &NamedArray),
    (name, axes, array): (&str, &Axes, &NamedArray),
) -> Result<()> {
    let mut problems = Vec::new();
    for (axis, size) in array.named_shape() {
        match first.size(axis) {
            Some(other) if other != size => problems
                .push(format!("`{first_name}` has `{axis}: {other}`, and `{name}` has `{axis}: {size}`")),
            None if axes.find(axis.as_str()).is_none() => {
                problems.push(format!("`{name}` has `{axis}: {size}`, and `{first_name}` has no such axis"));
            }
            _ => {}
        }
    }
    for (axis, size) in first.named_shape() {
        if array.size(axis).is_none() && signature.input.find(axis.as_str()).is_none() {
            problems.push(format!("`{first_name}` has `{axis}: {size}`, and `{name}` has no such axis"));
        }
    }
    let help = "the inputs share what the header calls the rest, and each axis that is called alike";
    match Report::of(signature.name, problems) {
        Some(report) => Err(report.help(help).shape()),
        None => Ok(()),
    }
}

/// Everything about the input that the header does not allow, as far as it has numbers in it.
pub(super) fn check_input(
    signature: &'static Signature,
    called: &str,
    declared: &Axes,
    input: &NamedArray,
) -> Result<()> {
    let mut problems = Vec::new();
    if !fits(&declared.elements, input) {
        problems.push(format!("{called} is {}, and must be {}", input.dtype(), declared.elements.name));
    }
    if !input.positional_shape().is_empty() {
        let shape = input.positional_shape();
        problems.push(format!(
            "{called} has positional axes {shape:?}, and must have none; name them with `tag`"
        ));
    }
    for axis in declared.as_slice() {
        let number = axis.size.and_then(|size| size.number());
        match (input.size(axis.name), number) {
            (None, _) => problems.push(format!("{called} has no axis `{}`", axis.name)),
            (Some(found), Some(wanted)) if i64::try_from(found) != Ok(wanted) => {
                problems
                    .push(format!("{called} has `{0}: {found}`, and must have `{0}: {wanted}`", axis.name));
            }
            (Some(_), _) => {}
        }
    }
    for (name, size) in input.named_shape() {
        if declared.find(name.as_str()).is_some() {
            continue;
        }
        match declared.rest {
            None => problems.push(format!("{called} has the axis `{name}: {size}`, which is not declared")),
            Some(rest) if signature.names.contains(&name.as_str()) => problems.push(format!(
                "{called} has the axis `{name}: {size}`, and `..{rest}` may not hold an axis that the model uses inside"
            )),
            Some(_) => {}
        }
    }
    match Report::of(signature.name, problems) {
        Some(report) => Err(report.help(format!("its axes are {:?}", input.named_shape())).shape()),
        None => Ok(()),
    }
}

/// Whether the array's elements are as declared.
pub(super) fn fits(wanted: &Elements, input: &NamedArray) -> bool {
    let dtype = input.dtype();
    let kind = match dtype.kind() {
        DKind::Bool => Kind::Bool,
        DKind::Int => Kind::Int,
        DKind::Float => Kind::Float,
        #[allow(unreachable_patterns, reason = "keys are none of these")]
        _ => return false,
    };
    match wanted.kind {
        Kind::Any => true,
        wanted_kind => kind == wanted_kind && (wanted.name == "float" || wanted.name == dtype.to_string()),
    }
}
