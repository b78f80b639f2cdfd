//! What flows between layers: an array, or a tuple of values.

use crate::error::{Report, Result};
use crate::named::NamedArray;

/// The argument and the result of a layer.
#[derive(Clone, Debug)]
pub enum Value {
    /// One array.
    Array(NamedArray),
    /// Several values, as for a layer that takes a query and a key.
    Tuple(Vec<Value>),
}

impl Value {
    /// The array, for a layer called `layer`.
    ///
    /// # Errors
    /// The value is a tuple.
    pub fn into_array(self, layer: &str) -> Result<NamedArray> {
        match self {
            Value::Array(array) => Ok(array),
            Value::Tuple(items) => {
                let noun = if items.len() == 1 { "value" } else { "values" };
                let problem = format!("takes one array, and was given a tuple of {} {noun}", items.len());
                Err(Report::new(layer, problem).shape())
            }
        }
    }

    /// The `N` arrays of a tuple, for a layer called `layer`.
    ///
    /// # Errors
    /// The value is an array, or a tuple of another length, or holds tuples.
    pub fn into_tuple<const N: usize>(self, layer: &str) -> Result<[NamedArray; N]> {
        let problem =
            |given: String| Report::new(layer, format!("takes a tuple of {N} arrays, and was given {given}"));
        match self {
            Value::Array(_) => Err(problem("one array".into()).shape()),
            Value::Tuple(items) => {
                let count = items.len();
                let arrays =
                    items.into_iter().map(|item| item.into_array(layer)).collect::<Result<Vec<_>>>()?;
                arrays.try_into().map_err(|_| problem(format!("a tuple of {count}")).shape())
            }
        }
    }
}

impl From<NamedArray> for Value {
    fn from(array: NamedArray) -> Self {
        Value::Array(array)
    }
}

impl<const N: usize> From<[NamedArray; N]> for Value {
    fn from(arrays: [NamedArray; N]) -> Self {
        Value::Tuple(arrays.into_iter().map(Value::Array).collect())
    }
}
