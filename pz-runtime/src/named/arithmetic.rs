//! What stands on the sides of an operation, and how it is broadcast by name.
//!
//! The result has the left operand's named axes, those that only the right one has, and the positional axes, which
//! broadcast as in numpy. Dtypes are promoted as in JAX: a plain number takes the array's dtype unless its kind is
//! higher.

use std::fmt;

use super::{NamedArray, Role, Roles};
use crate::array::dtype::{sealed::Stored, with_type};
use crate::array::layout::Dims;
use crate::array::{Array, DKind, DType, caller};
use crate::error::{Report, Result};
use crate::random::Key;

/// What stands on a side of an operation: an array, or a plain number.
#[derive(Clone, Debug)]
pub enum Operand {
    /// An array.
    Array(NamedArray),
    /// A number that takes the other side's dtype.
    Number(f64, DKind),
    /// A whole number that takes the other side's dtype, beyond what an `f64` holds exactly too.
    Whole(i128),
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

/// Numbers of a Rust type as operands.
macro_rules! operands {
    ($($T:ty: $value:ident => $operand:expr;)*) => {$(
        impl From<$T> for Operand {
            fn from($value: $T) -> Self {
                $operand
            }
        }
    )*};
}
operands! {
    half::f16: value => Operand::Number(value.to_f64(), DKind::Float);
    half::bf16: value => Operand::Number(value.to_f64(), DKind::Float);
    f32: value => Operand::Number(f64::from(value), DKind::Float);
    f64: value => Operand::Number(value, DKind::Float);
    i8: value => Operand::Number(f64::from(value), DKind::Int);
    i16: value => Operand::Number(f64::from(value), DKind::Int);
    i32: value => Operand::Number(f64::from(value), DKind::Int);
    u8: value => Operand::Number(f64::from(value), DKind::Int);
    u16: value => Operand::Number(f64::from(value), DKind::Int);
    u32: value => Operand::Number(f64::from(value), DKind::Int);
    i64: value => Operand::Whole(value.into());
    u64: value => Operand::Whole(value.into());
    i128: value => Operand::Whole(value);
    isize: value => Operand::Whole(value as i128);
    usize: value => Operand::Whole(value as i128);
}

/// A random key, which stands among keys only.
impl From<Key> for Operand {
    fn from(key: Key) -> Self {
        Operand::Array(key.into())
    }
}

impl From<bool> for Operand {
    fn from(value: bool) -> Self {
        Operand::Number(f64::from(u8::from(value)), DKind::Bool)
    }
}

/// A number as it was written; an array by its summary.
impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Array(array) => f.write_str(&array.summary_text()),
            Operand::Number(value, DKind::Bool) => write!(f, "{}", *value != 0.0),
            Operand::Number(value, DKind::Int) => write!(f, "{value}"),
            Operand::Number(value, _) => write!(f, "{value:?}"),
            Operand::Whole(value) => write!(f, "{value}"),
        }
    }
}

impl Operand {
    pub(super) fn kind(&self) -> DKind {
        match self {
            Operand::Array(array) => array.dtype().kind(),
            Operand::Number(_, kind) => *kind,
            Operand::Whole(_) => DKind::Int,
        }
    }

