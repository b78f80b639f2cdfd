//! Slices put to computed places, and combined with what is there.
//!
//! A place may come several times; its slices are then applied one after another, in the order of the places.
//! Threads share the work by cutting the slices, never the list of places, so every element sees that order.

use super::places::{BLOCK, OUTSIDE, Places};
use super::{copy, pool};
use crate::array::dtype::Element;
use crate::array::layout::{Layout, Rows};

/// Elements below which threads cost more than they give.
const PARALLEL_FROM: usize = 1 << 16;
/// Elements of a slice that a task takes at least: some lines of the cache.
const NARROWEST: usize = 64;
/// Elements of updates that are brought together at once, about.
const TOGETHER: usize = 1 << 12;

/// The slices to be put.
pub(crate) struct Updates<'a, T> {
    /// Where they are stored.
    pub(crate) source: &'a [T],
    /// One behind the other.
    pub(crate) layout: &'a Layout,
    /// How many there are.
    pub(crate) count: usize,
}

/// Combines each slice with the elements of `target` that lie as `slice` says, moved by the place's offset. Gives the
/// number of the first place that is out of range, whose slice is left out.
pub(crate) fn scatter<T: Element>(
    target: &mut [T],
    slice: &Layout,
    places: &Places<'_>,
    updates: &Updates<'_, T>,
    combine: &(impl Fn(T, T) -> T + Sync),
) -> Option<usize> {
    let slice = slice.collapsed();
    let width = slice.len();
    if width == 0 || updates.count == 0 {
        return None;
    }
    let layout = updates.layout.collapsed();
    let run = matches!((slice.dims.as_slice(), slice.strides.as_slice()), ([_], [1]));
    let in_place = (layout.dims.len() <= 1 && layout.strides.iter().all(|&stride| stride == 1))
        .then(|| &updates.source[layout.offset..layout.offset + updates.count * width]);
    if let (true, Some(values)) = (run, in_place)
        && places.offsets_are_multiples_of(width)
        && values.len() >= PARALLEL_FROM
        && width >= 2 * NARROWEST
    {
        return cut(target, slice.offset, width, places, values, combine);
    }
    let mut first_outside = None;
    let mut offsets = [0isize; BLOCK];
    let together = (TOGETHER / width).clamp(1, BLOCK);
    let mut scratch = vec![T::default(); if in_place.is_some() { 0 } else { together * width }];
    for start in (0..updates.count).step_by(together) {
        let count = together.min(updates.count - start);
        let offsets = &mut offsets[..count];
        places.offsets(start, offsets);
        let values: &[T] = match in_place {
            Some(values) => &values[start * width..(start + count) * width],
            None => {
                copy::gather_from(updates.source, &layout, start * width, &mut scratch[..count * width]);
                &scratch[..count * width]
            }
        };
        for ((values, &offset), number) in values.chunks_exact(width).zip(&*offsets).zip(start..) {
            match offset {
                OUTSIDE => first_outside = first_outside.or(Some(number)),
                offset => put(target, &slice, offset, values, combine),
            }
        }
    }
    first_outside
}

fn put<T: Element>(
    target: &mut [T],
    slice: &Layout,
    offset: isize,
    values: &[T],
    combine: &impl Fn(T, T) -> T,
) {
    let (Some(&width), Some(&stride)) = (slice.dims.last(), slice.strides.last()) else {
        let to = &mut target[slice.offset.wrapping_add_signed(offset)];
        *to = combine(*to, values[0]);
        return;
    };
    let mut rows = Rows::starting_at(slice, 0);
    for run in values.chunks_exact(width) {
        let first = rows.advance().wrapping_add_signed(offset);
        if stride == 1 {
            let run_of_target = &mut target[first..first + width];
            run_of_target.iter_mut().zip(run).for_each(|(to, from)| *to = combine(*to, *from));
        } else {
            for (i, from) in run.iter().enumerate() {
                let to = &mut target[first.wrapping_add_signed(i as isize * stride)];
                *to = combine(*to, *from);
            }
        }
    }
}

/// Slices that are one run of memory each, some multiple of their width apart: every task takes the same columns of
/// all of them.
fn cut<T: Element>(
    target: &mut [T],
    base: usize,
    width: usize,
    places: &Places<'_>,
    values: &[T],
    combine: &(impl Fn(T, T) -> T + Sync),
) -> Option<usize> {
    let columns = width.div_ceil(pool::threads()).max(NARROWEST);
    let shards = pool::Shards::new(target);
    let first_outside = std::sync::Mutex::new(None);
    pool::run(width.div_ceil(columns), &|task| {
        let from = task * columns;
        let len = columns.min(width - from);
        let mut offsets = [0isize; BLOCK];
        for (block, values) in values.chunks(BLOCK * width).enumerate() {
            let offsets = &mut offsets[..values.len() / width];
            places.offsets(block * BLOCK, offsets);
            for ((values, &offset), number) in values.chunks_exact(width).zip(&*offsets).zip(block * BLOCK..)
            {
                if offset == OUTSIDE {
                    let mut first = first_outside.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    *first = Some(first.map_or(number, |known: usize| known.min(number)));
                    continue;
                }
                assert_eq!(offset % width as isize, 0, "slices would overlap");
                let start = base.wrapping_add_signed(offset) + from;
                // SAFETY: slices lie multiples of their width apart, so two are the same or have nothing in common; of
                // one slice each task has its own columns; within a task, one part is in use at a time.
                let part = unsafe { shards.part(start, len) };
                part.iter_mut().zip(&values[from..from + len]).for_each(|(to, v)| *to = combine(*to, *v));
            }
        }
    });
    first_outside.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}
