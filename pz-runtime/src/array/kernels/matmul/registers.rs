//! Weighted sums of short rows that stay in registers: with AVX-512, an output of up to 384 columns.
//!
//! The output is then neither loaded nor stored on the way, each line of the matrix is one instruction, and the task
//! reads one plain stream, which the machine's prefetcher follows best. It stops at each page, so that every line is
//! also asked for a page before it is wanted.

use std::arch::x86_64::{_mm512_fmadd_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps};

use super::ahead::{DISTANCE, ask_along};
use super::wide::Wide;
use crate::array::kernels::cpu::{Level, level};

/// Columns of one register.
const SIXTEEN: usize = 16;
/// Registers for sums, of thirty-two.
const MOST: usize = 24;

/// Whether the sums of so many columns stay in registers.
pub(super) fn are_enough(columns: usize) -> bool {
    (SIXTEEN..=MOST * SIXTEEN).contains(&columns) && level() >= Level::Avx512
}

/// `out[j] = Σₖ x[k] b[k][j]`, where the rows of `b` are `stride` apart, and [`are_enough`] for the columns.
pub(super) fn sums<T: Wide>(x: &[f32], b: &[T], stride: usize, out: &mut [f32]) {
    let (columns, whole) = (out.len(), out.len() / SIXTEEN);
    assert!(are_enough(columns), "more columns than registers");
    assert!(
        x.is_empty() || (x.len() - 1) * stride + columns <= b.len(),
        "a matrix beyond its data in a product"
    );
    let (out, rest) = out.split_at_mut(whole * SIXTEEN);
    // SAFETY: the machine has AVX-512 and all rows are within `b`, as just checked.
    unsafe { of_count(whole)(x, b, stride, out) };
    // The last columns, fewer than a register has.
    rest.fill(0.0);
    for (k, weight) in x.iter().enumerate() {
        for (out, value) in rest.iter_mut().zip(&b[k * stride + whole * SIXTEEN..]) {
            *out = weight.mul_add(value.wide(), *out);
        }
    }
}

/// The loop for so many registers.
fn of_count<T: Wide>(count: usize) -> unsafe fn(&[f32], &[T], usize, &mut [f32]) {
    macro_rules! choose {
        ($($count:literal)*) => {
            match count {
                $($count => avx512::<T, $count>,)*
                _ => unreachable!("no loop has {count} registers"),
            }
        };
    }
    choose!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24)
}

/// # Safety
/// The CPU is at the level of AVX-512, the rows lie within `b`, and `out` has the columns of `COUNT` registers.
#[target_feature(enable = "avx2,fma,f16c,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn avx512<T: Wide, const COUNT: usize>(x: &[f32], b: &[T], stride: usize, out: &mut [f32]) {
    // Whole rows ahead, so that of a matrix that is cut by columns only what is wanted is asked for.
    let ahead = DISTANCE.div_ceil(COUNT * SIXTEEN * size_of::<T>()) * stride;
    let mut sums = [_mm512_setzero_ps(); COUNT];
    for (k, weight) in x.iter().enumerate() {
        let weight = _mm512_set1_ps(*weight);
        for (group, sum) in sums.iter_mut().enumerate() {
            // SAFETY: within the row, as the caller promises.
            unsafe {
                let at = b.as_ptr().add(k * stride + group * SIXTEEN);
                ask_along::<T, SIXTEEN>(at, group, ahead);
                *sum = _mm512_fmadd_ps(weight, T::sixteen(at), *sum);
            }
        }
    }
    for (sum, out) in sums.iter().zip(out.as_chunks_mut::<SIXTEEN>().0) {
        // SAFETY: sixteen elements.
        unsafe { _mm512_storeu_ps(out.as_mut_ptr(), *sum) };
    }
}
