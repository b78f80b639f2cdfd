//! Vectors of `f32` as wide as a register of the machine.

use std::arch::x86_64::{
    __m256, __m512, _CMP_NLE_UQ, _CMP_UNORD_Q, _mm_stream_ps, _mm256_add_epi32, _mm256_add_ps, _mm256_and_ps,
    _mm256_andnot_ps, _mm256_castps_si256, _mm256_castps256_ps128, _mm256_castsi256_ps, _mm256_cmp_ps,
    _mm256_div_ps, _mm256_extractf128_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_max_ps, _mm256_min_ps,
    _mm256_mul_ps, _mm256_or_ps, _mm256_set1_epi32, _mm256_set1_ps, _mm256_slli_epi32, _mm256_sqrt_ps,
    _mm256_srai_epi32, _mm256_storeu_ps, _mm256_sub_epi32, _mm256_sub_ps, _mm256_xor_ps, _mm512_add_epi32,
    _mm512_add_ps, _mm512_and_ps, _mm512_andnot_ps, _mm512_castps_si512, _mm512_castsi512_ps,
    _mm512_cmp_ps_mask, _mm512_div_ps, _mm512_extractf32x4_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_maskz_scalef_ps, _mm512_max_ps, _mm512_min_ps, _mm512_movm_epi32, _mm512_mul_ps, _mm512_or_ps,
    _mm512_set1_epi32, _mm512_set1_ps, _mm512_slli_epi32, _mm512_sqrt_ps, _mm512_srai_epi32,
    _mm512_storeu_ps, _mm512_sub_epi32, _mm512_sub_ps, _mm512_xor_ps,
};

use crate::array::kernels::lane::{Lane, Single};

/// A register full of numbers.
pub(super) trait Vector: Single {
    /// Numbers in a vector.
    const LANES: usize;

    /// # Safety
    /// The machine has this vector's instructions, and so many numbers can be read from there.
    unsafe fn load(from: *const f32) -> Self;

    /// # Safety
    /// So many numbers can be written there.
    unsafe fn store(self, to: *mut f32);

    /// Writes past the caches.
    ///
    /// # Safety
    /// As of [`store`](Self::store), and the address is a multiple of 16.
    unsafe fn stream(self, to: *mut f32);
}

/// The vectors of AVX2.
#[derive(Clone, Copy)]
pub(super) struct Eight(__m256);

/// The vectors of AVX-512.
#[derive(Clone, Copy)]
pub(super) struct Sixteen(__m512);

/// A method for each formula over the registers of its operands.
macro_rules! lanes {
    ($V:ident: $($two:ident $of_two:expr,)* ; $($one:ident $of_one:expr,)*) => {
        impl Lane for $V {
            $(
                #[inline(always)]
                fn $two(self, other: Self) -> Self {
                    // SAFETY: a vector was loaded, which is done on machines that have its instructions.
                    $V(unsafe { $of_two(self.0, other.0) })
                }
            )*
            $(
                #[inline(always)]
                fn $one(self) -> Self {
                    // SAFETY: as above.
                    $V(unsafe { $of_one(self.0) })
                }
            )*
        }
    };
}

lanes! {
    Eight:
    add _mm256_add_ps,
    sub _mm256_sub_ps,
    mul _mm256_mul_ps,
    div _mm256_div_ps,
    if_larger _mm256_max_ps,
    if_smaller _mm256_min_ps,
    and _mm256_and_ps,
    or _mm256_or_ps,
    nan_of _mm256_cmp_ps::<_CMP_UNORD_Q>,
    beyond _mm256_cmp_ps::<_CMP_NLE_UQ>,
    ;
    sqrt _mm256_sqrt_ps,
    neg |x| _mm256_xor_ps(x, _mm256_set1_ps(-0.0)),
    abs |x| _mm256_andnot_ps(_mm256_set1_ps(-0.0), x),
}

lanes! {
    Sixteen:
    add _mm512_add_ps,
    sub _mm512_sub_ps,
    mul _mm512_mul_ps,
    div _mm512_div_ps,
    if_larger _mm512_max_ps,
    if_smaller _mm512_min_ps,
    and _mm512_and_ps,
    or _mm512_or_ps,
    nan_of |x, y| _mm512_castsi512_ps(_mm512_movm_epi32(_mm512_cmp_ps_mask::<_CMP_UNORD_Q>(x, y))),
    beyond |x, y| _mm512_castsi512_ps(_mm512_movm_epi32(_mm512_cmp_ps_mask::<_CMP_NLE_UQ>(x, y))),
    ;
    sqrt _mm512_sqrt_ps,
    neg |x| _mm512_xor_ps(x, _mm512_set1_ps(-0.0)),
    abs |x| _mm512_andnot_ps(_mm512_set1_ps(-0.0), x),
}

