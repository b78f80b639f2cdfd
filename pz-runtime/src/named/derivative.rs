//! Derivatives in both directions: tangents forwards, cotangents backwards, and both for second derivatives.
//!
//! All are made of the same two parts, a scope that marks inputs and a walk from outputs back to them; what differs
//! is what is pulled back, and when. Several tangents or cotangents at one point cost one trace: the maps that
//! [`linearize`] and [`vjp`] return keep the graph.

use super::hidden::{self, is_hidden};
use super::{NamedArray, Role, Roles, positional, scan};
use crate::array::primitive::Spec;
use crate::array::{Array, caller};
use crate::error::{Report, Result};
use crate::grad::{Linear, Scope, pullback};

/// A linear function of arrays, that may be called often: what [`linearize`] and [`vjp`] return.
pub type LinearMap = Box<dyn Fn(&[NamedArray]) -> Result<Vec<NamedArray>> + Send + Sync>;

/// Inputs marked by a scope of their own. Under `nmap` each slice has inputs of its own, also where all slices are
/// given the same, so that each has a derivative of its own.
pub(super) struct Inputs {
    pub(super) scope: Scope,
    pub(super) named: Vec<NamedArray>,
}

impl Inputs {
    pub(super) fn new(op: &str, inputs: &[NamedArray]) -> Result<Self> {
        let without = inputs.iter().enumerate().filter(|(_, input)| !input.dtype().is_float());
        let problem = |(place, input): (usize, &NamedArray)| {
            format!("input {place} is {}, and only floats have a derivative", input.summary_text())
        };
        if let Some(report) = Report::of(op, without.map(problem).collect()) {
            return Err(report
                .help("differentiate with respect to float arrays, and use the others inside the function")
                .dtype());
        }
        let scope = Scope::open();
        let mark = |input: NamedArray| Ok(NamedArray::new(scope.input(&input.array)?, input.roles));
        let named = for_each_slice(inputs)?.into_iter().map(mark).collect::<Result<_>>()?;
        Ok(Inputs { scope, named })
    }
}

/// The arrays repeated along all axes that are hidden now.
fn for_each_slice(arrays: &[NamedArray]) -> Result<Vec<NamedArray>> {
    let axes = hidden::axes();
    arrays.iter().map(|array| array.widened(&axes)).collect()
}

/// The arrays below.
pub(super) fn arrays(named: &[NamedArray]) -> Vec<Array> {
    named.iter().map(|named| named.array.clone()).collect()
}

/// Arrays with the axes of `like`.
pub(super) fn rolled(arrays: Vec<Array>, like: &[NamedArray]) -> Vec<NamedArray> {
    arrays.into_iter().zip(like).map(|(array, like)| NamedArray::new(array, like.roles.clone())).collect()
}

/// What an array is to have: axes, in an order, and a dtype.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Form {
    pub(crate) roles: Roles,
    pub(crate) spec: Spec,
}

impl Form {
    pub(crate) fn of(array: &NamedArray) -> Self {
        Form { roles: array.roles.clone(), spec: array.array.spec().clone() }
    }

    /// `f32(batch:2, seq:3)`.
    pub(crate) fn text(&self) -> String {
        let sized = self.roles.iter().zip(&self.spec.dims);
        let axes: Vec<String> = sized
            .filter(|(role, _)| !role.name().is_some_and(is_hidden))
            .map(|(role, size)| role.name().map_or(size.to_string(), |name| format!("{name}:{size}")))
            .collect();
        format!("{}({})", self.spec.dtype, axes.join(", "))
    }

    /// The axes of the form that an `nmap` hides.
    fn hidden(&self) -> hidden::SizedAxes {
        let sized = self.roles.iter().zip(&self.spec.dims);
        let named = sized.filter_map(|(role, &size)| Some((role.name()?, size)));
        named.filter(|(name, _)| is_hidden(*name)).collect()
    }

    /// The array with its axes in this form's order, repeated along hidden ones that it has not; `None` where it has
    /// others, or another dtype.
    pub(crate) fn fit(&self, array: &NamedArray) -> Option<Result<NamedArray>> {
        let array = match array.widened(&self.hidden()) {
            Ok(array) => array,
            Err(error) => return Some(Err(error)),
        };
        let positions = positional(&array.roles);
        let order: Option<Vec<usize>> = self
            .roles
            .iter()
            .map(|role| match *role {
                Role::Named(name) => array.axis_of(name),
                Role::Positional(number) => positions.get(number).copied(),
            })
            .collect();
        let order = order.filter(|order| order.len() == array.roles.len())?;
        let same = order.iter().zip(&self.spec.dims).all(|(&axis, &size)| array.array.dims()[axis] == size);
        (same && array.dtype() == self.spec.dtype).then(|| array.permuted(&order))
    }
}

