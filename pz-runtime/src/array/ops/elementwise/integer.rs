//! What can fail with integers: division by zero, and negative powers.
//!
//! XLA gives some value there; here reading the result is an error that names the call. So these are kernels of their
//! own, not parts of a fused loop, which has one call for many operations. All widths go through 64 bits.

use crate::array::buffer::Buffer;
use crate::array::dtype::{sealed::Stored, with_type};
use crate::array::kernels::block::BLOCK;
use crate::array::ops::infer;
use crate::array::primitive::{Derivative, Kernel, Primitive, Spec};
use crate::error::{Report, Result};

/// The quotient of integers, rounded towards 0.
pub(crate) static INT_DIV: Primitive = Primitive {
    name: "int_div",
    infer: infer::integer,
    kernel: Kernel::Whole(|_, spec, inputs| compute("int_div", spec, &inputs, divide)),
    derivative: Derivative::Zero,
};

/// The remainder of integers with the sign of the dividend.
pub(crate) static INT_REM: Primitive = Primitive {
    name: "int_rem",
    infer: infer::integer,
    kernel: Kernel::Whole(|_, spec, inputs| compute("int_rem", spec, &inputs, remainder)),
    derivative: Derivative::Zero,
};

/// Powers of integers, which wrap.
pub(crate) static INT_POW: Primitive = Primitive {
    name: "int_pow",
    infer: infer::integer,
    kernel: Kernel::Whole(|_, spec, inputs| compute("int_pow", spec, &inputs, power)),
    derivative: Derivative::Zero,
};

/// What is wrong with two elements.
struct Wrong {
    problem: &'static str,
    help: &'static str,
}

const BY_ZERO: Wrong = Wrong {
    problem: "an integer is divided by 0",
    help: "replace the zeros: `y.equal(0)?.select(1, &y)?`, or divide as floats: `x.div(&y)`",
};
const NEGATIVE_POWER: Wrong = Wrong {
    problem: "an integer is raised to a negative power",
    help: "compute with floats: `x.cast(DType::F32)?.pow(…)`",
};

type Function = fn(i64, i64, bool) -> std::result::Result<i64, Wrong>;

fn divide(x: i64, y: i64, is_unsigned: bool) -> std::result::Result<i64, Wrong> {
    match (y, is_unsigned) {
        (0, _) => Err(BY_ZERO),
        (_, true) => Ok((x as u64 / y as u64) as i64),
        (_, false) => Ok(x.wrapping_div(y)),
    }
}

fn remainder(x: i64, y: i64, is_unsigned: bool) -> std::result::Result<i64, Wrong> {
    match (y, is_unsigned) {
        (0, _) => Err(BY_ZERO),
        (_, true) => Ok((x as u64 % y as u64) as i64),
        (_, false) => Ok(x.wrapping_rem(y)),
    }
}

/// By squaring. The low bits of a product rest on the low bits of its factors, so narrow integers wrap right.
fn power(x: i64, y: i64, is_unsigned: bool) -> std::result::Result<i64, Wrong> {
    if y < 0 && !is_unsigned {
        return Err(NEGATIVE_POWER);
    }
    let (mut result, mut square, mut left) = (1i64, x, y as u64);
    while left > 0 {
        if left & 1 == 1 {
            result = result.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        left >>= 1;
    }
    Ok(result)
}

fn compute(name: &'static str, spec: &Spec, inputs: &[Buffer], f: Function) -> Result<Buffer> {
    let (x, y) = (inputs[0].to_contiguous(), inputs[1].to_contiguous());
    let is_unsigned = spec.dtype.is_unsigned();
    with_type!(spec.dtype, T => {
        let (x, y) = (x.to_vec::<T>(), y.to_vec::<T>());
        let mut out = x;
        for (start, (out, y)) in (0..).step_by(BLOCK).zip(out.chunks_mut(BLOCK).zip(y.chunks(BLOCK))) {
            let (mut wide, mut by) = ([0i64; BLOCK], [0i64; BLOCK]);
            wide.iter_mut().zip(&*out).for_each(|(wide, x)| *wide = x.to_bits64());
            by.iter_mut().zip(y).for_each(|(wide, y)| *wide = y.to_bits64());
            block(name, start, &mut wide[..out.len()], &by, is_unsigned, f)?;
            out.iter_mut().zip(&wide).for_each(|(out, wide)| *out = T::from_bits64(*wide));
        }
        Ok(Buffer::from_vec(out, &spec.dims))
    })
}

fn block(name: &str, start: usize, x: &mut [i64], y: &[i64], is_unsigned: bool, f: Function) -> Result<()> {
    for (place, (x, y)) in x.iter_mut().zip(y).enumerate() {
        *x = f(*x, *y, is_unsigned).map_err(|wrong| {
            let problem =
                format!("{}: element {} of the operands is {x} and {y}", wrong.problem, start + place);
            Report::new(name, problem).help(wrong.help).value()
        })?;
    }
    Ok(())
}
