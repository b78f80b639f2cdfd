//! What an entry of a `model!` becomes.

use super::Site;
use crate::AxisName;
use crate::error::Result;
use crate::nn::{
    AnyLayer, Attention, BranchAndAddTogether, BranchAndMultiplyTogether, FromInput, IndexedAxes, Layer,
    LayerStack, NamedEinsum, NamedGroup, Residual, Sequential, Slot,
};
use crate::shape::{AttentionAxes, Axes, Axis};

/// What the expression in `{ expression } as { .. } -> { .. }` gives.
#[diagnostic::on_unimplemented(
    message = "the expression gives `{Self}`, which is no layer",
    label = "a layer is wanted here",
    note = "write `?` after what gives a `Result`; a type of your own becomes a layer by `#[derive(Layer)]`"
)]
pub trait Expression {
    /// The layer in the model.
    fn into_layer(self) -> AnyLayer;
}

#[diagnostic::do_not_recommend]
impl<L: Layer> Expression for L {
    fn into_layer(self) -> AnyLayer {
        AnyLayer::new(self)
    }
}

/// `residual { .. }`.
pub fn residual(parts: &[AnyLayer]) -> Slot<Residual> {
    Slot::new(Residual::new(Sequential::new(parts.iter().cloned())))
}

/// `from input { .. }`.
pub fn from_input(input: &'static str, parts: &[AnyLayer]) -> Slot<FromInput> {
    Slot::new(FromInput { input: input.to_owned(), sublayers: parts.to_vec() })
}

/// `add { .. }`.
pub fn sum(parts: &[AnyLayer]) -> Slot<BranchAndAddTogether> {
    Slot::new(BranchAndAddTogether { branches: parts.to_vec() })
}

/// `multiply { .. }`.
pub fn product(parts: &[AnyLayer]) -> Slot<BranchAndMultiplyTogether> {
    Slot::new(BranchAndMultiplyTogether { branches: parts.to_vec() })
}

/// `{ .. }`.
pub fn group(name: &str, parts: &[AnyLayer]) -> Slot<NamedGroup> {
    Slot::new(NamedGroup::new(name, parts.iter().cloned()))
}

/// `stack N as axis { .. }`.
///
/// # Errors
/// Those of the layers inside.
pub fn stack(
    site: &Site<'_>,
    axis: &Axis,
    parts: &dyn Fn(&Site<'_>) -> Result<Vec<AnyLayer>>,
) -> Result<Slot<LayerStack>> {
    let count = match &axis.size {
        Some(size) => site.value(axis.name, size)?,
        None => 1,
    };
    let built = LayerStack::from_sublayer_builder(AxisName::new(axis.name), count, site.init(), |init| {
        Ok(AnyLayer::new(Sequential::new(parts(&site.with_init(init))?)))
    })?;
    Ok(Slot::new(built))
}

/// `attention(seq as kv_seq, projection) { .. }`, of which the axes of the input, the queries and the keys are known.
/// The parts are those that make queries, keys, values, weights of scores, and the output.
pub fn attention(
    by: &AttentionAxes,
    [x, query, key]: [&Axes; 3],
    parts: [&[AnyLayer]; 5],
) -> Slot<Attention> {
    let (tq, tkv) = (AxisName::new("tq"), AxisName::new("tkv"));
    let own = |axes: &Axes, without: &Axes| -> IndexedAxes {
        let new = axes.as_slice().iter().filter(|axis| {
            let name = axis.name;
            x.find(name).is_none()
                && without.find(name).is_none()
                && name != by.seq
                && !by.projection.contains(&name)
        });
        new.map(|axis| (AxisName::new(axis.name), AxisName::new(axis.name))).collect()
    };
    let none = Axes::new(&[], None, query.elements);
    let (heads, query_heads) = (own(key, &none), own(query, key));
    let projection: IndexedAxes =
        by.projection.iter().map(|name| (AxisName::new(name), AxisName::new(name))).collect();
    let seq = |index: AxisName| vec![(AxisName::new(by.seq), index)];
    let key_axes = [seq(tkv), heads.clone(), projection.clone()].concat();
    let query_axes = [seq(tq), heads.clone(), query_heads.clone(), projection].concat();
    let kv_seq = vec![(AxisName::new(by.kv_seq), tkv)];
    let score_axes = [seq(tq), heads, query_heads, kv_seq].concat();
    let scores = NamedEinsum {
        input_axes: vec![query_axes.clone(), key_axes.clone()],
        output_axes: score_axes.clone(),
    };
    let mixed = NamedEinsum { input_axes: vec![score_axes, key_axes], output_axes: query_axes };
    let chain = |first: Option<NamedEinsum>, layers: &[AnyLayer]| {
        let first = first.map(AnyLayer::new);
        AnyLayer::new(Sequential::new(first.into_iter().chain(layers.iter().cloned())))
    };
    let [to_query, to_key, to_value, to_weights, to_output] = parts;
    Slot::new(Attention {
        input_to_query: chain(None, to_query),
        input_to_key: chain(None, to_key),
        input_to_value: chain(None, to_value),
        query_key_to_attn: chain(Some(scores), to_weights),
        attn_value_to_output: chain(Some(mixed), to_output),
    })
}
