//! Reads, updates and windows at computed places: values, axis orders and gradients of Penzai's `.at` on JAX.
//!
//! The expected numbers are those of `tests/fixtures/families/indexing.py`.

use pz::named::OutOfRange;
use pz::{NamedArray, Result};
use serde_json::Value;

use crate::fixture::{FORWARD, Verdict, agrees, arrays, cases, count, list, names, text};
use crate::gradients::agree_with;

fn mode(args: &Value) -> OutOfRange {
    match text(&args["mode"]) {
        "lenient" => OutOfRange::Lenient,
        "clip" => OutOfRange::Clip,
        "fill" => OutOfRange::Fill,
        other => panic!("no mode `{other}`"),
    }
}

fn apply(op: &str, args: &Value, xs: &[NamedArray]) -> Result<NamedArray> {
    let axes = names(&args["axes"]);
    let places = |from: usize| axes.iter().copied().zip(&xs[from..]).collect::<Vec<_>>();
    match op {
        "get" => xs[0].at(places(1))?.out_of_range(mode(args)).get(),
        "update" => {
            let (at, values) = (xs[0].at(places(1))?.out_of_range(mode(args)), &xs[xs.len() - 1]);
            match text(&args["how"]) {
                "set" => at.set(values),
                "add" => at.add(values),
                "multiply" => at.multiply(values),
                "min" => at.min(values),
                "max" => at.max(values),
                how => panic!("no update `{how}`"),
            }
        }
        "dynamic_slice" => {
            let lens = list(&args["lens"]).iter().map(count);
            xs[0]
                .dynamic_slice(places(1).into_iter().zip(lens).map(|((axis, start), len)| (axis, start, len)))
        }
        "dynamic_update_slice" => xs[0].dynamic_update_slice(&xs[1], places(2)),
        op => panic!("no operation `{op}`"),
    }
}

#[test]
fn indexing_is_that_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("indexing") {
        let inputs = arrays(&case["in"]);
        let found = apply(text(&case["op"]), &case["args"], &inputs);
        let outcome =
            found.map_err(|error| error.to_string()).and_then(|found| agrees(&found, &case["out"], FORWARD));
        verdict.record(text(&case["case"]), outcome);
    }
    verdict.finish(105);
}

#[test]
fn gradients_of_indexing_are_those_of_jax() {
    let mut verdict = Verdict::default();
    for case in cases("indexing").iter().filter(|case| case.get("grads").is_some()) {
        let run = |xs: &[NamedArray]| apply(text(&case["op"]), &case["args"], xs);
        verdict.record(text(&case["case"]), agree_with(case, run));
    }
    verdict.finish(94);
}
