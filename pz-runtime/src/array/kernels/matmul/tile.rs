//! The innermost loop of the general product: one tile of the output, held in registers, over packed operands.
//!
//! The tile is as large as the registers allow: 6 by 16 in the sixteen of AVX2, 12 by 32 in the thirty-two of AVX-512,
//! with two for the right side's row and one for an element of the left side. Each element of the tile is one chain of
//! fused multiply-adds, so both give the same bits.

use crate::array::kernels::cpu::{Level, level};

/// The kernel of one CPU level.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// Rows of the tile: the left side is packed in slivers of so many rows.
    pub(super) rows: usize,
    /// Columns of the tile: the right side is packed in slivers of so many columns.
    pub(super) columns: usize,
    /// See [`Kernel`].
    pub(super) kernel: Kernel,
}

/// `(depth, a, b, out, stride, add)`: with `a` a sliver of `depth` times `rows` elements and `b` one of `depth` times
/// `columns`, their product goes to the tile at `out`, whose rows are `stride` apart, or is added to it.
pub(super) type Kernel = unsafe fn(usize, *const f32, *const f32, *mut f32, usize, bool);

/// The most elements of a tile.
pub(super) const LARGEST: usize = 12 * 32;

/// The tile for this machine, if it has the registers and the instructions for one.
pub(super) fn tile() -> Option<Tile> {
    match level() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx2Fma => Some(Tile { rows: 6, columns: 16, kernel: avx2 }),
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => Some(Tile { rows: 12, columns: 32, kernel: avx512 }),
        _ => None,
    }
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps,
    _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps,
};

#[cfg(target_arch = "x86_64")]
macro_rules! kernel {
    ($name:ident, $features:literal, $rows:literal, $lanes:literal,
     $zero:ident, $load:ident, $store:ident, $all:ident, $fused:ident, $add:ident) => {
        /// # Safety
        /// The CPU has the features, the slivers have `depth` steps, and the tile at `out` is the caller's to write.
        #[target_feature(enable = $features)]
        unsafe fn $name(depth: usize, a: *const f32, b: *const f32, out: *mut f32, stride: usize, add: bool) {
            let mut sums = [[$zero(); 2]; $rows];
            for step in 0..depth {
                // SAFETY: step < depth, and the slivers have `depth` steps.
                unsafe {
                    let (a, b) = (a.add(step * $rows), b.add(step * 2 * $lanes));
                    let (left, right) = ($load(b), $load(b.add($lanes)));
                    for (i, sum) in sums.iter_mut().enumerate() {
                        let a = $all(*a.add(i));
                        sum[0] = $fused(a, left, sum[0]);
                        sum[1] = $fused(a, right, sum[1]);
                    }
                }
            }
            for (i, [left, right]) in sums.into_iter().enumerate() {
                // SAFETY: the tile at `out` is the caller's.
                unsafe {
                    let at = out.add(i * stride);
                    if add {
                        $store(at, $add($load(at), left));
                        $store(at.add($lanes), $add($load(at.add($lanes)), right));
                    } else {
                        $store(at, left);
                        $store(at.add($lanes), right);
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
kernel!(
    avx2,
    "avx2,fma",
    6,
    8,
    _mm256_setzero_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps,
    _mm256_add_ps
);

#[cfg(target_arch = "x86_64")]
kernel!(
    avx512,
    "avx512f",
    12,
    16,
    _mm512_setzero_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps,
    _mm512_add_ps
);
