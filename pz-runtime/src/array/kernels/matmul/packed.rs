//! The general product over packed operands, where this machine has a tile kernel.
//!
//! The sum is cut into blocks, whose length depends on the contracted size alone. For each block the left side is
//! packed once, for all; a task takes some rows and a panel of columns, packs its part of the right side into memory
//! of its own, which stays in the second cache, and goes over the tiles. So the right side, a large weight as a rule,
//! is read from memory once and never written back.

use super::Mat;
use super::pack::{Part, Scratch, pack};
use super::tile::{LARGEST, Tile};
use crate::array::kernels::pool::{self, Shards};
use std::cell::Cell;

/// The longest block of the sum: a sliver of the right side and one of the left stay in the first cache.
const DEEPEST: usize = 320;
/// The most rows of the left side that are packed at a time.
const ROWS: usize = 1536;
/// Rows that stay in the second cache while a panel's slivers pass.
const RESIDENT: usize = 192;
/// The most columns of a panel.
const WIDEST: usize = 256;
/// Multiplications below which threads cost more than they give.
const SERIAL: usize = 1 << 17;
/// Tasks for each thread, so that a late one does not cost much.
const SPREAD: usize = 4;

thread_local! {
    static LEFT: Cell<Scratch> = const { Cell::new(Scratch::EMPTY) };
    static RIGHT: Cell<Scratch> = const { Cell::new(Scratch::EMPTY) };
}

/// `a` times `b` into `out`, none of them empty.
pub(super) fn product(a: Mat<'_, f32>, b: Mat<'_, f32>, out: &mut [f32], tile: Tile) {
    let depth = a.cols.div_ceil(a.cols.div_ceil(DEEPEST));
    let n = b.cols;
    Scratch::lend(&LEFT, |scratch| {
        for (block, out) in out.chunks_mut(ROWS * n).enumerate() {
            let a = a.from(block * ROWS, 0);
            let a = Mat { rows: a.rows.min(ROWS), ..a };
            let out = Shards::new(out);
            for first in (0..a.cols).step_by(depth) {
                let (a, b) = (a.from(0, first), b.from(first, 0));
                let a = Mat { cols: a.cols.min(depth), ..a };
                let b = Mat { rows: a.cols, ..b };
                block_of_the_sum(a, b, &out, first > 0, tile, scratch);
            }
        }
    });
}

/// The product of at most `ROWS` rows and at most `DEEPEST` columns of the left side, over the output or added to it.
fn block_of_the_sum(
    a: Mat<'_, f32>,
    b: Mat<'_, f32>,
    out: &Shards<'_, f32>,
    add: bool,
    tile: Tile,
    scratch: &mut Scratch,
) {
    let (m, depth, n) = (a.rows, a.cols, b.cols);
    let parallel = m.saturating_mul(depth).saturating_mul(n) >= SERIAL;
    let tasks = if parallel { SPREAD * pool::threads() } else { 1 };

    let sliver = tile.rows * depth;
    let left = scratch.floats(m.div_ceil(tile.rows) * sliver);
    let chunk = if tasks > 1 { (left.len() / sliver).div_ceil(tasks).max(8) } else { left.len() / sliver };
    pool::run_chunks(left, chunk * sliver, &|task, left| {
        let first = task * chunk * tile.rows;
        let a = a.from(first, 0);
        let part = Part {
            data: a.data,
            along: a.row_stride as usize,
            deep: a.col_stride as usize,
            count: a.rows.min(chunk * tile.rows),
            depth,
        };
        pack(part, tile.rows, left);
    });
    let left = &*left;

    // Panels of columns, and only if these are too few, groups of rows.
    let width = n.div_ceil(tasks).next_multiple_of(tile.columns).min(WIDEST);
    let panels = n.div_ceil(width);
    let groups = (tasks / panels).clamp(1, m.div_ceil(8 * tile.rows));
    let height = m.div_ceil(groups).next_multiple_of(tile.rows);
    let groups = m.div_ceil(height);
    pool::run(panels * groups, &|task| {
        let (row, column) = (task % groups * height, task / groups * width);
        let (rows, columns) = (height.min(m - row), width.min(n - column));
        Scratch::lend(&RIGHT, |scratch| {
            let right = scratch.floats(columns.next_multiple_of(tile.columns) * depth);
            let b = b.from(0, column);
            let part = Part {
                data: b.data,
                along: b.col_stride as usize,
                deep: b.row_stride as usize,
                count: columns,
                depth,
            };
            pack(part, tile.columns, right);
            let left = &left[row * depth..];
            for first in (0..rows).step_by(RESIDENT) {
                let rows = RESIDENT.min(rows - first);
                let corner = (row + first) * n + column;
                panel(&left[first * depth..], right, depth, [rows, columns], out, corner, n, add, tile);
            }
        });
    });
}

/// The tiles of some rows and a panel of columns. `corner` is the place of the first in the output, whose rows are
/// `stride` long.
#[expect(clippy::too_many_arguments, reason = "a loop nest, cut in two")]
fn panel(
    left: &[f32],
    right: &[f32],
    depth: usize,
    [rows, columns]: [usize; 2],
    out: &Shards<'_, f32>,
    corner: usize,
    stride: usize,
    add: bool,
    tile: Tile,
) {
    let mut edge = [0.0; LARGEST];
    for (j, right) in right.chunks_exact(tile.columns * depth).enumerate() {
        let j = j * tile.columns;
        for (i, left) in left.chunks_exact(tile.rows * depth).take(rows.div_ceil(tile.rows)).enumerate() {
            let i = i * tile.rows;
            let (height, width) = (tile.rows.min(rows - i), tile.columns.min(columns - j));
            let (left, right) = (left.as_ptr(), right.as_ptr());
            let at = corner + i * stride + j;
            if height == tile.rows && width == tile.columns {
                // SAFETY: `tile` is this machine's; the slivers have `depth` steps; the tile lies within the output,
                // and in no other task's part.
                unsafe { (tile.kernel)(depth, left, right, out.pointer(at), stride, add) };
                continue;
            }
            // SAFETY: as above, into a tile of our own.
            unsafe { (tile.kernel)(depth, left, right, edge.as_mut_ptr(), tile.columns, false) };
            for (i, edge) in edge.chunks_exact(tile.columns).take(height).enumerate() {
                // SAFETY: within the output, and in no other task's part.
                let out = unsafe { out.part(at + i * stride, width) };
                for (out, sum) in out.iter_mut().zip(edge) {
                    *out = if add { *out + sum } else { *sum };
                }
            }
        }
    }
}
