//! Attention without its scores: weights times values, a tile of the scores at a time.
//!
//! `softmax(f(q·k))·v` has a score for every pair of a query and a key, and nobody wants to see them. A task takes a
//! block of queries and goes over the keys in blocks: products of queries and keys, what the graph does to these
//! ([`scores`]), and the running softmax ([`softmax`]) that weighs the values: for each query the largest score so far,
//! the sum of the exponentials below it, and the values weighed by these; when a larger score comes, what is there is
//! scaled down. What a mask hides altogether is not computed (Milakov and Gimelshein 2018; Dao et al. 2022).
//!
//! The sums are taken in another order than by the single operations, so their bits differ. As with any sum of `n`
//! products, the worst case grows with `n` 2^-24; tests hold each element to 2^-18 of the largest value averaged (in
//! absolute value). How a value is summed rests on shapes and on what is masked, never on threads. A value that is not
//! finite and that no query of a block may see is not multiplied by zero, as it otherwise would be.

mod scores;
mod softmax;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use smallvec::SmallVec;

use super::matmul::{self, Mat};
use super::pool::{self, Shards};
use super::scratch;
use crate::array::buffer::Buffer;
use crate::array::dtype::sealed::Stored;
use crate::array::layout::{Dims, Layout};
use crate::array::storage::take_vec;
pub(crate) use scores::{Meaning, Operation, Scores};
use scores::{Tile, Work};

/// Queries of a task at most.
const QUERIES: usize = 128;
/// Keys of a tile at most, about: its scores stay in the second-level cache.
const KEYS: usize = 288;
/// Columns of keys: whole registers, whatever their length.
const UNIT: usize = 32;
/// `e^x` is 0 from here down.
const NOTHING: f32 = -104.0;

/// One attention. Its operands are queries, keys, values, then those of [`Scores`].
#[derive(Debug)]
pub(crate) struct Attention {
    /// Sizes of the axes of scores other than the queries' and the keys': batches and heads.
    pub(crate) outer: Dims,
    pub(crate) queries: usize,
    pub(crate) keys: usize,
    /// The size of one query and of one key.
    pub(crate) depth: usize,
    /// The size of one value.
    pub(crate) width: usize,
    /// Where the axes are in queries, keys, values, and what else is read.
    pub(crate) places: Vec<Place>,
    /// What becomes of products before the softmax.
    pub(crate) scores: Scores,
    /// What each axis of the result is.
    pub(crate) out: SmallVec<[Axis; 6]>,
}

/// An axis of the scores, or of a single query, key or value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Axis {
    Outer(usize),
    Query,
    Key,
    Inner,
}

/// For each axis of an operand, which it is; an axis of size 1 may be none.
pub(crate) type Place = SmallVec<[Option<Axis>; 6]>;

/// An operand, and how far apart its elements are along each axis; 0 where they are repeated.
#[derive(Clone)]
struct Operand {
    buffer: Buffer,
    outer: SmallVec<[usize; 6]>,
    query: usize,
    key: usize,
    inner: usize,
}

impl Operand {
    fn new(buffer: &Buffer, place: &Place, axes: usize) -> Operand {
        let backwards = buffer.layout.strides.iter().any(|&stride| stride < 0);
        let buffer = if backwards { turned(buffer) } else { buffer.clone() };
        let mut operand = Operand {
            outer: SmallVec::from_elem(0, axes),
            query: 0,
            key: 0,
            inner: 0,
            buffer: buffer.clone(),
        };
        for ((axis, &stride), &dim) in place.iter().zip(&buffer.layout.strides).zip(&buffer.layout.dims) {
            let stride = if dim == 1 { 0 } else { stride as usize };
            match axis {
                Some(Axis::Outer(axis)) => operand.outer[*axis] = stride,
                Some(Axis::Query) => operand.query = stride,
                Some(Axis::Key) => operand.key = stride,
                Some(Axis::Inner) => operand.inner = stride,
                None => {}
            }
        }
        operand
    }

    /// The offset of the first element at a place of the outer axes.
    fn start(&self, outer: &[usize]) -> usize {
        let steps = self.outer.iter().zip(outer);
        self.buffer.layout.offset + steps.map(|(stride, place)| stride * place).sum::<usize>()
    }

    /// A matrix of this operand's floats.
    fn mat(&self, start: usize, rows: (usize, usize), cols: (usize, usize)) -> Mat<'_, f32> {
        Mat {
            data: &self.buffer.storage::<f32>()[start..],
            rows: rows.0,
            cols: cols.0,
            row_stride: rows.1 as isize,
            col_stride: cols.1 as isize,
        }
    }
}

/// The same elements, none of them backwards.
fn turned(buffer: &Buffer) -> Buffer {
    crate::array::dtype::with_type!(buffer.dtype(), T => Buffer::from_vec(buffer.to_vec::<T>(), &buffer.layout.dims))
}

