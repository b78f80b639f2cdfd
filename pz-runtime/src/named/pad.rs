//! Elements around an array, along axes by name or position: one value, or what the array itself has near its edges.
//!
//! A constant is one primitive, and its axes may have numbers below 0, which cut off. The other modes read the array
//! at places that are known now, so they are gathers.

use super::arithmetic::{Operand, one_number};
use super::{Axis, NamedArray};
use crate::array::layout::Dims;
use crate::array::params::{Beyond, Padding};
use crate::array::storage::has_room;
use crate::array::{Array, DType, caller};
use crate::error::{Report, Result};

/// How many elements are added along an axis: `(before, after)`, or `(before, after, between neighbours)`. The first
/// two may be below 0: so many are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pad {
    /// Before the first.
    pub low: isize,
    /// After the last.
    pub high: isize,
    /// Between any two neighbours.
    pub interior: usize,
}

impl From<(isize, isize)> for Pad {
    fn from((low, high): (isize, isize)) -> Self {
        Pad { low, high, interior: 0 }
    }
}

impl From<(isize, isize, usize)> for Pad {
    fn from((low, high, interior): (isize, isize, usize)) -> Self {
        Pad { low, high, interior }
    }
}

/// What is around an array, where it is taken from the array itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PadMode {
    /// The element at the edge: `a a | a b c | c c`.
    Edge,
    /// The array mirrored at its edge element: `c b | a b c | b a`.
    Reflect,
    /// The array mirrored beside its edge element: `b a | a b c | c b`.
    Symmetric,
    /// The array again: `b c | a b c | a b`.
    Wrap,
}

impl PadMode {
    /// The place that stands for `at`, which may lie outside of an axis of `size`, which is not 0.
    fn place(self, at: i64, size: i64) -> i64 {
        let mirrored = |at: i64, period: i64, last: i64| {
            let at = at.rem_euclid(period);
            if at > last { period - at } else { at }
        };
        match self {
            PadMode::Edge => at.clamp(0, size - 1),
            PadMode::Wrap => at.rem_euclid(size),
            PadMode::Reflect if size == 1 => 0,
            PadMode::Reflect => mirrored(at, 2 * (size - 1), size - 1),
            PadMode::Symmetric => {
                let at = at.rem_euclid(2 * size);
                if at >= size { 2 * size - 1 - at } else { at }
            }
        }
    }
}

