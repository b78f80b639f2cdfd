//! Gradients of functions of named arrays.

use super::NamedArray;
use super::derivative::{Inputs, arrays, rolled};
use crate::array::caller;
use crate::error::{Report, Result};
use crate::grad::pullback;

/// The value of a function and its gradient with respect to each of `inputs`.
///
/// The function is given arrays equal to the inputs, and returns one number. It may read values on the way.
/// Gradients have the axes of their inputs, in the same order.
///
/// Under [`nmap`](super::nmap) there is a gradient for each slice: of an example in a batch, say, also with respect to
/// parameters that all examples share.
///
/// # Errors
/// An input is not a float; the result has axes or is not a float; or what the function returns.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1f32, 2., 3.], [("n", 3)])?;
/// let (value, grads) = pz::value_and_grad(|x| x[0].square()?.sum("n"), &[x])?;
/// assert_eq!(value.item::<f32>()?, 14.0);
/// assert_eq!(grads[0].to_vec::<f32>()?, [2., 4., 6.]);
///
/// // For each example its own gradient of a weight that all share.
/// let (examples, weight) = (NamedArray::from_vec(vec![1f32, 2., 3.], [("batch", 3)])?, NamedArray::scalar(10f32));
/// let loss = |x: &NamedArray, w: &NamedArray| w.mul(x)?.square();
/// let each = pz::nx::nmap(|x| Ok(pz::grad(|w| loss(&x, &w[0]), &[weight.clone()])?.remove(0)), examples)?;
/// assert_eq!(each.to_vec::<f32>()?, [20., 80., 180.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn value_and_grad(
    function: impl FnOnce(&[NamedArray]) -> Result<NamedArray>,
    inputs: &[NamedArray],
) -> Result<(NamedArray, Vec<NamedArray>)> {
    let _call = caller::enter("value_and_grad");
    value_and_grad_aux(|inputs| Ok((function(inputs)?, ())), inputs).map(|(value, (), grads)| (value, grads))
}

/// As [`value_and_grad`], of a function that returns something beside the number: the value, what was returned
/// beside it, the gradients.
///
/// # Errors
/// As [`value_and_grad`].
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1f32, 2., 3.], [("n", 3)])?;
/// let loss = |x: &[NamedArray]| {
///     let squares = x[0].square()?;
///     Ok((squares.sum("n")?, squares))
/// };
/// let (_, squares, grads) = pz::value_and_grad_aux(loss, &[x])?;
/// assert_eq!(squares.to_vec::<f32>()?, [1., 4., 9.]);
/// assert_eq!(grads[0].to_vec::<f32>()?, [2., 4., 6.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn value_and_grad_aux<A>(
    function: impl FnOnce(&[NamedArray]) -> Result<(NamedArray, A)>,
    inputs: &[NamedArray],
) -> Result<(NamedArray, A, Vec<NamedArray>)> {
    let _call = caller::enter("value_and_grad_aux");
    let tracked = Inputs::new("grad", inputs)?;
    let (value, beside) = caller::suspended(|| function(&tracked.named))?;
    if !value.is_one_number() {
        let problem = format!(
            "the function returned an array with axes ({}), and a gradient is of one number",
            value.axes_text()
        );
        return Err(Report::new("grad", problem)
            .help("reduce the result: `loss.sum([…])` or `loss.mean([…])`")
            .shape());
    }
    if !value.dtype().is_float() {
        let problem = format!("the function returned {}, and only floats have a gradient", value.dtype());
        return Err(Report::new("grad", problem).dtype());
    }
    let seed = value.array.full_like(1.0)?;
    let found = pullback(&tracked.scope, &[(value.array.clone(), seed)], &arrays(&tracked.named))?;
    Ok((value, beside, rolled(found, &tracked.named)))
}

/// The gradient of a function with respect to each of `inputs`: [`value_and_grad`] without the value.
///
/// # Errors
/// As [`value_and_grad`].
#[track_caller]
pub fn grad(
    function: impl FnOnce(&[NamedArray]) -> Result<NamedArray>,
    inputs: &[NamedArray],
) -> Result<Vec<NamedArray>> {
    let _call = caller::enter("grad");
    value_and_grad(function, inputs).map(|(_, grads)| grads)
}
