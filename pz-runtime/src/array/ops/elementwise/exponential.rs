//! Exponentials, logarithms, powers and roots of floats.
//!
//! For `f32` they are the vectorised kernels of `kernels::math`, whose docs state their error; for `f64` they are the
//! standard library's.

use super::{both, float_binary, float_unary, one};
use crate::array::Array;
use crate::array::kernels::block::{Slice, SliceMut};
use crate::array::kernels::{loops, math};
use crate::array::ops::infer;
use crate::array::primitive::{Derivative, Kernel, Primitive};
use crate::error::Result;

float_unary!(
    /// `e^x`.
    EXP, "exp", math::exp, f64::exp,
    Derivative::Rule(|b| one(b.cotangent.mul(b.output)))
);
float_unary!(
    /// `e^x - 1`, precise near 0.
    EXPM1, "expm1", math::expm1, f64::exp_m1,
    Derivative::Rule(|b| one(b.cotangent.mul(&plus_one(b.output)?)))
);
float_unary!(
    /// Natural logarithm.
    LOG, "log", math::log, f64::ln,
    Derivative::Rule(|b| one(b.cotangent.div(&b.inputs[0])))
);
float_unary!(
    /// Natural logarithm of `1 + x`, precise near 0.
    LOG1P, "log1p", math::log1p, f64::ln_1p,
    Derivative::Rule(|b| one(b.cotangent.div(&plus_one(&b.inputs[0])?)))
);
float_unary!(
    /// Square root.
    SQRT, "sqrt", |x: &[f32], out: &mut [f32]| loops::map(x, out, f32::sqrt), f64::sqrt,
    Derivative::Rule(|b| one(b.cotangent.mul_scalar(0.5)?.div(b.output)))
);
float_unary!(
    /// `1 / sqrt(x)`, within 1.5 ULP: both steps round.
    RSQRT, "rsqrt", |x: &[f32], out: &mut [f32]| loops::map(x, out, |x| 1.0 / x.sqrt()), |x: f64| 1.0 / x.sqrt(),
    Derivative::Rule(|b| one(b.cotangent.mul(&b.output.div(&b.inputs[0])?)?.mul_scalar(-0.5)))
);
float_unary!(
    /// The cube root, of negative numbers too.
    CBRT, "cbrt", math::cbrt, f64::cbrt,
    Derivative::Rule(|b| {
        // As a square of the reciprocal, whose own derivative at 0 and at infinity is no product of 0 and infinity.
        let reciprocal = b.output.full_like(1.0)?.div(b.output)?;
        one(b.cotangent.mul(&reciprocal.mul(&reciprocal)?.mul_scalar(1.0 / 3.0)?))
    })
);
float_unary!(
    /// The logistic function, `1 / (1 + e^-x)`.
    SIGMOID, "sigmoid", math::sigmoid, |x: f64| 1.0 / (1.0 + (-x).exp()),
    Derivative::Rule(|b| {
        // `1 - y` is exact near 1, where `y - y²` would lose digits.
        let rest = b.output.full_like(1.0)?.sub(b.output)?;
        one(b.cotangent.mul(&b.output.mul(&rest)?))
    })
);
float_binary!(
    /// `x ^ y`.
    POW, "pow", math::pow, f64::powf,
    Derivative::Rule(|b| {
        let (x, y) = (&b.inputs[0], &b.inputs[1]);
        let ones = y.full_like(1.0)?;
        let left = b.cotangent.mul(&y.mul(&x.pow(&y.sub(&ones)?)?)?);
        // As in JAX, log x is taken as 0 where x is 0.
        let log = x.equal(&x.full_like(0.0)?)?.select(&ones, x)?.log()?;
        both(left, b.cotangent.mul(&log.mul(b.output)?))
    })
);
float_binary!(
    /// `ln(e^x + e^y)` without overflow.
    LOGADDEXP, "logaddexp", math::logaddexp, logaddexp,
    Derivative::Rule(|b| {
        let gap = gap(&b.inputs[0], &b.inputs[1])?;
        both(b.cotangent.mul(&gap.sigmoid()?), b.cotangent.mul(&gap.neg()?.sigmoid()?))
    })
);

fn logaddexp(x: f64, y: f64) -> f64 {
    match x.partial_cmp(&y) {
        None => f64::NAN,
        // Equal infinities have no difference.
        Some(std::cmp::Ordering::Equal) => x + std::f64::consts::LN_2,
        Some(_) => x.max(y) + (-(x - y).abs()).exp().ln_1p(),
    }
}

/// `x - y`, and 0 where both are the same infinity.
pub(crate) fn gap(x: &Array, y: &Array) -> Result<Array> {
    // Other equals keep their difference, through which derivatives pass.
    let infinite = x.full_like(f64::INFINITY)?.equal(&x.abs()?)?;
    infinite.and(&x.equal(y)?)?.select(&x.full_like(0.0)?, &x.sub(y)?)
}

fn plus_one(x: &Array) -> Result<Array> {
    x.add(&x.full_like(1.0)?)
}
