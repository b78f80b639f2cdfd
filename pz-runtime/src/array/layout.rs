//! How the elements of an array lie in its storage: sizes, strides, an offset.
//!
//! Permuting, slicing, reversing and broadcasting change a layout and move nothing. Kernels see a layout
//! after [`Layout::collapsed`], which joins axes that lie behind one another, so most arrays look
//! one-dimensional to them.

use smallvec::SmallVec;

/// Sizes of axes.
pub(crate) type Dims = SmallVec<[usize; 6]>;
/// Distances, in elements, between neighbours along each axis; 0 repeats, below 0 goes backwards.
pub(crate) type Strides = SmallVec<[isize; 6]>;

/// Sizes, strides and the place of the first element.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) dims: Dims,
    pub(crate) strides: Strides,
    pub(crate) offset: usize,
}

/// By `from_slice`, which copies memory; the derived clone of a `SmallVec` goes element by element.
impl Clone for Layout {
    fn clone(&self) -> Self {
        Layout {
            dims: Dims::from_slice(&self.dims),
            strides: Strides::from_slice(&self.strides),
            offset: self.offset,
        }
    }
}

/// The product of sizes; `None` on overflow. As in numpy, the sizes beside a 0 may not overflow either: strides, and
/// products of some of the axes, are numbers too.
pub(crate) fn checked_len(dims: &[usize]) -> Option<usize> {
    let stretched = dims.iter().try_fold(1usize, |product, &dim| product.checked_mul(dim.max(1)));
    let fits = stretched.filter(|&len| len <= isize::MAX as usize);
    fits.map(|len| if dims.contains(&0) { 0 } else { len })
}

/// The strides of a row-major array.
pub(crate) fn row_major(dims: &[usize]) -> Strides {
    let mut strides: Strides = SmallVec::from_elem(0, dims.len());
    let mut step = 1isize;
    for (stride, &dim) in strides.iter_mut().zip(dims).rev() {
        *stride = step;
        step *= dim.max(1) as isize;
    }
    strides
}

impl Layout {
    /// Row-major, from element 0.
    pub(crate) fn contiguous(dims: &[usize]) -> Self {
        Layout { dims: Dims::from_slice(dims), strides: row_major(dims), offset: 0 }
    }

    /// The number of elements.
    pub(crate) fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// Whether elements lie in row-major order without gaps.
    pub(crate) fn is_contiguous(&self) -> bool {
        let mut step = 1isize;
        for (&dim, &stride) in self.dims.iter().zip(&self.strides).rev() {
            if dim != 1 && stride != step {
                return dim == 0 || self.len() == 0;
            }
            step *= dim as isize;
        }
        true
    }

    /// The axes in another order: axis `i` of the result is axis `order[i]`.
    pub(crate) fn permuted(&self, order: &[usize]) -> Self {
        Layout {
            dims: order.iter().map(|&axis| self.dims[axis]).collect(),
            strides: order.iter().map(|&axis| self.strides[axis]).collect(),
            offset: self.offset,
        }
    }

    /// Broadcasts: axis `i` of the result is axis `source[i]`, or repeats where that is `None`.
    pub(crate) fn broadcast(&self, dims: &[usize], source: &[Option<usize>]) -> Self {
        let strides = dims
            .iter()
            .zip(source)
            .map(|(&dim, axis)| match axis {
                Some(axis) if self.dims[*axis] == dim => self.strides[*axis],
                _ => 0,
            })
            .collect();
        Layout { dims: Dims::from_slice(dims), strides, offset: self.offset }
    }

    /// Every `step`-th element of one axis from `start` on, `count` of them.
    pub(crate) fn sliced(&self, axis: usize, start: usize, step: isize, count: usize) -> Self {
        let mut layout = self.clone();
        layout.dims[axis] = count;
        if count > 0 {
            layout.offset = layout.offset.wrapping_add_signed(start as isize * self.strides[axis]);
        }
        layout.strides[axis] = self.strides[axis] * step;
        layout
    }

    /// The same elements in other dimensions, where strides can say that.
    pub(crate) fn reshaped(&self, dims: &[usize]) -> Option<Self> {
        if self.len() == 0 || self.is_contiguous() {
            return Some(Layout {
                dims: Dims::from_slice(dims),
                strides: row_major(dims),
                offset: self.offset,
            });
        }
        let old = self.collapsed();
        // Each run of new axes must lie within one joined old axis.
        let mut strides: Strides = SmallVec::from_elem(0, dims.len());
        let mut new = dims.len();
        for (&old_dim, &old_stride) in old.dims.iter().zip(&old.strides).rev() {
            let mut covered = 1;
            while covered < old_dim {
                if new == 0 {
                    return None;
                }
                new -= 1;
                strides[new] = old_stride * covered as isize;
                covered *= dims[new];
            }
            if covered != old_dim {
                return None;
            }
        }
        dims[..new].iter().all(|&dim| dim == 1).then(|| Layout {
            dims: dims.into(),
            strides,
            offset: self.offset,
        })
    }

