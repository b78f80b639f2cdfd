//! Elements of any dtype, read as one of six.
//!
//! Thirteen dtypes times the operations along axes would be most of this crate's machine code. Such kernels are
//! therefore written for the 32- and 64-bit types alone; narrower elements are widened a stretch at a time as they
//! are read, which costs little beside the reading, and narrowed as the result is stored.

use super::copy;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, sealed::Stored, with_type};
use crate::array::layout::Layout;

/// The dtype in which elements of `dtype` are worked on: of its kind, 32 bits at least. Truth values count.
pub(crate) const fn wide(dtype: DType) -> DType {
    match dtype {
        DType::Bool | DType::U8 | DType::U16 => DType::U32,
        DType::I8 | DType::I16 => DType::I32,
        DType::F16 | DType::BF16 => DType::F32,
        wide => wide,
    }
}

/// Evaluates an expression with `$W` bound to the Rust type of the [`wide`] form of a dtype.
macro_rules! with_wide {
    ($dtype:expr, $W:ident => $body:expr) => {
        match $crate::array::kernels::wide::wide($dtype) {
            $crate::array::DType::U32 => {
                type $W = u32;
                $body
            }
            $crate::array::DType::U64 => {
                type $W = u64;
                $body
            }
            $crate::array::DType::I32 => {
                type $W = i32;
                $body
            }
            $crate::array::DType::I64 => {
                type $W = i64;
                $body
            }
            $crate::array::DType::F32 => {
                type $W = f32;
                $body
            }
            _ => {
                type $W = f64;
                $body
            }
        }
    };
}
pub(crate) use with_wide;

/// Elements that are widened at a time.
const STRETCH: usize = 1024;

/// Reads elements `start..start + out.len()`, counted in row-major order of a collapsed `layout`, widened to `W`.
pub(crate) fn load<W: Element>(buffer: &Buffer, layout: &Layout, start: usize, out: &mut [W]) {
    fn stretches<S: Element, W: Element>(
        buffer: &Buffer,
        layout: &Layout,
        start: usize,
        out: &mut [W],
        widen: fn(S) -> W,
    ) {
        let mut narrow = [S::default(); STRETCH];
        for (number, out) in out.chunks_mut(STRETCH).enumerate() {
            let narrow = &mut narrow[..out.len()];
            copy::gather_from(buffer.storage::<S>(), layout, start + number * STRETCH, narrow);
            out.iter_mut().zip(narrow).for_each(|(out, value)| *out = widen(*value));
        }
    }
    if out.is_empty() {
        return;
    }
    macro_rules! arms {
        ($($variant:ident $S:ty: $widen:expr;)*) => {
            match buffer.dtype() {
                dtype if dtype == W::DTYPE => copy::gather_from(buffer.storage::<W>(), layout, start, out),
                $(DType::$variant => stretches::<$S, W>(buffer, layout, start, out, $widen),)*
                other => unreachable!("{other} is wide"),
            }
        };
    }
    arms! {
        Bool bool: |v| W::from_bits64(v.into());
        U8 u8: |v| W::from_bits64(v.into());
        U16 u16: |v| W::from_bits64(v.into());
        I8 i8: |v| W::from_bits64(v.into());
        I16 i16: |v| W::from_bits64(v.into());
        F16 half::f16: |v| W::from_f64(v.to_f32().into());
        BF16 half::bf16: |v| W::from_f64(v.to_f32().into());
    }
}

/// An array of `dtype` of elements that were worked on in its wide form: floats are rounded, integers cut.
pub(crate) fn narrowed<W: Element>(values: Vec<W>, dtype: DType, dims: &[usize]) -> Buffer {
    if dtype == W::DTYPE {
        return Buffer::from_vec(values, dims);
    }
    with_type!(dtype, T => {
        let narrow = |v: W| match dtype.is_float() {
            true => <T as Stored>::from_f64(v.to_f64()),
            false => <T as Stored>::from_bits64(v.to_bits64()),
        };
        Buffer::from_vec::<T>(values.into_iter().map(narrow).collect(), dims)
    })
}
