//! Side inputs: values that reach every layer of a model beside its argument.
//!
//! Token positions and the place in a cache are the typical ones. The map is handed on unchanged by every
//! combinator, so cloning it must be cheap: it is shared, and copied when a layer adds to it.
//!
//! Many layers of a model make the same small thing of one side input: the sines of all positions. The first of them
//! leaves it here for the others. A plan would compute it once anyway, but its nodes need not be made for each layer.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::array::{DType, trace};
use crate::error::{Error, Report, Result};
use crate::named::NamedArray;
use crate::random::Key;
use crate::tree::{Node, PyTree, Tree};
use crate::vars::RandomStream;

/// Named values for all the layers below a call. A value is a tree: an array, a stream of keys, a struct of arrays.
///
/// ```
/// use pz::nn::SideInputs;
/// use pz::NamedArray;
/// let side = SideInputs::new().with("token_positions", NamedArray::arange("seq", 4));
/// assert_eq!(side.array("token_positions")?.size("seq"), Some(4));
/// assert!(side.array("kv_positions").is_err());
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct SideInputs(Arc<Given>);

#[derive(Default)]
struct Given {
    values: BTreeMap<&'static str, Arc<dyn PyTree>>,
    /// What layers have made of these values.
    made: Mutex<Vec<Made>>,
}

struct Made {
    /// What says how.
    key: Box<dyn Any + Send + Sync>,
    arrays: Vec<NamedArray>,
}

/// Of other values other things would be made.
impl Clone for Given {
    fn clone(&self) -> Self {
        Given { values: self.values.clone(), made: Mutex::default() }
    }
}

impl SideInputs {
    /// No side inputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// These side inputs and one more; an older value of the same name is hidden.
    #[must_use]
    pub fn with<T: PyTree>(mut self, name: &'static str, value: T) -> Self {
        let given = Arc::make_mut(&mut self.0);
        given.values.insert(name, Arc::new(value));
        given.made = Mutex::default();
        self
    }

    /// These side inputs and a stand-in, which is whatever a layer asks for: the array, a mask, or a stream of keys.
    pub(super) fn with_stand_in(self, name: &'static str, array: NamedArray) -> Result<Self> {
        let stream = RandomStream::from_base_key(&Key::new(0))?;
        let mask = NamedArray::without_value(&[], [], DType::Bool)?;
        Ok(self.with(name, StandIn { array, mask, stream }))
    }

    /// These side inputs with each value exchanged for what `change` makes of it.
    pub(super) fn map(&self, mut change: impl FnMut(&dyn PyTree) -> Result<Node>) -> Result<Self> {
        let changed =
            self.0.values.iter().map(|(name, value)| Ok((*name, Arc::from(change(value.as_tree())?))));
        Ok(SideInputs(Arc::new(Given { values: changed.collect::<Result<_>>()?, made: Mutex::default() })))
    }

