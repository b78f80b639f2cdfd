//! Small arrays as text, for `serde`: their dtype, their axes, their elements.
//!
//! `{"dtype": "f32", "axes": [[null, 2], ["seq", 3]], "data": [1.0, …]}`: a positional axis has no name, and elements go
//! row by row, positional axes before named ones. What a format has no number for is `"nan"`, `"inf"` or `"-inf"`.
//! Models are kept otherwise: this is for settings, and for looking at.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};

use super::{NamedArray, Role, Roles};
use crate::array::dtype::with_type;
use crate::array::layout::{Dims, checked_len};
use crate::array::{Array, DKind, DType, Element};

const FIELDS: &[&str] = &["dtype", "axes", "data"];

/// One element, of a dtype that is said elsewhere.
#[derive(Clone, Copy)]
enum Number {
    Truth(bool),
    Whole(i128),
    Float(f64),
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Number::Truth(truth) => serializer.serialize_bool(truth),
            Number::Whole(whole) => match i64::try_from(whole) {
                Ok(whole) => serializer.serialize_i64(whole),
                Err(_) => serializer.serialize_u64(whole as u64),
            },
            Number::Float(float) if float.is_finite() => serializer.serialize_f64(float),
            Number::Float(float) if float.is_nan() => serializer.serialize_str("nan"),
            Number::Float(float) => serializer.serialize_str(if float > 0.0 { "inf" } else { "-inf" }),
        }
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a truth value, \"nan\", \"inf\" or \"-inf\"")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Number, E> {
        Ok(Number::Truth(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
        Ok(Number::Whole(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
        Ok(Number::Whole(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
        Ok(Number::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Number, E> {
        match value {
            "nan" => Ok(Number::Float(f64::NAN)),
            "inf" => Ok(Number::Float(f64::INFINITY)),
            "-inf" => Ok(Number::Float(f64::NEG_INFINITY)),
            _ => Err(E::invalid_value(de::Unexpected::Str(value), &self)),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// The nearest element, where that is no infinity.
fn finite<T: Element>(number: f64) -> Option<T> {
    let element = T::from_f64(number);
    element.to_f64().is_finite().then_some(element)
}

impl Number {
    fn of<T: Element>(value: T) -> Number {
        match T::DTYPE.kind() {
            DKind::Bool => Number::Truth(value.to_f64() != 0.0),
            // A key is its two words, the first in front.
            DKind::Int | DKind::Key if matches!(T::DTYPE, DType::U64 | DType::Key) => {
                Number::Whole((value.to_bits64() as u64).into())
            }
            DKind::Int | DKind::Key => Number::Whole(value.to_bits64().into()),
            DKind::Float => Number::Float(value.to_f64()),
        }
    }

    /// The element, where it is one of that dtype or is rounded to one.
    fn element<T: Element>(self) -> Option<T> {
        match (self, T::DTYPE.kind()) {
            (Number::Truth(truth), DKind::Bool) => Some(T::from_bits64(truth.into())),
            (Number::Whole(whole), DKind::Int | DKind::Key) => {
                let element = T::from_bits64(whole as i64);
                matches!(Number::of(element), Number::Whole(back) if back == whole).then_some(element)
            }
            (Number::Whole(whole), DKind::Float) => finite(whole as f64),
            (Number::Float(float), DKind::Float) if float.is_finite() => finite(float),
            // Infinities and NaN are written as words.
            (Number::Float(float), DKind::Float) => Some(T::from_f64(float)),
            _ => None,
        }
    }
}

/// # Errors
/// Computing the elements failed.
impl Serialize for NamedArray {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let array = self.with_positional_prefix().map_err(S::Error::custom)?;
        let sized = array.roles.iter().zip(array.array.dims());
        let axes: Vec<(Option<&str>, usize)> =
            sized.map(|(role, &size)| (role.name().map(|name| name.as_str()), size)).collect();
        let data: Vec<Number> = with_type!(array.dtype(), T => {
            array.to_vec::<T>().map_err(S::Error::custom)?.into_iter().map(Number::of).collect()
        });
        let mut fields = serializer.serialize_struct("NamedArray", FIELDS.len())?;
        fields.serialize_field("dtype", &array.dtype().to_string())?;
        fields.serialize_field("axes", &axes)?;
        fields.serialize_field("data", &data)?;
        fields.end()
    }
}

/// # Errors
/// A dtype that there is not; a name twice; elements that are not of the dtype, or not as many as the axes have.
impl<'de> Deserialize<'de> for NamedArray {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("NamedArray", FIELDS, ArrayVisitor)
    }
}

struct ArrayVisitor;

type AxisTexts = Vec<(Option<String>, usize)>;

impl<'de> Visitor<'de> for ArrayVisitor {
    type Value = NamedArray;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a named array: its dtype, axes and data")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<NamedArray, A::Error> {
        let missing = |at| de::Error::invalid_length(at, &self);
        let dtype: String = seq.next_element()?.ok_or_else(|| missing(0))?;
        let axes: AxisTexts = seq.next_element()?.ok_or_else(|| missing(1))?;
        let data: Vec<Number> = seq.next_element()?.ok_or_else(|| missing(2))?;
        built(&dtype, axes, &data)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NamedArray, A::Error> {
        let (mut dtype, mut axes, mut data) = (None::<String>, None::<AxisTexts>, None::<Vec<Number>>);
        while let Some(key) = map.next_key::<String>()? {
            let known = FIELDS.iter().copied().zip([dtype.is_some(), axes.is_some(), data.is_some()]);
            if let Some((field, _)) = known.filter(|(_, is_there)| *is_there).find(|(field, _)| *field == key)
            {
                return Err(de::Error::duplicate_field(field));
            }
            match key.as_str() {
                "dtype" => dtype = Some(map.next_value()?),
                "axes" => axes = Some(map.next_value()?),
                "data" => data = Some(map.next_value()?),
                other => return Err(de::Error::unknown_field(other, FIELDS)),
            }
        }
        let missing = de::Error::missing_field;
        let dtype = dtype.ok_or_else(|| missing("dtype"))?;
        built(&dtype, axes.ok_or_else(|| missing("axes"))?, &data.ok_or_else(|| missing("data"))?)
    }
}

fn built<E: de::Error>(dtype: &str, axes: AxisTexts, data: &[Number]) -> Result<NamedArray, E> {
    let known = DType::ALL.into_iter().find(|known| known.to_string() == dtype);
    let Some(dtype) = known else { return Err(E::custom(format!("`{dtype}` is no dtype"))) };
    let (mut roles, mut dims, mut positions) = (Roles::new(), Dims::new(), 0);
    for (name, size) in axes {
        let role = name.map_or(Role::Positional(positions), |name| Role::Named(name.into()));
        positions += usize::from(role.is_positional());
        if roles.contains(&role) {
            return Err(E::custom(format!("the axis `{role:?}` is there twice")));
        }
        roles.push(role);
        dims.push(size);
    }
    if checked_len(&dims) != Some(data.len()) {
        return Err(E::custom(format!("{} elements are there for the sizes {dims:?}", data.len())));
    }
    with_type!(dtype, T => {
        let elements: Option<Vec<T>> = data.iter().map(|number| number.element()).collect();
        let Some(elements) = elements else {
            return Err(E::custom(format!("an element is no `{dtype}`")));
        };
        Ok(NamedArray::new(Array::from_vec(elements, &dims), roles))
    })
}
