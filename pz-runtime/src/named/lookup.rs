//! Looking values up: where they belong in a sorted axis, and how often each occurs.
//!
//! The search halves the range for all values at once, with reads at computed places; counting is an update that
//! adds.

use super::arithmetic::help_for_integers;
use super::axes::{NEW_POSITION, OTHER_POSITION, POSITION, position_name};
use super::{Axis, NamedArray};
use crate::array::{DKind, DType, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// On which side of equal elements a value belongs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// Before them.
    #[default]
    Left,
    /// Behind them.
    Right,
}

impl NamedArray {
    /// The place along `axis`, whose elements ascend, before which each of `values` belongs, as `i32`. NaN belongs
    /// behind all numbers. The result has the axes of the values, then this array's others; named axes that both have
    /// are walked together.
    ///
    /// # Errors
    /// The axis is not there; a shared axis has two sizes.
    ///
    /// ```
    /// use pz::{NamedArray, named::Side};
    /// let sorted = NamedArray::from_vec(vec![1., 2., 2., 5f32], [("n", 4)])?;
    /// let values = NamedArray::from_vec(vec![0., 2., 9f32], [("k", 3)])?;
    /// assert_eq!(sorted.searchsorted("n", &values, Side::Left)?.to_vec::<i32>()?, [0, 1, 4]);
    /// assert_eq!(sorted.searchsorted("n", &values, Side::Right)?.to_vec::<i32>()?, [0, 3, 4]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn searchsorted(&self, axis: impl Into<Axis>, values: &NamedArray, side: Side) -> Result<NamedArray> {
        let _call = caller::enter("searchsorted");
        let name = self.name_of("searchsorted", axis.into(), POSITION)?;
        let values = &values.positions_named(OTHER_POSITION)?;
        let sorted = self.positions_named(POSITION)?;
        sorted.place_of(name, values, side)?.positions_back(&[OTHER_POSITION, POSITION])
    }

    /// [`searchsorted`](NamedArray::searchsorted) by name.
    fn place_of(&self, name: AxisName, values: &NamedArray, side: Side) -> Result<NamedArray> {
        let size = self.array.dims()[self.number("searchsorted", name)?];
        let Ok(end) = i32::try_from(size) else {
            let problem = format!("the axis `{name}` of size {size} has places beyond i32");
            return Err(Report::new("searchsorted", problem).shape());
        };
        let mut shape = values.sized_names();
        let others = self.sized_names().into_iter();
        shape.extend(others.filter(|(other, _)| *other != name && values.axis_of(other).is_none()));
        let order: Vec<AxisName> = shape.iter().map(|(name, _)| *name).collect();
        let mut low = NamedArray::full(shape.iter().copied(), 0)?;
        let mut high = NamedArray::full(shape, end)?;
        for _ in 0..size.checked_ilog2().map_or(0, |halvings| halvings + 1) {
            let middle = low.add(&high)?.shift_right(1)?;
            let there = self.take(name, &middle)?;
            let is_before = match side {
                Side::Left => there.less(values)?,
                Side::Right => there.less_equal(values)?,
            };
            let is_before = if values.dtype().is_float() {
                let beyond_numbers = match side {
                    Side::Left => values.is_nan()?.logical_and(there.is_nan()?.logical_not()?)?,
                    Side::Right => values.is_nan()?,
                };
                is_before.logical_or(beyond_numbers)?
            } else {
                is_before
            };
            let goes_up = is_before.logical_and(low.less(&high)?)?;
            low = goes_up.select(middle.add(1)?, &low)?;
            high = goes_up.select(&high, &middle)?;
        }
        low.order_as(order)
    }

    /// How often each of `0..size` occurs along `axis`, along the new axis `to`, as `i32`; a position is that among the
    /// result's positional axes. As in `jnp.bincount`, numbers below 0 count as 0, and those that are too large are left
    /// out.
    ///
    /// # Errors
    /// The axis is not there; the elements are not integers; the array has the new name already, or the position is
    /// beyond the result's.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 3, 1, 9], [("n", 4)])?;
    /// assert_eq!(x.bincount("n", "value", 4)?.to_vec::<i32>()?, [0, 2, 0, 1]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn bincount(&self, axis: impl Into<Axis>, to: impl Into<Axis>, size: usize) -> Result<NamedArray> {
        let _call = caller::enter("bincount");
        let to = to.into();
        let axis = self.name_of("bincount", axis.into(), POSITION)?;
        let name = to.name().unwrap_or(position_name(NEW_POSITION, 0));
        if self.dtype().kind() != DKind::Int {
            let problem = format!("the elements are {}, and must be integers", self.dtype());
            return Err(Report::new("bincount", problem).help(help_for_integers("x", self.dtype())).dtype());
        }
        if name != axis && self.axis_of(name).is_some() {
            let problem = format!("the name `{name}` would be there twice ({})", self.axes_text());
            return Err(Report::new("bincount", problem).help("choose another name").shape());
        }
        let places = self.positions_named(POSITION)?.maximum(0)?.untag(axis)?;
        let counts = NamedArray::zeros([(name, size)], DType::I32)?.at([(name, &places)])?.add(1)?;
        counts.positions_back(&[POSITION])?.at_axis("bincount", name, to)
    }
}

