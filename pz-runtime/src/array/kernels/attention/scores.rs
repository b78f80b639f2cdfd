//! From products of queries and keys to scores: scales, caps, masks, on a tile.
//!
//! The graph's own elementwise operations run on blocks of the tile, as in any fused program. Before a tile is computed
//! its mask is looked at by bounds: positions of queries and keys have a smallest and a largest in the tile, so most
//! comparisons are true of the whole tile or false of it. A choice that is made for the whole tile is not computed; and
//! where it leaves one number for all scores, neither are the products.

use smallvec::SmallVec;

use super::Operand;
use crate::array::dtype::{DType, Element, sealed::Stored, with_type};
use crate::array::kernels::block::{BLOCK, BlockFn, Slice, apply, register, register_mut};
use crate::array::kernels::{fused, scratch};
use crate::array::params::Params;
use crate::array::storage::Data;

/// What becomes of products. Register 0 holds them, register `i + 1` the result of operation `i`.
#[derive(Debug)]
pub(crate) struct Scores {
    pub(crate) code: Vec<Operation>,
    pub(crate) result: fused::Operand,
}

/// An operation on every element of a tile.
pub(crate) struct Operation {
    pub(crate) op: BlockFn,
    pub(crate) name: &'static str,
    pub(crate) params: Params,
    pub(crate) args: SmallVec<[fused::Operand; 3]>,
    pub(crate) dtype: DType,
    pub(crate) meaning: Meaning,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{:?}", self.name, self.args)
    }
}

/// What is known of an operation's result where bounds of its operands are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Less,
    LessEqual,
    And,
    Or,
    Not,
    Add,
    Sub,
    Select,
    Other,
}

/// The smallest and the largest of some numbers, as far as known; truth values are 0 and 1.
type Bounds = Option<(f64, f64)>;

const FALSE: Bounds = Some((0.0, 0.0));
const TRUE: Bounds = Some((1.0, 1.0));

impl Meaning {
    pub(super) fn bounds_of(self, args: &[Bounds], dtype: DType) -> Bounds {
        let of = |place: usize| args.get(place).copied().flatten();
        let compared = |is: bool, is_not: bool| if is { TRUE } else { FALSE }.filter(|_| is || is_not);
        // Integers wrap beyond their range; sums of floats are rounded.
        let whole = |low: f64, high: f64| {
            let fits = dtype == DType::I32 && low >= f64::from(i32::MIN) && high <= f64::from(i32::MAX);
            fits.then_some((low, high))
        };
        match self {
            Meaning::Less => {
                let ((a, above), (b, beyond)) = (of(0)?, of(1)?);
                compared(above < b, a >= beyond)
            }
            Meaning::LessEqual => {
                let ((a, above), (b, beyond)) = (of(0)?, of(1)?);
                compared(above <= b, a > beyond)
            }
            Meaning::And if dtype == DType::Bool => {
                compared(of(0) == TRUE && of(1) == TRUE, of(0) == FALSE || of(1) == FALSE)
            }
            Meaning::Or if dtype == DType::Bool => {
                compared(of(0) == TRUE || of(1) == TRUE, of(0) == FALSE && of(1) == FALSE)
            }
            Meaning::Not if dtype == DType::Bool => compared(of(0) == FALSE, of(0) == TRUE),
            Meaning::Add => {
                let ((a, above), (b, beyond)) = (of(0)?, of(1)?);
                whole(a + b, above + beyond)
            }
            Meaning::Sub => {
                let ((a, above), (b, beyond)) = (of(0)?, of(1)?);
                whole(a - beyond, above - b)
            }
            Meaning::And | Meaning::Or | Meaning::Not | Meaning::Select | Meaning::Other => None,
        }
    }
}

/// Some queries and some keys.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    pub(super) query: usize,
    pub(super) queries: usize,
    pub(super) key: usize,
    pub(super) keys: usize,
}

