//! The innermost loop of the general product: one tile of the output, held in registers.
//!
//! The largest tile has six rows of two registers: all sixteen of AVX2, with two for a row of the right side and one for
//! an element of the left. It keeps the units for sums busy, which asks for eight sums at least, and in AVX-512 too:
//! twelve rows would fit its thirty-two registers, but were slower on most shapes measured, by up to 2 in 5 where
//! few rows are shared out among threads in units of a tile. At the lower edge, and for few rows, there is a kernel for every smaller number of rows, so that no row is computed in vain. The left side is read
//! where it is, whether its rows or its columns are contiguous; the right side is read a step at a time, from a pack or
//! from where it is. Each element of the tile is one chain of fused multiply-adds, so all kernels give the same bits.

use crate::array::kernels::cpu::{Level, level};

/// The kernels of one CPU level.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    /// Columns of a tile: the right side is packed in slivers of so many columns.
    pub(super) columns: usize,
    /// The kernel for `i + 1` rows is the i-th; the first of each two reads rows of the left side, the second columns.
    pub(super) kernels: &'static [[Kernel; 2]],
}

impl Tile {
    /// Rows of the largest tile.
    pub(super) fn rows(&self) -> usize {
        self.kernels.len()
    }
}

/// The operands of one tile.
#[derive(Clone, Copy)]
pub(super) struct Operands {
    /// The length of the sum.
    pub(super) depth: usize,
    /// The left side: rows of `depth` adjacent elements, or `depth` columns of as many as the tile has rows.
    pub(super) left: *const f32,
    /// From a row of the left side, or a column, to the next.
    pub(super) left_stride: usize,
    /// The right side: `depth` rows of a tile's columns.
    pub(super) right: *const f32,
    /// From a row of the right side to the next.
    pub(super) right_stride: usize,
}

/// What becomes of a tile's sums.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Store {
    /// They are written.
    Set,
    /// They are added to what is there.
    Add,
    /// They are written past the caches: every row of the tile lies at a multiple of [`LINE`].
    Stream,
}

/// Bytes of a cache line, and of the largest register.
pub(super) const LINE: usize = 64;

/// `(operands, out, stride, store)`: the product goes to the tile at `out`, whose rows are `stride` apart.
pub(super) type Kernel = unsafe fn(&Operands, *mut f32, usize, Store);

/// The most columns of a tile, and the most elements.
pub(super) const WIDEST: usize = 32;
pub(super) const LARGEST: usize = 6 * WIDEST;

#[cfg(target_arch = "x86_64")]
macro_rules! both {
    ($kernel:ident, $($rows:literal)*) => { &[$([$kernel::<$rows, false>, $kernel::<$rows, true>]),*] };
}

/// The tile for this machine, if it has the registers and the instructions for one.
pub(super) fn tile() -> Option<Tile> {
    match level() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx2Fma => Some(Tile { columns: 16, kernels: both!(avx2, 1 2 3 4 5 6) }),
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => Some(Tile { columns: 32, kernels: both!(avx512, 1 2 3 4 5 6) }),
        _ => None,
    }
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    _MM_HINT_T0, _MM_HINT_T1, _mm_prefetch, _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps,
    _mm256_setzero_ps, _mm256_storeu_ps, _mm256_stream_ps, _mm512_add_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_set1_ps, _mm512_setzero_ps, _mm512_storeu_ps, _mm512_stream_ps,
};

/// Steps of the sum in one turn of the loop.
#[cfg(target_arch = "x86_64")]
const UNROLLED: usize = 4;

#[cfg(target_arch = "x86_64")]
macro_rules! kernel {
    ($name:ident, $features:literal, $lanes:literal,
     $zero:ident, $load:ident, $store:ident, $stream:ident, $all:ident, $fused:ident, $add:ident) => {
        /// # Safety
        /// The CPU has the features, the operands are readable as they say, the tile at `out` is the caller's, and lies
        /// as `store` asks.
        #[target_feature(enable = $features)]
        unsafe fn $name<const ROWS: usize, const COLUMNS: bool>(
            operands: &Operands,
            out: *mut f32,
            stride: usize,
            store: Store,
        ) {
            let Operands { depth, left, left_stride, right, right_stride } = *operands;
            for i in 0..if store == Store::Stream { 0 } else { ROWS } {
                // The sums are stored long after: the lines of the output can come meanwhile.
                _mm_prefetch::<_MM_HINT_T0>(out.wrapping_add(i * stride).cast());
                _mm_prefetch::<_MM_HINT_T0>(out.wrapping_add(i * stride + 2 * $lanes - 1).cast());
            }
            let place = |i: usize, step: usize| match COLUMNS {
                false => i * left_stride + step,
                true => step * left_stride + i,
            };
            let mut sums = [[$zero(); 2]; ROWS];
            let mut step = 0;
            let mut row = 0;
            while step + UNROLLED <= depth {
                if !COLUMNS {
                    // What the next tile reads, asked for along the way: two of its six rows in turn, so that a
                    // row's turn comes before its line is over.
                    let next = left.wrapping_add((ROWS + row) * left_stride + step);
                    _mm_prefetch::<_MM_HINT_T1>(next.cast());
                    _mm_prefetch::<_MM_HINT_T1>(next.wrapping_add(3 * left_stride).cast());
                    row = if row == 2 { 0 } else { row + 1 };
                }
                for step in step..step + UNROLLED {
                    if COLUMNS {
                        // The line beside this one, which a stride hides from the machine's own prefetcher.
                        _mm_prefetch::<_MM_HINT_T1>(left.wrapping_add(step * left_stride + LINE / 4).cast());
                    }
                    // SAFETY: step < depth.
                    unsafe {
                        let b = right.add(step * right_stride);
                        let (b0, b1) = ($load(b), $load(b.add($lanes)));
                        for (i, sum) in sums.iter_mut().enumerate() {
                            let a = $all(*left.add(place(i, step)));
                            *sum = [$fused(a, b0, sum[0]), $fused(a, b1, sum[1])];
                        }
                    }
                }
                step += UNROLLED;
            }
            for step in step..depth {
                // SAFETY: step < depth.
                unsafe {
                    let b = right.add(step * right_stride);
                    let (b0, b1) = ($load(b), $load(b.add($lanes)));
                    for (i, sum) in sums.iter_mut().enumerate() {
                        let a = $all(*left.add(place(i, step)));
                        *sum = [$fused(a, b0, sum[0]), $fused(a, b1, sum[1])];
                    }
                }
            }
            for (i, [left, right]) in sums.into_iter().enumerate() {
                // SAFETY: the tile at `out` is the caller's.
                unsafe {
                    let at = out.add(i * stride);
                    match store {
                        Store::Set => {
                            $store(at, left);
                            $store(at.add($lanes), right);
                        }
                        Store::Add => {
                            $store(at, $add($load(at), left));
                            $store(at.add($lanes), $add($load(at.add($lanes)), right));
                        }
                        Store::Stream => {
                            $stream(at, left);
                            $stream(at.add($lanes), right);
                        }
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
    8,
    _mm256_setzero_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_stream_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps,
    _mm256_add_ps
);

#[cfg(target_arch = "x86_64")]
kernel!(
    avx512,
    "avx512f",
    16,
    _mm512_setzero_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_stream_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps,
    _mm512_add_ps
);
