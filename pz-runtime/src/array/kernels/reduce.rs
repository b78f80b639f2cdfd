//! Reductions.
//!
//! The operand is seen as rows of elements to be folded: kept axes first, reduced axes last. Where memory runs along
//! the rows, rows are folded one by one; where it runs across them, as in a sum over the first axis, many columns at
//! once, in the same order to the bit. Rows that are long are cut into segments, so that one long row keeps all
//! threads busy. What lies neither way is brought together a segment at a time.

use smallvec::SmallVec;

use super::fold::{self, Join, Larger, Product, Smaller, Sum};
use super::pool::{self, Shards};
use super::wide::{load, narrowed, with_wide};
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element};
use crate::array::layout::{Dims, Layout, Rows};
use crate::array::storage::take_vec;

/// What is computed of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reduction {
    Sum,
    Product,
    Max,
    Min,
}

/// The longest part of a row that one task folds, and about the elements that a task of many rows folds: a number of
/// runs that is a power of two, so that the cut is one that the order makes anyway.
const SEGMENT: usize = 64 * fold::RUN;
/// The most columns that are folded at once: memory is read a page at a time, and lanes stay in the second cache.
const COLUMNS: usize = 1024;
/// The fewest columns worth folding at once.
const FEW: usize = 8;

/// Reduces `axes`; the result has the dimensions `dims`. Half precision is folded in `f32` and rounded once, truth
/// values are the numbers 0 and 1.
pub(crate) fn reduce(reduction: Reduction, input: &Buffer, axes: &[usize], dims: &[usize]) -> Buffer {
    with_wide!(input.dtype(), W => {
        let values = match reduction {
            Reduction::Sum => folded::<W, Sum>(input, axes, dims, Sum),
            Reduction::Product => folded::<W, Product>(input, axes, dims, Product),
            Reduction::Max => folded::<W, Larger>(input, axes, dims, Larger),
            Reduction::Min => folded::<W, Smaller>(input, axes, dims, Smaller),
        };
        match (input.dtype(), values.is_empty() || axes.iter().any(|&axis| input.layout.dims[axis] == 0)) {
            // Of no truth values all are true and none is.
            (DType::Bool, true) => {
                Buffer::from_vec(vec![reduction == Reduction::Min; values.len()], dims)
            }
            (dtype, _) => narrowed(values, dtype, dims),
        }
    })
}

/// An operand as rows.
struct Folding<'a> {
    input: &'a Buffer,
    /// Kept axes, then reduced ones; as few as can be.
    layout: Layout,
    /// The number of rows, and the length of each.
    rows: usize,
    len: usize,
}

fn folded<W: Element, J: Join<W>>(input: &Buffer, axes: &[usize], dims: &[usize], op: J) -> Vec<W> {
    let rank = input.layout.dims.len();
    let (kept, reduced): (Dims, Dims) = (0..rank).partition(|axis| !axes.contains(axis));
    let len: usize = reduced.iter().map(|&axis| input.layout.dims[axis]).product();
    let rows: usize = dims.iter().product();
    if len == 0 || rows == 0 {
        return vec![J::NONE; rows];
    }
    let segments = len.div_ceil(SEGMENT);
    let mut parts = take_vec::<W>(segments * rows);
    let whole = |order: &[usize]| input.layout.permuted(order).collapsed();
    let along = input.layout.permuted(&kept).collapsed();
    let across = match (along.dims.last(), along.strides.last()) {
        (Some(&width), Some(1)) if width >= FEW => {
            let runs_on = whole(&reduced).strides.last().is_some_and(|&stride| stride == 1);
            (!runs_on).then_some(width)
        }
        _ => None,
    };
    match across {
        Some(width) => {
            // The kept axes that one stride covers go behind the reduced ones.
            let mut product = 1;
            let inner = kept.iter().rev().take_while(|&&axis| {
                product *= input.layout.dims[axis];
                product <= width
            });
            let (outer, inner) = kept.split_at(kept.len() - inner.count());
            let order: Dims = outer.iter().chain(&reduced).chain(inner).copied().collect();
            let folding = Folding { input, layout: whole(&order), rows, len };
            across_rows(&folding, width, &mut parts, op);
        }
        None => {
            let order: Dims = kept.iter().chain(&reduced).copied().collect();
            along_rows(&Folding { input, layout: whole(&order), rows, len }, &mut parts, op);
        }
    }
    if segments == 1 {
        return parts;
    }
    let one = |row: usize| {
        let parts = (0..segments).map(|segment| parts[segment * rows + row]);
        fold::counted(parts, J::join).unwrap_or(J::NONE)
    };
    (0..rows).map(one).collect()
}

