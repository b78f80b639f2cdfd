//! Fused programs over rows: elementwise operations, reductions of a row, and what was reduced spread out again.
//!
//! A softmax or a norm reads each row several times: for its largest element, for its sum, for the result. Here a
//! task takes a few rows, as many as stay in the caches near to the core, and runs the whole program over them before
//! it goes on, so the array passes through memory once. Rows are folded in the one order that all reductions have,
//! and elements are computed by the same operations, so a fused program gives the bits of the single ones.

use std::ops::Range;
use std::sync::Arc;

use smallvec::SmallVec;

use super::block::{BLOCK, BlockFn, Blocks, Slice, SliceMut, apply, register, register_mut};
use super::elementwise::{Operand, shared_memory_order};
use super::fold::{self, Larger, Product, Smaller, Sum};
use super::pool::Shards;
use super::reduce::Reduction;
use super::{copy, pool, scratch};
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, for_each_dtype, sealed::Stored, with_type};
use crate::array::layout::{Dims, Layout};

use crate::array::ops::infer;
use crate::array::params::Params;
use crate::array::storage::{Data, take_vec};

/// Elements, about, that a program runs over before it goes on.
const TILE: usize = 1 << 12;
/// Elements, about, that one task computes.
const TASK: usize = 1 << 14;

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
    /// So many first axes of these count rows; the others are a row's. Where all count, rows are single elements.
    pub(crate) kept: usize,
    /// Instructions whose values are results too.
    pub(crate) exports: Vec<usize>,
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

impl RowProgram {
    /// Dimensions and dtype of what the program gives: the last value, then the exports.
    pub(crate) fn results(&self) -> impl Iterator<Item = (&[usize], DType)> {
        let last = self.code.last().into_iter();
        last.chain(self.exports.iter().map(|&place| &self.code[place])).map(|instruction| {
            let dims =
                if instruction.level == Level::Full { &self.dims[..] } else { &self.dims[..self.kept] };
            (dims, instruction.dtype)
        })
    }
}

/// Runs a program: the last value, then the exports. A row has an element at least; the planner sees to that.
pub(crate) fn run(program: &RowProgram, inputs: &[Buffer]) -> Vec<Buffer> {
    // Without rows, elements are taken in the order in which they lie.
    let is_flat = program.kept == program.dims.len();
    let order = if is_flat { shared_memory_order(inputs, &program.dims) } else { None };
    let in_order = |layout: &Layout| match &order {
        Some(order) if !layout.dims.is_empty() => classify(&layout.permuted(order), program.kept),
        _ => classify(layout, program.kept),
    };
    let (kept, of_row) = program.dims.split_at(program.kept);
    let (rows, width): (usize, usize) = (kept.iter().product(), of_row.iter().product());
    let shape = Shape { width, tile: (TILE / width).clamp(1, rows.max(1)) };
    let sources: Vec<Source> = inputs
        .iter()
        .zip(&program.inputs)
        .map(|(input, level)| match level {
            Level::Full => in_order(&input.layout),
            Level::Row => classify(&input.layout, 0),
        })
        .collect();
    let mut results: Vec<Data> = program
        .results()
        .map(|(dims, dtype)| with_type!(dtype, T => T::wrap(take_vec::<T>(dims.iter().product()))))
        .collect();
    let targets: Vec<Target<'_>> = results.iter_mut().map(Target::new).collect();
    let task_rows = shape.tile * (TASK / (shape.tile * width)).max(1);
    pool::run(rows.div_ceil(task_rows), &|task| {
        let first = task * task_rows;
        run_rows(program, inputs, &sources, &shape, first..(first + task_rows).min(rows), &targets);
    });
    drop(targets);
    let give = |((dims, _), data): ((&[usize], DType), Data)| {
        let layout = match &order {
            Some(order) => {
                let sizes: Dims = order.iter().map(|&axis| dims[axis]).collect();
                Layout::contiguous(&sizes).permuted(&infer::inverse(order))
            }
            None => Layout::contiguous(dims),
        };
        Buffer { data: Arc::new(data), layout }
    };
    program.results().zip(results).map(give).collect()
}

macro_rules! targets {
    ($(($variant:ident, $T:ty))*) => {
        /// Where a result goes, each task writing its own rows.
        enum Target<'a> { $($variant(Shards<'a, $T>),)* }

        impl<'a> Target<'a> {
            fn new(data: &'a mut Data) -> Self {
                match data {
                    $(Data::$variant(values) => Target::$variant(Shards::new(values)),)*
                    _ => unreachable!("results are vectors"),
                }
            }

            /// The part from `start` on, of `len` elements.
            ///
            /// # Safety
            /// While the part is in use, no other part that overlaps it is.
            unsafe fn part(&self, start: usize, len: usize) -> SliceMut<'_> {
                match self {
                    // SAFETY: as the caller promises.
                    $(Target::$variant(shards) => SliceMut::$variant(unsafe { shards.part(start, len) }),)*
                }
            }
        }
    };
}
for_each_dtype!(targets);

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

/// Computes some rows of every result.
fn run_rows(
    program: &RowProgram,
    inputs: &[Buffer],
    sources: &[Source],
    shape: &Shape,
    rows: Range<usize>,
    targets: &[Target<'_>],
) {
    let (last, before) = program.code.split_last().expect("a program has an instruction");
    let mut registers: Vec<Data> = program
        .registers
        .iter()
        .map(|&(dtype, level)| with_type!(dtype, R => R::wrap(scratch::take::<R>(shape.len(level, shape.tile)))))
        .collect();
    let mut tile = Tile { inputs, sources, blocks: Vec::new(), row: rows.start, rows: 0, width: shape.width };
    for ((input, source), &level) in inputs.iter().zip(sources).zip(&program.inputs) {
        tile.blocks.push(block_for(input, source, shape.len(level, shape.tile)));
    }
    while tile.row < rows.end {
        tile.rows = shape.tile.min(rows.end - tile.row);
        tile.load(&program.inputs);
        for (place, instruction) in before.iter().enumerate() {
            let mut result = std::mem::replace(&mut registers[instruction.register], Data::Bool(Vec::new()));
            let len = tile.len(instruction.level);
            tile.compute(instruction, &registers, &mut register_mut(&mut result, len));
            if let Some(export) = program.exports.iter().position(|&export| export == place) {
                copy_all(register(&result, len), &mut tile.part(&targets[export + 1], instruction.level));
            }
            registers[instruction.register] = result;
        }
        tile.compute(last, &registers, &mut tile.part(&targets[0], last.level));
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

    /// This tile's part of a result.
    fn part<'t>(&self, target: &'t Target<'_>, level: Level) -> SliceMut<'t> {
        let start = if level == Level::Full { self.row * self.width } else { self.row };
        // SAFETY: a tile's rows are its task's alone, tasks have different rows, and of each result a tile has one part
        // at a time.
        unsafe { target.part(start, self.len(level)) }
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

fn copy_all(values: Slice<'_>, out: &mut SliceMut<'_>) {
    macro_rules! arms {
        ($(($variant:ident, $T:ty))*) => {
            match (values, out) {
                $((Slice::$variant(values), SliceMut::$variant(out)) => out.copy_from_slice(values),)*
                _ => unreachable!("a result has its instruction's dtype"),
            }
        };
    }
    for_each_dtype!(arms);
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
