//! A few rows of a program: part after part is run over them.

use smallvec::SmallVec;

use super::machine::{LONGEST, Place, Rows, Slot, Spread};
use super::parts::{Part, Run, Spot};
use super::room::Room;
use super::run::Job;
use super::source::{Source, gather};
use super::{Instruction, Level, Operand, Work};
use crate::array::dtype::{for_each_dtype, sealed::Stored, with_type};
use crate::array::kernels::block::{BLOCK, Blocks, Slice, SliceMut, apply};
use crate::array::kernels::fold::{self, Larger, Product, Smaller, Sum};
use crate::array::kernels::reduce::Reduction;
use crate::array::kernels::{halves, scratch, stream};

/// What a task works in.
pub(super) struct Tile<'a> {
    job: &'a Job<'a>,
    registers: Vec<Room>,
    /// The elements of inputs that are not read in place.
    blocks: Vec<Option<Room>>,
    /// For the machine: values that are used twice, then those of the row.
    slots: Vec<Slot>,
    row: usize,
    rows: usize,
}

impl<'a> Tile<'a> {
    /// Room for `rows` rows at most.
    pub(super) fn new(job: &'a Job<'a>, rows: usize) -> Self {
        let len = |level| if level == Level::Full { rows * job.width } else { rows };
        let registers = job.listing.registers.iter().zip(&job.cut.is_used);
        let registers = registers.map(|(&(dtype, level), &is_used)| match is_used {
            true => Room::new(dtype, len(level)),
            false => Room::none(),
        });
        let mut tile = Tile {
            job,
            registers: registers.collect(),
            blocks: Vec::with_capacity(job.inputs.len()),
            slots: vec![Slot([0.0; LONGEST]); job.cut.slots],
            row: 0,
            rows,
        };
        for (input, &level) in job.listing.inputs.iter().enumerate() {
            tile.blocks.push(tile.block_for(input, level, len(level)));
        }
        tile
    }

    /// Runs the program over `rows` rows from `row` on.
    pub(super) fn run(&mut self, row: usize, rows: usize) {
        (self.row, self.rows) = (row, rows);
        self.load();
        for part in &self.job.cut.parts {
            match part {
                Part::Block(index) => self.block(*index),
                Part::Run(run) => self.machine(run),
            }
        }
    }

    fn len(&self, level: Level) -> usize {
        if level == Level::Full { self.rows * self.job.width } else { self.rows }
    }

    fn start(&self, level: Level) -> usize {
        if level == Level::Full { self.row * self.job.width } else { self.row }
    }