/// Folds rows that lie behind one another, or are brought there: segment `s` of row `r` to `parts[s * rows + r]`.
fn along_rows<W: Element, J: Join<W>>(folding: &Folding<'_>, parts: &mut [W], op: J) {
    let Folding { input, ref layout, rows, len } = *folding;
    let direct =
        (layout.is_contiguous() && input.dtype() == W::DTYPE).then(|| &input.storage::<W>()[layout.offset..]);
    let group = if len < SEGMENT { SEGMENT / len } else { 1 };
    pool::run_chunks(parts, group, &|task, parts| {
        let (segment, row) = (task * group / rows, task * group % rows);
        let start = row * len + segment * SEGMENT;
        let count = if group > 1 { parts.len() * len } else { SEGMENT.min(len - segment * SEGMENT) };
        let mut brought = SmallVec::<[W; 64]>::new();
        let values = match direct {
            Some(values) => &values[start..start + count],
            None => {
                brought.resize(count, W::default());
                load(input, layout, start, &mut brought);
                &brought
            }
        };
        let each = count / parts.len();
        fold::rows(values, each, parts, op);
    });
}

/// Folds columns, `width` of which lie side by side.
fn across_rows<W: Element, J: Join<W>>(folding: &Folding<'_>, width: usize, parts: &mut [W], op: J) {
    let Folding { input, ref layout, rows, len } = *folding;
    let direct = (input.dtype() == W::DTYPE).then(|| input.storage::<W>());
    let (blocks, segments) = (width.div_ceil(COLUMNS), len.div_ceil(SEGMENT));
    // The columns as the last axis, also where they and all else are one stretch of memory.
    let columns = split_last(layout, width);
    let parts = Shards::new(parts);
    let unit = |unit: usize| {
        let (block, unit) = (unit % blocks, unit / blocks);
        let (outer, segment) = (unit % (rows / width), unit / (rows / width));
        let (first, count) = (block * COLUMNS, COLUMNS.min(width - block * COLUMNS));
        let top = outer * len + segment * SEGMENT;
        let mut lines = Rows::starting_at(&columns, top);
        let mut brought = [W::default(); COLUMNS];
        let folded =
            fold::columns(SEGMENT.min(len - segment * SEGMENT), count, op, |line, take| match direct {
                Some(values) => {
                    let start = lines.advance() + first;
                    take(&values[start..start + count]);
                }
                None => {
                    load(input, layout, (top + line) * width + first, &mut brought[..count]);
                    take(&brought[..count]);
                }
            });
        // SAFETY: each unit has columns and a segment of its own.
        unsafe { parts.part(segment * rows + outer * width + first, count) }.copy_from_slice(&folded);
    };
    let units = segments * (rows / width) * blocks;
    let group = SEGMENT.div_ceil(len.min(SEGMENT) * width.min(COLUMNS));
    pool::run(units.div_ceil(group), &|task| (task * group..units.min((task + 1) * group)).for_each(unit));
}

/// A layout whose last axis is the last `width` elements, which one stride covers.
fn split_last(layout: &Layout, width: usize) -> Layout {
    let mut split = layout.clone();
    if let (Some(last), Some(stride)) = (split.dims.last_mut(), split.strides.last_mut())
        && *last != width
    {
        *last /= width;
        *stride *= width as isize;
        split.dims.push(width);
        split.strides.push(1);
    }
    split
}

/// The place of the first largest element (the first smallest, for [`Reduction::Min`]) along `axis`; of the first
/// NaN if there is one. Places are of the dtype `places`.
pub(crate) fn place(
    reduction: Reduction,
    input: &Buffer,
    axis: usize,
    dims: &[usize],
    places: DType,
) -> Buffer {
    with_wide!(input.dtype(), W => {
        let found = match reduction {
            Reduction::Min => found::<W, Smaller>(input, axis, dims, Smaller),
            _ => found::<W, Larger>(input, axis, dims, Larger),
        };
        narrowed(found, places, dims)
    })
}

