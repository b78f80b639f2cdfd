//! Keys as elements of arrays: deriving them, and their words.

use super::Draw;
use crate::array::layout::Dims;
use crate::array::ops::random::{KEY_DATA, WRAP_KEY_DATA};
use crate::array::params::Params;
use crate::array::{Array, DKind, DType, caller};
use crate::error::{Report, Result};
use crate::named::arithmetic::{help_for_integers, merged};
use crate::named::{NamedArray, Operand, Role, positional};

#[track_caller]
pub(super) fn split(draw: Draw) -> Result<NamedArray> {
    let split = draw.keys.array.split_keys(draw.count)?;
    let dims: Dims = draw.keys.array.dims().iter().chain(&draw.dims).copied().collect();
    Ok(NamedArray::new(split.reshape(&dims)?, draw.roles))
}

/// Each key with a number folded in.
#[track_caller]
pub(super) fn folded(keys: &NamedArray, number: u32) -> Result<NamedArray> {
    let numbers = Array::full_of(Array::scalar(number), keys.array.dims())?;
    Ok(NamedArray::new(keys.array.fold_in(&numbers)?, keys.roles.clone()))
}

impl NamedArray {
    /// Keys that depend on these keys and on numbers, which are broadcast by name: `jax.random.fold_in`. Numbers count
    /// modulo 2^32.
    ///
    /// # Errors
    /// The array holds no keys; the numbers are no integers; an axis has two sizes.
    ///
    /// ```
    /// use pz::prelude::*;
    /// let keys = NamedArray::from(Key::new(5)).fold_in(NamedArray::arange("step", 3))?;
    /// assert_eq!(keys.to_vec::<Key>()?, [0, 1, 2].map(|step| Key::new(5).fold_in(step)));
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn fold_in(&self, numbers: impl Into<Operand>) -> Result<NamedArray> {
        let _call = caller::enter("fold_in");
        let numbers = numbers.into();
        let whole = numbers.as_whole().map(|number| NamedArray::scalar(number as u32));
        let numbers = match (whole, numbers) {
            (Some(number), _) => number,
            (None, Operand::Array(numbers)) if numbers.dtype().kind() == DKind::Int => {
                numbers.cast(DType::U32)?
            }
            (None, numbers) => {
                let problem = format!("what is folded in is {numbers}, and must be integers");
                let help = match &numbers {
                    Operand::Array(array) => help_for_integers("numbers", array.dtype()),
                    _ => "give a whole number, `keys.fold_in(3)`, or an array of integers".into(),
                };
                return Err(Report::new("fold_in", problem).help(help).dtype());
            }
        };
        let (roles, dims) = merged("fold_in", self, &numbers)?;
        let keys = self.aligned(&roles, &dims)?.fold_in(&numbers.aligned(&roles, &dims)?)?;
        Ok(NamedArray::new(keys, roles))
    }

    /// The two words of each key, as `u32` along a positional axis behind all others: `jax.random.key_data`.
    ///
    /// # Errors
    /// The array holds no keys.
    ///
    /// ```
    /// use pz::prelude::*;
    /// let words = NamedArray::from(Key::new(7)).key_data()?;
    /// assert_eq!(words.to_vec::<u32>()?, [0, 7]);
    /// assert_eq!(words.wrap_key_data()?.item::<Key>()?, Key::new(7));
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn key_data(&self) -> Result<NamedArray> {
        let _call = caller::enter("key_data");
        let words = Array::apply(&KEY_DATA, Params::None, &[&self.array])?;
        let after = self.roles.iter().filter(|role| role.is_positional()).count();
        let last = Role::Positional(after);
        Ok(NamedArray::new(words, self.roles.iter().copied().chain([last]).collect()))
    }

    /// Keys of their words, which lie along the last positional axis: `jax.random.wrap_key_data`.
    ///
    /// # Errors
    /// The words are not `u32`; there is no positional axis of size 2.
    #[track_caller]
    pub fn wrap_key_data(&self) -> Result<NamedArray> {
        let _call = caller::enter("wrap_key_data");
        let Some(axis) = positional(&self.roles).last().copied() else {
            let problem = format!("the words have no positional axis, but ({})", self.axes_text());
            return Err(Report::new("wrap_key_data", problem)
                .help("make that of the two words positional: `x.untag([\"…\"])`")
                .shape());
        };
        let mut order: Vec<usize> = (0..self.roles.len()).filter(|&other| other != axis).collect();
        let roles = order.iter().map(|&axis| self.roles[axis]).collect();
        order.push(axis);
        let keys = Array::apply(&WRAP_KEY_DATA, Params::None, &[&self.array.permute(&order)?])?;
        Ok(NamedArray::new(keys, roles))
    }
}
