//! Two to eight rows times a matrix: as one row, except that each element read is used for all rows.
//!
//! A general product would first copy the matrix into its own order, which here costs more than the product.

use super::{Layout, Mat, dots, gemv, rows};
use crate::array::kernels::pool::{self, Shards};

/// The most rows for which this is the way.
pub(super) const ROWS: usize = 8;
/// Columns of one task at most: eight rows of the matrix and of the output stay in the first cache.
const WIDEST: usize = 256;

/// `a`, of few rows, times `b`, which is not strided in both directions.
pub(super) fn product(a: Mat<'_, f32>, b: Mat<'_, f32>, layout: Layout, out: &mut [f32]) {
    let (m, depth, n) = (a.rows, a.cols, b.cols);
    let x: Vec<f32> = (0..m).flat_map(|i| a.row(i)).collect();
    let widest = if matches!(layout, Layout::Rows(_)) { WIDEST } else { n };
    let width = gemv::width(depth, n, 64).min(widest);
    let shards = Shards::new(out);
    pool::run(n.div_ceil(width), &|task| {
        let first = task * width;
        let columns = width.min(n - first);
        // The part of the output that this task computes, together in one place.
        let mut part = vec![0.0; m * columns];
        match layout {
            Layout::Rows(stride) => {
                rows::weighted_sums(&x, depth, &b.data[first..], stride, &mut part, columns);
            }
            Layout::Columns(_) | Layout::Strided => {
                let mut column = vec![0.0; m];
                for j in 0..columns {
                    let y = &b.data[(first + j) * b.col_stride as usize..][..depth];
                    dots::of_each(&x, y, &mut column);
                    column.iter().enumerate().for_each(|(i, sum)| part[i * columns + j] = *sum);
                }
            }
        }
        for (i, part) in part.chunks_exact(columns).enumerate() {
            // SAFETY: no other task has these columns.
            unsafe { shards.part(i * n + first, columns) }.copy_from_slice(part);
        }
    });
}