/// Computes an attention, whose result has the dimensions `dims`.
pub(crate) fn run(attention: &Attention, inputs: &[Buffer], dims: &[usize]) -> Buffer {
    let operand = |(input, place)| Operand::new(input, place, attention.outer.len());
    let operands: Vec<Operand> = inputs.iter().zip(&attention.places).map(operand).collect();
    // The result lies in memory as the queries do, so that what follows finds the heads of a query side by side.
    let distance = |axis: &usize| match attention.out[*axis] {
        Axis::Outer(outer) => operands[0].outer[outer],
        Axis::Query => operands[0].query,
        Axis::Key | Axis::Inner => 0,
    };
    let mut order: Dims = (0..dims.len()).collect();
    order.sort_by_key(|axis| (attention.out[*axis] == Axis::Inner, std::cmp::Reverse(distance(axis))));
    let ordered: Dims = order.iter().map(|&axis| dims[axis]).collect();
    let mut back: Dims = SmallVec::from_elem(0, order.len());
    order.iter().enumerate().for_each(|(place, &axis)| back[axis] = place);
    let layout = Layout::contiguous(&ordered).permuted(&back);
    let mut values = take_vec::<f32>(dims.iter().product());
    if !values.is_empty() {
        let place: Place = attention.out.iter().map(|axis| Some(*axis)).collect();
        let empty = Buffer { data: Arc::new(f32::wrap(Vec::new())), layout: layout.clone() };
        let result = Operand::new(&empty, &place, attention.outer.len());
        // Blocks of about one size: a product of one row is summed in another order than one of many.
        let blocks = attention.queries.div_ceil(QUERIES);
        let each = attention.queries.div_ceil(blocks);
        let outer: usize = attention.outer.iter().product();
        let out = Shards::new(&mut values);
        pool::run(outer * blocks, &|task| {
            let first = task % blocks * each;
            let mut place: SmallVec<[usize; 6]> = SmallVec::from_elem(0, attention.outer.len());
            let mut number = task / blocks;
            for (place, &size) in place.iter_mut().zip(&attention.outer).rev() {
                *place = number % size;
                number /= size;
            }
            let count = each.min(attention.queries.saturating_sub(first));
            if count == 0 {
                return;
            }
            Block { attention, operands: &operands, outer: &place, first, count }.run(|query, values| {
                let start = result.start(&place) + query * result.query;
                // SAFETY: a query of a place of the outer axes is in one task, and each has its own stretch.
                unsafe { out.part(start, values.len()) }.copy_from_slice(values);
            });
        });
    }
    Buffer { data: Arc::new(f32::wrap(values)), layout }
}

/// Keys of a tile: equal parts, whole registers, and rows of scores that do not lie on the same lines of a cache.
fn tile_width(keys: usize) -> usize {
    let width = keys.div_ceil(keys.div_ceil(KEYS)).next_multiple_of(UNIT);
    if width.is_multiple_of(256) { width + UNIT } else { width }
}

/// The queries of one task.
struct Block<'a> {
    attention: &'a Attention,
    operands: &'a [Operand],
    outer: &'a [usize],
    first: usize,
    count: usize,
}

/// What is known of a block's queries while it goes over the keys.
struct State {
    scores: Vec<f32>,
    /// For each query the largest score so far, the sum of exponentials, the factor for what was there before.
    tops: Vec<f32>,
    totals: Vec<f32>,
    factors: Vec<f32>,
    /// Weighed values: of this tile, and of all so far.
    part: Vec<f32>,
    sums: Vec<f32>,
}

impl Block<'_> {
    /// Gives the result of each query to `give`.
    fn run(&self, mut give: impl FnMut(usize, &[f32])) {
        let Attention { keys, width, depth, .. } = *self.attention;
        let tile_width = tile_width(keys);
        let mut state = State {
            scores: scratch::take(self.count * tile_width),
            tops: scratch::take(self.count),
            totals: scratch::take(self.count),
            factors: scratch::take(self.count),
            part: scratch::take(self.count * width),
            sums: scratch::take(self.count * width),
        };
        state.tops.fill(f32::NEG_INFINITY);
        state.totals.fill(0.0);
        state.sums.fill(0.0);
        let [queries, keyed] = [&self.operands[0], &self.operands[1]];
        let start = queries.start(self.outer) + self.first * queries.query;
        let left = queries.mat(start, (self.count, queries.query), (depth, queries.inner));
        let mut work = Work::new(&self.attention.scores, &self.operands[3..], self.outer);
        let mut hidden: Vec<(usize, usize, f32)> = Vec::new();
        for first in (0..keys).step_by(tile_width) {
            let count = tile_width.min(keys - first);
            let tile = Tile { query: self.first, queries: self.count, key: first, keys: count };
            if let Some(value) = work.look(tile) {
                hidden.push((first, count, value));
                continue;
            }
            let start = keyed.start(self.outer) + first * keyed.key;
            let right = keyed.mat(start, (depth, keyed.inner), (count, keyed.key));
            let scores = &mut state.scores[..self.count * count];
            matmul::matmul(left, right, scores);
            work.apply(tile, scores);
            self.weigh(&mut state, first, count);
        }
        work.end();
        // What a mask hides weighs nothing, unless a query sees nothing else.
        let is_nothing = |value: f32| state.tops.iter().all(|&top| value - top <= NOTHING);
        if !hidden.iter().all(|&(_, _, value)| is_nothing(value)) {
            for (first, count, value) in hidden {
                state.scores[..self.count * count].fill(value);
                self.weigh(&mut state, first, count);
            }
        }
        softmax::finish(&mut state.sums, &state.tops, &state.totals);
        for (query, values) in state.sums.chunks_exact(width).enumerate() {
            give(self.first + query, values);
        }
        let State { scores, tops, totals, factors, part, sums } = state;
        for vector in [scores, tops, totals, factors, part, sums] {
            scratch::keep(f32::wrap(vector));
        }
    }

    /// Adds the values of a tile whose scores are there.
    fn weigh(&self, state: &mut State, first: usize, count: usize) {
        let width = self.attention.width;
        let weights = &mut state.scores[..self.count * count];
        softmax::update(weights, &mut state.tops, &mut state.totals, &mut state.factors);
        let values = &self.operands[2];
        let start = values.start(self.outer) + first * values.key;
        let right = values.mat(start, (count, values.key), (width, values.inner));
        let left =
            Mat { data: weights, rows: self.count, cols: count, row_stride: count as isize, col_stride: 1 };
        matmul::matmul(left, right, &mut state.part);
        softmax::add(&mut state.sums, &state.part, &state.factors);
    }
}
