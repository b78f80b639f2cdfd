//! Arrays that mark places: one-hot vectors, identity matrices, and the triangles of a matrix.
//!
//! All are comparisons of counts, so they fuse with what uses them and are never in memory by themselves there.

use smallvec::SmallVec;

use super::arithmetic::help_for_integers;
use super::axes::{NEW_POSITION, position_name};
use super::{Axis, NamedArray};
use crate::array::{Array, DKind, DType, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// An offset that places can be counted with: beyond every axis is as far as can be.
fn within(offset: isize) -> i64 {
    (offset as i64).clamp(-(1 << 62), 1 << 62)
}

impl NamedArray {
    /// 1 at the place along the new axis that each element says, 0 elsewhere. An element that is no place among the
    /// `size` has zeros only, as in `jax.nn.one_hot`. A position is that among the result's positional axes, `-1` the
    /// last.
    ///
    /// # Errors
    /// The elements are not integers; the name is there already; the position is beyond the result's.
    ///
    /// ```
    /// use pz::{DType, NamedArray};
    /// let labels = NamedArray::from_vec(vec![2, 0, 7], [("n", 3)])?;
    /// let hot = labels.one_hot("class", 3, DType::I32)?;
    /// assert_eq!(hot.to_vec::<i32>()?, [0, 0, 1, 1, 0, 0, 0, 0, 0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn one_hot(&self, axis: impl Into<Axis>, size: usize, dtype: DType) -> Result<NamedArray> {
        let _call = caller::enter("one_hot");
        let axis = axis.into();
        if self.dtype().kind() != DKind::Int {
            let problem = format!("the labels are {}, and must be integers", self.dtype());
            return Err(Report::new("one_hot", problem)
                .help(help_for_integers("labels", self.dtype()))
                .dtype());
        }
        let name = axis.name().unwrap_or(position_name(NEW_POSITION, 0));
        if self.axis_of(name).is_some() {
            let problem = format!("the labels already have an axis `{name}` ({})", self.axes_text());
            return Err(Report::new("one_hot", problem).help("choose another name for the classes").shape());
        }
        self.equal(NamedArray::arange(name, size))?.cast(dtype)?.at_axis("one_hot", name, axis)
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
        let _call = caller::enter("eye");
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
    pub fn tril(&self, row: impl Into<Axis>, column: impl Into<Axis>, offset: isize) -> Result<NamedArray> {
        let _call = caller::enter("tril");
        let axes = [row.into(), column.into()];
        self.kept_where("tril", axes, offset, |rows, columns| columns.less_equal(rows))
    }

    /// The array with 0 below the diagonal of two axes: where the place along `column` is less than that along
    /// `row` and `offset`.
    ///
    /// # Errors
    /// An axis is not there or given twice.
    #[track_caller]
    pub fn triu(&self, row: impl Into<Axis>, column: impl Into<Axis>, offset: isize) -> Result<NamedArray> {
        let _call = caller::enter("triu");
        let axes = [row.into(), column.into()];
        self.kept_where("triu", axes, offset, |rows, columns| rows.less_equal(columns))
    }

    /// The elements where the places along two axes, those of the rows `offset` more, are as `condition` says; else 0.
    fn kept_where(
        &self,
        op: &str,
        axes: [Axis; 2],
        offset: isize,
        condition: fn(&Array, &Array) -> Result<Array>,
    ) -> Result<NamedArray> {
        let axes = self.numbers(op, &axes)?;
        let dims = [self.array.dims()[axes[0]], self.array.dims()[axes[1]]];
        let counts = |at: usize| {
            let source: SmallVec<[Option<usize>; 2]> = (0..2).map(|axis| (axis == at).then_some(0)).collect();
            Array::iota(dims[at]).cast(DType::I64)?.broadcast(&dims, &source)
        };
        let (rows, columns) = (counts(0)?, counts(1)?);
        let offset = Array::scalar(within(offset)).broadcast(&dims, &[None, None])?;
        let condition = condition(&rows.add(&offset)?, &columns)?;
        let source = (0..self.roles.len()).map(|axis| axes.iter().position(|known| *known == axis));
        let condition = condition.broadcast(self.array.dims(), &source.collect::<SmallVec<[_; 6]>>())?;
        let array = condition.select(&self.array, &self.array.full_like(0.0)?)?;
        NamedArray::result(array, self.roles.clone())
    }
}
