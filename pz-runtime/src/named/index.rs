//! Parts of arrays by axis name: ranges, single places, windows at computed starts.
//!
//! A range and a place are known now, so these are views; where they are computed, [`At`](super::At) reads them.

use std::ops::{Bound, RangeBounds};

use smallvec::SmallVec;

use super::{Axis, NamedArray};
use crate::array::{Array, caller};
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

    /// A window of this array: `len` elements along each axis named, from a computed start on. As in JAX, a start
    /// below 0 counts from the end, and every start is clamped so that the window fits.
    ///
    /// # Errors
    /// An axis is not there or is shorter than its window; a start is not one integer.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::arange("a", 9);
    /// let start = NamedArray::scalar(7);
    /// assert_eq!(x.dynamic_slice([("a", &start, 3)])?.to_vec::<i32>()?, [6, 7, 8]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn dynamic_slice<'s, A: Into<Axis>>(
        &self,
        windows: impl IntoIterator<Item = (A, &'s NamedArray, usize)>,
    ) -> Result<NamedArray> {
        let _call = caller::enter("dynamic_slice");
        let (mut names, mut starts, mut lens) = (Vec::<Axis>::new(), Vec::new(), Vec::new());
        for (name, start, len) in windows {
            names.push(name.into());
            starts.push(start);
            lens.push(len);
        }
        let axes = self.window_axes("dynamic_slice", &names, &starts)?;
        let too_long =
            axes.iter().zip(&names).zip(&lens).filter(|((axis, _), len)| self.array.dims()[**axis] < **len);
        let problems = too_long.map(|((&axis, name), len)| {
            let size = self.array.dims()[axis];
            format!("a window of {len} was asked for along `{name}`, whose size is {size}")
        });
        if let Some(report) = Report::of("dynamic_slice", problems.collect()) {
            return Err(report.shape());
        }
        let starts: Vec<&Array> = starts.iter().map(|start| &start.array).collect();
        NamedArray::along(self.array.dynamic_slices(&axes, &starts, &lens)?, &self.roles, &axes)
    }

    /// The axes of windows, whose starts must be one integer each.
    fn window_axes(&self, op: &str, names: &[Axis], starts: &[&NamedArray]) -> Result<SmallVec<[usize; 6]>> {
        let axes = self.numbers(op, names)?;
        let wide = names.iter().zip(starts).filter(|(_, start)| !start.roles.is_empty());
        let problems = wide.map(|(name, start)| {
            format!("the start along `{name}` must be one number, and has axes ({})", start.axes_text())
        });
        match Report::of(op, problems.collect()) {
            Some(report) => Err(report.shape()),
            None => Ok(axes),
        }
    }

    /// This array with `update` in place of its window along the axes named, from computed starts on. As in JAX, a
    /// start below 0 counts from the end, and every start is clamped so that the window fits. Where nothing else
    /// holds this array, it is written in place.
    ///
    /// # Errors
    /// An axis is not there; the update's axes are not those of the array, or are longer; a start is not one integer.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::arange("a", 5);
    /// let (new, start) = (NamedArray::arange("a", 2), NamedArray::scalar(1));
    /// assert_eq!(x.dynamic_update_slice(&new, [("a", &start)])?.to_vec::<i32>()?, [0, 0, 1, 3, 4]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn dynamic_update_slice<'s, A: Into<Axis>>(
        &self,
        update: &NamedArray,
        starts: impl IntoIterator<Item = (A, &'s NamedArray)>,
    ) -> Result<NamedArray> {
        let _call = caller::enter("dynamic_update_slice");
        let (names, starts): (Vec<Axis>, Vec<&NamedArray>) =
            starts.into_iter().map(|(name, start)| (name.into(), start)).unzip();
        let axes = self.window_axes("dynamic_update_slice", &names, &starts)?;
        let mut problems = Vec::new();
        let mut order: SmallVec<[usize; 6]> = SmallVec::new();
        for (axis, (role, &size)) in self.roles.iter().zip(self.array.dims()).enumerate() {
            let Some(at) = update.roles.iter().position(|known| known == role) else {
                problems.push(format!("the update has no axis `{role:?}`; it has ({})", update.axes_text()));
                continue;
            };
            let new = update.array.dims()[at];
            if axes.contains(&axis) && new > size {
                problems.push(format!(
                    "the update has {new} elements along `{role:?}`, and the array only {size}"
                ));
            } else if !axes.contains(&axis) && new != size {
                problems.push(format!("the axis `{role:?}` has size {size}, and {new} in the update"));
            }
            order.push(at);
        }
        for role in update.roles.iter().filter(|role| !self.roles.contains(role)) {
            problems.push(format!(
                "the update has an axis `{role:?}` that the array has not ({})",
                self.axes_text()
            ));
        }
        if let Some(report) = Report::of("dynamic_update_slice", problems) {
            return Err(report.shape());
        }
        let update = update.array.permute(&order)?.cast(self.dtype())?;
        let starts: Vec<&Array> = starts.iter().map(|start| &start.array).collect();
        let array = self.array.dynamic_update_slices(&axes, &update, &starts)?;
        NamedArray::along(array, &self.roles, &axes)
    }
}
