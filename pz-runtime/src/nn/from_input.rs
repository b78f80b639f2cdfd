//! A chain of layers on another input of the model than the one that reaches it.
//!
//! A model with several inputs hands the first from layer to layer, and all of them on as side inputs, by the names of
//! its header; so a layer anywhere below it can begin again from one of them, as the keys and values of a
//! cross-attention do.

use super::{AnyLayer, Layer, SideInputs, Value, call_in_order};
use crate::error::Result;

/// Layers in a row that take the side input `input` in the place of their argument.
///
/// ```
/// use pz::NamedArray;
/// use pz::nn::{FromInput, Layer, SideInputs};
/// let memory = FromInput { input: "memory".into(), sublayers: vec![] };
/// let side = SideInputs::new().with("memory", NamedArray::scalar(3.0_f32));
/// let output = memory.call(NamedArray::scalar(1.0_f32).into(), &side)?;
/// assert_eq!(output.into_array("example")?.item::<f32>()?, 3.0);
/// # Ok::<(), pz::Error>(())
/// ```
#[crate::pytree_dataclass]
pub struct FromInput {
    /// The name of the input.
    #[pytree(static)]
    pub input: String,
    /// The layers, first called first.
    pub sublayers: Vec<AnyLayer>,
}

impl Layer for FromInput {
    /// # Errors
    /// No side input of that name, or one that is no array; those of the layers.
    fn call(&self, _: Value, side: &SideInputs) -> Result<Value> {
        let input = side.array(&self.input)?.clone();
        call_in_order(self, "sublayers", &self.sublayers, input.into(), side)
    }
}