impl Single for Eight {
    #[inline(always)]
    fn all(value: f32) -> Self {
        // SAFETY: functions of vectors are called with vectors, of which the first was loaded.
        Eight(unsafe { _mm256_set1_ps(value) })
    }
    #[inline(always)]
    fn mul_add(self, by: Self, plus: Self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_fmadd_ps(self.0, by.0, plus.0) })
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        // SAFETY: as above.
        unsafe {
            let one = _mm256_set1_epi32(1f32.to_bits().cast_signed());
            let shifted = _mm256_slli_epi32::<23>(_mm256_castps_si256(self.0));
            Eight(_mm256_castsi256_ps(_mm256_add_epi32(shifted, one)))
        }
    }
    #[inline(always)]
    fn half_bits(self) -> Self {
        // SAFETY: as above.
        Eight(unsafe { _mm256_castsi256_ps(_mm256_srai_epi32::<1>(_mm256_castps_si256(self.0))) })
    }
    #[inline(always)]
    fn sub_bits(self, other: Self) -> Self {
        // SAFETY: as above.
        Eight(unsafe {
            _mm256_castsi256_ps(_mm256_sub_epi32(_mm256_castps_si256(self.0), _mm256_castps_si256(other.0)))
        })
    }
}

impl Single for Sixteen {
    #[inline(always)]
    fn all(value: f32) -> Self {
        // SAFETY: functions of vectors are called with vectors, of which the first was loaded.
        Sixteen(unsafe { _mm512_set1_ps(value) })
    }
    #[inline(always)]
    fn mul_add(self, by: Self, plus: Self) -> Self {
        // SAFETY: as above.
        Sixteen(unsafe { _mm512_fmadd_ps(self.0, by.0, plus.0) })
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        // SAFETY: as above.
        unsafe {
            let one = _mm512_set1_epi32(1f32.to_bits().cast_signed());
            let shifted = _mm512_slli_epi32::<23>(_mm512_castps_si512(self.0));
            Sixteen(_mm512_castsi512_ps(_mm512_add_epi32(shifted, one)))
        }
    }
    #[inline(always)]
    fn half_bits(self) -> Self {
        // SAFETY: as above.
        Sixteen(unsafe { _mm512_castsi512_ps(_mm512_srai_epi32::<1>(_mm512_castps_si512(self.0))) })
    }
    #[inline(always)]
    fn sub_bits(self, other: Self) -> Self {
        // SAFETY: as above.
        Sixteen(unsafe {
            _mm512_castsi512_ps(_mm512_sub_epi32(_mm512_castps_si512(self.0), _mm512_castps_si512(other.0)))
        })
    }
    #[inline(always)]
    fn one_more_scaled(self, n: Self, _low: Self, x: Self, least: Self) -> Self {
        let sum = self.add(Self::all(1.0));
        // SAFETY: as above.
        Sixteen(unsafe {
            let kept = _mm512_cmp_ps_mask::<_CMP_NLE_UQ>(x.0, least.0);
            _mm512_maskz_scalef_ps(kept, sum.0, n.0)
        })
    }
}

impl Vector for Eight {
    const LANES: usize = 8;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as the caller promises.
        Eight(unsafe { _mm256_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as the caller promises.
        unsafe { _mm256_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut f32) {
        // SAFETY: as the caller promises. Large arrays begin at odd multiples of 16, so halves are streamed.
        unsafe {
            _mm_stream_ps(to, _mm256_castps256_ps128(self.0));
            _mm_stream_ps(to.add(4), _mm256_extractf128_ps::<1>(self.0));
        }
    }
}

impl Vector for Sixteen {
    const LANES: usize = 16;

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: as the caller promises.
        Sixteen(unsafe { _mm512_loadu_ps(from) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: as the caller promises.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }

    #[inline(always)]
    unsafe fn stream(self, to: *mut f32) {
        // SAFETY: as the caller promises.
        unsafe {
            _mm_stream_ps(to, _mm512_extractf32x4_ps::<0>(self.0));
            _mm_stream_ps(to.add(4), _mm512_extractf32x4_ps::<1>(self.0));
            _mm_stream_ps(to.add(8), _mm512_extractf32x4_ps::<2>(self.0));
            _mm_stream_ps(to.add(12), _mm512_extractf32x4_ps::<3>(self.0));
        }
    }
}
