//! Running a declared model: the input is held to the header, then the layers follow one another.

use crate::array::DKind;
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::nn::{Layer, SideInputs, Value, call_child};
use crate::shape::{Elements, Kind, Signature};

/// Calls the layers of a declared model, after a look at its input.
///
/// # Errors
/// An input that is no array or that the header does not allow; a side input that is not there; those of the layers.
pub fn call_model(
    model: &dyn Layer,
    signature: &'static Signature,
    layers: &[(&'static str, &dyn Layer)],
    input: Value,
    side: &SideInputs,
) -> Result<Value> {
    let input = input.into_array(signature.name)?;
    check_input(signature, &input)?;
    for name in signature.side_inputs {
        side.known(name)?;
    }
    layers
        .iter()
        .try_fold(input.into(), |value, (field, layer)| call_child(model, field, *layer, value, side))
}

/// Everything about the input that the header does not allow, as far as it has numbers in it.
fn check_input(signature: &'static Signature, input: &NamedArray) -> Result<()> {
    let mut problems = Vec::new();
    if !fits(&signature.input.elements, input) {
        problems.push(format!(
            "the input is {}, and must be {}",
            input.dtype(),
            signature.input.elements.name
        ));
    }
    if !input.positional_shape().is_empty() {
        let shape = input.positional_shape();
        problems.push(format!(
            "the input has positional axes {shape:?}, and must have none; name them with `tag`"
        ));
    }
    for axis in signature.input.as_slice() {
        let number = axis.size.and_then(|size| size.number());
        match (input.size(axis.name), number) {
            (None, _) => problems.push(format!("the input has no axis `{}`", axis.name)),
            (Some(found), Some(wanted)) if i64::try_from(found) != Ok(wanted) => {
                problems
                    .push(format!("the input has `{0}: {found}`, and must have `{0}: {wanted}`", axis.name));
            }
            (Some(_), _) => {}
        }
    }
    for (name, size) in input.named_shape() {
        if signature.input.find(name.as_str()).is_some() {
            continue;
        }
        match signature.input.rest {
            None => problems.push(format!("the input has the axis `{name}: {size}`, which is not declared")),
            Some(rest) if signature.names.contains(&name.as_str()) => problems.push(format!(
                "the input has the axis `{name}: {size}`, and `..{rest}` may not hold an axis that the model uses inside"
            )),
            Some(_) => {}
        }
    }
    match Report::of(signature.name, problems) {
        Some(report) => Err(report.help(format!("the input's axes are {:?}", input.named_shape())).shape()),
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
