//! Blocks: the short typed slices that elementwise operations work on.
//!
//! An elementwise operation is a loop over blocks of at most [`BLOCK`] elements, which stay in the first-level
//! cache while a fused run of operations passes over them. The operation sees run-time typed slices; half
//! precision never reaches it, for [`apply`] widens to `f32` before and rounds after.

use super::halves;
use crate::array::dtype::{DType, Element, for_each_dtype};
use crate::array::params::Params;
use crate::array::storage::Data;

/// The most elements in a block.
pub(crate) const BLOCK: usize = 1024;

/// An elementwise operation on one block: parameters, arguments, result.
pub(crate) type BlockFn = fn(&Params, &[Slice<'_>], &mut SliceMut<'_>);

macro_rules! slices {
    ($(($variant:ident, $T:ty))*) => {
        /// A typed slice whose type is known at run time.
        #[derive(Clone, Copy)]
        pub(crate) enum Slice<'a> { $($variant(&'a [$T]),)* }

        /// A typed slice to write to.
        pub(crate) enum SliceMut<'a> { $($variant(&'a mut [$T]),)* }

        impl<'a> Slice<'a> {
            pub(crate) fn dtype(&self) -> DType {
                match self { $(Slice::$variant(_) => DType::$variant,)* }
            }

            /// Elements `from..to`.
            pub(crate) fn part(&self, from: usize, to: usize) -> Slice<'a> {
                match self { $(Slice::$variant(values) => Slice::$variant(&values[from..to]),)* }
            }
        }

        impl SliceMut<'_> {
            pub(crate) fn dtype(&self) -> DType {
                match self { $(SliceMut::$variant(_) => DType::$variant,)* }
            }

            fn len(&self) -> usize {
                match self { $(SliceMut::$variant(values) => values.len(),)* }
            }

            /// Elements `from..to`.
            pub(crate) fn part(&mut self, from: usize, to: usize) -> SliceMut<'_> {
                match self { $(SliceMut::$variant(values) => SliceMut::$variant(&mut values[from..to]),)* }
            }
        }

        /// Elements that can be seen as run-time typed slices.
        pub(crate) trait Blocks: Element {
            fn view(values: &[Self]) -> Slice<'_>;
        }

        $(impl Blocks for $T {
            fn view(values: &[Self]) -> Slice<'_> { Slice::$variant(values) }
        })*

        /// The first `len` elements of a register.
        pub(crate) fn register(data: &Data, len: usize) -> Slice<'_> {
            match data {
                $(Data::$variant(values) => Slice::$variant(&values[..len]),)*
                Data::Foreign(_) | Data::Several(_) => unreachable!("registers are vectors"),
            }
        }

        /// The first `len` elements of a register, to write to.
        pub(crate) fn register_mut(data: &mut Data, len: usize) -> SliceMut<'_> {
            match data {
                $(Data::$variant(values) => SliceMut::$variant(&mut values[..len]),)*
                Data::Foreign(_) | Data::Several(_) => unreachable!("registers are vectors"),
            }
        }
    };
}
for_each_dtype!(slices);

/// Applies an operation to a block, in `f32` where an operand is in half precision.
pub(crate) fn apply(op: BlockFn, params: &Params, args: &[Slice<'_>], out: &mut SliceMut<'_>) {
    if !out.dtype().is_half() && !args.iter().any(|arg| arg.dtype().is_half()) {
        return op(params, args, out);
    }
    // Room that is cleared first, so no more of it than is needed, about.
    if out.len() <= 64 {
        in_pieces::<64>(op, params, args, out)
    } else {
        in_pieces::<256>(op, params, args, out)
    }
}

/// Applies an operation to `PIECE` elements at a time, which the first cache holds as `f32` beside everything else.
fn in_pieces<const PIECE: usize>(op: BlockFn, params: &Params, args: &[Slice<'_>], out: &mut SliceMut<'_>) {
    let mut wide = [[0f32; PIECE]; 3];
    let mut result = [0f32; PIECE];
    for from in (0..out.len()).step_by(PIECE) {
        let to = (from + PIECE).min(out.len());
        let mut wide_args = [Slice::F32(&[]); 3];
        for ((arg, wide), wide_arg) in args.iter().zip(&mut wide).zip(&mut wide_args) {
            *wide_arg = widen(arg.part(from, to), wide);
        }
        let (wide_args, result) = (&wide_args[..args.len()], &mut result[..to - from]);
        match out.part(from, to) {
            SliceMut::F16(out) => {
                op(params, wide_args, &mut SliceMut::F32(result));
                halves::narrow_f16(result, out);
            }
            SliceMut::BF16(out) => {
                op(params, wide_args, &mut SliceMut::F32(result));
                halves::narrow_bf16(result, out);
            }
            mut out => op(params, wide_args, &mut out),
        }
    }
}

fn widen<'a>(arg: Slice<'a>, wide: &'a mut [f32]) -> Slice<'a> {
    match arg {
        Slice::F16(values) => {
            halves::widen_f16(values, wide);
            Slice::F32(&wide[..values.len()])
        }
        Slice::BF16(values) => {
            halves::widen_bf16(values, wide);
            Slice::F32(&wide[..values.len()])
        }
        other => other,
    }
}
