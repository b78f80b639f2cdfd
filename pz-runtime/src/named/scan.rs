//! Loops over the slices of an axis.
//!
//! The step is a function of what it carries and of one slice; it is traced once, on arrays without values, and runs
//! as often as the axis is long. It may use any other arrays; gradients reach those too. What it carries keeps its
//! axes, in the order of the first, and its dtype.
//!
//! Under [`nmap`](super::nmap) a step may make what differs from slice to slice of what does not. What is carried in at
//! first is then repeated along the hidden axes, and the step traced once more, until it carries on what it was given.

use std::ops::Range;

use super::leaves::{filled, leaves, like, place, repeated};
use super::{NamedArray, Role, Roles};
use crate::array::caller;
use crate::array::flow::Steps;
use crate::array::trace::{abstract_like, traced};
use crate::array::{Array, DType};
use crate::error::{Report, Result};
use crate::shape::AxisName;
use crate::tree::PyTree;

/// A loop over an axis, with options; [`scan`] is one without.
///
/// ```
/// use pz::{NamedArray, Scan};
/// let x = NamedArray::from_vec(vec![1f32, 2., 3.], [("t", 3)])?;
/// let step = |total: NamedArray, x: NamedArray| {
///     let total = total.add(&x)?;
///     Ok((total.clone(), total))
/// };
/// let (_, sums) = Scan::along("t").reverse().run(NamedArray::scalar(0f32), x, step)?;
/// assert_eq!(sums.to_vec::<f32>()?, [6., 5., 3.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a scan does nothing until it is `run`"]
pub struct Scan {
    axis: AxisName,
    length: Option<usize>,
    reverse: bool,
    checkpoint: bool,
    /// The function that errors name.
    function: &'static str,
}

impl Scan {
    /// A scan along `axis`.
    pub fn along(axis: impl Into<AxisName>) -> Self {
        Scan { axis: axis.into(), length: None, reverse: false, checkpoint: false, function: "scan" }
    }

    /// From the last slice to the first. Results stay in the places of the slices they are made from.
    pub fn reverse(mut self) -> Self {
        self.reverse = true;
        self
    }

    /// The number of steps, where nothing has the axis; else it has to be the axis' size.
    pub fn length(mut self, length: usize) -> Self {
        self.length = Some(length);
        self
    }

    /// Keeps nothing for a gradient, which then runs the loop again to see what it carried.
    pub fn checkpoint(mut self) -> Self {
        self.checkpoint = true;
        self
    }

    /// Runs the loop: what is carried out of the last step, and what the steps made, stacked along the axis, which
    /// comes first.
    ///
    /// # Errors
    /// As [`scan`].
    #[track_caller]
    pub fn run<C: PyTree, X: PyTree, Y: PyTree>(
        self,
        init: C,
        xs: X,
        mut step: impl FnMut(C, X) -> Result<(C, Y)>,
    ) -> Result<(C, Y)> {
        let op = self.function;
        let _call = caller::enter(op);
        let mut first = leaves(op, &init)?;
        let (length, stacks) = self.slices(&xs)?;
        let axis = Role::Named(self.axis);

        let argument = |array: &Array, roles: &[Role]| {
            let row = crate::array::primitive::Spec::new(
                &array.dims()[array.dims().len() - roles.len()..],
                array.dtype(),
            );
            Ok(NamedArray::new(abstract_like(&row)?, Roles::from_slice(roles)))
        };
        let rows: Vec<NamedArray> =
            stacks.iter().map(|stack| argument(&stack.array, &stack.roles[1..])).collect::<Result<_>>()?;
        let (carried, after, made, trace) = loop {
            let carried: Vec<NamedArray> =
                first.iter().map(|(_, array)| argument(&array.array, &array.roles)).collect::<Result<_>>()?;
            let (init, xs) = (filled(&init, carried.clone())?, filled(&xs, rows.clone())?);
            let ((after, made), trace) = traced(|| caller::suspended(|| step(init, xs)))?;
            if !repeated(op, &mut first, &after, &[])? {
                break (carried, after, made, trace);
            }
        };
        let given = filled(&init, carried.clone())?;
        let after = trace.goes_on(|| {
            like(op, (&given, "what is carried into the step"), (&after, "what it carries on"))
        })?;
        let made_leaves = leaves(op, &made)?;
        let problems = made_leaves.iter().filter(|(_, made)| made.roles.contains(&axis)).map(|(_, made)| {
            format!(
                "the step made {}, and its results are to be stacked along `{}`",
                made.summary_text(),
                self.axis
            )
        });
        if let Some(report) = Report::of(op, problems.collect()) {
            return Err(report.help("reduce or rename that axis in the step").shape());
        }
        let results = after.iter().chain(made_leaves.iter().map(|(_, made)| made));
        let results = results.map(|array| array.array.clone()).collect::<Vec<_>>();
        let bare = |named: &[NamedArray]| named.iter().map(|named| named.array.clone()).collect::<Vec<_>>();
        let steps = Steps {
            carried: &bare(&carried),
            rows: &bare(&rows),
            first: &first.iter().map(|(_, array)| array.array.clone()).collect::<Vec<_>>(),
            stacks: &bare(&stacks),
            length,
            reverse: self.reverse,
            checkpoint: self.checkpoint,
        };
        let mut results = steps.scan((results, trace))?.into_iter();
        let last = results
            .by_ref()
            .zip(&first)
            .map(|(array, (_, first))| NamedArray::new(array, first.roles.clone()));
        let last: Vec<NamedArray> = last.take(first.len()).collect();
        let made_arrays = results.zip(&made_leaves).map(|(array, (_, made))| {
            NamedArray::new(array, std::iter::once(axis).chain(made.roles.iter().copied()).collect())
        });
        Ok((filled(&init, last)?, filled(&made, made_arrays.collect())?))
    }

