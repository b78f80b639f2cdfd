//! What a gradient does not keep: values that it computes again, and values that it takes as constants.

use super::NamedArray;
use super::control::run_traced;
use crate::array::caller;
use crate::error::Result;
use crate::tree::PyTree;

/// What `function` gives for `inputs`, none of whose intermediate values are kept for a gradient: it computes the
/// function again where it needs them. That is less memory for more work.
///
/// # Errors
/// The function gives a leaf that is no array; or what it returns.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::scalar(0.5f32);
/// let grads = pz::grad(|x| pz::checkpoint(|x: NamedArray| x.sin()?.sin(), x[0].clone()), &[x])?;
/// assert!((grads[0].item::<f32>()? - 0.5f32.cos() * 0.5f32.sin().cos()).abs() < 1e-6);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn checkpoint<X: PyTree, Y: PyTree>(function: impl FnOnce(X) -> Result<Y>, inputs: X) -> Result<Y> {
    let _call = caller::enter("checkpoint");
    run_traced(|| function(inputs))
}

impl NamedArray {
    /// This array as a constant for every derivative.
    ///
    /// # Errors
    /// None today.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::scalar(3f32);
    /// let grads = pz::grad(|x| x[0].mul(&x[0].stop_gradient()?), &[x])?;
    /// assert_eq!(grads[0].item::<f32>()?, 3.0);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn stop_gradient(&self) -> Result<NamedArray> {
        let _call = caller::enter("stop_gradient");
        let array = self.array.stop_gradient()?;
        Ok(NamedArray::new(array, self.roles.clone()))
    }
}
