//! What an operation is: one value that carries all of its rules.
//!
//! A [`Primitive`] says its name, the shape and dtype of its result, how its elements are computed, and how a
//! derivative passes backwards through it. Everything that works on graphs (the planner, the gradient, the
//! printer, the tests over the table) asks the primitive and knows no operation by itself.

use super::Array;
use super::buffer::Buffer;
use super::dtype::DType;
use super::kernels::block::BlockFn;
use super::kernels::reduce::Reduction;
use super::layout::{Dims, Layout};
use super::params::Params;
use crate::error::Result;

/// The shape and dtype of an array.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Spec {
    pub(crate) dims: Dims,
    pub(crate) dtype: DType,
}

/// As [`Layout`]'s: one copy of memory.
impl Clone for Spec {
    fn clone(&self) -> Self {
        Spec { dims: Dims::from_slice(&self.dims), dtype: self.dtype }
    }
}

impl Spec {
    /// A spec of these dimensions.
    pub(crate) fn new(dims: impl Into<Dims>, dtype: DType) -> Self {
        Spec { dims: dims.into(), dtype }
    }

    /// This spec with another dtype.
    pub(crate) fn of(&self, dtype: DType) -> Self {
        Spec { dims: Dims::from_slice(&self.dims), dtype }
    }
}

/// An operation on arrays.
pub(crate) struct Primitive {
    /// The name in traces and messages.
    pub(crate) name: &'static str,
    /// The spec of the result. Inputs that cannot be are refused here.
    pub(crate) infer: fn(&Params, &[Spec]) -> Result<Spec>,
    /// How the result is computed.
    pub(crate) kernel: Kernel,
    /// How a cotangent passes backwards.
    pub(crate) derivative: Derivative,
}

/// How a primitive computes.
#[derive(Clone, Copy)]
pub(crate) enum Kernel {
    /// Element by element; all operands have the result's shape. Runs of these are fused.
    Elementwise(BlockFn),
    /// The operand itself, under another name.
    Same,
    /// By another layout over the operand's storage; `None` where strides cannot say it (the operand is then
    /// copied to row-major order and asked again).
    View(fn(&Params, &Layout) -> Option<Layout>),
    /// Rows along the axes of the parameters become one element each. Where rows are short, this is fused with what is
    /// around it.
    Reduce(Reduction),
    /// By itself. A buffer that nobody else holds may be written in place.
    Whole(fn(&Params, &Spec, Vec<Buffer>) -> Result<Buffer>),
}

/// How a derivative passes through a primitive, from the result back to the operands.
#[derive(Clone, Copy)]
pub(crate) enum Derivative {
    /// The cotangent of each operand (`None`: no part of it).
    Rule(fn(&Backward<'_>) -> Result<Vec<Option<Array>>>),
    /// The result is the first operand; its cotangent goes to the others, by the derivative of the computation that it came
    /// of.
    Instead(fn(&Backward<'_>) -> Result<Vec<Option<Array>>>),
    /// The result is constant in small changes of every operand.
    Zero,
    /// Several results at once, by way of bodies: `grad` makes the body of the derivative from them.
    Bodies,
    /// One of several results: its cotangent is kept for the operation that made them all.
    Part,
}

/// What a derivative rule is given.
pub(crate) struct Backward<'a> {
    pub(crate) params: &'a Params,
    pub(crate) inputs: &'a [Array],
    pub(crate) output: &'a Array,
    pub(crate) cotangent: &'a Array,
}

/// A primitive is a static value, so its address names it.
impl PartialEq for Primitive {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Primitive {}

impl std::fmt::Debug for Primitive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