    /// This tile's part of a result: the last value's, then the exports'.
    fn part(&self, result: usize, level: Level) -> SliceMut<'a> {
        // SAFETY: a tile's rows are its task's alone, tasks have different rows, and of each result a tile has one part
        // at a time.
        unsafe { self.job.part(result, self.start(level), self.len(level)) }
    }

    /// The block for an input of `len` elements in the tile, filled where it stays the same.
    fn block_for(&self, input: usize, level: Level, len: usize) -> Option<Room> {
        let buffer = &self.job.inputs[input];
        let len = match &self.job.sources[input] {
            Source::Contiguous(_) => return None,
            Source::Repeated(_, Some(_)) if !self.job.cut.is_in_block[input] => return None,
            Source::Uniform(_) if level == Level::Row || self.job.is_folded(input) => len,
            Source::Uniform(_) if self.job.cut.is_in_block[input] => len.min(BLOCK),
            Source::Uniform(_) => len.min(LONGEST),
            Source::Repeated(..) | Source::Strided(_) => len,
        };
        let mut block = Room::new(buffer.dtype(), len);
        match &self.job.sources[input] {
            Source::Uniform(offset) => with_type!(buffer.dtype(), T => {
                block.typed::<T>(len).fill(buffer.storage::<T>()[*offset]);
            }),
            Source::Repeated(layout, _) => gather(buffer, layout, 0, &mut block, len),
            Source::Contiguous(_) | Source::Strided(_) => {}
        }
        Some(block)
    }

    fn load(&mut self) {
        let job = self.job;
        for (input, &level) in job.listing.inputs.iter().enumerate() {
            let (start, len) = (self.start(level), self.len(level));
            if let (Source::Strided(layout), Some(block)) = (&job.sources[input], &mut self.blocks[input]) {
                gather(&job.inputs[input], layout, start, block, len);
            }
        }
    }

    /// One instruction.
    fn block(&mut self, index: usize) {
        let listing = self.job.listing;
        let instruction = &listing.code[index];
        let level = instruction.level;
        let is_last = index + 1 == listing.code.len();
        if is_last && !self.job.is_streamed {
            return self.compute(instruction, &mut self.part(0, level));
        }
        let mut result = std::mem::replace(&mut self.registers[instruction.register], Room::none());
        let len = self.len(level);
        self.compute(instruction, &mut result.values_mut(len));
        if is_last {
            stream_all(result.values(len), &mut self.part(0, level));
        } else if let Some(export) = listing.exports.iter().position(|&export| export == index) {
            copy_all(result.values(len), &mut self.part(export + 1, level));
        }
        self.registers[instruction.register] = result;
    }

    fn compute(&self, instruction: &Instruction, out: &mut SliceMut<'_>) {
        let first = || instruction.args.first().expect("an operation on rows has an operand");
        match instruction.work {
            Work::Each(op) => {
                let len = self.len(instruction.level);
                for from in (0..len).step_by(BLOCK) {
                    let to = (from + BLOCK).min(len);
                    let mut args = [Slice::Bool(&[]); 3];
                    for (arg, operand) in args.iter_mut().zip(&instruction.args) {
                        *arg = self.argument(operand, instruction.level, from, to);
                    }
                    apply(op, &instruction.params, &args[..instruction.args.len()], &mut out.part(from, to));
                }
            }
            Work::Fold(reduction) => {
                let rows = self.argument(first(), Level::Full, 0, self.len(Level::Full));
                fold_rows(reduction, rows, self.job.width, out);
            }
            Work::Spread => spread(self.argument(first(), Level::Row, 0, self.rows), self.job.width, out),
        }
    }

    /// Elements `from..to` of an argument.
    fn argument(&self, operand: &Operand, level: Level, from: usize, to: usize) -> Slice<'_> {
        match *operand {
            Operand::Register(index) => self.registers[index].values(to).part(from, to),
            Operand::Input(index) => match (&self.job.sources[index], &self.blocks[index]) {
                (Source::Contiguous(offset), _) => {
                    let start = offset + self.start(level);
                    let input = &self.job.inputs[index];
                    with_type!(input.dtype(), T => T::view(&input.storage::<T>()[start + from..start + to]))
                }
                (Source::Uniform(_), Some(block)) => block.values(to - from),
                (_, Some(block)) => block.values(to).part(from, to),
                (_, None) => unreachable!("inputs that are not contiguous have a block"),
            },
        }
    }

    /// A run of instructions.
    fn machine(&mut self, run: &Run) {
        let machine = self.job.machine.expect("a program is cut into runs for a machine");
        let width = self.job.width;
        let is_by_rows = run.places.iter().any(|spot| match *spot {
            Spot::Spread(_) => true,
            Spot::Input(input) => matches!(self.job.sources[input], Source::Repeated(_, Some(_))),
            _ => false,
        });
        let (count, len) = if is_by_rows { (self.rows, width) } else { (1, self.rows * width) };
        let mut places: SmallVec<[Place; 16]> = SmallVec::new();
        let mut spreads: SmallVec<[Spread; 8]> = SmallVec::new();
        let mut code = &run.code;
        for spot in &run.places {
            let (start, step, moves) = match *spot {
                Spot::Register(register) => {
                    (self.numbers(register, self.len(Level::Full)), width, usize::MAX)
                }
                Spot::Input(input) => self.input(input),
                Spot::Spread(operand) => {
                    let Slice::F32(values) = self.argument(&operand, Level::Row, 0, self.rows) else {
                        unreachable!("the machine has no other numbers")
                    };
                    let values = values.as_ptr();
                    let slot = self.slots[run.slots + spreads.len()].0.as_mut_ptr();
                    spreads.push(Spread { slot, values });
                    (slot, 0, 0)
                }
                Spot::Slot(slot) => (self.slots[slot].0.as_mut_ptr(), 0, 0),
                Spot::Result(result) => {
                    let SliceMut::F32(out) = self.part(result, Level::Full) else {
                        unreachable!("the machine has no other numbers")
                    };
                    if self.job.is_streamed && result == 0 {
                        let is_aligned = out.as_ptr().addr().is_multiple_of(16) && len.is_multiple_of(4);
                        code = if is_aligned { &run.streamed } else { code };
                    }
                    (out.as_mut_ptr(), width, usize::MAX)
                }
            };
            // What is read element by element goes on in the next tile; the rest is the same there.
            let is_new = matches!(*spot, Spot::Input(input) if matches!(self.job.sources[input], Source::Contiguous(_)));
            let ahead = if is_new { self.rows * width } else { 0 };
            places.push(Place { start, moves, ahead, step });
        }
        // SAFETY: a run is made for rows that are long enough, and every place is the start of a slot or of as many
        // numbers as the tile has: it was cut from a slice of them. What is written is the task's own, as are slots and
        // registers, which the planner gives to one value at a time. A spread has a value for each row of the tile.
        unsafe { machine(Rows { code, places: &mut places, spreads: &spreads, count, len }) };
    }

    /// The numbers of a register.
    fn numbers(&mut self, register: usize, len: usize) -> *mut f32 {
        let SliceMut::F32(numbers) = self.registers[register].values_mut(len) else {
            unreachable!("the machine has no other numbers")
        };
        numbers.as_mut_ptr()
    }

    /// Where the machine finds an input: its start, the way from a row to the next, whether a row is more than a piece.
    fn input(&self, input: usize) -> (*mut f32, usize, usize) {
        let (width, len) = (self.job.width, self.len(Level::Full));
        let (numbers, step, moves) = match &self.job.sources[input] {
            Source::Repeated(_, Some(offset)) => (
                Slice::F32(&self.job.inputs[input].storage::<f32>()[*offset..*offset + width]),
                0,
                usize::MAX,
            ),
            Source::Uniform(_) => (self.argument(&Operand::Input(input), Level::Full, 0, LONGEST), 0, 0),
            _ => (self.argument(&Operand::Input(input), Level::Full, 0, len), width, usize::MAX),
        };
        let Slice::F32(numbers) = numbers else { unreachable!("the machine has no other numbers") };
        (numbers.as_ptr().cast_mut(), step, moves)
    }
}

