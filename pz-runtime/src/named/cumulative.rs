//! Running results along an axis, from its beginning or from its end.
//!
//! The axis comes last in the result. A result from the end is computed on reversed views, which cost nothing.

use super::{Axis, NamedArray};
use crate::array::{Array, DType, caller};
use crate::error::Result;

/// An axis, and from which side a running result goes along it: a name alone goes from the beginning.
///
/// ```
/// use pz::{NamedArray, nx::Running};
/// let x = NamedArray::from_vec(vec![1i32, 2, 3], [("n", 3)])?;
/// assert_eq!(x.cumsum("n")?.to_vec::<i32>()?, [1, 3, 6]);
/// assert_eq!(x.cumsum(Running::from_end("n"))?.to_vec::<i32>()?, [6, 5, 3]);
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Running {
    axis: Axis,
    from_end: bool,
}

impl Running {
    /// Along the axis from its end: each place holds the result of itself and all behind it.
    pub fn from_end(axis: impl Into<Axis>) -> Self {
        Running { axis: axis.into(), from_end: true }
    }
}

impl<A: Into<Axis>> From<A> for Running {
    fn from(axis: A) -> Self {
        Running { axis: axis.into(), from_end: false }
    }
}

impl NamedArray {
    #[track_caller]
    fn running(
        &self,
        op: &str,
        axis: impl Into<Running>,
        f: fn(&Array, usize) -> Result<Array>,
    ) -> Result<Self> {
        let Running { axis, from_end } = axis.into();
        let numbers = if self.dtype() == DType::Bool { self.cast(DType::I32)? } else { self.clone() };
        let axis = numbers.numbers(op, &[axis])?[0];
        let array = match from_end {
            false => f(&numbers.array, axis)?,
            true => f(&numbers.array.reverse(axis)?, axis)?.reverse(axis)?,
        };
        NamedArray::along(array, &numbers.roles, &[axis])
    }

    /// The sum of the elements up to and with each place along an axis. Truth values are counted.
    ///
    /// # Errors
    /// The axis is not there.
    #[track_caller]
    pub fn cumsum(&self, axis: impl Into<Running>) -> Result<NamedArray> {
        let _call = caller::enter("cumsum");
        self.running("cumsum", axis, Array::cumsum)
    }

    /// The product of the elements up to and with each place along an axis. The derivative does not divide: zeros
    /// are nothing special.
    ///
    /// # Errors
    /// The axis is not there.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![2f32, 3., 4.], [("n", 3)])?;
    /// assert_eq!(x.cumprod("n")?.to_vec::<f32>()?, [2., 6., 24.]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn cumprod(&self, axis: impl Into<Running>) -> Result<NamedArray> {
        let _call = caller::enter("cumprod");
        self.running("cumprod", axis, Array::cumprod)
    }

    /// The largest element up to and with each place along an axis; NaN from the first NaN on. In derivatives a
    /// cotangent is shared out among equal maxima as JAX does it: evenly in each pair of neighbours, then of pairs.
    ///
    /// # Errors
    /// The axis is not there.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1i32, 3, 2, 5], [("n", 4)])?;
    /// assert_eq!(x.cummax("n")?.to_vec::<i32>()?, [1, 3, 3, 5]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn cummax(&self, axis: impl Into<Running>) -> Result<NamedArray> {
        let _call = caller::enter("cummax");
        self.running("cummax", axis, Array::cummax)
    }

    /// The smallest element up to and with each place along an axis; NaN from the first NaN on. In derivatives a
    /// cotangent is shared out among equal minima as JAX does it: evenly in each pair of neighbours, then of pairs.
    ///
    /// # Errors
    /// The axis is not there.
    #[track_caller]
    pub fn cummin(&self, axis: impl Into<Running>) -> Result<NamedArray> {
        let _call = caller::enter("cummin");
        self.running("cummin", axis, Array::cummin)
    }

    /// The logarithm of the sum of the exponentials of the elements up to and with each place along an axis,
    /// without leaving the range of `exp` on the way. In derivatives, elements behind an infinity have no part (in JAX
    /// they have `e^x`).
    ///
    /// # Errors
    /// The axis is not there; the elements are not floats.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![-1000f32, -1000.], [("n", 2)])?;
    /// assert_eq!(x.cumlogsumexp("n")?.to_vec::<f32>()?, [-1000.0, -1000.0 + 2f32.ln()]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn cumlogsumexp(&self, axis: impl Into<Running>) -> Result<NamedArray> {
        let _call = caller::enter("cumlogsumexp");
        self.running("cumlogsumexp", axis, Array::cumlogsumexp)
    }
}
