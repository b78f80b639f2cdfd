//! Functions whose derivative the user writes: for one that is stabler or cheaper than what the operations give.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use super::derivative::{Form, fitted, forms, named};
use super::{NamedArray, Role, hidden};
use crate::array::control::{self, Control, Custom, CustomRule};
use crate::array::ops::control::CUSTOM;
use crate::array::{Array, caller, trace};
use crate::error::Result;
use crate::shape::AxisName;

type Forward = dyn Fn(&[NamedArray]) -> Result<(Vec<NamedArray>, Vec<NamedArray>)> + Send + Sync;
type Backward = dyn Fn(&[NamedArray], &[NamedArray]) -> Result<Vec<NamedArray>> + Send + Sync;

/// A function with a derivative of the user's: made by [`custom_vjp`].
#[derive(Clone)]
pub struct CustomVjp {
    forward: Arc<Forward>,
    backward: Arc<Backward>,
}

/// A function with a derivative of one's own. `forward` gives the outputs, and the residuals: arrays that `backward`
/// is given back, with the cotangents of the outputs. It returns the cotangents of those inputs that are floats, in
/// order; they have the axes and the dtypes of these inputs.
///
/// `backward` has to be linear in the cotangents. What it uses of the inputs and of what was made from them has to be
/// among the residuals. Second derivatives are those of `backward` and `forward`; the derivative forwards is the
/// transpose of `backward`.
///
/// ```
/// use pz::NamedArray;
/// // log(1 + e^x), whose derivative as the operations give it is infinity over infinity for large x.
/// let softplus = pz::custom_vjp(
///     |x| Ok((vec![x[0].exp()?.add(1.0)?.log()?], vec![x[0].clone()])),
///     |x, cotangents| Ok(vec![cotangents[0].mul(&x[0].sigmoid()?)?]),
/// );
/// let x = NamedArray::scalar(100f32);
/// let grads = pz::grad(|x| Ok(softplus.call(x)?.remove(0)), &[x])?;
/// assert_eq!(grads[0].item::<f32>()?, 1.0);
/// # Ok::<(), pz::Error>(())
/// ```
pub fn custom_vjp(
    forward: impl Fn(&[NamedArray]) -> Result<(Vec<NamedArray>, Vec<NamedArray>)> + Send + Sync + 'static,
    backward: impl Fn(&[NamedArray], &[NamedArray]) -> Result<Vec<NamedArray>> + Send + Sync + 'static,
) -> CustomVjp {
    CustomVjp { forward: Arc::new(forward), backward: Arc::new(backward) }
}

impl CustomVjp {
    /// The outputs for these inputs.
    ///
    /// # Errors
    /// What the function returns. What its derivative returns, and cotangents that differ from the inputs, are
    /// errors of the gradient.
    #[track_caller]
    pub fn call(&self, inputs: &[NamedArray]) -> Result<Vec<NamedArray>> {
        let _call = caller::enter("custom_vjp");
        let (outputs, residuals) = caller::suspended(|| (self.forward)(inputs))?;
        let is_plain = inputs.iter().all(|input| input.array.as_node().trackers.is_empty());
        if is_plain && !trace::is_open() {
            return Ok(outputs);
        }
        let rule = Rule {
            backward: AssertUnwindSafe(self.backward.clone()),
            running: hidden::running(),
            inputs: forms(inputs),
            outputs: forms(&outputs),
            residuals: forms(&residuals),
        };
        let custom = Custom { inputs: inputs.len(), results: outputs.len(), rule: Arc::new(rule) };
        let operands = inputs.iter().chain(&outputs).chain(&residuals).map(|named| &named.array);
        let several =
            control::apply(&CUSTOM, Arc::new(Control::Custom(custom)), &operands.collect::<Vec<_>>())?;
        let specs: Vec<_> = outputs.iter().map(|output| output.array.spec().clone()).collect();
        Ok(named(control::parts(&several, &specs)?, &forms(&outputs)))
    }
}

/// A user's rule, and the axes of what it is called with.
struct Rule {
    /// A call that panics leaves nothing behind in here, so a graph that holds it is still sound.
    backward: AssertUnwindSafe<Arc<Backward>>,
    /// The calls of `nmap` under which the function was called.
    running: hidden::Running,
    inputs: Vec<Form>,
    outputs: Vec<Form>,
    residuals: Vec<Form>,
}

impl CustomRule for Rule {
    fn pull(&self, residuals: &[Array], cotangents: &[Option<Array>]) -> Result<Vec<Option<Array>>> {
        let cotangents = cotangents.iter().zip(&self.outputs).map(|(cotangent, form)| match cotangent {
            Some(cotangent) => Ok(cotangent.clone()),
            None => Array::full(0.0, &form.spec.dims, form.spec.dtype),
        });
        let cotangents = named(cotangents.collect::<Result<_>>()?, &self.outputs);
        let residuals = named(residuals.to_vec(), &self.residuals);
        let found = {
            let _again = hidden::Again::new(&self.running);
            caller::suspended(|| (self.backward)(&residuals, &cotangents))?
        };
        let is_float = |form: &&Form| form.spec.dtype.is_float();
        let wanted: Vec<Form> = self.inputs.iter().filter(is_float).cloned().collect();
        // What all slices are given the same of has a cotangent from each of them.
        let together = |(found, form): (&NamedArray, &Form)| {
            let names = found.hidden_axes().into_iter().map(|(name, _)| name);
            let names: Vec<AxisName> =
                names.filter(|name| !form.roles.contains(&Role::Named(*name))).collect();
            if names.is_empty() { Ok(found.clone()) } else { found.sum(names) }
        };
        let found = match found.len() == wanted.len() {
            true => found.iter().zip(&wanted).map(together).collect::<Result<_>>()?,
            false => found,
        };
        let mut found = fitted("custom_vjp", "cotangent of float input", &found, &wanted)?.into_iter();
        Ok(self.inputs.iter().map(|form| is_float(&form).then(|| found.next()).flatten()).collect())
    }

    fn same(&self, other: &dyn CustomRule) -> bool {
        (other as &dyn Any).downcast_ref::<Rule>().is_some_and(|other| {
            Arc::ptr_eq(&self.backward, &other.backward)
                && self.running == other.running
                && self.inputs == other.inputs
                && self.outputs == other.outputs
                && self.residuals == other.residuals
        })
    }
}

impl std::fmt::Debug for CustomVjp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CustomVjp")
    }
}