    /// The plain whole number that this is.
    pub(super) fn as_whole(&self) -> Option<i128> {
        match *self {
            Operand::Number(value, DKind::Int) => Some(value as i128),
            Operand::Whole(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn into_array(self, dtype: DType) -> Result<NamedArray> {
        if dtype != DType::Key
            && let Some(whole) = self.as_whole().filter(|&whole| !holds(dtype, whole))
        {
            return beyond(whole, dtype);
        }
        match self {
            Operand::Array(array) if array.dtype() == dtype => Ok(array),
            Operand::Array(array) => array.cast(dtype),
            Operand::Number(..) | Operand::Whole(_) if dtype == DType::Key => {
                let problem =
                    format!("the other side holds random keys (dtype key), and the number {self} is no key");
                Err(Report::new("operand", problem)
                    .help("draw numbers from the keys: `keys.uniform([(\"n\", 3)], DType::F32)`")
                    .dtype())
            }
            Operand::Number(value, _) => Ok(NamedArray::new(Array::scalar_of(value, dtype), Roles::new())),
            Operand::Whole(value) => match i64::try_from(value) {
                Ok(value) => NamedArray::scalar(value).cast(dtype),
                // An integer dtype that holds it is u64.
                Err(_) if dtype == DType::U64 => Ok(NamedArray::scalar(value as u64)),
                Err(_) => Ok(NamedArray::new(Array::scalar_of(value as f64, dtype), Roles::new())),
            },
        }
    }
}

/// A whole number that numbers of an integer dtype cannot be. As in JAX one of 32 bits goes around (-1 is 255 for `u8`, so
/// that -2 is the mask of all bits but the last), and what is longer is refused.
fn beyond(whole: i128, dtype: DType) -> Result<NamedArray> {
    if let Ok(short) = i32::try_from(whole) {
        let low_bits = with_type!(dtype, T => Array::scalar(<T as Stored>::from_bits64(short.into())));
        return Ok(NamedArray::new(low_bits, Roles::new()));
    }
    let problem = format!("the number {whole} is out of bounds for {dtype}, the other side's dtype");
    Err(Report::new("operand", problem)
        .help("cast the array to a dtype that holds the number: `x.cast(DType::I64)`")
        .dtype())
}

/// Whether numbers of a dtype can be this one; floats round.
fn holds(dtype: DType, whole: i128) -> bool {
    if dtype.kind() != DKind::Int {
        return true;
    }
    let kept = with_type!(dtype, T => <T as Stored>::from_bits64(whole as i64).to_bits64());
    // The bits of `u64` are those of a number without a sign.
    whole == if dtype == DType::U64 { i128::from(kept as u64) } else { kept.into() }
}

/// What to do about elements of `dtype` where integers are needed; `name` is what they are called.
pub(super) fn help_for_integers(name: &str, dtype: DType) -> String {
    match dtype.kind() {
        DKind::Key => "draw integers from the keys: `keys.randint((), 0..10, DType::I32)`".into(),
        _ => format!("cast them: `{name}.cast(DType::I32)`"),
    }
}

/// A number that stands around or between the elements of an array of `dtype`.
pub(super) fn one_number(op: &str, value: Operand, dtype: DType) -> Result<NamedArray> {
    if value.kind() > dtype.kind() {
        let problem = format!("the array is {dtype}, and cannot hold a value of a higher kind");
        return Err(Report::new(op, problem).help("cast the array first: `x.cast(…)`").dtype());
    }
    let value = value.into_array(dtype)?;
    if !value.is_one_number() {
        let problem = format!("the value must be one number, and has axes ({})", value.axes_text());
        return Err(Report::new(op, problem).shape());
    }
    Ok(value)
}

/// How a binary operation chooses the dtype in which it works.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Working {
    /// The promoted dtype.
    Promoted,
    /// The promoted dtype, at least a float.
    Float,
    /// The promoted dtype, at least an integer: truth values add as numbers.
    Number,
    /// As `Number`, and of integers the operation fails for some values of the second operand, though never for 1.
    Partial,
}

/// The axes of a result of two operands, all problems in one report.
pub(crate) fn merged(op: &str, left: &NamedArray, right: &NamedArray) -> Result<(Roles, Dims)> {
    if left.roles == right.roles && left.array.dims() == right.array.dims() {
        return Ok((Roles::from_slice(&left.roles), Dims::from_slice(left.array.dims())));
    }
    let has_positional = left.has_positional() || right.has_positional();
    let mut roles = Roles::from_slice(&left.roles);
    let mut dims = Dims::from_slice(left.array.dims());
    if has_positional {
        let named = |axis: &usize| !left.roles[*axis].is_positional();
        roles = (0..left.roles.len()).filter(named).map(|axis| left.roles[axis]).collect();
        dims = (0..left.roles.len()).filter(named).map(|axis| left.array.dims()[axis]).collect();
    }
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
    if problems.is_empty() && !has_positional {
        return Ok((roles, dims));
    }
    let (a, b) = (left.positional_shape(), right.positional_shape());
    let count = a.len().max(b.len());
    for number in 0..count {
        let from_end = count - number;
        let size = |shape: &[usize]| shape.len().checked_sub(from_end).map_or(1, |at| shape[at]);
        roles.push(Role::Positional(number));
        dims.push(match (size(&a), size(&b)) {
            (x, y) if x == y => x,
            (1, y) => y,
            (x, 1) => x,
            (x, y) => {
                problems
                    .push(format!("the positional shapes {a:?} and {b:?} do not broadcast ({x} and {y})"));
                x
            }
        });
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
pub(super) fn binary(
    op: &str,
    left: Operand,
    right: Operand,
    working: Working,
    f: fn(&Array, &Array) -> Result<Array>,
) -> Result<NamedArray> {
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
        Working::Number | Working::Partial if promoted == DType::Bool => DType::I32,
        Working::Number | Working::Partial => promoted,
    };
    let (left, right) = (left.into_array(dtype)?, right.into_array(dtype)?);
    let may_fail = working == Working::Partial && dtype.kind() == DKind::Int;
    let right = if may_fail { right.guarded(1)? } else { right };
    if left.roles == right.roles && left.array.dims() == right.array.dims() {
        return Ok(NamedArray::new(f(&left.array, &right.array)?, left.roles));
    }
    let (roles, dims) = merged(op, &left, &right)?;
    let array = f(&left.aligned(&roles, &dims)?, &right.aligned(&roles, &dims)?)?;
    NamedArray::result(array, roles)
}

impl NamedArray {
    /// `on_true` where this condition is true, else `on_false`. The condition's axes come first in the result.
    ///
    /// # Errors
    /// The condition is not bool; an axis has two sizes.
    #[track_caller]
    pub fn select(&self, on_true: impl Into<Operand>, on_false: impl Into<Operand>) -> Result<NamedArray> {
        let _call = caller::enter("select");
        let (on_true, on_false) = (on_true.into(), on_false.into());
        let dtype = match (&on_true, &on_false) {
            (Operand::Array(a), Operand::Array(b)) => a.dtype().promote(b.dtype()),
            (Operand::Array(a), number) | (number, Operand::Array(a)) => a.dtype().with_scalar(number.kind()),
            (a, b) => match a.kind().max(b.kind()) {
                DKind::Float | DKind::Key => DType::F32,
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
        NamedArray::result(array, roles)
    }

    /// The elements in another dtype. Floats to integers truncate and saturate; integers wrap.
    ///
    /// # Errors
    /// None today; the result says so for operations that may not exist for a dtype.
    #[track_caller]
    pub fn cast(&self, dtype: DType) -> Result<NamedArray> {
        let _call = caller::enter("cast");
        NamedArray::result(self.array.cast(dtype)?, Roles::from_slice(&self.roles))
    }
}
