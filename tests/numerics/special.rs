//! The inverse of the error function, ln Γ and its derivatives, over their whole range: the bounds that are stated.
//!
//! Elements of 64 bits are held to a relative error, those of 32 bits to one in the last place. Near its zeros digamma
//! is a difference of larger numbers, so there its error is relative to 1.

use pz::{DType, NamedArray, Result, grad};

use crate::fixture::{cases, list, number, text};

/// The function, the error of `f64`, and what it is relative to where results are smaller than that.
type Function = (&'static str, fn(&NamedArray) -> Result<NamedArray>, f64, f64);

const FUNCTIONS: [Function; 6] = [
    ("erf_inv", NamedArray::erf_inv, 1e-15, 0.0),
    ("lgamma", NamedArray::lgamma, 1e-15, 1.0),
    ("digamma", NamedArray::digamma, 1e-15, 1.0),
    ("trigamma", trigamma, 1e-15, 0.0),
    ("tetragamma", tetragamma, 1e-15, 0.0),
    ("tetragamma below 0", tetragamma, 5e-15, 1.0),
];

/// The error of `f32` in units in the last place.
const UNITS: f64 = 0.6;

fn trigamma(x: &NamedArray) -> Result<NamedArray> {
    Ok(grad(|x| x[0].digamma()?.sum("n"), std::slice::from_ref(x))?.remove(0))
}

fn tetragamma(x: &NamedArray) -> Result<NamedArray> {
    Ok(grad(|x| trigamma(&x[0])?.sum("n"), std::slice::from_ref(x))?.remove(0))
}

/// The distance of two numbers in units in the last place of the second as an `f32`.
fn ulps(found: f32, exact: f64) -> f64 {
    if (exact as f32).is_infinite() {
        return if found == exact as f32 { 0.0 } else { f64::INFINITY };
    }
    let unit = exact.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor() - 23.0;
    (f64::from(found) - exact).abs() / unit.exp2()
}

#[test]
fn special_functions_keep_their_bounds() {
    let cases = cases("special");
    assert_eq!(cases.len(), FUNCTIONS.len());
    for (case, (name, function, bound, least)) in cases.iter().zip(FUNCTIONS) {
        assert_eq!(text(&case["case"]), name);
        let points = list(&case["bits"]).iter().map(|bits| f32::from_bits(number(bits) as u32));
        let points: Vec<f32> = points.collect();
        let exact: Vec<f64> = list(&case["values"]).iter().map(number).collect();
        assert!(points.len() == exact.len() && points.len() >= 200, "{name} has {} points", points.len());
        let x =
            NamedArray::from_vec(points.clone(), [("n", points.len())]).expect("as many as the shape has");
        let wide = x.cast(DType::F64).and_then(|x| function(&x)?.to_vec::<f64>()).expect("numbers");
        let single = function(&x).and_then(|found| found.to_vec::<f32>()).expect("numbers");
        for ((point, exact), (wide, single)) in points.iter().zip(exact).zip(wide.iter().zip(single)) {
            let relative = (wide - exact).abs() / exact.abs().max(least);
            assert!(relative <= bound, "{name}({point:e}) = {wide:e} is off by {relative:e}");
            let units = ulps(single, exact);
            assert!(units <= UNITS, "{name}({point:e}) = {single:e} is off by {units} ULP");
        }
    }
}
