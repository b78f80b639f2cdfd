//! Tests over the table of primitives: the shape rule against the evaluated shape, the derivative rule against
//! finite differences, strided operands against contiguous ones, one thread against two.

mod contract;
mod control;
mod elementwise;
mod forward;
mod index;
mod movement;
mod random;
mod reduce;
mod window;

use super::PRIMITIVES;
use crate::array::params::Params;
use crate::array::primitive::{Derivative, Kernel, Primitive};
use crate::array::{Array, DType};
use crate::grad::{Scope, pullback};
use crate::random::Key;

/// A case for a primitive: its parameters and its operands, in `f64` where they are floats.
struct Case {
    params: Params,
    inputs: Vec<Array>,
}

impl Case {
    fn new(params: Params, inputs: impl Into<Vec<Array>>) -> Option<Self> {
        Some(Case { params, inputs: inputs.into() })
    }
}

fn floats(dims: &[usize], from: f64, to: f64, salt: u64) -> Array {
    let len: usize = dims.iter().product();
    let mut state = salt.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let values = (0..len).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        from + (to - from) * (state >> 11) as f64 / (1u64 << 53) as f64
    });
    Array::from_vec(values.collect::<Vec<f64>>(), dims)
}

fn truths(dims: &[usize]) -> Array {
    Array::from_vec((0..dims.iter().product()).map(|i| i % 3 == 0).collect::<Vec<bool>>(), dims)
}

/// The case of a primitive, from the file of its family.
fn case(op: &Primitive) -> Case {
    const FAMILIES: &[fn(&str) -> Option<Case>] = &[
        elementwise::case,
        movement::case,
        reduce::case,
        window::case,
        contract::case,
        control::case,
        index::case,
        random::case,
    ];
    let found = FAMILIES.iter().find_map(|family| family(op.name));
    found.unwrap_or_else(|| panic!("`{}` has no case: add one to the file of its family", op.name))
}

fn run(op: &'static Primitive, params: &Params, inputs: &[Array]) -> Array {
    Array::apply(op, params.clone(), &inputs.iter().collect::<Vec<_>>()).unwrap()
}

fn values(array: &Array) -> Vec<f64> {
    // Keys are compared by their words.
    let words = Array::apply(&super::random::KEY_DATA, Params::None, &[array]);
    words.as_ref().unwrap_or(array).cast(DType::F64).unwrap().read().unwrap().to_vec()
}

#[test]
fn the_shape_rule_is_the_evaluated_shape() {
    for op in PRIMITIVES {
        let case = case(op);
        let array = run(op, &case.params, &case.inputs);
        let buffer = array.read().unwrap();
        assert_eq!(buffer.layout.dims.as_slice(), array.dims(), "{}", op.name);
        assert_eq!(buffer.dtype(), array.dtype(), "{}", op.name);
        let reach = buffer.layout.dims.iter().product::<usize>();
        assert_eq!(buffer.to_contiguous().layout.len(), reach, "{}", op.name);
    }
}

#[test]
fn derivatives_equal_finite_differences() {
    for op in PRIMITIVES {
        // A cast to f32 rounds, so a difference quotient in f64 cannot see its derivative.
        if !matches!(op.derivative, Derivative::Rule(_)) || op.name == "cast" {
            continue;
        }
        let case = case(op);
        let weights = floats(run(op, &case.params, &case.inputs).dims(), 0.5, 1.5, 9);
        let loss = |inputs: &[Array]| -> f64 {
            values(&run(op, &case.params, inputs)).iter().zip(values(&weights)).map(|(v, w)| v * w).sum()
        };
        let scope = Scope::open();
        let tracked: Vec<Array> = case
            .inputs
            .iter()
            .map(|input| if input.dtype().is_float() { scope.input(input).unwrap() } else { input.clone() })
            .collect();
        let output = run(op, &case.params, &tracked);
        let grads = pullback(&scope, &[(output, weights.clone())], &tracked);
        let grads = grads.unwrap_or_else(|error| panic!("{}: {error}", op.name));
        for (place, (input, grad)) in case.inputs.iter().zip(&grads).enumerate() {
            if !input.dtype().is_float() {
                continue;
            }
            assert_eq!(grad.dims(), input.dims(), "{}", op.name);
            let (point, grad) = (values(input), values(grad));
            for at in 0..point.len() {
                let moved = |by: f64| {
                    let mut point = point.clone();
                    point[at] += by;
                    let mut inputs = case.inputs.clone();
                    inputs[place] = Array::from_vec(point, input.dims());
                    loss(&inputs)
                };
                let difference = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                let error = (difference - grad[at]).abs() / difference.abs().max(1.0);
                assert!(error < 1e-6, "{} operand {place}[{at}]: {} against {difference}", op.name, grad[at]);
            }
        }
    }
}

