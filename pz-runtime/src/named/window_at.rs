//! Windows at computed starts.
//!
//! One start for the whole array makes a window a view of it, and a place to write to. Under [`nmap`](super::nmap) each
//! slice may have a start of its own; then the elements are gathered and scattered at [computed places](super::At), as
//! under JAX's `vmap`.

use smallvec::SmallVec;

use super::axes::{NEW_POSITION, POSITION, position_name};
use super::{Axis, NamedArray};
use crate::array::{Array, DKind, DType, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// The names by which windows along so many axes go for a while.
fn window_names(count: usize) -> Vec<AxisName> {
    (0..count).map(|number| position_name(NEW_POSITION, number)).collect()
}

impl NamedArray {
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
        if starts.iter().any(|start| !start.roles.is_empty()) {
            return self.by_name("dynamic_slice", &names, &|x, names| x.windows(names, &starts, &lens));
        }
        let starts: Vec<&Array> = starts.iter().map(|start| &start.array).collect();
        NamedArray::along(self.array.dynamic_slices(&axes, &starts, &lens)?, &self.roles, &axes)
    }

    /// The axes of windows, whose starts must be one integer each.
    fn window_axes(&self, op: &str, names: &[Axis], starts: &[&NamedArray]) -> Result<SmallVec<[usize; 6]>> {
        let axes = self.numbers(op, names)?;
        let wrong = names.iter().zip(starts);
        let wrong = wrong.filter(|(_, start)| !start.is_one_number() || start.dtype().kind() != DKind::Int);
        let problems = wrong.map(|(name, start)| {
            format!("the start along `{name}` is {}, and has to be one integer", start.summary_text())
        });
        match Report::of(op, problems.collect()) {
            Some(report) => Err(report.shape()),
            None => Ok(axes),
        }
    }

    /// The places of windows that begin elsewhere in each slice under `nmap`: for each axis an array along one that
    /// stands for it, by whose name goes the window.
    fn window_places(
        &self,
        names: &[AxisName],
        starts: &[&NamedArray],
        lens: &[usize],
    ) -> Result<Vec<(AxisName, NamedArray)>> {
        let mut places = Vec::new();
        for (number, ((name, start), &len)) in names.iter().zip(starts).zip(lens).enumerate() {
            let size = self.size(*name).unwrap_or(0);
            let start = start.cast(DType::I64)?;
            let from_start = start.less(0)?.select(start.add(size as i64)?, &start)?;
            let start = from_start.clamp(0, (size - len) as i64)?;
            let places_in_it = NamedArray::arange(position_name(NEW_POSITION, number), len);
            places.push((*name, start.add(places_in_it)?));
        }
        Ok(places)
    }

    /// Windows that begin elsewhere in each slice.
    fn windows(&self, names: &[AxisName], starts: &[&NamedArray], lens: &[usize]) -> Result<NamedArray> {
        let places = self.window_places(names, starts, lens)?;
        let found = self.at(places)?.get()?.rename(window_names(names.len()), names)?;
        let axes = found.numbers("dynamic_slice", names)?;
        NamedArray::along(found.array, &found.roles, &axes)
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
        // What differs from slice to slice under `nmap` in one of them does so in the result.
        let differs = self.hidden_axes();
        let (update, wide) = (&update.widened(&differs)?, self.widened(&update.hidden_axes())?);
        let axes = wide.window_axes("dynamic_update_slice", &names, &starts)?;
        let mut problems = Vec::new();
        let mut order: SmallVec<[usize; 6]> = SmallVec::new();
        for (axis, (role, &size)) in wide.roles.iter().zip(wide.array.dims()).enumerate() {
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
        for role in update.roles.iter().filter(|role| !wide.roles.contains(role)) {
            problems.push(format!(
                "the update has an axis `{role:?}` that the array has not ({})",
                self.axes_text()
            ));
        }
        if let Some(report) = Report::of("dynamic_update_slice", problems) {
            return Err(report.shape());
        }
        if starts.iter().any(|start| !start.roles.is_empty()) {
            let lens: Vec<usize> = axes.iter().map(|&axis| update.array.dims()[order[axis]]).collect();
            let update = update.positions_named(POSITION)?;
            return wide.by_name("dynamic_update_slice", &names, &|x, names| {
                let windows = window_names(names.len());
                let mut places = x.window_places(names, &starts, &lens)?;
                // Lists of places and of values are positional.
                for (_, places) in &mut places {
                    let others = windows.iter().filter(|window| places.axis_of(**window).is_none());
                    *places =
                        places.broadcast_to(others.map(|window| (*window, 1)))?.untag_prefix(&windows)?;
                }
                let values = update.rename(names, &windows)?.untag_prefix(&windows)?;
                x.at(places)?.set(values.cast(x.dtype())?)
            });
        }
        let update = update.array.permute(&order)?.cast(self.dtype())?;
        let starts: Vec<&Array> = starts.iter().map(|start| &start.array).collect();
        let array = wide.array.dynamic_update_slices(&axes, &update, &starts)?;
        NamedArray::along(array, &wide.roles, &axes)
    }
}
