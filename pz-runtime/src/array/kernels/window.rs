//! Windows that slide along axes, and what is folded of each.
//!
//! An axis may be spread first (its elements stand some places apart, with nothing between) and padded; then a window
//! of some size, its elements some places apart, starts at every so many places. Everything comes down to one
//! question for each axis: which element, if any, is seen at a place of a window. A task folds some rows of the
//! result, window element after window element, so that the inner loop runs along memory.

use super::fold::{Join, Larger, Smaller, Sum};
use super::pool;
use super::wide::{narrowed, with_wide};
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, sealed::Stored};
use crate::array::layout::{Dims, row_major};
use crate::array::storage::take_vec;

/// How a window slides along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Slide {
    /// Elements that a window sees.
    pub(crate) size: usize,
    /// From one of them to the next.
    pub(crate) dilation: usize,
    /// From one window to the next.
    pub(crate) stride: usize,
    /// From one element of the axis to the next, before windows slide.
    pub(crate) spread: usize,
    /// Places before the first element and behind the last; below 0, places cut off.
    pub(crate) low: isize,
    pub(crate) high: isize,
}

impl Slide {
    /// One window at each element: an axis along which nothing slides.
    pub(crate) const STILL: Slide = Slide { size: 1, dilation: 1, stride: 1, spread: 1, low: 0, high: 0 };

    /// The places of an axis of `len` elements, padded; `None` where they cannot be counted.
    pub(crate) fn padded(&self, len: usize) -> Option<usize> {
        let spread = extent(len, self.spread)?;
        if self.low.unsigned_abs().max(self.high.unsigned_abs()) > MOST {
            return None;
        }
        Some((spread as isize + self.low + self.high).max(0) as usize)
    }

    /// The number of windows on an axis of `len` elements; `None` where they cannot be counted.
    pub(crate) fn windows(&self, len: usize) -> Option<usize> {
        let (padded, window) = (self.padded(len)?, extent(self.size, self.dilation)?);
        if self.size > MOST || self.stride == 0 || self.dilation == 0 || self.spread == 0 || self.size == 0 {
            return None;
        }
        Some(padded.checked_sub(window).map_or(0, |rest| rest / self.stride + 1))
    }

    /// The element that window `window` sees at its place `place`, on an axis of `len` elements.
    #[inline]
    pub(crate) fn element(&self, window: usize, place: usize, len: usize) -> Option<usize> {
        let at = (window * self.stride + place * self.dilation) as isize - self.low;
        let at = usize::try_from(at).ok()?;
        if self.spread == 1 {
            return (at < len).then_some(at);
        }
        (at % self.spread == 0 && at / self.spread < len).then_some(at / self.spread)
    }

    /// The windows `first..end` for which [`Slide::element`] sees some element at `place`, where elements are not
    /// spread: they see neighbours, `stride` apart.
    #[inline]
    pub(crate) fn seen(&self, place: usize, len: usize, windows: usize) -> (usize, usize) {
        let before = self.low - (place * self.dilation) as isize;
        let bound = |at: isize| (at.max(0) as usize).div_ceil(self.stride).min(windows);
        let first = bound(before);
        (first, bound(before + len as isize).max(first))
    }

    /// The slide by which what windows saw goes back to the `len` elements, from `windows` windows.
    pub(crate) fn back(&self, len: usize, windows: usize) -> Option<Slide> {
        let reach = isize::try_from(extent(self.size, self.dilation)?).ok()?;
        let low = reach.checked_sub(1)?.checked_sub(self.low)?;
        let wanted =
            isize::try_from(len.checked_sub(1)?.checked_mul(self.spread)?).ok()?.checked_add(reach)?;
        let there = isize::try_from(extent(windows, self.stride)?).ok()?;
        let high = wanted.checked_sub(there)?.checked_sub(low)?;
        Some(Slide { stride: self.spread, spread: self.stride, low, high, ..*self })
    }

