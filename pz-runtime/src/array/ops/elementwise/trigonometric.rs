//! Functions of angles in radians, and angles from their functions.

use super::{both, float_binary, float_unary, one};
use crate::array::Array;
use crate::array::kernels::block::{Slice, SliceMut};
use crate::array::kernels::{loops, math};
use crate::array::ops::infer;
use crate::array::primitive::{Derivative, Kernel, Primitive};
use crate::error::Result;

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
    /// Tangent of radians.
    TAN, "tan", math::tan, f64::tan,
    Derivative::Rule(|b| {
        let square = b.output.mul(b.output)?;
        one(b.cotangent.mul(&square.add(&square.full_like(1.0)?)?))
    })
);
float_unary!(
    /// Arc sine in radians.
    ASIN, "asin", math::asin, f64::asin,
    Derivative::Rule(|b| one(b.cotangent.mul(&one_less_square(&b.inputs[0])?.rsqrt()?)))
);
float_unary!(
    /// Arc cosine in radians.
    ACOS, "acos", math::acos, f64::acos,
    Derivative::Rule(|b| one(b.cotangent.mul(&one_less_square(&b.inputs[0])?.rsqrt()?)?.neg()))
);
float_unary!(
    /// Arc tangent in radians.
    ATAN, "atan", math::atan, f64::atan,
    Derivative::Rule(|b| {
        let square = b.inputs[0].mul(&b.inputs[0])?;
        one(b.cotangent.div(&square.add(&square.full_like(1.0)?)?))
    })
);
float_binary!(
    /// The angle in radians of the point whose height is the first operand, and whose width is the second.
    ATAN2, "atan2", math::atan2, f64::atan2,
    Derivative::Rule(|b| {
        let (y, x) = (&b.inputs[0], &b.inputs[1]);
        let over_square = b.cotangent.div(&x.mul(x)?.add(&y.mul(y)?)?)?;
        both(over_square.mul(x), over_square.mul(y)?.neg())
    })
);

/// `1 - x²`, whose value and whose derivative do not cancel: as a product near 1, where a square would have been
/// rounded, else as a difference. At 1 itself the difference is exact, and its derivative no product with 0.
fn one_less_square(x: &Array) -> Result<Array> {
    let (ones, size) = (x.full_like(1.0)?, x.abs()?);
    let is_near = x.full_like(0.5)?.less(&size)?.and(&size.less(&ones)?)?;
    let product = ones.sub(x)?.mul(&ones.add(x)?)?;
    is_near.select(&product, &ones.sub(&x.mul(x)?)?)
}
