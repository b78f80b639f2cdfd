//! Functions of elements beyond those that the named family walks: corners, kinks, edges, integers, truth values.
//!
//! The derivatives of a function of elements are those of its sum. Each number is compared by itself.

use pz::{DType, NamedArray, Result, grad};
use serde_json::Value;

use crate::elementwise::each_agrees;
use crate::fixture::{FORWARD, GRADIENT, Verdict, agrees, array, arrays, cases, dtype, list, number, text};

type Unary = fn(&NamedArray) -> Result<NamedArray>;
type Binary = fn(&NamedArray, &NamedArray) -> Result<NamedArray>;

const UNARY: [(&str, Unary); 50] = [
    ("abs", NamedArray::abs),
    ("acos", NamedArray::acos),
    ("acosh", NamedArray::acosh),
    ("asin", NamedArray::asin),
    ("asinh", NamedArray::asinh),
    ("atan", NamedArray::atan),
    ("atanh", NamedArray::atanh),
    ("bitwise_not", NamedArray::bitwise_not),
    ("cbrt", NamedArray::cbrt),
    ("ceil", NamedArray::ceil),
    ("celu2", |x| x.celu(2.0)),
    ("clamp", |x| x.clamp(-1, 2.5)),
    ("cosh", NamedArray::cosh),
    ("digamma", NamedArray::digamma),
    ("elu", |x| x.elu(1.0)),
    ("erf_inv", NamedArray::erf_inv),
    ("erfc", NamedArray::erfc),
    ("expm1", NamedArray::expm1),
    ("floor", NamedArray::floor),
    ("hard_tanh", NamedArray::hard_tanh),
    ("is_finite", NamedArray::is_finite),
    ("is_inf", NamedArray::is_inf),
    ("is_nan", NamedArray::is_nan),
    ("leaky_relu", |x| x.leaky_relu(0.01)),
    ("lgamma", NamedArray::lgamma),
    ("log", NamedArray::log),
    ("log1p", NamedArray::log1p),
    ("log_sigmoid", NamedArray::log_sigmoid),
    ("logical_not", NamedArray::logical_not),
    ("nan_to_num", NamedArray::nan_to_num),
    ("population_count", NamedArray::population_count),
    ("reciprocal", NamedArray::reciprocal),
    ("relu", NamedArray::relu),
    ("relu6", NamedArray::relu6),
    ("round", NamedArray::round),
    ("selu", NamedArray::selu),
    ("sigmoid", NamedArray::sigmoid),
    ("sign", NamedArray::sign),
    ("sinh", NamedArray::sinh),
    ("softplus", NamedArray::softplus),
    ("sqrt", NamedArray::sqrt),
    ("square", NamedArray::square),
    ("tan", NamedArray::tan),
    ("exp", NamedArray::exp),
    ("tanh", NamedArray::tanh),
    ("cos", NamedArray::cos),
    ("erf", NamedArray::erf),
    ("neg", NamedArray::neg),
    ("rsqrt", NamedArray::rsqrt),
    ("sin", NamedArray::sin),
];

const BINARY: [(&str, Binary); 23] = [
    ("add", |x, y| x.add(y)),
    ("mul", |x, y| x.mul(y)),
    ("maximum", |x, y| x.maximum(y)),
    ("minimum", |x, y| x.minimum(y)),
    ("rem", |x, y| x.rem(y)),
    ("remainder", |x, y| x.remainder(y)),
    ("floor_div", |x, y| x.floor_div(y)),
    ("pow", |x, y| x.pow(y)),
    ("atan2", |x, y| x.atan2(y)),
    ("logaddexp", |x, y| x.logaddexp(y)),
    ("bitwise_and", |x, y| x.bitwise_and(y)),
    ("bitwise_or", |x, y| x.bitwise_or(y)),
    ("bitwise_xor", |x, y| x.bitwise_xor(y)),
    ("logical_and", |x, y| x.logical_and(y)),
    ("logical_or", |x, y| x.logical_or(y)),
    ("logical_xor", |x, y| x.logical_xor(y)),
    ("shift_left", |x, y| x.shift_left(y)),
    ("shift_right", |x, y| x.shift_right(y)),
    ("shift_right_logical", |x, y| x.shift_right_logical(y)),
    ("div", |x, y| x.div(y)),
    ("sub", |x, y| x.sub(y)),
    ("less", |x, y| x.less(y)),
    ("equal", |x, y| x.equal(y)),
];

