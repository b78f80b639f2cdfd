//! Fused elementwise programs: several operations in one pass over memory.
//!
//! The elements are numbered in the memory order of the first full-sized input. A task takes a chunk of the
//! numbers and goes through it in blocks: inputs that lie contiguously are read in place, scalars are filled
//! in once, all else is gathered into a block; then each operation runs over the block. Since every element is
//! computed by the same operations whatever the cut, a fused program gives the bits of the single operations. Results
//! too large for the caches are written past them, a block at a time.

use smallvec::SmallVec;
use std::sync::Arc;

use super::block::{BLOCK, BlockFn, Blocks, Slice, apply, register, register_mut};
use super::{copy, pool, stream};
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, sealed::Stored, with_type};
use crate::array::layout::Layout;
use crate::array::params::Params;
use crate::array::storage::{Data, take_vec};

/// Elements that one task computes.
const CHUNK: usize = 16 * BLOCK;

/// Straight-line code over blocks; the last instruction gives the result.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) code: Vec<Instruction>,
    /// The dtype of each register.
    pub(crate) registers: Vec<DType>,
}

/// One operation on a block.
pub(crate) struct Instruction {
    pub(crate) op: BlockFn,
    pub(crate) name: &'static str,
    pub(crate) params: Params,
    pub(crate) args: SmallVec<[Operand; 3]>,
    pub(crate) dtype: DType,
    /// Where the result goes; not used by the last instruction.
    pub(crate) register: usize,
}

impl std::fmt::Debug for Instruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "r{} = {}{:?}", self.register, self.name, self.args)
    }
}

/// Where an instruction finds an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Input(usize),
    Register(usize),
}

enum Source {
    /// Element `i` lies at `offset + i`.
    Contiguous(usize),
    /// Every element is the one at `offset`.
    Uniform(usize),
    /// As an input before, and in its block: programs say the same number many times, and every block takes room in
    /// the first-level cache.
    Same(usize),
    Strided(Layout),
}

/// Runs a program over inputs that have the dimensions `dims`, or none: one number for all elements.
pub(crate) fn run(program: &Program, inputs: &[Buffer], dims: &[usize]) -> Buffer {
    let order = shared_memory_order(inputs, dims);
    let in_order = |layout: &Layout| match &order {
        Some(order) if !layout.dims.is_empty() => classify(&layout.permuted(order)),
        _ => classify(layout),
    };
    let mut sources: Vec<Source> = Vec::with_capacity(inputs.len());
    for (index, input) in inputs.iter().enumerate() {
        let source = in_order(&input.layout);
        let known = inputs[..index].iter().zip(&sources).position(|(other, known)| match (known, &source) {
            (Source::Uniform(known), Source::Uniform(offset)) => {
                known == offset && Arc::ptr_eq(&other.data, &input.data)
            }
            _ => false,
        });
        sources.push(known.map_or(source, Source::Same));
    }
    let len = dims.iter().product();
    let dtype = program.code.last().expect("a program has an instruction").dtype;
    let data = with_type!(dtype, T => {
        let mut out = take_vec::<T>(len);
        let is_streamed = size_of_val(out.as_slice()) >= stream::STREAM_FROM;
        pool::run_chunks(&mut out, CHUNK, &|index, chunk| {
            run_chunk(program, inputs, &sources, index * CHUNK, is_streamed, chunk);
        });
        T::wrap(out)
    });
    let Some(order) = order else {
        return Buffer { data: Arc::new(data), layout: Layout::contiguous(dims) };
    };
    let out_dims: SmallVec<[usize; 6]> = order.iter().map(|&axis| dims[axis]).collect();
    let mut inverse: SmallVec<[usize; 6]> = SmallVec::from_elem(0, order.len());
    order.iter().enumerate().for_each(|(place, &axis)| inverse[axis] = place);
    Buffer { data: Arc::new(data), layout: Layout::contiguous(&out_dims).permuted(&inverse) }
}

/// The order in which the first input without repetition lies in memory; `None` where that is its own.
pub(crate) fn shared_memory_order(inputs: &[Buffer], dims: &[usize]) -> Option<SmallVec<[usize; 6]>> {
    let full = |input: &&Buffer| {
        let layout = &input.layout;
        layout.dims.len() == dims.len()
            && layout.strides.iter().zip(dims).all(|(&stride, &dim)| stride != 0 || dim == 1)
    };
    let input = inputs.iter().find(full)?;
    (!input.layout.is_contiguous()).then(|| input.layout.memory_order())
}

