//! The general product, where this machine has a tile kernel.
//!
//! A task takes some rows and a panel of columns. It cuts the sum into blocks, whose length depends on the contracted
//! size alone; for each block it packs one sliver of the right side at a time, which then stays in the first cache while
//! the rows, which stay in the second, go over it. So the right side, a large weight as a rule, is read from memory
//! once and never written back, and the left side is not copied at all where it lies well, be it by rows or by columns.
//! A result that no cache will hold, a model's logits as a rule, is written past the caches.
//! Under so few rows that a pack would not pay, the right side is read where it is.

use super::Mat;
use super::ahead::Ahead;
use super::pack::{self, Scratch};
use super::steps;
use super::tile::{LARGEST, LINE, Operands, Store, Tile};
use super::wide::Wide;
use crate::array::kernels::pool::{self, Shards};
use crate::array::kernels::stream;
use std::cell::Cell;

/// The longest block of the sum: a sliver of the right side and some rows of the left stay in the first cache.
const DEEPEST: usize = 320;
/// Rows of one task at most: a block of them stays in the second cache.
const TALLEST: usize = 264;
/// Elements of the left side that are copied at a time, at most (but for some rows of a very long sum).
const COPIED: usize = 1 << 20;
/// The most slivers of a panel.
const SLIVERS: usize = 8;
/// Bytes of results from which they are written past the caches. Other results are from more on (`stream`): a tile waits
/// for lines that lie far apart, and of logits few are read back as a rule. To read all of them back costs as much as is
/// saved, where the third cache would have held them.
pub(super) const STREAM_FROM: usize = 24 << 20;
/// Multiplications below which threads cost more than they give.
pub(super) const SERIAL: usize = 1 << 16;

thread_local! {
    static LEFT: Cell<Scratch> = const { Cell::new(Scratch::EMPTY) };
    static RIGHT: Cell<Scratch> = const { Cell::new(Scratch::EMPTY) };
}

/// `a` times `b` into `out`, none of them empty.
pub(super) fn product<T: Wide>(a: Mat<'_, T>, b: Mat<'_, T>, out: &mut [f32], tile: Tile) {
    if let Some(left) = in_place(&a, b.cols) {
        return whole(left, b, out, tile);
    }
    // Of fewer rows than a line has room for, columns would be mostly padding.
    let by_columns = a.row_stride == 1 && a.col_stride != 1 && a.rows >= 16;
    let most = (COPIED / pack::row_stride(a.cols)).max(64).next_multiple_of(tile.rows());
    Scratch::lend(&LEFT, |scratch| {
        for (block, out) in out.chunks_mut(most * b.cols).enumerate() {
            let a = a.from(block * most, 0);
            let a = Mat { rows: a.rows.min(most), ..a };
            // Copied in the direction in which it lies, so that a line that is read is used at once.
            let lines = if by_columns { a.transposed() } else { a };
            let stride = pack::row_stride(lines.cols);
            let left = scratch.floats(lines.rows * stride);
            let threads = if a.rows * a.cols < SERIAL { 1 } else { 4 * pool::threads() };
            let each = lines.rows.div_ceil(threads);
            pool::run_chunks(left, each * stride, &|task, left| {
                pack::rows(Mat { rows: left.len() / stride, ..lines.from(task * each, 0) }, left);
            });
            let left = Left { data: left, rows: a.rows, depth: a.cols, stride, by_columns };
            whole(left, b, out, tile);
        }
    });
}

/// The left side, or a copy: rows of adjacent elements, `stride` apart, or columns.
#[derive(Clone, Copy)]
pub(super) struct Left<'a> {
    data: &'a [f32],
    rows: usize,
    depth: usize,
    stride: usize,
    by_columns: bool,
}

impl<'a> Left<'a> {
    /// Some rows.
    fn rows(self, first: usize, rows: usize) -> Left<'a> {
        let skip = if self.by_columns { first } else { first * self.stride };
        Left { data: &self.data[skip..], rows, ..self }
    }

    /// How many steps the sum has.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Some steps of the sum.
    pub(super) fn steps(self, first: usize, depth: usize) -> Left<'a> {
        let skip = if self.by_columns { first * self.stride } else { first };
        Left { data: &self.data[skip..], depth, ..self }
    }

    /// The place of the last element.
    fn last(&self) -> usize {
        let (along, across) = if self.by_columns { (self.rows, self.depth) } else { (self.depth, self.rows) };
        (across - 1) * self.stride + along - 1
    }
}

