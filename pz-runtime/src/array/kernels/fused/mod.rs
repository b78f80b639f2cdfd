//! Fused programs: elementwise operations, reductions of a row, and what was reduced spread out again, in one pass over
//! memory.
//!
//! A softmax or a norm reads each row several times: for its largest element, for its sum, for the result. Here a
//! task takes a few rows, as many as stay in the caches near to the core, and runs the whole program over them before
//! it goes on, so the array passes through memory once. Where nothing is reduced, rows are single elements. Rows are
//! folded in the one order that all reductions have, and elements are computed by the same operations, so a fused
//! program gives the bits of the single ones.
//!
//! A program is run in *parts*: one operation after the other over blocks, or, for runs of operations on `f32`, by the
//! [`machine`], which keeps what they hand on in registers.

mod machine;
mod parts;
mod room;
mod run;
mod source;
#[cfg(test)]
mod tests;
mod tile;
#[cfg(target_arch = "x86_64")]
mod vector;

use smallvec::SmallVec;

use super::block::BlockFn;
use super::reduce::Reduction;
use super::stream::STREAM_FROM;
use super::wide::wide;
use crate::array::dtype::DType;
use crate::array::layout::{Dims, checked_len};
use crate::array::params::{AxisList, Params};
use parts::Cut;
pub(crate) use run::run;

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
pub(crate) struct Listing {
    /// One instruction at least.
    pub(crate) code: Vec<Instruction>,
    /// The dtype and level of each register.
    pub(crate) registers: Vec<(DType, Level)>,
    /// The level of each input.
    pub(crate) inputs: Vec<Level>,
    /// Inputs whose axes are read in another order than they have, and that order.
    pub(crate) orders: Vec<(usize, AxisList)>,
    /// Results that are given with another order of their axes, and that in which they are computed.
    pub(crate) turned: Vec<(usize, AxisList)>,
    /// The dimensions of values at [`Level::Full`]. A row has an element at least.
    pub(crate) dims: Dims,
    /// So many first axes of these count rows; the others are a row's. Where all count, rows are single elements.
    pub(crate) kept: usize,
    /// Instructions whose values are results too.
    pub(crate) exports: Vec<usize>,
}

/// Code, and how it is run.
#[derive(Debug)]
pub(crate) struct Program {
    listing: Listing,
    /// Where there is a machine.
    for_machine: Cut,
    /// Where there is none.
    in_blocks: Cut,
}

/// One operation.
pub(crate) struct Instruction {
    pub(crate) work: Work,
    pub(crate) name: &'static str,
    pub(crate) params: Params,
    pub(crate) args: SmallVec<[Operand; 3]>,
    pub(crate) dtype: DType,
    pub(crate) level: Level,
    /// Where the result goes; not used by the last instruction. No argument has the same.
    pub(crate) register: usize,
}

/// Where an instruction finds an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Input(usize),
    Register(usize),
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

impl std::fmt::Debug for Instruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "r{} = {}{:?}", self.register, self.name, self.args)
    }
}

/// Whether rows of this dtype can be folded in a program; the others are left to the kernel of reductions.
pub(crate) fn folds(dtype: DType) -> bool {
    dtype.is_half() || dtype == wide(dtype)
}

impl Listing {
    /// Dimensions and dtype of what the code gives: the last value, then the exports.
    fn results(&self) -> impl Iterator<Item = (&[usize], DType)> {
        let last = self.code.last().into_iter();
        last.chain(self.exports.iter().map(|&place| &self.code[place])).map(|instruction| {
            let dims =
                if instruction.level == Level::Full { &self.dims[..] } else { &self.dims[..self.kept] };
            (dims, instruction.dtype)
        })
    }

    /// Whether rows are more than single elements.
    fn has_rows(&self) -> bool {
        self.kept < self.dims.len()
    }

    /// Rows, and the elements of each.
    fn shape(&self) -> (usize, usize) {
        let len = |dims| checked_len(dims).unwrap_or(usize::MAX);
        (len(&self.dims[..self.kept]), len(&self.dims[self.kept..]))
    }

    /// Whether the last value is so large that it is written past the caches.
    fn is_streamed(&self) -> bool {
        let bytes = |(dims, dtype): (&[usize], DType)| checked_len(dims)?.checked_mul(dtype.size());
        self.results().next().and_then(bytes).is_none_or(|bytes| bytes >= STREAM_FROM)
    }
}

impl Program {
    /// Cuts code into parts.
    pub(crate) fn new(listing: Listing) -> Program {
        let (for_machine, in_blocks) = (Cut::for_machine(&listing), Cut::in_blocks(&listing));
        Program { listing, for_machine, in_blocks }
    }

    /// Dimensions and dtype of what the program gives: the last value, then the exports.
    pub(crate) fn results(&self) -> impl Iterator<Item = (&[usize], DType)> {
        self.listing.results()
    }

    /// The names of its operations, in their order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.listing.code.iter().map(|instruction| instruction.name)
    }

    /// Whether it folds rows or repeats along them.
    pub(crate) fn has_rows(&self) -> bool {
        self.listing.has_rows()
    }
}
