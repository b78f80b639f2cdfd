//! Elementwise operations, broadcast by name.
//!
//! The result has the left operand's axes, then those that only the right one has. Positional axes broadcast
//! as in numpy. Dtypes are promoted as in JAX: a plain number takes the array's dtype unless its kind is
//! higher. Operators panic with the full report at the caller's line; the methods of the same operations give
//! a `Result`.

use std::ops;

use smallvec::SmallVec;

use super::{NamedArray, Role, Roles};
use crate::array::layout::Dims;
use crate::array::{Array, DKind, DType, caller};
use crate::error::{Report, Result};

/// What stands on a side of an operation: an array, or a plain number.
#[derive(Clone, Debug)]
pub enum Operand {
    /// An array.
    Array(NamedArray),
    /// A number that takes the other side's dtype.
    Number(f64, DKind),
    /// A whole number beyond what an `f64` holds exactly.
    Whole(i64),
}

impl From<NamedArray> for Operand {
    fn from(array: NamedArray) -> Self {
        Operand::Array(array)
    }
}

impl From<&NamedArray> for Operand {
    fn from(array: &NamedArray) -> Self {
        Operand::Array(array.clone())
    }
}

impl From<f32> for Operand {
    fn from(value: f32) -> Self {
        Operand::Number(f64::from(value), DKind::Float)
    }
}

impl From<f64> for Operand {
    fn from(value: f64) -> Self {
        Operand::Number(value, DKind::Float)
    }
}

impl From<i32> for Operand {
    fn from(value: i32) -> Self {
        Operand::Number(f64::from(value), DKind::Int)
    }
}

impl From<i64> for Operand {
    fn from(value: i64) -> Self {
        Operand::Whole(value)
    }
}

impl From<bool> for Operand {
    fn from(value: bool) -> Self {
        Operand::Number(f64::from(u8::from(value)), DKind::Bool)
    }
}

impl Operand {
    fn kind(&self) -> DKind {
        match self {
            Operand::Array(array) => array.dtype().kind(),
            Operand::Number(_, kind) => *kind,
            Operand::Whole(_) => DKind::Int,
        }
    }

    fn into_array(self, dtype: DType) -> Result<NamedArray> {
        match self {
            Operand::Array(array) => array.cast(dtype),
            Operand::Number(value, _) => Ok(NamedArray::new(Array::scalar_of(value, dtype), Roles::new())),
            Operand::Whole(value) => NamedArray::scalar(value).cast(dtype),
        }
    }
}

/// How a binary operation chooses the dtype in which it works.
#[derive(Clone, Copy, PartialEq)]
enum Working {
    /// The promoted dtype.
    Promoted,
    /// The promoted dtype, at least a float.
    Float,
    /// The promoted dtype, at least an integer: truth values add as numbers.
    Number,
}

/// The axes of a result of two operands, all problems in one report.
pub(crate) fn merged(op: &str, left: &NamedArray, right: &NamedArray) -> Result<(Roles, Dims)> {
    if left.roles == right.roles && left.array.dims() == right.array.dims() {
        return Ok((Roles::from_slice(&left.roles), Dims::from_slice(left.array.dims())));
    }
    let mut roles = Roles::from_slice(&left.roles);
    let mut dims = Dims::from_slice(left.array.dims());
    let mut problems = Vec::new();
    for (role, &size) in right.roles.iter().zip(right.array.dims()) {
        let Role::Named(name) = role else { continue };
        match left.roles.iter().position(|known| known == role).map(|axis| left.array.dims()[axis]) {
            Some(known) if known != size => {
                problems
                    .push(format!("the axis `{name}` has size {known} on the left and {size} on the right"));
            }
            Some(_) => {}
            None => {
                roles.push(*role);
                dims.push(size);
            }
        }
    }
    if problems.is_empty() && !roles.contains(&Role::Positional) && !right.roles.contains(&Role::Positional) {
        return Ok((roles, dims));
    }
    let (a, b) = (left.positional_shape(), right.positional_shape());
    for _ in a.len()..b.len() {
        let first = roles.iter().position(|role| *role == Role::Positional).unwrap_or(0);
        roles.insert(first, Role::Positional);
        dims.insert(first, 1);
    }
    let places: SmallVec<[usize; 6]> =
        (0..roles.len()).filter(|&axis| roles[axis] == Role::Positional).collect();
    for (place, &axis) in places.iter().rev().enumerate() {
        let size = |shape: &[usize]| shape.len().checked_sub(place + 1).map_or(1, |at| shape[at]);
        dims[axis] = match (size(&a), size(&b)) {
            (x, y) if x == y => x,
            (1, y) => y,
            (x, 1) => x,
            (x, y) => {
                problems
                    .push(format!("the positional shapes {a:?} and {b:?} do not broadcast ({x} and {y})"));
                x
            }
        };
    }
    match Report::of(op, problems) {
        Some(report) => {
            let help = format!(
                "left has ({}), right has ({}); an axis has one size in an operation: slice one side, or rename its axis",
                left.axes_text(),
                right.axes_text()
            );
            Err(report.help(help).shape())
        }
        None => Ok((roles, dims)),
    }
}

