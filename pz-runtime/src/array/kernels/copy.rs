//! Strided copies: bringing elements together, and putting them in place.

use super::cpu::multiversion;
use super::pool;
use crate::array::dtype::Element;
use crate::array::layout::{Layout, Rows};

/// Elements that one task copies.
const CHUNK: usize = 1 << 15;

/// Copies the elements of `layout` into `out`, in row-major order.
pub(crate) fn gather<T: Element>(source: &[T], layout: &Layout, out: &mut [T]) {
    let layout = layout.collapsed();
    pool::run_chunks(out, CHUNK, &|index, chunk| gather_from(source, &layout, index * CHUNK, chunk));
}

/// Copies elements `start..start + out.len()`, counted in row-major order, of a collapsed `layout`.
pub(crate) fn gather_from<T: Element>(source: &[T], layout: &Layout, start: usize, out: &mut [T]) {
    let (Some(&width), Some(&stride)) = (layout.dims.last(), layout.strides.last()) else {
        out.fill(source[layout.offset]);
        return;
    };
    let mut rows = Rows::starting_at(layout, start / width);
    let column = start % width;
    let mut rest = out;
    if column > 0 {
        let first = rows.advance().wrapping_add_signed(column as isize * stride);
        let (run, tail) = rest.split_at_mut((width - column).min(rest.len()));
        copy_run(source, first, stride, run);
        rest = tail;
    }
    let (runs, rest) = rest.split_at_mut(rest.len() / width * width);
    if stride != 1 || !short_runs(source, &mut rows, runs, width) {
        let mut runs = runs.chunks_exact_mut(width);
        rows.stretches(runs.len(), |first, count, step| {
            copy_runs(source, first, [step, stride], runs.by_ref().take(count));
        });
    }
    if !rest.is_empty() {
        copy_run(source, rows.advance(), stride, rest);
    }
}

/// Copies the elements of `layout` to row after row of `out`, `width` elements of each, from element `first` of it on.
/// The layout's first axes, so many as `rows` says, count these rows, of which number `start` is the first.
pub(crate) fn columns<T: Element>(
    source: &[T],
    layout: &Layout,
    rows: usize,
    start: usize,
    out: &mut [T],
    [width, first]: [usize; 2],
) {
    let cut = |from: usize, to: usize| Layout {
        dims: layout.dims[from..to].into(),
        strides: layout.strides[from..to].into(),
        offset: 0,
    };
    // A row of the outer axes is one number, at which a row of the result begins.
    let mut outer = cut(0, rows).collapsed();
    outer.offset = layout.offset;
    outer.dims.push(1);
    outer.strides.push(0);
    let mut inner = cut(rows, layout.dims.len()).collapsed();
    let count = inner.len();
    let mut places = Rows::starting_at(&outer, start);
    let mut out = out.chunks_exact_mut(width).map(|row| &mut row[first..first + count]);
    let stride = match (&inner.dims[..], &inner.strides[..]) {
        ([], []) => Some(1),
        ([_], [stride]) => Some(*stride),
        _ => None,
    };
    let rows = out.len();
    places.stretches(rows, |place, stretch, step| match stride {
        Some(stride) => copy_runs(source, place, [step, stride], out.by_ref().take(stretch)),
        None => {
            for (row, out) in out.by_ref().take(stretch).enumerate() {
                inner.offset = place.wrapping_add_signed(row as isize * step);
                gather_from(source, &inner, 0, out);
            }
        }
    });
}

/// Elements of a run that is copied in place; of more, the copying is left to the library.
const SHORT: usize = 64;

multiversion! {
    /// Copies runs of `width` adjacent elements one after the other to `out`, if there is a loop for that length: the
    /// halves of rotary embeddings and their angles have such, and a length that the compiler knows is a few moves of
    /// registers.
    fn short_runs<T>(source: &[T], rows: &mut Rows<'_>, out: &mut [T], width: usize) -> bool where [T: Element] {
        match width {
            8 => runs_of::<T, 8>(source, rows, out),
            16 => runs_of::<T, 16>(source, rows, out),
            24 => runs_of::<T, 24>(source, rows, out),
            32 => runs_of::<T, 32>(source, rows, out),
            48 => runs_of::<T, 48>(source, rows, out),
            64 => runs_of::<T, 64>(source, rows, out),
            _ => return false,
        }
        true
    }
}

#[inline(always)]
fn runs_of<T: Element, const WIDTH: usize>(source: &[T], rows: &mut Rows<'_>, out: &mut [T]) {
    let (mut runs, _) = out.as_chunks_mut::<WIDTH>();
    rows.stretches(runs.len(), |mut first, count, step| {
        let (stretch, rest) = std::mem::take(&mut runs).split_at_mut(count);
        runs = rest;
        for run in stretch {
            run.copy_from_slice(&source[first..first + WIDTH]);
            first = first.wrapping_add_signed(step);
        }
    });
}

