//! Functions of elements as methods: of one array, and of two that are broadcast by name.
//!
//! Functions whose results are fractions take integers and truth values as `f32`. What rounds is the identity on
//! integers, which are whole already.

use super::arithmetic::{Operand, Working, binary};
use super::{NamedArray, Roles};
use crate::array::ops::elementwise::special::polygamma;
use crate::array::{Array, DType, caller};
use crate::error::Result;

impl NamedArray {
    #[track_caller]
    pub(super) fn unary(&self, f: impl FnOnce(&Array) -> Result<Array>) -> Result<NamedArray> {
        NamedArray::result(f(&self.array)?, Roles::from_slice(&self.roles))
    }

    #[track_caller]
    pub(super) fn unary_float(&self, f: impl FnOnce(&Array) -> Result<Array>) -> Result<NamedArray> {
        self.cast(self.dtype().to_float())?.unary(f)
    }

    /// For functions that change nothing of integers and truth values.
    #[track_caller]
    fn unary_rounding(&self, f: impl FnOnce(&Array) -> Result<Array>) -> Result<NamedArray> {
        if self.dtype().is_float() { self.unary(f) } else { Ok(self.clone()) }
    }

    /// At least an integer: truth values are numbers.
    #[track_caller]
    pub(super) fn unary_number(&self, f: impl FnOnce(&Array) -> Result<Array>) -> Result<NamedArray> {
        let numbers = if self.dtype() == DType::Bool { self.cast(DType::I32)? } else { self.clone() };
        numbers.unary(f)
    }

    /// A function of floats that gives truth values, and one value for all else.
    #[track_caller]
    fn question(&self, f: impl FnOnce(&Array) -> Result<Array>, otherwise: bool) -> Result<NamedArray> {
        if self.dtype().is_float() {
            return self.unary(f);
        }
        self.unary(|x| Array::full(f64::from(u8::from(otherwise)), x.dims(), DType::Bool))
    }
}

fn truth(x: &Array) -> Result<Array> {
    if x.dtype() == DType::Bool { Ok(x.clone()) } else { x.not_equal(&x.full_like(0.0)?) }
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
                    let _call = caller::enter(stringify!($name));
                    self.$kind($f)
                }
            )*
        }
    };
}
pub(super) use unary_methods;

unary_methods! {
    /// The negative; integers wrap.
    neg unary Array::neg;
    /// The absolute value. Its derivative at 0 is 1, as in JAX.
    abs unary |x| if x.dtype() == DType::Bool { Ok(x.clone()) } else { x.abs() };
    /// -1, 0 or 1; zeros keep their sign, NaN stays.
    sign unary Array::sign;
    /// Where this is not true; a number is true when it is not 0.
    logical_not unary |x| truth(x)?.not();
    /// Each bit turned; of truth values, the other one.
    bitwise_not unary Array::not;
    /// How many bits of an integer are 1.
    population_count unary Array::population_count;
    /// `e^x`. Integers are taken as `f32`, here and below.
    exp unary_float Array::exp;
    /// `e^x - 1`, precise near 0.
    expm1 unary_float Array::expm1;
    /// Natural logarithm.
    log unary_float Array::log;
    /// Natural logarithm of `1 + x`, precise near 0.
    log1p unary_float Array::log1p;
    /// Square root.
    sqrt unary_float Array::sqrt;
    /// `1 / sqrt(x)`.
    rsqrt unary_float Array::rsqrt;
    /// Cube root, of negative numbers too.
    cbrt unary_float Array::cbrt;
    /// Sine of radians.
    sin unary_float Array::sin;
    /// Cosine of radians.
    cos unary_float Array::cos;
    /// Tangent of radians.
    tan unary_float Array::tan;
    /// Arc sine in radians; NaN outside of [-1, 1].
    asin unary_float Array::asin;
    /// Arc cosine in radians; NaN outside of [-1, 1].
    acos unary_float Array::acos;
    /// Arc tangent in radians.
    atan unary_float Array::atan;
    /// Hyperbolic sine.
    sinh unary_float Array::sinh;
    /// Hyperbolic cosine.
    cosh unary_float Array::cosh;
    /// Hyperbolic tangent.
    tanh unary_float Array::tanh;
    /// The number whose hyperbolic sine is `x`.
    asinh unary_float Array::asinh;
    /// The number that is not negative and whose hyperbolic cosine is `x`; NaN below 1.
    acosh unary_float Array::acosh;
    /// The number whose hyperbolic tangent is `x`; NaN outside of [-1, 1].
    atanh unary_float Array::atanh;
    /// The error function.
    erf unary_float Array::erf;
    /// One less the error function, precise where that is near 1.
    erfc unary_float Array::erfc;
    /// The number whose error function is `x`, within 0.6 ULP; NaN outside of [-1, 1].
    erf_inv unary_float Array::erf_inv;
    /// The logarithm of the absolute value of the gamma function, within 0.6 ULP.
    lgamma unary_float Array::lgamma;
    /// The derivative of [`lgamma`](NamedArray::lgamma), within 0.6 ULP; its own derivatives follow.
    digamma unary_float |x| polygamma(0, x);
    /// The largest integer not above, in the same dtype.
    floor unary_rounding Array::floor;
    /// The smallest integer not below, in the same dtype.
    ceil unary_rounding Array::ceil;
    /// The nearest integer, in the same dtype; of two, the even one.
    round unary_rounding Array::round;
    /// `x * x`.
    square unary_number |x| x.mul(x);
    /// `1 / x`.
    reciprocal unary_float |x| x.full_like(1.0)?.div(x);
}