#[track_caller]
fn binary(
    op: &str,
    left: Operand,
    right: Operand,
    working: Working,
    f: fn(&Array, &Array) -> Result<Array>,
) -> Result<NamedArray> {
    let _place = caller::enter();
    let promoted = match (&left, &right) {
        (Operand::Array(a), Operand::Array(b)) => a.dtype().promote(b.dtype()),
        (Operand::Array(a), number) | (number, Operand::Array(a)) => a.dtype().with_scalar(number.kind()),
        (a, b) => {
            if a.kind().max(b.kind()) == DKind::Float {
                DType::F32
            } else {
                DType::I32
            }
        }
    };
    let dtype = match working {
        Working::Promoted => promoted,
        Working::Float => promoted.to_float(),
        Working::Number if promoted == DType::Bool => DType::I32,
        Working::Number => promoted,
    };
    let (left, right) = (left.into_array(dtype)?, right.into_array(dtype)?);
    let (roles, dims) = merged(op, &left, &right)?;
    let array = f(&left.aligned(&roles, &dims)?, &right.aligned(&roles, &dims)?)?;
    Ok(NamedArray::new(array, roles))
}

macro_rules! binary_methods {
    ($($(#[$doc:meta])* $name:ident $working:ident $f:expr;)*) => {
        impl NamedArray {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// An axis has two sizes, or the dtypes do not fit the operation.
                #[track_caller]
                pub fn $name(&self, other: impl Into<Operand>) -> Result<NamedArray> {
                    binary(stringify!($name), self.into(), other.into(), Working::$working, $f)
                }
            )*
        }
    };
}
binary_methods! {
    /// The sum.
    add Number Array::add;
    /// The difference.
    sub Number Array::sub;
    /// The product.
    mul Number Array::mul;
    /// The quotient; of integers, as `f32`.
    div Float Array::div;
    /// The remainder, with the sign of this array's element.
    rem Number Array::rem;
    /// This array's elements to the power of the other's; of integers, as `f32`.
    pow Float Array::pow;
    /// The larger of two elements; NaN if either is.
    maximum Number Array::maximum;
    /// The smaller of two elements; NaN if either is.
    minimum Number Array::minimum;
    /// Where elements are equal.
    equal Promoted Array::equal;
    /// Where elements differ.
    not_equal Promoted Array::not_equal;
    /// Where this array's element is less.
    less Promoted Array::less;
    /// Where this array's element is less or equal.
    less_equal Promoted Array::less_equal;
    /// Where this array's element is greater.
    greater Promoted |a, b| b.less(a);
    /// Where this array's element is greater or equal.
    greater_equal Promoted |a, b| b.less_equal(a);
    /// Where both are true; of integers, bit by bit.
    logical_and Promoted Array::and;
    /// Where either is true; of integers, bit by bit.
    logical_or Promoted Array::or;
}

impl NamedArray {
    /// `on_true` where this condition is true, else `on_false`. The condition's axes come first in the result.
    ///
    /// # Errors
    /// The condition is not bool; an axis has two sizes.
    #[track_caller]
    pub fn select(&self, on_true: impl Into<Operand>, on_false: impl Into<Operand>) -> Result<NamedArray> {
        let _place = caller::enter();
        let (on_true, on_false) = (on_true.into(), on_false.into());
        let dtype = match (&on_true, &on_false) {
            (Operand::Array(a), Operand::Array(b)) => a.dtype().promote(b.dtype()),
            (Operand::Array(a), number) | (number, Operand::Array(a)) => a.dtype().with_scalar(number.kind()),
            (a, b) => match a.kind().max(b.kind()) {
                DKind::Float => DType::F32,
                DKind::Int => DType::I32,
                DKind::Bool => DType::Bool,
            },
        };
        let (on_true, on_false) = (on_true.into_array(dtype)?, on_false.into_array(dtype)?);
        let (roles, dims) = merged("select", self, &on_true)?;
        let first = NamedArray::new(self.aligned(&roles, &dims)?, roles);
        let (roles, dims) = merged("select", &first, &on_false)?;
        let condition = first.aligned(&roles, &dims)?;
        let array = condition.select(&on_true.aligned(&roles, &dims)?, &on_false.aligned(&roles, &dims)?)?;
        Ok(NamedArray::new(array, roles))
    }

    /// The elements in another dtype. Floats to integers truncate and saturate; integers wrap.
    ///
    /// # Errors
    /// None today; the result says so for operations that may not exist for a dtype.
    #[track_caller]
    pub fn cast(&self, dtype: DType) -> Result<NamedArray> {
        Ok(NamedArray::new(self.array.cast(dtype)?, Roles::from_slice(&self.roles)))
    }

    #[track_caller]
    fn unary(&self, f: fn(&Array) -> Result<Array>) -> Result<NamedArray> {
        let _place = caller::enter();
        Ok(NamedArray::new(f(&self.array)?, Roles::from_slice(&self.roles)))
    }

    #[track_caller]
    fn unary_float(&self, f: fn(&Array) -> Result<Array>) -> Result<NamedArray> {
        self.cast(self.dtype().to_float())?.unary(f)
    }
}

macro_rules! unary_methods {
    ($($(#[$doc:meta])* $name:ident $kind:ident $f:expr;)*) => {
        impl NamedArray {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// The dtype does not fit the operation.
                #[track_caller]
                pub fn $name(&self) -> Result<NamedArray> {
                    self.$kind($f)
                }
            )*
        }
    };
}
unary_methods! {
    /// The negative; integers wrap.
    neg unary Array::neg;
    /// The absolute value.
    abs unary Array::abs;
    /// -1, 0 or 1.
    sign unary Array::sign;
    /// Where this is not true; of integers, bit by bit.
    logical_not unary Array::not;
    /// `e^x`. Integers are taken as `f32`, here and below.
    exp unary_float Array::exp;
    /// Natural logarithm.
    log unary_float Array::log;
    /// Sine of radians.
    sin unary_float Array::sin;
    /// Cosine of radians.
    cos unary_float Array::cos;
    /// Hyperbolic tangent.
    tanh unary_float Array::tanh;
    /// Square root.
    sqrt unary_float Array::sqrt;
    /// `1 / sqrt(x)`.
    rsqrt unary_float Array::rsqrt;
    /// The error function.
    erf unary_float Array::erf;
    /// The largest integer not above.
    floor unary_float Array::floor;
    /// `x * x`.
    square unary |x| x.mul(x);
    /// The logistic function, `1 / (1 + e^-x)`.
    sigmoid unary_float Array::sigmoid;
    /// `x · sigmoid(x)`, also known as swish.
    silu unary_float |x| x.mul(&x.sigmoid()?);
    /// `max(x, 0)`; NaN stays. Its derivative at 0 is 0.
    relu unary |x| x.less_equal(&x.full_like(0.0)?)?.select(&x.full_like(0.0)?, x);
    /// The Gaussian error linear unit by its tanh approximation,
    /// `x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))` (Hendrycks and Gimpel, 2016).
    gelu unary_float |x| {
        let inner = x.add(&x.mul(x)?.mul(x)?.mul_scalar(0.044_715)?)?;
        let tanh = inner.mul_scalar((2.0 / std::f64::consts::PI).sqrt())?.tanh()?;
        x.mul_scalar(0.5)?.mul(&tanh.add(&x.full_like(1.0)?)?)
    };
    /// The Gaussian error linear unit, `x/2 · (1 + erf(x/√2))`.
    gelu_exact unary_float |x| {
        let erf = x.mul_scalar(std::f64::consts::FRAC_1_SQRT_2)?.erf()?;
        x.mul_scalar(0.5)?.mul(&erf.add(&x.full_like(1.0)?)?)
    };
}

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
    ($($Trait:ident $method:ident;)*) => {
        $(
            impl<R: Into<Operand>> ops::$Trait<R> for NamedArray {
                type Output = NamedArray;
                #[track_caller]
                fn $method(self, other: R) -> NamedArray {
                    expect(NamedArray::$method(&self, other))
                }
            }
            impl<R: Into<Operand>> ops::$Trait<R> for &NamedArray {
                type Output = NamedArray;
                #[track_caller]
                fn $method(self, other: R) -> NamedArray {
                    expect(NamedArray::$method(self, other))
                }
            }
            operators!(scalars $Trait $method f32 f64 i32 i64);
        )*
    };
    (scalars $Trait:ident $method:ident $($S:ty)*) => {
        $(
            impl ops::$Trait<NamedArray> for $S {
                type Output = NamedArray;
                #[track_caller]
                fn $method(self, other: NamedArray) -> NamedArray {
                    expect(scalar_first(self.into(), other.into(), NamedArray::$method))
                }
            }
            impl ops::$Trait<&NamedArray> for $S {
                type Output = NamedArray;
                #[track_caller]
                fn $method(self, other: &NamedArray) -> NamedArray {
                    expect(scalar_first(self.into(), other.into(), NamedArray::$method))
                }
            }
        )*
    };
}
operators! {
    Add add;
    Sub sub;
    Mul mul;
    Div div;
    Rem rem;
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

impl ops::Neg for NamedArray {
    type Output = NamedArray;
    #[track_caller]
    fn neg(self) -> NamedArray {
        expect(NamedArray::neg(&self))
    }
}

impl ops::Neg for &NamedArray {
    type Output = NamedArray;
    #[track_caller]
    fn neg(self) -> NamedArray {
        expect(NamedArray::neg(self))
    }
}
