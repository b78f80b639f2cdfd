//! The running softmax: weights below the largest score so far, and what is to be done to those before.

use crate::array::kernels::cpu::multiversion;
use crate::array::kernels::math::exp;

/// Partial sums of a row.
const LANES: usize = 16;

#[inline(always)]
fn joined(mut lanes: [f32; LANES], join: impl Fn(f32, f32) -> f32) -> f32 {
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            lanes[lane] = join(lanes[lane], lanes[lane + half]);
        }
    }
    lanes[0]
}

#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if (b > a) | b.is_nan() { b } else { a }
}

multiversion! {
    /// Turns rows of scores into weights below the largest score of their query, which `tops` holds, and adds the weights
    /// to `totals`; `factors` is what weights of before are to be multiplied by.
    pub(super) fn update(scores: &mut [f32], tops: &mut [f32], totals: &mut [f32], factors: &mut [f32]) {
        let each = scores.len() / tops.len();
        for (((row, top), total), factor) in
            scores.chunks_exact_mut(each).zip(tops).zip(totals).zip(factors)
        {
            let mut lanes = [f32::NEG_INFINITY; LANES];
            let (groups, rest) = row.as_chunks::<LANES>();
            for group in groups {
                for (lane, &score) in lanes.iter_mut().zip(group) {
                    *lane = larger(*lane, score);
                }
            }
            for (lane, &score) in lanes.iter_mut().zip(rest) {
                *lane = larger(*lane, score);
            }
            let new = larger(*top, joined(lanes, larger));
            // Below minus infinity there is nothing to measure from; such weights are 0.
            let base = if new == f32::NEG_INFINITY { 0.0 } else { new };
            *factor = exp::lane(*top - base);
            *top = new;
            let mut lanes = [0.0; LANES];
            let (groups, rest) = row.as_chunks_mut::<LANES>();
            for group in groups {
                for (lane, score) in lanes.iter_mut().zip(group) {
                    *score = exp::lane(*score - base);
                    *lane += *score;
                }
            }
            for (lane, score) in lanes.iter_mut().zip(rest) {
                *score = exp::lane(*score - base);
                *lane += *score;
            }
            *total = total.mul_add(*factor, joined(lanes, |a, b| a + b));
        }
    }

    /// `sums * factor + part`, row by row.
    pub(super) fn add(sums: &mut [f32], part: &[f32], factors: &[f32]) {
        let each = sums.len() / factors.len();
        for ((sums, part), &factor) in sums.chunks_exact_mut(each).zip(part.chunks_exact(each)).zip(factors) {
            for (sum, &part) in sums.iter_mut().zip(part) {
                *sum = sum.mul_add(factor, part);
            }
        }
    }

    /// Divides each row by its total. A query whose scores are all minus infinity has no weights, as in a softmax.
    pub(super) fn finish(sums: &mut [f32], tops: &[f32], totals: &[f32]) {
        let each = sums.len() / tops.len();
        for ((sums, &top), &total) in sums.chunks_exact_mut(each).zip(tops).zip(totals) {
            let total = if top == f32::NEG_INFINITY { f32::NAN } else { total };
            sums.iter_mut().for_each(|sum| *sum /= total);
        }
    }
}