impl Drop for Tile<'_> {
    fn drop(&mut self) {
        let blocks = std::mem::take(&mut self.blocks).into_iter().flatten();
        let registers = std::mem::take(&mut self.registers).into_iter().zip(&self.job.cut.is_used);
        let registers = registers.filter_map(|(register, is_used)| is_used.then_some(register));
        registers.chain(blocks).for_each(Room::leave);
    }
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

fn stream_all(values: Slice<'_>, out: &mut SliceMut<'_>) {
    macro_rules! arms {
        ($(($variant:ident, $T:ty))*) => {
            match (values, out) {
                $((Slice::$variant(values), SliceMut::$variant(out)) => stream::copy(values, out),)*
                _ => unreachable!("a result has its instruction's dtype"),
            }
        };
    }
    for_each_dtype!(arms);
}

/// Folds rows as the kernel of reductions does: halves as `f32`, rounded once.
fn fold_rows(reduction: Reduction, rows: Slice<'_>, width: usize, out: &mut SliceMut<'_>) {
    macro_rules! arms {
        ($($variant:ident)*; $($half:ident $widen:path, $narrow:path;)*) => {
            match (rows, out) {
                $((Slice::$variant(rows), SliceMut::$variant(out)) => {
                    match reduction {
                        Reduction::Sum => fold::rows(rows, width, out, Sum),
                        Reduction::Product => fold::rows(rows, width, out, Product),
                        Reduction::Max => fold::rows(rows, width, out, Larger),
                        Reduction::Min => fold::rows(rows, width, out, Smaller),
                    }
                })*
                $((Slice::$half(rows), SliceMut::$half(out)) => {
                    let mut room = [scratch::take_longer::<f32>(rows.len()), scratch::take_longer::<f32>(out.len())];
                    let [values, folded] = &mut room;
                    let (values, folded) = (&mut values[..rows.len()], &mut folded[..out.len()]);
                    $widen(rows, values);
                    fold_rows(reduction, Slice::F32(values), width, &mut SliceMut::F32(folded));
                    $narrow(folded, out);
                    room.into_iter().for_each(|used| scratch::keep(f32::wrap(used)));
                })*
                _ => unreachable!("the planner asks whether a dtype folds"),
            }
        };
    }
    arms! {
        U32 U64 I32 I64 F32 F64;
        F16 halves::widen_f16, halves::narrow_f16;
        BF16 halves::widen_bf16, halves::narrow_bf16;
    }
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