/// Arrays in the forms given, all problems in one report.
pub(super) fn fitted(op: &str, what: &str, given: &[NamedArray], forms: &[Form]) -> Result<Vec<Array>> {
    if given.len() != forms.len() {
        let problem = format!("{} {what}s were given, and {} are needed", given.len(), forms.len());
        return Err(Report::new(op, problem).shape());
    }
    let (mut fitting, mut problems) = (Vec::new(), Vec::new());
    for (place, (given, form)) in given.iter().zip(forms).enumerate() {
        match form.fit(given) {
            Some(array) => fitting.push(array?.array),
            None => problems.push(format!(
                "{what} {place} is {}, and has to be {}",
                given.summary_text(),
                form.text()
            )),
        }
    }
    match Report::of(op, problems) {
        Some(report) => Err(report.shape()),
        None => Ok(fitting),
    }
}

pub(super) fn forms(arrays: &[NamedArray]) -> Vec<Form> {
    arrays.iter().map(Form::of).collect()
}

pub(super) fn named(arrays: Vec<Array>, forms: &[Form]) -> Vec<NamedArray> {
    arrays.into_iter().zip(forms).map(|(array, form)| NamedArray::new(array, form.roles.clone())).collect()
}

/// What a linear map gives for each slice along hidden axes that what it is given has, and its own forms have not: the
/// map was made outside of the `nmap` under which it is called. It goes from slice to slice.
fn slice_by_slice(
    given: &[NamedArray],
    forms: &[Form],
    map: &dyn Fn(&[NamedArray]) -> Result<Vec<NamedArray>>,
) -> Result<Vec<NamedArray>> {
    let own = |(array, form): (&NamedArray, &Form)| {
        let known = form.hidden();
        array.hidden_axes().into_iter().find(|axis| !known.contains(axis))
    };
    let Some((axis, _)) = given.iter().zip(forms).find_map(own) else { return map(given) };
    let has_it: Vec<bool> = given.iter().map(|array| array.axis_of(axis).is_some()).collect();
    let sliced = given.iter().zip(&has_it).filter(|(_, has_it)| **has_it);
    let sliced: Vec<NamedArray> = sliced.map(|(array, _)| array.clone()).collect();
    let (_, results) = scan(axis, (), sliced, |(), slices: Vec<NamedArray>| {
        let mut slices = slices.into_iter();
        let one = given.iter().zip(&has_it);
        let one = one.map(|(array, has_it)| if *has_it { slices.next() } else { Some(array.clone()) });
        Ok(((), slice_by_slice(&one.flatten().collect::<Vec<_>>(), forms, map)?))
    })?;
    Ok(results)
}

/// The outputs of a function, and the tangents with which they move when the inputs move with `tangents`: the
/// derivative of `function` at `inputs`, times `tangents`.
///
/// A tangent has the axes and the dtype of its input. Nothing but what is read is computed, and the tangents cost
/// about as much as the outputs.
///
/// # Errors
/// An input or an output is not a float; a tangent differs from its input; or what the function returns.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1f32, 2., 3.], [("n", 3)])?;
/// let v = NamedArray::from_vec(vec![1f32, 0., 10.], [("n", 3)])?;
/// let (squares, moved) = pz::jvp(|x| Ok(vec![x[0].square()?]), &[x], &[v])?;
/// assert_eq!(squares[0].to_vec::<f32>()?, [1., 4., 9.]);
/// assert_eq!(moved[0].to_vec::<f32>()?, [2., 0., 60.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn jvp(
    function: impl FnOnce(&[NamedArray]) -> Result<Vec<NamedArray>>,
    inputs: &[NamedArray],
    tangents: &[NamedArray],
) -> Result<(Vec<NamedArray>, Vec<NamedArray>)> {
    let _call = caller::enter("jvp");
    fitted("jvp", "tangent", tangents, &forms(&for_each_slice(inputs)?))?;
    let (outputs, push) = linearize(function, inputs)?;
    let moved = push(tangents)?;
    Ok((outputs, moved))
}

