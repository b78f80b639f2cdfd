//! Element types: a run-time value, never a type parameter of an array.
//!
//! Mixed operands follow JAX's promotion lattice, in which integers never widen a float:
//! `i64 + f16` is `f16`. Sizes of a kind widen as usual; `u64` with a signed integer, having no integer
//! above both, goes to `f32` as JAX does with weak floats at the join.

use std::fmt;

use half::{bf16, f16};

use crate::random::Key;

/// The type of an array's elements.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// Truth values.
    Bool,
    /// Unsigned, 8 bits.
    U8,
    /// Unsigned, 16 bits.
    U16,
    /// Unsigned, 32 bits.
    U32,
    /// Unsigned, 64 bits.
    U64,
    /// Signed, 8 bits.
    I8,
    /// Signed, 16 bits.
    I16,
    /// Signed, 32 bits.
    I32,
    /// Signed, 64 bits.
    I64,
    /// IEEE half precision.
    F16,
    /// The upper half of an `f32`.
    BF16,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// Keys of the random generator: opaque, see [`Key`].
    Key,
}

crate::static_by_eq!(DType);

/// Kinds of element types, from the lowest: a scalar of a higher kind than the array's changes the dtype.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DKind {
    /// Truth values.
    Bool,
    /// Integers.
    Int,
    /// Numbers with a fractional part.
    Float,
    /// Random keys, which no number becomes.
    Key,
}

impl DType {
    /// Every dtype, keys last.
    pub const ALL: [DType; 14] = [
        DType::Bool,
        DType::U8,
        DType::U16,
        DType::U32,
        DType::U64,
        DType::I8,
        DType::I16,
        DType::I32,
        DType::I64,
        DType::F16,
        DType::BF16,
        DType::F32,
        DType::F64,
        DType::Key,
    ];

    /// The kind of this dtype.
    pub const fn kind(self) -> DKind {
        match self {
            DType::Bool => DKind::Bool,
            DType::F16 | DType::BF16 | DType::F32 | DType::F64 => DKind::Float,
            DType::Key => DKind::Key,
            _ => DKind::Int,
        }
    }

    /// Whether elements have a fractional part.
    pub const fn is_float(self) -> bool {
        matches!(self.kind(), DKind::Float)
    }

    /// Whether elements are computed in `f32` and rounded back.
    pub(crate) const fn is_half(self) -> bool {
        matches!(self, DType::F16 | DType::BF16)
    }

    /// Bytes of one element.
    pub const fn size(self) -> usize {
        match self {
            DType::Bool | DType::U8 | DType::I8 => 1,
            DType::U16 | DType::I16 | DType::F16 | DType::BF16 => 2,
            DType::U32 | DType::I32 | DType::F32 => 4,
            DType::U64 | DType::I64 | DType::F64 | DType::Key => 8,
        }
    }

    /// Whether elements are integers without a sign.
    pub(crate) const fn is_unsigned(self) -> bool {
        matches!(self, DType::U8 | DType::U16 | DType::U32 | DType::U64)
    }

    /// The dtype of a result of operands of both dtypes: the join in JAX's lattice.
    ///
    /// ```
    /// use pz::DType;
    /// assert_eq!(DType::I64.promote(DType::F16), DType::F16);
    /// assert_eq!(DType::F16.promote(DType::BF16), DType::F32);
    /// assert_eq!(DType::U8.promote(DType::I8), DType::I16);
    /// ```
    pub fn promote(self, other: DType) -> DType {
        use DKind::{Bool, Float, Key};
        let (low, high) = if self.kind() <= other.kind() { (self, other) } else { (other, self) };
        match (low.kind(), high.kind()) {
            _ if low == high => high,
            (_, Key) | (Bool, _) => high,
            (Float, Float) if low.size() == high.size() => DType::F32,
            (Float, Float) => wider(low, high),
            (_, Float) => high,
            _ if low.is_unsigned() == high.is_unsigned() => wider(low, high),
            _ => {
                let (unsigned, signed) = if low.is_unsigned() { (low, high) } else { (high, low) };
                let above = match unsigned.size() {
                    1 => DType::I16,
                    2 => DType::I32,
                    4 => DType::I64,
                    _ => return DType::F32,
                };
                wider(signed, above)
            }
        }
    }

