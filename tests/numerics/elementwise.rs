//! Elementwise operations at zeros of both signs, infinities, NaN, subnormals and large values.

use pz::NamedArray;

use crate::fixture::{FORWARD, Verdict, arrays, cases, list, number, spec, text};
use crate::operations::{apply, unary};

/// Each element by itself: relative error, the same zeros (their sign too), infinities and NaN.
/// `floor` is what may be rounded to zero or come from cancellation.
pub fn each_agrees(x: &[f64], found: &[f32], wanted: &[f64], floor: f64) -> Result<(), String> {
    let failures: Vec<String> = found
        .iter()
        .zip(wanted)
        .enumerate()
        .filter(|(_, (found, wanted))| {
            let (found, wanted) = (f64::from(**found), **wanted);
            let same = if wanted == 0.0 || !wanted.is_finite() {
                found == wanted && found.is_sign_negative() == wanted.is_sign_negative()
                    || found.is_nan() && wanted.is_nan()
            } else {
                (found - wanted).abs() <= FORWARD * wanted.abs()
            };
            !same && (found - wanted).abs().partial_cmp(&floor) != Some(std::cmp::Ordering::Less)
        })
        .map(|(at, (found, wanted))| format!("  at {:?}: {found:e}, and should be {wanted:e}", x.get(at)))
        .collect();
    if failures.is_empty() { Ok(()) } else { Err(format!("\n{}", failures.join("\n"))) }
}

#[test]
fn functions_hold_at_the_corners_of_f32() {
    let mut verdict = Verdict::default();
    for case in cases("elementwise").iter().filter(|case| text(&case["case"]).starts_with("unary/")) {
        let op = text(&case["op"]);
        let x: Vec<f64> = list(&case["x"]).iter().map(number).collect();
        let y: Vec<f64> = list(&case["y"]).iter().map(number).collect();
        let input: Vec<f32> = x.iter().map(|x| *x as f32).collect();
        let input = NamedArray::from_vec(input, [("x", x.len())]).expect("a list is an array");
        let floor = if op.starts_with("gelu") { 1e-6 } else { 1e-36 };
        let outcome = unary(op)(&input).and_then(|found| found.to_vec::<f32>());
        let outcome =
            outcome.map_err(|error| error.to_string()).and_then(|found| each_agrees(&x, &found, &y, floor));
        verdict.record(op, outcome);
    }
    verdict.finish(16);
}

#[test]
fn operations_on_pairs_hold_at_the_corners() {
    let mut verdict = Verdict::default();
    for case in cases("elementwise").iter().filter(|case| !text(&case["case"]).starts_with("unary/")) {
        let inputs = arrays(&case["in"]);
        let (left, right) = (list(&case["in"][0]["data"]), list(&case["in"][1]["data"]));
        let outcome = apply(text(&case["op"]), &case["args"], &inputs).map_err(|error| error.to_string());
        let outcome = outcome.and_then(|found| {
            let (axes, wanted_axes) = (spec(&found), text(&case["out"]["of"]));
            if axes != wanted_axes {
                return Err(format!("is `{axes}`, and should be `{wanted_axes}`"));
            }
            let found = found
                .cast(pz::DType::F64)
                .and_then(|wide| wide.to_vec::<f64>())
                .map_err(|e| e.to_string())?;
            let wanted: Vec<f64> =
                list(&case["out"]["data"]).iter().map(|x| number(x) as f32).map(f64::from).collect();
            let failures: Vec<String> = (0..wanted.len())
                .filter(|&at| {
                    let (found, wanted) = (found[at], wanted[at]);
                    let near = 1e-6 * wanted.abs().max(f64::from(f32::MIN_POSITIVE));
                    let close = (found - wanted).abs() <= near;
                    let same_zero = wanted != 0.0 || found.is_sign_negative() == wanted.is_sign_negative();
                    !(found.is_nan() && wanted.is_nan()
                        || found == wanted && same_zero
                        || close && wanted != 0.0)
                })
                .map(|at| {
                    let (x, y) = (&left[at / right.len()], &right[at % right.len()]);
                    format!("  of {x} and {y}: {:e}, and should be {:e}", found[at], wanted[at])
                })
                .collect();
            if failures.is_empty() { Ok(()) } else { Err(format!("\n{}", failures.join("\n"))) }
        });
        verdict.record(text(&case["case"]), outcome);
    }
    verdict.finish(22);
}