    /// The same elements in the same order with as few axes as can be: none of size 1, and no two neighbours
    /// that one stride covers. A single element has no axis.
    pub(crate) fn collapsed(&self) -> Self {
        let mut dims = Dims::new();
        let mut strides = Strides::new();
        for (&dim, &stride) in self.dims.iter().zip(&self.strides) {
            if dim == 1 {
                continue;
            }
            match (dims.last_mut(), strides.last_mut()) {
                (Some(last_dim), Some(last_stride)) if *last_stride == stride * dim as isize => {
                    *last_dim *= dim;
                    *last_stride = stride;
                }
                _ => {
                    dims.push(dim);
                    strides.push(stride);
                }
            }
        }
        Layout { dims, strides, offset: self.offset }
    }

    /// The axes from the largest stride to the smallest: the order in which memory is walked best. Repeated
    /// axes come first; ties keep their order.
    pub(crate) fn memory_order(&self) -> Dims {
        let mut order: Dims = (0..self.dims.len()).collect();
        order.sort_by_key(|&axis| match self.strides[axis] {
            0 => (0, 0),
            stride => (1, -(stride.unsigned_abs() as isize)),
        });
        order
    }

    /// The offset of element `index` in row-major order.
    pub(crate) fn offset_of(&self, mut index: usize) -> usize {
        let mut offset = self.offset as isize;
        for (&dim, &stride) in self.dims.iter().zip(&self.strides).rev() {
            offset += (index % dim) as isize * stride;
            index /= dim;
        }
        offset as usize
    }
}

/// Walks the rows of a layout: the offset of each run along the last axis, in row-major order.
pub(crate) struct Rows<'a> {
    layout: &'a Layout,
    index: Dims,
    offset: isize,
}

impl<'a> Rows<'a> {
    /// Rows of `layout` from row number `row` on. A layout without axes is one row.
    pub(crate) fn starting_at(layout: &'a Layout, mut row: usize) -> Self {
        let outer = layout.dims.len().saturating_sub(1);
        let mut index: Dims = SmallVec::from_elem(0, outer);
        let mut offset = layout.offset as isize;
        for axis in (0..outer).rev() {
            index[axis] = row % layout.dims[axis];
            row /= layout.dims[axis];
            offset += index[axis] as isize * layout.strides[axis];
        }
        Rows { layout, index, offset }
    }

    /// The offset of the current row's first element; then goes on to the next row.
    pub(crate) fn advance(&mut self) -> usize {
        let here = self.offset;
        for axis in (0..self.index.len()).rev() {
            self.index[axis] += 1;
            self.offset += self.layout.strides[axis];
            if self.index[axis] < self.layout.dims[axis] {
                break;
            }
            self.offset -= self.layout.strides[axis] * self.layout.dims[axis] as isize;
            self.index[axis] = 0;
        }
        here as usize
    }

    /// Goes over the next `rows` rows, by stretches in which they lie a constant way apart: the offset of the first row's
    /// first element, how many rows, and that way.
    #[inline(always)]
    pub(crate) fn stretches(&mut self, mut rows: usize, mut each: impl FnMut(usize, usize, isize)) {
        let (dims, strides) = (&self.layout.dims[..], &self.layout.strides[..]);
        let Some((at, outer)) = self.index.split_last_mut() else {
            debug_assert!(rows <= 1, "a layout of one axis or none is one row");
            if rows > 0 {
                each(self.offset as usize, 1, 0);
            }
            return;
        };
        let (dim, step) = (dims[outer.len()], strides[outer.len()]);
        while rows > 0 {
            let count = rows.min(dim - *at);
            each(self.offset as usize, count, step);
            rows -= count;
            *at += count;
            self.offset += step * count as isize;
            if *at < dim {
                return;
            }
            self.offset -= step * dim as isize;
            *at = 0;
            for axis in (0..outer.len()).rev() {
                outer[axis] += 1;
                self.offset += strides[axis];
                if outer[axis] < dims[axis] {
                    break;
                }
                self.offset -= strides[axis] * dims[axis] as isize;
                outer[axis] = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reshape_of_a_permuted_layout_is_a_view_only_within_axes() {
        let layout = Layout::contiguous(&[2, 3, 4]).permuted(&[2, 0, 1]);
        assert!(layout.reshaped(&[24]).is_none());
        let split = layout.reshaped(&[2, 2, 6]).expect("splits the first axis, joins the others");
        for i in 0..24 {
            assert_eq!(split.offset_of(i), layout.offset_of(i));
        }
    }

    #[test]
    fn rows_walk_in_row_major_order() {
        let layout = Layout::contiguous(&[3, 2, 4]).permuted(&[1, 0, 2]).sliced(2, 1, 2, 2);
        let mut rows = Rows::starting_at(&layout, 2);
        for row in 2..6 {
            assert_eq!(rows.advance(), layout.offset_of(row * 2));
        }
        let mut rows = Rows::starting_at(&layout, 1);
        let mut found = Vec::new();
        for some in [1, 3] {
            rows.stretches(some, |first, count, step| {
                found.extend((0..count as isize).map(|row| first.wrapping_add_signed(row * step)));
            });
        }
        assert_eq!(found, (1..5).map(|row| layout.offset_of(row * 2)).collect::<Vec<_>>());
    }
}
