//! Activation functions, as composites: their derivatives follow.
//!
//! Values and derivatives are those of `jax.nn`, at kinks too. Where a branch could overflow, its operand is replaced
//! where the other branch is taken, so that no NaN leaks through the derivative.

use super::NamedArray;
use super::elementwise::unary_methods;
use crate::array::{Array, caller};
use crate::error::Result;

/// `x` where it is greater than 0, else `otherwise` of what is not.
fn above_zero(x: &Array, otherwise: impl FnOnce(&Array) -> Result<Array>) -> Result<Array> {
    let zero = x.full_like(0.0)?;
    let above = zero.less(x)?;
    let rest = above.select(&zero, x)?;
    above.select(x, &otherwise(&rest)?)
}

unary_methods! {
    /// The logistic function, `1 / (1 + e^-x)`.
    sigmoid unary_float Array::sigmoid;
    /// `x · sigmoid(x)`, also known as swish.
    silu unary_float |x| x.mul(&x.sigmoid()?);
    /// `max(x, 0)`; NaN stays. Its derivative at 0 and at NaN is 0.
    relu unary_number Array::relu;
    /// `min(max(x, 0), 6)`; NaN stays. Its derivative at 0, at 6 and at NaN is 0.
    relu6 unary_float |x| {
        let (low, high) = (x.full_like(0.0)?, x.full_like(6.0)?);
        let is_inside = low.less(x)?.and(&x.less(&high)?)?;
        is_inside.select(x, &x.stop_gradient()?.maximum(&low)?.minimum(&high)?)
    };
    /// The scaled exponential linear unit, `λ x` above 0 and `λ α (e^x - 1)` below, whose constants keep mean and
    /// variance (Klambauer et al., 2017).
    selu unary_float |x| {
        const ALPHA: f64 = 1.673_263_242_354_377_2;
        const LAMBDA: f64 = 1.050_700_987_355_480_5;
        above_zero(x, |rest| rest.expm1()?.mul_scalar(ALPHA))?.mul_scalar(LAMBDA)
    };
    /// `ln(1 + e^x)`, without overflow.
    softplus unary_float |x| x.logaddexp(&x.full_like(0.0)?);
    /// `ln(sigmoid(x))`, without underflow.
    log_sigmoid unary_float |x| x.neg()?.logaddexp(&x.full_like(0.0)?)?.neg();
    /// `x` between -1 and 1, which it does not pass. Its derivative at both is 1.
    hard_tanh unary_number |x| {
        let (low, high) = (x.full_like(-1.0)?, x.full_like(1.0)?);
        let bounded = x.less(&low)?.select(&low, x)?;
        high.less(x)?.select(&high, &bounded)
    };
    /// The Gaussian error linear unit by its tanh approximation,
    /// `x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))` (Hendrycks and Gimpel, 2016).
    gelu unary_float |x| {
        let inner = x.add(&x.mul(x)?.mul(x)?.mul_scalar(0.044_715)?)?;
        let tanh = inner.mul_scalar((2.0 / std::f64::consts::PI).sqrt())?.tanh()?;
        x.mul_scalar(0.5)?.mul(&tanh.add(&x.full_like(1.0)?)?)
    };
    /// The Gaussian error linear unit, `x/2 · erfc(-x/√2)`.
    gelu_exact unary_float |x| {
        let erfc = x.mul_scalar(-std::f64::consts::FRAC_1_SQRT_2)?.erfc()?;
        x.mul_scalar(0.5)?.mul(&erfc)
    };
}

impl NamedArray {
    /// `x`, and below 0 `slope · x`. Its derivative at 0 is 1.
    ///
    /// # Errors
    /// None today; the result says so for dtypes to come.
    #[track_caller]
    pub fn leaky_relu(&self, slope: f64) -> Result<NamedArray> {
        let _call = caller::enter("leaky_relu");
        self.unary_float(|x| x.full_like(0.0)?.less_equal(x)?.select(x, &x.mul_scalar(slope)?))
    }

    /// The exponential linear unit: `x`, and below 0 `alpha · (e^x - 1)`.
    ///
    /// # Errors
    /// None today; the result says so for dtypes to come.
    #[track_caller]
    pub fn elu(&self, alpha: f64) -> Result<NamedArray> {
        let _call = caller::enter("elu");
        self.unary_float(|x| above_zero(x, |rest| rest.expm1()?.mul_scalar(alpha)))
    }

    /// The continuously differentiable exponential linear unit: `x`, and below 0 `alpha · (e^(x/alpha) - 1)`.
    ///
    /// # Errors
    /// None today; the result says so for dtypes to come.
    #[track_caller]
    pub fn celu(&self, alpha: f64) -> Result<NamedArray> {
        let _call = caller::enter("celu");
        self.unary_float(|x| {
            above_zero(x, |rest| rest.div(&rest.full_like(alpha)?)?.expm1()?.mul_scalar(alpha))
        })
    }
}
