//! Element types that products read: `f32`, and the two halves, which are widened as they are read.
//!
//! To widen is exact, so a product of halves is the product of their `f32`s, at half the memory traffic. Both are plain
//! integer and float arithmetic; eight or sixteen at a time they are written out, since compilers leave them in pieces.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256, __m512, _mm_loadu_si128, _mm256_castsi256_ps, _mm256_cvtepu16_epi32, _mm256_cvtph_ps,
    _mm256_loadu_ps, _mm256_loadu_si256, _mm256_slli_epi32, _mm512_castsi512_ps, _mm512_cvtepu16_epi32,
    _mm512_cvtph_ps, _mm512_loadu_ps, _mm512_slli_epi32,
};

use half::{bf16, f16};

use crate::array::kernels::halves::{narrow_bf16, narrow_f16, widen_bf16, widen_f16};

/// An element that widens to `f32` without loss.
pub(crate) trait Wide: Copy + Send + Sync {
    /// The elements as they are, if this is `f32` itself.
    fn as_f32(values: &[Self]) -> Option<&[f32]> {
        let _ = values;
        None
    }

    /// The same value.
    fn wide(self) -> f32;

    /// Eight elements, widened.
    ///
    /// # Safety
    /// The CPU is at [`Level::Avx2Fma`](crate::array::kernels::cpu::Level) or above, and there are eight elements at `at`.
    #[cfg(target_arch = "x86_64")]
    unsafe fn eight(at: *const Self) -> __m256;

    /// Sixteen elements, widened.
    ///
    /// # Safety
    /// The CPU is at [`Level::Avx512`](crate::array::kernels::cpu::Level), and there are sixteen elements at `at`.
    #[cfg(target_arch = "x86_64")]
    unsafe fn sixteen(at: *const Self) -> __m512;

    /// The same values; there is room for as many.
    fn widen(values: &[Self], out: &mut [f32]);

    /// The nearest values of this type.
    fn narrow(values: &[f32], out: &mut [Self]);
}

impl Wide for f32 {
    fn widen(values: &[f32], out: &mut [f32]) {
        out.copy_from_slice(values);
    }

    fn narrow(values: &[f32], out: &mut [f32]) {
        out.copy_from_slice(values);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c")]
    #[inline]
    unsafe fn eight(at: *const Self) -> __m256 {
        // SAFETY: eight elements, as the caller promises.
        unsafe { _mm256_loadu_ps(at) }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c,avx512f,avx512vl,avx512bw,avx512dq")]
    #[inline]
    unsafe fn sixteen(at: *const Self) -> __m512 {
        // SAFETY: sixteen elements, as the caller promises.
        unsafe { _mm512_loadu_ps(at) }
    }

    fn as_f32(values: &[f32]) -> Option<&[f32]> {
        Some(values)
    }

    #[inline(always)]
    fn wide(self) -> f32 {
        self
    }
}

impl Wide for bf16 {
    fn widen(values: &[bf16], out: &mut [f32]) {
        widen_bf16(values, out);
    }

    fn narrow(values: &[f32], out: &mut [bf16]) {
        narrow_bf16(values, out);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c")]
    #[inline]
    unsafe fn eight(at: *const Self) -> __m256 {
        // SAFETY: eight elements, as the caller promises.
        let halves = unsafe { _mm_loadu_si128(at.cast()) };
        _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(halves)))
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c,avx512f,avx512vl,avx512bw,avx512dq")]
    #[inline]
    unsafe fn sixteen(at: *const Self) -> __m512 {
        // SAFETY: sixteen elements, as the caller promises.
        let halves = unsafe { _mm256_loadu_si256(at.cast()) };
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(halves)))
    }

    #[inline(always)]
    fn wide(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }
}

/// What the exponent of `f16` lacks of that of `f32`, as a factor: 2¹¹².
const REBIAS: f32 = f32::from_bits((127 + 112) << 23);

impl Wide for f16 {
    fn widen(values: &[f16], out: &mut [f32]) {
        widen_f16(values, out);
    }

    fn narrow(values: &[f32], out: &mut [f16]) {
        narrow_f16(values, out);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c")]
    #[inline]
    unsafe fn eight(at: *const Self) -> __m256 {
        // SAFETY: eight elements, as the caller promises.
        _mm256_cvtph_ps(unsafe { _mm_loadu_si128(at.cast()) })
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,f16c,avx512f,avx512vl,avx512bw,avx512dq")]
    #[inline]
    unsafe fn sixteen(at: *const Self) -> __m512 {
        // SAFETY: sixteen elements, as the caller promises.
        _mm512_cvtph_ps(unsafe { _mm256_loadu_si256(at.cast()) })
    }

    /// The bits moved to their places in an `f32` are the value times 2⁻¹¹², subnormals included; what has the largest
    /// exponent, infinity and NaN, gets the largest of `f32`.
    #[inline(always)]
    fn wide(self) -> f32 {
        let bits = u32::from(self.to_bits());
        let sign = (bits & 0x8000) << 16;
        let size = (f32::from_bits((bits & 0x7fff) << 13) * REBIAS).to_bits();
        let special = if bits & 0x7c00 == 0x7c00 { 0x7f80_0000 } else { 0 };
        f32::from_bits(size | special | sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_is_widened_exactly() {
        for bits in 0..=u16::MAX {
            let (f, b) = (f16::from_bits(bits), bf16::from_bits(bits));
            assert!(
                f.wide().to_bits() == f.to_f32().to_bits() || f.is_nan() && f.wide().is_nan(),
                "{bits:x}"
            );
            assert!(
                b.wide().to_bits() == b.to_f32().to_bits() || b.is_nan() && b.wide().is_nan(),
                "{bits:x}"
            );
        }
    }
}