fn unary(op: &str) -> Unary {
    UNARY.iter().find(|(known, _)| *known == op).unwrap_or_else(|| panic!("no function `{op}`")).1
}

fn binary(op: &str) -> Binary {
    BINARY.iter().find(|(known, _)| *known == op).unwrap_or_else(|| panic!("no function `{op}` of two")).1
}

fn wide(value: &Value) -> Vec<f64> {
    list(value).iter().map(number).collect()
}

fn floats(value: &Value) -> NamedArray {
    let values: Vec<f32> = list(value).iter().map(|x| number(x) as f32).collect();
    let len = values.len();
    NamedArray::from_vec(values, [("a", len)]).expect("a list is an array")
}

/// Records the cases whose name starts with `prefix/`, as `outcome` finds them.
fn walk(prefix: &str, expected: usize, outcome: impl Fn(&Value) -> std::result::Result<(), String>) {
    let mut verdict = Verdict::default();
    for case in cases("functions") {
        if text(&case["case"]).split('/').next() == Some(prefix) {
            verdict.record(text(&case["case"]), outcome(&case));
        }
    }
    verdict.finish(expected);
}

/// Each number within the tolerance of gradients, relative to itself or to 0.01; zeros of either sign.
fn each_near(found: &NamedArray, wanted: &Value) -> std::result::Result<(), String> {
    let found = found.to_vec::<f32>().map_err(|error| error.to_string())?;
    let wanted = wide(wanted);
    let off = found.iter().zip(&wanted).position(|(found, wanted)| {
        let (found, same_nan) = (f64::from(*found), found.is_nan() && wanted.is_nan());
        !(same_nan || found == *wanted || (found - wanted).abs() <= GRADIENT * wanted.abs().max(0.01))
    });
    match off {
        None => Ok(()),
        Some(at) => Err(format!("number {at} is {}, and should be {}", found[at], wanted[at])),
    }
}

#[test]
fn functions_hold_at_the_corners() {
    walk("values", 31, |case| {
        let found = unary(text(&case["op"]))(&floats(&case["x"])).and_then(|found| found.to_vec::<f32>());
        each_agrees(&wide(&case["x"]), &found.map_err(|e| e.to_string())?, &wide(&case["y"]), 1e-36)
    });
    walk("asks", 3, |case| {
        let found = unary(text(&case["op"]))(&array(&case["in"][0])).map_err(|e| e.to_string())?;
        agrees(&found, &case["out"], 0.0)
    });
}

#[test]
fn functions_of_two_hold_at_the_corners() {
    walk("pairs", 8, |case| {
        let [x, y] = &arrays(&case["in"])[..] else { return Err("has not two operands".to_owned()) };
        let found = binary(text(&case["op"]))(x, y).map_err(|e| e.to_string())?;
        let points: Vec<f64> = (0..15 * 15).map(f64::from).collect();
        let found = found.to_vec::<f32>().map_err(|e| e.to_string())?;
        let floor = if text(&case["op"]) == "logaddexp" { 1e-6 } else { 1e-36 };
        each_agrees(&points, &found, &wide(&case["out"]["data"]), floor)
    });
}

