//! Products of matrices, of any strides, into a row-major output.
//!
//! The shape alone chooses the kernel: one row (or one column) streams the other operand at memory speed ([`gemv`]),
//! everything else is [`gemm`]. Operands are `f32`, or halves that are widened as they are read ([`wide`]). The pool
//! divides the output; where it divides a sum, its blocks are added in their order. That order depends on the shape
//! alone (beside one row, also on how a matrix of more than a task lies: [`small`]), so results do not depend on the
//! number of threads.

mod ahead;
mod dots;
mod gemm;
mod gemv;
mod pack;
mod panels;
mod partial;
#[cfg(target_arch = "x86_64")]
mod registers;
mod rows;
mod steps;
mod tile;
mod turn;
pub(crate) mod wide;

#[cfg(test)]
mod tests;

use super::pool;
use wide::Wide;

/// A matrix in memory: element `(i, j)` is `data[i * row_stride + j * col_stride]`, with strides of 0 or more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mat<'a, T> {
    /// The elements; the first is `(0, 0)`.
    pub(crate) data: &'a [T],
    /// The number of rows.
    pub(crate) rows: usize,
    /// The number of columns.
    pub(crate) cols: usize,
    /// From an element to the one below.
    pub(crate) row_stride: isize,
    /// From an element to the one on its right.
    pub(crate) col_stride: isize,
}

impl<'a, T: Copy> Mat<'a, T> {
    /// The transposed matrix, over the same elements.
    fn transposed(self) -> Mat<'a, T> {
        Mat {
            data: self.data,
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }

    /// As this matrix lies in `data`, in other data.
    fn with<U>(self, data: &[U]) -> Mat<'_, U> {
        let Mat { rows, cols, row_stride, col_stride, .. } = self;
        Mat { data, rows, cols, row_stride, col_stride }
    }

    /// Panics unless every element lies within the data. Kernels rely on it.
    fn check(&self) {
        assert!(self.row_stride >= 0 && self.col_stride >= 0, "a negative stride in a product");
        if self.rows > 0 && self.cols > 0 {
            let down = (self.rows - 1).checked_mul(self.row_stride as usize);
            let right = (self.cols - 1).checked_mul(self.col_stride as usize);
            let last = down.zip(right).and_then(|(down, right)| down.checked_add(right));
            assert!(last.is_some_and(|last| last < self.data.len()), "a matrix beyond its data in a product");
        }
    }

    /// The matrix without its first `rows` rows and `cols` columns, which it has.
    fn from(self, rows: usize, cols: usize) -> Mat<'a, T> {
        let skip = rows * self.row_stride as usize + cols * self.col_stride as usize;
        let data = if rows < self.rows && cols < self.cols { &self.data[skip..] } else { &[] };
        Mat { data, rows: self.rows - rows, cols: self.cols - cols, ..self }
    }
}

fn check<T: Copy, O>(a: &Mat<'_, T>, b: &Mat<'_, T>, out: &[O]) {
    a.check();
    b.check();
    assert_eq!(a.cols, b.rows, "the contracted sizes of a product");
    assert_eq!(Some(out.len()), a.rows.checked_mul(b.cols), "the output of a product");
}

/// Products of one row that are longer than this are summed in parts, and the parts in `f64`: one long chain of
/// additions would lose too much. (The product of many rows goes in blocks anyway.)
const DEEP: usize = 768;

/// `a` times `b` into `out`, row-major, of `f32` or of halves. With nothing to contract, zeros.
pub(crate) fn matmul<T: Wide>(a: Mat<'_, T>, b: Mat<'_, T>, out: &mut [f32]) {
    check(&a, &b, out);
    if out.is_empty() || a.cols == 0 {
        out.fill(0.0);
    } else if a.rows == 1 {
        one_row(a, b, out);
    } else if b.cols == 1 {
        one_row(b.transposed(), a.transposed(), out);
    } else {
        gemm::product(a, b, out);
    }
}

/// The product of one row, in parts if it is long.
fn one_row<T: Wide>(a: Mat<'_, T>, b: Mat<'_, T>, out: &mut [f32]) {
    let depth = a.cols;
    if depth <= DEEP {
        return part_of_row(a, b, out);
    }
    let mut sums = vec![0f64; out.len()];
    for first in (0..depth).step_by(DEEP) {
        let len = DEEP.min(depth - first);
        let a = Mat { data: &a.data[first * a.col_stride as usize..], cols: len, ..a };
        let b = Mat { data: &b.data[first * b.row_stride as usize..], rows: len, ..b };
        part_of_row(a, b, out);
        sums.iter_mut().zip(&*out).for_each(|(sum, part)| *sum += f64::from(*part));
    }
    out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum as f32);
}

