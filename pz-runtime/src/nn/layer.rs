//! What a layer is.

use super::{SideInputs, Value};
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::path::scope;
use crate::tree::PyTree;

/// A tree node that maps a value to a value.
///
/// Side inputs reach every layer below the one that was called; a layer uses those it knows and passes all of
/// them on. Derive it (`#[derive(Layer)]`) for a struct whose fields are layers, or write it by hand; a layer
/// from array to array implements [`ArrayLayer`] instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "this type has no `Layer` implementation",
    note = "derive it with `#[derive(Layer)]`, or implement `pz::nn::ArrayLayer` for a function from array to array"
)]
pub trait Layer: PyTree {
    /// Runs the layer.
    ///
    /// # Errors
    /// Whatever does not fit: a wrong kind of input, an axis that is missing or has another size, a side input
    /// that was not given.
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value>;
}

/// A layer from one array to one array.
pub trait ArrayLayer: PyTree {
    /// Runs the layer on an array.
    ///
    /// # Errors
    /// As [`Layer::call`].
    fn apply(&self, input: NamedArray, side: &SideInputs) -> Result<NamedArray>;
}

#[diagnostic::do_not_recommend]
impl<L: ArrayLayer> Layer for L {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        self.apply(input.into_array(self.info().type_name)?, side).map(Value::from)
    }
}

/// Calls the layer in the field `field` of `owner`, in that field's scope.
///
/// # Errors
/// The layer's own, with the field added to the place that they name.
pub fn call_child(
    owner: &dyn PyTree,
    field: &'static str,
    layer: &dyn Layer,
    input: Value,
    side: &SideInputs,
) -> Result<Value> {
    call_in(owner, field, None, layer, input, side)
}

/// Calls the `index`-th layer of the sequence in the field `field` of `owner`, in its scope.
///
/// # Errors
/// As [`call_child`].
pub fn call_element(
    owner: &dyn PyTree,
    field: &'static str,
    index: usize,
    layer: &dyn Layer,
    input: Value,
    side: &SideInputs,
) -> Result<Value> {
    call_in(owner, field, Some(index), layer, input, side)
}

/// Layers inside one another at most. Each takes a part of the stack while it runs, so that without a bound a model
/// nested without end would end the process: in a debug build up to ten kilobytes, of the two mebibytes of a thread.
const MAX_NESTED: usize = 200;

fn call_in(
    owner: &dyn PyTree,
    field: &'static str,
    index: Option<usize>,
    layer: &dyn Layer,
    input: Value,
    side: &SideInputs,
) -> Result<Value> {
    let depth = scope::current().depth();
    if depth >= MAX_NESTED {
        let owner = owner.info().type_name;
        let problem = format!("layers run inside one another {depth} deep, and at most {MAX_NESTED} may");
        // The scope is left out: it would be a path of hundreds of steps.
        let report = Report { scope: scope::Scope::default(), ..Report::new(owner, problem) };
        return Err(report.help("put the layers side by side into one `Sequential`").tree());
    }
    let _scope = scope::enter(owner.info().type_name, field, index);
    layer.call(input, side)
}