    /// How the dtype is written: `bf16`.
    pub const fn name(self) -> &'static str {
        match self {
            DType::Bool => "bool",
            DType::U8 => "u8",
            DType::U16 => "u16",
            DType::U32 => "u32",
            DType::U64 => "u64",
            DType::I8 => "i8",
            DType::I16 => "i16",
            DType::I32 => "i32",
            DType::I64 => "i64",
            DType::F16 => "f16",
            DType::BF16 => "bf16",
            DType::F32 => "f32",
            DType::F64 => "f64",
            DType::Key => "key",
        }
    }

    /// The dtype in which a function that needs fractions is computed: floats stay, all else becomes `f32`.
    pub(crate) const fn to_float(self) -> DType {
        if self.is_float() { self } else { DType::F32 }
    }

    /// The dtype of a result of an array of this dtype and a plain number of `kind`.
    pub(crate) fn with_scalar(self, kind: DKind) -> DType {
        match kind {
            _ if kind <= self.kind() => self,
            DKind::Float => DType::F32,
            _ => DType::I32,
        }
    }
}

fn wider(a: DType, b: DType) -> DType {
    if a.size() >= b.size() { a } else { b }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A Rust type that is the element of an array: the numbers, `bool`, `half`'s two, and random keys.
pub trait Element: sealed::Stored {
    /// The dtype of arrays of this type.
    const DTYPE: DType;
}

pub(crate) mod sealed {
    use crate::array::storage::Data;

    /// Passage between a typed vector and the storage.
    pub trait Stored:
        Copy + Default + Send + Sync + PartialEq + PartialOrd + std::fmt::Debug + 'static
    {
        fn wrap(values: Vec<Self>) -> Data;
        fn slice(data: &Data) -> Option<&[Self]>;
        fn vec_mut(data: &mut Data) -> Option<&mut Vec<Self>>;
        fn from_f64(value: f64) -> Self;
        fn to_f64(self) -> f64;
        /// An integer from its low bits; of a float, the nearest.
        fn from_bits64(bits: i64) -> Self;
        /// An integer's bits, sign-extended.
        fn to_bits64(self) -> i64;
    }
}

/// Names each dtype with its Rust type, for macros that write one arm for each: `for_each_dtype!(callback)`.
macro_rules! for_each_dtype {
    ($callback:ident) => {
        $callback! {
            (Bool, bool) (U8, u8) (U16, u16) (U32, u32) (U64, u64) (I8, i8) (I16, i16) (I32, i32) (I64, i64)
            (F16, half::f16) (BF16, half::bf16) (F32, f32) (F64, f64) (Key, crate::random::Key)
        }
    };
}
pub(crate) use for_each_dtype;

/// Evaluates an expression with `$T` bound to the Rust type of a dtype.
macro_rules! with_type {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::array::DType::Bool => {
                type $T = bool;
                $body
            }
            $crate::array::DType::U8 => {
                type $T = u8;
                $body
            }
            $crate::array::DType::U16 => {
                type $T = u16;
                $body
            }
            $crate::array::DType::U32 => {
                type $T = u32;
                $body
            }
            $crate::array::DType::U64 => {
                type $T = u64;
                $body
            }
            $crate::array::DType::I8 => {
                type $T = i8;
                $body
            }
            $crate::array::DType::I16 => {
                type $T = i16;
                $body
            }
            $crate::array::DType::I32 => {
                type $T = i32;
                $body
            }
            $crate::array::DType::I64 => {
                type $T = i64;
                $body
            }
            $crate::array::DType::F16 => {
                type $T = half::f16;
                $body
            }
            $crate::array::DType::BF16 => {
                type $T = half::bf16;
                $body
            }
            $crate::array::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::array::DType::F64 => {
                type $T = f64;
                $body
            }
            $crate::array::DType::Key => {
                type $T = $crate::random::Key;
                $body
            }
        }
    };
}
pub(crate) use with_type;

