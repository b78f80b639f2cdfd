//! Element types that products read: `f32`, and the two halves, which are widened as they are read.
//!
//! To widen is exact, so a product of halves is the product of their `f32`s, at half the memory traffic. Both are plain
//! integer and float arithmetic that a compiler turns into vector code on any machine.

use half::{bf16, f16};

/// An element that widens to `f32` without loss.
pub(crate) trait Wide: Copy + Send + Sync {
    /// The elements as they are, if this is `f32` itself.
    fn as_f32(values: &[Self]) -> Option<&[f32]> {
        let _ = values;
        None
    }

    /// The same value.
    fn wide(self) -> f32;

    /// The nearest value of this type.
    fn nearest(value: f32) -> Self;
}

impl Wide for f32 {
    #[inline]
    fn nearest(value: f32) -> f32 {
        value
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
    #[inline]
    fn nearest(value: f32) -> bf16 {
        bf16::from_f32(value)
    }

    #[inline(always)]
    fn wide(self) -> f32 {
        f32::from_bits(u32::from(self.to_bits()) << 16)
    }
}

/// What the exponent of `f16` lacks of that of `f32`, as a factor: 2¹¹².
const REBIAS: f32 = f32::from_bits((127 + 112) << 23);

impl Wide for f16 {
    #[inline]
    fn nearest(value: f32) -> f16 {
        f16::from_f32(value)
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

/// Eight elements, widened.
///
/// # Safety
/// The CPU has AVX2, and there are eight elements at `at`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
#[inline]
pub(super) unsafe fn eight<T: Wide>(at: *const T) -> std::arch::x86_64::__m256 {
    // SAFETY: there are eight elements.
    unsafe {
        let values = at.cast::<[T; 8]>().read_unaligned().map(T::wide);
        std::arch::x86_64::_mm256_loadu_ps(values.as_ptr())
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
