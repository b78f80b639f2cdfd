//! Functions of elements: each result element rests on the operands' elements at the same place.
//!
//! Operands have one shape and one dtype: broadcasting and promotion are nodes of their own, made before. Half
//! precision is widened to `f32` before a kernel sees it. Runs of these are fused, so their kernels cannot fail;
//! division of integers can, and is in `integer` with kernels that run by themselves. `f32`, `f64` and `i32` have
//! loops for each CPU level; other types, of which there are many, one plain loop.

pub(crate) mod arithmetic;
pub(crate) mod bits;
pub(crate) mod cast;
pub(crate) mod compare;
pub(crate) mod exponential;
pub(crate) mod hyperbolic;
pub(crate) mod integer;
pub(crate) mod rounding;
pub(crate) mod special;
pub(crate) mod trigonometric;

use crate::array::Array;
use crate::error::Result;

/// The cotangent of a single operand.
fn one(cotangent: Result<Array>) -> Result<Vec<Option<Array>>> {
    Ok(vec![Some(cotangent?)])
}

/// The cotangents of two operands.
fn both(left: Result<Array>, right: Result<Array>) -> Result<Vec<Option<Array>>> {
    Ok(vec![Some(left?), Some(right?)])
}

/// The plain loop over elements.
fn each<A: Copy, B>(x: &[A], out: &mut [B], f: impl Fn(A) -> B) {
    x.iter().zip(out).for_each(|(x, out)| *out = f(*x));
}

/// The plain loop over pairs of elements.
fn pairs<A: Copy, B>(x: &[A], y: &[A], out: &mut [B], f: impl Fn(A, A) -> B) {
    x.iter().zip(y).zip(out).for_each(|((x, y), out)| *out = f(*x, *y));
}

/// A function of an `f32` by way of `f64`, for those that no vector loop is worth it. It is within 0.501 ULP: the
/// rounding, and what the `f64` function is off by.
fn through_f64(f: impl Fn(f64) -> f64) -> impl Fn(&[f32], &mut [f32]) {
    move |x, out| each(x, out, |x| f(f64::from(x)) as f32)
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
                (Slice::F64(x), SliceMut::F64(out)) => loops::map(x, out, $f64),
                _ => unreachable!("the shape rule admits floats"),
            }),
            derivative: $derivative,
        };
    };
}
use float_unary;

/// A function of two floats, as [`float_unary`].
macro_rules! float_binary {
    ($(#[$doc:meta])* $NAME:ident, $name:literal, $f32:expr, $f64:expr, $derivative:expr) => {
        $(#[$doc])*
        pub(crate) static $NAME: Primitive = Primitive {
            name: $name,
            infer: infer::float,
            kernel: Kernel::Elementwise(|_, args, out| match (args[0], args[1], out) {
                (Slice::F32(x), Slice::F32(y), SliceMut::F32(out)) => $f32(x, y, out),
                (Slice::F64(x), Slice::F64(y), SliceMut::F64(out)) => loops::zip(x, y, out, $f64),
                _ => unreachable!("the shape rule admits floats"),
            }),
            derivative: $derivative,
        };
    };
}
use float_binary;