#[test]
fn derivatives_hold_at_kinks_and_edges() {
    let sum = |f: Unary| move |x: &[NamedArray]| f(&x[0])?.sum("a");
    walk("derivative", 37, |case| {
        let grads = grad(sum(unary(text(&case["op"]))), &[floats(&case["x"])]).map_err(|e| e.to_string())?;
        each_near(&grads[0], &case["y"])
    });
    walk("second", 14, |case| {
        let first = |x: &[NamedArray]| grad(sum(unary(text(&case["op"]))), x)?[0].sum("a");
        let grads = grad(first, &[floats(&case["x"])]).map_err(|e| e.to_string())?;
        each_near(&grads[0], &case["y"])
    });
    walk("gradients", 8, |case| {
        let f = binary(text(&case["op"]));
        let loss = |x: &[NamedArray]| f(&x[0], &x[1])?.sum("a");
        let grads = grad(loss, &[floats(&case["x"]), floats(&case["y"])]).map_err(|e| e.to_string())?;
        each_near(&grads[0], &case["dx"])?;
        each_near(&grads[1], &case["dy"])
    });
    walk("whole power", 7, |case| {
        let x = floats(&case["x"]);
        let power = number(&case["power"]) as i32;
        let found = x.pow(power).and_then(|found| found.to_vec::<f32>()).map_err(|e| e.to_string())?;
        each_agrees(&wide(&case["x"]), &found, &wide(&case["y"]), 0.0)?;
        let grads = grad(|x| x[0].pow(power)?.sum("a"), &[x]).map_err(|e| e.to_string())?;
        each_near(&grads[0], &case["dx"])
    });
}

/// Where a function nears 1 its derivative is made of what is left of 1, of which no digit is lost.
#[test]
fn saturated_functions_keep_the_digits_of_their_derivatives() {
    type Slope = fn(f64) -> f64;
    let x = NamedArray::from_vec((0..500).map(|i| i as f32 * 0.02).collect(), [("a", 500)]).expect("a list");
    let slopes: [(Unary, Slope); 2] =
        [(NamedArray::sigmoid, |y| y * (1.0 - y)), (NamedArray::tanh, |y| (1.0 + y) * (1.0 - y))];
    for (function, slope) in slopes {
        let values = function(&x).and_then(|y| y.to_vec::<f32>()).expect("floats");
        let found = grad(|x| function(&x[0])?.sum("a"), std::slice::from_ref(&x)).expect("a derivative");
        for (y, found) in values.into_iter().zip(found[0].to_vec::<f32>().expect("floats")) {
            let wanted = slope(f64::from(y));
            assert!(
                (f64::from(found) - wanted).abs() <= 1e-6 * wanted,
                "at {y}: {found}, and should be {wanted}"
            );
        }
    }
}

/// Infinities that are equal have no difference, and what `select` leaves out gets no NaN from them.
#[test]
fn equals_share_the_derivative_of_logaddexp() {
    let x = NamedArray::from_vec(vec![f32::INFINITY, f32::NEG_INFINITY, 1.0], [("a", 3)]).expect("a list");
    let sum = |x: &[NamedArray]| x[0].logaddexp(x[0].stop_gradient()?);
    let all = grad(|x| sum(x)?.sum("a"), std::slice::from_ref(&x)).expect("a derivative");
    assert_eq!(all[0].to_vec::<f32>().expect("floats"), [0.5; 3]);
    let some = grad(|x| x[0].is_finite()?.select(sum(x)?, 0.0)?.sum("a"), &[x]).expect("a derivative");
    assert_eq!(some[0].to_vec::<f32>().expect("floats"), [0.0, 0.0, 0.5]);
}

/// Each number of a half-precision result is the one wanted or its neighbour; zeros, infinities and NaN are the same.
fn neighbours(found: &NamedArray, kind: DType, wanted: &[f64]) -> std::result::Result<(), String> {
    if ![kind, DType::Bool].contains(&found.dtype()) {
        return Err(format!("is {}, and should be {kind}", found.dtype()));
    }
    let found = found.cast(DType::F64).and_then(|x| x.to_vec::<f64>()).map_err(|error| error.to_string())?;
    let (digits, least) = if kind == DType::F16 { (10, -14) } else { (7, -126) };
    let off = found.iter().zip(wanted).position(|(&found, &wanted)| {
        let exponent = (wanted.abs().log2().floor() as i32).max(least);
        let close = wanted != 0.0 && (found - wanted).abs() <= 2f64.powi(exponent - digits);
        let same = found == wanted && found.is_sign_negative() == wanted.is_sign_negative();
        !(same || close || found.is_nan() && wanted.is_nan())
    });
    match off {
        None => Ok(()),
        Some(at) => Err(format!("number {at} is {}, and should be {}", found[at], wanted[at])),
    }
}

