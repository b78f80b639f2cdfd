//! The general product: our own where the machine has a tile kernel, else matrixmultiply, which has kernels for many
//! more machines and for f64, with the longer side of the output shared out over the pool.
//!
//! matrixmultiply sums each element of the output in an order that depends on the contracted size only, so that the
//! cut into panels does not show in the result.

use super::tile::tile;
use super::wide::Wide;
use super::{Mat, panels};
use crate::array::kernels::pool::{self, Shards};

/// Multiplications below which threads cost more than they give.
const SERIAL: usize = 1 << 16;

/// A product over raw parts: sizes m, k, n, then pointer, row and column stride of each side and of the output.
type Kernel<T> = unsafe fn(usize, usize, usize, *const T, [isize; 2], *const T, [isize; 2], *mut T, isize);

/// `a` times `b` into `out`, none of them empty.
pub(super) fn product<T: Wide>(a: Mat<'_, T>, b: Mat<'_, T>, out: &mut [f32]) {
    if let Some(tile) = tile() {
        return panels::product(a, b, out, tile);
    }
    match (T::as_f32(a.data), T::as_f32(b.data)) {
        (Some(left), Some(right)) => plain(a.with(left), b.with(right), out),
        _ => {
            let [left, right] =
                [a.data, b.data].map(|data| data.iter().map(|x| x.wide()).collect::<Vec<f32>>());
            plain(a.with(&left), b.with(&right), out);
        }
    }
}

fn plain(a: Mat<'_, f32>, b: Mat<'_, f32>, out: &mut [f32]) {
    shared_out(a, b, out, |m, k, n, a, [ra, ca], b, [rb, cb], out, row| {
        // SAFETY: `shared_out` passes parts of checked matrices, and a part of the output that is this call's alone.
        unsafe { matrixmultiply::sgemm(m, k, n, 1.0, a, ra, ca, b, rb, cb, 0.0, out, row, 1) }
    });
}

/// As [`product`], for f64.
pub(super) fn product_f64(a: Mat<'_, f64>, b: Mat<'_, f64>, out: &mut [f64]) {
    shared_out(a, b, out, |m, k, n, a, [ra, ca], b, [rb, cb], out, row| {
        // SAFETY: as in `plain`.
        unsafe { matrixmultiply::dgemm(m, k, n, 1.0, a, ra, ca, b, rb, cb, 0.0, out, row, 1) }
    });
}

fn shared_out<T: Copy + Send + Sync>(a: Mat<'_, T>, b: Mat<'_, T>, out: &mut [T], kernel: Kernel<T>) {
    let (m, k, n) = (a.rows, a.cols, b.cols);
    let small = m.saturating_mul(k).saturating_mul(n) < SERIAL;
    let panels = if small { 1 } else { pool::threads() };
    // Whole tiles of the kernels, which are at most 32 wide.
    let panel = m.max(n).div_ceil(panels).next_multiple_of(32);
    let by_columns = n >= m;
    let whole = Shards::new(out);
    pool::run(m.max(n).div_ceil(panel), &|task| {
        let first = task * panel;
        let (i, j) = if by_columns { (0, first) } else { (first, 0) };
        let (a, b) = (a.from(i, 0), b.from(0, j));
        let rows = if by_columns { m } else { panel.min(m - i) };
        let columns = if by_columns { panel.min(n - j) } else { n };
        let out = whole.pointer(i * n + j);
        let strides = [[a.row_stride, a.col_stride], [b.row_stride, b.col_stride]];
        // SAFETY: both sides are checked to lie within their data, and no other task has these rows and columns.
        unsafe {
            kernel(
                rows,
                k,
                columns,
                a.data.as_ptr(),
                strides[0],
                b.data.as_ptr(),
                strides[1],
                out,
                n as isize,
            )
        }
    });
}
