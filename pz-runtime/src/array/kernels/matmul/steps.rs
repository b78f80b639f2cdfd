//! A long sum of few elements, cut by its steps: the gradient of a weight, over all examples.
//!
//! Cut by columns, every thread would read the whole left side, of which another has just computed a half: from the
//! caches of another core. Instead each block of the sum is a task with an output of its own, and threads begin with the
//! steps that they computed themselves. The blocks are then added in their order, which are the additions, and the bits,
//! of a product that is cut in any other way.

use super::Mat;
use super::pack::Scratch;
use super::panels::{self, Left, Target};
use super::tile::{Store, Tile};
use super::wide::Wide;
use crate::array::kernels::fold::{Sum, join_each};
use crate::array::kernels::pool::{self, Shards};
use std::cell::Cell;

/// Rows and columns at most: the outputs of a thread's blocks stay in its second cache, beside a part of both sides.
const LARGEST: usize = 1 << 16;
/// Rows and columns of all blocks at most: the sum of a value that is repeated can have any number of steps.
const LARGEST_OF_ALL: usize = 1 << 20;
/// Elements that are added at a time.
const CHUNK: usize = 1 << 12;

thread_local! {
    static BLOCKS: Cell<Scratch> = const { Cell::new(Scratch::EMPTY) };
}

/// Whether the blocks of a sum are to be shared out: where they go up among the threads, and where both sides are larger
/// than what has to be added.
pub(super) fn pay(rows: usize, columns: usize, depth: usize) -> bool {
    let (threads, blocks) = (pool::threads(), depth.div_ceil(panels::block(depth).max(1)));
    let (output, sides) = (rows.saturating_mul(columns), (rows + columns).saturating_mul(depth));
    threads > 1
        && output.saturating_mul(depth) >= panels::SERIAL
        && blocks >= threads
        && blocks.is_multiple_of(threads)
        && output <= LARGEST
        && output.saturating_mul(blocks) <= LARGEST_OF_ALL
        && output.saturating_mul(2 * blocks) <= sides
}

/// `a` times `b` into `out`.
pub(super) fn product<T: Wide>(a: Left<'_>, b: Mat<'_, T>, out: &mut [f32], tile: Tile) {
    let (depth, block) = (a.depth(), panels::block(a.depth()));
    let (columns, len) = (b.cols, out.len());
    Scratch::lend(&BLOCKS, |scratch| {
        let others = scratch.floats((depth.div_ceil(block) - 1) * len);
        let (first, rest) = (Shards::new(out), Shards::new(others));
        pool::run(depth.div_ceil(block), &|task| {
            let (from, steps) = (task * block, block.min(depth - task * block));
            let (whole, place) = if task == 0 { (&first, 0) } else { (&rest, (task - 1) * len) };
            let target = Target { whole, first: place, stride: columns, store: Store::Set };
            panels::panel(a.steps(from, steps), Mat { rows: steps, ..b.from(from, 0) }, target, tile);
        });
        pool::run_chunks(out, CHUNK, &|task, out| {
            for other in others.chunks_exact(len) {
                join_each(out, &other[task * CHUNK..], Sum);
            }
        });
    });
}
