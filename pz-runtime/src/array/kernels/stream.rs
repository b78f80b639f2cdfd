//! Writing past the caches.
//!
//! A store to memory that is in no cache first reads what it overwrites. For a result so large that it will have left
//! the caches before anyone reads it, that is a third of all traffic for nothing; x86-64 has stores that go by.

/// Results from this many bytes on are written past the caches.
pub(crate) const STREAM_FROM: usize = 32 << 20;

/// Copies `from` to `to`, which have the same length. What is written may be seen by other threads only after
/// [`finish`].
pub(crate) fn copy<T: Copy>(from: &[T], to: &mut [T]) {
    assert_eq!(from.len(), to.len());
    #[cfg(not(target_arch = "x86_64"))]
    to.copy_from_slice(from);
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{__m128i, _mm_loadu_si128, _mm_stream_si128};
        const STEP: usize = size_of::<__m128i>();
        let bytes = size_of_val(from);
        let (source, target) = (from.as_ptr().cast::<u8>(), to.as_mut_ptr().cast::<u8>());
        let head = target.align_offset(STEP).min(bytes);
        let middle = (bytes - head) / STEP * STEP;
        // SAFETY: all three parts lie within the `bytes` bytes of both slices, which do not overlap, for one is
        // borrowed mutably; the stores of the middle are aligned, for `head` ends on a multiple of STEP or at the end.
        // Copying all bytes of values that are Copy gives these values.
        unsafe {
            std::ptr::copy_nonoverlapping(source, target, head);
            for at in (head..head + middle).step_by(STEP) {
                _mm_stream_si128(target.add(at).cast(), _mm_loadu_si128(source.add(at).cast()));
            }
            let tail = head + middle;
            std::ptr::copy_nonoverlapping(source.add(tail), target.add(tail), bytes - tail);
        }
    }
}

/// Lets what this thread wrote with [`copy`] be seen in order with what it writes next.
pub(crate) fn finish() {
    // SAFETY: every x86-64 machine has this instruction, which touches no memory.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_arrives_wherever_the_slices_start() {
        let from: Vec<u16> = (0..200).collect();
        for start in 0..20 {
            for len in [0, 1, 7, 8, 9, 64, 100] {
                let mut to = vec![7777u16; 200];
                copy(&from[start..start + len], &mut to[2 * start..2 * start + len]);
                finish();
                assert_eq!(to[2 * start..2 * start + len], from[start..start + len]);
                assert!(to[..2 * start].iter().chain(&to[2 * start + len..]).all(|v| *v == 7777));
            }
        }
    }
}
