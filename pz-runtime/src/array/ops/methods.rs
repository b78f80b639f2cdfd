//! Primitives as methods of positional arrays: what derivative rules and the named operations are written in.
//!
//! These are strict: operands have one shape and one dtype already. Each is one line over `Array::apply`.

use smallvec::SmallVec;

use super::elementwise::{
    arithmetic, bits, cast, compare, exponential, hyperbolic, integer, rounding, special, trigonometric,
};
use super::{contract, infer, movement};
use crate::array::Array;
use crate::array::dtype::DType;
use crate::array::layout::Dims;
use crate::array::params::{Pairs, Params};
use crate::error::{Report, Result};

/// One method for each primitive that takes arrays alone.
macro_rules! methods {
    (
        unary { $($one:ident: $($unary:ident $UNARY:ident),*;)* }
        binary { $($two:ident: $($binary:ident $BINARY:ident),*;)* }
    ) => {
        impl Array {
            $($(
                #[track_caller]
                pub(crate) fn $unary(&self) -> Result<Array> {
                    Array::apply(&$one::$UNARY, Params::None, &[self])
                }
            )*)*
            $($(
                #[track_caller]
                pub(crate) fn $binary(&self, other: &Array) -> Result<Array> {
                    Array::apply(&$two::$BINARY, Params::None, &[self, other])
                }
            )*)*
        }
    };
}
methods! {
    unary {
        arithmetic: neg NEG, abs ABS, sign SIGN, relu RELU;
        exponential: exp EXP, expm1 EXPM1, log LOG, log1p LOG1P, sqrt SQRT, rsqrt RSQRT, cbrt CBRT, sigmoid SIGMOID;
        trigonometric: sin SIN, cos COS, tan TAN, asin ASIN, acos ACOS, atan ATAN;
        hyperbolic: sinh SINH, cosh COSH, tanh TANH, asinh ASINH, acosh ACOSH, atanh ATANH;
        special: erf ERF, erfc ERFC, erf_inv ERF_INV, lgamma LGAMMA;
        rounding: floor FLOOR, ceil CEIL, round ROUND, is_finite IS_FINITE;
        bits: not NOT, population_count POPULATION_COUNT;
    }
    binary {
        arithmetic: add ADD, sub SUB, mul MUL, div DIV, maximum MAXIMUM, minimum MINIMUM;
        exponential: float_pow POW, logaddexp LOGADDEXP;
        trigonometric: atan2 ATAN2;
        rounding: float_rem REM;
        integer: int_div INT_DIV, int_rem INT_REM, int_pow INT_POW;
        bits: and AND, or OR, xor XOR, shift_left SHIFT_LEFT, shift_right_logical SHIFT_RIGHT_LOGICAL,
            shift_right_arithmetic SHIFT_RIGHT_ARITHMETIC;
        compare: equal EQUAL, not_equal NOT_EQUAL, less LESS, less_equal LESS_EQUAL;
    }
}

impl Array {
    /// The power, of floats or of integers.
    #[track_caller]
    pub(crate) fn pow(&self, other: &Array) -> Result<Array> {
        if self.dtype().is_float() { self.float_pow(other) } else { self.int_pow(other) }
    }

    /// The remainder with the sign of this array's element, of floats or of integers.
    #[track_caller]
    pub(crate) fn rem(&self, other: &Array) -> Result<Array> {
        if self.dtype().is_float() { self.float_rem(other) } else { self.int_rem(other) }
    }

    /// The first choice where this is true, else the second.
    #[track_caller]
    pub(crate) fn select(&self, on_true: &Array, on_false: &Array) -> Result<Array> {
        Array::apply(&compare::SELECT, Params::None, &[self, on_true, on_false])
    }

    /// The elements in another dtype.
    #[track_caller]
    pub(crate) fn cast(&self, dtype: DType) -> Result<Array> {
        if dtype == self.dtype() {
            return Ok(self.clone());
        }
        Array::apply(&cast::CAST, Params::DType(dtype), &[self])
    }

    /// An array of this one's shape and dtype that holds `value` everywhere.
    pub(crate) fn full_like(&self, value: f64) -> Result<Array> {
        Array::full(value, self.dims(), self.dtype())
    }

    /// An array that holds `value` everywhere: one number, repeated.
    #[track_caller]
    pub(crate) fn full(value: f64, dims: &[usize], dtype: DType) -> Result<Array> {
        if dtype == DType::Key {
            let problem = format!("{value} is a number, and the array is to hold random keys (dtype key)");
            return Err(Report::new("full", problem)
                .help("make keys of a seed: `Key::new(0).random_split([(\"n\", 3)])`")
                .dtype());
        }
        Array::full_of(Array::scalar_of(value, dtype), dims)
    }

