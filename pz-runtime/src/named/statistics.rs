//! Spread and size over axes: variance, standard deviation, norms.
//!
//! A variance is the mean square of what is left of the mean, not a difference of two large means. Half precision
//! is computed in `f32` and rounded once. What is standardised keeps its axes in their order.

use super::{Axes, NamedArray};
use crate::array::{DType, caller};
use crate::error::Result;
use crate::shape::AxisName;

/// What the size of a vector is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// The sum of absolute values.
    L1,
    /// The root of the sum of squares.
    L2,
    /// The largest absolute value.
    Max,
}

impl NamedArray {
    /// Floats, of 32 bits at least, and the dtype to round to.
    fn computed(&self) -> Result<(NamedArray, DType)> {
        let dtype = self.dtype().to_float();
        Ok((self.cast(if dtype.is_half() { DType::F32 } else { dtype })?, dtype))
    }

    fn variance(&self, names: &[AxisName], ddof: usize) -> Result<NamedArray> {
        let count: usize = names.iter().filter_map(|name| self.size(name)).product();
        let around = self.sub(&self.mean(names)?)?;
        let left = count.saturating_sub(ddof);
        let total = around.square()?.sum(names)?;
        if left == 0 {
            return total.stop_gradient()?.div(f64::NAN);
        }
        total.div(left as f64)
    }

    /// The variance over axes: the mean square of the distances from the mean, for which `count - ddof` is counted:
    /// 0 for the variance of these elements, 1 for an estimate of what they are a sample of. NaN where nothing is
    /// left to count, with a derivative of 0.
    ///
    /// # Errors
    /// An axis is not there.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1f32, 2., 3.], [("n", 3)])?;
    /// assert_eq!(x.var("n", 1)?.item::<f32>()?, 1.0);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn var(&self, axes: impl Axes, ddof: usize) -> Result<NamedArray> {
        let _call = caller::enter("var");
        self.by_name("var", &axes.axes(), &|x, axes| {
            let (x, dtype) = x.computed()?;
            x.variance(axes, ddof)?.cast(dtype)
        })
    }

    /// The standard deviation over axes: the root of [`var`](NamedArray::var). Where all elements are equal it has
    /// no derivative, which is NaN there as in JAX.
    ///
    /// # Errors
    /// An axis is not there.
    #[track_caller]
    pub fn std(&self, axes: impl Axes, ddof: usize) -> Result<NamedArray> {
        let _call = caller::enter("std");
        self.by_name("std", &axes.axes(), &|x, axes| {
            let (x, dtype) = x.computed()?;
            x.variance(axes, ddof)?.sqrt()?.cast(dtype)
        })
    }

    /// The size of the vectors along axes together. The derivative of the 2-norm of zeros is 0 (in JAX it is NaN).
    ///
    /// # Errors
    /// An axis is not there; for [`Norm::Max`], it has size 0.
    ///
    /// ```
    /// use pz::{NamedArray, nx::Norm};
    /// let x = NamedArray::from_vec(vec![3f32, -4.], [("n", 2)])?;
    /// assert_eq!(x.norm("n", Norm::L2)?.item::<f32>()?, 5.0);
    /// assert_eq!(x.norm("n", Norm::L1)?.item::<f32>()?, 7.0);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn norm(&self, axes: impl Axes, norm: Norm) -> Result<NamedArray> {
        let _call = caller::enter("norm");
        let axes = axes.axes();
        self.numbers("norm", &axes)?;
        let (x, dtype) = self.computed()?;
        let size = match norm {
            Norm::L1 => x.abs()?.sum(axes.as_slice())?,
            // As in JAX the 0 that a norm starts from has half of the derivative at zeros.
            Norm::Max => x.abs()?.max(axes.as_slice())?.maximum(0.0)?,
            Norm::L2 => {
                let total = x.square()?.sum(axes.as_slice())?;
                let is_zero = total.equal(0.0)?;
                // The root's derivative at 0 is infinite, so zeros do not pass through it.
                is_zero.select(0.0, is_zero.select(1.0, &total)?.sqrt()?)?
            }
        };
        size.cast(dtype)
    }

    /// The elements less their mean over axes, divided by the root of their variance plus `epsilon`.
    ///
    /// # Errors
    /// An axis is not there.
    #[track_caller]
    pub fn standardize(&self, axes: impl Axes, epsilon: f64) -> Result<NamedArray> {
        let _call = caller::enter("standardize");
        self.by_name("standardize", &axes.axes(), &|x, axes| {
            let (x, dtype) = x.computed()?;
            let scale = x.variance(axes, 0)?.add(epsilon)?.rsqrt()?;
            x.sub(&x.mean(axes)?)?.mul(&scale)?.cast(dtype)
        })
    }
}