/// The outputs of a function, and its derivative at `inputs` as a linear map from tangents of the inputs to those of
/// the outputs. The map may be called often.
///
/// # Errors
/// As [`jvp`]; the map complains of tangents that differ from the inputs.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::scalar(3f32);
/// let (_, push) = pz::linearize(|x| Ok(vec![x[0].square()?]), &[x])?;
/// assert_eq!(push(&[NamedArray::scalar(1f32)])?[0].item::<f32>()?, 6.0);
/// assert_eq!(push(&[NamedArray::scalar(-2f32)])?[0].item::<f32>()?, -12.0);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn linearize<F>(function: F, inputs: &[NamedArray]) -> Result<(Vec<NamedArray>, LinearMap)>
where
    F: FnOnce(&[NamedArray]) -> Result<Vec<NamedArray>>,
{
    let call = caller::of("linearize");
    let _call = caller::at(call);
    let tracked = Inputs::new("linearize", inputs)?;
    let outputs = caller::suspended(|| function(&tracked.named))?;
    let linear = Linear::new(&tracked.scope, &arrays(&outputs), &arrays(&tracked.named))?;
    let (from, to) = (forms(&tracked.named), forms(&outputs));
    let push = move |tangents: &[NamedArray]| {
        let _call = caller::at(call);
        slice_by_slice(tangents, &from, &|tangents| {
            Ok(named(linear.push(&fitted("linearize", "tangent", tangents, &from)?)?, &to))
        })
    };
    Ok((outputs, Box::new(push)))
}

/// The outputs of a function, and the map that pulls cotangents of the outputs back to cotangents of the inputs: the
/// transpose of the derivative at `inputs`. The map may be called often.
///
/// # Errors
/// An input is not a float; or what the function returns. The map complains of cotangents that differ from the
/// outputs.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1f32, 2., 3.], [("n", 3)])?;
/// let (_, pull) = pz::vjp(|x| Ok(vec![x[0].square()?]), &[x])?;
/// let weights = NamedArray::from_vec(vec![1f32, 0., 10.], [("n", 3)])?;
/// assert_eq!(pull(&[weights])?[0].to_vec::<f32>()?, [2., 0., 60.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn vjp<F>(function: F, inputs: &[NamedArray]) -> Result<(Vec<NamedArray>, LinearMap)>
where
    F: FnOnce(&[NamedArray]) -> Result<Vec<NamedArray>>,
{
    let call = caller::of("vjp");
    let _call = caller::at(call);
    let tracked = Inputs::new("vjp", inputs)?;
    let outputs = caller::suspended(|| function(&tracked.named))?;
    let results = for_each_slice(&outputs)?;
    let (from, to) = (forms(&results), forms(&tracked.named));
    let results = arrays(&results);
    let pull = move |cotangents: &[NamedArray]| {
        let _call = caller::at(call);
        slice_by_slice(cotangents, &from, &|cotangents| {
            let given = fitted("vjp", "cotangent", cotangents, &from)?;
            let seeds: Vec<_> = results.iter().cloned().zip(given).collect();
            Ok(named(pullback(&tracked.scope, &seeds, &arrays(&tracked.named))?, &to))
        })
    };
    Ok((outputs, Box::new(pull)))
}

/// The product of a function's Hessian (the matrix of second derivatives) at `inputs` with `tangents`, and the
/// gradient, without the matrix ever being there.
///
/// The Hessian is symmetric, so its product with `tangents` is the gradient pulled back with `tangents` as
/// cotangents.
///
/// # Errors
/// As [`grad`](super::grad), and as [`jvp`] for the tangents.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1f32, 2., 3.], [("n", 3)])?;
/// let v = NamedArray::from_vec(vec![1f32, 0., 10.], [("n", 3)])?;
/// let (gradient, product) = pz::hvp(|x| x[0].mul(&x[0])?.mul(&x[0])?.sum("n"), &[x], &[v])?;
/// assert_eq!(gradient[0].to_vec::<f32>()?, [3., 12., 27.]);
/// assert_eq!(product[0].to_vec::<f32>()?, [6., 0., 180.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn hvp(
    function: impl FnOnce(&[NamedArray]) -> Result<NamedArray>,
    inputs: &[NamedArray],
    tangents: &[NamedArray],
) -> Result<(Vec<NamedArray>, Vec<NamedArray>)> {
    let call = caller::of("hvp");
    let _call = caller::at(call);
    fitted("hvp", "tangent", tangents, &forms(&for_each_slice(inputs)?))?;
    let gradient = |inputs: &[NamedArray]| {
        let _call = caller::at(call);
        super::grad(function, inputs)
    };
    let (gradient, pull) = vjp(gradient, inputs)?;
    let product = pull(tangents)?;
    Ok((gradient, product))
}
