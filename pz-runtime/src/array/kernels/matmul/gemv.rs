//! One row times a matrix: what a language model does for each token that it writes.
//!
//! Every element of the matrix is used once, so the only cost is to read it. Each task reads its own range of columns,
//! in the order in which they lie in memory.

use super::{dots, rows};
use crate::array::kernels::pool;

/// Elements of the matrix that a task reads at least: some microseconds, several times what a task costs.
const GRAIN: usize = 1 << 15;
/// Columns of one task over rows at most: its part of the output stays in the first cache.
const WIDEST: usize = 4096;

/// The columns of one task, a multiple of `unit`.
pub(super) fn width(depth: usize, columns: usize, unit: usize) -> usize {
    let tasks = (depth.saturating_mul(columns) / GRAIN).min(8 * pool::threads()).max(1);
    columns.div_ceil(tasks).next_multiple_of(unit)
}

/// `out[j] = Σₖ x[k] b[k * stride + j]`.
pub(super) fn over_rows(x: &[f32], b: &[f32], stride: usize, out: &mut [f32]) {
    let width = width(x.len(), out.len(), 64).min(WIDEST);
    pool::run_chunks(out, width, &|task, out| {
        let columns = out.len();
        rows::weighted_sums(x, x.len(), &b[task * width..], stride, out, columns);
    });
}

/// `out[j] = Σₖ x[k] b[k + j * stride]`.
pub(super) fn over_columns(x: &[f32], b: &[f32], stride: usize, out: &mut [f32]) {
    let width = width(x.len(), out.len(), 4);
    pool::run_chunks(out, width, &|task, out| {
        dots::with_each(x, &b[task * width * stride..], stride, out);
    });
}
