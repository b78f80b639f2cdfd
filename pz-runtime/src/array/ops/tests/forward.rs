//! The forward derivative of every primitive with a rule of its own against finite differences: no rule says it, so each
//! must follow from its backward rule being linear in the cotangent, and from that rule's own operations having rules.

use super::{Case, cases, floats, run, values};
use crate::array::Array;
use crate::array::ops::PRIMITIVES;
use crate::array::primitive::{Derivative, Primitive};
use crate::grad::{Linear, Scope};

#[test]
fn forward_derivatives_equal_finite_differences() {
    for op in PRIMITIVES {
        // A cast to f32 rounds, so a difference quotient in f64 cannot see its derivative.
        if matches!(op.derivative, Derivative::Rule(_)) && op.name != "cast" {
            cases(op).iter().for_each(|case| derivative_equals_differences(op, case));
        }
    }
}

fn derivative_equals_differences(op: &'static Primitive, case: &Case) {
    let is_float = |input: &Array| input.dtype().is_float();
    let scope = Scope::open();
    let marked = |input: &Array| if is_float(input) { scope.input(input).unwrap() } else { input.clone() };
    let tracked: Vec<Array> = case.inputs.iter().map(marked).collect();
    let output = run(op, &case.params, &tracked);
    let inputs: Vec<Array> = tracked.iter().filter(|input| is_float(input)).cloned().collect();
    let directions: Vec<Array> =
        inputs.iter().enumerate().map(|(i, input)| floats(input.dims(), -1.0, 1.0, 20 + i as u64)).collect();
    let linear =
        Linear::new(&scope, &[output], &inputs).unwrap_or_else(|error| panic!("{}: {error}", op.name));
    drop(scope);
    let tangent = linear.push(&directions).unwrap_or_else(|error| panic!("{}: {error}", op.name));
    let tangent = tangent[0].read().unwrap_or_else(|error| panic!("{}: {error}", op.name)).to_vec::<f64>();
    let moved = |by: f64| {
        let mut directions = directions.iter();
        let moved: Vec<Array> = case
            .inputs
            .iter()
            .map(|input| match is_float(input).then(|| directions.next()).flatten() {
                Some(direction) => input.add(&direction.mul_scalar(by).unwrap()).unwrap(),
                None => input.clone(),
            })
            .collect();
        values(&run(op, &case.params, &moved))
    };
    for (at, (after, before)) in moved(1e-6).into_iter().zip(moved(-1e-6)).enumerate() {
        let difference = (after - before) / 2e-6;
        let error = (difference - tangent[at]).abs() / difference.abs().max(1.0);
        assert!(error < 1e-6, "{} [{at}]: {} against {difference}", op.name, tangent[at]);
    }
}