/// The left side as it is, if it can be read like that: not where its rows lie on the same lines of the caches, unless
/// they are few or used little.
fn in_place<'a, T: Wide>(a: &Mat<'a, T>, columns: usize) -> Option<Left<'a>> {
    let data = T::as_f32(a.data)?;
    let (down, right) = (a.row_stride as usize, a.col_stride as usize);
    let left = Left { data, rows: a.rows, depth: a.cols, stride: down, by_columns: false };
    if right == 1 || a.cols == 1 {
        (down % 256 != 0 || a.rows <= 24 || columns <= 32).then_some(left)
    } else if down == 1 || a.rows == 1 {
        // A line of each step serves several tiles: the steps of a block must find room in the second cache.
        (right % 1024 != 0 || a.rows <= 24).then_some(Left { stride: right, by_columns: true, ..left })
    } else {
        None
    }
}

/// All columns. A result that no cache holds, each element of which is written once, goes past the caches, where its
/// rows can be cut into tiles that begin with a line: after a first few columns, if need be.
fn whole<T: Wide>(a: Left<'_>, b: Mat<'_, T>, out: &mut [f32], tile: Tile) {
    if steps::pay(a.rows, b.cols, a.depth) {
        return steps::product(a, b, out, tile);
    }
    let (columns, bytes) = (b.cols, size_of_val(out));
    let lead = out.as_ptr().align_offset(LINE);
    let out = Target { whole: &Shards::new(out), first: 0, stride: columns, store: Store::Set };
    let lines = (columns * size_of::<f32>()).is_multiple_of(LINE);
    if bytes < STREAM_FROM || a.depth > DEEPEST || !lines || lead >= columns {
        return shared_out(a, b, out, tile);
    }
    if lead > 0 {
        shared_out(a, Mat { cols: lead, ..b }, out, tile);
    }
    shared_out(a, b.from(0, lead), Target { first: lead, store: Store::Stream, ..out }, tile);
}

/// Where a product goes, and how.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) whole: &'a Shards<'a, f32>,
    /// The place of the first element.
    pub(super) first: usize,
    /// From a row to the next.
    pub(super) stride: usize,
    /// How the first block of the sum is written; the others are added to it.
    pub(super) store: Store,
}

fn shared_out<T: Wide>(a: Left<'_>, b: Mat<'_, T>, out: Target<'_>, tile: Tile) {
    let (m, n) = (a.rows, b.cols);
    let slivers = n.div_ceil(tile.columns);
    let threads = if m.saturating_mul(a.depth).saturating_mul(n) < SERIAL { 1 } else { pool::threads() };
    let (height, width) = cut(m, slivers, a.depth, threads, tile.rows());
    let (groups, panels) = (m.div_ceil(height), slivers.div_ceil(width));
    let width = width * tile.columns;
    let task = |task: usize| {
        let (row, column) = (task / panels * height, task % panels * width);
        let (rows, columns) = (height.min(m - row), width.min(n - column));
        let a = a.rows(row, rows);
        let b = Mat { cols: columns, ..b.from(0, column) };
        let out = Target { first: out.first + row * out.stride + column, ..out };
        panel(a, b, out, tile);
        if out.store == Store::Stream {
            stream::finish();
        }
    };
    if threads == 1 { (0..groups * panels).for_each(task) } else { pool::run(groups * panels, &task) }
}

/// The rows and the slivers of a task: so that all threads end at about the same time, and the rows, if they are read
/// from afar, serve several slivers.
fn cut(m: usize, slivers: usize, depth: usize, threads: usize, unit: usize) -> (usize, usize) {
    let groups = m.div_ceil(TALLEST);
    let (mut best, mut least) = ((m, slivers), f64::INFINITY);
    for groups in [groups, groups * 2, groups * threads] {
        let height = m.div_ceil(groups).next_multiple_of(unit);
        let groups = m.div_ceil(height);
        for width in 1..=SLIVERS.min(slivers) {
            let turns = (groups * slivers.div_ceil(width)).div_ceil(threads);
            // What a task costs besides its tiles, in rows of one sliver: to pack each sliver, and to begin.
            let rereading = if depth > DEEPEST { 40 } else { 10 };
            let each = width * (height + 16) + rereading;
            let cost = (turns * each) as f64;
            if cost < least {
                (best, least) = ((height, width), cost);
            }
        }
    }
    best
}

