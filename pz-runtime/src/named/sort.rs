//! Sorting along an axis, which comes last in the result.
//!
//! The order is JAX's: equal elements keep theirs, zeros of both signs are equal, and NaN of all kinds comes last;
//! in descending order NaN comes first. Derivatives follow the elements to their places.

use super::arithmetic::merged;
use super::{Axes, Axis, NamedArray};
use crate::array::{Array, caller};
use crate::error::{Report, Result};

/// An axis, and the order along it: a name alone sorts from the smallest.
///
/// ```
/// use pz::{NamedArray, nx::Sorting};
/// let x = NamedArray::from_vec(vec![2f32, 3., 1.], [("n", 3)])?;
/// assert_eq!(x.sort("n")?.to_vec::<f32>()?, [1., 2., 3.]);
/// assert_eq!(x.argsort(Sorting::descending("n"))?.to_vec::<i32>()?, [1, 0, 2]);
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Sorting {
    axis: Axis,
    descending: bool,
}

impl Sorting {
    /// Along the axis from the largest.
    pub fn descending(axis: impl Into<Axis>) -> Self {
        Sorting { axis: axis.into(), descending: true }
    }
}

impl<A: Into<Axis>> From<A> for Sorting {
    fn from(axis: A) -> Self {
        Sorting { axis: axis.into(), descending: false }
    }
}

impl NamedArray {
    #[track_caller]
    fn places(&self, op: &str, sorting: Sorting, count: Option<usize>) -> Result<(usize, Array)> {
        let axis = self.numbers(op, &[sorting.axis])?[0];
        let count = count.unwrap_or(self.array.dims()[axis]);
        Ok((axis, self.array.argsort(axis, sorting.descending, count)?))
    }

    /// The elements in order along an axis.
    ///
    /// # Errors
    /// The axis is not there.
    #[track_caller]
    pub fn sort(&self, sorting: impl Into<Sorting>) -> Result<NamedArray> {
        let _call = caller::enter("sort");
        let (axis, places) = self.places("sort", sorting.into(), None)?;
        NamedArray::along(self.array.pick(axis, &places)?, &self.roles, &[axis])
    }

    /// The places of the elements in order along an axis, as `i32` (`i64` on an axis too long for it): `x` taken at
    /// them is sorted.
    ///
    /// # Errors
    /// The axis is not there.
    #[track_caller]
    pub fn argsort(&self, sorting: impl Into<Sorting>) -> Result<NamedArray> {
        let _call = caller::enter("argsort");
        let (axis, places) = self.places("argsort", sorting.into(), None)?;
        NamedArray::along(places, &self.roles, &[axis])
    }

