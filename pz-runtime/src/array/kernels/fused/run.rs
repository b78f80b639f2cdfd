//! A program run: its results allocated, its rows cut into tasks and tiles.
//!
//! The cut rests on the shape alone. A task's last tile, and a program's last task, take in what is left over, so none
//! is shorter than the others.

use std::ops::Range;
use std::sync::Arc;

use super::machine::{Machine, machine};
use super::parts::{Cut, Part};
use super::source::{Source, shared_memory_order};
use super::tile::Tile;
use super::{Level, Listing, Operand, Program, Work};
use crate::array::buffer::Buffer;
use crate::array::dtype::{for_each_dtype, sealed::Stored, with_type};
use crate::array::kernels::block::{BLOCK, SliceMut};
use crate::array::kernels::pool::{self, Shards};
use crate::array::kernels::stream;
use crate::array::layout::{Dims, Layout};
use crate::array::ops::infer;
use crate::array::storage::{Data, take_vec};

/// Elements, about, of rows that a program runs over before it goes on: two or three values of a tile stay in the first
/// cache.
const TILE: usize = 1 << 12;
/// The same where there are several operations on what rows were reduced to: they are done once for each tile, and would
/// weigh too much on a smaller one. A few values of such a tile stay in the second cache.
const LARGE_TILE: usize = 1 << 14;
/// Elements, about, that one task computes.
const TASK: usize = 1 << 14;

/// A program with what it reads and writes.
pub(super) struct Job<'a> {
    pub(super) listing: &'a Listing,
    pub(super) cut: &'a Cut,
    pub(super) machine: Option<Machine>,
    pub(super) inputs: &'a [Buffer],
    pub(super) sources: Vec<Source>,
    /// Elements of a row.
    pub(super) width: usize,
    /// Whether the result is written past the caches.
    pub(super) is_streamed: bool,
    targets: Vec<Target<'a>>,
}

/// Runs a program: the last value, then the exports.
pub(crate) fn run(program: &Program, inputs: &[Buffer]) -> Vec<Buffer> {
    let listing = &program.listing;
    let turned = turned(listing, inputs);
    let inputs = turned.as_deref().unwrap_or(inputs);
    // Elements, or rows, are taken in the order in which they lie.
    let order = shared_memory_order(inputs, &listing.dims, listing.kept);
    let in_order = |layout: &Layout| match &order {
        Some(order) if !layout.dims.is_empty() => Source::new(&layout.permuted(order), listing.kept),
        _ => Source::new(layout, listing.kept),
    };
    let (rows, width) = listing.shape();
    let source = |(input, level): (&Buffer, &Level)| match level {
        Level::Full => in_order(&input.layout),
        Level::Row => match &order {
            Some(order) => Source::new(&input.layout.permuted(&order[..listing.kept]), 0),
            None => Source::new(&input.layout, 0),
        },
    };
    let mut results: Vec<Data> = program
        .results()
        .map(|(dims, dtype)| with_type!(dtype, T => T::wrap(take_vec::<T>(dims.iter().product()))))
        .collect();
    let machine = machine();
    let job = Job {
        listing,
        cut: if machine.is_some() { &program.for_machine } else { &program.in_blocks },
        machine,
        inputs,
        sources: inputs.iter().zip(&listing.inputs).map(source).collect(),
        width,
        is_streamed: listing.is_streamed(),
        targets: results.iter_mut().map(Target::new).collect(),
    };
    let tile = job.tile().min(rows.max(1));
    let task = tile * (TASK / (tile * width)).max(1);
    let tasks = if rows == 0 { 0 } else { (rows / task).max(1) };
    pool::run(tasks, &|index| {
        let end = if index + 1 == tasks { rows } else { (index + 1) * task };
        job.run_rows(index * task..end, tile);
    });
    drop(job);
    let give = |((dims, _), data): ((&[usize], _), Data)| {
        let layout = match &order {
            Some(order) => {
                let order = &order[..dims.len()];
                let sizes: Dims = order.iter().map(|&axis| dims[axis]).collect();
                Layout::contiguous(&sizes).permuted(&infer::inverse(order))
            }
            None => Layout::contiguous(dims),
        };
        Buffer { data: Arc::new(data), layout }
    };
    let mut results: Vec<Buffer> = program.results().zip(results).map(give).collect();
    for (result, order) in &listing.turned {
        let layout = results[*result].layout.permuted(&infer::inverse(order));
        results[*result] = results[*result].with_layout(layout);
    }
    results
}

/// The inputs with the order of axes in which they are read, where that is another than their own.
fn turned(listing: &Listing, inputs: &[Buffer]) -> Option<Vec<Buffer>> {
    if listing.orders.is_empty() {
        return None;
    }
    let mut turned = inputs.to_vec();
    for (input, order) in &listing.orders {
        turned[*input] = turned[*input].with_layout(turned[*input].layout.permuted(order));
    }
    Some(turned)
}

impl Job<'_> {
    /// Rows that the program runs over before it goes on.
    fn tile(&self) -> usize {
        let is_gathered = |source: &Source| matches!(source, Source::Strided(_));
        let elements = match &self.cut.parts[..] {
            _ if self.listing.has_rows() => {
                let of_rows = self.listing.code.iter().filter(|instruction| {
                    instruction.level == Level::Row && matches!(instruction.work, Work::Each(_))
                });
                if of_rows.count() > 1 { LARGE_TILE } else { TILE }
            }
            [Part::Run(_)] if !self.sources.iter().any(is_gathered) => TASK,
            _ => BLOCK,
        };
        (elements / self.width).max(1)
    }

    /// Computes some rows of every result, `tile` of them at a time.
    fn run_rows(&self, rows: Range<usize>, tile: usize) {
        let tiles = (rows.len() / tile).max(1);
        let mut state = Tile::new(self, tile.max(rows.len() - (tiles - 1) * tile));
        for number in 0..tiles {
            let first = rows.start + number * tile;
            let count = if number + 1 == tiles { rows.end - first } else { tile };
            state.run(first, count);
        }
        if self.is_streamed {
            stream::finish();
        }
    }

    /// Whether an input is folded as it is.
    pub(super) fn is_folded(&self, input: usize) -> bool {
        let folds = |instruction: &super::Instruction| {
            matches!(instruction.work, Work::Fold(_)) && instruction.args[0] == Operand::Input(input)
        };
        self.listing.code.iter().any(folds)
    }

    /// A part of a result: the last value's is number 0, then come the exports'.
    ///
    /// # Safety
    /// While the part is in use, no other part that overlaps it is.
    pub(super) unsafe fn part(&self, result: usize, start: usize, len: usize) -> SliceMut<'_> {
        // SAFETY: as the caller promises.
        unsafe { self.targets[result].part(start, len) }
    }
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
