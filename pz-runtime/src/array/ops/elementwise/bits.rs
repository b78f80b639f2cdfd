//! Logic on truth values, and the same bit by bit on integers; shifts, and the count of ones.
//!
//! Shifts, the rarer ones, go through 64 bits: one loop for all widths.

use super::{each, pairs};
use crate::array::dtype::{for_each_dtype, sealed::Stored};
use crate::array::kernels::block::{BLOCK, Slice, SliceMut};
use crate::array::ops::infer;
use crate::array::primitive::{Derivative, Kernel, Primitive};

/// A function of two operands, bit by bit.
macro_rules! bitwise {
    ($(#[$doc:meta])* $NAME:ident, $name:literal, |$x:ident, $y:ident| $f:expr) => {
        $(#[$doc])*
        pub(crate) static $NAME: Primitive = Primitive {
            name: $name,
            infer: infer::bits,
            kernel: Kernel::Elementwise(|_, args, out| match (args[0], args[1], out) {
                (Slice::Bool(x), Slice::Bool(y), SliceMut::Bool(out)) => pairs(x, y, out, |$x, $y| $f),
                (Slice::I8(x), Slice::I8(y), SliceMut::I8(out)) => pairs(x, y, out, |$x, $y| $f),
                (Slice::I16(x), Slice::I16(y), SliceMut::I16(out)) => pairs(x, y, out, |$x, $y| $f),
                (Slice::I32(x), Slice::I32(y), SliceMut::I32(out)) => pairs(x, y, out, |$x, $y| $f),
                (Slice::I64(x), Slice::I64(y), SliceMut::I64(out)) => pairs(x, y, out, |$x, $y| $f),
                (Slice::U8(x), Slice::U8(y), SliceMut::U8(out)) => pairs(x, y, out, |$x, $y| $f),
                (Slice::U16(x), Slice::U16(y), SliceMut::U16(out)) => pairs(x, y, out, |$x, $y| $f),
                (Slice::U32(x), Slice::U32(y), SliceMut::U32(out)) => pairs(x, y, out, |$x, $y| $f),
                (Slice::U64(x), Slice::U64(y), SliceMut::U64(out)) => pairs(x, y, out, |$x, $y| $f),
                _ => unreachable!("the shape rule admits bool and integers of one dtype"),
            }),
            derivative: Derivative::Zero,
        };
    };
}

bitwise!(
    /// Logical, and on integers bitwise, and.
    AND, "and", |x, y| x & y
);
bitwise!(
    /// Logical, and on integers bitwise, or.
    OR, "or", |x, y| x | y
);
bitwise!(
    /// Logical, and on integers bitwise, exclusive or.
    XOR, "xor", |x, y| x ^ y
);

/// Logical, and on integers bitwise, negation.
pub(crate) static NOT: Primitive = Primitive {
    name: "not",
    infer: infer::bits,
    kernel: Kernel::Elementwise(|_, args, out| match (args[0], out) {
        (Slice::Bool(x), SliceMut::Bool(out)) => each(x, out, |v| !v),
        (Slice::I8(x), SliceMut::I8(out)) => each(x, out, |v| !v),
        (Slice::I16(x), SliceMut::I16(out)) => each(x, out, |v| !v),
        (Slice::I32(x), SliceMut::I32(out)) => each(x, out, |v| !v),
        (Slice::I64(x), SliceMut::I64(out)) => each(x, out, |v| !v),
        (Slice::U8(x), SliceMut::U8(out)) => each(x, out, |v| !v),
        (Slice::U16(x), SliceMut::U16(out)) => each(x, out, |v| !v),
        (Slice::U32(x), SliceMut::U32(out)) => each(x, out, |v| !v),
        (Slice::U64(x), SliceMut::U64(out)) => each(x, out, |v| !v),
        _ => unreachable!("the shape rule admits bool and integers"),
    }),
    derivative: Derivative::Zero,
};

/// Moves the bits up and fills with 0: as many places as the second operand says, unsigned; all of them when that is
/// more than there are.
pub(crate) static SHIFT_LEFT: Primitive = Primitive {
    name: "shift_left",
    infer: infer::integer,
    kernel: Kernel::Elementwise(|_, args, out| {
        in_64_bits(args, out, |x, by, width| if by < u64::from(width) { x << by } else { 0 });
    }),
    derivative: Derivative::Zero,
};

/// Moves the bits down and fills with 0.
pub(crate) static SHIFT_RIGHT_LOGICAL: Primitive = Primitive {
    name: "shift_right_logical",
    infer: infer::integer,
    kernel: Kernel::Elementwise(|_, args, out| {
        in_64_bits(args, out, |x, by, width| {
            let bits = x as u64 & (u64::MAX >> (64 - width));
            if by < u64::from(width) { (bits >> by) as i64 } else { 0 }
        });
    }),
    derivative: Derivative::Zero,
};

/// Moves the bits down and fills with the sign; of unsigned integers with 0.
pub(crate) static SHIFT_RIGHT_ARITHMETIC: Primitive = Primitive {
    name: "shift_right_arithmetic",
    infer: infer::integer,
    kernel: Kernel::Elementwise(|params, args, out| {
        if args[0].dtype().is_unsigned() {
            let Kernel::Elementwise(logical) = SHIFT_RIGHT_LOGICAL.kernel else { return };
            return logical(params, args, out);
        }
        in_64_bits(args, out, |x, by, _| x >> by.min(63));
    }),
    derivative: Derivative::Zero,
};

/// How many bits are 1.
pub(crate) static POPULATION_COUNT: Primitive = Primitive {
    name: "population_count",
    infer: infer::integer,
    kernel: Kernel::Elementwise(|_, args, out| {
        in_64_bits(&[args[0], args[0]], out, |x, _, width| {
            i64::from((x as u64 & (u64::MAX >> (64 - width))).count_ones())
        });
    }),
    derivative: Derivative::Zero,
};

/// Computes with the sign-extended first operand, the second as an unsigned number of the same width, and the width.
fn in_64_bits(args: &[Slice<'_>], out: &mut SliceMut<'_>, f: fn(i64, u64, u32) -> i64) {
    let width = 8 * out.dtype().size() as u32;
    let (mut x, mut y) = ([0i64; BLOCK], [0i64; BLOCK]);
    widen(args[0], &mut x);
    widen(args[1], &mut y);
    x.iter_mut().zip(&y).for_each(|(x, y)| *x = f(*x, *y as u64 & (u64::MAX >> (64 - width)), width));
    macro_rules! narrow {
        ($(($variant:ident, $T:ty))*) => {
            match out { $(SliceMut::$variant(out) => each(&x, out, <$T>::from_bits64),)* }
        };
    }
    for_each_dtype!(narrow);
}

fn widen(x: Slice<'_>, wide: &mut [i64]) {
    macro_rules! widen {
        ($(($variant:ident, $T:ty))*) => {
            match x { $(Slice::$variant(x) => each(x, wide, <$T>::to_bits64),)* }
        };
    }
    for_each_dtype!(widen);
}
