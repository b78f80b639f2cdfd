//! Samples of the common distributions, each from one random word.
//!
//! The steps and their precision are those of `jax.random` in f32; a reader who looks for a cleverer method will
//! find one, but not one that starts a model from the same weights.

use std::f32::consts::SQRT_2;

use super::Key;
use super::float::{erf, erf_inv, fused, log};
use crate::error::{Report, Result};

/// The first f32 above -1, where the uniform numbers behind normal ones begin: at -1 itself lies minus infinity.
const ABOVE_MINUS_ONE: f32 = -1.0 + f32::EPSILON / 2.0;

/// A number in [0, 1) from 23 random bits: the mantissa of a number in [1, 2).
#[inline(always)]
fn unit(bits: u32) -> f32 {
    f32::from_bits(bits >> 9 | 1.0f32.to_bits()) - 1.0
}

/// A number in [low, low + width), one rounding; rounding must not take it below `low`.
#[inline(always)]
fn within(bits: u32, low: f32, width: f32) -> f32 {
    fused(unit(bits), width, low).max(low)
}

impl Key {
    /// `count` numbers spread evenly over [0, 1).
    pub fn uniform(self, count: usize) -> Vec<f32> {
        self.map_bits(count, unit)
    }

    /// `count` numbers spread evenly over [low, high). Where `high` is not above `low`, all are `low`.
    pub fn uniform_range(self, count: usize, low: f32, high: f32) -> Vec<f32> {
        let width = high - low;
        self.map_bits(count, |bits| within(bits, low, width))
    }

    /// `count` numbers of the normal distribution with mean 0 and variance 1.
    pub fn normal(self, count: usize) -> Vec<f32> {
        self.map_bits(count, |bits| SQRT_2 * erf_inv(within(bits, ABOVE_MINUS_ONE, 2.0)))
    }

    /// `count` numbers of the normal distribution, given that they lie between `low` and `high`.
    pub fn truncated_normal(self, count: usize, low: f32, high: f32) -> Vec<f32> {
        let (from, to) = (erf(low / SQRT_2), erf(high / SQRT_2));
        let (least, most) = (low.next_up(), high.next_down());
        let width = to - from;
        self.map_bits(count, |bits| (SQRT_2 * erf_inv(within(bits, from, width))).max(least).min(most))
    }

    /// `count` numbers of the Gumbel distribution: `argmax(gumbel + logits)` is a sample of `softmax(logits)`.
    pub fn gumbel(self, count: usize) -> Vec<f32> {
        self.map_bits(count, |bits| -log(-log(within(bits, f32::MIN_POSITIVE, 1.0))))
    }

    /// One of the classes `0..logits.len()`, each with probability `softmax(logits)`.
    ///
    /// # Errors
    /// There are no classes, or a logit is not a number.
    ///
    /// ```
    /// use pz::random::Key;
    /// assert_eq!(Key::new(1).categorical(&[0.0, 1.0, 2.0])?, 2);
    /// assert_eq!(Key::new(1).categorical(&[0.0, f32::NEG_INFINITY])?, 0);
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn categorical(self, logits: &[f32]) -> Result<usize> {
        if let Some(class) = logits.iter().position(|logit| logit.is_nan()) {
            let problem = format!("the logit of class {class} of {} is not a number (NaN)", logits.len());
            return Err(Report::new("Key::categorical", problem).value());
        }
        let noise = self.gumbel(logits.len());
        let scores = noise.iter().zip(logits).map(|(noise, logit)| noise + logit).enumerate();
        // The first of equal scores wins, as in an argmax.
        let best = scores.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|(class, _)| class).ok_or_else(|| {
            let problem = "found no logits, and a sample needs at least one class";
            Report::new("Key::categorical", problem).help("give one logit for each class").value()
        })
    }
}
