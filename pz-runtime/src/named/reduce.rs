//! Reductions over axes.
//!
//! Each binds its axes by name, or by position, and is a primitive of the array below; what a primitive would say of
//! axis numbers is said here in the user's words, first.

use super::{Axes, Axis, NamedArray};
use crate::array::{Array, DKind, DType, caller};
use crate::error::{Report, Result};

impl NamedArray {
    #[track_caller]
    pub(super) fn reduced(
        &self,
        op: &str,
        axes: &[Axis],
        f: impl Fn(&Array, &[usize]) -> Result<Array>,
    ) -> Result<NamedArray> {
        let axes = self.numbers(op, axes)?;
        let roles =
            (0..self.roles.len()).filter(|axis| !axes.contains(axis)).map(|axis| self.roles[axis]).collect();
        NamedArray::result(f(&self.array, &axes)?, roles)
    }

    /// Refuses axes of size 0, for what is not defined over no elements.
    pub(super) fn refuse_empty<A: Copy + Into<Axis>>(&self, op: &str, axes: &[A]) -> Result<()> {
        let numbers = self.numbers(op, axes)?;
        let empty = axes.iter().zip(numbers).filter(|(_, number)| self.array.dims()[*number] == 0);
        let problems =
            empty.map(|(&axis, _)| format!("the axis `{}` has size 0 ({})", axis.into(), self.axes_text()));
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
        let _call = caller::enter("sum");
        self.counting()?.reduced("sum", &axes.axes(), Array::sum)
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
        let _call = caller::enter("prod");
        self.counting()?.reduced("prod", &axes.axes(), Array::prod)
    }

    /// The mean over axes; of integers, as `f32`.
    ///
    /// # Errors
    /// An axis is not there.
    #[track_caller]
    pub fn mean(&self, axes: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("mean");
        let axes = axes.axes();
        let numbers = self.numbers("mean", &axes)?;
        let count: usize = numbers.iter().map(|&axis| self.array.dims()[axis]).product();
        let dtype = self.dtype().to_float();
        // A sum in half precision would be rounded before it is divided.
        let floats = self.cast(if dtype.is_half() { DType::F32 } else { dtype })?;
        let mean = floats.reduced("mean", &axes, |array, axes| {
            let sum = array.sum(axes)?;
            sum.div(&sum.full_like(count as f64)?)
        })?;
        mean.cast(dtype)
    }

    /// The largest element over axes; NaN if there is one, and then its derivatives are too (in JAX those of compiled
    /// code are 0). In derivatives equal elements share evenly.
    ///
    /// # Errors
    /// An axis is not there or has size 0.
    #[track_caller]
    pub fn max(&self, axes: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("max");
        let axes = axes.axes();
        self.refuse_empty("max", &axes)?;
        self.reduced("max", &axes, Array::max)
    }

    /// The smallest element over axes; NaN if there is one, and then its derivatives are too (in JAX those of compiled
    /// code are 0). In derivatives equal elements share evenly.
    ///
    /// # Errors
    /// An axis is not there or has size 0.
    #[track_caller]
    pub fn min(&self, axes: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("min");
        let axes = axes.axes();
        self.refuse_empty("min", &axes)?;
        self.reduced("min", &axes, Array::min)
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
        let _call = caller::enter("all");
        self.truths()?.reduced("all", &axes.axes(), Array::all)
    }

    /// Whether any element over axes is true; numbers are where they are not 0. Of no elements, none is.
    ///
    /// # Errors
    /// An axis is not there.
    #[track_caller]
    pub fn any(&self, axes: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("any");
        self.truths()?.reduced("any", &axes.axes(), Array::any)
    }

    /// The place of the first largest element along an axis, as `i32` (`i64` on an axis too long for it); of the first NaN if there is one.
    ///
    /// # Errors
    /// The axis is not there or has size 0.
    #[track_caller]
    pub fn argmax(&self, axis: impl Into<Axis>) -> Result<NamedArray> {
        let _call = caller::enter("argmax");
        let axis = axis.into();
        self.refuse_empty("argmax", &[axis])?;
        self.reduced("argmax", &[axis], |array, axes| array.argmax(axes[0]))
    }

    /// The place of the first smallest element along an axis, as `i32` (`i64` on an axis too long for it); of the first NaN if there is one.
    ///
    /// # Errors
    /// The axis is not there or has size 0.
    #[track_caller]
    pub fn argmin(&self, axis: impl Into<Axis>) -> Result<NamedArray> {
        let _call = caller::enter("argmin");
        let axis = axis.into();
        self.refuse_empty("argmin", &[axis])?;
        self.reduced("argmin", &[axis], |array, axes| array.argmin(axes[0]))
    }
}
