//! Functions of one operand, element by element.
//!
//! For `f32` the transcendental ones are the vectorised kernels of `kernels::math`, whose docs state their
//! error; for `f64` they are the standard library's. Half precision is widened to `f32` before they run.

use super::infer;
use crate::array::Array;
use crate::array::dtype::{for_each_dtype, sealed::Stored};
use crate::array::kernels::block::{BLOCK, Slice, SliceMut};
use crate::array::kernels::math;
use crate::array::params::Params;
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive};
use crate::error::Result;

/// The cotangent of a single operand.
fn one(cotangent: Result<Array>) -> Result<Vec<Option<Array>>> {
    Ok(vec![Some(cotangent?)])
}

fn each<A: Copy, B>(x: &[A], out: &mut [B], f: impl Fn(A) -> B) {
    x.iter().zip(out).for_each(|(x, out)| *out = f(*x));
}

/// A function of floats: a block function for `f32`, an element function for `f64`, a derivative.
macro_rules! float_unary {
    ($(#[$doc:meta])* $NAME:ident, $name:literal, $f32:expr, $f64:expr, $derivative:expr) => {
        $(#[$doc])*
        pub(crate) static $NAME: Primitive = Primitive {
            name: $name,
            infer: infer::float,
            kernel: Kernel::Elementwise(|_, args, out| match (args[0], out) {
                (Slice::F32(x), SliceMut::F32(out)) => $f32(x, out),
                (Slice::F64(x), SliceMut::F64(out)) => each(x, out, $f64),
                _ => unreachable!("the shape rule admits floats"),
            }),
            derivative: $derivative,
        };
    };
}

float_unary!(
    /// `e^x`.
    EXP, "exp", math::exp, f64::exp,
    Derivative::Rule(|b| one(b.cotangent.mul(b.output)))
);
float_unary!(
    /// Natural logarithm.
    LOG, "log", math::log, f64::ln,
    Derivative::Rule(|b| one(b.cotangent.div(&b.inputs[0])))
);
float_unary!(
    /// Sine of radians.
    SIN, "sin", math::sin, f64::sin,
    Derivative::Rule(|b| one(b.cotangent.mul(&b.inputs[0].cos()?)))
);
float_unary!(
    /// Cosine of radians.
    COS, "cos", math::cos, f64::cos,
    Derivative::Rule(|b| one(b.cotangent.mul(&b.inputs[0].sin()?.neg()?)))
);
float_unary!(
    /// Hyperbolic tangent.
    TANH, "tanh", math::tanh, f64::tanh,
    Derivative::Rule(|b| one(b.cotangent.sub(&b.cotangent.mul(&b.output.mul(b.output)?)?)))
);
float_unary!(
    /// Square root.
    SQRT, "sqrt", |x: &[f32], out: &mut [f32]| each(x, out, f32::sqrt), f64::sqrt,
    Derivative::Rule(|b| one(b.cotangent.mul_scalar(0.5)?.div(b.output)))
);
float_unary!(
    /// `1 / sqrt(x)`.
    RSQRT, "rsqrt", |x: &[f32], out: &mut [f32]| each(x, out, |x| 1.0 / x.sqrt()), |x: f64| 1.0 / x.sqrt(),
    Derivative::Rule(|b| one(b.cotangent.mul(&b.output.div(&b.inputs[0])?)?.mul_scalar(-0.5)))
);
float_unary!(
    /// The logistic function, `1 / (1 + e^-x)`.
    SIGMOID, "sigmoid", math::sigmoid, |x: f64| 1.0 / (1.0 + (-x).exp()),
    Derivative::Rule(|b| one(b.cotangent.mul(&b.output.sub(&b.output.mul(b.output)?)?)))
);
float_unary!(
    /// The error function.
    ERF, "erf", math::erf, libm::erf,
    Derivative::Rule(|b| {
        let x = &b.inputs[0];
        one(b.cotangent.mul(&x.mul(x)?.neg()?.exp()?.mul_scalar(std::f64::consts::FRAC_2_SQRT_PI)?))
    })
);
float_unary!(
    /// The largest integer not above.
    FLOOR, "floor", |x: &[f32], out: &mut [f32]| each(x, out, f32::floor), f64::floor, Derivative::Zero
);

/// An arm for each type of number.
macro_rules! number_unary {
    ($args:ident, $out:ident, ints $wrapping:expr, floats |$x:ident| $float:expr) => {
        match ($args[0], $out) {
            (Slice::I8(x), SliceMut::I8(out)) => each(x, out, |v| $wrapping(i64::from(v)) as i8),
            (Slice::I16(x), SliceMut::I16(out)) => each(x, out, |v| $wrapping(i64::from(v)) as i16),
            (Slice::I32(x), SliceMut::I32(out)) => each(x, out, |v| $wrapping(i64::from(v)) as i32),
            (Slice::I64(x), SliceMut::I64(out)) => each(x, out, $wrapping),
            (Slice::U8(x), SliceMut::U8(out)) => each(x, out, |v| $wrapping(i64::from(v)) as u8),
            (Slice::U16(x), SliceMut::U16(out)) => each(x, out, |v| $wrapping(i64::from(v)) as u16),
            (Slice::U32(x), SliceMut::U32(out)) => each(x, out, |v| $wrapping(i64::from(v)) as u32),
            (Slice::F32(x), SliceMut::F32(out)) => each(x, out, |$x: f32| $float),
            (Slice::F64(x), SliceMut::F64(out)) => each(x, out, |$x: f64| $float),
            (Slice::U64(x), SliceMut::U64(out)) => each(x, out, |v| unsigned_64(v, $wrapping)),
            _ => unreachable!("the shape rule admits numbers"),
        }
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

/// `-x`; integers wrap.
pub(crate) static NEG: Primitive = Primitive {
    name: "neg",
    infer: infer::number,
    kernel: Kernel::Elementwise(
        |_, args, out| number_unary!(args, out, ints i64::wrapping_neg, floats |x| -x),
    ),
    derivative: Derivative::Rule(|b| one(b.cotangent.neg())),
};

/// `|x|`; the smallest integer keeps its value.
pub(crate) static ABS: Primitive = Primitive {
    name: "abs",
    infer: infer::number,
    kernel: Kernel::Elementwise(
        |_, args, out| number_unary!(args, out, ints i64::wrapping_abs, floats |x| x.abs()),
    ),
    derivative: Derivative::Rule(|b| one(b.cotangent.mul(&b.inputs[0].sign()?))),
};

/// -1, 0 or 1; NaN stays.
pub(crate) static SIGN: Primitive = Primitive {
    name: "sign",
    infer: infer::number,
    kernel: Kernel::Elementwise(
        |_, args, out| number_unary!(args, out, ints i64::signum, floats |x| if x == 0.0 || x.is_nan() { x } else { x.signum() }),
    ),
    derivative: Derivative::Zero,
};

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
/// JAX's and Rust's do, all else goes through `f64`, which holds every value but those of large 64-bit integers
/// exactly. (A loop for every pair would be most of this crate's machine code; the frequent pairs have one.)
fn cast_block(_: &Params, args: &[Slice<'_>], out: &mut SliceMut<'_>) {
    let (from, to) = (args[0].dtype(), out.dtype());
    match (args[0], &mut *out) {
        (Slice::I32(x), SliceMut::F32(out)) => return each(x, out, |v| v as f32),
        (Slice::F32(x), SliceMut::I32(out)) => return each(x, out, |v| v as i32),
        (Slice::Bool(x), SliceMut::F32(out)) => return each(x, out, |v| f32::from(u8::from(v))),
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