/// The steps of one block of a sum of so many; the last block may have fewer. Of many blocks there is an even number, which
/// threads can share.
pub(super) fn block(depth: usize) -> usize {
    let blocks = depth.div_ceil(DEEPEST).max(1);
    depth.div_ceil(if blocks > 4 { blocks.next_multiple_of(2) } else { blocks })
}

/// Some rows times a panel of columns.
pub(super) fn panel<T: Wide>(a: Left<'_>, b: Mat<'_, T>, out: Target<'_>, tile: Tile) {
    Scratch::lend(&RIGHT, |scratch| panel_with(a, b, out, tile, scratch));
}

fn panel_with<T: Wide>(a: Left<'_>, b: Mat<'_, T>, out: Target<'_>, tile: Tile, scratch: &mut Scratch) {
    let block = block(a.depth);
    let few = a.rows <= 2 * tile.rows() && b.col_stride == 1;
    for first in (0..a.depth).step_by(block) {
        let depth = block.min(a.depth - first);
        for column in (0..b.cols).step_by(tile.columns) {
            let columns = tile.columns.min(b.cols - column);
            let next = if column + columns < b.cols { (first, column + columns) } else { (first + depth, 0) };
            let ahead = if next.0 < a.depth && a.rows > tile.rows() {
                let b = b.from(next.0, next.1);
                Ahead::of(Mat { rows: b.rows.min(block), cols: b.cols.min(tile.columns), ..b })
            } else {
                Ahead::NOTHING
            };
            let b = Mat { rows: depth, cols: columns, ..b.from(first, column) };
            let plain = T::as_f32(b.data).filter(|_| few && columns == tile.columns);
            let (right, right_stride) = match plain {
                Some(data) => (data, b.row_stride as usize),
                None => {
                    let right = scratch.floats(depth * tile.columns);
                    pack::sliver(b, tile.columns, right);
                    (&*right, tile.columns)
                }
            };
            let left = a.steps(first, depth);
            let store = if first > 0 { Store::Add } else { out.store };
            let out = Target { first: out.first + column, store, ..out };
            tiles(left, right, right_stride, out, columns, tile, ahead);
        }
    }
}

/// The tiles of some rows and one sliver of `columns` columns.
fn tiles(
    a: Left<'_>,
    right: &[f32],
    right_stride: usize,
    out: Target<'_>,
    columns: usize,
    tile: Tile,
    mut ahead: Ahead,
) {
    assert!(a.last() < a.data.len(), "rows beyond the left side of a product");
    assert!(
        (a.depth - 1) * right_stride + tile.columns <= right.len(),
        "steps beyond the right side of a product"
    );
    let mut edge = [0.0; LARGEST];
    let portion = ahead.lines().div_ceil(a.rows.div_ceil(tile.rows()));
    for i in (0..a.rows).step_by(tile.rows()) {
        let rows = tile.rows().min(a.rows - i);
        ahead.ask(portion);
        let kernel = tile.kernels[rows - 1][usize::from(a.by_columns)];
        let operands = Operands {
            depth: a.depth,
            left: a.rows(i, rows).data.as_ptr(),
            left_stride: a.stride,
            right: right.as_ptr(),
            right_stride,
        };
        let at = out.first + i * out.stride;
        if columns == tile.columns {
            // SAFETY: `tile` is this machine's; the operands were checked above; the tile lies within the output, and
            // in no other task's part; where it is streamed, `whole` saw to the lines.
            unsafe { kernel(&operands, out.whole.pointer(at), out.stride, out.store) };
            continue;
        }
        // SAFETY: as above, into a tile of our own.
        unsafe { kernel(&operands, edge.as_mut_ptr(), tile.columns, Store::Set) };
        for (i, edge) in edge.chunks_exact(tile.columns).take(rows).enumerate() {
            // SAFETY: within the output, and in no other task's part.
            let part = unsafe { out.whole.part(at + i * out.stride, columns) };
            for (part, sum) in part.iter_mut().zip(edge) {
                *part = if out.store == Store::Add { *part + sum } else { *sum };
            }
        }
    }
}