    /// The number of steps, and what slices are taken of, the axis first.
    fn slices(&self, xs: &impl PyTree) -> Result<(usize, Vec<NamedArray>)> {
        let op = self.function;
        let (mut length, mut stacks, mut problems) = (self.length, Vec::new(), Vec::new());
        for (path, array) in leaves(op, xs)? {
            let Some(at) = array.axis_of(self.axis) else {
                let text = array.summary_text();
                let what = place(&path);
                problems.push(format!("{what}is {text}, which has no axis `{}` to go along", self.axis));
                continue;
            };
            let size = array.array.dims()[at];
            if *length.get_or_insert(size) != size {
                let steps = length.unwrap_or(size);
                let what = place(&path);
                problems.push(format!(
                    "{what}has {size} slices along `{}`, and there are {steps} steps",
                    self.axis
                ));
            }
            let order: Vec<usize> =
                std::iter::once(at).chain((0..array.roles.len()).filter(|&i| i != at)).collect();
            stacks.push(array.permuted(&order)?);
        }
        if let Some(report) = Report::of(op, problems) {
            return Err(report.shape());
        }
        match length {
            Some(length) => Ok((length, stacks)),
            None => Err(Report::new(op, "nothing says how many steps there are")
                .help("give arrays that have the axis, or a length: `Scan::along(\"…\").length(10)`")
                .shape()),
        }
    }
}

/// Goes along `axis`: `step` is given what it carries, at first `init`, and a slice of each array in `xs`, and returns
/// what it carries on and what it makes. Gives what was carried out of the last step, and what the steps made,
/// stacked along `axis`, which comes first.
///
/// The step is traced and cannot read values: once, or a few times under [`nmap`](super::nmap), until it is known what
/// differs from slice to slice. Arrays it uses beside its arguments need not be named. A gradient
/// goes through the loop backwards, and needs the memory of what every step was given.
///
/// # Errors
/// An array in `xs` has not the axis, or another size of it; what is carried changes its axes or its dtype (every
/// leaf that does is named); a leaf is no array; what a step makes has the axis already; or what `step` returns.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1f32, 2., 3.], [("t", 3)])?;
/// let (product, so_far) = pz::scan("t", NamedArray::scalar(1f32), x, |product, x| {
///     let product = product.mul(&x)?;
///     Ok((product.clone(), product))
/// })?;
/// assert_eq!(product.item::<f32>()?, 6.0);
/// assert_eq!(so_far.to_vec::<f32>()?, [1., 2., 6.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn scan<C: PyTree, X: PyTree, Y: PyTree>(
    axis: impl Into<AxisName>,
    init: C,
    xs: X,
    step: impl FnMut(C, X) -> Result<(C, Y)>,
) -> Result<(C, Y)> {
    let _call = caller::enter("scan");
    Scan::along(axis).run(init, xs, step)
}

/// Carries `init` through `body` for each number of a range: a [`scan`] over the numbers, so that it has a gradient.
///
/// # Errors
/// As [`scan`].
///
/// ```
/// use pz::NamedArray;
/// let sum = pz::fori_loop(1..5, NamedArray::scalar(0i32), |i, sum| sum.add(&i))?;
/// assert_eq!(sum.item::<i32>()?, 10);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn fori_loop<C: PyTree>(
    numbers: Range<i32>,
    init: C,
    mut body: impl FnMut(NamedArray, C) -> Result<C>,
) -> Result<C> {
    let _call = caller::enter("fori_loop");
    let length = usize::try_from(i64::from(numbers.end) - i64::from(numbers.start)).unwrap_or(0);
    let offset = NamedArray::scalar(numbers.start);
    let all = NamedArray::arange("step", length).cast(DType::I32)?.add(&offset)?;
    let how = Scan { function: "fori_loop", ..Scan::along("step") };
    let (last, ()) = how.run(init, all, |carried, number| Ok((body(number, carried)?, ())))?;
    Ok(last)
}
