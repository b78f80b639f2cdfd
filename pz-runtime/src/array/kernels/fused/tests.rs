//! The machine against blocks: every operation it has, and programs of every kind of place.

use smallvec::smallvec;

use super::{Instruction, Level, Listing, Operand, Program, Work, machine, run};
use crate::array::DType;
use crate::array::buffer::Buffer;
use crate::array::kernels::cpu::at_each_level;
use crate::array::kernels::reduce::Reduction;
use crate::array::layout::Layout;
use crate::array::ops::PRIMITIVES;
use crate::array::params::Params;
use crate::array::primitive::Kernel;
use Operand::{Input, Register};

const NAN: f32 = f32::NAN;

/// Numbers of all kinds, so many of them.
fn numbers(len: usize, salt: usize) -> Vec<f32> {
    let special = [0.0, -0.0, 1.0, -1.0, f32::INFINITY, f32::NEG_INFINITY, NAN, 1e-40, -3e38, 88.8];
    let number = |i: usize| match (i * 7 + salt) % 5 {
        0 => special[(i * 3 + salt * 5) % special.len()],
        _ => ((i * 31 + salt * 17) % 203) as f32 * 0.09 - 9.0,
    };
    (0..len).map(number).collect()
}

fn each(name: &'static str, args: &[Operand], register: usize) -> Instruction {
    let op = PRIMITIVES.iter().find(|op| op.name == name).expect("it is a primitive");
    let Kernel::Elementwise(function) = op.kernel else { panic!("{name} is not elementwise") };
    instruction(Work::Each(function), name, args, register)
}

fn instruction(work: Work, name: &'static str, args: &[Operand], register: usize) -> Instruction {
    let level = if matches!(work, Work::Fold(_)) { Level::Row } else { Level::Full };
    Instruction { work, name, params: Params::None, args: args.into(), dtype: DType::F32, level, register }
}

/// That a program gives the same bits, NaN or not, at every level of the CPU: the lowest has no machine.
fn agrees(listing: Listing, inputs: &[Buffer], what: &str) {
    let program = Program::new(listing);
    let mut first: Option<Vec<Vec<u32>>> = None;
    at_each_level(|level| {
        let bits = |v: f32| if v.is_nan() { NAN.to_bits() } else { v.to_bits() };
        let results = run(&program, inputs).into_iter();
        let results: Vec<Vec<u32>> =
            results.map(|result| result.to_vec::<f32>().into_iter().map(bits).collect()).collect();
        assert!(*first.get_or_insert_with(|| results.clone()) == results, "{what} at {level:?}");
    });
}

fn flat(code: Vec<Instruction>, inputs: usize, len: usize) -> Listing {
    Listing {
        code,
        registers: vec![(DType::F32, Level::Full); 4],
        inputs: vec![Level::Full; inputs],
        orders: Vec::new(),
        turned: Vec::new(),
        dims: smallvec![len],
        kept: 1,
        exports: Vec::new(),
    }
}

#[test]
fn every_operation_of_the_machine_is_the_primitive_of_its_name() {
    for &name in machine::NAMES {
        for len in [128, 129, 200, 1000, 40_000] {
            let x = Buffer::from_vec(numbers(len, 1), &[len]);
            let y = Buffer::from_vec(numbers(len, 2), &[len]);
            let args = if machine::PAIRS.contains(&name) { &[Input(0), Input(1)][..] } else { &[Input(0)] };
            agrees(flat(vec![each(name, args, 0)], args.len(), len), &[x, y][..args.len()], name);
        }
    }
}

#[test]
fn exponentials_agree_from_where_they_vanish_to_where_they_are_infinite() {
    let len = 42_000;
    let x: Vec<f32> = (0..len).map(|i| i as f32 * 0.005 - 110.0).collect();
    let exact: Vec<f64> = x.iter().map(|x| f64::from(*x).exp()).collect();
    let x = Buffer::from_vec(x, &[len]);
    agrees(flat(vec![each("exp", &[Input(0)], 0)], 1, len), std::slice::from_ref(&x), "exp");
    let program = Program::new(flat(vec![each("exp", &[Input(0)], 0)], 1, len));
    let found = run(&program, &[x])[0].to_vec::<f32>();
    for (found, exact) in found.into_iter().zip(exact) {
        let wanted = exact as f32;
        // Half a unit for rounding to f32, and as much again; the smallest unit is that of subnormal numbers.
        let unit = (exact * 2f64.powi(-23)).max(2f64.powi(-149));
        assert!(found == wanted || (f64::from(found) - exact).abs() <= 1.1 * unit, "{found:e} for {exact:e}");
    }
}

