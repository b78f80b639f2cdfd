//! Transcendental functions over slices of f32, eight or sixteen elements at a time.
//!
//! Each file writes one function of one number without branches, as `lane`, and the compiler makes vector loops of
//! it for each CPU level; fused kernels inline the same `lane`. All steps are IEEE operations in a fixed order, fused
//! where written so, so every level gives the same bits. The polynomials are minimax fits of our own (Remez) in the
//! relative error of the result. Errors are stated in ULP of the result against the exact value, and tests sweep the
//! range for them.

pub(crate) mod arcs;
pub(crate) mod cbrt;
pub(crate) mod erf;
pub(crate) mod erf_inv;
pub(crate) mod erfc;
pub(crate) mod exp;
pub(crate) mod expm1;
pub(crate) mod hyperbolic;
pub(crate) mod lgamma;
pub(crate) mod log;
pub(crate) mod log1p;
pub(crate) mod power;
pub(crate) mod sigmoid;
pub(crate) mod special;
pub(crate) mod tanh;
pub(crate) mod trig;
mod wide;
pub(crate) mod xla;

#[cfg(test)]
mod tests;

use super::cpu::multiversion;

macro_rules! over_slices {
    ($T:ident: $($(#[$meta:meta])* $name:ident = $lane:expr;)*) => {
        multiversion! {$(
            $(#[$meta])*
            ///
            /// The two slices have the same length.
            pub(crate) fn $name(x: &[$T], out: &mut [$T]) {
                assert_eq!(x.len(), out.len());
                for (out, x) in out.iter_mut().zip(x) {
                    *out = $lane(*x);
                }
            }
        )*}
    };
}

over_slices! {
    f32:
    /// e to the power of each element: see [`exp::lane`].
    exp = exp::lane;
    /// The natural logarithm of each element: see [`log::lane`].
    log = log::lane;
    /// The hyperbolic tangent of each element: see [`tanh::lane`].
    tanh = tanh::lane;
    /// The logistic function of each element: see [`sigmoid::lane`].
    sigmoid = sigmoid::lane;
    /// The error function of each element: see [`erf::lane`].
    erf = erf::lane;
    /// One less the error function of each element: see [`erfc::lane`].
    erfc = erfc::lane;
    /// The number whose error function each element is: see [`erf_inv::lane`].
    erf_inv = erf_inv::lane;
    /// The cube root of each element: see [`cbrt::lane`].
    cbrt = cbrt::lane;
    /// e to the power of each element, less 1: see [`expm1::lane`].
    expm1 = expm1::lane;
    /// The natural logarithm of 1 plus each element: see [`log1p::lane`].
    log1p = log1p::lane;
    /// The hyperbolic sine of each element: see [`hyperbolic::sinh_lane`].
    sinh = hyperbolic::sinh_lane;
    /// The hyperbolic cosine of each element: see [`hyperbolic::cosh_lane`].
    cosh = hyperbolic::cosh_lane;
    /// The arc sine of each element: see [`arcs::asin_lane`].
    asin = arcs::asin_lane;
    /// The arc cosine of each element: see [`arcs::acos_lane`].
    acos = arcs::acos_lane;
    /// The arc tangent of each element: see [`arcs::atan_lane`].
    atan = arcs::atan_lane;
    /// The number whose error function each element is, in XLA's steps: see [`xla::erf_inv`].
    xla_erf_inv = xla::erf_inv;
    /// The error function of each element, in XLA's steps: see [`xla::erf`].
    xla_erf = xla::erf;
    /// Less the natural logarithm of each element, in XLA's steps: see [`xla::log`].
    xla_neg_log = |x: f32| -xla::log(x);
    /// Less the natural logarithm of 1 less each element, in XLA's steps: see [`xla::log_1p`].
    xla_neg_log1p_neg = |x: f32| -xla::log_1p(-x);
}

over_slices! {
    f64:
    /// The number whose error function each element is, in XLA's steps: see [`xla::erf_inv_f64`].
    xla_erf_inv_f64 = xla::erf_inv_f64;
    /// Less the natural logarithm of 1 less each element, in XLA's steps: see [`xla::log_1p_f64`].
    xla_neg_log1p_neg_f64 = |x: f64| -xla::log_1p_f64(-x);
}

macro_rules! over_pairs {
    ($($(#[$meta:meta])* $name:ident = $lane:expr;)*) => {
        multiversion! {$(
            $(#[$meta])*
            ///
            /// The slices have the same length.
            pub(crate) fn $name(x: &[f32], y: &[f32], out: &mut [f32]) {
                assert!(x.len() == out.len() && y.len() == out.len());
                for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
                    *out = $lane(*x, *y);
                }
            }
        )*}
    };
}

over_pairs! {
    /// Each element of the first to the power of the second's: see [`power::lane`].
    pow = power::lane;
    /// The angle of each point, its height first: see [`arcs::atan2_lane`].
    atan2 = arcs::atan2_lane;
    /// ln (e^x + e^y) of each pair: see [`log1p::logaddexp_lane`].
    logaddexp = log1p::logaddexp_lane;
}

/// Elements that [`sin`], [`cos`] and [`tan`] look at before they choose the vector loop for them.
const CHUNK: usize = 64;

macro_rules! trigonometric {
    ($($(#[$meta:meta])* $name:ident = $lane:expr, $far:expr;)*) => {
        multiversion! {$(
            $(#[$meta])*
            ///
            /// The two slices have the same length.
            pub(crate) fn $name(x: &[f32], out: &mut [f32]) {
                assert_eq!(x.len(), out.len());
                for (out, x) in out.chunks_mut(CHUNK).zip(x.chunks(CHUNK)) {
                    let far = x.iter().fold(false, |far, x| far | (x.abs() > trig::REACH));
                    for (out, x) in out.iter_mut().zip(x) {
                        *out = $lane(*x);
                    }
                    if far {
                        for (out, x) in out.iter_mut().zip(x).filter(|(_, x)| x.abs() > trig::REACH) {
                            *out = $far(*x);
                        }
                    }
                }
            }
        )*}
    };
}

trigonometric! {
    /// The sine of each element, an angle in radians: see [`trig::sin_lane`]. Beyond its reach, the standard
    /// library's.
    sin = trig::sin_lane, f32::sin;
    /// The cosine of each element, an angle in radians: see [`trig::cos_lane`]. Beyond its reach, the standard
    /// library's.
    cos = trig::cos_lane, f32::cos;
    /// The tangent of each element, an angle in radians: see [`trig::tan_lane`]. Beyond its reach, the standard
    /// library's.
    tan = trig::tan_lane, f32::tan;
}
