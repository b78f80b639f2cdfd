//! Functions without a vector loop: the inverse of the error function in f64, and the derivatives of ln Γ.
//!
//! Computed in f64, one element at a time, within 1e-15 of the result (of 1, where digamma is smaller; below 0 within
//! 5e-15 for the derivative of trigamma); derivatives of ln Γ in f32 pass through it, and are within 0.6 ULP.
//! `tests/numerics/special.rs` holds them to that. Γ's derivatives rest on two
//! classical facts: the recurrence in x, which carries an argument up to where the asymptotic series of Euler and
//! Maclaurin has full precision, and the reflection for negative arguments (Abramowitz and Stegun, 6.3 and 6.4).

use std::f64::consts::PI;

/// The number whose error function is `p`: ±∞ at ±1, NaN outside.
pub(crate) fn erf_inv(p: f64) -> f64 {
    let a = p.abs();
    if a.is_nan() || a > 1.0 {
        return f64::NAN;
    }
    if a == 1.0 {
        return f64::INFINITY.copysign(p);
    }
    if a < 1e-8 {
        return p * PI.sqrt() / 2.0;
    }
    // Winitzki's estimate, within 0.4 %, then two steps of Halley's method, each of which triples the digits. In
    // the tail erfc is compared, for there erf has lost the digits that count.
    let log = (-a * a).ln_1p();
    let half = 2.0 / (PI * 0.147) + 0.5 * log;
    let mut x = ((half * half - log / 0.147).sqrt() - half).sqrt();
    for _ in 0..3 {
        let error = if a < 0.5 { libm::erf(x) - a } else { (1.0 - a) - libm::erfc(x) };
        let step = error / (std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp());
        x -= step / (1.0 + x * step);
    }
    x.copysign(p)
}

/// Bernoulli numbers B2, B4, ….
const BERNOULLI: [f64; 9] = [
    1.0 / 6.0,
    -1.0 / 30.0,
    1.0 / 42.0,
    -1.0 / 30.0,
    5.0 / 66.0,
    -691.0 / 2730.0,
    7.0 / 6.0,
    -3617.0 / 510.0,
    43867.0 / 798.0,
];

/// The derivative of order `order + 1` of ln Γ at x: digamma for 0, trigamma for 1. At the poles ∞ where it goes there
/// from both sides (trigamma), else NaN (digamma).
pub(crate) fn polygamma(order: u32, x: f64) -> f64 {
    if x.is_nan() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    let is_pole = x <= 0.0 && x == x.floor();
    // Near the multiples of π, a function of the fraction is exact where that of the whole is not.
    let angle = PI * (x - x.round());
    match order {
        _ if is_pole && order.is_multiple_of(2) => f64::NAN,
        _ if is_pole => f64::INFINITY,
        0 if x < 0.5 => polygamma(0, 1.0 - x) - PI / angle.tan(),
        1 if x < 0.5 => (PI / angle.sin()).powi(2) - polygamma(1, 1.0 - x),
        _ if x <= 0.0 => {
            let mirrored = right_half(order, 1.0 - x);
            let sign = if order.is_multiple_of(2) { 1.0 } else { -1.0 };
            sign * mirrored - PI * cotangent_slope(order, x - x.round())
        }
        _ => right_half(order, x),
    }
}

/// The derivative of that order of `cot(πx)`, for x from -1/2 to 1/2: a polynomial in `c = cot(πx)`, since the first
/// derivative is `-π (1 + c²)`.
fn cotangent_slope(order: u32, x: f64) -> f64 {
    // Near its zeros the cotangent is a tangent, of a distance that is exact.
    let c = if x.abs() > 0.25 { (PI * (0.5f64.copysign(x) - x)).tan() } else { (PI * x).tan().recip() };
    // From the constant upwards.
    let mut coefficients = vec![0.0, 1.0];
    for _ in 0..order {
        let slope: Vec<f64> = (1..).zip(&coefficients[1..]).map(|(power, a)| f64::from(power) * a).collect();
        coefficients = vec![0.0; slope.len() + 2];
        for (power, a) in slope.into_iter().enumerate() {
            coefficients[power] -= PI * a;
            coefficients[power + 2] -= PI * a;
        }
    }
    coefficients.iter().rev().fold(0.0, |sum, a| sum * c + a)
}

/// [`polygamma`] for x > 0.
fn right_half(order: u32, x: f64) -> f64 {
    let n = f64::from(order);
    let enough = 12.0 + n;
    let (mut sum, mut x) = (0.0, x);
    // At most `enough` turns, and orders are as many as derivatives that were taken.
    while x < enough {
        sum += power(x, order + 1);
        x += 1.0;
    }
    // With s = n + 1: Σ 1/(x+k)^s = 1/(n x^n) + 1/(2 x^s) + Σ B_2j s(s+1)…(s+2j-2) / (2j)! / x^(s+2j-1).
    let tail = if order == 0 { -x.ln() } else { power(x, order) / n };
    sum += tail + 0.5 * power(x, order + 1);
    let mut rising = (n + 1.0) / 2.0;
    let mut fall = power(x, order + 2);
    for (j, bernoulli) in (1..).zip(BERNOULLI) {
        sum += bernoulli * rising * fall;
        let j = 2.0 * f64::from(j);
        rising *= (n + j) * (n + j + 1.0) / ((j + 1.0) * (j + 2.0));
        fall /= x * x;
    }
    let factorial: f64 = (1..=order).map(f64::from).product();
    if order.is_multiple_of(2) { -sum * factorial } else { sum * factorial }
}

/// `1 / x^n`
fn power(x: f64, n: u32) -> f64 {
    x.powi(-i32::try_from(n).unwrap_or(i32::MAX))
}
