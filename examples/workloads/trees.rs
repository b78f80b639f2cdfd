//! Surgery on a transformer of 28 blocks (253 linear layers): what looking at a model and changing it costs. No
//! parameter has a value, so nothing here computes, but for the runs with a capture that selects nothing.

use std::time::{Duration, Instant};

use pz::models::transformer::{LlamalikeTransformerConfig, TransformerLM, build_llamalike_transformer};
use pz::nn::{Identity, Init, Layer, Linear, SideInputs};
use pz::random::Key;
use pz::tree::structure_hash;
use pz::{NamedArray, Result, select};

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

/// Selecting every linear layer, inserting a layer after each, the hash of the structure, and a capture of nothing.
pub fn trees() -> Result<()> {
    let model = model_28_blocks()?;
    let count = select(&model).at_instances_of::<Linear>().count();
    let found = best(|_| Ok(select(&model).at_instances_of::<Linear>().count()))?;
    let insert = best(|_| select(&model).at_instances_of::<Linear>().insert_after(Identity {}))?;
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    println!("tree_select_{count}_linears {:.1} us", micros(found));
    println!("tree_select_and_insert_after_{count}_linears {:.1} us", micros(insert));
    println!("tree_structure_hash_cold {:.1} us", micros(hash_of_new_models()?));
    println!("tree_structure_hash_memoised {:.3} us", micros(best(|_| Ok(structure_hash(&model)))?));
    capture_of_nothing()
}

/// The shortest time to hash a model of which nothing is known yet.
fn hash_of_new_models() -> Result<Duration> {
    let mut shortest = Duration::MAX;
    for _ in 0..50 {
        let model = model_28_blocks()?;
        let start = Instant::now();
        std::hint::black_box(structure_hash(&model));
        shortest = shortest.min(start.elapsed());
    }
    Ok(shortest)
}

/// A forward pass of a small model as it is, the same in a capture that selects nothing, and what it takes to select nothing.
fn capture_of_nothing() -> Result<()> {
    let config = LlamalikeTransformerConfig {
        num_kv_heads: 2,
        query_head_multiplier: 1,
        embedding_dim: 32,
        projection_dim: 16,
        mlp_hidden_dim: 64,
        num_decoder_blocks: 2,
        vocab_size: 64,
        ..Default::default()
    };
    let model = build_llamalike_transformer(&config, Key::new(0), "m")?;
    let run = |model: &TransformerLM, number: i32| -> Result<f32> {
        let tokens = NamedArray::from_vec((0..8).map(|at| (number + at) % 64).collect(), [("seq", 8)])?;
        let logits = model.call(tokens.into(), &SideInputs::new())?.into_array("logits")?;
        logits.sum(["seq", "vocabulary"])?.item()
    };
    let plain = best(|number| run(&model, number))?;
    let nothing = || select(&model).at_instances_of::<Linear>().where_(|_| false).allow_empty();
    let mut captured = Duration::MAX;
    best(|number| {
        nothing().capture(|model| {
            let start = Instant::now();
            let result = run(model, number);
            captured = captured.min(start.elapsed());
            result
        })
    })?;
    let selected = best(|_| Ok(nothing().count()))?;
    for (name, time) in [
        ("forward_pass", plain),
        ("forward_pass_in_a_capture_of_nothing", captured),
        ("selection_of_nothing", selected),
    ] {
        println!("tree_{name} {:.1} us", time.as_secs_f64() * 1e6);
    }
    Ok(())
}
