//! Copies of operands in the order in which the tile kernels read them.
//!
//! The right side is packed in slivers of as many columns as a tile has; a sliver holds, for each step of the sum,
//! those elements side by side, with zeros beyond the edge. The left side is read where it is, unless neither its rows nor
//! its columns are contiguous, or these are of another type, or lie so that they drive each other out of the caches: then
//! it is copied line by line.

use std::cell::Cell;

use super::Mat;
use super::turn::turn;
use super::wide::Wide;
use crate::array::kernels::cpu::multiversion;

/// One cache line, so that packed data starts at one.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// Memory for packed data, and for sums that are not whole yet, which each thread keeps.
#[derive(Default)]
pub(super) struct Scratch(Vec<Line>);

impl Scratch {
    /// No memory yet.
    pub(super) const EMPTY: Scratch = Scratch(Vec::new());

    /// At least `len` floats, of any values.
    pub(super) fn floats(&mut self, len: usize) -> &mut [f32] {
        let lines = len.div_ceil(16);
        if self.0.len() < lines {
            self.0.resize(lines, Line([0.0; 16]));
        }
        // SAFETY: a line is sixteen floats and nothing else, and there are enough lines.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), len) }
    }

    /// Lends `f` the scratch that this thread keeps in `slot`.
    pub(super) fn lend<R>(
        slot: &'static std::thread::LocalKey<Cell<Scratch>>,
        f: impl FnOnce(&mut Scratch) -> R,
    ) -> R {
        let mut scratch = slot.take();
        let result = f(&mut scratch);
        slot.set(scratch);
        result
    }
}

/// Packs one sliver of the right side: `b`'s columns, at most `width`, which is 16 or 32.
pub(super) fn sliver<T: Wide>(b: Mat<'_, T>, width: usize, out: &mut [f32]) {
    let (down, right) = (b.row_stride as usize, b.col_stride as usize);
    if b.cols < width {
        out.fill(0.0);
    }
    if right == 1 && b.cols == width {
        whole_rows(b.data, down, width, out);
    } else if down == 1 && right >= b.rows {
        turn(b.data, right, [b.cols, b.rows], out, width);
    } else {
        for (step, out) in out.chunks_exact_mut(width).enumerate() {
            for (j, out) in out[..b.cols].iter_mut().enumerate() {
                *out = b.data[step * down + j * right].wide();
            }
        }
    }
}

#[inline(always)]
fn rows_of<T: Wide, const WIDTH: usize>(data: &[T], stride: usize, out: &mut [f32]) {
    let (out, _) = out.as_chunks_mut::<WIDTH>();
    for (step, out) in out.iter_mut().enumerate() {
        let row: &[T; WIDTH] = data[step * stride..].first_chunk().expect("a whole row of a sliver");
        // A loop, and not `row.map`: that became a call, through memory, for each row.
        for (out, value) in out.iter_mut().zip(row) {
            *out = value.wide();
        }
    }
}

multiversion! {
    fn whole_rows<T>(data: &[T], stride: usize, width: usize, out: &mut [f32]) where [T: Wide] {
        match width {
            16 => rows_of::<T, 16>(data, stride, out),
            _ => rows_of::<T, 32>(data, stride, out),
        }
    }

    /// Copies rows of the left side, `stride` apart in `out`.
    fn contiguous_rows<T>(data: &[T], row_stride: usize, depth: usize, out: &mut [f32], stride: usize)
    where [T: Wide]
    {
        for (i, out) in out.chunks_mut(stride).enumerate() {
            let row = &data[i * row_stride..][..depth];
            for (out, value) in out.iter_mut().zip(row) {
                *out = value.wide();
            }
        }
    }
}

/// How far apart the rows of a copied left side are: by an odd number of cache lines, so that they spread over the sets
/// of a cache.
pub(super) fn row_stride(depth: usize) -> usize {
    16 * (depth.div_ceil(16) | 1)
}

/// Copies the left side, row by row, [`row_stride`] apart.
pub(super) fn rows<T: Wide>(a: Mat<'_, T>, out: &mut [f32]) {
    let (down, right) = (a.row_stride as usize, a.col_stride as usize);
    let stride = row_stride(a.cols);
    if right == 1 {
        contiguous_rows(a.data, down, a.cols, out, stride);
    } else {
        for (i, out) in out.chunks_mut(stride).enumerate() {
            for (k, out) in out[..a.cols].iter_mut().enumerate() {
                *out = a.data[i * down + k * right].wide();
            }
        }
    }
}