fn part_of_row<T: Wide>(a: Mat<'_, T>, b: Mat<'_, T>, out: &mut [f32]) {
    let mut copied: Vec<f32>;
    let x = match (T::as_f32(a.data), a.col_stride) {
        (Some(data), 1) => &data[..a.cols],
        (None, 1) => {
            copied = vec![0.0; a.cols];
            T::widen(&a.data[..a.cols], &mut copied);
            &copied
        }
        (_, right) => {
            copied = (0..a.cols).map(|k| a.data[k * right as usize].wide()).collect();
            &copied
        }
    };
    let (down, right) = (b.row_stride as usize, b.col_stride as usize);
    if b.cols == 1 && down == 1 {
        gemv::over_columns(x, b.data, b.rows, out);
    } else if b.cols == 1 {
        let column: Vec<T> = (0..b.rows).map(|k| b.data[k * down]).collect();
        gemv::over_columns(x, &column, b.rows, out);
    } else if b.rows.saturating_mul(b.cols) < gemv::GRAIN {
        small(x, b, out);
    } else if right == 1 {
        gemv::over_rows(x, b.data, down, out);
    } else if down == 1 || b.rows == 1 {
        gemv::over_columns(x, b.data, right, out);
    } else {
        gemm::product(a, b, out);
    }
}

/// A matrix of less than a task: the order of its sums is that of dot products, however it lies. (A plan keeps elements
/// in another order than single operations do.) A larger one is read as it lies, since to read it is all that takes
/// time, and its sums go by rows or by columns.
fn small<T: Wide>(x: &[f32], b: Mat<'_, T>, out: &mut [f32]) {
    let (down, right) = (b.row_stride as usize, b.col_stride as usize);
    if right == 1 {
        partial::sums(x, b.data, down, out);
    } else if down == 1 {
        dots::with_each(x, b.data, right, out);
    } else {
        let places = (0..b.cols).flat_map(|j| (0..b.rows).map(move |k| k * down + j * right));
        let columns: Vec<T> = places.map(|place| b.data[place]).collect();
        dots::with_each(x, &columns, b.rows, out);
    }
}

/// As [`matmul`], for f64.
pub(crate) fn matmul_f64(a: Mat<'_, f64>, b: Mat<'_, f64>, out: &mut [f64]) {
    check(&a, &b, out);
    if out.is_empty() || a.cols == 0 {
        out.fill(0.0);
    } else {
        gemm::product_f64(a, b, out);
    }
}

/// Multiplications of one task of a batch: enough to make the other costs of a task small.
const BATCH_GRAIN: usize = 1 << 16;
/// The same where a side is one row: each element of the other is read for one multiplication, which takes ten times as
/// long. The scores of one token are such a batch, a product for each head.
const ROW_GRAIN: usize = 1 << 13;

/// `batch` products of one shape: `a(i)` times `b(i)` into the i-th part of `out`, row-major, by `product`.
///
/// Small products are shared out whole, several to a task; large ones are divided, one after the other.
pub(crate) fn batched<'a, T: Copy + Send + Sync, O: Send>(
    product: fn(Mat<'a, T>, Mat<'a, T>, &mut [O]),
    batch: usize,
    a: &(dyn Fn(usize) -> Mat<'a, T> + Sync),
    b: &(dyn Fn(usize) -> Mat<'a, T> + Sync),
    out: &mut [O],
) {
    if batch == 0 || out.is_empty() {
        return;
    }
    assert_eq!(out.len() % batch, 0, "the output of a batch of products");
    let each = out.len() / batch;
    let work = each.saturating_mul(a(0).cols).max(1);
    // Each product large enough to be divided: dividing it balances better than a batch does.
    if work >= 16 * BATCH_GRAIN && batch < 2 * pool::threads() {
        for (i, out) in out.chunks_mut(each).enumerate() {
            product(a(i), b(i), out);
        }
        return;
    }
    let is_row = a(0).rows == 1 || b(0).cols == 1;
    let per_task = if is_row { ROW_GRAIN } else { BATCH_GRAIN }.div_ceil(work);
    pool::run_chunks(out, each * per_task, &|task, part| {
        for (i, out) in part.chunks_mut(each).enumerate() {
            product(a(task * per_task + i), b(task * per_task + i), out);
        }
    });
}
