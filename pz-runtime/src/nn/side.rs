//! Side inputs: values that reach every layer of a model beside its argument.
//!
//! Token positions and the place in a cache are the typical ones. The map is handed on unchanged by every
//! combinator, so cloning it must be cheap: it is shared, and copied when a layer adds to it.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::{Report, Result};
use crate::named::NamedArray;

/// Named values for all the layers below a call.
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
pub struct SideInputs(Arc<BTreeMap<&'static str, Arc<dyn Any + Send + Sync>>>);

impl SideInputs {
    /// No side inputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// These side inputs and one more; an older value of the same name is hidden.
    #[must_use]
    pub fn with<T: Any + Send + Sync>(mut self, name: &'static str, value: T) -> Self {
        Arc::make_mut(&mut self.0).insert(name, Arc::new(value));
        self
    }

    /// The value called `name`, where it is there and is a `T`.
    pub fn get<T: Any>(&self, name: &str) -> Option<&T> {
        self.0.get(name).and_then(|value| value.downcast_ref())
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
        self.get::<NamedArray>(name).ok_or_else(|| {
            let known: Vec<_> = self.0.keys().map(|key| format!("`{key}`")).collect();
            let known = if known.is_empty() {
                "there are none".into()
            } else {
                format!("given are {}", known.join(", "))
            };
            let what = if self.0.contains_key(name) { "is not an array" } else { "was not given" };
            Report::new("side inputs", format!("the side input `{name}` {what} ({known})"))
                .help(format!("call the model with `side.with(\"{name}\", array)`"))
                .side_input()
        })
    }
}