/// The different elements of an axis: what [`NamedArray::unique`] gives. What is not used is never computed.
#[derive(Clone, Debug)]
pub struct Unique {
    /// The different elements, ascending, then the smallest again until there are as many as was said.
    pub values: NamedArray,
    /// For each element of the array its place among the values.
    pub inverse: NamedArray,
    /// How often each value occurs, as `i32`; 0 for those that only fill up.
    pub counts: NamedArray,
}

impl NamedArray {
    /// The different elements along an axis, which has `size` of them in the result: the first, where there are more.
    /// All NaN are one element. Every other axis has its own.
    ///
    /// # Errors
    /// The axis is not there or has size 0.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![5, 2, 5, 9], [("n", 4)])?;
    /// let unique = x.unique("n", 4)?;
    /// assert_eq!(unique.values.to_vec::<i32>()?, [2, 5, 9, 2]);
    /// assert_eq!(unique.counts.to_vec::<i32>()?, [1, 2, 1, 0]);
    /// assert_eq!(unique.inverse.to_vec::<i32>()?, [1, 0, 1, 2]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn unique(&self, axis: impl Into<Axis>, size: usize) -> Result<Unique> {
        let _call = caller::enter("unique");
        let asked = axis.into();
        self.refuse_empty("unique", &[asked])?;
        let axis = self.name_of("unique", asked, POSITION)?;
        let Unique { values, inverse, counts } = self.positions_named(POSITION)?.different(axis, size)?;
        let back = |array: NamedArray| array.positions_back(&[POSITION]);
        Ok(Unique { values: back(values)?, inverse: back(inverse)?, counts: back(counts)? })
    }

    /// [`unique`](NamedArray::unique) by name, of an axis that is not empty.
    fn different(&self, axis: AxisName, size: usize) -> Result<Unique> {
        let len = self.array.dims()[self.number("unique", axis)?];
        let order = self.argsort(axis)?;
        let sorted = self.take(axis, &order)?;
        let (before, after) = (sorted.slice(axis, ..len - 1)?, sorted.slice(axis, 1..)?);
        let mut differs = before.not_equal(&after)?;
        if self.dtype().is_float() {
            differs = differs.logical_and(before.is_nan()?.logical_and(after.is_nan()?)?.logical_not()?)?;
        }
        let is_first = differs.pad([(axis, (1, 0))], true)?;
        let rank = is_first.cast(DType::I32)?.cumsum(axis)?.sub(1)?.untag(axis)?;
        // Elements that are there already go beyond the end, where updates are left out.
        let place = is_first.untag(axis)?.select(&rank, i32::MAX)?;
        let smallest = sorted.index(axis, 0)?.broadcast_to([(axis, size)])?;
        let values = smallest.at([(axis, &place)])?.set(sorted.untag(axis)?)?;
        let zeros = |size| NamedArray::zeros([(axis, size)], DType::I32);
        let counts = zeros(size)?.at([(axis, &rank)])?.add(1)?;
        let inverse = zeros(len)?.at([(axis, &order.untag(axis)?)])?.set(&rank)?;
        Ok(Unique { values, inverse, counts })
    }
}
