//! Strided copies: bringing elements together, and putting them in place.

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
    let mut column = start % width;
    let mut rest = out;
    while !rest.is_empty() {
        let row = rows.advance();
        let count = (width - column).min(rest.len());
        let (run, tail) = rest.split_at_mut(count);
        copy_run(source, row.wrapping_add_signed(column as isize * stride), stride, run);
        rest = tail;
        column = 0;
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
        let source: Vec<i32> = (0..120).collect();
        let base = Layout::contiguous(&[4, 5, 6]);
        let layouts = [
            base.clone(),
            base.permuted(&[2, 0, 1]),
            base.sliced(1, 4, -1, 5),
            base.sliced(2, 1, 2, 3),
            base.sliced(2, 5, -2, 3).permuted(&[1, 2, 0]),
            base.sliced(0, 2, 1, 1).broadcast(&[3, 5, 6], &[Some(0), Some(1), Some(2)]),
        ];
        for layout in layouts {
            let mut out = vec![0; layout.len()];
            gather(&source, &layout, &mut out);
            let wanted: Vec<_> = (0..layout.len()).map(|i| source[layout.offset_of(i)]).collect();
            assert_eq!(out, wanted, "{layout:?}");
        }
    }
}