/// A task's way through its tiles.
pub(super) struct Work<'a> {
    scores: &'a Scores,
    inputs: &'a [Operand],
    starts: SmallVec<[usize; 4]>,
    registers: Vec<Option<Data>>,
    blocks: Vec<Option<Data>>,
    /// The first query and key of the rows that an input's block holds.
    loaded: Vec<Option<(usize, usize)>>,
    /// Of the tile that was looked at: for a choice made for all of it, what is chosen; and what must be computed.
    chosen: Vec<Option<fused::Operand>>,
    is_needed: Vec<bool>,
    result: fused::Operand,
}

impl<'a> Work<'a> {
    pub(super) fn new(scores: &'a Scores, inputs: &'a [Operand], outer: &[usize]) -> Self {
        let count = scores.code.len();
        Work {
            scores,
            inputs,
            starts: inputs.iter().map(|input| input.start(outer)).collect(),
            registers: (0..=count).map(|_| None).collect(),
            blocks: inputs.iter().map(|_| None).collect(),
            loaded: vec![None; inputs.len()],
            chosen: vec![None; count],
            is_needed: vec![false; count],
            result: scores.result,
        }
    }

    /// Finds out what must be computed for a tile. The one number that all its scores are, if that is known.
    pub(super) fn look(&mut self, tile: Tile) -> Option<f32> {
        let code = &self.scores.code;
        let inputs: SmallVec<[Bounds; 4]> =
            (0..self.inputs.len()).map(|input| self.input_bounds(input, tile)).collect();
        let mut bounds: SmallVec<[Bounds; 16]> = SmallVec::from_elem(None, code.len() + 1);
        for (place, operation) in code.iter().enumerate() {
            let args: SmallVec<[Bounds; 3]> = operation
                .args
                .iter()
                .map(|arg| match *arg {
                    fused::Operand::Register(register) => bounds[register],
                    fused::Operand::Input(input) => inputs[input],
                })
                .collect();
            bounds[place + 1] = operation.meaning.bounds_of(&args, operation.dtype);
            self.chosen[place] = match (operation.meaning, args.first()) {
                (Meaning::Select, Some(&TRUE)) => Some(operation.args[1]),
                (Meaning::Select, Some(&FALSE)) => Some(operation.args[2]),
                _ => None,
            };
        }
        self.result = self.resolved(self.scores.result);
        self.is_needed.fill(false);
        let mut stack: SmallVec<[fused::Operand; 16]> = SmallVec::from_slice(&[self.result]);
        while let Some(operand) = stack.pop() {
            if let fused::Operand::Register(register @ 1..) = operand
                && !std::mem::replace(&mut self.is_needed[register - 1], true)
            {
                stack.extend(code[register - 1].args.iter().map(|&arg| self.resolved(arg)));
            }
        }
        match self.result {
            fused::Operand::Input(input) if self.is_uniform(input) => {
                self.inputs[input].buffer.storage::<f32>().get(self.starts[input]).copied()
            }
            _ => None,
        }
    }

    /// Where an operand is to be read, choices made.
    fn resolved(&self, mut operand: fused::Operand) -> fused::Operand {
        while let fused::Operand::Register(register @ 1..) = operand
            && let Some(chosen) = self.chosen[register - 1]
        {
            operand = chosen;
        }
        operand
    }

    fn is_uniform(&self, input: usize) -> bool {
        self.inputs[input].query == 0 && self.inputs[input].key == 0
    }

    fn input_bounds(&self, input: usize, tile: Tile) -> Bounds {
        fn extremes<T: Element>(values: &[T], start: usize, step: usize, count: usize) -> Bounds {
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for place in 0..count {
                let value = values[start + place * step].to_f64();
                if value.is_nan() {
                    return None;
                }
                (low, high) = (low.min(value), high.max(value));
            }
            Some((low, high))
        }
        let (operand, start) = (&self.inputs[input], self.starts[input]);
        let (first, step, count) = match (operand.query, operand.key) {
            (0, 0) => (start, 0, 1),
            (query, 0) => (start + tile.query * query, query, tile.queries),
            (0, key) => (start + tile.key * key, key, tile.keys),
            _ => return None,
        };
        // All values of these are values of f64.
        match operand.buffer.dtype() {
            DType::I64 | DType::U64 => None,
            dtype => with_type!(dtype, T => extremes::<T>(operand.buffer.storage(), first, step, count)),
        }
    }

