//! What normalises exponentials over axes: softmax, its logarithm, and the logarithm of their sum.
//!
//! The largest element is subtracted before anything is raised to a power, so that no exponent is above 0. What passes
//! through it in derivatives would cancel, so it is a constant there, as in JAX. A softmax has one derivative as a whole,
//! which needs nothing but its result.

use smallvec::SmallVec;

use super::{Axes, NamedArray};
use crate::array::{Array, caller};
use crate::error::Result;

impl NamedArray {
    /// `exp(x - max) / sum(exp(x - max))` over axes together, which come last in the result. Where
    /// all are -infinity the result is NaN, as in JAX.
    ///
    /// # Errors
    /// An axis is not there or has size 0.
    #[track_caller]
    pub fn softmax(&self, axes: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("softmax");
        let (x, last) = self.axes_last("softmax", &axes)?;
        let (array, dims) = (&x.array, x.array.dims());
        let known = array.stop_gradient()?;
        let max = known.max(&last)?.broadcast_reduced(dims, &last)?;
        let exps = known.sub(&max)?.exp()?;
        let sum = exps.sum(&last)?.broadcast_reduced(dims, &last)?;
        NamedArray::result(exps.div(&sum)?.softmax_of(array, &last)?, x.roles.clone())
    }

    /// The logarithm of [`softmax`](NamedArray::softmax), without leaving the range of `exp` on the way. The axes
    /// come last in the result.
    ///
    /// # Errors
    /// An axis is not there or has size 0.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1000f32, 1000., f32::NEG_INFINITY], [("n", 3)])?;
    /// let y = x.log_softmax("n")?.to_vec::<f32>()?;
    /// assert_eq!(y, [-(2f32.ln()), -(2f32.ln()), f32::NEG_INFINITY]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn log_softmax(&self, axes: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("log_softmax");
        let (x, last) = self.axes_last("log_softmax", &axes)?;
        let dims = x.array.dims();
        let max = x.array.stop_gradient()?.max(&last)?;
        let shifted = x.array.sub(&max.broadcast_reduced(dims, &last)?)?;
        let log = shifted.exp()?.sum(&last)?.log()?.broadcast_reduced(dims, &last)?;
        NamedArray::result(shifted.sub(&log)?, x.roles.clone())
    }

    /// The logarithm of the sum of the exponentials over axes; of no elements, and of elements that are all
    /// -infinity, -infinity. There the derivative is not defined, and is NaN as in JAX.
    ///
    /// # Errors
    /// An axis is not there.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![-1000f32, -1000.], [("n", 2)])?;
    /// assert_eq!(x.logsumexp("n")?.item::<f32>()?, -1000.0 + 2f32.ln());
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn logsumexp(&self, axes: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("logsumexp");
        let floats = self.cast(self.dtype().to_float())?;
        floats.reduced("logsumexp", &axes.axes(), |x, axes| {
            if axes.iter().any(|&axis| x.dims()[axis] == 0) {
                return Array::full(f64::NEG_INFINITY, &x.dims_without(axes), x.dtype());
            }
            let max = x.stop_gradient()?.max(axes)?;
            // Infinities cannot be subtracted from themselves.
            let is_finite = max.sub(&max)?.equal(&max.full_like(0.0)?)?;
            let max = is_finite.select(&max, &max.full_like(0.0)?)?;
            let shifted = x.sub(&max.broadcast_reduced(x.dims(), axes)?)?;
            shifted.exp()?.sum(axes)?.log()?.add(&max)
        })
    }

    /// Floats with the axes last, and the numbers that they have there.
    pub(super) fn axes_last(&self, op: &str, axes: &impl Axes) -> Result<(NamedArray, SmallVec<[usize; 6]>)> {
        let axes = axes.axes();
        let floats = self.cast(self.dtype().to_float())?;
        let numbers = floats.numbers(op, &axes)?;
        floats.refuse_empty(op, &axes)?;
        let rest = (0..floats.roles.len()).filter(|axis| !numbers.contains(axis));
        let order: SmallVec<[usize; 6]> = rest.chain(numbers.iter().copied()).collect();
        let last = (order.len() - numbers.len()..order.len()).collect();
        Ok((floats.permuted(&order)?, last))
    }
}