#[test]
fn operands_are_found_in_the_register_on_either_side_and_in_slots() {
    for &name in machine::PAIRS {
        let len = 3000;
        let inputs = [
            Buffer::from_vec(numbers(len, 3), &[len]),
            Buffer::from_vec(vec![1.25f32], &[]).with_layout(Layout {
                dims: smallvec![len],
                strides: smallvec![0],
                offset: 0,
            }),
        ];
        let code = vec![
            each("exp", &[Input(0)], 0),
            each(name, &[Input(1), Register(0)], 1),
            each(name, &[Register(0), Register(1)], 2),
            each(name, &[Register(2), Register(2)], 3),
            // Not the machine's: it cuts the run.
            each("sin", &[Register(3)], 0),
            each(name, &[Register(0), Register(3)], 1),
            each(name, &[Register(1), Register(2)], 0),
        ];
        let mut listing = flat(code, 2, len);
        listing.exports = vec![0, 2, 5];
        agrees(listing, &inputs, name);
    }
}

/// Steps that the machine takes in one, and squares of what is in the register.
#[test]
fn neighbours_agree_whatever_they_are() {
    let len = 300;
    let inputs = [7, 8, 9, 10].map(|salt| Buffer::from_vec(numbers(len, salt), &[len]));
    for (i, &first) in machine::PAIRS.iter().enumerate() {
        for (j, &second) in machine::PAIRS.iter().enumerate() {
            // Each of them before and after each other one.
            let third = machine::PAIRS[(i + j) % machine::PAIRS.len()];
            let code = vec![
                each(first, &[Input(0), Input(1)], 0),
                each(second, &[Register(0), Input(2)], 1),
                each("mul", &[Register(1), Register(1)], 0),
                each(third, &[Register(0), Input(3)], 2),
                each(first, &[Register(2), Input(0)], 0),
                each(second, &[Input(1), Register(0)], 1),
            ];
            agrees(flat(code, 4, len), &inputs, &format!("{first}, {second}, {third}"));
        }
    }
}

/// A square that is not all that is made of a number.
#[test]
fn what_is_squared_and_used_again_is_kept() {
    let len = 300;
    let inputs = [7, 8].map(|salt| Buffer::from_vec(numbers(len, salt), &[len]));
    let code = vec![
        each("add", &[Input(0), Input(1)], 0),
        each("mul", &[Register(0), Register(0)], 1),
        each("sub", &[Register(1), Register(0)], 2),
        each("mul", &[Register(2), Register(2)], 3),
        // Not the machine's: it cuts the run.
        each("sin", &[Register(3)], 1),
        each("mul", &[Register(1), Register(3)], 0),
        each("add", &[Register(0), Register(2)], 1),
    ];
    let mut listing = flat(code, 2, len);
    listing.exports = vec![1, 3];
    agrees(listing, &inputs, "squares");
}

#[test]
fn rows_take_values_of_the_row_and_rows_that_are_all_the_same() {
    for (rows, width) in [(1, 128), (7, 130), (40, 333), (3, 5000), (90, 20)] {
        let inputs = [
            Buffer::from_vec(numbers(rows * width, 4), &[rows, width]),
            Buffer::from_vec(numbers(width, 5), &[width]).with_layout(Layout {
                dims: smallvec![rows, width],
                strides: smallvec![0, 1],
                offset: 0,
            }),
            Buffer::from_vec(numbers(rows, 6), &[rows]),
        ];
        let code = vec![
            instruction(Work::Fold(Reduction::Max), "reduce_max", &[Input(0)], 4),
            instruction(Work::Spread, "broadcast", &[Register(4)], 0),
            each("sub", &[Input(0), Register(0)], 1),
            each("tanh", &[Register(1)], 2),
            instruction(Work::Fold(Reduction::Sum), "reduce_sum", &[Register(2)], 4),
            instruction(Work::Spread, "broadcast", &[Input(2)], 0),
            each("mul", &[Register(2), Register(0)], 1),
            instruction(Work::Spread, "broadcast", &[Register(4)], 0),
            each("div", &[Register(1), Register(0)], 3),
            each("add", &[Register(3), Input(1)], 1),
        ];
        let mut registers = vec![(DType::F32, Level::Full); 4];
        registers.push((DType::F32, Level::Row));
        agrees(
            Listing {
                code,
                registers,
                inputs: vec![Level::Full, Level::Full, Level::Row],
                orders: Vec::new(),
                turned: Vec::new(),
                dims: smallvec![rows, width],
                kept: 1,
                exports: vec![3, 4],
            },
            &inputs,
            &format!("{rows} rows of {width}"),
        );
    }
}
