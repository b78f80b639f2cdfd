//! The inner loop over a right side whose rows are contiguous: weighted sums of its rows.
//!
//! Several rows at a time go into the output, so that it is loaded and stored once for them. Each element of the output
//! is one chain of fused multiply-adds in the order in which the rows come; where the columns are cut makes no
//! difference to it. The vector code is written out: from plain loops, compilers make it only now and then.

use super::wide::Wide;
#[cfg(target_arch = "x86_64")]
use crate::array::kernels::cpu::{Level, level};

/// Short rows that go into the output together.
const FOUR: usize = 4;
/// Long rows that go into the output together.
const EIGHT: usize = 8;

/// `out[j] = Σₖ x[k] b[k][j]`, where the rows of `b`, which are short, are `stride` apart.
///
/// Four rows go together, and each walks through its own quarter of them, so that the prefetcher sees four plain streams,
/// each in pages of its own: several in one page halve the speed (measured).
pub(super) fn sums_of_short<T: Wide>(x: &[f32], b: &[T], stride: usize, out: &mut [f32]) {
    out.fill(0.0);
    let width = out.len();
    let quarter = x.len() / FOUR;
    for k in 0..quarter {
        let at: [usize; FOUR] = std::array::from_fn(|r| k + r * quarter);
        add(at.map(|k| x[k]), at.map(|k| &b[k * stride..][..width]), out);
    }
    rest(FOUR * quarter, x, b, stride, out);
}

/// As [`sums_of_short`], for rows that are long enough for pages of their own: eight neighbours go together.
pub(super) fn sums_of_long<T: Wide>(x: &[f32], b: &[T], stride: usize, out: &mut [f32]) {
    out.fill(0.0);
    let width = out.len();
    let (groups, _) = x.as_chunks::<EIGHT>();
    for (group, weights) in groups.iter().enumerate() {
        let rows = std::array::from_fn(|r| &b[(group * EIGHT + r) * stride..][..width]);
        add(*weights, rows, out);
    }
    rest(groups.len() * EIGHT, x, b, stride, out);
}

/// Adds the rows from `first` on, one by one.
fn rest<T: Wide>(first: usize, x: &[f32], b: &[T], stride: usize, out: &mut [f32]) {
    for (k, weight) in x.iter().enumerate().skip(first) {
        add([*weight], [&b[k * stride..][..out.len()]], out);
    }
}

/// `out[j] += Σᵣ weights[r] rows[r][j]`, in order.
#[inline]
fn add<T: Wide, const COUNT: usize>(weights: [f32; COUNT], rows: [&[T]; COUNT], out: &mut [f32]) {
    assert!(rows.iter().all(|row| row.len() == out.len()), "a row is not as long as the output");
    #[cfg(not(target_arch = "x86_64"))]
    let first = 0;
    #[cfg(target_arch = "x86_64")]
    let first = if level() >= Level::Avx2Fma { out.len() / 8 * 8 } else { 0 };
    #[cfg(target_arch = "x86_64")]
    if first > 0 {
        // SAFETY: the machine has AVX2 and FMA; the rows are long enough, as just checked.
        unsafe { avx2(weights, rows, &mut out[..first]) };
    }
    for (j, out) in out.iter_mut().enumerate().skip(first) {
        *out = weights.iter().zip(rows).fold(*out, |sum, (weight, row)| weight.mul_add(row[j].wide(), sum));
    }
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_storeu_ps};

/// As [`add`], for whole groups of eight.
///
/// # Safety
/// The CPU has AVX2 and FMA, the rows are at least as long as `out`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn avx2<T: Wide, const COUNT: usize>(weights: [f32; COUNT], rows: [&[T]; COUNT], out: &mut [f32]) {
    let weights = weights.map(|weight| _mm256_set1_ps(weight));
    for (group, out) in out.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        // SAFETY: eight elements of each, within what the caller promised.
        unsafe {
            let mut sum = _mm256_loadu_ps(out.as_ptr());
            for (weight, row) in weights.iter().zip(rows) {
                sum = _mm256_fmadd_ps(*weight, T::eight(row.as_ptr().add(8 * group)), sum);
            }
            _mm256_storeu_ps(out.as_mut_ptr(), sum);
        }
    }
}