#[test]
fn half_precision_holds_at_the_corners() {
    let given = |x: &Value, kind| floats(x).cast(kind).expect("floats are cast to each other");
    walk("half", 74, |case| {
        let kind = dtype(text(&case["kind"]));
        let found = unary(text(&case["op"]))(&given(&case["x"], kind)).map_err(|error| error.to_string())?;
        neighbours(&found, kind, &wide(&case["y"]))
    });
    walk("half pairs", 16, |case| {
        let kind = dtype(text(&case["kind"]));
        let found = binary(text(&case["op"]))(&given(&case["x"], kind), &given(&case["y"], kind));
        neighbours(&found.map_err(|error| error.to_string())?, kind, &wide(&case["out"]))
    });
}

#[test]
fn integers_and_truth_values_compute_as_jax_does() {
    let given = |value: &Value, kind: &str, axis: &'static str| {
        let values: Vec<i64> = list(value).iter().map(|x| number(x) as i64).collect();
        let len = values.len();
        NamedArray::from_vec(values, [(axis, len)])
            .and_then(|x| x.cast(dtype(kind)))
            .expect("a list is an array")
    };
    walk("whole", 130, |case| {
        let kind = text(&case["kind"]);
        let x = given(&case["x"], kind, "a");
        let found = match case.get("y") {
            Some(y) => binary(text(&case["op"]))(&x, &given(y, kind, "b")),
            None => unary(text(&case["op"]))(&x),
        };
        agrees(&found.map_err(|error| error.to_string())?, &case["out"], FORWARD)
    });
    walk("cast", 7, |case| {
        let kind = text(&case["out"]["of"]).split(' ').next().unwrap_or_default();
        let found = array(&case["in"][0]).cast(dtype(kind)).map_err(|error| error.to_string())?;
        agrees(&found, &case["out"], 0.0)
    });
}

#[test]
fn what_integers_cannot_do_is_an_error_at_the_read_that_names_the_call() {
    let x = NamedArray::from_vec(vec![6, 7], [("a", 2)]).expect("two elements");
    let zero = NamedArray::from_vec(vec![3, 0], [("a", 2)]).expect("two elements");
    let results = [x.rem(&zero), x.remainder(&zero), x.floor_div(&zero), x.pow(-1)];
    let line = line!() - 1;
    for result in results {
        let error =
            result.expect("shapes and dtypes fit").eval().expect_err("there is no such integer").to_string();
        assert!(error.contains(&format!("{}:{line}", file!())), "{error}");
    }
    // What does not depend on it can still be read.
    assert_eq!(x.add(&zero).and_then(|sum| sum.to_vec::<i32>()).expect("a sum"), [9, 7]);
}

#[test]
fn operators_are_the_methods() {
    let x = NamedArray::from_vec(vec![6, 5], [("a", 2)]).expect("two elements");
    let read = |array: NamedArray| array.to_vec::<i32>().expect("integers");
    assert_eq!(read(&x & 3), [2, 1]);
    assert_eq!(read(3 | &x), [7, 7]);
    assert_eq!(read(&x ^ &x), [0, 0]);
    assert_eq!(read(!&x), [-7, -6]);
    assert_eq!(read(&x << 2), [24, 20]);
    assert_eq!(read(&x >> 1), [3, 2]);
    let truths = x.equal(6).expect("one dtype");
    assert_eq!((!truths & true).to_vec::<bool>().expect("truth values"), [false, true]);
    assert!(x.cast(DType::F32).expect("a cast").bitwise_and(1).is_err());
}
