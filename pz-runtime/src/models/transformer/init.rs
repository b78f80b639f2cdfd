//! Where the values of a new model's parameters come from.
//!
//! Building a model and filling it are one walk, so that a model read from a file never holds a second set of
//! weights and never asks for random numbers that are thrown away.

use std::fmt;

use crate::AxisName;
use crate::NamedArray;
use crate::error::Result;
use crate::random::Key;

/// Gives the value of the parameter with this label and these axes.
pub type Loader<'a> = dyn Fn(&str, &[(AxisName, usize)]) -> Result<NamedArray> + 'a;

/// A source of values for parameters.
///
/// A function of label and axes serves to load a model: it is asked once for every parameter, in the order in
/// which they stand in the model, with the label (`transformer/block_0/attention/query.weights`) and the axes
/// with their sizes. It may give the axes back in any order.
#[derive(Clone, Copy)]
pub enum Init<'a> {
    /// Drawn at random, each parameter from the key folded with its label.
    Random(Key),
    /// No values: every parameter is a slot, to be bound later.
    Slots,
    /// Given by a function of label and axes.
    Loaded(&'a Loader<'a>),
}

impl From<Option<Key>> for Init<'_> {
    fn from(key: Option<Key>) -> Self {
        key.map_or(Init::Slots, Init::Random)
    }
}

impl From<Key> for Init<'_> {
    fn from(key: Key) -> Self {
        Init::Random(key)
    }
}

impl fmt::Debug for Init<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Init::Random(_) => "Random",
            Init::Slots => "Slots",
            Init::Loaded(_) => "Loaded",
        })
    }
}
