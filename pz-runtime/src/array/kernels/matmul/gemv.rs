//! One row times a matrix: what a language model does for each token that it writes.
//!
//! Every element of the matrix is used once, so the only cost is to read it. Each task reads its own part, in the
//! order in which it lies in memory.

use std::cell::Cell;

use super::pack::Scratch;
use super::wide::Wide;
use super::{dots, rows};
use crate::array::kernels::pool;

/// Elements of the matrix that a task reads at least: some microseconds, several times what a task costs.
pub(super) const GRAIN: usize = 1 << 15;
/// Columns of one task over rows at most: its part of the output stays in the first cache.
const WIDEST: usize = 4096;
/// Parts that the rows of a narrow matrix are cut into at most.
const PARTS: usize = 8;

thread_local! {
    /// For the sums of parts.
    static SUMS: Cell<Scratch> = const { Cell::new(Scratch::EMPTY) };
}

/// The columns of one task, a multiple of `unit`.
fn width(depth: usize, columns: usize, unit: usize) -> usize {
    let tasks = (depth.saturating_mul(columns) / GRAIN).min(8 * pool::threads()).max(1);
    columns.div_ceil(tasks).next_multiple_of(unit)
}

/// `out[j] = Σₖ x[k] b[k * stride + j]`.
///
/// A wide matrix is cut by columns. A narrow one is cut by rows, so that each task reads one contiguous stretch
/// of memory: pieces of short rows are too short for the prefetcher. The sums of the parts are added in order;
/// how many there are depends on the shape alone.
pub(super) fn over_rows<T: Wide>(x: &[f32], b: &[T], stride: usize, out: &mut [f32]) {
    let (depth, columns) = (x.len(), out.len());
    let parts = (depth.saturating_mul(columns) / GRAIN).min(PARTS);
    if columns > WIDEST || parts < 2 {
        let width = width(depth, columns, 64).min(WIDEST);
        return pool::run_chunks(out, width, &|task, out| {
            rows::sums(x, &b[task * width..], stride, out);
        });
    }
    let height = depth.div_ceil(parts).next_multiple_of(8);
    Scratch::lend(&SUMS, |scratch| {
        let sums = scratch.floats(depth.div_ceil(height) * columns);
        pool::run_chunks(sums, columns, &|part, sums| {
            let first = part * height;
            let x = &x[first..depth.min(first + height)];
            rows::sums(x, &b[first * stride..], stride, sums);
        });
        let (first, rest) = sums.split_at(columns);
        out.copy_from_slice(first);
        for part in rest.chunks_exact(columns) {
            out.iter_mut().zip(part).for_each(|(out, sum)| *out += sum);
        }
    });
}

/// `out[j] = Σₖ x[k] b[k + j * stride]`.
pub(super) fn over_columns<T: Wide>(x: &[f32], b: &[T], stride: usize, out: &mut [f32]) {
    let width = width(x.len(), out.len(), 4);
    pool::run_chunks(out, width, &|task, out| {
        dots::with_each(x, &b[task * width * stride..], stride, out);
    });
}
