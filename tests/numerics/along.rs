//! What runs along axes: reductions, running results, sorting, statistics.
//!
//! The axes are in Penzai's order: what runs along an axis has it last.

use pz::nx::{Norm, Running, Sorting};
use pz::{AxisName, NamedArray, Result, value_and_grad};
use serde_json::Value;

use crate::fixture::{
    FORWARD, GRADIENT, Verdict, agrees, array, arrays, cases, count, list, name, names, number, text,
};

/// The result of `op` with the static arguments `args` on `xs`: the counterpart of `OPS` in `along.py`.
fn apply(op: &str, args: &Value, xs: &[NamedArray]) -> Result<NamedArray> {
    let axes = || names(&args["axes"]);
    let axis = || name(&args["axis"]);
    let sorting = || match args["descending"] == true {
        true => Sorting::descending(axis()),
        false => Sorting::from(axis()),
    };
    let running = || match args["from_end"] == true {
        true => Running::from_end(axis()),
        false => Running::from(axis()),
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
        "log_softmax" => x.log_softmax(axis()),
        "cumsum" => x.cumsum(running()),
        "cumprod" => x.cumprod(running()),
        "cummax" => x.cummax(running()),
        "cummin" => x.cummin(running()),
        "cumlogsumexp" => x.cumlogsumexp(running()),
        "sort" => x.sort(sorting()),
        "argsort" => x.argsort(sorting()),
        "top_k" => Ok(x.top_k(axis(), count(&args["k"]))?.0),
        "top_k places" => Ok(x.top_k(axis(), count(&args["k"]))?.1),
        "sort_by" => x.sort_by(axis(), &xs[1]),
        "median" => x.median(axes()),
        "quantile" => x.quantile(axes(), number(&args["q"])),
        "var" => x.var(axes(), count(&args["ddof"])),
        "std" => x.std(axes(), count(&args["ddof"])),
        "norm" => {
            let norms = [Norm::L1, Norm::L2, Norm::Max];
            let norm = norms.into_iter().find(|norm| format!("{norm:?}") == text(&args["norm"]));
            x.norm(axes(), norm.expect("one of three norms"))
        }
        "standardize" => x.standardize(axis(), number(&args["epsilon"])),
        _ => panic!("no operation `{op}`"),
    }
}

type Apply = fn(&str, &Value, &[NamedArray]) -> Result<NamedArray>;

/// The array with its axes in the order of a fixture's, for what leaves axes in their places where Penzai moves them.
fn in_order_of(found: &NamedArray, wanted: &Value) -> NamedArray {
    let axes: Vec<AxisName> = array(wanted).named_shape().into_iter().map(|(axis, _)| axis).collect();
    found.order_as(axes).expect("the axes are those of the fixture")
}

/// Whether value and gradients are those of a case; with `stays`, in whatever order of axes.
pub fn holds(apply: Apply, case: &Value, stays: bool) -> Result<(), String> {
    let as_text = |error: pz::Error| error.to_string();
    let (op, args) = (text(&case["op"]), &case["args"]);
    let inputs = arrays(&case["in"]);
    let found = apply(op, args, &inputs).map_err(as_text)?;
    let found = if stays { in_order_of(&found, &case["out"]) } else { found };
    agrees(&found, &case["out"], FORWARD)?;
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
        verdict.record(text(&case["case"]), holds(apply, case, case["op"] == "standardize"));
    }
    verdict.finish(173);
}

#[test]
fn the_size_of_zeros_has_the_derivative_zero() {
    let x = NamedArray::from_vec(vec![0f32, 0.0], [("a", 2)]).expect("two elements");
    let grads = pz::grad(|x| x[0].norm("a", Norm::L2), &[x]).expect("a derivative");
    assert_eq!(grads[0].to_vec::<f32>().expect("a value"), [0.0, 0.0]);
}

#[test]
fn what_cannot_be_names_the_axis_and_both_sizes() {
    let x = NamedArray::zeros([("rows", 2), ("none", 0)], pz::DType::F32).expect("an empty array");
    for (found, words) in [
        (x.max("none").map(drop), ["max", "`none` has size 0"]),
        (x.argmin("none").map(drop), ["argmin", "`none` has size 0"]),
        (x.median("none").map(drop), ["median", "`none` has size 0"]),
        (x.softmax("none").map(drop), ["softmax", "`none` has size 0"]),
        (x.top_k("rows", 3).map(drop), ["the 3 largest", "`rows` has 2 elements"]),
        (x.sort("columns").map(drop), ["no axis `columns`", "rows:2"]),
        (x.sum(["rows", "rows"]).map(drop), ["`rows` is given twice", "sum"]),
        (x.quantile("rows", 1.5).map(drop), ["1.5", "between 0 and 1"]),
    ] {
        let message = found.expect_err("it cannot be").to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    }
}
