//! A stream of random keys: what dropout draws from while a model runs.

use super::{StateVariable, VariableLabel};
use crate::error::Result;
use crate::named::{NamedArray, Random};

/// Random keys, one after the other. How many were taken is a state variable, so a model that is given a stream can be
/// made into a function of it like of any other state.
///
/// The `i`-th key is the base key with `i` folded in. Clones are the same stream. Two streams in one tree need labels of
/// their own.
///
/// ```
/// use pz::{RandomStream, prelude::*};
/// let stream = RandomStream::from_base_key(&Key::new(5))?;
/// assert_eq!(stream.next_key()?.item::<Key>()?, Key::new(5).fold_in(0));
/// assert_eq!(stream.next_key()?.item::<Key>()?, Key::new(5).fold_in(1));
/// assert_eq!(stream.offset.value().item::<i32>()?, 2);
/// # Ok::<(), pz::Error>(())
/// ```
#[crate::pytree_dataclass]
#[derive(Clone)]
pub struct RandomStream {
    /// What all keys rest on: a key, or an array of them for as many streams in step.
    pub base_key: NamedArray,
    /// The number of the next key.
    pub offset: StateVariable<NamedArray>,
}

impl RandomStream {
    /// A stream from its beginning, whose variable has the label `random_stream_offset`.
    ///
    /// # Errors
    /// The array holds no keys.
    pub fn from_base_key(base_key: &impl Random) -> Result<Self> {
        Self::with_label(base_key, "random_stream_offset")
    }

    /// A stream from its beginning, whose variable has this label.
    ///
    /// # Errors
    /// The array holds no keys.
    pub fn with_label(base_key: &impl Random, label: impl Into<VariableLabel>) -> Result<Self> {
        let base_key = base_key.to_keys();
        // What can be wrong with a key is better said here than when it is used.
        base_key.fold_in(0)?;
        Ok(RandomStream { base_key, offset: StateVariable::new(label, NamedArray::scalar(0_i32)) })
    }

    /// The next key, which is not given again.
    ///
    /// # Errors
    /// The variable is changed by another thread at the same time.
    #[track_caller]
    pub fn next_key(&self) -> Result<NamedArray> {
        let mut taken = None;
        self.offset.update(|offset| {
            taken = Some(self.base_key.fold_in(&offset)?);
            offset.add(1)
        })?;
        Ok(taken.unwrap_or_else(|| self.base_key.clone()))
    }
}