impl NamedArray {
    /// Where elements are neither infinite nor NaN.
    ///
    /// # Errors
    /// None today; the result says so for dtypes to come.
    #[track_caller]
    pub fn is_finite(&self) -> Result<NamedArray> {
        let _call = caller::enter("is_finite");
        self.question(Array::is_finite, true)
    }

    /// Where elements are infinite.
    ///
    /// # Errors
    /// None today; the result says so for dtypes to come.
    #[track_caller]
    pub fn is_inf(&self) -> Result<NamedArray> {
        let _call = caller::enter("is_inf");
        self.question(|x| x.abs()?.equal(&x.full_like(f64::INFINITY)?), false)
    }

    /// Where elements are NaN.
    ///
    /// # Errors
    /// None today; the result says so for dtypes to come.
    #[track_caller]
    pub fn is_nan(&self) -> Result<NamedArray> {
        let _call = caller::enter("is_nan");
        self.question(|x| x.not_equal(x), false)
    }

    /// 0 in place of NaN, and the dtype's largest and smallest numbers in place of infinities.
    ///
    /// ```
    /// # use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1.0, f32::NAN, f32::INFINITY], [("n", 3)])?;
    /// assert_eq!(x.nan_to_num()?.to_vec::<f32>()?, [1.0, 0.0, f32::MAX]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// None today; the result says so for dtypes to come.
    #[track_caller]
    pub fn nan_to_num(&self) -> Result<NamedArray> {
        let _call = caller::enter("nan_to_num");
        let largest = match self.dtype() {
            DType::F16 => half::f16::MAX.to_f64(),
            DType::BF16 => half::bf16::MAX.to_f64(),
            DType::F32 => f64::from(f32::MAX),
            _ => f64::MAX,
        };
        self.unary_rounding(|x| {
            let number = x.not_equal(x)?.select(&x.full_like(0.0)?, x)?;
            let infinite = |value: f64| number.equal(&number.full_like(value)?);
            let below = infinite(f64::INFINITY)?.select(&x.full_like(largest)?, &number)?;
            infinite(f64::NEG_INFINITY)?.select(&x.full_like(-largest)?, &below)
        })
    }

    /// The elements, but no less than `low` and no more than `high`, which wins where they cross. NaN stays. The
    /// derivative passes between the bounds, and is shared with a bound that is met, as in `jnp.clip`.
    ///
    /// ```
    /// # use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![-2f32, 0.5, 7.0], [("n", 3)])?;
    /// assert_eq!(x.clamp(0.0, 1.0)?.to_vec::<f32>()?, [0.0, 0.5, 1.0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// An axis has two sizes.
    #[track_caller]
    pub fn clamp(&self, low: impl Into<Operand>, high: impl Into<Operand>) -> Result<NamedArray> {
        let _call = caller::enter("clamp");
        self.maximum(low)?.minimum(high)
    }

    /// This array's elements to the power of the other's. Powers of integers are integers, and wrap; floats to the
    /// power of a plain whole number are multiplied with themselves.
    ///
    /// # Errors
    /// An axis has two sizes. Reading the result fails where an integer is raised to a negative power.
    ///
    /// ```
    /// # use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![-3, 2], [("n", 2)])?;
    /// assert_eq!(x.pow(3)?.to_vec::<i32>()?, [-27, 8]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn pow(&self, other: impl Into<Operand>) -> Result<NamedArray> {
        let _call = caller::enter("pow");
        let other = other.into();
        match other.as_whole() {
            Some(power) if self.dtype().is_float() && power.unsigned_abs() <= MOST_PRODUCTS => {
                self.unary(|x| whole_power(x, power))
            }
            _ => binary("pow", self.into(), other, Working::Partial, Array::pow),
        }
    }
}

/// From this power on the logarithm is faster than products are, and no less precise.
const MOST_PRODUCTS: u128 = 32;

