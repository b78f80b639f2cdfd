//! Surgery on a transformer of 28 blocks (253 linear layers): what looking at a model and changing it costs. No
//! parameter has a value, so nothing here computes.

use pz::Result;
use pz::models::transformer::{LlamalikeTransformerConfig, TransformerLM, build_llamalike_transformer};
use pz::nn::{Identity, Init, Linear};
use pz::tree::structure_hash;

use crate::best;

fn model_28_blocks() -> Result<TransformerLM> {
    let config = LlamalikeTransformerConfig {
        num_kv_heads: 8,
        query_head_multiplier: 2,
        embedding_dim: 1024,
        projection_dim: 64,
        mlp_hidden_dim: 3072,
        num_decoder_blocks: 28,
        vocab_size: 32000,
        ..Default::default()
    };
    build_llamalike_transformer(&config, Init::Slots, "m")
}

/// Selecting every linear layer, inserting a layer after each, and the hash of the structure.
pub fn trees() -> Result<()> {
    let model = model_28_blocks()?;
    let count = pz::select(&model).at_instances_of::<Linear>().count();
    let select = best(|_| Ok(pz::select(&model).at_instances_of::<Linear>().count()))?;
    let insert = best(|_| pz::select(&model).at_instances_of::<Linear>().insert_after(Identity {}))?;
    let hash = best(|_| Ok(structure_hash(&model)))?;
    let micros = |time: std::time::Duration| time.as_secs_f64() * 1e6;
    println!("tree_select_{count}_linears {:.1} us", micros(select));
    println!("tree_select_and_insert_after_{count}_linears {:.1} us", micros(insert));
    println!("tree_structure_hash {:.1} us", micros(hash));
    Ok(())
}