/// Copies runs of one length whose first elements are a constant way apart.
fn copy_runs<'a, T: Element>(
    source: &[T],
    mut first: usize,
    [step, stride]: [isize; 2],
    runs: impl Iterator<Item = &'a mut [T]>,
) {
    for run in runs {
        if stride == 1 && run.len() <= SHORT {
            let (from, from_rest) = source[first..first + run.len()].as_chunks::<8>();
            let (to, to_rest) = run.as_chunks_mut::<8>();
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            to_rest.iter_mut().zip(from_rest).for_each(|(to, from)| *to = *from);
        } else {
            copy_run(source, first, stride, run);
        }
        first = first.wrapping_add_signed(step);
    }
}

fn copy_run<T: Element>(source: &[T], first: usize, stride: isize, out: &mut [T]) {
    match stride {
        1 => out.copy_from_slice(&source[first..first + out.len()]),
        0 => out.fill(source[first]),
        2.. => {
            let step = stride as usize;
            let last = first + (out.len() - 1) * step;
            for (to, from) in out.iter_mut().zip(source[first..=last].iter().step_by(step)) {
                *to = *from;
            }
        }
        _ => {
            let step = stride.unsigned_abs();
            let last = first - (out.len() - 1) * step;
            for (to, from) in out.iter_mut().zip(source[last..=first].iter().rev().step_by(step)) {
                *to = *from;
            }
        }
    }
}

/// Writes `values` (row-major) to the places that `layout` names in `target`.
pub(crate) fn scatter<T: Element>(target: &mut [T], layout: &Layout, values: &[T]) {
    if values.is_empty() {
        return;
    }
    let layout = layout.collapsed();
    let (Some(&width), Some(&stride)) = (layout.dims.last(), layout.strides.last()) else {
        target[layout.offset] = values[0];
        return;
    };
    let mut rows = Rows::starting_at(&layout, 0);
    for run in values.chunks_exact(width.max(1)) {
        let first = rows.advance();
        if stride == 1 {
            target[first..first + width].copy_from_slice(run);
        } else {
            for (i, value) in run.iter().enumerate() {
                target[first.wrapping_add_signed(i as isize * stride)] = *value;
            }
        }
    }
}

/// Copies the elements of one layout to the places of another, which has as many and as many axes of each size.
pub(crate) fn between<T: Element>(source: &[T], from: &Layout, target: &mut [T], to: &Layout) {
    let Some(&width) = from.dims.last() else {
        target[to.offset] = source[from.offset];
        return;
    };
    let last = from.dims.len() - 1;
    let (step, stride) = (from.strides[last], to.strides[last]);
    let (mut reads, mut writes) = (Rows::starting_at(from, 0), Rows::starting_at(to, 0));
    for _ in 0..from.len() / width.max(1) {
        let (read, write) = (reads.advance(), writes.advance());
        if stride == 1 {
            copy_run(source, read, step, &mut target[write..write + width]);
            continue;
        }
        for i in 0..width as isize {
            target[write.wrapping_add_signed(i * stride)] = source[read.wrapping_add_signed(i * step)];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gather_follows_every_stride() {
        let source: Vec<i32> = (0..400).collect();
        let base = Layout::contiguous(&[4, 5, 6]);
        let layouts = [
            base.clone(),
            base.permuted(&[2, 0, 1]),
            base.sliced(1, 4, -1, 5),
            base.sliced(2, 1, 2, 3),
            base.sliced(2, 5, -2, 3).permuted(&[1, 2, 0]),
            base.sliced(0, 2, 1, 1).broadcast(&[3, 5, 6], &[Some(0), Some(1), Some(2)]),
        ];
        // Stretches of each length that has a loop of its own, some before others that lie behind them.
        let stretches = [8, 16, 24, 32, 40, 48, 64, 65]
            .map(|width| Layout::contiguous(&[3, 2, width]).sliced(1, 1, -1, 2).permuted(&[1, 0, 2]));
        let layouts = layouts.into_iter().chain(stretches);
        for layout in layouts {
            let mut out = vec![0; layout.len()];
            gather(&source, &layout, &mut out);
            let wanted: Vec<_> = (0..layout.len()).map(|i| source[layout.offset_of(i)]).collect();
            assert_eq!(out, wanted, "{layout:?}");
            for (start, end) in [(1, 2), (3, layout.len() - 1), (7, 8), (layout.len() - 1, layout.len())] {
                let mut out = vec![0; end - start];
                gather_from(&source, &layout.collapsed(), start, &mut out);
                assert_eq!(out, wanted[start..end], "{layout:?}");
            }
            for rows in 0..=3 {
                let count = layout.dims[rows..].iter().product::<usize>();
                let (start, width) = ((wanted.len() / count) / 2, count + 3);
                let mut out = vec![-1; (wanted.len() / count - start) * width];
                columns(&source, &layout, rows, start, &mut out, [width, 2]);
                for (row, wanted) in out.chunks(width).zip(wanted.chunks(count).skip(start)) {
                    assert_eq!((&row[..2], &row[2..width - 1], row[width - 1]), (&[-1, -1][..], wanted, -1));
                }
            }
        }
    }
}
