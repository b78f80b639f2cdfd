//! A value: shared storage seen through a layout.

use std::sync::Arc;

use super::dtype::{DType, Element, sealed::Stored, with_type};
use super::kernels::copy;
use super::layout::Layout;
use super::storage::{Data, take_vec};

/// The elements of an array.
#[derive(Clone)]
pub(crate) struct Buffer {
    pub(crate) data: Arc<Data>,
    pub(crate) layout: Layout,
}

impl Buffer {
    /// A row-major array of `values`.
    pub(crate) fn from_vec<T: Element>(values: Vec<T>, dims: &[usize]) -> Self {
        debug_assert_eq!(values.len(), dims.iter().product::<usize>());
        Buffer { data: Arc::new(T::wrap(values)), layout: Layout::contiguous(dims) }
    }

    /// The dtype of the elements.
    pub(crate) fn dtype(&self) -> DType {
        self.data.dtype()
    }

    /// The whole storage, as `T`; the layout says where in it the elements are.
    pub(crate) fn storage<T: Element>(&self) -> &[T] {
        <T as Stored>::slice(&self.data).expect("the dtype of a buffer is that of its node")
    }

    /// The elements, where they lie in row-major order.
    pub(crate) fn as_slice<T: Element>(&self) -> Option<&[T]> {
        let len = self.layout.len();
        if len == 0 {
            return Some(&[]);
        }
        self.layout
            .is_contiguous()
            .then(|| &self.storage::<T>()[self.layout.offset..self.layout.offset + len])
    }

    /// This value with another layout over the same storage.
    pub(crate) fn with_layout(&self, layout: Layout) -> Self {
        Buffer { data: self.data.clone(), layout }
    }

    /// The same value in row-major order: itself where it is, else a copy.
    pub(crate) fn to_contiguous(&self) -> Self {
        if self.layout.is_contiguous() {
            return self.clone();
        }
        with_type!(self.dtype(), T => Buffer::from_vec(self.to_vec::<T>(), &self.layout.dims))
    }

    /// The elements in row-major order.
    pub(crate) fn to_vec<T: Element>(&self) -> Vec<T> {
        if let Some(slice) = self.as_slice::<T>() {
            return slice.to_vec();
        }
        let mut out = take_vec::<T>(self.layout.len());
        copy::gather(self.storage::<T>(), &self.layout, &mut out);
        out
    }
}