/// The same elements in every kind of layout: permuted, reversed, sliced out of a larger array.
fn disguises(array: &Array) -> Vec<Array> {
    let rank = array.dims().len();
    let mut all = Vec::new();
    if rank >= 2 {
        let order: Vec<usize> = (0..rank).rev().collect();
        let turned = array.permute(&order).unwrap();
        let copy = Array::from_buffer(turned.read().unwrap().to_contiguous());
        all.push(copy.permute(&order).unwrap());
    }
    for axis in 0..rank {
        let back = array.reverse(axis).unwrap();
        let copy = Array::from_buffer(back.read().unwrap().to_contiguous());
        all.push(copy.reverse(axis).unwrap());
        let twice = Array::concatenate(&[array, array], axis).unwrap();
        let size = array.dims()[axis];
        all.push(Array::from_buffer(twice.read().unwrap()).slice(axis, size, 1, size).unwrap());
    }
    all
}

#[test]
fn strides_of_operands_do_not_matter() {
    for op in PRIMITIVES {
        // Several results at once have no elements, and no strides.
        if matches!(op.derivative, Derivative::Part) {
            continue;
        }
        let case = case(op);
        let plain = values(&run(op, &case.params, &case.inputs));
        for place in 0..case.inputs.len() {
            for disguise in disguises(&case.inputs[place]) {
                let mut inputs = case.inputs.clone();
                inputs[place] = disguise;
                assert_eq!(values(&run(op, &case.params, &inputs)), plain, "{} operand {place}", op.name);
            }
        }
    }
}

#[test]
fn empty_operands_give_empty_results() {
    for op in PRIMITIVES {
        if !matches!(op.kernel, Kernel::Elementwise(_)) {
            continue;
        }
        let inputs: Vec<Array> = case(op)
            .inputs
            .iter()
            .map(|input| Array::from_buffer(input.read().unwrap()).slice(0, 0, 1, 0).unwrap())
            .collect();
        let array = run(op, &case(op).params, &inputs);
        assert!(values(&array).is_empty(), "{}", op.name);
    }
}

#[test]
fn elementwise_primitives_run_in_every_dtype_they_admit() {
    let numbers = Array::from_vec(vec![0.0f64, 1.0, 2.0, 3.0], &[4]);
    let keys = Array::from_vec([0, 1, 2, 3].map(Key::new).to_vec(), &[4]);
    for op in PRIMITIVES {
        let case = case(op);
        let dtypes_differ = case.inputs.iter().any(|input| input.dtype() != case.inputs[0].dtype());
        if !matches!(op.kernel, Kernel::Elementwise(_)) || dtypes_differ {
            continue;
        }
        let mut admitted = 0;
        for dtype in DType::ALL {
            let input = if dtype == DType::Key { keys.clone() } else { numbers.cast(dtype).unwrap() };
            let inputs = vec![&input; case.inputs.len()];
            let Ok(array) = Array::apply(op, case.params.clone(), &inputs) else { continue };
            assert_eq!(array.read().unwrap().dtype(), array.dtype(), "{} {dtype}", op.name);
            admitted += 1;
        }
        assert!(admitted > 0, "{} admits no dtype", op.name);
    }
}

#[test]
fn names_are_unique() {
    for (place, op) in PRIMITIVES.iter().enumerate() {
        assert!(PRIMITIVES[..place].iter().all(|other| other.name != op.name), "{}", op.name);
    }
}
