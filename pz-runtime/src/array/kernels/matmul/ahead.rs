//! What will be read soon, asked for in small portions while something else is computed.
//!
//! A sliver of the right side is packed in one go, which would be spent waiting for memory: its lines lie apart, and
//! the machine does not guess them. So each tile asks for a few lines of the sliver after this one.

use super::Mat;
use super::tile::LINE;

/// The lines of a matrix that have not been asked for yet.
pub(super) struct Ahead {
    start: *const u8,
    /// Bytes of a contiguous stretch, and from one to the next.
    stretch: usize,
    stride: usize,
    /// Stretches that are left, and how far the first of them is done.
    left: usize,
    done: usize,
}

impl Ahead {
    /// Nothing to ask for.
    pub(super) const NOTHING: Ahead =
        Ahead { start: std::ptr::null(), stretch: 0, stride: 0, left: 0, done: 0 };

    /// The lines of `matrix`, if its rows or columns are contiguous; else none.
    pub(super) fn of<T: Copy>(matrix: Mat<'_, T>) -> Ahead {
        let (down, right) = (matrix.row_stride as usize, matrix.col_stride as usize);
        let (along, stride, left) = match (down, right) {
            (_, 1) => (matrix.cols, down, matrix.rows),
            (1, _) => (matrix.rows, right, matrix.cols),
            _ => return Ahead::NOTHING,
        };
        let size = size_of::<T>();
        Ahead {
            start: matrix.data.as_ptr().cast(),
            stretch: along * size,
            stride: stride * size,
            left,
            done: 0,
        }
    }

    /// How many lines are left, about.
    pub(super) fn lines(&self) -> usize {
        self.left * self.stretch.div_ceil(LINE)
    }

    /// Asks for the next `lines`.
    #[inline]
    pub(super) fn ask(&mut self, lines: usize) {
        for _ in 0..lines {
            if self.left == 0 {
                return;
            }
            ask_for_later(self.start.wrapping_add(self.done));
            self.done += LINE;
            if self.done >= self.stretch {
                self.start = self.start.wrapping_add(self.stride);
                self.done = 0;
                self.left -= 1;
            }
        }
    }
}

/// How far ahead a loop that reads memory once asks for it, in bytes: a page, where prefetchers of machines stop, and
/// about what a core reads while the memory answers.
#[cfg(target_arch = "x86_64")]
pub(super) const DISTANCE: usize = 4096;

/// Asks for the line that lies `ahead` elements from group number `group` of `LANES` elements, which begins at `at`, if
/// no group before it has. The address need not be anyone's.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn ask_along<T, const LANES: usize>(at: *const T, group: usize, ahead: usize) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    if group.is_multiple_of(LINE / (LANES * size_of::<T>())) {
        // SAFETY: a hint, which reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(at.wrapping_add(ahead).cast()) };
    }
}

/// Asks for the line of an address, which need not be anyone's, for the second cache: it does not take the place of what
/// is multiplied now.
#[inline(always)]
fn ask_for_later(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: a hint, which reads nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
