//! Convolutions as products of matrices.
//!
//! A row of the left matrix is what a kernel sees at one of its places: a patch of the operand, brought together a
//! panel of rows at a time; the right matrix is the kernel as it lies. Long patches (those of a kernel's derivative
//! are as long as the whole operand) are cut, and the products of the parts added in order, so that a task never
//! holds more than some 2 MB. The cut rests on the shape alone.

use super::copy;
use super::matmul::{Mat, matmul, matmul_f64};
use super::pool::{self, Shards};
use super::window::Slide;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, sealed::Stored, with_type};
use crate::array::layout::{Dims, Layout};
use crate::array::storage::{Data, take_vec};

/// The longest part of a patch.
const DEEP: usize = 4096;
/// Elements of a panel of patches, about, and of a part of the kernel where it has to be brought together.
const PANEL: usize = 1 << 18;
/// The fewest and the most rows of a panel.
const ROWS: (usize, usize) = (64, 2048);

/// A product of matrices.
type Product<T> = fn(Mat<'_, T>, Mat<'_, T>, &mut [T]);

/// Slides the kernel `right` (groups, places…, features, new features) over `left` (groups, rows, places…,
/// features); the result is (groups, rows, windows…, new features), of the dimensions `dims`.
pub(crate) fn convolve(slides: &[Slide], left: &Buffer, right: &Buffer, dims: &[usize]) -> Buffer {
    match left.dtype() {
        DType::F32 => Buffer::from_vec(typed::<f32>(slides, left, right, dims, matmul::<f32>), dims),
        DType::F64 => Buffer::from_vec(typed::<f64>(slides, left, right, dims, matmul_f64), dims),
        DType::F16 | DType::BF16 => {
            let wide = |narrow: &Buffer| {
                with_type!(narrow.dtype(), T => {
                    let values = narrow.to_vec::<T>().into_iter().map(|v| v.to_f64() as f32).collect();
                    Buffer::from_vec::<f32>(values, &narrow.layout.dims)
                })
            };
            let out = typed::<f32>(slides, &wide(left), &wide(right), dims, matmul::<f32>);
            super::wide::narrowed(out, left.dtype(), dims)
        }
        integer => {
            let wide = |narrow: &Buffer| {
                with_type!(narrow.dtype(), T => {
                    let values = narrow.to_vec::<T>().into_iter().map(Stored::to_bits64).collect();
                    Buffer::from_vec::<i64>(values, &narrow.layout.dims)
                })
            };
            let out = typed::<i64>(slides, &wide(left), &wide(right), dims, integers);
            super::wide::narrowed(out, integer, dims)
        }
    }
}

/// A product of integers, which wraps; of it the low bits are kept.
fn integers(a: Mat<'_, i64>, b: Mat<'_, i64>, out: &mut [i64]) {
    for (i, out) in out.chunks_exact_mut(b.cols.max(1)).enumerate() {
        out.fill(0);
        for k in 0..a.cols {
            let x = a.data[i * a.row_stride as usize + k];
            let row = &b.data[k * b.row_stride as usize..][..b.cols];
            out.iter_mut().zip(row).for_each(|(out, y)| *out = out.wrapping_add(x.wrapping_mul(*y)));
        }
    }
}

/// Scratch memory, which goes back to where arrays come from.
struct Scratch<T: Element>(Data, std::marker::PhantomData<T>);

impl<T: Element> Scratch<T> {
    fn new(len: usize) -> Self {
        Scratch(T::wrap(take_vec(len)), std::marker::PhantomData)
    }

    fn values(&mut self) -> &mut [T] {
        T::vec_mut(&mut self.0).map_or(&mut [], Vec::as_mut_slice)
    }
}

/// What patches are brought together from.
struct Shape<'a> {
    slides: &'a [Slide],
    left: &'a Layout,
    /// Sizes of the result: groups, rows, windows….
    windows: &'a [usize],
    features: usize,
}

fn typed<T: Element + std::ops::AddAssign>(
    slides: &[Slide],
    left: &Buffer,
    right: &Buffer,
    dims: &[usize],
    product: Product<T>,
) -> Vec<T> {
    let mut out = take_vec::<T>(dims.iter().product());
    let (Some((&columns, windows)), Some(&features)) = (dims.split_last(), left.layout.dims.last()) else {
        return out;
    };
    let deep = slides.iter().map(|slide| slide.size).product::<usize>() * features;
    if out.is_empty() || deep == 0 || left.layout.len() == 0 {
        out.fill(T::default());
        return out;
    }
    let rows = windows[1..].iter().product();
    let shape = Shape { slides, left: &left.layout, windows, features };
    let part = deep.div_ceil(deep.div_ceil(DEEP.min((PANEL / columns).max(1))));
    let height = (PANEL / part).clamp(ROWS.0, ROWS.1).min(rows);
    let panels = rows.div_ceil(height);
    let kernel = right.layout.collapsed();
    let direct = right.as_slice::<T>();
    let storage = left.storage::<T>();
    let shards = Shards::new(&mut out);
    pool::run(windows[0] * panels, &|task| {
        let (group, first) = (task / panels, task % panels * height);
        let count = height.min(rows - first);
        // SAFETY: each task has rows of its own.
        let out = unsafe { shards.part((group * rows + first) * columns, count * columns) };
        let mut patches = Scratch::<T>::new(height * part);
        let mut brought = Scratch::<T>::new(if direct.is_some() { 0 } else { part * columns });
        let mut partial = Scratch::<T>::new(if part < deep { count * columns } else { 0 });
        for start in (0..deep).step_by(part) {
            let len = part.min(deep - start);
            let patches = &mut patches.values()[..count * len];
            shape.patches(storage, group, first, start..start + len, patches);
            let at = (group * deep + start) * columns;
            let kernel = match direct {
                Some(values) => &values[at..at + len * columns],
                None => {
                    let brought = &mut brought.values()[..len * columns];
                    copy::gather_from(right.storage::<T>(), &kernel, at, brought);
                    &*brought
                }
            };
            let a = Mat { data: patches, rows: count, cols: len, row_stride: len as isize, col_stride: 1 };
            let b =
                Mat { data: kernel, rows: len, cols: columns, row_stride: columns as isize, col_stride: 1 };
            if start == 0 {
                product(a, b, out);
            } else {
                let partial = &mut partial.values()[..count * columns];
                product(a, b, partial);
                out.iter_mut().zip(partial).for_each(|(out, part)| *out += *part);
            }
        }
    });
    out
}

