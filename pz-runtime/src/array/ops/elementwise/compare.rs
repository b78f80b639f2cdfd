//! Comparisons, and the choice that rests on them.

use super::pairs;
use crate::array::kernels::block::{Slice, SliceMut};
use crate::array::kernels::loops;
use crate::array::ops::infer;
use crate::array::primitive::{Derivative, Kernel, Primitive};

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
                    (Slice::F32(x), Slice::F32(y)) => loops::zip(x, y, out, |$x, $y| $f),
                    (Slice::F64(x), Slice::F64(y)) => loops::zip(x, y, out, |$x, $y| $f),
                    (Slice::I32(x), Slice::I32(y)) => loops::zip(x, y, out, |$x, $y| $f),
                    (Slice::Bool(x), Slice::Bool(y)) => pairs(x, y, out, |$x, $y| $f),
                    (Slice::U8(x), Slice::U8(y)) => pairs(x, y, out, |$x, $y| $f),
                    (Slice::U16(x), Slice::U16(y)) => pairs(x, y, out, |$x, $y| $f),
                    (Slice::U32(x), Slice::U32(y)) => pairs(x, y, out, |$x, $y| $f),
                    (Slice::U64(x), Slice::U64(y)) => pairs(x, y, out, |$x, $y| $f),
                    (Slice::I8(x), Slice::I8(y)) => pairs(x, y, out, |$x, $y| $f),
                    (Slice::I16(x), Slice::I16(y)) => pairs(x, y, out, |$x, $y| $f),
                    (Slice::I64(x), Slice::I64(y)) => pairs(x, y, out, |$x, $y| $f),
                    (Slice::Key(x), Slice::Key(y)) => pairs(x, y, out, |$x, $y| $f),
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

/// The second operand where the first is true, else the third.
pub(crate) static SELECT: Primitive = Primitive {
    name: "select",
    infer: infer::select,
    kernel: Kernel::Elementwise(|_, args, out| {
        let Slice::Bool(condition) = args[0] else {
            unreachable!("the shape rule asks for a bool condition")
        };
        macro_rules! choose {
            ($($fast:ident)*; $($plain:ident)*) => {
                match (args[1], args[2], out) {
                    $((Slice::$fast(x), Slice::$fast(y), SliceMut::$fast(out)) => {
                        loops::zip3(condition, x, y, out, |c, x, y| if c { x } else { y });
                    })*
                    $((Slice::$plain(x), Slice::$plain(y), SliceMut::$plain(out)) => {
                        let choices = condition.iter().zip(x).zip(y).zip(out.iter_mut());
                        choices.for_each(|(((c, x), y), out)| *out = if *c { *x } else { *y });
                    })*
                    _ => unreachable!("the shape rule asks for one dtype, and halves were widened"),
                }
            };
        }
        choose!(F32 F64 I32; Bool U8 U16 U32 U64 I8 I16 I64 Key)
    }),
    derivative: Derivative::Rule(|b| {
        let none = b.cotangent.full_like(0.0)?;
        let condition = &b.inputs[0];
        let on_true = condition.select(b.cotangent, &none)?;
        let on_false = condition.select(&none, b.cotangent)?;
        Ok(vec![None, Some(on_true), Some(on_false)])
    }),
};
