//! Tests over the table of primitives, each with operands of ordinary sizes and of sizes 0 and 1: the shape rule against
//! the evaluated shape, the values in every dtype against scalar loops, the derivative rule against finite differences,
//! strided operands against contiguous ones.

mod contract;
mod control;
mod elementwise;
mod forward;
mod index;
mod movement;
mod random;
mod reduce;
mod sizes;
mod window;

use super::PRIMITIVES;
use crate::array::buffer::Buffer;
use crate::array::params::Params;
use crate::array::primitive::{Derivative, Primitive};
use crate::array::tests::naive;
use crate::array::{Array, DKind, DType};
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

/// All cases of a primitive.
fn cases(op: &Primitive) -> Vec<Case> {
    let first = case(op);
    let more = sizes::cases(op, &first);
    std::iter::once(first).chain(more).collect()
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
    for (op, case) in PRIMITIVES.iter().flat_map(|op| cases(op).into_iter().map(move |case| (op, case))) {
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
        if matches!(op.derivative, Derivative::Rule(_)) && op.name != "cast" {
            cases(op).iter().for_each(|case| derivative_equals_differences(op, case));
        }
    }
}

fn derivative_equals_differences(op: &'static Primitive, case: &Case) {
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
        for case in cases(op) {
            let plain = values(&run(op, &case.params, &case.inputs));
            for place in 0..case.inputs.len() {
                for disguise in disguises(&case.inputs[place]) {
                    let mut inputs = case.inputs.clone();
                    inputs[place] = disguise;
                    assert_eq!(values(&run(op, &case.params, &inputs)), plain, "{} operand {place}", op.name);
                }
            }
            // One element for all places: an operand that is repeated, not copied.
            let repeated = |input: &Array| {
                let flat = Array::from_buffer(input.read().unwrap().to_contiguous());
                let flat = flat.reshape(&[input.dims().iter().product()]).unwrap();
                let first = flat.slice(0, 0, 1, 1).unwrap().reshape(&[]).unwrap();
                let repeated = Array::full_of(first, input.dims()).unwrap();
                (Array::from_buffer(repeated.read().unwrap().to_contiguous()), repeated)
            };
            for place in (0..case.inputs.len()).filter(|&place| !case.inputs[place].dims().contains(&0)) {
                let (copied, repeated) = repeated(&case.inputs[place]);
                let with = |input: Array| {
                    let mut inputs = case.inputs.clone();
                    inputs[place] = input;
                    Array::apply(op, case.params.clone(), &inputs.iter().collect::<Vec<_>>()).unwrap().read()
                };
                let [copied, repeated] = [with(copied), with(repeated)].map(|read| {
                    read.map(|buffer| values(&Array::from_buffer(buffer))).map_err(|error| error.to_string())
                });
                let bits = |v: &std::result::Result<Vec<f64>, String>| {
                    v.as_ref().map(|v| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>()).ok()
                };
                assert_eq!(bits(&copied), bits(&repeated), "{} operand {place} repeated", op.name);
            }
        }
    }
}

/// The case with its values in another dtype: its floats, or where it has none, all operands.
fn in_dtype(case: &Case, dtype: DType) -> Case {
    let has_floats = case.inputs.iter().any(|input| input.dtype().is_float());
    let cast = |input: &Array| match input.dtype().is_float() || !has_floats {
        false => input.clone(),
        // Keys are no numbers, and come of none.
        _ if dtype == DType::Key => {
            Array::from_vec(Key::new(9).split(input.dims().iter().product()), input.dims())
        }
        true if input.dtype() == DType::Key => input.clone(),
        // Numbers between -1 and 1 are not much of integers.
        true if dtype.kind() == DKind::Int && has_floats => {
            input.mul_scalar(7.0).unwrap().cast(dtype).unwrap()
        }
        true => input.cast(dtype).unwrap(),
    };
    Case { params: case.params.clone(), inputs: case.inputs.iter().map(cast).collect() }
}

#[test]
fn values_are_those_of_scalar_loops_in_every_dtype() {
    for op in PRIMITIVES {
        // Bodies are of the dtypes that they were traced with.
        if matches!(op.derivative, Derivative::Part | Derivative::Bodies) {
            continue;
        }
        let mut admitted = 0;
        for (case, dtype) in cases(op).iter().flat_map(|case| DType::ALL.map(|dtype| (case, dtype))) {
            let case = in_dtype(case, dtype);
            let inputs: Vec<&Array> = case.inputs.iter().collect();
            let Ok(array) = Array::apply(op, case.params.clone(), &inputs) else { continue };
            admitted += 1;
            // An integer divided by zero fails here as it should.
            let Ok(found) = array.read() else { continue };
            assert_eq!(found.dtype(), array.dtype(), "{} {dtype}", op.name);
            assert_eq!(found.layout.dims.as_slice(), array.dims(), "{} {dtype}", op.name);
            let operands: Vec<Buffer> = case.inputs.iter().map(|input| input.read().unwrap()).collect();
            if let Err(problem) = naive::judge(op.name, &case.params, &operands, &found) {
                panic!("{dtype}: {problem}");
            }
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
