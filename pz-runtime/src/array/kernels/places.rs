//! Where the slices of a gather or a scatter begin, read out of index arrays.
//!
//! An array is indexed along several axes at once, by one index array for each; all have one shape, and may be
//! repeated by strides, which are followed here and never written out. What is done with a slice does not rest on
//! the type of an index, so indices become offsets first, a small block at a time.

use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, sealed::Stored, with_type};
use crate::array::kernels::copy;
use crate::array::layout::Layout;

/// Stands for an offset where an index is out of range.
pub(crate) const OUTSIDE: isize = isize::MIN;
/// Places that are looked up at once.
pub(crate) const BLOCK: usize = 256;

/// The index arrays of an operation, and the axes that they go along.
pub(crate) struct Places<'a> {
    axes: Vec<Indexed<'a>>,
    clamp: bool,
}

struct Indexed<'a> {
    index: &'a Buffer,
    layout: Layout,
    size: usize,
    stride: isize,
}

impl<'a> Places<'a> {
    /// Places in an array of `target`'s layout, whose axis `axes[i]` is indexed by `indices[i]`. With `clamp`, an
    /// index out of range stands for the nearest that is not; an axis of size 0 has none.
    pub(crate) fn new(indices: &'a [Buffer], axes: &[usize], target: &Layout, clamp: bool) -> Self {
        let axes = indices.iter().zip(axes).map(|(index, &axis)| Indexed {
            index,
            layout: index.layout.collapsed(),
            size: target.dims[axis],
            stride: target.strides[axis],
        });
        Places { axes: axes.collect(), clamp }
    }

    /// Offsets of the places from number `start` on, counted in row-major order of the index arrays: how far each
    /// is from the array's first element, or [`OUTSIDE`]. At most [`BLOCK`] at once.
    pub(crate) fn offsets(&self, start: usize, out: &mut [isize]) {
        out.fill(0);
        let mut block = [0i64; BLOCK];
        let block = &mut block[..out.len()];
        for axis in &self.axes {
            widen(axis.index, &axis.layout, start, block);
            for (out, &index) in out.iter_mut().zip(&*block) {
                match axis.place(index, self.clamp) {
                    Some(place) if *out != OUTSIDE => *out += place as isize * axis.stride,
                    Some(_) => {}
                    None => *out = OUTSIDE,
                }
            }
        }
    }

    /// Whether slices of `width` elements in one run are the same or apart, whatever the indices.
    pub(crate) fn offsets_are_multiples_of(&self, width: usize) -> bool {
        self.axes.iter().all(|axis| axis.size <= 1 || axis.stride % width as isize == 0)
    }

    /// Which index array has place number `place` out of range, and the index.
    pub(crate) fn outside(&self, place: usize) -> Option<(usize, i64)> {
        let mut index = [0i64];
        self.axes.iter().enumerate().find_map(|(number, axis)| {
            widen(axis.index, &axis.layout, place, &mut index);
            axis.place(index[0], false).is_none().then_some((number, index[0]))
        })
    }
}

impl Indexed<'_> {
    /// An index as a place: one below 0 counts from the end, once.
    #[inline]
    fn place(&self, index: i64, clamp: bool) -> Option<i64> {
        let size = self.size as i64;
        let place = if index < 0 { index + size } else { index };
        if (0..size).contains(&place) {
            return Some(place);
        }
        (clamp && size > 0).then(|| place.clamp(0, size - 1))
    }
}

/// Elements `start…` of an index array, in 64 bits.
fn widen(index: &Buffer, layout: &Layout, start: usize, out: &mut [i64]) {
    fn typed<T: Element>(index: &Buffer, layout: &Layout, start: usize, out: &mut [i64]) {
        let mut narrow = [T::default(); BLOCK];
        let narrow = &mut narrow[..out.len()];
        copy::gather_from(index.storage::<T>(), layout, start, narrow);
        for (wide, narrow) in out.iter_mut().zip(&*narrow) {
            let bits = Stored::to_bits64(*narrow);
            // The upper half of u64 is beyond every axis, and must not look like places from the end.
            *wide = if T::DTYPE == DType::U64 && bits < 0 { i64::MAX } else { bits };
        }
    }
    with_type!(index.dtype(), T => typed::<T>(index, layout, start, out));
}
