//! Parts of arrays by axis name: ranges, single places, gathers, windows at computed starts.

use std::ops::{Bound, RangeBounds};

use smallvec::SmallVec;

use super::{NamedArray, Role, Roles};
use crate::array::caller;
use crate::array::layout::Dims;
use crate::error::{Report, Result};
use crate::shape::AxisName;

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
    pub fn slice(&self, axis: impl Into<AxisName>, range: impl RangeBounds<usize>) -> Result<NamedArray> {
        let name = axis.into();
        let axis = self.numbers("slice", &[name])?[0];
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
                format!("the range {start}..{end} was asked for, and the axis `{name}` has size {size}");
            return Err(Report::new("slice", problem).shape());
        }
        Ok(NamedArray::new(self.array.slice(axis, start, 1, end - start)?, self.roles.clone()))
    }

    /// The elements at one place of an axis, which the result has no more. A view.
    ///
    /// # Errors
    /// The axis is not there, or the place is beyond it.
    #[track_caller]
    pub fn index(&self, axis: impl Into<AxisName>, place: usize) -> Result<NamedArray> {
        let _place = caller::enter();
        let name = axis.into();
        let axis = self.numbers("index", &[name])?[0];
        let size = self.array.dims()[axis];
        if place >= size {
            let problem = format!("the place {place} was asked for, and the axis `{name}` has size {size}");
            return Err(Report::new("index", problem).shape());
        }
        let array = self.array.slice(axis, place, 1, 1)?.reshape(&self.array.dims_without(&[axis]))?;
        let mut roles = self.roles.clone();
        roles.remove(axis);
        Ok(NamedArray::new(array, roles))
    }

    /// The elements at computed places of an axis: a gather. The result has this array's other axes, then
    /// those of `places`. As in Penzai, negative places count from the end and all are clamped to the axis.
    ///
    /// # Errors
    /// The axis is not there; places are not integers; an axis of the places is an axis of this array too.
    #[track_caller]
    pub fn take(&self, axis: impl Into<AxisName>, places: &NamedArray) -> Result<NamedArray> {
        let _place = caller::enter();
        let name = axis.into();
        let axis = self.numbers("take", &[name])?[0];
        let others: Roles = self.roles.iter().filter(|role| **role != Role::Named(name)).copied().collect();
        let clashes: Vec<String> = places
            .roles
            .iter()
            .filter(|role| role.name().is_some() && others.contains(role))
            .map(|role| {
                format!(
                    "the axis `{role:?}` is in the array ({}) and in the places ({})",
                    self.axes_text(),
                    places.axes_text()
                )
            })
            .collect();
        if let Some(report) = Report::of("take", clashes) {
            return Err(report
                .help("rename the axis of the places first: `places.rename(old, new)`")
                .shape());
        }
        let array = self.array.take(axis, &places.array)?;
        let roles = places.roles.iter().chain(&others).copied().collect();
        let lead = places.roles.len();
        let order: Dims = (lead..lead + others.len()).chain(0..lead).collect();
        NamedArray::new(array, roles).permuted(&order)
    }

    fn start_of_window(&self, op: &str, start: &NamedArray) -> Result<()> {
        if start.roles.is_empty() {
            return Ok(());
        }
        let problem = format!("the start must be one number, and has axes ({})", start.axes_text());
        Err(Report::new(op, problem).shape())
    }

    /// `len` elements along an axis from a computed start on. As in JAX, the start is clamped so that the window fits.
    ///
    /// # Errors
    /// The axis is not there or is shorter than `len`; the start is not one integer.
    #[track_caller]
    pub fn dynamic_slice(
        &self,
        axis: impl Into<AxisName>,
        start: &NamedArray,
        len: usize,
    ) -> Result<NamedArray> {
        let axis = self.numbers("dynamic_slice", &[axis.into()])?[0];
        self.start_of_window("dynamic_slice", start)?;
        Ok(NamedArray::new(self.array.dynamic_slice(axis, &start.array, len)?, self.roles.clone()))
    }

    /// This array with `update` in place of its elements along an axis from a computed start on. As in JAX, the
    /// start is clamped so that the window fits. Where nothing else holds this array, it is written in place.
    ///
    /// # Errors
    /// The axis is not there; the update's axes are not those of the array; the start is not one integer.
    #[track_caller]
    pub fn dynamic_update_slice(
        &self,
        axis: impl Into<AxisName>,
        update: &NamedArray,
        start: &NamedArray,
    ) -> Result<NamedArray> {
        let name = axis.into();
        let number = self.numbers("dynamic_update_slice", &[name])?[0];
        self.start_of_window("dynamic_update_slice", start)?;
        let mut problems = Vec::new();
        let mut order: SmallVec<[usize; 6]> = SmallVec::new();
        for (role, &size) in self.roles.iter().zip(self.array.dims()) {
            let at = update.roles.iter().position(|known| known == role);
            match at {
                None => problems
                    .push(format!("the update has no axis `{role:?}`; it has ({})", update.axes_text())),
                Some(at) if *role == Role::Named(name) && update.array.dims()[at] > size => {
                    problems.push(format!(
                        "the update has {} elements along `{name}`, and the array only {size}",
                        update.array.dims()[at]
                    ))
                }
                Some(at) if *role != Role::Named(name) && update.array.dims()[at] != size => {
                    problems.push(format!(
                        "the axis `{role:?}` has size {size}, and {} in the update",
                        update.array.dims()[at]
                    ))
                }
                Some(at) => order.push(at),
            }
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
        let update = update.permuted(&order)?.cast(self.dtype())?;
        let array = self.array.dynamic_update_slice(number, &update.array, &start.array)?;
        Ok(NamedArray::new(array, self.roles.clone()))
    }
}