    /// An array that holds the one element of `scalar` everywhere.
    #[track_caller]
    pub(crate) fn full_of(scalar: Array, dims: &[usize]) -> Result<Array> {
        scalar.broadcast(dims, &SmallVec::<[Option<usize>; 6]>::from_elem(None, dims.len()))
    }

    /// The same elements, constant for every derivative.
    #[track_caller]
    pub(crate) fn stop_gradient(&self) -> Result<Array> {
        Array::apply(&movement::STOP_GRADIENT, Params::None, &[self])
    }

    /// The same elements, which are the softmax of `of` over `axes`: derivatives go there. In the body of a loop it is
    /// these elements that are tracked, and not yet what they are made of.
    #[track_caller]
    pub(crate) fn softmax_of(&self, of: &Array, axes: &[usize]) -> Result<Array> {
        match self.as_node().is_tracked() {
            true => Array::apply(&movement::SOFTMAX, Params::Axes(axes.into()), &[self, of]),
            false => Ok(self.clone()),
        }
    }

    /// This times a number.
    #[track_caller]
    pub(crate) fn mul_scalar(&self, value: f64) -> Result<Array> {
        self.mul(&self.full_like(value)?)
    }

    /// Repeats: axis `i` of the result is axis `source[i]`, or new where that is `None`.
    #[track_caller]
    pub(crate) fn broadcast(&self, dims: &[usize], source: &[Option<usize>]) -> Result<Array> {
        if dims == self.dims() && source.iter().enumerate().all(|(axis, from)| *from == Some(axis)) {
            return Ok(self.clone());
        }
        let params = Params::Broadcast { dims: Dims::from_slice(dims), source: source.into() };
        Array::apply(&movement::BROADCAST, params, &[self])
    }

    /// Repeats a result of a reduction of `axes` along them, back to `dims`.
    #[track_caller]
    pub(crate) fn broadcast_reduced(&self, dims: &[usize], axes: &[usize]) -> Result<Array> {
        let mut next = 0;
        let source: Vec<Option<usize>> = (0..dims.len())
            .map(|axis| {
                (!axes.contains(&axis)).then(|| {
                    next += 1;
                    next - 1
                })
            })
            .collect();
        self.broadcast(dims, &source)
    }

    /// The axes in another order.
    #[track_caller]
    pub(crate) fn permute(&self, order: &[usize]) -> Result<Array> {
        if order.iter().enumerate().all(|(place, &axis)| place == axis) && order.len() == self.dims().len() {
            return Ok(self.clone());
        }
        Array::apply(&movement::PERMUTE, Params::Axes(order.into()), &[self])
    }

    /// The same elements in other dimensions.
    #[track_caller]
    pub(crate) fn reshape(&self, dims: &[usize]) -> Result<Array> {
        if dims == self.dims() {
            return Ok(self.clone());
        }
        Array::apply(&movement::RESHAPE, Params::Dims(dims.into()), &[self])
    }

    /// Elements `start, start + step, …`, `count` of them, along `axis`.
    #[track_caller]
    pub(crate) fn slice(&self, axis: usize, start: usize, step: isize, count: usize) -> Result<Array> {
        infer::axis_exists("slice", axis, self.dims())?;
        let len = self.dims()[axis];
        if start == 0 && step == 1 && count == len {
            return Ok(self.clone());
        }
        Array::apply(&movement::SLICE, Params::Slice { axis, start, step, count, len }, &[self])
    }

    /// The elements along `axis` from the last to the first.
    #[track_caller]
    pub(crate) fn reverse(&self, axis: usize) -> Result<Array> {
        infer::axis_exists("reverse", axis, self.dims())?;
        let len = self.dims()[axis];
        self.slice(axis, len.saturating_sub(1), -1, len)
    }

    /// Arrays behind one another along `axis`.
    #[track_caller]
    pub(crate) fn concatenate(arrays: &[&Array], axis: usize) -> Result<Array> {
        Array::apply(&movement::CONCATENATE, Params::Axis(axis), arrays)
    }

    /// Sums of products: axes of the result are the batch pairs, the free axes of this, those of `other`.
    #[track_caller]
    pub(crate) fn dot(&self, other: &Array, batch: Pairs, contract: Pairs) -> Result<Array> {
        Array::apply(&contract::DOT, Params::Dot { batch, contract }, &[self, other])
    }

    /// Sizes without some axes.
    pub(crate) fn dims_without(&self, axes: &[usize]) -> Dims {
        infer::without(self.dims(), axes)
    }
}