    /// The slide by which `windows` windows, as a kernel, go over the `len` elements that they saw: one window for
    /// each place of this one's.
    pub(crate) fn across(&self, len: usize, windows: usize) -> Option<Slide> {
        let wanted = extent(self.size, self.dilation)?.checked_add(extent(windows, self.stride)?)?;
        let there = isize::try_from(extent(len, self.spread)?).ok()?.checked_add(self.low)?;
        let high = isize::try_from(wanted.checked_sub(1)?).ok()?.checked_sub(there)?;
        Some(Slide { size: windows, dilation: self.stride, stride: self.dilation, high, ..*self })
    }
}

/// More places than this are not counted along an axis: what is not memory is padding, which only costs time.
const MOST: usize = 1 << 31;

/// The places from the first to the last of `count` elements, `apart` from each other.
fn extent(count: usize, apart: usize) -> Option<usize> {
    match count.checked_sub(1) {
        None => Some(0),
        Some(gaps) => gaps.checked_mul(apart)?.checked_add(1).filter(|&extent| extent <= MOST << 16),
    }
}

/// What is computed of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    Sum,
    Max,
    Min,
}

/// Elements of windows that one task looks at, about.
const TASK: usize = 1 << 15;

/// Folds each window of `input`; padding changes nothing. The result has the dimensions `dims`.
pub(crate) fn reduce_window(fold: Fold, slides: &[Slide], input: &Buffer, dims: &[usize]) -> Buffer {
    with_wide!(input.dtype(), W => {
        let values = wide_values::<W>(input);
        let out = match fold {
            Fold::Sum => folded::<W, Sum>(slides, &values, &input.layout.dims, dims),
            Fold::Max => folded::<W, Larger>(slides, &values, &input.layout.dims, dims),
            Fold::Min => folded::<W, Smaller>(slides, &values, &input.layout.dims, dims),
        };
        // Of nothing, the least value of the dtype itself; narrower than its wide form it would be cut.
        match narrow_bounds(input.dtype()) {
            Some((least, most)) if fold != Fold::Sum => {
                let bounded = out.into_iter().map(|v| <W as Stored>::from_bits64(v.to_bits64().clamp(least, most)));
                narrowed(bounded.collect::<Vec<W>>(), input.dtype(), dims)
            }
            _ => narrowed(out, input.dtype(), dims),
        }
    })
}

fn narrow_bounds(dtype: DType) -> Option<(i64, i64)> {
    match dtype {
        DType::Bool => Some((0, 1)),
        DType::U8 => Some((0, u8::MAX.into())),
        DType::U16 => Some((0, u16::MAX.into())),
        DType::I8 => Some((i8::MIN.into(), i8::MAX.into())),
        DType::I16 => Some((i16::MIN.into(), i16::MAX.into())),
        _ => None,
    }
}

fn wide_values<W: Element>(input: &Buffer) -> Vec<W> {
    let mut values = take_vec::<W>(input.layout.len());
    let layout = input.layout.collapsed();
    pool::run_chunks(&mut values, TASK, &|task, chunk| super::wide::load(input, &layout, task * TASK, chunk));
    values
}

/// The windows as seen from one row of the result, which runs along the last axis.
struct Row<'a> {
    slides: &'a [Slide],
    from: &'a [usize],
    strides: &'a [isize],
    /// The row's place on the axes but the last.
    outer: Dims,
}

impl<'a> Row<'a> {
    fn at(slides: &'a [Slide], from: &'a [usize], strides: &'a [isize], dims: &[usize], row: usize) -> Self {
        let mut outer: Dims = dims.into();
        outer.pop();
        let mut rest = row;
        for place in outer.iter_mut().rev() {
            (rest, *place) = (rest / *place, rest % *place);
        }
        Row { slides, from, strides, outer }
    }

    /// Calls `f` for each place of a window on the axes but the last, in row-major order, with where in the operand
    /// the row that is seen there begins.
    fn each(&self, mut f: impl FnMut(usize)) {
        let rank = self.outer.len();
        let mut place: Dims = Dims::from_elem(0, rank);
        loop {
            let start = (0..rank).try_fold(0, |start, axis| {
                let element = self.slides[axis].element(self.outer[axis], place[axis], self.from[axis])?;
                Some(start + element * self.strides[axis] as usize)
            });
            if let Some(start) = start {
                f(start);
            }
            let Some(axis) = (0..rank).rev().find(|&axis| place[axis] + 1 < self.slides[axis].size) else {
                return;
            };
            place[axis] += 1;
            place[axis + 1..].fill(0);
        }
    }
}

