//! Functions of two and three operands, element by element.
//!
//! Operands have one shape and one dtype: broadcasting and promotion are nodes of their own, made before.
//! Integers wrap on overflow, as they do in JAX.

use super::infer;
use crate::array::Array;
use crate::array::kernels::block::{Slice, SliceMut};
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive};
use crate::error::Result;

fn two<A: Copy, B>(x: &[A], y: &[A], out: &mut [B], f: impl Fn(A, A) -> B) {
    x.iter().zip(y).zip(out).for_each(|((x, y), out)| *out = f(*x, *y));
}

/// An arm for each named dtype: the function of two elements.
macro_rules! arms {
    ($args:ident, $out:ident, $($variant:ident)*, |$x:ident, $y:ident| $f:expr; $($rest:tt)*) => {
        match ($args[0], $args[1], $out) {
            $((Slice::$variant($x), Slice::$variant($y), SliceMut::$variant(out)) => {
                two($x, $y, out, |$x, $y| $f)
            })*
            $($rest)*
            _ => unreachable!("the shape rule admits no other dtypes"),
        }
    };
}

/// A function of two numbers: for integers, and for floats.
macro_rules! arithmetic {
    ($(#[$doc:meta])* $NAME:ident, $name:literal, ints |$a:ident, $b:ident| $int:expr, floats |$x:ident, $y:ident| $float:expr, $derivative:expr) => {
        $(#[$doc])*
        pub(crate) static $NAME: Primitive = Primitive {
            name: $name,
            infer: infer::number,
            kernel: Kernel::Elementwise(|_, args, out| {
                arms!(args, out, I8 I16 I32 I64 U8 U16 U32 U64, |$a, $b| $int;
                    (Slice::F32(x), Slice::F32(y), SliceMut::F32(out)) => two(x, y, out, |$x: f32, $y: f32| $float),
                    (Slice::F64(x), Slice::F64(y), SliceMut::F64(out)) => two(x, y, out, |$x: f64, $y: f64| $float),
                )
            }),
            derivative: Derivative::Rule($derivative),
        };
    };
}

fn both(left: Result<Array>, right: Result<Array>) -> Result<Vec<Option<Array>>> {
    Ok(vec![Some(left?), Some(right?)])
}

arithmetic!(
    /// `x + y`.
    ADD, "add", ints |a, b| a.wrapping_add(b), floats |x, y| x + y,
    |b| both(Ok(b.cotangent.clone()), Ok(b.cotangent.clone()))
);
arithmetic!(
    /// `x - y`.
    SUB, "sub", ints |a, b| a.wrapping_sub(b), floats |x, y| x - y,
    |b| both(Ok(b.cotangent.clone()), b.cotangent.neg())
);
arithmetic!(
    /// `x * y`.
    MUL, "mul", ints |a, b| a.wrapping_mul(b), floats |x, y| x * y,
    |b| both(b.cotangent.mul(&b.inputs[1]), b.cotangent.mul(&b.inputs[0]))
);
arithmetic!(
    /// The larger; NaN if either is. Ties share a derivative evenly.
    MAXIMUM, "maximum", ints |a, b| a.max(b), floats |x, y| if x > y || x.is_nan() { x } else { y },
    extreme
);
arithmetic!(
    /// The smaller; NaN if either is. Ties share a derivative evenly.
    MINIMUM, "minimum", ints |a, b| a.min(b), floats |x, y| if x < y || x.is_nan() { x } else { y },
    extreme
);
arithmetic!(
    /// The remainder with the sign of the dividend; of integers by zero, the dividend, as in XLA.
    REM, "rem",
    ints |a, b| if b == 0 { a } else { a.wrapping_rem(b) }, floats |x, y| x % y,
    |b| {
        let (x, y) = (&b.inputs[0], &b.inputs[1]);
        let quotient = x.div(y)?;
        let truncated = quotient.sign()?.mul(&quotient.abs()?.floor()?)?;
        both(Ok(b.cotangent.clone()), b.cotangent.mul(&truncated)?.neg())
    }
);

/// Half to each side where both are equal.
fn extreme(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let share = |side: &Array, other: &Array| {
        let half = b.cotangent.mul_scalar(0.5)?;
        let none = b.cotangent.mul_scalar(0.0)?;
        let mine = b.output.equal(side)?.select(b.cotangent, &none)?;
        side.equal(other)?.select(&half, &mine)
    };
    both(share(&b.inputs[0], &b.inputs[1]), share(&b.inputs[1], &b.inputs[0]))
}

/// `x / y` of floats.
pub(crate) static DIV: Primitive = Primitive {
    name: "div",
    infer: infer::float,
    kernel: Kernel::Elementwise(|_, args, out| arms!(args, out, F32 F64, |x, y| x / y;)),
    derivative: Derivative::Rule(|b| {
        let left = b.cotangent.div(&b.inputs[1])?;
        both(Ok(left.clone()), left.mul(b.output)?.neg())
    }),
};

/// `x ^ y` of floats.
pub(crate) static POW: Primitive = Primitive {
    name: "pow",
    infer: infer::float,
    kernel: Kernel::Elementwise(|_, args, out| {
        arms!(args, out, F32, |x, y| f64::from(x).powf(f64::from(y)) as f32;
            (Slice::F64(x), Slice::F64(y), SliceMut::F64(out)) => two(x, y, out, f64::powf),
        )
    }),
    derivative: Derivative::Rule(|b| {
        let (x, y) = (&b.inputs[0], &b.inputs[1]);
        // JAX: x^(y-1) is taken as 1 where y is 0, and log x as 0 where x is 0, so that neither gives NaN.
        let ones = y.full_like(1.0)?;
        let is_zero = |a: &Array| a.equal(&a.full_like(0.0)?);
        let lowered = is_zero(y)?.select(&ones, &y.sub(&ones)?)?;
        let log = is_zero(x)?.select(&ones, x)?.log()?;
        both(b.cotangent.mul(&y.mul(&x.pow(&lowered)?)?), b.cotangent.mul(&log.mul(b.output)?))
    }),
};

/// A comparison of two elements of any dtype.
macro_rules! comparison {
    ($(#[$doc:meta])* $NAME:ident, $name:literal, |$x:ident, $y:ident| $f:expr) => {
        $(#[$doc])*
        pub(crate) static $NAME: Primitive = Primitive {
            name: $name,
            infer: infer::comparison,
            kernel: Kernel::Elementwise(|_, args, out| {
                let SliceMut::Bool(out) = out else { unreachable!("comparisons give bool") };
                match (args[0], args[1]) {
                    (Slice::Bool(x), Slice::Bool(y)) => two(x, y, out, |$x, $y| $f),
                    (Slice::U8(x), Slice::U8(y)) => two(x, y, out, |$x, $y| $f),
                    (Slice::U16(x), Slice::U16(y)) => two(x, y, out, |$x, $y| $f),
                    (Slice::U32(x), Slice::U32(y)) => two(x, y, out, |$x, $y| $f),
                    (Slice::U64(x), Slice::U64(y)) => two(x, y, out, |$x, $y| $f),
                    (Slice::I8(x), Slice::I8(y)) => two(x, y, out, |$x, $y| $f),
                    (Slice::I16(x), Slice::I16(y)) => two(x, y, out, |$x, $y| $f),
                    (Slice::I32(x), Slice::I32(y)) => two(x, y, out, |$x, $y| $f),
                    (Slice::I64(x), Slice::I64(y)) => two(x, y, out, |$x, $y| $f),
                    (Slice::F32(x), Slice::F32(y)) => two(x, y, out, |$x, $y| $f),
                    (Slice::F64(x), Slice::F64(y)) => two(x, y, out, |$x, $y| $f),
                    _ => unreachable!("the shape rule asks for one dtype, and halves were widened"),
                }
            }),
            derivative: Derivative::Zero,
        };
    };
}

comparison!(
    /// `x == y`.
    EQUAL, "equal", |x, y| x == y
);
comparison!(
    /// `x != y`.
    NOT_EQUAL, "not_equal", |x, y| x != y
);
comparison!(
    /// `x < y`.
    LESS, "less", |x, y| x.lt(&y)
);
comparison!(
    /// `x <= y`.
    LESS_EQUAL, "less_equal", |x, y| x <= y
);

/// Logical, and on integers bitwise, and.
pub(crate) static AND: Primitive = Primitive {
    name: "and",
    infer: infer::bits,
    kernel: Kernel::Elementwise(
        |_, args, out| arms!(args, out, Bool I8 I16 I32 I64 U8 U16 U32 U64, |x, y| x & y;),
    ),
    derivative: Derivative::Zero,
};

/// Logical, and on integers bitwise, or.
pub(crate) static OR: Primitive = Primitive {
    name: "or",
    infer: infer::bits,
    kernel: Kernel::Elementwise(
        |_, args, out| arms!(args, out, Bool I8 I16 I32 I64 U8 U16 U32 U64, |x, y| x | y;),
    ),
    derivative: Derivative::Zero,
};

/// The second operand where the first is true, else the third.
pub(crate) static SELECT: Primitive = Primitive {
    name: "select",
    infer: infer::select,
    kernel: Kernel::Elementwise(|_, args, out| {
        let Slice::Bool(condition) = args[0] else {
            unreachable!("the shape rule asks for a bool condition")
        };
        macro_rules! choose {
            ($($variant:ident)*) => {
                match (args[1], args[2], out) {
                    $((Slice::$variant(x), Slice::$variant(y), SliceMut::$variant(out)) => {
                        let choices = condition.iter().zip(x).zip(y).zip(out.iter_mut());
                        choices.for_each(|(((c, x), y), out)| *out = if *c { *x } else { *y });
                    })*
                    _ => unreachable!("the shape rule asks for one dtype, and halves were widened"),
                }
            };
        }
        choose!(Bool U8 U16 U32 U64 I8 I16 I32 I64 F32 F64)
    }),
    derivative: Derivative::Rule(|b| {
        let none = b.cotangent.full_like(0.0)?;
        let condition = &b.inputs[0];
        let on_true = condition.select(b.cotangent, &none)?;
        let on_false = condition.select(&none, b.cotangent)?;
        Ok(vec![None, Some(on_true), Some(on_false)])
    }),
};
