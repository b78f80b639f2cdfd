//! Rows of a small matrix, summed in the order of dot products with its columns.
//!
//! A dot product (`dots`) has sixteen partial sums, of every sixteenth element each, that are added as a tree. Here each
//! partial sum is one for all columns, so that rows are read as they lie. It never leaves its register before it is
//! whole; then it is added to those that wait for it, as a binary counter carries, in an order in which four of them
//! wait at most. So a product costs little more than its multiplications, and its sums are those that the transposed
//! matrix would give, to the bit.

use super::dots::LANES;
use super::wide::Wide;
use crate::array::kernels::cpu::level;
#[cfg(target_arch = "x86_64")]
use {
    super::ahead::ask_along,
    crate::array::kernels::cpu::Level,
    std::arch::x86_64::{
        _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps,
    },
};

/// Columns that sums are kept of at a time: they stay in the first cache.
const COLUMNS: usize = 256;
/// Additions from a partial sum to the whole: 2⁴ are sixteen.
const STEPS: usize = LANES.ilog2() as usize;
/// Columns of a register.
#[cfg(target_arch = "x86_64")]
const EIGHT: usize = 8;
/// Partial sums from one that is computed to the one whose rows are asked for: some thousand bytes.
const AHEAD: usize = 2;

/// One sum for each of some columns.
type Sums = [f32; COLUMNS];

/// `out[j] = Σₖ x[k] b[k][j]`, where the rows of `b` are `stride` apart.
pub(super) fn sums<T: Wide>(x: &[f32], b: &[T], stride: usize, out: &mut [f32]) {
    for (group, out) in out.chunks_mut(COLUMNS).enumerate() {
        let b = &b[group * COLUMNS..];
        let mut waiting = [[0.0; COLUMNS]; STEPS + 1];
        for turn in 0..LANES {
            let (added, rest) = waiting.split_at_mut((turn + 1).trailing_zeros() as usize);
            let lane = Lane { x, b, stride, first: lane(turn), next: lane((turn + AHEAD).min(LANES - 1)) };
            lane.add_to(added, &mut rest[0][..out.len()]);
        }
        out.copy_from_slice(&waiting[STEPS][..out.len()]);
    }
}

/// The partial sum that is computed at a turn: neighbours in the tree, at distance 8, 4, 2 and 1, follow one another.
fn lane(turn: usize) -> usize {
    turn.reverse_bits() >> (usize::BITS as usize - STEPS)
}

/// The rows of a partial sum: every sixteenth from the first on.
struct Lane<'a, T> {
    x: &'a [f32],
    b: &'a [T],
    stride: usize,
    first: usize,
    /// The first row of a sum that comes soon.
    #[cfg_attr(not(target_arch = "x86_64"), expect(dead_code, reason = "nothing is asked for ahead"))]
    next: usize,
}

impl<T: Wide> Lane<'_, T> {
    /// The partial sums, and to them, in order, those of `added`.
    fn add_to(&self, added: &[Sums], out: &mut [f32]) {
        let Lane { x, b, stride, .. } = *self;
        assert!((x.len() - 1) * stride + out.len() <= b.len(), "a matrix beyond its data in a product");
        match level() {
            // SAFETY: the machine has AVX2 and FMA; all rows are within `b`, as just checked.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 | Level::Avx2Fma => unsafe { self.avx2(added, out) },
            _ => self.one_by_one(0, added, out),
        }
    }

    /// As [`Lane::add_to`], from one column on.
    #[inline(always)]
    fn one_by_one(&self, from: usize, added: &[Sums], out: &mut [f32]) {
        let Lane { x, b, stride, first, .. } = *self;
        for (j, out) in out.iter_mut().enumerate().skip(from) {
            let rows = (first..x.len()).step_by(LANES);
            let sum = rows.fold(0.0, |sum, k| x[k].mul_add(b[k * stride + j].wide(), sum));
            *out = added.iter().fold(sum, |sum, added| added[j] + sum);
        }
    }

    /// As [`Lane::add_to`].
    ///
    /// # Safety
    /// The CPU has AVX2 and FMA, and the rows, as long as `out`, lie within `b`.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c")]
    unsafe fn avx2(&self, added: &[Sums], out: &mut [f32]) {
        let mut done = 0;
        while done + 2 * EIGHT <= out.len() {
            // SAFETY: as the caller promises; there are so many columns.
            unsafe { self.registers::<2>(done, added, out) };
            done += 2 * EIGHT;
        }
        if done + EIGHT <= out.len() {
            // SAFETY: as the caller promises; there are so many columns.
            unsafe { self.registers::<1>(done, added, out) };
            done += EIGHT;
        }
        self.one_by_one(done, added, out);
    }

    /// As [`Lane::add_to`], for the columns of `COUNT` registers from one on.
    ///
    /// # Safety
    /// As for [`Lane::avx2`], and there are so many columns.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c")]
    #[inline]
    unsafe fn registers<const COUNT: usize>(&self, from: usize, added: &[Sums], out: &mut [f32]) {
        let Lane { x, b, stride, first, next } = *self;
        let ahead = (next * stride).wrapping_sub(first * stride);
        let mut sums = [_mm256_setzero_ps(); COUNT];
        for k in (first..x.len()).step_by(LANES) {
            let weight = _mm256_set1_ps(x[k]);
            for (group, sum) in sums.iter_mut().enumerate() {
                // SAFETY: eight elements of the row, as the caller promises.
                unsafe {
                    let at = b.as_ptr().add(k * stride + from + group * EIGHT);
                    ask_along::<T, EIGHT>(at, from / EIGHT + group, ahead);
                    *sum = _mm256_fmadd_ps(weight, T::eight(at), *sum);
                }
            }
        }
        for (group, mut sum) in sums.into_iter().enumerate() {
            let columns = from + group * EIGHT..from + (group + 1) * EIGHT;
            for added in added {
                // SAFETY: eight numbers.
                sum = unsafe { _mm256_add_ps(_mm256_loadu_ps(added[columns.clone()].as_ptr()), sum) };
            }
            // SAFETY: eight numbers.
            unsafe { _mm256_storeu_ps(out[columns].as_mut_ptr(), sum) };
        }
    }
}
