//! Transcendental functions over slices of f32, eight or sixteen elements at a time.
//!
//! Each file writes one function of one number without branches, as `lane`, and the compiler makes vector loops of
//! it for each CPU level; fused kernels inline the same `lane`. All steps are IEEE operations in a fixed order, fused
//! where written so, so every level gives the same bits. The polynomials are minimax fits of our own (Remez) in the
//! relative error of the result. Errors are stated in ULP of the result against the exact value, and tests sweep the
//! range for them.

pub(crate) mod erf;
pub(crate) mod exp;
pub(crate) mod log;
pub(crate) mod sigmoid;
pub(crate) mod tanh;
pub(crate) mod trig;

#[cfg(test)]
mod tests;

use super::cpu::multiversion;

macro_rules! over_slices {
    ($($(#[$meta:meta])* $name:ident = $lane:expr;)*) => {
        multiversion! {$(
            $(#[$meta])*
            ///
            /// The two slices have the same length.
            pub(crate) fn $name(x: &[f32], out: &mut [f32]) {
                assert_eq!(x.len(), out.len());
                for (out, x) in out.iter_mut().zip(x) {
                    *out = $lane(*x);
                }
            }
        )*}
    };
}

over_slices! {
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
}

/// Elements that [`sin`] and [`cos`] look at before they choose the vector loop for them.
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
}
