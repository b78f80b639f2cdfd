//! Memory that a tile works in.
//!
//! A vector as wide as a line of the cache is loaded at once from where a line begins, and in two halves from elsewhere. The
//! allocator gives memory that begins a quarter of a line later, so a room is one line longer than what it is for.

use crate::array::dtype::{DType, Element, for_each_dtype, sealed::Stored, with_type};
use crate::array::kernels::block::{Blocks, Slice, SliceMut};
use crate::array::kernels::scratch;
use crate::array::storage::Data;

/// Bytes of a line of the cache.
const LINE: usize = 64;

/// Elements of one dtype, from the beginning of a line on.
pub(super) struct Room {
    data: Data,
    start: usize,
}

impl Room {
    /// Room for `len` elements of any value.
    pub(super) fn new(dtype: DType, len: usize) -> Room {
        with_type!(dtype, T => {
            let spare = LINE / size_of::<T>();
            let values = scratch::take_longer::<T>(len + spare);
            let start = values.as_ptr().align_offset(LINE).min(spare);
            Room { data: T::wrap(values), start }
        })
    }

    /// Room for nothing.
    pub(super) fn none() -> Room {
        Room { data: Data::Bool(Vec::new()), start: 0 }
    }

    /// The first `len` elements.
    pub(super) fn values(&self, len: usize) -> Slice<'_> {
        let (from, to) = (self.start, self.start + len);
        macro_rules! arms {
            ($(($variant:ident, $T:ty))*) => {
                match &self.data {
                    $(Data::$variant(values) => <$T>::view(&values[from..to]),)*
                    Data::Foreign(_) | Data::Several(_) => unreachable!("rooms are vectors"),
                }
            };
        }
        for_each_dtype!(arms)
    }

    /// The first `len` elements, to write to.
    pub(super) fn values_mut(&mut self, len: usize) -> SliceMut<'_> {
        let (from, to) = (self.start, self.start + len);
        macro_rules! arms {
            ($(($variant:ident, $T:ty))*) => {
                match &mut self.data {
                    $(Data::$variant(values) => SliceMut::$variant(&mut values[from..to]),)*
                    Data::Foreign(_) | Data::Several(_) => unreachable!("rooms are vectors"),
                }
            };
        }
        for_each_dtype!(arms)
    }

    /// The first `len` elements, of a room that was made for this type.
    pub(super) fn typed<T: Element>(&mut self, len: usize) -> &mut [T] {
        let start = self.start;
        let values = <T as Stored>::vec_mut(&mut self.data).expect("the room was made for this type");
        &mut values[start..start + len]
    }

    /// Gives the memory back to the thread.
    pub(super) fn leave(self) {
        scratch::keep(self.data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_begin_where_lines_do_and_hold_what_they_are_for() {
        for len in [0, 1, 7, 64, 1000] {
            for dtype in [DType::F32, DType::F64, DType::Bool, DType::BF16] {
                let mut room = Room::new(dtype, len);
                with_type!(dtype, T => {
                    let values = room.typed::<T>(len);
                    assert!(values.len() == len && values.as_ptr().addr().is_multiple_of(LINE));
                });
                assert_eq!(room.values(len).dtype(), dtype);
                assert_eq!(room.values_mut(len).dtype(), dtype);
                room.leave();
            }
        }
    }
}
