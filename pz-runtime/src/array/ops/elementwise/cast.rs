//! Conversion between element types.

use super::{each, one};
use crate::array::Array;
use crate::array::dtype::{for_each_dtype, sealed::Stored};
use crate::array::kernels::block::{BLOCK, Slice, SliceMut};
use crate::array::kernels::loops;
use crate::array::ops::infer;
use crate::array::params::Params;
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive};
use crate::error::Result;

/// Conversion to another dtype, as Rust's `as`: floats to integers truncate and saturate, NaN becomes 0.
pub(crate) static CAST: Primitive = Primitive {
    name: "cast",
    infer: infer::cast,
    kernel: Kernel::Elementwise(cast_block),
    derivative: Derivative::Rule(cast_backward),
};

fn cast_backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let from = b.inputs[0].dtype();
    if from.is_float() && b.output.dtype().is_float() {
        return one(b.cotangent.cast(from));
    }
    Ok(vec![None])
}

/// Between any two of thirteen dtypes by way of a wide one: integers keep their low bits through `i64`, as
/// JAX's and Rust's do, all else goes through `f64`, which holds every value exactly but those of large 64-bit
/// integers, which become `f32` directly. (A loop for every pair would be most of this crate's machine code; the frequent pairs have one.)
fn cast_block(_: &Params, args: &[Slice<'_>], out: &mut SliceMut<'_>) {
    let (from, to) = (args[0].dtype(), out.dtype());
    match (args[0], &mut *out) {
        (Slice::I32(x), SliceMut::F32(out)) => return loops::map(x, out, |v| v as f32),
        // Rounded once: `f64` does not hold them all.
        (Slice::I64(x), SliceMut::F32(out)) => return loops::map(x, out, |v| v as f32),
        (Slice::U64(x), SliceMut::F32(out)) => return loops::map(x, out, |v| v as f32),
        (Slice::F32(x), SliceMut::I32(out)) => return loops::map(x, out, |v| v as i32),
        (Slice::Bool(x), SliceMut::F32(out)) => return loops::map(x, out, |v| f32::from(u8::from(v))),
        (Slice::F32(x), SliceMut::F64(out)) => return loops::map(x, out, f64::from),
        (Slice::F64(x), SliceMut::F32(out)) => return loops::map(x, out, |v| v as f32),
        // Halves arrive widened to f32, and are narrowed after.
        (Slice::F32(x), SliceMut::F32(out)) => return out.copy_from_slice(x),
        _ => {}
    }
    macro_rules! through_f64 {
        ($(($variant:ident, $T:ty))*) => {{
            let mut wide = [0f64; BLOCK];
            match args[0] { $(Slice::$variant(x) => each(x, &mut wide, Stored::to_f64),)* }
            match out { $(SliceMut::$variant(out) => each(&wide, out, Stored::from_f64),)* }
        }};
    }
    macro_rules! through_i64 {
        ($(($variant:ident, $T:ty))*) => {{
            let mut wide = [0i64; BLOCK];
            match args[0] { $(Slice::$variant(x) => each(x, &mut wide, Stored::to_bits64),)* }
            match out { $(SliceMut::$variant(out) => each(&wide, out, Stored::from_bits64),)* }
        }};
    }
    if from.is_float() || to.is_float() {
        for_each_dtype!(through_f64);
    } else {
        for_each_dtype!(through_i64);
    }
}
