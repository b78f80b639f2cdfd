//! Derivatives of random smooth programs in `f64`.
//!
//! One direction is enough to hold a whole gradient: along a random `v`, `<grad, v>` is the slope that differences see.
//! Forwards and backwards are held to one another by `<J v, u> = <v, J' u>`, to rounding, with every result of the
//! program an output; and a derivative is the same whether or not intermediate values were read on the way.

use proptest::prelude::ProptestConfig;
use proptest::{prop_assert, proptest};

use super::program::{Instruction, Maker, Values, instructions, show};
use crate::array::Array;
use crate::error::Result;
use crate::grad::{Linear, Scope, pullback};

/// Inputs of a program, by which derivatives are taken.
const INPUTS: usize = 3;
const OUTPUTS: usize = 4;

fn noise(dims: &[usize], salt: u64) -> Array {
    let mut state = salt.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let values = (0..dims.iter().product()).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    });
    Array::from_vec(values.collect::<Vec<f64>>(), dims)
}

fn maker(inputs: &[Array]) -> Maker {
    Maker { values: Values::Smooth, alive: inputs.to_vec() }
}

fn points() -> [Array; INPUTS] {
    [noise(&[3, 4], 1), noise(&[4], 2), noise(&[2, 3, 4], 3)]
}

/// The program on inputs: its last values. With `reads`, some intermediate values are read as they are made.
fn run(program: &[Instruction], inputs: &[Array], reads: u64) -> Vec<Array> {
    let mut maker = maker(inputs);
    for (place, instruction) in program.iter().enumerate() {
        if let Some(array) = maker.make(instruction)
            && reads >> (place % 64) & 1 == 1
        {
            let _ = array.read().map(|value| value.to_vec::<f64>());
        }
    }
    maker.results(OUTPUTS)
}

fn values(array: &Array) -> Vec<f64> {
    array.read().unwrap_or_else(|error| panic!("{error}")).to_vec()
}

fn dot(left: &[Array], right: &[Array]) -> f64 {
    left.iter().zip(right).flat_map(|(l, r)| values(l).into_iter().zip(values(r))).map(|(l, r)| l * r).sum()
}

struct Derivatives {
    /// `J' u`: the pull-back of the outputs' weights.
    pulled: Vec<Array>,
    /// `J v`: the push of the inputs' directions.
    pushed: Vec<Array>,
}

/// Weights of the outputs, and directions of the inputs.
fn beside(arrays: &[Array], salt: u64) -> Vec<Array> {
    arrays.iter().enumerate().map(|(place, array)| noise(array.dims(), salt + place as u64)).collect()
}

fn derivatives(program: &[Instruction], reads: u64) -> Result<Derivatives> {
    let scope = Scope::open();
    let inputs = points().iter().map(|point| scope.input(point)).collect::<Result<Vec<_>>>()?;
    let outputs = run(program, &inputs, reads);
    let seeds: Vec<(Array, Array)> = outputs.iter().cloned().zip(beside(&outputs, 20)).collect();
    let pulled = pullback(&scope, &seeds, &inputs)?;
    let pushed = Linear::new(&scope, &outputs, &inputs)?.push(&beside(&inputs, 10))?;
    drop(scope);
    Ok(Derivatives { pulled, pushed })
}

/// The weighted sum of the outputs, `by` away along the direction, and of the sizes of its terms.
fn along(program: &[Instruction], by: f64) -> Result<(f64, f64)> {
    let points = points();
    let moved = points.iter().zip(beside(&points, 10)).map(|(point, v)| point.add(&v.mul_scalar(by)?));
    let outputs = run(program, &moved.collect::<Result<Vec<_>>>()?, 0);
    let weights = beside(&outputs, 20);
    let size = |arrays: &[Array]| arrays.iter().flat_map(values).map(f64::abs).sum::<f64>();
    Ok((dot(&outputs, &weights), size(&outputs)))
}

fn judge(program: &[Instruction], reads: u64) -> std::result::Result<(), String> {
    let tell = |what: String| Err(format!("{what}\n{}", show(maker(&points()), program)));
    let found = derivatives(program, 0).map_err(|error| error.to_string())?;
    let points = points();
    let slope = dot(&found.pulled, &beside(&points, 10));
    let outputs = run(program, &points, 0);
    let forward = dot(&found.pushed, &beside(&outputs, 20));
    let size: f64 = found.pushed.iter().flat_map(values).map(f64::abs).sum::<f64>() + 1.0;
    if !slope.is_finite() || (slope - forward).abs() > 1e-11 * size {
        return tell(format!("backwards {slope}, forwards {forward}, of sizes {size}"));
    }
    let step = 1e-5;
    let ((after, total), (before, _)) =
        (along(program, step).map_err(|e| e.to_string())?, along(program, -step).map_err(|e| e.to_string())?);
    let difference = (after - before) / (2.0 * step);
    if (difference - slope).abs() > 1e-6 * size + 1e-9 * total {
        return tell(format!("the gradient says {slope}, differences say {difference}"));
    }
    let read = derivatives(program, reads).map_err(|error| error.to_string())?;
    if read.pulled.iter().zip(&found.pulled).any(|(a, b)| values(a) != values(b)) {
        return tell("reading intermediate values changes the gradient".to_string());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn gradients_equal_differences_and_forward_derivatives(program in instructions(24), reads: u64) {
        let found = judge(&program, reads);
        prop_assert!(found.is_ok(), "{}", found.unwrap_err());
    }
}

/// Found by the property above: a row's sum, without axes, was repeated in its group and read beyond it.
#[test]
fn what_a_group_repeats_can_be_read_beyond_it() {
    let program = [
        (125, 0, 0, 887),
        (198, 1636, 89, 0),
        (40, 137, 0, 0),
        (145, 2752, 0, 485),
        (40, 0, 0, 0),
        (0, 0, 0, 0),
        (0, 0, 0, 0),
        (40, 0, 0, 0),
        (0, 0, 0, 0),
        (40, 3328, 0, 0),
    ];
    let program = program.map(|(kind, a, b, c)| Instruction { kind, a, b, c });
    if let Err(problem) = judge(&program, 0) {
        panic!("{problem}");
    }
}
