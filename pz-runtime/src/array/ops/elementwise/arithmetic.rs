//! Arithmetic on numbers: sums, products, quotients of floats, extremes, signs.
//!
//! Integers wrap on overflow, as they do in JAX.

use super::{both, each, one, pairs};
use crate::array::Array;
use crate::array::kernels::block::{Slice, SliceMut};
use crate::array::kernels::{lane, loops};
use crate::array::ops::infer;
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive};
use crate::error::Result;

/// A function of a number: for integers by way of `i64`, and for floats.
macro_rules! number_unary {
    ($(#[$doc:meta])* $NAME:ident, $name:literal, ints $int:expr, floats |$x:ident| $float:expr, $derivative:expr) => {
        $(#[$doc])*
        pub(crate) static $NAME: Primitive = Primitive {
            name: $name,
            infer: infer::number,
            kernel: Kernel::Elementwise(|_, args, out| match (args[0], out) {
                (Slice::F32(x), SliceMut::F32(out)) => loops::map(x, out, |$x: f32| $float),
                (Slice::F64(x), SliceMut::F64(out)) => loops::map(x, out, |$x: f64| $float),
                (Slice::I32(x), SliceMut::I32(out)) => loops::map(x, out, |v| $int(i64::from(v)) as i32),
                (Slice::I8(x), SliceMut::I8(out)) => each(x, out, |v| $int(i64::from(v)) as i8),
                (Slice::I16(x), SliceMut::I16(out)) => each(x, out, |v| $int(i64::from(v)) as i16),
                (Slice::I64(x), SliceMut::I64(out)) => each(x, out, $int),
                (Slice::U8(x), SliceMut::U8(out)) => each(x, out, |v| $int(i64::from(v)) as u8),
                (Slice::U16(x), SliceMut::U16(out)) => each(x, out, |v| $int(i64::from(v)) as u16),
                (Slice::U32(x), SliceMut::U32(out)) => each(x, out, |v| $int(i64::from(v)) as u32),
                (Slice::U64(x), SliceMut::U64(out)) => each(x, out, |v| unsigned_64(v, $int)),
                _ => unreachable!("the shape rule admits numbers"),
            }),
            derivative: $derivative,
        };
    };
}

/// `u64` through `i64`: right for negation, which wraps; values above `i64::MAX` keep their sign of 1.
fn unsigned_64(value: u64, f: fn(i64) -> i64) -> u64 {
    match i64::try_from(value) {
        Ok(small) => f(small) as u64,
        Err(_) if f(2) == 2 => value,
        Err(_) if f(2) == 1 => 1,
        Err(_) => value.wrapping_neg(),
    }
}

number_unary!(
    /// `-x`; integers wrap.
    NEG, "neg", ints i64::wrapping_neg, floats |x| -x,
    Derivative::Rule(|b| one(b.cotangent.neg()))
);
number_unary!(
    /// `|x|`; the smallest integer keeps its value. The derivative at 0 is 1, as in JAX.
    ABS, "abs", ints i64::wrapping_abs, floats |x| x.abs(),
    Derivative::Rule(|b| {
        let x = &b.inputs[0];
        one(x.full_like(0.0)?.less_equal(x)?.select(b.cotangent, &b.cotangent.neg()?))
    })
);
number_unary!(
    /// -1, 0 or 1; zeros keep their sign, NaN stays.
    SIGN, "sign", ints i64::signum, floats |x| if x == 0.0 || x.is_nan() { x } else { x.signum() },
    Derivative::Zero
);
number_unary!(
    /// The larger of `x` and 0; NaN stays. Its derivative is 0 at 0 and at NaN, as in JAX.
    RELU, "relu", ints |v: i64| v.max(0), floats |x| lane::maximum(x, 0.0),
    Derivative::Rule(|b| {
        let none = b.cotangent.full_like(0.0)?;
        one(b.output.full_like(0.0)?.less(b.output)?.select(b.cotangent, &none))
    })
);

/// A function of two numbers: for integers, and for floats.
macro_rules! number_binary {
    ($(#[$doc:meta])* $NAME:ident, $name:literal, ints |$a:ident, $b:ident| $int:expr, floats |$x:ident, $y:ident| $float:expr, $derivative:expr) => {
        $(#[$doc])*
        pub(crate) static $NAME: Primitive = Primitive {
            name: $name,
            infer: infer::number,
            kernel: Kernel::Elementwise(|_, args, out| match (args[0], args[1], out) {
                (Slice::F32(x), Slice::F32(y), SliceMut::F32(out)) => loops::zip(x, y, out, |$x: f32, $y: f32| $float),
                (Slice::F64(x), Slice::F64(y), SliceMut::F64(out)) => loops::zip(x, y, out, |$x: f64, $y: f64| $float),
                (Slice::I32(x), Slice::I32(y), SliceMut::I32(out)) => loops::zip(x, y, out, |$a: i32, $b: i32| $int),
                (Slice::I8(x), Slice::I8(y), SliceMut::I8(out)) => pairs(x, y, out, |$a: i8, $b: i8| $int),
                (Slice::I16(x), Slice::I16(y), SliceMut::I16(out)) => pairs(x, y, out, |$a: i16, $b: i16| $int),
                (Slice::I64(x), Slice::I64(y), SliceMut::I64(out)) => pairs(x, y, out, |$a: i64, $b: i64| $int),
                (Slice::U8(x), Slice::U8(y), SliceMut::U8(out)) => pairs(x, y, out, |$a: u8, $b: u8| $int),
                (Slice::U16(x), Slice::U16(y), SliceMut::U16(out)) => pairs(x, y, out, |$a: u16, $b: u16| $int),
                (Slice::U32(x), Slice::U32(y), SliceMut::U32(out)) => pairs(x, y, out, |$a: u32, $b: u32| $int),
                (Slice::U64(x), Slice::U64(y), SliceMut::U64(out)) => pairs(x, y, out, |$a: u64, $b: u64| $int),
                _ => unreachable!("the shape rule admits numbers of one dtype"),
            }),
            derivative: Derivative::Rule($derivative),
        };
    };
}

number_binary!(
    /// `x + y`.
    ADD, "add", ints |a, b| a.wrapping_add(b), floats |x, y| x + y,
    |b| both(Ok(b.cotangent.clone()), Ok(b.cotangent.clone()))
);
number_binary!(
    /// `x - y`.
    SUB, "sub", ints |a, b| a.wrapping_sub(b), floats |x, y| x - y,
    |b| both(Ok(b.cotangent.clone()), b.cotangent.neg())
);
number_binary!(
    /// `x * y`.
    MUL, "mul", ints |a, b| a.wrapping_mul(b), floats |x, y| x * y,
    |b| both(b.cotangent.mul(&b.inputs[1]), b.cotangent.mul(&b.inputs[0]))
);
number_binary!(
    /// The larger; NaN if either is; of zeros, that without a sign. Ties share a derivative evenly.
    MAXIMUM, "maximum", ints |a, b| a.max(b), floats |x, y| lane::maximum(x, y),
    extreme
);
number_binary!(
    /// The smaller; NaN if either is; of zeros, that with a sign. Ties share a derivative evenly.
    MINIMUM, "minimum", ints |a, b| a.min(b), floats |x, y| lane::minimum(x, y),
    extreme
);

fn extreme(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let [left, right] = shares_of_extreme(b.cotangent, b.output, [&b.inputs[0], &b.inputs[1]])?;
    both(Ok(left), Ok(right))
}

/// The parts of two in the cotangent of their larger or smaller: half to each where they are equal, none to either
/// where one is NaN.
pub(crate) fn shares_of_extreme(cotangent: &Array, output: &Array, sides: [&Array; 2]) -> Result<[Array; 2]> {
    let none = cotangent.full_like(0.0)?;
    let half = cotangent.mul_scalar(0.5)?;
    let share = |side: &Array, other: &Array| {
        let mine = output.equal(side)?.select(cotangent, &none)?;
        side.equal(other)?.select(&half, &mine)
    };
    Ok([share(sides[0], sides[1])?, share(sides[1], sides[0])?])
}

super::float_binary!(
    /// `x / y` of floats.
    DIV, "div",
    |x: &[f32], y: &[f32], out: &mut [f32]| loops::zip(x, y, out, |x, y| x / y), |x, y| x / y,
    Derivative::Rule(|b| {
        // Not by way of the quotient, which may be infinite where a cotangent of 0 is to stay 0.
        let (x, y) = (&b.inputs[0], &b.inputs[1]);
        let left = b.cotangent.div(y)?;
        both(Ok(left.clone()), left.mul(x)?.div(y)?.neg())
    })
);
