//! The inner loop over a right side whose rows are contiguous: weighted sums of its rows.
//!
//! Rows come in order, from the first to the last, so that a task reads one plain stream of memory. Each element of the
//! output is one chain of fused multiply-adds in that order, whatever the machine; where the columns are cut makes no
//! difference to it. Sums of short rows stay in registers from the first row to the last where the machine has enough
//! of them (`registers`); else a few rows at a time go into the output, which is then loaded and stored once for them.
//! The vector code is written out: from plain loops, compilers make it only now and then.

use super::wide::Wide;
#[cfg(target_arch = "x86_64")]
use {
    super::ahead::{DISTANCE, ask_along},
    super::registers,
    crate::array::kernels::cpu::{Level, level},
};

/// Rows that go into the output together.
const FOUR: usize = 4;

/// `out[j] = Σₖ x[k] b[k][j]`, where the rows of `b` are `stride` apart.
pub(super) fn sums<T: Wide>(x: &[f32], b: &[T], stride: usize, out: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if registers::are_enough(out.len()) {
        return registers::sums(x, b, stride, out);
    }
    out.fill(0.0);
    let width = out.len();
    let (groups, rest) = x.as_chunks::<FOUR>();
    for (group, weights) in groups.iter().enumerate() {
        let rows = std::array::from_fn(|r| &b[(group * FOUR + r) * stride..][..width]);
        add(*weights, rows, stride, out);
    }
    for (k, weight) in rest.iter().enumerate() {
        add([*weight], [&b[(groups.len() * FOUR + k) * stride..][..width]], stride, out);
    }
}

/// `out[j] += Σᵣ weights[r] rows[r][j]`, in order.
#[inline]
fn add<T: Wide, const COUNT: usize>(
    weights: [f32; COUNT],
    rows: [&[T]; COUNT],
    stride: usize,
    out: &mut [f32],
) {
    assert!(rows.iter().all(|row| row.len() == out.len()), "a row is not as long as the output");
    #[cfg(not(target_arch = "x86_64"))]
    let first = 0;
    #[cfg(target_arch = "x86_64")]
    let first = {
        // What comes next: the same place of the next rows, or of long rows what lies ahead.
        let is_long = size_of_val(rows[0]) > 2 * DISTANCE;
        let ahead = if is_long { DISTANCE / size_of::<T>() } else { COUNT * stride };
        match level() {
            // SAFETY: the machine has AVX-512; the rows are long enough, as just checked.
            Level::Avx512 => unsafe { avx512(weights, rows, ahead, out) },
            // SAFETY: the machine has AVX2 and FMA; the rows are long enough, as just checked.
            Level::Avx2Fma => unsafe { avx2(weights, rows, ahead, out) },
            Level::Baseline => 0,
        }
    };
    for (j, out) in out.iter_mut().enumerate().skip(first) {
        *out = weights.iter().zip(rows).fold(*out, |sum, (weight, row)| weight.mul_add(row[j].wide(), sum));
    }
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_storeu_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_set1_ps, _mm512_storeu_ps,
};

/// As [`add`], for whole groups of eight, and how many elements those are. What lies `ahead` elements further is asked for.
///
/// # Safety
/// The CPU has AVX2 and FMA, the rows are at least as long as `out`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn avx2<T: Wide, const COUNT: usize>(
    weights: [f32; COUNT],
    rows: [&[T]; COUNT],
    ahead: usize,
    out: &mut [f32],
) -> usize {
    let weights = weights.map(|weight| _mm256_set1_ps(weight));
    for (group, out) in out.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        // SAFETY: eight elements of each, within what the caller promised.
        unsafe {
            let mut sum = _mm256_loadu_ps(out.as_ptr());
            for (weight, row) in weights.iter().zip(rows) {
                let at = row.as_ptr().add(8 * group);
                ask_along::<T, 8>(at, group, ahead);
                sum = _mm256_fmadd_ps(*weight, T::eight(at), sum);
            }
            _mm256_storeu_ps(out.as_mut_ptr(), sum);
        }
    }
    out.len() / 8 * 8
}

/// As [`avx2`], sixteen at a time.
///
/// # Safety
/// The CPU is at the level of AVX-512, the rows are at least as long as `out`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,f16c,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn avx512<T: Wide, const COUNT: usize>(
    weights: [f32; COUNT],
    rows: [&[T]; COUNT],
    ahead: usize,
    out: &mut [f32],
) -> usize {
    let weights = weights.map(|weight| _mm512_set1_ps(weight));
    for (group, out) in out.as_chunks_mut::<16>().0.iter_mut().enumerate() {
        // SAFETY: sixteen elements of each, within what the caller promised.
        unsafe {
            let mut sum = _mm512_loadu_ps(out.as_ptr());
            for (weight, row) in weights.iter().zip(rows) {
                let at = row.as_ptr().add(16 * group);
                ask_along::<T, 16>(at, group, ahead);
                sum = _mm512_fmadd_ps(*weight, T::sixteen(at), sum);
            }
            _mm512_storeu_ps(out.as_mut_ptr(), sum);
        }
    }
    out.len() / 16 * 16
}
