//! Fused programs over rows: elementwise operations, reductions of a row, and what was reduced spread out again.
//!
//! A softmax or a norm reads each row several times: for its largest element, for its sum, for the result. Here a
//! task takes a few rows, as many as stay in the caches near to the core, and runs the whole program over them before
//! it goes on, so the array passes through memory once. Rows are folded in the one order that all reductions have,
//! and elements are computed by the same operations, so a fused program gives the bits of the single ones.

use std::sync::Arc;

use smallvec::SmallVec;

use super::block::{BLOCK, BlockFn, Blocks, Slice, SliceMut, apply, register, register_mut};
use super::elementwise::Operand;
use super::fold::{self, Larger, Product, Smaller, Sum};
use super::reduce::Reduction;
use super::{copy, pool, scratch};
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, for_each_dtype, sealed::Stored, with_type};
use crate::array::layout::{Dims, Layout};

use crate::array::params::Params;
use crate::array::storage::{Data, take_vec};

/// Elements, about, that a program runs over before it goes on.
const TILE: usize = 1 << 12;
/// Elements, about, that one task computes.
const TASK: usize = 1 << 16;

/// What a value in a program has one element for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Each element of each row.
    Full,
    /// Each row.
    Row,
}

/// Straight-line code over rows; the last instruction gives the result.
#[derive(Debug)]
pub(crate) struct RowProgram {
    pub(crate) code: Vec<RowInstruction>,
    /// The dtype and level of each register.
    pub(crate) registers: Vec<(DType, Level)>,
    /// The level of each input.
    pub(crate) inputs: Vec<Level>,
    /// The dimensions of values at [`Level::Full`].
    pub(crate) dims: Dims,
    /// So many first axes of these count rows; the others are a row's.
    pub(crate) kept: usize,
}

/// One operation.
pub(crate) struct RowInstruction {
    pub(crate) work: Work,
    pub(crate) name: &'static str,
    pub(crate) params: Params,
    pub(crate) args: SmallVec<[Operand; 3]>,
    pub(crate) dtype: DType,
    pub(crate) level: Level,
    /// Where the result goes; not used by the last instruction.
    pub(crate) register: usize,
}

/// How an instruction computes.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    /// Element by element.
    Each(BlockFn),
    /// A row becomes one element.
    Fold(Reduction),
    /// One element becomes a row.
    Spread,
}

impl std::fmt::Debug for RowInstruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "r{} = {}{:?}", self.register, self.name, self.args)
    }
}

/// Whether rows of this dtype can be folded in a program: others are widened first, by the kernel of reductions.
pub(crate) fn folds(dtype: DType) -> bool {
    matches!(dtype, DType::U32 | DType::U64 | DType::I32 | DType::I64 | DType::F32 | DType::F64)
}

enum Source {
    /// Element `i` lies at `offset + i`.
    Contiguous(usize),
    /// Every element is the one at `offset`.
    Uniform(usize),
    /// Every row is the same.
    Repeated(Layout),
    Strided(Layout),
}

/// The cut of an evaluation.
struct Shape {
    /// Elements of a row.
    width: usize,
    /// Rows that the program runs over at a time.
    tile: usize,
}

/// Runs a program. A row has an element at least; the planner sees to that.
pub(crate) fn run(program: &RowProgram, inputs: &[Buffer]) -> Buffer {
    let (kept, of_row) = program.dims.split_at(program.kept);
    let (rows, width): (usize, usize) = (kept.iter().product(), of_row.iter().product());
    let shape = Shape { width, tile: (TILE / width).clamp(1, rows.max(1)) };
    let sources: Vec<Source> = inputs
        .iter()
        .zip(&program.inputs)
        .map(|(input, level)| match level {
            Level::Full => classify(&input.layout, kept.len()),
            Level::Row => classify(&input.layout, 0),
        })
        .collect();
    let last = program.code.last().expect("a program has an instruction");
    let task_rows = shape.tile * (TASK / (shape.tile * width)).max(1);
    let per_row = if last.level == Level::Full { width } else { 1 };
    let data = with_type!(last.dtype, T => {
        let mut out = take_vec::<T>(rows * per_row);
        pool::run_chunks(&mut out, task_rows * per_row, &|task, out| {
            run_rows(program, inputs, &sources, &shape, task * task_rows, out);
        });
        T::wrap(out)
    });
    let dims = if last.level == Level::Full { &program.dims } else { kept };
    Buffer { data: Arc::new(data), layout: Layout::contiguous(dims) }
}

