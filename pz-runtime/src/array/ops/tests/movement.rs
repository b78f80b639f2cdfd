//! Cases of the primitives that move elements.

use super::{Case, floats, values};
use crate::array::params::{Padding, Params};
use crate::array::{Array, DType};
use crate::error::Result;
use crate::grad::{Linear, Scope, pullback};

pub(super) fn case(name: &str) -> Option<Case> {
    let dense = |dims: &[usize], salt| floats(dims, -1.0, 1.0, salt);
    match name {
        "identity" | "stop_gradient" => Case::new(Params::None, [dense(&[2, 3], 1)]),
        "softmax" => {
            let params = Params::Axes([1].as_slice().into());
            Case::new(params, [dense(&[2, 3], 1), dense(&[2, 3], 2)])
        }
        "broadcast" => {
            let source = [Some(1), None, Some(0)].as_slice().into();
            let params = Params::Broadcast { dims: [4, 5, 3].as_slice().into(), source };
            Case::new(params, [dense(&[3, 4], 1)])
        }
        "permute" => Case::new(Params::Axes([2, 0, 1].as_slice().into()), [dense(&[2, 3, 4], 1)]),
        "reshape" => Case::new(Params::Dims([4, 6].as_slice().into()), [dense(&[2, 3, 4], 1)]),
        "slice" => {
            let params = Params::Slice { axis: 1, start: 3, step: -2, count: 2, len: 4 };
            Case::new(params, [dense(&[3, 4, 2], 1)])
        }
        "pad" => {
            let pads = [
                Padding { low: -1, high: 2, interior: 1 },
                Padding { low: 1, high: -2, interior: 2 },
                Padding { low: 0, high: -1, interior: 0 },
            ];
            Case::new(Params::Pad(pads.as_slice().into()), [dense(&[3, 3, 2], 1), dense(&[], 2)])
        }
        "concatenate" => Case::new(Params::Axis(1), [dense(&[2, 3], 1), dense(&[2, 1], 2)]),
        _ => None,
    }
}

/// A softmax over the last axis by its steps, each with a derivative of its own.
fn by_steps(x: &Array) -> Result<Array> {
    let last = [x.dims().len() - 1];
    let exps = x.exp()?;
    exps.div(&exps.sum(&last)?.broadcast_reduced(x.dims(), &last)?)
}

/// The same with one derivative.
fn as_a_whole(x: &Array) -> Result<Array> {
    by_steps(&x.stop_gradient()?)?.softmax_of(x, &[x.dims().len() - 1])
}

#[test]
fn a_softmax_has_the_derivatives_of_its_steps() {
    let point = floats(&[3, 4], -2.0, 2.0, 1);
    let weights = floats(&[3, 4], -1.0, 1.0, 2);
    // The value, the gradient of its weighted sum, that of the gradient's, and the derivative along the weights.
    let all = |softmax: fn(&Array) -> Result<Array>| -> Result<[Array; 4]> {
        let (outer, inner) = (Scope::open(), Scope::open());
        let outside = outer.input(&point)?;
        let inside = inner.input(&outside)?;
        let value = softmax(&inside)?;
        let gradient = pullback(&inner, &[(value.clone(), weights.clone())], std::slice::from_ref(&inside))?;
        let tangent = Linear::new(&inner, std::slice::from_ref(&value), &[inside])?
            .push(std::slice::from_ref(&weights))?;
        let second = pullback(&outer, &[(gradient[0].clone(), weights.clone())], &[outside])?;
        Ok([value, gradient[0].clone(), second[0].clone(), tangent[0].clone()])
    };
    let (steps, whole) = (all(by_steps).unwrap(), all(as_a_whole).unwrap());
    for (steps, whole) in steps.iter().zip(&whole) {
        for (steps, whole) in values(steps).into_iter().zip(values(whole)) {
            assert!((steps - whole).abs() < 1e-14, "{steps} by steps, {whole} as a whole");
        }
    }
}

/// JAX 0.10.2, which goes by the steps: 19664 and -19664. Both products are finite, and the difference of the cotangent
/// and its mean is not.
#[test]
fn the_derivative_of_a_softmax_of_halves_does_not_overflow_on_the_way() {
    let halves = |values: [f64; 2]| Array::from_vec(values.to_vec(), &[2]).cast(DType::F16).unwrap();
    let scope = Scope::open();
    let x = scope.input(&halves([0.0, -1.0])).unwrap();
    let seed = (as_a_whole(&x).unwrap(), halves([40_000.0, -60_000.0]));
    let found = values(&pullback(&scope, &[seed], &[x]).unwrap()[0]);
    let unit = 16.0;
    let is_near = |(found, wanted): (&f64, f64)| (found - wanted).abs() <= unit;
    assert!(found.iter().zip([19664.0, -19664.0]).all(is_near), "{found:?}");
}
