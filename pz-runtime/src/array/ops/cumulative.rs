//! Running results along an axis: at each place, of all elements up to it.
//!
//! Their derivatives run the other way, and are all one linear recurrence, `s[i] = a[i] s[i-1] + b[i]`, which is a
//! primitive here and its own derivative: so a running product passes through zeros, and a running log-sum-exp never
//! leaves the range of its exponents. A running maximum shares the cotangents out among equals (`running_extreme`).
//! A result from the end is that of the reversed array, reversed: views, which cost nothing.

use super::elementwise::exponential::gap;
use super::infer;
use super::reduce::along_an_axis;
use super::running_extreme;
use crate::array::Array;
use crate::array::kernels::cumulative::{Running, recurrence, running};
use crate::array::params::Params;
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive, Spec};
use crate::error::Result;

macro_rules! cumulative {
    ($($(#[$doc:meta])* $NAME:ident, $name:literal, $running:expr, $admits:expr, $backward:expr;)*) => {
        $($(#[$doc])*
        pub(crate) static $NAME: Primitive = Primitive {
            name: $name,
            infer: |params, inputs| {
                infer::axis_exists($name, params.axis(), &inputs[0].dims)?;
                $admits(params, inputs)
            },
            kernel: Kernel::Whole(|params, _, inputs| Ok(running($running, &inputs[0], params.axis()))),
            derivative: Derivative::Rule(|b| Ok(vec![Some($backward(b)?)])),
        };)*
    };
}

cumulative! {
    /// The sum of the elements up to each place; integers wrap.
    CUMSUM, "cumsum", Running::Sum, infer::number, sum_backward;
    /// The product of the elements up to each place; integers wrap.
    CUMPROD, "cumprod", Running::Product, infer::number, product_backward;
    /// The largest element up to each place; NaN from the first NaN on.
    CUMMAX, "cummax", Running::Max, infer::number, |b| running_extreme::backward(b, Array::maximum);
    /// The smallest element up to each place; NaN from the first NaN on.
    CUMMIN, "cummin", Running::Min, infer::number, |b| running_extreme::backward(b, Array::minimum);
    /// The logarithm of the sum of the exponentials up to each place.
    CUMLOGSUMEXP, "cumlogsumexp", Running::LogSumExp, infer::float, log_sum_exp_backward;
}

/// `s[i] = a[i] s[i-1] + b[i]` along an axis, from `s[-1] = 0`. Operands: a, b.
pub(crate) static RECURRENCE: Primitive = Primitive {
    name: "recurrence",
    infer: |params: &Params, inputs: &[Spec]| {
        let spec = infer::float(params, inputs)?;
        infer::axis_exists("recurrence", params.axis(), &spec.dims)?;
        Ok(spec)
    },
    kernel: Kernel::Whole(|params, _, inputs| Ok(recurrence(&inputs[0], &inputs[1], params.axis()))),
    derivative: Derivative::Rule(|b| {
        let axis = b.params.axis();
        let arriving = b.cotangent.recurrence_back(&b.inputs[0], axis)?;
        Ok(vec![Some(arriving.mul(&b.output.shifted(axis, 0.0)?)?), Some(arriving)])
    }),
};

along_an_axis! {
    /// Running sums along `axis`.
    cumsum CUMSUM;
    /// Running products along `axis`.
    cumprod CUMPROD;
    /// Running maxima along `axis`.
    cummax CUMMAX;
    /// Running minima along `axis`.
    cummin CUMMIN;
    /// Running log-sum-exps along `axis`.
    cumlogsumexp CUMLOGSUMEXP;
}

impl Array {
    /// `s[i] = c[i] + a[i+1] s[i+1]` along an axis, of this `c`: what arrives at each place from all behind it.
    fn recurrence_back(&self, factors: &Array, axis: usize) -> Result<Array> {
        let factors = factors.reverse(axis)?.shifted(axis, 0.0)?;
        let cotangent = self.reverse(axis)?;
        Array::apply(&RECURRENCE, Params::Axis(axis), &[&factors, &cotangent])?.reverse(axis)
    }

    /// The elements one place further along an axis, with `first` at the beginning and the last left out.
    pub(crate) fn shifted(&self, axis: usize, first: f64) -> Result<Array> {
        let Some(rest) = self.dims()[axis].checked_sub(1) else { return Ok(self.clone()) };
        let first = self.slice(axis, 0, 1, 1)?.full_like(first)?;
        Array::concatenate(&[&first, &self.slice(axis, 0, 1, rest)?], axis)
    }
}

fn sum_backward(b: &Backward<'_>) -> Result<Array> {
    let axis = b.params.axis();
    b.cotangent.reverse(axis)?.cumsum(axis)?.reverse(axis)
}

/// What arrives is the sum over all places behind of the cotangent times the factors between, times those before.
fn product_backward(b: &Backward<'_>) -> Result<Array> {
    let axis = b.params.axis();
    let behind = b.cotangent.recurrence_back(&b.inputs[0], axis)?;
    b.output.shifted(axis, 1.0)?.mul(&behind)
}

/// With results `y`: `exp(x[i] - y[i])` times the sum over all `j` behind of `c[j] exp(y[i] - y[j])`, in which no
/// exponent is above 0. What is still -infinity, as `x` and as `y`, has no difference. (Where an element is infinity
/// those behind have no part in the derivative; in JAX they have `e^x`.)
fn log_sum_exp_backward(b: &Backward<'_>) -> Result<Array> {
    let axis = b.params.axis();
    let (x, y) = (&b.inputs[0], b.output);
    let decay = gap(&y.shifted(axis, f64::NEG_INFINITY)?, y)?.exp()?;
    let behind = b.cotangent.recurrence_back(&decay, axis)?;
    gap(x, y)?.exp()?.mul(&behind)
}