impl Shape<'_> {
    /// Brings together elements `part` of the patches of some rows of a group.
    fn patches<T: Element>(
        &self,
        storage: &[T],
        group: usize,
        first: usize,
        part: std::ops::Range<usize>,
        out: &mut [T],
    ) {
        let strides = &self.left.strides;
        let origin = self.left.offset as isize + group as isize * strides[0];
        let stride = strides[strides.len() - 1];
        let mut window: Dims = self.windows[1..].into();
        let mut rest = first;
        for (place, &size) in window.iter_mut().zip(&self.windows[1..]).rev() {
            (rest, *place) = (rest / size, rest % size);
        }
        let mut begin: Dims = Dims::from_elem(0, self.slides.len());
        let mut rest = part.start / self.features;
        for (place, slide) in begin.iter_mut().zip(self.slides).rev() {
            (rest, *place) = (rest / slide.size, rest % slide.size);
        }
        for patch in out.chunks_exact_mut(part.len()) {
            let row = origin + window[0] as isize * strides[1];
            let mut place = begin.clone();
            let (mut at, mut feature) = (0, part.start % self.features);
            while at < patch.len() {
                let count = (self.features - feature).min(patch.len() - at);
                let run = &mut patch[at..at + count];
                match self.seen(&window, &place) {
                    None => run.fill(T::default()),
                    Some(offset) => {
                        let start = (row + offset + feature as isize * stride) as usize;
                        match stride {
                            1 => run.copy_from_slice(&storage[start..start + count]),
                            _ => run.iter_mut().enumerate().for_each(|(i, out)| {
                                *out = storage[start.wrapping_add_signed(i as isize * stride)];
                            }),
                        }
                    }
                }
                (at, feature) = (at + count, 0);
                next(&mut place, |axis| self.slides[axis].size);
            }
            next(&mut window, |axis| self.windows[axis + 1]);
        }
    }

    /// How far behind the first element of a row lies what a place of the kernel sees at a place of the windows.
    fn seen(&self, window: &[usize], place: &[usize]) -> Option<isize> {
        let axes = self.slides.iter().enumerate();
        axes.map(|(axis, slide)| {
            let element = slide.element(window[axis + 1], place[axis], self.left.dims[axis + 2])?;
            Some(element as isize * self.left.strides[axis + 2])
        })
        .sum()
    }
}

/// The next place in row-major order.
fn next(place: &mut [usize], size: impl Fn(usize) -> usize) {
    for axis in (0..place.len()).rev() {
        place[axis] += 1;
        if place[axis] < size(axis) {
            return;
        }
        place[axis] = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(dims: &[usize], salt: usize) -> Buffer {
        let values =
            (0..dims.iter().product::<usize>()).map(|i| ((i * 7919 + salt) % 1009) as f32 / 97.0 - 5.0);
        Buffer::from_vec(values.collect::<Vec<f32>>(), dims)
    }

    #[test]
    fn patches_that_are_cut_give_the_sum_of_their_parts() {
        let _level = crate::array::kernels::cpu::hold_level();
        // Patches of 9000 elements, panels of 64 rows.
        let slide = Slide { size: 3000, dilation: 1, stride: 2, spread: 1, low: 5, high: 9 };
        let (left, right) = (numbers(&[1, 2, 3200, 3], 1), numbers(&[1, 3000, 3, 4], 2));
        let windows = slide.windows(3200).unwrap();
        let run = |threads| {
            pool::set_threads(threads);
            convolve(&[slide], &left, &right, &[1, 2, windows, 4]).to_vec::<f32>()
        };
        let found = run(1);
        assert_eq!(found, run(3));
        let (x, k) = (left.to_vec::<f32>(), right.to_vec::<f32>());
        for (at, found) in found.iter().enumerate() {
            let (row, window, new) = (at / 4 / windows, at / 4 % windows, at % 4);
            let products = (0..9000).filter_map(|deep| {
                let element = slide.element(window, deep / 3, 3200)?;
                Some(f64::from(x[(row * 3200 + element) * 3 + deep % 3]) * f64::from(k[deep * 4 + new]))
            });
            let (sum, size) = products.fold((0.0, 0.0), |(sum, size), x| (sum + x, size + x.abs()));
            assert!((f64::from(*found) - sum).abs() < 1e-5 * size, "{at}: {found} against {sum}");
        }
    }
}
