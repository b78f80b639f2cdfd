//! The forward direction, from the backward one.
//!
//! A pull-back is linear in the cotangent that it starts from, and it is graph. So for a function `f` at `x` take the
//! pull-back `g(u)` of a cotangent `u` that has a shape and no value, and pull a tangent `v` back through `g` with
//! respect to `u`: the transpose of the transpose of the derivative, which is the derivative, applied to `v`. No
//! operation needs a rule of its own for it. What came out depends on `x` and `v` and, since `g` is linear, not on
//! `u`; and because evaluation computes what is asked for, nothing of `g` ever runs. The cost is that of `f` and of
//! one product for each derivative on the way.

use super::{Aim, Scope, cotangents, zeros};
use crate::array::primitive::Spec;
use crate::array::{Array, trace};
use crate::error::{Report, Result};

/// The derivative of a function at a point, as a linear map from tangents of the inputs to those of the outputs.
pub(crate) struct Linear {
    scope: Scope,
    /// The cotangents of the outputs: `u`.
    given: Vec<Array>,
    /// The cotangents of the inputs, `g(u)`; `None` where no output depends on an input.
    pulled: Vec<Option<Array>>,
    outputs: Vec<Spec>,
}

impl Linear {
    /// The derivative of `outputs` by `inputs`, which `scope` made. The scope need not live longer.
    pub(crate) fn new(scope: &Scope, outputs: &[Array], inputs: &[Array]) -> Result<Self> {
        let inner = Scope::open();
        let given = outputs.iter().map(|output| {
            if !output.dtype().is_float() {
                let problem = format!("an output is {}, and only floats have a derivative", output.dtype());
                return Err(Report::new("derivative", problem)
                    .help("return the float arrays, and compute the others outside of the derivative")
                    .dtype());
            }
            inner.input(&trace::abstract_like(output.spec())?)
        });
        let given = given.collect::<Result<Vec<_>>>()?;
        let seeds: Vec<_> = outputs.iter().cloned().zip(given.iter().cloned()).collect();
        let pulled = cotangents(scope, &seeds, inputs, Aim::Transpose)?;
        let outputs = outputs.iter().map(|output| output.spec().clone()).collect();
        Ok(Linear { scope: inner, given, pulled, outputs })
    }

    /// The tangents of the outputs for tangents of the inputs.
    pub(crate) fn push(&self, tangents: &[Array]) -> Result<Vec<Array>> {
        let pairs = self.pulled.iter().zip(tangents);
        let seeds: Vec<_> =
            pairs.filter_map(|(pulled, tangent)| Some((pulled.clone()?, tangent.clone()))).collect();
        let found = cotangents(&self.scope, &seeds, &self.given, Aim::Transpose)?;
        self.outputs.iter().zip(found).map(|(spec, found)| found.map_or_else(|| zeros(spec), Ok)).collect()
    }
}
