//! Operators on arrays.
//!
//! They panic with the full report at the caller's line; the methods of the same operations give a `Result`. `%` is
//! Rust's, whose remainder has the sign of the left side; `&`, `|`, `^` and `!` go bit by bit.

use std::ops;

use super::NamedArray;
use super::arithmetic::Operand;
use crate::array::DType;
use crate::error::Result;

/// An array that has passed, or the panic with its report.
#[track_caller]
fn expect(result: Result<NamedArray>) -> NamedArray {
    // Not `unwrap_or_else`: its closure would be the place that the panic names.
    match result {
        Ok(array) => array,
        Err(error) => panic!("{error}"),
    }
}

macro_rules! operators {
    ($($Trait:ident::$operator:ident = $method:ident, numbers: $($S:ty)*;)*) => {$(
        impl<R: Into<Operand>> ops::$Trait<R> for NamedArray {
            type Output = NamedArray;
            #[track_caller]
            fn $operator(self, other: R) -> NamedArray {
                expect(NamedArray::$method(&self, other))
            }
        }
        impl<R: Into<Operand>> ops::$Trait<R> for &NamedArray {
            type Output = NamedArray;
            #[track_caller]
            fn $operator(self, other: R) -> NamedArray {
                expect(NamedArray::$method(self, other))
            }
        }
        $(
            impl ops::$Trait<NamedArray> for $S {
                type Output = NamedArray;
                #[track_caller]
                fn $operator(self, other: NamedArray) -> NamedArray {
                    expect(scalar_first(self.into(), other.into(), NamedArray::$method))
                }
            }
            impl ops::$Trait<&NamedArray> for $S {
                type Output = NamedArray;
                #[track_caller]
                fn $operator(self, other: &NamedArray) -> NamedArray {
                    expect(scalar_first(self.into(), other.into(), NamedArray::$method))
                }
            }
        )*
    )*};
}
operators! {
    Add::add = add, numbers: f32 f64 i32 i64;
    Sub::sub = sub, numbers: f32 f64 i32 i64;
    Mul::mul = mul, numbers: f32 f64 i32 i64;
    Div::div = div, numbers: f32 f64 i32 i64;
    Rem::rem = rem, numbers: f32 f64 i32 i64;
    BitAnd::bitand = bitwise_and, numbers: i32 i64 bool;
    BitOr::bitor = bitwise_or, numbers: i32 i64 bool;
    BitXor::bitxor = bitwise_xor, numbers: i32 i64 bool;
    Shl::shl = shift_left, numbers: i32 i64;
    Shr::shr = shift_right, numbers: i32 i64;
}

/// A plain number on the left: it takes the array's dtype, as it would on the right.
#[track_caller]
fn scalar_first(
    number: Operand,
    array: Operand,
    f: fn(&NamedArray, Operand) -> Result<NamedArray>,
) -> Result<NamedArray> {
    let Operand::Array(right) = &array else { return f(&number.into_array(DType::F32)?, array) };
    let number = number.clone().into_array(right.dtype().with_scalar(number.kind()))?;
    f(&number, array)
}

macro_rules! prefixes {
    ($($Trait:ident::$operator:ident = $method:ident;)*) => {$(
        impl ops::$Trait for NamedArray {
            type Output = NamedArray;
            #[track_caller]
            fn $operator(self) -> NamedArray {
                expect(NamedArray::$method(&self))
            }
        }
        impl ops::$Trait for &NamedArray {
            type Output = NamedArray;
            #[track_caller]
            fn $operator(self) -> NamedArray {
                expect(NamedArray::$method(self))
            }
        }
    )*};
}
prefixes! {
    Neg::neg = neg;
    Not::not = bitwise_not;
}