/// Where elements are found; the first `outer` axes count rows.
fn classify(layout: &Layout, outer: usize) -> Source {
    let collapsed = layout.collapsed();
    match (collapsed.dims.as_slice(), collapsed.strides.as_slice()) {
        ([], []) | ([_], [0]) => Source::Uniform(layout.offset),
        ([_], [1]) => Source::Contiguous(layout.offset),
        _ => {
            let mut rows = layout.dims.iter().zip(&layout.strides).take(outer);
            match outer > 0 && rows.all(|(&dim, &stride)| dim == 1 || stride == 0) {
                true => Source::Repeated(collapsed),
                false => Source::Strided(collapsed),
            }
        }
    }
}

/// Computes the rows from `first_row` on whose results `out` holds.
fn run_rows<T: Blocks>(
    program: &RowProgram,
    inputs: &[Buffer],
    sources: &[Source],
    shape: &Shape,
    first_row: usize,
    out: &mut [T],
) {
    let (last, before) = program.code.split_last().expect("a program has an instruction");
    let mut registers: Vec<Data> = program
        .registers
        .iter()
        .map(|&(dtype, level)| with_type!(dtype, R => R::wrap(scratch::take::<R>(shape.len(level, shape.tile)))))
        .collect();
    let mut tile = Tile { inputs, sources, blocks: Vec::new(), row: first_row, rows: 0, width: shape.width };
    for ((input, source), &level) in inputs.iter().zip(sources).zip(&program.inputs) {
        tile.blocks.push(block_for(input, source, shape.len(level, shape.tile)));
    }
    for out in out.chunks_mut(shape.len(last.level, shape.tile)) {
        tile.rows = if last.level == Level::Full { out.len() / shape.width } else { out.len() };
        tile.load(&program.inputs);
        for instruction in before {
            let mut result = std::mem::replace(&mut registers[instruction.register], Data::Bool(Vec::new()));
            let len = tile.len(instruction.level);
            tile.compute(instruction, &registers, &mut register_mut(&mut result, len));
            registers[instruction.register] = result;
        }
        tile.compute(last, &registers, &mut T::view_mut(out));
        tile.row += tile.rows;
    }
    registers.into_iter().chain(tile.blocks.into_iter().flatten()).for_each(scratch::keep);
}

impl Shape {
    fn len(&self, level: Level, rows: usize) -> usize {
        if level == Level::Full { rows * self.width } else { rows }
    }
}

/// The rows that a program runs over, and what it reads of its inputs for them.
struct Tile<'a> {
    inputs: &'a [Buffer],
    sources: &'a [Source],
    /// The elements of inputs that are not read in place.
    blocks: Vec<Option<Data>>,
    row: usize,
    rows: usize,
    width: usize,
}

