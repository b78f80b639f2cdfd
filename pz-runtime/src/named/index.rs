//! Parts of arrays by axis name: ranges and single places.
//!
//! A range and a place are known now, so these are views; where they are computed, [`At`](super::At) reads them, or a
//! [window](super::window_at).

use std::ops::{Bound, RangeBounds};

use super::{Axis, NamedArray};
use crate::array::caller;
use crate::error::{Report, Result};

impl NamedArray {
    /// The elements of a range along an axis. A view: nothing is copied.
    ///
    /// # Errors
    /// The axis is not there, or the range goes beyond it or backwards.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::arange("seq", 6);
    /// assert_eq!(x.slice("seq", 2..)?.to_vec::<i32>()?, [2, 3, 4, 5]);
    /// assert!(x.slice("seq", 4..8).is_err());
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn slice(&self, axis: impl Into<Axis>, range: impl RangeBounds<usize>) -> Result<NamedArray> {
        let _call = caller::enter("slice");
        let (axis, range) = self.range("slice", axis.into(), range)?;
        let array = self.array.slice(axis, range.start, 1, range.len())?;
        NamedArray::along(array, &self.roles, &[axis])
    }

    /// The elements at one place of an axis, which the result has no more. A view.
    ///
    /// # Errors
    /// The axis is not there, or the place is beyond it.
    #[track_caller]
    pub fn index(&self, axis: impl Into<Axis>, place: usize) -> Result<NamedArray> {
        let _call = caller::enter("index");
        let asked = axis.into();
        let axis = self.number("index", asked)?;
        let size = self.array.dims()[axis];
        if place >= size {
            let problem = format!("the place {place} was asked for, and the axis `{asked}` has size {size}");
            return Err(Report::new("index", problem).shape());
        }
        let array = self.array.slice(axis, place, 1, 1)?.reshape(&self.array.dims_without(&[axis]))?;
        let mut roles = self.roles.clone();
        roles.remove(axis);
        NamedArray::result(array, roles)
    }

    /// Every `step`-th element of a range along an axis; below 0, from the range's last element backwards. A view.
    ///
    /// What numpy writes `x[7:1:-2]` is `x.slice_by("a", 2..8, -2)`: elements 7, 5 and 3.
    ///
    /// # Errors
    /// As [`slice`](NamedArray::slice); the step is 0.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::arange("a", 9);
    /// assert_eq!(x.slice_by("a", 1.., 3)?.to_vec::<i32>()?, [1, 4, 7]);
    /// assert_eq!(x.slice_by("a", 2..8, -2)?.to_vec::<i32>()?, [7, 5, 3]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn slice_by(
        &self,
        axis: impl Into<Axis>,
        range: impl RangeBounds<usize>,
        step: isize,
    ) -> Result<NamedArray> {
        let _call = caller::enter("slice_by");
        let axis = axis.into();
        if step == 0 {
            return Err(Report::new("slice_by", format!("the step along `{axis}` is 0")).shape());
        }
        let (axis, range) = self.range("slice_by", axis, range)?;
        let count = range.len().div_ceil(step.unsigned_abs());
        let start = if step > 0 { range.start } else { range.end.saturating_sub(1) };
        // A single element has no step; a step beyond the axis would not be one.
        let step = if count > 1 { step } else { 1 };
        NamedArray::along(self.array.slice(axis, start.min(range.end), step, count)?, &self.roles, &[axis])
    }

    /// The number of an axis, and a range along it, judged.
    fn range(
        &self,
        op: &str,
        asked: Axis,
        range: impl RangeBounds<usize>,
    ) -> Result<(usize, std::ops::Range<usize>)> {
        let axis = self.number(op, asked)?;
        let size = self.array.dims()[axis];
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => last.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => size,
        };
        if start > end || end > size {
            let problem =
                format!("the range {start}..{end} was asked for, and the axis `{asked}` has size {size}");
            return Err(Report::new(op, problem).shape());
        }
        Ok((axis, start..end))
    }
}
