//! Reductions over named axes.
//!
//! Each binds its axes by name and is a primitive of the array below; what a primitive would say of axis numbers is
//! said here of names, first.

use super::{Axes, NamedArray};
use crate::array::{Array, DKind, DType, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

impl NamedArray {
    #[track_caller]
    pub(super) fn reduced(
        &self,
        op: &str,
        names: &[AxisName],
        f: impl Fn(&Array, &[usize]) -> Result<Array>,
    ) -> Result<NamedArray> {
        let _place = caller::enter();
        let axes = self.numbers(op, names)?;
        let roles =
            (0..self.roles.len()).filter(|axis| !axes.contains(axis)).map(|axis| self.roles[axis]).collect();
        Ok(NamedArray::new(f(&self.array, &axes)?, roles))
    }

    /// Refuses axes of size 0, for what is not defined over no elements.
    pub(super) fn refuse_empty(&self, op: &str, names: &[AxisName]) -> Result<()> {
        let empty = names.iter().filter(|name| self.size(name.as_str()) == Some(0));
        let problems = empty.map(|name| format!("the axis `{name}` has size 0 ({})", self.axes_text()));
        match Report::of(op, problems.collect()) {
            Some(report) => Err(report
                .help("give it an axis of size 1 at least: there is no such value of no elements")
                .shape()),
            None => Ok(()),
        }
    }

    /// Truth values as numbers, and small integers in 32 bits, as sums and products of them are computed.
    fn counting(&self) -> Result<NamedArray> {
        self.cast(match self.dtype() {
            DType::Bool | DType::I8 | DType::I16 => DType::I32,
            DType::U8 | DType::U16 => DType::U32,
            other => other,
        })
    }

    /// The sum over axes. Truth values are counted, and small integers added, in 32 bits.
    ///
    /// # Errors
    /// An axis is not there.
    #[track_caller]
    pub fn sum(&self, axes: impl Axes) -> Result<NamedArray> {
        self.counting()?.reduced("sum", &axes.names(), Array::sum)
    }

    /// The product over axes. Truth values and small integers are multiplied in 32 bits. The derivative does not
    /// divide: zeros are nothing special.
    ///
    /// # Errors
    /// An axis is not there.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![2f32, 0., 3.], [("n", 3)])?;
    /// assert_eq!(x.prod("n")?.item::<f32>()?, 0.0);
    /// let grads = pz::grad(|x| x[0].prod("n"), &[x])?;
    /// assert_eq!(grads[0].to_vec::<f32>()?, [0., 6., 0.]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn prod(&self, axes: impl Axes) -> Result<NamedArray> {
        self.counting()?.reduced("prod", &axes.names(), Array::prod)
    }

    /// The mean over axes; of integers, as `f32`.
    ///
    /// # Errors
    /// An axis is not there.
    #[track_caller]
    pub fn mean(&self, axes: impl Axes) -> Result<NamedArray> {
        let _place = caller::enter();
        let names = axes.names();
        let count: usize = names.iter().filter_map(|name| self.size(name.as_str())).product();
        let dtype = self.dtype().to_float();
        // A sum in half precision would be rounded before it is divided.
        let floats = self.cast(if dtype.is_half() { DType::F32 } else { dtype })?;
        let mean = floats.reduced("mean", &names, |array, axes| {
            let sum = array.sum(axes)?;
            sum.div(&sum.full_like(count as f64)?)
        })?;
        mean.cast(dtype)
    }

    /// The largest element over axes; NaN if there is one. In derivatives equal elements share evenly.
    ///
    /// # Errors
    /// An axis is not there or has size 0.
    #[track_caller]
    pub fn max(&self, axes: impl Axes) -> Result<NamedArray> {
        let names = axes.names();
        self.refuse_empty("max", &names)?;
        self.reduced("max", &names, Array::max)
    }

    /// The smallest element over axes; NaN if there is one. In derivatives equal elements share evenly.
    ///
    /// # Errors
    /// An axis is not there or has size 0.
    #[track_caller]
    pub fn min(&self, axes: impl Axes) -> Result<NamedArray> {
        let names = axes.names();
        self.refuse_empty("min", &names)?;
        self.reduced("min", &names, Array::min)
    }

    /// Numbers as truth values: whether they are not 0.
    fn truths(&self) -> Result<NamedArray> {
        match self.dtype().kind() {
            DKind::Bool => Ok(self.clone()),
            _ => self.not_equal(0),
        }
    }

    /// Whether all elements over axes are true; numbers are where they are not 0. Of no elements, all are.
    ///
    /// # Errors
    /// An axis is not there.
    #[track_caller]
    pub fn all(&self, axes: impl Axes) -> Result<NamedArray> {
        let _place = caller::enter();
        self.truths()?.reduced("all", &axes.names(), Array::all)
    }

    /// Whether any element over axes is true; numbers are where they are not 0. Of no elements, none is.
    ///
    /// # Errors
    /// An axis is not there.
    #[track_caller]
    pub fn any(&self, axes: impl Axes) -> Result<NamedArray> {
        let _place = caller::enter();
        self.truths()?.reduced("any", &axes.names(), Array::any)
    }

    /// The place of the first largest element along an axis, as `i32` (`i64` on an axis too long for it); of the first NaN if there is one.
    ///
    /// # Errors
    /// The axis is not there or has size 0.
    #[track_caller]
    pub fn argmax(&self, axis: impl Into<AxisName>) -> Result<NamedArray> {
        let name = axis.into();
        self.refuse_empty("argmax", &[name])?;
        self.reduced("argmax", &[name], |array, axes| array.argmax(axes[0]))
    }

    /// The place of the first smallest element along an axis, as `i32` (`i64` on an axis too long for it); of the first NaN if there is one.
    ///
    /// # Errors
    /// The axis is not there or has size 0.
    #[track_caller]
    pub fn argmin(&self, axis: impl Into<AxisName>) -> Result<NamedArray> {
        let name = axis.into();
        self.refuse_empty("argmin", &[name])?;
        self.reduced("argmin", &[name], |array, axes| array.argmin(axes[0]))
    }
}