impl NamedArray {
    /// The array with `value` around, as many elements along each axis as is said.
    ///
    /// # Errors
    /// An axis is not there, or has fewer elements than are cut off; the value has axes, or is of a higher kind than
    /// the array.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3], [("a", 3)])?;
    /// assert_eq!(x.pad([("a", (2, 1))], 0)?.to_vec::<i32>()?, [0, 0, 1, 2, 3, 0]);
    /// assert_eq!(x.pad([("a", (-1, 0, 1))], 9)?.to_vec::<i32>()?, [9, 2, 9, 3]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn pad<N: Into<Axis>, P: Into<Pad>>(
        &self,
        pads: impl IntoIterator<Item = (N, P)>,
        value: impl Into<Operand>,
    ) -> Result<NamedArray> {
        let _call = caller::enter("pad");
        let (axes, pads) = self.paddings("pad", pads)?;
        let value = one_number("pad", value.into(), self.dtype())?;
        let mut all = vec![Padding::default(); self.roles.len()];
        let mut problems = Vec::new();
        for (&axis, &Pad { low, high, interior }) in axes.iter().zip(&pads) {
            all[axis] = Padding { low, high, interior };
            let size = self.array.dims()[axis];
            let grown = size as i128 + size.saturating_sub(1) as i128 * interior as i128;
            let len = grown + low as i128 + high as i128;
            if len > isize::MAX as i128 {
                let role = self.roles[axis];
                problems
                    .push(format!("the axis `{role:?}` of size {size} would have {len} elements, too many"));
            }
            if len < 0 {
                let role = self.roles[axis];
                problems.push(format!(
                    "{low} before and {high} after were asked for along `{role:?}`, which has {grown} elements"
                ));
            }
        }
        match Report::of("pad", problems) {
            Some(report) => {
                Err(report.help("add no more than memory holds, and cut off no more than there is").shape())
            }
            None if value.roles.is_empty() => {
                NamedArray::result(self.array.pad(&all, &value.array)?, self.roles.clone())
            }
            // Under `nmap`, a value for each slice.
            None => {
                let padded = |array: &Array| {
                    let around = Array::full_of(Array::scalar(false).cast(array.dtype())?, &[])?;
                    NamedArray::result(array.pad(&all, &around)?, self.roles.clone())
                };
                let inside = padded(&Array::full(1.0, self.array.dims(), DType::Bool)?)?;
                inside.select(padded(&self.array)?, value)?.in_order_of(&padded(&self.array)?)
            }
        }
    }

    /// The array with elements of itself around, as numpy's `pad` modes of the same names.
    ///
    /// # Errors
    /// An axis is not there, or has size 0; a number is below 0, or is given for between neighbours.
    ///
    /// ```
    /// use pz::{NamedArray, named::PadMode};
    /// let x = NamedArray::from_vec(vec![1, 2, 3], [("a", 3)])?;
    /// assert_eq!(x.pad_by(PadMode::Reflect, [("a", (2, 1))])?.to_vec::<i32>()?, [3, 2, 1, 2, 3, 2]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn pad_by<N: Into<Axis>, P: Into<Pad>>(
        &self,
        mode: PadMode,
        pads: impl IntoIterator<Item = (N, P)>,
    ) -> Result<NamedArray> {
        let _call = caller::enter("pad_by");
        let (axes, pads) = self.paddings("pad_by", pads)?;
        let mut problems = Vec::new();
        for (&axis, pad) in axes.iter().zip(&pads) {
            let role = self.roles[axis];
            if pad.low < 0 || pad.high < 0 || pad.interior > 0 {
                problems.push(format!("{pad:?} along `{role:?}` is no number of elements before and after"));
            }
            if self.array.dims()[axis] == 0 && (pad.low, pad.high) != (0, 0) {
                problems.push(format!("the axis `{role:?}` has size 0, so there is nothing to repeat"));
            }
        }
        if let Some(report) = Report::of("pad_by", problems) {
            return Err(report.help("`x.pad` puts one value around, and cuts off").shape());
        }
        let padded = axes
            .iter()
            .zip(&pads)
            .try_fold(self.clone(), |array, (&axis, pad)| array.pad_one(mode, axis, *pad))?;
        NamedArray::result(padded.array, padded.roles)
    }

    fn pad_one(&self, mode: PadMode, axis: usize, pad: Pad) -> Result<NamedArray> {
        if (pad.low, pad.high) == (0, 0) {
            return Ok(self.clone());
        }
        let size = self.array.dims()[axis];
        let len = size.saturating_add(pad.low.unsigned_abs()).saturating_add(pad.high.unsigned_abs());
        has_room("pad_by", &[len], DType::I64)?;
        let places = (0..len as i64).map(|at| mode.place(at - pad.low as i64, size as i64));
        let places = Array::from_vec(places.collect::<Vec<i64>>(), &[len]);
        let array = self.array.gather(&[axis], Beyond::Clip, &[&places])?;
        // The padded axis came first; back to its place.
        let order: Dims = (1..=axis).chain([0]).chain(axis + 1..self.roles.len()).collect();
        Ok(NamedArray::new(array.permute(&order)?, self.roles.clone()))
    }

    fn paddings<N: Into<Axis>, P: Into<Pad>>(
        &self,
        op: &str,
        pads: impl IntoIterator<Item = (N, P)>,
    ) -> Result<(Vec<usize>, Vec<Pad>)> {
        let (names, pads): (Vec<Axis>, Vec<Pad>) =
            pads.into_iter().map(|(name, pad)| (name.into(), pad.into())).unzip();
        Ok((self.numbers(op, &names)?.to_vec(), pads))
    }
}