macro_rules! elements {
    ($(($variant:ident, $T:ty))*) => {
        $(impl Element for $T {
            const DTYPE: DType = DType::$variant;
        })*
    };
}
for_each_dtype!(elements);

/// Conversions to and from `f64` as Rust's `as`: saturating, truncating, NaN to 0.
macro_rules! stored {
    ($($variant:ident, $T:ty, $from:expr, $to:expr, $from_bits:expr, $to_bits:expr;)*) => {
        $(impl sealed::Stored for $T {
            fn wrap(values: Vec<Self>) -> super::storage::Data {
                super::storage::Data::$variant(values)
            }
            fn slice(data: &super::storage::Data) -> Option<&[Self]> {
                match data {
                    super::storage::Data::$variant(values) => Some(values),
                    super::storage::Data::Foreign(foreign) if foreign.dtype() == DType::$variant => foreign.typed(),
                    _ => None,
                }
            }
            fn vec_mut(data: &mut super::storage::Data) -> Option<&mut Vec<Self>> {
                match data {
                    super::storage::Data::$variant(values) => Some(values),
                    _ => None,
                }
            }
            fn from_f64(value: f64) -> Self { ($from)(value) }
            fn to_f64(self) -> f64 { ($to)(self) }
            fn from_bits64(bits: i64) -> Self { ($from_bits)(bits) }
            fn to_bits64(self) -> i64 { ($to_bits)(self) }
        })*
    };
}

stored! {
    Bool, bool, |v: f64| v != 0.0, |v: bool| f64::from(u8::from(v)), |b: i64| b != 0, i64::from;
    U8, u8, |v: f64| v as u8, f64::from, |b: i64| b as u8, i64::from;
    U16, u16, |v: f64| v as u16, f64::from, |b: i64| b as u16, i64::from;
    U32, u32, |v: f64| v as u32, f64::from, |b: i64| b as u32, i64::from;
    U64, u64, |v: f64| v as u64, |v: u64| v as f64, |b: i64| b as u64, |v: u64| v as i64;
    I8, i8, |v: f64| v as i8, f64::from, |b: i64| b as i8, i64::from;
    I16, i16, |v: f64| v as i16, f64::from, |b: i64| b as i16, i64::from;
    I32, i32, |v: f64| v as i32, f64::from, |b: i64| b as i32, i64::from;
    I64, i64, |v: f64| v as i64, |v: i64| v as f64, |b: i64| b, |v: i64| v;
    // Halves by way of `f32`, as XLA rounds them; the way from `f64` that their crate has drops the end of the fraction.
    F16, f16, |v: f64| f16::from_f32(v as f32), f16::to_f64, |b: i64| f16::from_f32(b as f32), |v: f16| v.to_f64() as i64;
    BF16, bf16, |v: f64| bf16::from_f32(v as f32), bf16::to_f64, |b: i64| bf16::from_f32(b as f32), |v: bf16| v.to_f64() as i64;
    F32, f32, |v: f64| v as f32, f64::from, |b: i64| b as f32, |v: f32| v as i64;
    F64, f64, |v: f64| v, |v: f64| v, |b: i64| b as f64, |v: f64| v as i64;
    // No operation converts keys; 0 is the empty element that fresh memory holds, all else what fills missing places.
    Key, Key, |v: f64| Key::from_words([if v == 0.0 { 0 } else { u32::MAX }; 2]), |_: Key| f64::NAN,
        |v: i64| Key::from_words([(v >> 32) as u32, v as u32]),
        |k: Key| i64::from(k.words()[0]) << 32 | i64::from(k.words()[1]);
}
