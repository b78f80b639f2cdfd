//! Arrays that mark places: one-hot vectors, identity matrices, and the triangles of a matrix.
//!
//! All are comparisons of counts, so they fuse with what uses them and are never in memory by themselves there.

use super::NamedArray;
use crate::array::{DKind, DType, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// An offset that places can be counted with: beyond every axis is as far as can be.
fn within(offset: isize) -> i64 {
    (offset as i64).clamp(-(1 << 62), 1 << 62)
}

impl NamedArray {
    /// 1 at the place along the new axis `name` that each element says, 0 elsewhere. An element that is no place
    /// among the `size` has zeros only, as in `jax.nn.one_hot`.
    ///
    /// # Errors
    /// The elements are not integers; the name is there already.
    ///
    /// ```
    /// use pz::{DType, NamedArray};
    /// let labels = NamedArray::from_vec(vec![2, 0, 7], [("n", 3)])?;
    /// let hot = labels.one_hot("class", 3, DType::I32)?;
    /// assert_eq!(hot.to_vec::<i32>()?, [0, 0, 1, 1, 0, 0, 0, 0, 0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn one_hot(&self, name: impl Into<AxisName>, size: usize, dtype: DType) -> Result<NamedArray> {
        let _place = caller::enter();
        let name = name.into();
        if self.dtype().kind() != DKind::Int {
            let problem = format!("the labels are {}, and must be integers", self.dtype());
            return Err(Report::new("one_hot", problem).help("cast them: `labels.cast(DType::I32)`").dtype());
        }
        if self.axis_of(name.as_str()).is_some() {
            let problem = format!("the labels already have an axis `{name}` ({})", self.axes_text());
            return Err(Report::new("one_hot", problem).help("choose another name for the classes").shape());
        }
        self.equal(NamedArray::arange(name, size))?.cast(dtype)
    }

    /// 1 where the place along `column` is that along `row` and `offset` more, 0 elsewhere.
    ///
    /// # Errors
    /// Both names are the same; the size is beyond what can be counted.
    ///
    /// ```
    /// use pz::{DType, NamedArray};
    /// let eye = NamedArray::eye([("row", 2), ("col", 3)], 1, DType::F32)?;
    /// assert_eq!(eye.to_vec::<f32>()?, [0., 1., 0., 0., 0., 1.]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn eye<N: Into<AxisName>>(shape: [(N, usize); 2], offset: isize, dtype: DType) -> Result<NamedArray> {
        let _place = caller::enter();
        let [row, column] = shape.map(|(name, size)| (name.into(), size));
        if row.0 == column.0 {
            let problem = format!("the name `{}` is given twice", row.0);
            return Err(Report::new("eye", problem).help("give rows and columns a name each").shape());
        }
        let rows = NamedArray::arange(row.0, row.1).cast(DType::I64)?.add(within(offset))?;
        rows.equal(NamedArray::arange(column.0, column.1).cast(DType::I64)?)?.cast(dtype)
    }

    /// The array with 0 above the diagonal of two axes: where the place along `column` is more than that along
    /// `row` and `offset`.
    ///
    /// # Errors
    /// An axis is not there or given twice.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::full([("row", 2), ("col", 2)], 5)?;
    /// assert_eq!(x.tril("row", "col", 0)?.to_vec::<i32>()?, [5, 0, 5, 5]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn tril(
        &self,
        row: impl Into<AxisName>,
        column: impl Into<AxisName>,
        offset: isize,
    ) -> Result<NamedArray> {
        let _place = caller::enter();
        let (rows, columns) = self.counts("tril", row.into(), column.into(), offset)?;
        self.kept_where(&columns.less_equal(&rows)?)
    }

    /// The array with 0 below the diagonal of two axes: where the place along `column` is less than that along
    /// `row` and `offset`.
    ///
    /// # Errors
    /// An axis is not there or given twice.
    #[track_caller]
    pub fn triu(
        &self,
        row: impl Into<AxisName>,
        column: impl Into<AxisName>,
        offset: isize,
    ) -> Result<NamedArray> {
        let _place = caller::enter();
        let (rows, columns) = self.counts("triu", row.into(), column.into(), offset)?;
        self.kept_where(&rows.less_equal(&columns)?)
    }

    /// The places along both axes, those of the rows `offset` more.
    fn counts(
        &self,
        op: &str,
        row: AxisName,
        column: AxisName,
        offset: isize,
    ) -> Result<(NamedArray, NamedArray)> {
        let axes = self.numbers(op, &[row, column])?;
        let count = |name, axis: usize| NamedArray::arange(name, self.array.dims()[axis]).cast(DType::I64);
        Ok((count(row, axes[0])?.add(within(offset))?, count(column, axes[1])?))
    }

    /// The elements where `condition` is true, else 0, in this array's order of axes.
    fn kept_where(&self, condition: &NamedArray) -> Result<NamedArray> {
        let condition = condition.aligned(&self.roles, self.array.dims())?;
        let array = condition.select(&self.array, &self.array.full_like(0.0)?)?;
        Ok(NamedArray::new(array, self.roles.clone()))
    }
}