fn folded<W: Element, J: Join<W>>(slides: &[Slide], values: &[W], from: &[usize], dims: &[usize]) -> Vec<W> {
    let mut out = take_vec::<W>(dims.iter().product());
    out.fill(J::NONE);
    let (Some(&width), Some(&len), Some(slide)) = (dims.last(), from.last(), slides.last()) else {
        return values.to_vec();
    };
    if out.is_empty() || values.is_empty() {
        return out;
    }
    let strides = row_major(from);
    let window: usize = slides.iter().map(|slide| slide.size).product();
    let group = TASK.div_ceil(width.saturating_mul(window));
    pool::run_chunks(&mut out, group * width, &|task, out| {
        for (number, out) in out.chunks_exact_mut(width).enumerate() {
            let row = Row::at(slides, from, &strides, dims, task * group + number);
            row.each(|start| {
                let seen = &values[start..start + len];
                for place in 0..slide.size {
                    fold_row::<W, J>(slide, place, seen, out);
                }
            });
        }
    });
    out
}

/// Joins to each window of a row what it sees at one of its places.
fn fold_row<W: Element, J: Join<W>>(slide: &Slide, place: usize, seen: &[W], out: &mut [W]) {
    if slide.spread > 1 {
        for (window, out) in out.iter_mut().enumerate() {
            if let Some(element) = slide.element(window, place, seen.len()) {
                *out = J::join(*out, seen[element]);
            }
        }
        return;
    }
    let (first, end) = slide.seen(place, seen.len(), out.len());
    if first == end {
        return;
    }
    let start = ((first * slide.stride + place * slide.dilation) as isize - slide.low) as usize;
    let (seen, out) = (&seen[start..], &mut out[first..end]);
    match slide.stride {
        1 => out.iter_mut().zip(seen).for_each(|(out, seen)| *out = J::join(*out, *seen)),
        stride => {
            out.iter_mut()
                .zip(seen.iter().step_by(stride))
                .for_each(|(out, seen)| *out = J::join(*out, *seen));
        }
    }
}

/// For each window the number, in row-major order of the operand, of its first largest element (its first smallest,
/// for [`Fold::Min`]); of the first NaN if there is one. Windows that see nothing get the number of elements.
pub(crate) fn window_places(
    fold: Fold,
    slides: &[Slide],
    input: &Buffer,
    dims: &[usize],
    places: DType,
) -> Buffer {
    let from = &input.layout.dims;
    let (count, total) = (input.layout.len(), dims.iter().product::<usize>());
    let mut found = vec![count as i64; total];
    let (Some(&width), Some(&len), Some(slide)) = (dims.last(), from.last(), slides.last()) else {
        return narrowed(vec![0i64; total], places, dims);
    };
    if total == 0 || count == 0 {
        return narrowed(found, places, dims);
    }
    let strides = row_major(from);
    with_wide!(input.dtype(), W => {
        let values = wide_values::<W>(input);
        let group = TASK.div_ceil(width);
        pool::run_chunks(&mut found, group * width, &|task, found| {
            for (number, found) in found.chunks_exact_mut(width).enumerate() {
                let row = Row::at(slides, from, &strides, dims, task * group + number);
                row.each(|start| {
                    for place in 0..slide.size {
                        for (window, found) in found.iter_mut().enumerate() {
                            let Some(element) = slide.element(window, place, len) else { continue };
                            let (old, new) = (*found as usize, start + element);
                            if old == count || beats(fold, values[new], values[old]) {
                                *found = new as i64;
                            }
                        }
                    }
                });
            }
        });
    });
    narrowed(found, places, dims)
}

fn beats<W: Element>(fold: Fold, new: W, old: W) -> bool {
    let is_nan = |value: W| value.partial_cmp(&value).is_none();
    let further = if fold == Fold::Min { new < old } else { new > old };
    further || is_nan(new) && !is_nan(old)
}