fn classify(layout: &Layout) -> Source {
    let collapsed = layout.collapsed();
    match (collapsed.dims.as_slice(), collapsed.strides.as_slice()) {
        ([], []) | ([_], [0]) => Source::Uniform(layout.offset),
        ([_], [1]) => Source::Contiguous(layout.offset),
        _ => Source::Strided(collapsed),
    }
}

fn run_chunk<T: Blocks>(
    program: &Program,
    inputs: &[Buffer],
    sources: &[Source],
    start: usize,
    is_streamed: bool,
    out: &mut [T],
) {
    let width = out.len().min(BLOCK);
    let mut result = vec![T::default(); if is_streamed { width } else { 0 }];
    // A register is taken out while it is written to; the planner gives no argument the result's register.
    let mut registers: Vec<Option<Data>> = program
        .registers
        .iter()
        .map(|&dtype| Some(with_type!(dtype, R => R::wrap(vec![R::default(); width]))))
        .collect();
    let mut gathered: Vec<Option<Data>> =
        inputs.iter().zip(sources).map(|(i, s)| block_for(i, s, width)).collect();
    for (number, out) in out.chunks_mut(BLOCK).enumerate() {
        let at = start + number * BLOCK;
        for ((input, source), block) in inputs.iter().zip(sources).zip(&mut gathered) {
            if let (Source::Strided(layout), Some(block)) = (source, block) {
                load(input, layout, at, block, out.len());
            }
        }
        let len = out.len();
        let (last, before) = program.code.split_last().expect("a program has an instruction");
        for instruction in before {
            let mut written = registers[instruction.register].take();
            if let Some(written) = &mut written {
                let args = arguments(instruction, inputs, sources, &gathered, &registers, at, len);
                let args = &args[..instruction.args.len()];
                apply(instruction.op, &instruction.params, args, &mut register_mut(written, len));
            }
            registers[instruction.register] = written;
        }
        let args = arguments(last, inputs, sources, &gathered, &registers, at, len);
        let args = &args[..last.args.len()];
        if is_streamed {
            apply(last.op, &last.params, args, &mut T::view_mut(&mut result[..len]));
            stream::copy(&result[..len], out);
        } else {
            apply(last.op, &last.params, args, &mut T::view_mut(out));
        }
    }
    if is_streamed {
        stream::finish();
    }
}

fn block_for(input: &Buffer, source: &Source, width: usize) -> Option<Data> {
    with_type!(input.dtype(), T => match source {
        Source::Contiguous(_) | Source::Same(_) => None,
        Source::Uniform(offset) => Some(T::wrap(vec![input.storage::<T>()[*offset]; width])),
        Source::Strided(_) => Some(T::wrap(vec![T::default(); width])),
    })
}

fn load(input: &Buffer, layout: &Layout, at: usize, block: &mut Data, len: usize) {
    fn typed<T: Element>(input: &Buffer, layout: &Layout, at: usize, block: &mut Data, len: usize) {
        let block = <T as Stored>::vec_mut(block).expect("the block was made for this input");
        copy::gather_from(input.storage::<T>(), layout, at, &mut block[..len]);
    }
    with_type!(input.dtype(), T => typed::<T>(input, layout, at, block, len));
}

/// The arguments of an instruction, of which there are at most three; what is left over is empty.
#[inline]
fn arguments<'a>(
    instruction: &Instruction,
    inputs: &'a [Buffer],
    sources: &[Source],
    gathered: &'a [Option<Data>],
    registers: &'a [Option<Data>],
    at: usize,
    len: usize,
) -> [Slice<'a>; 3] {
    let mut args = [Slice::Bool(&[]); 3];
    for (arg, operand) in args.iter_mut().zip(&instruction.args) {
        let block = match *operand {
            Operand::Register(index) => &registers[index],
            Operand::Input(index) => match sources[index] {
                Source::Contiguous(offset) => {
                    *arg = contiguous(&inputs[index], offset + at, len);
                    continue;
                }
                Source::Same(index) => &gathered[index],
                Source::Uniform(_) | Source::Strided(_) => &gathered[index],
            },
        };
        let block = block.as_ref().expect("inputs that are not contiguous have a block, registers a vector");
        *arg = register(block, len);
    }
    args
}

fn contiguous(input: &Buffer, start: usize, len: usize) -> Slice<'_> {
    with_type!(input.dtype(), T => T::view(&input.storage::<T>()[start..start + len]))
}
