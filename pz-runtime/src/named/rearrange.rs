//! Elements in other places along axes, which stay where they are: turned round, rolled, repeated, taken apart.
//!
//! What only looks at the array in another way (flip, split, unstack, squeeze, diagonal) is a view and copies
//! nothing; the others copy once.

use smallvec::SmallVec;

use super::axes::{NEW_POSITION, position_name};
use super::{Axes, Axis, NamedArray, Role};
use crate::array::graph::Node;
use crate::array::layout::Dims;
use crate::array::{Array, caller};
use crate::error::{Report, Result};

/// Refuses so many parts, each an array, that no memory holds them.
fn hold(op: &str, parts: usize) -> Result<()> {
    let each = size_of::<NamedArray>() + size_of::<Node>();
    if parts.checked_mul(each).is_some_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok()) {
        return Ok(());
    }
    let problem = format!("no memory holds {parts} parts, each an array");
    Err(Report::new(op, problem).help("`x.slice` and `nx::scan` take parts one by one").shape())
}

impl NamedArray {
    /// The elements from the last to the first along axes. A view.
    ///
    /// # Errors
    /// An axis is not there.
    ///
    /// ```
    /// use pz::NamedArray;
    /// assert_eq!(NamedArray::arange("a", 3).flip("a")?.to_vec::<i32>()?, [2, 1, 0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn flip(&self, axes: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("flip");
        let axes = self.numbers("flip", &axes.axes())?;
        let array = axes.iter().try_fold(self.array.clone(), |array, &axis| array.reverse(axis))?;
        NamedArray::result(array, self.roles.clone())
    }

    /// The elements moved along an axis by `shift` places; those that leave it come in again at the other end.
    ///
    /// # Errors
    /// The axis is not there.
    ///
    /// ```
    /// use pz::NamedArray;
    /// assert_eq!(NamedArray::arange("a", 4).roll("a", 1)?.to_vec::<i32>()?, [3, 0, 1, 2]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn roll(&self, axis: impl Into<Axis>, shift: isize) -> Result<NamedArray> {
        let _call = caller::enter("roll");
        let axis = self.number("roll", axis)?;
        let size = self.array.dims()[axis];
        let shift = if size == 0 { 0 } else { shift.rem_euclid(size as isize) as usize };
        if shift == 0 {
            return Ok(self.clone());
        }
        let end = self.array.slice(axis, size - shift, 1, shift)?;
        let start = self.array.slice(axis, 0, 1, size - shift)?;
        NamedArray::result(Array::concatenate(&[&end, &start], axis)?, self.roles.clone())
    }

    /// Each element along an axis `times` times, one after another: `a a b b`.
    ///
    /// # Errors
    /// The axis is not there; the size is beyond what can be counted.
    ///
    /// ```
    /// use pz::NamedArray;
    /// assert_eq!(NamedArray::arange("a", 2).repeat("a", 3)?.to_vec::<i32>()?, [0, 0, 0, 1, 1, 1]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn repeat(&self, axis: impl Into<Axis>, times: usize) -> Result<NamedArray> {
        let _call = caller::enter("repeat");
        self.multiplied("repeat", axis.into(), times, 1)
    }

    /// The elements along an axis `times` times, all of them again and again: `a b a b`.
    ///
    /// # Errors
    /// The axis is not there; the size is beyond what can be counted.
    ///
    /// ```
    /// use pz::NamedArray;
    /// assert_eq!(NamedArray::arange("a", 2).tile("a", 2)?.to_vec::<i32>()?, [0, 1, 0, 1]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn tile(&self, axis: impl Into<Axis>, times: usize) -> Result<NamedArray> {
        let _call = caller::enter("tile");
        self.multiplied("tile", axis.into(), times, 0)
    }

    /// The array with a new axis before (0) or behind (1) an axis, along which it repeats, joined with that one.
    fn multiplied(&self, op: &str, asked: Axis, times: usize, side: usize) -> Result<NamedArray> {
        let axis = self.number(op, asked)?;
        let size = self.array.dims()[axis];
        let Some(len) = size.checked_mul(times) else {
            let problem = format!("the axis `{asked}` of size {size} cannot be had {times} times");
            return Err(Report::new(op, problem).shape());
        };
        let mut dims = Dims::from_slice(self.array.dims());
        let mut source: SmallVec<[Option<usize>; 6]> = (0..dims.len()).map(Some).collect();
        dims.insert(axis + side, times);
        source.insert(axis + side, None);
        let repeated = self.array.broadcast(&dims, &source)?;
        dims.remove(axis + side);
        dims[axis] = len;
        NamedArray::result(repeated.reshape(&dims)?, self.roles.clone())
    }

    /// The array without axes of size 1. A view. (`broadcast_to([("a", 1)])` puts one in.)
    ///
    /// # Errors
    /// An axis is not there, or its size is not 1.
    #[track_caller]
    pub fn squeeze(&self, axes: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("squeeze");
        let asked = axes.axes();
        let axes = self.numbers("squeeze", &asked)?;
        let wide = axes.iter().zip(&asked).filter(|(axis, _)| self.array.dims()[**axis] != 1);
        let problems = wide
            .map(|(&axis, name)| format!("the axis `{name}` has size {}, not 1", self.array.dims()[axis]));
        if let Some(report) = Report::of("squeeze", problems.collect()) {
            return Err(report.help("`x.index(\"axis\", 0)` takes one place of an axis").shape());
        }
        let array = self.array.reshape(&self.array.dims_without(&axes))?;
        let roles = self.roles.iter().enumerate().filter(|(axis, _)| !axes.contains(axis));
        NamedArray::result(array, roles.map(|(_, role)| *role).collect())
    }

    /// The array in `parts` equal parts along an axis. Views.
    ///
    /// # Errors
    /// The axis is not there, or cannot be divided so; no memory holds so many parts.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let parts = NamedArray::arange("a", 6).split("a", 3)?;
    /// assert_eq!(parts[1].to_vec::<i32>()?, [2, 3]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn split(&self, axis: impl Into<Axis>, parts: usize) -> Result<Vec<NamedArray>> {
        let _call = caller::enter("split");
        let asked = axis.into();
        let axis = self.number("split", asked)?;
        let size = self.array.dims()[axis];
        if parts == 0 || parts > size.max(1) || !size.is_multiple_of(parts) {
            let problem =
                format!("the axis `{asked}` of size {size} does not divide into {parts} equal parts");
            return Err(Report::new("split", problem)
                .help("say where to cut: `x.split_at(\"axis\", &[2, 5])`")
                .shape());
        }
        let len = size / parts;
        hold("split", parts)?;
        self.cut(axis, (0..parts).map(|part| part * len..(part + 1) * len))
    }

    /// The array cut along an axis before each of `places`, which ascend. Views.
    ///
    /// # Errors
    /// The axis is not there; places descend or are beyond it.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let parts = NamedArray::arange("a", 6).split_at("a", &[1, 4])?;
    /// assert_eq!(parts[1].to_vec::<i32>()?, [1, 2, 3]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn split_at(&self, axis: impl Into<Axis>, places: &[usize]) -> Result<Vec<NamedArray>> {
        let _call = caller::enter("split_at");
        let asked = axis.into();
        let axis = self.number("split_at", asked)?;
        let size = self.array.dims()[axis];
        if !places.is_sorted() || places.last().is_some_and(|&last| last > size) {
            let problem = format!(
                "the places {places:?} do not ascend to at most {size}, the size of the axis `{asked}`"
            );
            return Err(Report::new("split_at", problem).shape());
        }
        let starts = std::iter::once(0).chain(places.iter().copied());
        let ends = places.iter().copied().chain([size]);
        self.cut(axis, starts.zip(ends).map(|(start, end)| start..end))
    }

    fn cut(
        &self,
        axis: usize,
        ranges: impl Iterator<Item = std::ops::Range<usize>>,
    ) -> Result<Vec<NamedArray>> {
        ranges
            .map(|range| {
                let part = self.array.slice(axis, range.start, 1, range.len())?;
                NamedArray::result(part, self.roles.clone())
            })
            .collect()
    }

    /// The array at each place of an axis, which the results have no more. Views.
    ///
    /// # Errors
    /// The axis is not there; no memory holds so many parts.
    #[track_caller]
    pub fn unstack(&self, axis: impl Into<Axis>) -> Result<Vec<NamedArray>> {
        let _call = caller::enter("unstack");
        let axis = axis.into();
        let size = self.array.dims()[self.number("unstack", axis)?];
        hold("unstack", size)?;
        (0..size).map(|place| self.index(axis, place)).collect()
    }

    /// The elements where the places along two axes are the same, or along the second are `offset` more, along the
    /// new axis `to`: under a name it comes last, and a position is that among the result's positional axes (`-1` as
    /// in numpy). A view of an array whose elements lie in order.
    ///
    /// # Errors
    /// An axis is not there or given twice; the name is there already; the position is beyond the result's.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3, 4, 5, 6], [("row", 2), ("col", 3)])?;
    /// assert_eq!(x.diagonal("row", "col", "d", 0)?.to_vec::<i32>()?, [1, 5]);
    /// assert_eq!(x.diagonal("row", "col", "d", 1)?.to_vec::<i32>()?, [2, 6]);
    /// let x = x.untag(["row", "col"])?;
    /// assert_eq!(x.diagonal(0, 1, -1, 1)?.to_vec::<i32>()?, [2, 6]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn diagonal(
        &self,
        row: impl Into<Axis>,
        column: impl Into<Axis>,
        to: impl Into<Axis>,
        offset: isize,
    ) -> Result<NamedArray> {
        let _call = caller::enter("diagonal");
        let to = to.into();
        let name = to.name().unwrap_or(position_name(NEW_POSITION, 0));
        let axes = self.numbers("diagonal", &[row.into(), column.into()])?;
        let rest: Dims = (0..self.roles.len()).filter(|axis| !axes.contains(axis)).collect();
        let mut roles: super::Roles = rest.iter().map(|&axis| self.roles[axis]).collect();
        if roles.contains(&Role::Named(name)) {
            let problem = format!("the name `{name}` would be there twice ({})", self.axes_text());
            return Err(Report::new("diagonal", problem).help("choose another name").shape());
        }
        let (rows, columns) = (self.array.dims()[axes[0]], self.array.dims()[axes[1]]);
        let (down, right) = (offset.min(0).unsigned_abs(), offset.max(0).unsigned_abs());
        let count = rows.saturating_sub(down).min(columns.saturating_sub(right));
        let order: Dims = rest.iter().copied().chain(axes.iter().copied()).collect();
        let mut dims: Dims = rest.iter().map(|&axis| self.array.dims()[axis]).collect();
        // Row after row in one axis, the diagonal is every (columns + 1)-th element.
        let Some(flat) = rows.checked_mul(columns) else {
            let problem =
                format!("the axes have {rows} and {columns} places, whose product cannot be counted");
            return Err(Report::new("diagonal", problem).shape());
        };
        dims.push(flat);
        let flat = self.array.permute(&order)?.reshape(&dims)?;
        let start = if count == 0 { 0 } else { down * columns + right };
        let step = if count > 1 { columns as isize + 1 } else { 1 };
        roles.push(Role::Named(name));
        let array = flat.slice(dims.len() - 1, start, step, count)?;
        NamedArray::result(array, roles)?.at_axis("diagonal", name, to)
    }

    /// The sum of the [`diagonal`](NamedArray::diagonal) of two axes.
    ///
    /// # Errors
    /// An axis is not there or given twice.
    #[track_caller]
    pub fn trace(&self, row: impl Into<Axis>, column: impl Into<Axis>, offset: isize) -> Result<NamedArray> {
        let _call = caller::enter("trace");
        let name = position_name(NEW_POSITION, 0);
        self.diagonal(row, column, name, offset)?.sum(name)
    }
}