    /// Turns the products of the tile that was looked at into scores.
    pub(super) fn apply(&mut self, tile: Tile, scores: &mut [f32]) {
        if self.result == fused::Operand::Register(0) {
            return;
        }
        let rows = BLOCK / tile.keys;
        for (number, block) in scores.chunks_mut(rows * tile.keys).enumerate() {
            let rows = Tile { query: tile.query + number * rows, queries: block.len() / tile.keys, ..tile };
            for place in 0..self.scores.code.len() {
                if self.is_needed[place] {
                    self.compute(place, rows, block);
                }
            }
            if let fused::Operand::Input(input) = self.result {
                self.load(input, rows);
            }
            let result = match self.result {
                fused::Operand::Register(register) => &self.registers[register],
                fused::Operand::Input(input) => &self.blocks[input],
            };
            if let Some(Data::F32(result)) = result {
                block.copy_from_slice(&result[..block.len()]);
            }
        }
    }

    /// Runs one operation on some rows of a tile.
    fn compute(&mut self, place: usize, rows: Tile, products: &[f32]) {
        let operation = &self.scores.code[place];
        let resolved: SmallVec<[fused::Operand; 3]> =
            operation.args.iter().map(|&arg| self.resolved(arg)).collect();
        for arg in &resolved {
            if let fused::Operand::Input(input) = *arg {
                self.load(input, rows);
            }
        }
        let mut written = self.registers[place + 1].take().unwrap_or_else(|| vector(operation.dtype));
        let mut args = [Slice::F32(&[]); 3];
        for (arg, operand) in args.iter_mut().zip(&resolved) {
            let data = match *operand {
                fused::Operand::Register(0) => {
                    *arg = Slice::F32(products);
                    continue;
                }
                fused::Operand::Register(register) => &self.registers[register],
                fused::Operand::Input(input) => &self.blocks[input],
            };
            *arg = register(data.as_ref().expect("operands are computed first"), products.len());
        }
        let args = &args[..resolved.len()];
        apply(operation.op, &operation.params, args, &mut register_mut(&mut written, products.len()));
        self.registers[place + 1] = Some(written);
    }

    /// Brings an input's elements into its block, where they are not there already.
    fn load(&mut self, input: usize, rows: Tile) {
        fn typed<T: Element>(operand: &Operand, start: usize, rows: Tile, block: &mut Data) {
            let block = <T as Stored>::vec_mut(block).expect("the block was made for this input");
            if operand.query == 0 && operand.key == 0 {
                return block.fill(operand.buffer.storage::<T>()[start]);
            }
            let values = &operand.buffer.storage::<T>()[start..];
            for (query, row) in block.chunks_exact_mut(rows.keys).take(rows.queries).enumerate() {
                let from = (rows.query + query) * operand.query + rows.key * operand.key;
                match operand.key {
                    0 => row.fill(values[from]),
                    1 => row.copy_from_slice(&values[from..from + row.len()]),
                    step => {
                        row.iter_mut().enumerate().for_each(|(key, out)| *out = values[from + key * step])
                    }
                }
            }
        }
        let operand = &self.inputs[input];
        let is_there = self.loaded[input].is_some_and(|(query, key)| match (operand.query, operand.key) {
            (0, 0) => true,
            (0, _) => key == rows.key,
            _ => (query, key) == (rows.query, rows.key),
        });
        if is_there {
            return;
        }
        let dtype = operand.buffer.dtype();
        let block = self.blocks[input].get_or_insert_with(|| vector(dtype));
        with_type!(dtype, T => typed::<T>(operand, self.starts[input], rows, block));
        self.loaded[input] = Some((rows.query, rows.key));
    }

    /// Gives the memory back.
    pub(super) fn end(self) {
        self.registers.into_iter().chain(self.blocks).flatten().for_each(scratch::keep);
    }
}

/// A block of any values.
fn vector(dtype: DType) -> Data {
    with_type!(dtype, T => T::wrap(scratch::take::<T>(BLOCK)))
}