fn whole_power(x: &Array, power: i128) -> Result<Array> {
    let ones = x.full_like(1.0)?;
    // The reciprocal goes first, so that the derivative at 0 is infinite, and no product of 0 and infinity.
    let base = if power < 0 { ones.div(x)? } else { x.clone() };
    let (mut left, mut square) = (power.unsigned_abs(), base);
    let mut product: Option<Array> = None;
    while left > 0 {
        if left & 1 == 1 {
            product = Some(match product {
                Some(known) => known.mul(&square)?,
                None => square.clone(),
            });
        }
        left >>= 1;
        if left > 0 {
            square = square.mul(&square)?;
        }
    }
    Ok(product.unwrap_or(ones))
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
                    let _call = caller::enter(stringify!($name));
                    binary(stringify!($name), self.into(), other.into(), Working::$working, $f)
                }
            )*
        }
    };
}
binary_methods! {
    /// The sum; of truth values, whether either is true.
    add Promoted |a, b| if a.dtype() == DType::Bool { a.or(b) } else { a.add(b) };
    /// The difference.
    sub Promoted Array::sub;
    /// The product; of truth values, whether both are true.
    mul Promoted |a, b| if a.dtype() == DType::Bool { a.and(b) } else { a.mul(b) };
    /// The quotient; of integers, as `f32`.
    div Float Array::div;
    /// The remainder, with the sign of this array's element, as Rust's `%`. Reading the result fails where an integer
    /// is divided by 0.
    rem Partial Array::rem;
    /// The remainder, with the sign of the other's element, as Python's `%`. Reading the result fails where an integer
    /// is divided by 0.
    remainder Partial remainder;
    /// The quotient rounded down, as Python's `//`. Reading the result fails where an integer is divided by 0.
    floor_div Partial floor_div;
    /// The larger of two elements; NaN if either is. Where they are equal each has half the derivative.
    maximum Promoted |a, b| if a.dtype() == DType::Bool { a.or(b) } else { a.maximum(b) };
    /// The smaller of two elements; NaN if either is. Where they are equal each has half the derivative.
    minimum Promoted |a, b| if a.dtype() == DType::Bool { a.and(b) } else { a.minimum(b) };
    /// The angle in radians of the point whose height is this array's element, and whose width is the other's.
    atan2 Float Array::atan2;
    /// `ln(e^x + e^y)`, without overflow. Where one is infinite and larger, the other has no part in the derivative (in
    /// JAX it has `e^x`).
    logaddexp Float Array::logaddexp;
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
    /// Where both are true; a number is true when it is not 0.
    logical_and Promoted |a, b| truth(a)?.and(&truth(b)?);
    /// Where either is true; a number is true when it is not 0.
    logical_or Promoted |a, b| truth(a)?.or(&truth(b)?);
    /// Where one is true and the other is not; a number is true when it is not 0.
    logical_xor Promoted |a, b| truth(a)?.xor(&truth(b)?);
    /// The bits that both integers have; of truth values, whether both are true.
    bitwise_and Promoted Array::and;
    /// The bits that either integer has; of truth values, whether either is true.
    bitwise_or Promoted Array::or;
    /// The bits that one integer has; of truth values, whether one is true.
    bitwise_xor Promoted Array::xor;
    /// The bits of an integer moved up, as many places as the other says, unsigned; zeros come in below.
    shift_left Number Array::shift_left;
    /// The bits of an integer moved down, as many places as the other says, unsigned; its sign comes in above.
    shift_right Number Array::shift_right_arithmetic;
    /// The bits of an integer moved down, as many places as the other says, unsigned; zeros come in above.
    shift_right_logical Number Array::shift_right_logical;
}

/// Where the remainder towards 0 has not the divisor's sign: the quotient is then one too large.
fn rounds_up(remainder: &Array, divisor: &Array) -> Result<Array> {
    let zero = remainder.full_like(0.0)?;
    let signs_differ = remainder.less(&zero)?.xor(&divisor.less(&zero)?)?;
    remainder.not_equal(&zero)?.and(&signs_differ)
}

fn remainder(x: &Array, y: &Array) -> Result<Array> {
    let towards_zero = x.rem(y)?;
    rounds_up(&towards_zero, y)?.select(&towards_zero.add(y)?, &towards_zero)
}

fn floor_div(x: &Array, y: &Array) -> Result<Array> {
    let towards_zero = x.rem(y)?;
    let up = rounds_up(&towards_zero, y)?;
    let one_less = |quotient: Array| up.select(&quotient.sub(&quotient.full_like(1.0)?)?, &quotient);
    if !x.dtype().is_float() {
        return one_less(x.int_div(y)?);
    }
    // The difference is a multiple of the divisor, but for rounding. By 0 it is ±∞, as for Python's numbers in numpy.
    let quotient = one_less(x.sub(&towards_zero)?.div(y)?)?.round()?;
    y.equal(&y.full_like(0.0)?)?.select(&x.div(y)?.floor()?, &quotient)
}
