//! Operators on arrays.
//!
//! They panic with the full report at the caller's line, as `for` over an array does; the methods of the same operations
//! give a `Result`. `%` is Rust's, whose remainder has the sign of the left side; `&`, `|`, `^` and `!` go bit by bit.

use std::ops;

use super::NamedArray;
use super::arithmetic::Operand;
use crate::array::{DType, caller};
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

/// A number of a Rust type on the left.
macro_rules! number_first {
    ($Trait:ident::$operator:ident = $method:ident: $($T:ty)*) => {$(
        impl ops::$Trait<NamedArray> for $T {
            type Output = NamedArray;
            #[track_caller]
            fn $operator(self, other: NamedArray) -> NamedArray {
                let _call = caller::enter(stringify!($method));
                expect(scalar_first(self.into(), other.into(), NamedArray::$method))
            }
        }
        impl ops::$Trait<&NamedArray> for $T {
            type Output = NamedArray;
            #[track_caller]
            fn $operator(self, other: &NamedArray) -> NamedArray {
                let _call = caller::enter(stringify!($method));
                expect(scalar_first(self.into(), other.into(), NamedArray::$method))
            }
        }
    )*};
}
macro_rules! whole_numbers {
    ($($operator:tt)*) => {
        number_first!($($operator)*: i8 i16 i32 i64 isize u8 u16 u32 u64 usize);
    };
}
macro_rules! bits {
    ($($operator:tt)*) => {
        whole_numbers!($($operator)*);
        number_first!($($operator)*: bool);
    };
}
macro_rules! numbers {
    ($($operator:tt)*) => {
        whole_numbers!($($operator)*);
        number_first!($($operator)*: half::f16 half::bf16 f32 f64);
    };
}

macro_rules! operators {
    ($($Trait:ident::$operator:ident = $method:ident of $kind:ident;)*) => {$(
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
        $kind!($Trait::$operator = $method);
    )*};
}
operators! {
    Add::add = add of numbers;
    Sub::sub = sub of numbers;
    Mul::mul = mul of numbers;
    Div::div = div of numbers;
    Rem::rem = rem of numbers;
    BitAnd::bitand = bitwise_and of bits;
    BitOr::bitor = bitwise_or of bits;
    BitXor::bitxor = bitwise_xor of bits;
    Shl::shl = shift_left of whole_numbers;
    Shr::shr = shift_right of whole_numbers;
}

/// A plain number on the left: it takes the array's dtype, as it would on the right.
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

/// The slices along the first positional axis. Panics where there is none; [`iter`](NamedArray::iter) gives a `Result`.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1, 2, 3, 4], [("a", 2), ("b", 2)])?.untag("b")?;
/// let mut sums = Vec::new();
/// for slice in &x {
///     sums.push(slice.sum("a")?.item::<i32>()?);
/// }
/// assert_eq!(sums, [4, 6]);
/// # Ok::<(), pz::Error>(())
/// ```
impl IntoIterator for &NamedArray {
    type Item = NamedArray;
    type IntoIter = std::vec::IntoIter<NamedArray>;

    #[track_caller]
    fn into_iter(self) -> Self::IntoIter {
        match self.iter() {
            Ok(slices) => slices,
            Err(error) => panic!("{error}"),
        }
    }
}
