//! The inner loop over a right side whose columns are contiguous: dot products.
//!
//! A dot product has sixteen partial sums, lane by lane, which are then added in a fixed tree: two registers of AVX2
//! or one of AVX-512, and the same bits without them. Four of them run side by side, so that loads of the shared side
//! are shared and enough additions are under way. The vector code is written out: from plain loops, compilers make it
//! only now and then.

use super::wide::Wide;
#[cfg(target_arch = "x86_64")]
use {
    super::ahead::{DISTANCE, ask_along},
    crate::array::kernels::cpu::{Level, level},
};

/// Partial sums of one dot product.
pub(super) const LANES: usize = 16;
/// Dot products side by side.
const FOUR: usize = 4;

type Lanes = [f32; LANES];

/// Adds the partial sums, neighbours at distance 8, 4, 2, 1.
#[inline(always)]
fn total(mut sums: Lanes) -> f32 {
    for half in [8, 4, 2, 1] {
        for l in 0..half {
            sums[l] += sums[l + half];
        }
    }
    sums[0]
}

/// The partial sums over whole groups of lanes, for `COUNT` vectors; `x` is as long as the shortest may be.
#[inline]
fn whole_groups<T: Wide, const COUNT: usize>(x: &[Lanes], y: [&[T]; COUNT]) -> [Lanes; COUNT] {
    assert!(y.iter().all(|y| y.len() >= x.len() * LANES), "a vector is shorter than the other");
    #[cfg(target_arch = "x86_64")]
    match level() {
        // SAFETY: the machine has AVX-512; the vectors are long enough, as just checked.
        Level::Avx512 => return unsafe { avx512(x, y) },
        // SAFETY: the machine has AVX2 and FMA; the vectors are long enough, as just checked.
        Level::Avx2Fma => return unsafe { avx2(x, y) },
        Level::Baseline => (),
    }
    let mut sums = [[0.0; LANES]; COUNT];
    for (group, x) in x.iter().enumerate() {
        for (sums, y) in sums.iter_mut().zip(y) {
            for (l, sum) in sums.iter_mut().enumerate() {
                *sum = x[l].mul_add(y[group * LANES + l].wide(), *sum);
            }
        }
    }
    sums
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_setzero_ps, _mm256_storeu_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_setzero_ps, _mm512_storeu_ps,
};

/// # Safety
/// The CPU has AVX2 and FMA, and the vectors have at least as many elements as `x`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn avx2<T: Wide, const COUNT: usize>(x: &[Lanes], y: [&[T]; COUNT]) -> [Lanes; COUNT] {
    let mut sums = [[_mm256_setzero_ps(); 2]; COUNT];
    for (group, x) in x.iter().enumerate() {
        // SAFETY: a group has sixteen elements, and so many of each vector are left.
        unsafe {
            let [x0, x1] = [_mm256_loadu_ps(x.as_ptr()), _mm256_loadu_ps(x.as_ptr().add(8))];
            for (sums, y) in sums.iter_mut().zip(y) {
                let y = y.as_ptr().add(group * LANES);
                ask_along::<T, LANES>(y, group, DISTANCE / size_of::<T>());
                sums[0] = _mm256_fmadd_ps(x0, T::eight(y), sums[0]);
                sums[1] = _mm256_fmadd_ps(x1, T::eight(y.add(8)), sums[1]);
            }
        }
    }
    sums.map(|sums| {
        let mut lanes = [0.0; LANES];
        // SAFETY: sixteen lanes.
        unsafe {
            _mm256_storeu_ps(lanes.as_mut_ptr(), sums[0]);
            _mm256_storeu_ps(lanes.as_mut_ptr().add(8), sums[1]);
        }
        lanes
    })
}

/// As [`avx2`], with the sixteen sums of a product in one register.
///
/// # Safety
/// The CPU is at the level of AVX-512, and the vectors have at least as many elements as `x`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,f16c,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn avx512<T: Wide, const COUNT: usize>(x: &[Lanes], y: [&[T]; COUNT]) -> [Lanes; COUNT] {
    let mut sums = [_mm512_setzero_ps(); COUNT];
    for (group, x) in x.iter().enumerate() {
        // SAFETY: a group has sixteen elements, and so many of each vector are left.
        unsafe {
            let x = _mm512_loadu_ps(x.as_ptr());
            for (sum, y) in sums.iter_mut().zip(y) {
                let y = y.as_ptr().add(group * LANES);
                ask_along::<T, LANES>(y, group, DISTANCE / size_of::<T>());
                *sum = _mm512_fmadd_ps(x, T::sixteen(y), *sum);
            }
        }
    }
    sums.map(|sum| {
        let mut lanes = [0.0; LANES];
        // SAFETY: sixteen lanes.
        unsafe { _mm512_storeu_ps(lanes.as_mut_ptr(), sum) };
        lanes
    })
}

/// Dot products of a vector with each of `COUNT` vectors, which are at least as long.
#[inline]
fn products<T: Wide, const COUNT: usize>(x: &[f32], y: [&[T]; COUNT]) -> [f32; COUNT] {
    let (whole, rest) = x.as_chunks::<LANES>();
    let mut sums = whole_groups(whole, y);
    for (sums, y) in sums.iter_mut().zip(y) {
        for ((sum, x), y) in sums.iter_mut().zip(rest).zip(&y[whole.len() * LANES..]) {
            *sum = x.mul_add(y.wide(), *sum);
        }
    }
    sums.map(total)
}

/// `out[j] = Σₖ x[k] y[j][k]`, where the vectors `y` are `stride` apart.
pub(super) fn with_each<T: Wide>(x: &[f32], y: &[T], stride: usize, out: &mut [f32]) {
    // Each of the four walks through its own quarter of the memory: four plain streams for the prefetcher, where four
    // neighbours would make it start anew at each vector (a third of the speed, measured).
    let quarter = out.len() / FOUR;
    for j in 0..quarter {
        let sums = products(x, std::array::from_fn::<_, FOUR, _>(|c| &y[(j + c * quarter) * stride..]));
        for (c, sum) in sums.into_iter().enumerate() {
            out[j + c * quarter] = sum;
        }
    }
    for j in FOUR * quarter..out.len() {
        [out[j]] = products(x, [&y[j * stride..]]);
    }
}
