//! Side inputs: values that reach every layer of a model beside its argument.
//!
//! Token positions and the place in a cache are the typical ones. The map is handed on unchanged by every
//! combinator, so cloning it must be cheap: it is shared, and copied when a layer adds to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::array::DType;
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
pub struct SideInputs(Arc<BTreeMap<&'static str, Arc<dyn PyTree>>>);

impl SideInputs {
    /// No side inputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// These side inputs and one more; an older value of the same name is hidden.
    #[must_use]
    pub fn with<T: PyTree>(mut self, name: &'static str, value: T) -> Self {
        Arc::make_mut(&mut self.0).insert(name, Arc::new(value));
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
        let changed = self.0.iter().map(|(name, value)| Ok((*name, Arc::from(change(value.as_tree())?))));
        Ok(SideInputs(Arc::new(changed.collect::<Result<_>>()?)))
    }

    /// Whether these are the same side inputs: the very ones, not such as have the same values.
    pub(super) fn is(&self, other: &SideInputs) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The values.
    pub(super) fn values(&self) -> impl Iterator<Item = &dyn PyTree> {
        self.0.values().map(|value| value.as_tree())
    }

    /// The value called `name`, where it is there and is a `T`.
    pub fn get<T: PyTree>(&self, name: &str) -> Option<&T> {
        let value = self.0.get(name)?;
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
        if self.0.contains_key(name) { Ok(()) } else { self.array(name).map(|_| ()) }
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
        let stand_in = self.0.get(name).and_then(|value| value.downcast_ref::<StandIn>());
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
        let known: Vec<_> = self.0.keys().map(|key| format!("`{key}`")).collect();
        let known = if known.is_empty() {
            "there are none".into()
        } else {
            format!("given are {}", known.join(", "))
        };
        let what = match self.0.get(name) {
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
