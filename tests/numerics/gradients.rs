//! Gradients against JAX's: of every differentiable operation, at special points, and of whole transformers.

use pz::models::transformer::build_llamalike_transformer;
use pz::nn::{Init, SideInputs};
use pz::{AxisName, NamedArray, Result, value_and_grad};
use serde_json::Value;

use crate::fixture::{FORWARD, GRADIENT, Verdict, agrees, array, arrays, cases, list, number, text};
use crate::layers::call;
use crate::operations::apply;
use crate::transformers::{config_of, load_scaled};

/// The sum of all elements.
pub fn total(x: &NamedArray) -> Result<NamedArray> {
    let places: Vec<AxisName> = (0..x.positional_shape().len())
        .map(|place| AxisName::intern(&format!("positional {place}")))
        .collect();
    let named = x.tag(&places)?;
    let axes: Vec<AxisName> = named.named_shape().into_iter().map(|(axis, _)| axis).collect();
    if axes.is_empty() { Ok(named) } else { named.sum(axes) }
}

/// Whether the gradients of `run` are those of the case. NaN in the result has no part in the sum.
pub fn agree_with(case: &Value, run: impl Fn(&[NamedArray]) -> Result<NamedArray>) -> Result<(), String> {
    let inputs = arrays(&case["in"]);
    let wanted = list(&case["grads"]);
    let floats: Vec<usize> = (0..inputs.len()).filter(|&at| !wanted[at].is_null()).collect();
    let cotangent = array(&case["cotangent"]);
    let loss = |given: &[NamedArray]| {
        let mut filled = inputs.clone();
        floats.iter().zip(given).for_each(|(&at, value)| filled[at] = value.clone());
        let out = run(&filled)?;
        total(&out.equal(&out)?.select(&out, 0.0)?.mul(&cotangent)?)
    };
    let given: Vec<NamedArray> = floats.iter().map(|&at| inputs[at].clone()).collect();
    let (_, grads) = value_and_grad(loss, &given).map_err(|error| error.to_string())?;
    floats.iter().zip(&grads).try_for_each(|(&at, grad)| {
        agrees(grad, &wanted[at], GRADIENT).map_err(|problem| format!("input {at}: {problem}"))
    })?;
    let wanted: Vec<NamedArray> = floats.iter().map(|&at| array(&wanted[at])).collect();
    moves_as(loss, &given, &wanted).map_err(|error| error.to_string())?
}

/// Whether the forward derivative of a loss along some direction is what its gradient says.
fn moves_as(
    loss: impl Fn(&[NamedArray]) -> Result<NamedArray>,
    given: &[NamedArray],
    grads: &[NamedArray],
) -> Result<Result<(), String>> {
    let direction = |x: &NamedArray| x.is_finite()?.select(x.mul(37.0)?.sin()?, 0.5);
    let directions = given.iter().map(direction).collect::<Result<Vec<_>>>()?;
    let (_, moved) = pz::jvp(|given| Ok(vec![loss(given)?]), given, &directions)?;
    let moved = f64::from(moved[0].item::<f32>()?);
    let (mut wanted, mut size) = (0.0, 1e-3);
    for (grad, direction) in grads.iter().zip(&directions) {
        for part in grad.mul(direction)?.to_vec::<f32>()? {
            wanted += f64::from(part);
            size += f64::from(part.abs());
        }
    }
    let is_near = (moved - wanted).abs() <= GRADIENT * size || !wanted.is_finite();
    Ok(if is_near { Ok(()) } else { Err(format!("forwards it is {moved}, and should be {wanted}")) })
}

#[test]
fn gradients_of_operations_are_those_of_jax() {
    let mut verdict = Verdict::default();
    for case in cases("gradients").iter().filter(|case| case.get("op").is_some()) {
        let run = |xs: &[NamedArray]| apply(text(&case["op"]), &case["args"], xs);
        verdict.record(text(&case["case"]), agree_with(case, run));
    }
    verdict.finish(175);
}

/// The mean cross entropy of each token but the first.
fn next_token_loss(logits: &NamedArray, tokens: &NamedArray) -> Result<NamedArray> {
    let (seq, vocabulary) = (tokens.size("seq").unwrap_or(1), logits.size("vocabulary").unwrap_or(0));
    let logits = logits.slice("seq", ..seq - 1)?;
    let shifted = logits.sub(&logits.max("vocabulary")?)?;
    let log_probability = shifted.sub(&shifted.exp()?.sum("vocabulary")?.log()?)?;
    let picked = tokens.slice("seq", 1..)?.equal(NamedArray::arange("vocabulary", vocabulary))?;
    picked.select(&log_probability, 0.0)?.sum("vocabulary")?.mean(["batch", "seq"])?.neg()
}

fn of_model(case: &Value, params: &Value) -> Result<(), String> {
    let config = config_of(&case["config"]);
    let load = load_scaled(params);
    let labels: Vec<&str> = list(params).iter().map(|pair| text(&pair[0])).collect();
    let wanted = list(&case["grads"]);
    let given = list(params).iter().map(|pair| load(text(&pair[0]), &array(&pair[1]).named_shape()));
    let given = given.collect::<Result<Vec<_>>>().map_err(|error| error.to_string())?;
    let tokens = array(&case["tokens"]);
    let loss = |given: &[NamedArray]| {
        let find = |label: &str, _: &[(AxisName, usize)]| {
            let at = labels.iter().position(|known| *known == label);
            Ok(given[at.unwrap_or_else(|| panic!("the fixture has no parameter `{label}`"))].clone())
        };
        let model = build_llamalike_transformer(&config, Init::Loaded(&find), "transformer")?;
        next_token_loss(&call(&model, vec![tokens.clone()], &SideInputs::new())?, &tokens)
    };
    let (value, grads) = value_and_grad(loss, &given).map_err(|error| error.to_string())?;
    let (value, wanted_value) =
        (f64::from(value.item::<f32>().map_err(|error| error.to_string())?), number(&case["loss"]));
    if (value - wanted_value).abs() > FORWARD * wanted_value.abs() {
        return Err(format!("the loss is {value}, and should be {wanted_value}"));
    }
    if wanted.len() != labels.len() {
        return Err(format!("{} gradients for {} parameters", wanted.len(), labels.len()));
    }
    wanted.iter().try_for_each(|pair| {
        let label = text(&pair[0]);
        let at = labels.iter().position(|known| *known == label).ok_or(format!("no parameter `{label}`"))?;
        agrees(&grads[at], &pair[1], GRADIENT).map_err(|problem| format!("{label}: {problem}"))
    })
}

#[test]
fn gradients_of_transformers_are_those_of_jax() {
    let models = cases("tiny_lm");
    let mut verdict = Verdict::default();
    for case in cases("gradients").iter().filter(|case| case.get("op").is_none()) {
        let model =
            models.iter().find(|model| text(&case["case"]) == format!("model/{}", text(&model["case"])));
        let model = model.unwrap_or_else(|| panic!("{} is not in `tiny_lm`", case["case"]));
        verdict.record(text(&case["case"]), of_model(case, &model["params"]));
    }
    verdict.finish(4);
}
