//! Slices brought together from computed places.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::places::{BLOCK, OUTSIDE, Places};
use super::{copy, pool};
use crate::array::dtype::Element;
use crate::array::layout::Layout;

/// Elements that one task copies, about.
const CHUNK: usize = 1 << 15;

/// Writes the slice at each place behind one another into `out`: elements of `source` that lie as `slice` says,
/// moved by the place's offset. A slice out of range is `fill`. Gives the number of the first such place.
pub(crate) fn gather<T: Element>(
    source: &[T],
    slice: &Layout,
    places: &Places<'_>,
    fill: T,
    out: &mut [T],
) -> Option<usize> {
    let slice = slice.collapsed();
    let width = slice.len();
    if width == 0 || out.is_empty() {
        return None;
    }
    let first_outside = AtomicUsize::new(usize::MAX);
    let in_task = CHUNK.div_ceil(width);
    pool::run_chunks(out, in_task * width, &|task, chunk| {
        let mut offsets = [0isize; BLOCK];
        for (block, out) in chunk.chunks_mut(BLOCK * width).enumerate() {
            let start = task * in_task + block * BLOCK;
            let offsets = &mut offsets[..out.len() / width];
            places.offsets(start, offsets);
            if let Some(at) = offsets.iter().position(|&offset| offset == OUTSIDE) {
                first_outside.fetch_min(start + at, Ordering::Relaxed);
            }
            copy_slices(source, &slice, offsets, fill, out);
        }
    });
    let first = first_outside.into_inner();
    (first != usize::MAX).then_some(first)
}

fn copy_slices<T: Element>(source: &[T], slice: &Layout, offsets: &[isize], fill: T, out: &mut [T]) {
    let moved = |offset: isize| slice.offset.wrapping_add_signed(offset);
    match (slice.dims.as_slice(), slice.strides.as_slice()) {
        ([], _) => {
            for (out, &offset) in out.iter_mut().zip(offsets) {
                *out = if offset == OUTSIDE { fill } else { source[moved(offset)] };
            }
        }
        (&[width], [1]) => {
            for (out, &offset) in out.chunks_exact_mut(width).zip(offsets) {
                match offset {
                    OUTSIDE => out.fill(fill),
                    offset => out.copy_from_slice(&source[moved(offset)..][..width]),
                }
            }
        }
        _ => {
            let mut layout = slice.clone();
            for (out, &offset) in out.chunks_exact_mut(slice.len()).zip(offsets) {
                if offset == OUTSIDE {
                    out.fill(fill);
                    continue;
                }
                layout.offset = moved(offset);
                copy::gather_from(source, &layout, 0, out);
            }
        }
    }
}