    /// This array in the order of `keys` along an axis. Other axes of the two broadcast by name. To sort several
    /// arrays together, sort each by the same keys.
    ///
    /// # Errors
    /// The axis is not in both; an axis differs in size.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![10f32, 20., 30.], [("n", 3)])?;
    /// let keys = NamedArray::from_vec(vec![2i32, 0, 1], [("n", 3)])?;
    /// assert_eq!(x.sort_by("n", &keys)?.to_vec::<f32>()?, [20., 30., 10.]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn sort_by(&self, sorting: impl Into<Sorting>, keys: &NamedArray) -> Result<NamedArray> {
        let _call = caller::enter("sort_by");
        let sorting = sorting.into();
        self.number("sort_by", sorting.axis)?;
        let (_, places) = keys.places("sort_by", sorting, None)?;
        let places = NamedArray::new(places, keys.roles.clone());
        let (roles, dims) = merged("sort_by", self, &places)?;
        let all = NamedArray::new(self.aligned(&roles, &dims)?, roles);
        let axis = all.number("sort_by", sorting.axis)?;
        let picked = all.array.pick(axis, &places.aligned(&all.roles, &dims)?)?;
        NamedArray::along(picked, &all.roles, &[axis])
    }

    /// The `k` largest elements along an axis from the largest, and their places. Of equal ones the first are taken;
    /// NaN counts as the largest, and zeros of both signs are equal (to JAX on a CPU, 0 is larger than -0).
    ///
    /// # Errors
    /// The axis is not there or has fewer than `k` elements.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1f32, 5., 5., 3.], [("n", 4)])?;
    /// let (values, places) = x.top_k("n", 3)?;
    /// assert_eq!(values.to_vec::<f32>()?, [5., 5., 3.]);
    /// assert_eq!(places.to_vec::<i32>()?, [1, 2, 3]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn top_k(&self, axis: impl Into<Axis>, k: usize) -> Result<(NamedArray, NamedArray)> {
        let _call = caller::enter("top_k");
        let axis = axis.into();
        let size = self.array.dims()[self.number("top_k", axis)?];
        if k > size {
            let problem =
                format!("the {k} largest were asked for, and the axis `{axis}` has {size} elements");
            return Err(Report::new("top_k", problem).help(format!("ask for {size} at most")).shape());
        }
        let (axis, places) = self.places("top_k", Sorting::descending(axis), Some(k))?;
        let values = NamedArray::along(self.array.pick(axis, &places)?, &self.roles, &[axis])?;
        Ok((values, NamedArray::along(places, &self.roles, &[axis])?))
    }

    /// The value below which the part `q` of the elements over axes lies, between two elements by their distance
    /// from it; of integers, as `f32`. NaN, with a derivative of 0, if there is one. (An infinity that has no part in
    /// the value does not make it NaN, as it does in JAX.)
    ///
    /// # Errors
    /// An axis is not there or has size 0; `q` is not between 0 and 1.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![4f32, 1., 2., 3.], [("n", 4)])?;
    /// assert_eq!(x.quantile("n", 0.5)?.item::<f32>()?, 2.5);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn quantile(&self, axes: impl Axes, q: f64) -> Result<NamedArray> {
        let _call = caller::enter("quantile");
        if !(0.0..=1.0).contains(&q) {
            let problem = format!("the part {q} was asked for, and it must be between 0 and 1");
            return Err(Report::new("quantile", problem).value());
        }
        self.quantile_of("quantile", &axes, q)
    }

    /// The middle element over axes, or the mean of the two in the middle; of integers, as `f32`. NaN if there is
    /// one.
    ///
    /// # Errors
    /// An axis is not there or has size 0.
    #[track_caller]
    pub fn median(&self, axes: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("median");
        self.quantile_of("median", &axes, 0.5)
    }

    fn quantile_of(&self, op: &str, axes: &impl Axes, q: f64) -> Result<NamedArray> {
        let (x, last) = self.axes_last(op, axes)?;
        let rank = x.roles.len() - last.len();
        let mut roles = x.roles.clone();
        roles.truncate(rank);
        let kept = x.array.dims_without(&last);
        let count: usize = last.iter().map(|&axis| x.array.dims()[axis]).product();
        let mut dims = kept.clone();
        dims.push(count);
        let rows = x.array.reshape(&dims)?;
        let sorted = rows.pick(rank, &rows.argsort(rank, false, count)?)?;
        let at = |place: usize| sorted.slice(rank, place, 1, 1)?.reshape(&kept);
        let place = q * (count - 1) as f64;
        let (low, high) = (at(place.floor() as usize)?, at(place.ceil() as usize)?);
        let part = place - place.floor();
        // An infinity times 0 would be NaN.
        let between = match part == 0.0 {
            true => low,
            false => low.mul_scalar(1.0 - part)?.add(&high.mul_scalar(part)?)?,
        };
        let greatest = at(count - 1)?;
        // As in JAX nothing passes back to a NaN.
        let value = greatest.equal(&greatest)?.select(&between, &greatest.stop_gradient()?)?;
        NamedArray::result(value, roles)
    }
}
