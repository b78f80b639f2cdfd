//! The derivative of running maxima and minima along an axis.
//!
//! Who shares a cotangent among equals, and how, JAX says by the way in which it computes when it differentiates: the
//! extremes of neighbours in pairs are an axis of half the length, whose running extremes are found in the same way
//! and stand at the odd places; at an even place it is the extreme of the one before and of its own element. Each of
//! these pairs shares evenly where it is equal. Here the cotangent goes that way back: all running extremes are known,
//! so there are as many rounds as the length can be halved, each of a few operations on half as much as the last.

use super::elementwise::arithmetic::shares_of_extreme;
use crate::array::Array;
use crate::array::params::Padding;
use crate::array::primitive::Backward;
use crate::error::Result;

/// The cotangent of the elements, where `of_pair` says which of two is meant.
pub(super) fn backward(b: &Backward<'_>, of_pair: fn(&Array, &Array) -> Result<Array>) -> Result<Array> {
    let axis = b.params.axis();
    let (mut elements, mut running, mut cotangent) =
        (b.inputs[0].clone(), b.output.clone(), b.cotangent.clone());
    let mut rounds = Vec::new();
    while elements.dims()[axis] > 1 {
        let round = Round::new(axis, elements, of_pair)?;
        let (evens, odds) = round.apart(&running, &cotangent)?;
        (running, cotangent) = (every_other(&running, axis, 1)?, odds);
        elements = round.extremes.clone();
        rounds.push((round, evens));
    }
    rounds
        .into_iter()
        .rev()
        .try_fold(cotangent, |cotangent, (round, evens)| round.together(&cotangent, &evens))
}

/// Elements along an axis, and the extremes of their pairs.
struct Round {
    axis: usize,
    elements: Array,
    /// Of places 0 and 1, 2 and 3, and so on; half the length, rounded down.
    extremes: Array,
}

impl Round {
    fn new(axis: usize, elements: Array, of_pair: fn(&Array, &Array) -> Result<Array>) -> Result<Self> {
        let half = elements.dims()[axis] / 2;
        let (left, right) =
            (first(&every_other(&elements, axis, 0)?, axis, half)?, every_other(&elements, axis, 1)?);
        let extremes = of_pair(&left, &right)?;
        Ok(Round { axis, elements, extremes })
    }

    /// Of the cotangent of the running extremes: what goes to the elements at even places, and what to the running
    /// extremes of the pairs, which stand at odd places.
    fn apart(&self, running: &Array, cotangent: &Array) -> Result<(Array, Array)> {
        let axis = self.axis;
        let (own, odds) = (every_other(cotangent, axis, 0)?, every_other(cotangent, axis, 1)?);
        let later = own.dims()[axis] - 1;
        if later == 0 {
            return Ok((own, odds));
        }
        let from_second = |all: &Array| all.slice(axis, 1, 1, later);
        let before = first(&every_other(running, axis, 1)?, axis, later)?;
        let [to_before, to_own] = shares_of_extreme(
            &from_second(&own)?,
            &from_second(&every_other(running, axis, 0)?)?,
            [&before, &from_second(&every_other(&self.elements, axis, 0)?)?],
        )?;
        let evens = Array::concatenate(&[&own.slice(axis, 0, 1, 1)?, &to_own], axis)?;
        Ok((evens, odds.add(&longer(&to_before, axis, odds.dims()[axis])?)?))
    }

    /// The cotangent of the elements, of that of the pairs' extremes and of what has gone to those at even places.
    fn together(&self, cotangent: &Array, evens: &Array) -> Result<Array> {
        let axis = self.axis;
        let half = self.extremes.dims()[axis];
        let left = first(&every_other(&self.elements, axis, 0)?, axis, half)?;
        let right = every_other(&self.elements, axis, 1)?;
        let [left, right] = shares_of_extreme(cotangent, &self.extremes, [&left, &right])?;
        let evens = evens.add(&longer(&left, axis, evens.dims()[axis])?)?;
        let between = |first: usize, size: usize| Padding {
            low: first as isize,
            high: (self.elements.dims()[axis] - first - (2 * size - 1)) as isize,
            interior: 1,
        };
        let evens = evens.pad_axis(axis, between(0, evens.dims()[axis]))?;
        evens.add(&right.pad_axis(axis, between(1, half))?)
    }
}

/// The elements at every second place along an axis.
fn every_other(array: &Array, axis: usize, from: usize) -> Result<Array> {
    array.slice(axis, from, 2, (array.dims()[axis] - from).div_ceil(2))
}

fn first(array: &Array, axis: usize, count: usize) -> Result<Array> {
    array.slice(axis, 0, 1, count)
}

/// The array with zeros behind, up to a size.
fn longer(array: &Array, axis: usize, size: usize) -> Result<Array> {
    let more = size - array.dims()[axis];
    array.pad_axis(axis, Padding { low: 0, high: more as isize, interior: 0 })
}
