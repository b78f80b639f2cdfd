//! Model surgery: one attention head falls silent.
//!
//! In every attention layer, the first thing that is made of the attention weights and the values is what each head
//! says; the second is the sum of it all. A layer put between the two can silence a head, and neither the library nor
//! the rest of the model knows of it.

use pz::models::transformer::TransformerLM;
use pz::nn::{ArrayLayer, Attention, NamedEinsum, SideInputs};
use pz::{AxisName, Error, NamedArray, pytree_dataclass, select};

use crate::args::Head;

/// Multiplies what each head says by a number of its own.
#[pytree_dataclass]
#[pytree(color = "#e06c75")]
pub struct ScaleHeads {
    /// One number for each head, with the axes of the heads.
    pub scale: NamedArray,
}

impl ArrayLayer for ScaleHeads {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> pz::Result<NamedArray> {
        input.mul(&self.scale)
    }
}

/// The model in which one head is silent. Heads are counted as llama2.c does: group by group.
pub fn knock_out(model: &TransformerLM, name: &str, wanted: Head) -> Result<TransformerLM, String> {
    let metadata = &model.metadata;
    let heads: Vec<(AxisName, usize)> =
        metadata.common_head_axes.iter().chain(&metadata.query_only_head_axes).copied().collect();
    let count = heads.iter().map(|(_, size)| size).product();
    let layers = select(model).at_instances_of::<Attention>();

    let out_of_range = |field: &str, found: usize, count: usize| {
        Err(format!("--knock-out: the {field} is {found}, and {name} has {count}, counted from 0"))
    };
    if wanted.layer >= layers.count() {
        return out_of_range("layer", wanted.layer, layers.count());
    }
    if wanted.head >= count {
        return out_of_range("head", wanted.head, count);
    }

    let scale = (0..count).map(|head| if head == wanted.head { 0.0_f32 } else { 1.0 }).collect();
    let silence = NamedArray::from_vec(scale, heads).map(|scale| ScaleHeads { scale });
    silence
        .and_then(|silence| {
            layers
                .pick_nth_selected(wanted.layer as isize)
                .at(|attention| &attention.attn_value_to_output)
                .at_instances_of::<NamedEinsum>()
                .insert_after(silence)
        })
        .map_err(|error: Error| error.to_string())
}