impl Tile<'_> {
    fn len(&self, level: Level) -> usize {
        if level == Level::Full { self.rows * self.width } else { self.rows }
    }

    fn load(&mut self, levels: &[Level]) {
        for (place, &level) in levels.iter().enumerate() {
            let (start, len) = if level == Level::Full {
                (self.row * self.width, self.rows * self.width)
            } else {
                (self.row, self.rows)
            };
            if let (Source::Strided(layout), Some(block)) = (&self.sources[place], &mut self.blocks[place]) {
                gather(&self.inputs[place], layout, start, block, len);
            }
        }
    }

    fn compute(&self, instruction: &RowInstruction, registers: &[Data], out: &mut SliceMut<'_>) {
        let first = || instruction.args.first().expect("an operation on rows has an operand");
        match instruction.work {
            Work::Each(op) => {
                let len = self.len(instruction.level);
                for from in (0..len).step_by(BLOCK) {
                    let to = (from + BLOCK).min(len);
                    let args: SmallVec<[Slice<'_>; 3]> = instruction
                        .args
                        .iter()
                        .map(|arg| self.argument(arg, instruction.level, registers).part(from, to))
                        .collect();
                    apply(op, &instruction.params, &args, &mut out.part(from, to));
                }
            }
            Work::Fold(reduction) => {
                fold_rows(reduction, self.argument(first(), Level::Full, registers), self.width, out);
            }
            Work::Spread => spread(self.argument(first(), Level::Row, registers), self.width, out),
        }
    }

    fn argument<'a>(&'a self, operand: &Operand, level: Level, registers: &'a [Data]) -> Slice<'a> {
        let len = self.len(level);
        match *operand {
            Operand::Register(index) => register(&registers[index], len),
            Operand::Input(index) => match (&self.sources[index], &self.blocks[index]) {
                (Source::Contiguous(offset), _) => {
                    let start = offset + if level == Level::Full { self.row * self.width } else { self.row };
                    let input = &self.inputs[index];
                    with_type!(input.dtype(), T => T::view(&input.storage::<T>()[start..start + len]))
                }
                (_, Some(block)) => register(block, len),
                (_, None) => unreachable!("inputs that are not contiguous have a block"),
            },
        }
    }
}

fn block_for(input: &Buffer, source: &Source, len: usize) -> Option<Data> {
    let mut block = with_type!(input.dtype(), T => match source {
        Source::Contiguous(_) => None,
        Source::Uniform(offset) => {
            let mut block = scratch::take::<T>(len);
            block.fill(input.storage::<T>()[*offset]);
            Some(T::wrap(block))
        }
        Source::Repeated(_) | Source::Strided(_) => Some(T::wrap(scratch::take::<T>(len))),
    });
    if let (Source::Repeated(layout), Some(block)) = (source, &mut block) {
        gather(input, layout, 0, block, len);
    }
    block
}

fn gather(input: &Buffer, layout: &Layout, start: usize, block: &mut Data, len: usize) {
    fn typed<T: Element>(input: &Buffer, layout: &Layout, start: usize, block: &mut Data, len: usize) {
        let block = <T as Stored>::vec_mut(block).expect("the block was made for this input");
        copy::gather_from(input.storage::<T>(), layout, start, &mut block[..len]);
    }
    with_type!(input.dtype(), T => typed::<T>(input, layout, start, block, len));
}

fn fold_rows(reduction: Reduction, rows: Slice<'_>, width: usize, out: &mut SliceMut<'_>) {
    macro_rules! arms {
        ($($variant:ident)*) => {
            match (rows, out) {
                $((Slice::$variant(rows), SliceMut::$variant(out)) => {
                    let rows = rows.chunks_exact(width).zip(out.iter_mut());
                    match reduction {
                        Reduction::Sum => rows.for_each(|(row, out)| *out = fold::row(row, Sum)),
                        Reduction::Product => rows.for_each(|(row, out)| *out = fold::row(row, Product)),
                        Reduction::Max => rows.for_each(|(row, out)| *out = fold::row(row, Larger)),
                        Reduction::Min => rows.for_each(|(row, out)| *out = fold::row(row, Smaller)),
                    }
                })*
                _ => unreachable!("the planner asks whether a dtype folds"),
            }
        };
    }
    arms!(U32 U64 I32 I64 F32 F64);
}

fn spread(values: Slice<'_>, width: usize, out: &mut SliceMut<'_>) {
    macro_rules! arms {
        ($(($variant:ident, $T:ty))*) => {
            match (values, out) {
                $((Slice::$variant(values), SliceMut::$variant(out)) => {
                    values.iter().zip(out.chunks_exact_mut(width)).for_each(|(value, row)| row.fill(*value));
                })*
                _ => unreachable!("repeating keeps the dtype"),
            }
        };
    }
    for_each_dtype!(arms);
}
