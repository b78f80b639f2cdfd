//! Matrices turned over: rows that are contiguous become columns of the copy.
//!
//! Eight rows of eight elements at a time, in registers where the machine has AVX2: element by element, a copy of a
//! weight would cost a tenth of the product that it is made for.

use super::wide::Wide;
#[cfg(target_arch = "x86_64")]
use crate::array::kernels::cpu::{Level, level};

/// Rows and columns of a block.
const BLOCK: usize = 8;

/// `out[j * out_stride + i]` becomes `data[i * stride + j]`, for `rows` times `columns` elements.
pub(super) fn turn<T: Wide>(
    data: &[T],
    stride: usize,
    [rows, columns]: [usize; 2],
    out: &mut [f32],
    out_stride: usize,
) {
    if rows == 0 || columns == 0 {
        return;
    }
    assert!(data.len() > (rows - 1) * stride + columns - 1, "a matrix beyond its data is turned");
    assert!(out.len() > (columns - 1) * out_stride + rows - 1, "a matrix is turned beyond its place");
    #[cfg(target_arch = "x86_64")]
    if level() >= Level::Avx2Fma {
        let whole = [rows / BLOCK * BLOCK, columns / BLOCK * BLOCK];
        // SAFETY: the machine has AVX2; both matrices lie within their slices, as just checked.
        unsafe { blocks(data.as_ptr(), stride, whole, out.as_mut_ptr(), out_stride) };
        if whole[1] < columns {
            rest(
                &data[whole[1]..],
                stride,
                [whole[0], columns - whole[1]],
                &mut out[whole[1] * out_stride..],
                out_stride,
            );
        }
        if whole[0] < rows {
            rest(
                &data[whole[0] * stride..],
                stride,
                [rows - whole[0], columns],
                &mut out[whole[0]..],
                out_stride,
            );
        }
        return;
    }
    rest(data, stride, [rows, columns], out, out_stride);
}

/// Element by element.
fn rest<T: Wide>(data: &[T], stride: usize, [rows, columns]: [usize; 2], out: &mut [f32], out_stride: usize) {
    for j in 0..columns {
        for i in 0..rows {
            out[j * out_stride + i] = data[i * stride + j].wide();
        }
    }
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _mm256_permute2f128_ps, _mm256_setzero_ps, _mm256_shuffle_ps, _mm256_storeu_ps, _mm256_unpackhi_ps,
    _mm256_unpacklo_ps,
};

/// # Safety
/// The CPU has AVX2, rows and columns are multiples of [`BLOCK`], and both matrices are the caller's.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn blocks<T: Wide>(
    data: *const T,
    stride: usize,
    [rows, columns]: [usize; 2],
    out: *mut f32,
    out_stride: usize,
) {
    for i in (0..rows).step_by(BLOCK) {
        for j in (0..columns).step_by(BLOCK) {
            let mut lines = [_mm256_setzero_ps(); BLOCK];
            for (l, line) in lines.iter_mut().enumerate() {
                // SAFETY: eight elements of row i + l, within the matrix.
                *line = unsafe { T::eight(data.add((i + l) * stride + j)) };
            }
            let [a, b, c, d, e, f, g, h] = lines;
            // Pairs, then fours, then halves.
            let pairs = [
                _mm256_unpacklo_ps(a, b),
                _mm256_unpackhi_ps(a, b),
                _mm256_unpacklo_ps(c, d),
                _mm256_unpackhi_ps(c, d),
                _mm256_unpacklo_ps(e, f),
                _mm256_unpackhi_ps(e, f),
                _mm256_unpacklo_ps(g, h),
                _mm256_unpackhi_ps(g, h),
            ];
            let four = |p: usize| {
                [
                    _mm256_shuffle_ps::<0x44>(pairs[p], pairs[p + 2]),
                    _mm256_shuffle_ps::<0xee>(pairs[p], pairs[p + 2]),
                    _mm256_shuffle_ps::<0x44>(pairs[p + 1], pairs[p + 3]),
                    _mm256_shuffle_ps::<0xee>(pairs[p + 1], pairs[p + 3]),
                ]
            };
            let (upper, lower) = (four(0), four(4));
            for l in 0..4 {
                // SAFETY: eight elements of columns j + l and j + l + 4, within the matrix.
                unsafe {
                    let at = out.add((j + l) * out_stride + i);
                    _mm256_storeu_ps(at, _mm256_permute2f128_ps::<0x20>(upper[l], lower[l]));
                    _mm256_storeu_ps(
                        at.add(4 * out_stride),
                        _mm256_permute2f128_ps::<0x31>(upper[l], lower[l]),
                    );
                }
            }
        }
    }
}
