//! What runs along axes: reductions, running results, sorting, statistics.
//!
//! Axes that remain are compared by name: where a running result's axis stays in its place, JAX's comes last.

use pz::nx::Running;
use pz::{AxisName, NamedArray, Result, value_and_grad};
use serde_json::Value;

use crate::fixture::{FORWARD, GRADIENT, Verdict, agrees, array, arrays, cases, list, name, names, text};

/// The result of `op` with the static arguments `args` on `xs`: the counterpart of `OPS` in `along.py`.
fn apply(op: &str, args: &Value, xs: &[NamedArray]) -> Result<NamedArray> {
    let axes = || names(&args["axes"]);
    let running = || match args["from_end"] == true {
        true => Running::from_end(name(&args["axis"])),
        false => Running::from(name(&args["axis"])),
    };
    let x = &xs[0];
    match op {
        "sum" => x.sum(axes()),
        "prod" => x.prod(axes()),
        "max" => x.max(axes()),
        "min" => x.min(axes()),
        "all" => x.all(axes()),
        "any" => x.any(axes()),
        "argmax" => x.argmax(axes()[0]),
        "argmin" => x.argmin(axes()[0]),
        "logsumexp" => x.logsumexp(axes()),
        "log_softmax" => x.log_softmax(name(&args["axis"])),
        "cumsum" => x.cumsum(running()),
        "cumprod" => x.cumprod(running()),
        "cummax" => x.cummax(running()),
        "cummin" => x.cummin(running()),
        "cumlogsumexp" => x.cumlogsumexp(running()),
        _ => panic!("no operation `{op}`"),
    }
}

/// The array with its axes in the order of a fixture's.
pub fn in_order_of(found: &NamedArray, wanted: &Value) -> NamedArray {
    let axes: Vec<AxisName> = array(wanted).named_shape().into_iter().map(|(axis, _)| axis).collect();
    found.order_as(axes).expect("the axes are those of the fixture")
}

type Apply = fn(&str, &Value, &[NamedArray]) -> Result<NamedArray>;

/// Whether value and gradients are those of a case.
pub fn holds(apply: Apply, case: &Value) -> Result<(), String> {
    let as_text = |error: pz::Error| error.to_string();
    let (op, args) = (text(&case["op"]), &case["args"]);
    let inputs = arrays(&case["in"]);
    let found = apply(op, args, &inputs).map_err(as_text)?;
    agrees(&in_order_of(&found, &case["out"]), &case["out"], FORWARD)?;
    let Some(wanted) = case.get("grads") else { return Ok(()) };
    let floats: Vec<usize> = (0..inputs.len()).filter(|&at| !wanted[at].is_null()).collect();
    let cotangent = array(&case["cotangent"]);
    let loss = |given: &[NamedArray]| {
        let mut filled = inputs.clone();
        floats.iter().zip(given).for_each(|(&at, value)| filled[at] = value.clone());
        let out = apply(op, args, &filled)?;
        let out = cotangent.not_equal(0.0)?.select(&out.mul(&cotangent)?, 0.0)?;
        let axes: Vec<AxisName> = out.named_shape().into_iter().map(|(axis, _)| axis).collect();
        if axes.is_empty() { Ok(out) } else { out.sum(axes) }
    };
    let given: Vec<NamedArray> = floats.iter().map(|&at| inputs[at].clone()).collect();
    let (_, grads) = value_and_grad(loss, &given).map_err(as_text)?;
    floats.iter().zip(&grads).try_for_each(|(&at, grad)| {
        agrees(grad, &wanted[at], GRADIENT).map_err(|problem| format!("gradient of input {at}: {problem}"))
    })
}

#[test]
fn what_runs_along_axes_is_that_of_jax() {
    let mut verdict = Verdict::default();
    for case in list(&Value::Array(cases("along"))) {
        verdict.record(text(&case["case"]), holds(apply, case));
    }
    verdict.finish(80);
}

#[test]
fn equal_running_maxima_belong_to_the_first_of_them() {
    let x = NamedArray::from_vec(vec![1f32, 1.0, 0.0, 2.0, 2.0], [("a", 5)]).expect("five elements");
    let weights = NamedArray::from_vec(vec![1f32, 2.0, 3.0, 4.0, 5.0], [("a", 5)]).expect("five elements");
    let grads = pz::grad(|x| x[0].cummax("a")?.mul(&weights)?.sum("a"), &[x]).expect("a derivative");
    assert_eq!(grads[0].to_vec::<f32>().expect("a value"), [6.0, 0.0, 0.0, 9.0, 0.0]);
}