fn found<W: Element, J: Join<W>>(input: &Buffer, axis: usize, dims: &[usize], op: J) -> Vec<i64> {
    let kept = (0..input.layout.dims.len()).filter(|&other| other != axis);
    let order: Dims = kept.chain([axis]).collect();
    let (layout, len) = (input.layout.permuted(&order).collapsed(), input.layout.dims[axis]);
    let mut places = vec![0i64; dims.iter().product()];
    // No rows: there may be no element where the first would be.
    if len == 0 || places.is_empty() {
        return places;
    }
    let direct =
        (layout.is_contiguous() && input.dtype() == W::DTYPE).then(|| &input.storage::<W>()[layout.offset..]);
    let group = (SEGMENT / len).max(1);
    pool::run_chunks(&mut places, group, &|task, places| {
        let mut brought = vec![W::default(); if direct.is_some() { 0 } else { len.min(SEGMENT) }];
        for (number, place) in places.iter_mut().enumerate() {
            let row = (task * group + number) * len;
            let mut best: Option<W> = None;
            for first in (0..len).step_by(SEGMENT) {
                let count = SEGMENT.min(len - first);
                let values = match direct {
                    Some(values) => &values[row + first..row + first + count],
                    None => {
                        load(input, &layout, row + first, &mut brought[..count]);
                        &brought[..count]
                    }
                };
                // Whichever is joined to first stays where two are equal.
                let extreme = fold::row(values, op);
                let known = best.replace(best.map_or(extreme, |known| J::join(known, extreme)));
                let is_same = |a: W, b: W| a == b || is_nan(a) && is_nan(b);
                if known.is_none_or(|known| !best.is_some_and(|best| is_same(known, best))) {
                    let at = values.iter().position(|value| is_same(*value, extreme)).unwrap_or(0);
                    *place = (first + at) as i64;
                }
            }
        }
    });
    places
}

fn is_nan<W: Element>(value: W) -> bool {
    value.partial_cmp(&value).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(dims: &[usize]) -> Buffer {
        let values = (0..dims.iter().product::<usize>()).map(|i| ((i * 7919) % 10007) as f32 / 97.0 - 51.0);
        Buffer::from_vec(values.collect::<Vec<f32>>(), dims)
    }

    fn bits(buffer: &Buffer) -> Vec<u32> {
        buffer.to_vec::<f32>().into_iter().map(f32::to_bits).collect()
    }

    #[test]
    fn rows_and_columns_are_folded_in_one_order() {
        for dims in [[5, 9, 3], [1000, 17, 1], [70_001, 8, 1], [3, 300, 40], [2, 1, 700]] {
            let plain = numbers(&dims);
            for axes in [vec![0], vec![1], vec![0, 1], vec![2], vec![0, 2]] {
                let kept: Vec<usize> =
                    (0..3).filter(|axis| !axes.contains(axis)).map(|axis| dims[axis]).collect();
                for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
                    // The same array, lying in memory in another order.
                    let mut back = [0; 3];
                    order.iter().enumerate().for_each(|(place, &axis)| back[axis] = place);
                    let moved = plain.with_layout(plain.layout.permuted(&order)).to_contiguous();
                    let moved = moved.with_layout(moved.layout.permuted(&back));
                    for reduction in [Reduction::Sum, Reduction::Max] {
                        let found = reduce(reduction, &moved, &axes, &kept);
                        let wanted = reduce(reduction, &plain, &axes, &kept);
                        assert_eq!(bits(&found), bits(&wanted), "{dims:?} over {axes:?} as {order:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn threads_do_not_change_a_bit() {
        let x = numbers(&[1000, 300]);
        let sums = |threads: usize| {
            pool::set_threads(threads);
            let both = bits(&reduce(Reduction::Sum, &x, &[0, 1], &[]));
            [
                both,
                bits(&reduce(Reduction::Sum, &x, &[0], &[300])),
                bits(&reduce(Reduction::Sum, &x, &[1], &[1000])),
            ]
        };
        assert_eq!(sums(1), sums(3));
    }

    #[test]
    fn places_are_those_of_the_first_extreme() {
        let mut values = vec![1f32; 100_000];
        values[40_000] = 2.0;
        values[99_000] = 2.0;
        let place_of = |values: &[f32], reduction| {
            let x = Buffer::from_vec(values.to_vec(), &[values.len()]);
            place(reduction, &x, 0, &[], DType::I32).to_vec::<i32>()[0]
        };
        assert_eq!(place_of(&values, Reduction::Max), 40_000);
        assert_eq!(place_of(&values, Reduction::Min), 0);
        values[70_000] = f32::NAN;
        values[70_001] = f32::NAN;
        assert_eq!(place_of(&values, Reduction::Max), 70_000);
        assert_eq!(place_of(&values, Reduction::Min), 70_000);
    }
}
