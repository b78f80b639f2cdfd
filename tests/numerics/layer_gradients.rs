//! Gradients of layers against Penzai's: with respect to every parameter and every input.

use pz::nn::{AnyLayer, Init, SideInputs};
use pz::{AxisName, NamedArray, Result, value_and_grad};
use serde_json::Value;

use crate::fixture::{GRADIENT, Verdict, agrees, array, arrays, cases, list, number, text};
use crate::gradients::total;
use crate::layers::{self, call};

/// Whether the gradients of a layer are those of the case. `build` builds it with the parameters it is given; `side` makes
/// the side inputs of each call.
pub fn agree_with(
    case: &Value,
    build: impl Fn(Init<'_>) -> Result<AnyLayer>,
    side: impl Fn() -> SideInputs,
) -> Result<(), String> {
    let as_text = |error: pz::Error| error.to_string();
    let inputs = arrays(&case["in"]);
    let cotangent = array(&case["cotangent"]);
    let (of_params, of_inputs) = (list(&case["grads"]["params"]), list(&case["grads"]["in"]));
    let labels: Vec<&str> = list(&case["params"]).iter().map(|pair| text(&pair[0])).collect();
    let floats: Vec<usize> = (0..inputs.len()).filter(|&at| !of_inputs[at].is_null()).collect();
    let mut given: Vec<NamedArray> = list(&case["params"]).iter().map(|pair| array(&pair[1])).collect();
    given.extend(floats.iter().map(|&at| inputs[at].clone()));
    let loss = |given: &[NamedArray]| {
        let (params, xs) = given.split_at(labels.len());
        let find = |label: &str, _: &[(AxisName, usize)]| {
            let at = labels.iter().position(|known| *known == label);
            Ok(params[at.unwrap_or_else(|| panic!("the fixture has no parameter `{label}`"))].clone())
        };
        let mut filled = inputs.clone();
        floats.iter().zip(xs).for_each(|(&at, x)| filled[at] = x.clone());
        total(&call(&build(Init::Loaded(&find))?, filled, &side())?.mul(&cotangent)?)
    };
    if given.is_empty() {
        return loss(&given).map(|_| ()).map_err(as_text);
    }
    let (_, grads) = value_and_grad(loss, &given).map_err(as_text)?;
    let (by_param, by_input) = grads.split_at(labels.len());
    if of_params.len() != labels.len() {
        return Err(format!("{} gradients for the parameters {labels:?}", of_params.len()));
    }
    for pair in of_params {
        let label = text(&pair[0]);
        let at = labels.iter().position(|known| *known == label).ok_or(format!("no parameter `{label}`"))?;
        agrees(&by_param[at], &pair[1], GRADIENT).map_err(|problem| format!("{label}: {problem}"))?;
    }
    floats.iter().zip(by_input).try_for_each(|(&at, grad)| {
        agrees(grad, &of_inputs[at], GRADIENT).map_err(|problem| format!("input {at}: {problem}"))
    })
}

/// Cases in which Penzai's gradient is its own rounding: the variance of rows that are constant is 1e-7 there, a tenth of
/// epsilon, and 0 here. They are held to the formula, in f64.
const DECIDED: [&str; 1] = ["Standardize/constant rows"];

/// The gradients of a standardised row `x` whose result is weighed by `by`.
fn of_standardized(x: &[f64], by: &[f64], epsilon: f64) -> Vec<f64> {
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / x.len() as f64;
    let middle = mean(&mut x.iter().copied());
    let scale = (mean(&mut x.iter().map(|x| (x - middle).powi(2))) + epsilon).sqrt().recip();
    let (shift, turn) =
        (mean(&mut by.iter().copied()), mean(&mut x.iter().zip(by).map(|(x, by)| by * (x - middle))));
    let each = |(x, by): (&f64, &f64)| scale * (by - shift - (x - middle) * scale.powi(2) * turn);
    x.iter().zip(by).map(each).collect()
}

/// The case, its gradients those of the formula.
fn decided(case: &Value) -> Value {
    let rows = |array: &Value| -> Vec<f64> { list(&array["data"]).iter().map(number).collect() };
    let (x, by) = (rows(&case["in"][0]), rows(&case["cotangent"]));
    let epsilon = number(&case["config"]["epsilon"]);
    let grads: Vec<f64> =
        x.chunks(3).zip(by.chunks(3)).flat_map(|(x, by)| of_standardized(x, by, epsilon)).collect();
    let mut case = case.clone();
    case["grads"]["in"][0]["data"] = grads.into();
    case
}

#[test]
fn gradients_of_layers_are_those_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("layers") {
        let build = |init: Init<'_>| layers::build(text(&case["layer"]), &case["config"], init);
        let is_decided = DECIDED.contains(&text(&case["case"]));
        let wanted = if is_decided { decided(&case) } else { case.clone() };
        verdict.record(text(&case["case"]), agree_with(&wanted, build, SideInputs::new));
    }
    verdict.finish(106);
}