    /// What `make` makes of these side inputs, or what another layer has made of them with the same `key`: some arrays that
    /// are small beside what layers compute, for they are kept as long as the side inputs are. What a gradient or a trace
    /// must see made is made each time.
    pub(super) fn made<K: PartialEq + Send + Sync + 'static, const N: usize>(
        &self,
        key: K,
        make: impl FnOnce() -> Result<[NamedArray; N]>,
    ) -> Result<[NamedArray; N]> {
        if trace::is_open() {
            return make();
        }
        let kept = || self.0.made.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept().iter().find_map(|made| {
            let is_this = made.key.downcast_ref::<K>() == Some(&key);
            is_this.then(|| <[NamedArray; N]>::try_from(made.arrays.clone()).ok())?
        });
        if let Some(found) = found {
            return Ok(found);
        }
        let arrays = make()?;
        if arrays.iter().all(|made| made.array.as_node().trackers.is_empty()) {
            kept().push(Made { key: Box::new(key), arrays: arrays.to_vec() });
        }
        Ok(arrays)
    }

    /// Whether these are the same side inputs: the very ones, not such as have the same values.
    pub(super) fn is(&self, other: &SideInputs) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The values.
    pub(super) fn values(&self) -> impl Iterator<Item = &dyn PyTree> {
        self.0.values.values().map(|value| value.as_tree())
    }

    /// The value called `name`, where it is there and is a `T`.
    pub fn get<T: PyTree>(&self, name: &str) -> Option<&T> {
        let value = self.0.values.get(name)?;
        value.downcast_ref::<T>().or_else(|| {
            let StandIn { array, stream, .. } = value.downcast_ref::<StandIn>()?;
            (array as &dyn PyTree).downcast_ref::<T>().or((stream as &dyn PyTree).downcast_ref::<T>())
        })
    }

    /// Sees to it that there is a side input called `name`.
    ///
    /// # Errors
    /// There is none.
    pub fn known(&self, name: &str) -> Result<()> {
        if self.0.values.contains_key(name) { Ok(()) } else { self.array(name).map(|_| ()) }
    }

    /// The array called `name`.
    ///
    /// # Errors
    /// No such side input, or it is not an array.
    pub fn array(&self, name: &str) -> Result<&NamedArray> {
        self.get(name).ok_or_else(|| self.lacks(name, "an array", "array"))
    }

    /// The array of truth values called `name`.
    pub(super) fn truths(&self, name: &str) -> Result<&NamedArray> {
        let stand_in = self.0.values.get(name).and_then(|value| value.downcast_ref::<StandIn>());
        stand_in.map_or_else(|| self.array(name), |stand_in| Ok(&stand_in.mask))
    }

    /// The stream of random keys called `name`.
    ///
    /// # Errors
    /// No such side input, or it is not a [`RandomStream`].
    pub fn random_stream(&self, name: &str) -> Result<&RandomStream> {
        self.get(name)
            .ok_or_else(|| self.lacks(name, "a `RandomStream`", "RandomStream::from_base_key(&key)?"))
    }

    fn lacks(&self, name: &str, wanted: &str, example: &str) -> Error {
        let known: Vec<_> = self.0.values.keys().map(|key| format!("`{key}`")).collect();
        let known = if known.is_empty() {
            "there are none".into()
        } else {
            format!("given are {}", known.join(", "))
        };
        let what = match self.0.values.get(name) {
            Some(_) => format!("is not {wanted}"),
            None => "was not given".into(),
        };
        Report::new("side inputs", format!("the side input `{name}` {what} ({known})"))
            .help(format!("call the model with `side.with(\"{name}\", {example})`"))
            .side_input()
    }
}

/// What stands for a side input when a model runs for its shapes.
#[crate::pytree_dataclass]
struct StandIn {
    array: NamedArray,
    mask: NamedArray,
    stream: RandomStream,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::named;

    /// `positions + key`, and how often it was made.
    fn sum(side: &SideInputs, key: f32, count: &mut i32) -> Result<NamedArray> {
        let make = || {
            *count += 1;
            Ok([side.array("positions")?.add(key)?])
        };
        side.made(key.to_bits(), make).map(|[sum]| sum)
    }

    #[test]
    fn what_is_made_of_side_inputs_is_made_once() -> Result<()> {
        let side = SideInputs::new().with("positions", NamedArray::arange("seq", 3));
        let mut count = 0;
        let first = sum(&side, 5.0, &mut count)?;
        let again = sum(&side.clone(), 5.0, &mut count)?;
        assert_eq!((again.to_vec::<f32>()?, count), (vec![5.0, 6.0, 7.0], 1));
        assert!(Arc::ptr_eq(first.array.as_node(), again.array.as_node()));
        assert_eq!((sum(&side, 6.0, &mut count)?.to_vec::<f32>()?, count), (vec![6.0, 7.0, 8.0], 2));
        // Of other values other things are made, whether the map was copied or changed in place.
        let other = side.clone().with("positions", NamedArray::arange("seq", 2));
        assert_eq!((sum(&other, 5.0, &mut count)?.to_vec::<f32>()?, count), (vec![5.0, 6.0], 3));
        let other = other.with("positions", NamedArray::arange("seq", 1));
        assert_eq!((sum(&other, 5.0, &mut count)?.to_vec::<f32>()?, count), (vec![5.0], 4));
        assert_eq!((sum(&side, 5.0, &mut count)?.size("seq"), count), (Some(3), 4));
        Ok(())
    }

    #[test]
    fn what_a_gradient_must_see_made_is_made_each_time() -> Result<()> {
        let mut count = 0;
        let positions = NamedArray::from_vec(vec![1f32, 2.0], [("seq", 2)])?;
        let loss = |inputs: &[NamedArray]| {
            let side = SideInputs::new().with("positions", inputs[0].clone());
            let (first, second) = (sum(&side, 5.0, &mut count)?, sum(&side, 5.0, &mut count)?);
            first.mul(&second)?.sum("seq")
        };
        let found = named::grad(loss, &[positions])?;
        assert_eq!((found[0].to_vec::<f32>()?, count), (vec![12.0, 14.0], 2));
        Ok(())
    }
}
