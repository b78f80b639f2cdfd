//! Attention as the layers build it, over texts long enough that scores are not made: what it gives is what the layers
//! give when somebody holds the weights, and the scores are nowhere in memory.

use std::cell::RefCell;

use pz::models::transformer::{AttentionType, LlamalikeTransformerConfig, build_llamalike_attention};
use pz::nn::{ArrayLayer, Attention, Layer, SideInputs, Softmax};
use pz::random::Key;
use pz::{DType, NamedArray, Random, Result, pytree_dataclass, select};

thread_local! {
    static HELD: RefCell<Vec<NamedArray>> = const { RefCell::new(Vec::new()) };
}

/// Holds what passes through.
#[pytree_dataclass]
struct Hold {}

impl ArrayLayer for Hold {
    fn apply(&self, input: NamedArray, _: &SideInputs) -> Result<NamedArray> {
        HELD.with_borrow_mut(|held| held.push(input.clone()));
        Ok(input)
    }
}

fn config(kv_heads: usize, each: usize) -> LlamalikeTransformerConfig {
    LlamalikeTransformerConfig {
        num_kv_heads: kv_heads,
        query_head_multiplier: each,
        embedding_dim: 16,
        projection_dim: 4,
        mlp_hidden_dim: 16,
        num_decoder_blocks: 1,
        vocab_size: 11,
        tie_embedder_and_logits: true,
        ..Default::default()
    }
}

fn input(len: usize) -> NamedArray {
    Key::new(3).normal([("batch", 1), ("seq", len), ("embedding", 16)], DType::F32).unwrap()
}

/// Positions from 0 on, after three tokens of padding.
fn side(len: usize) -> SideInputs {
    let positions = (0..len as i32).map(|place| (place - 3).max(-1)).collect();
    SideInputs::new().with("token_positions", NamedArray::from_vec(positions, [("seq", len)]).unwrap())
}

fn attend(attention: &Attention, len: usize) -> NamedArray {
    attention.call(input(len).into(), &side(len)).unwrap().into_array("attention").unwrap()
}

/// What a size of this process is, in kB; `None` where the system does not say.
fn resident(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn long_attention_is_that_of_the_layers_without_their_scores() {
    const LEN: usize = 400;
    let window = AttentionType::SlidingWindowCausal { window_size: 50 };
    let configs = [
        ("one head each", config(2, 1)),
        ("grouped heads", config(2, 3)),
        ("shared keys", config(1, 3)),
        ("capped", LlamalikeTransformerConfig { attn_logits_soft_cap: Some(2.0), ..config(2, 2) }),
        ("a window", LlamalikeTransformerConfig { attention_type: vec![window], ..config(2, 1) }),
    ];
    for (what, config) in &configs {
        let attention = build_llamalike_attention("a", Key::new(1), config, 0).unwrap();
        let watched = select(&attention).at_instances_of::<Softmax>().insert_after(Hold {}).unwrap();
        let found = attend(&attention, LEN).to_vec::<f32>().unwrap();
        let wanted = attend(&watched, LEN);
        let wanted = wanted.to_vec::<f32>().unwrap();
        let largest = wanted.iter().fold(0f32, |largest, value| largest.max(value.abs()));
        let error = found.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max);
        assert!(largest > 0.01, "{what}: all results are about 0");
        assert!(error <= 1e-5 * largest, "{what}: off by {error:e}, where the largest is {largest}");
        assert!(found != wanted, "{what}: to the bit what the single operations give, so they were run");
        HELD.take();
    }

    // 8 heads of 2048 x 2048 scores would take 134 MB.
    const LONG: usize = 2048;
    let attention = build_llamalike_attention("a", Key::new(1), &config(4, 2), 0).unwrap();
    let before = resident("VmRSS");
    let is_reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    attend(&attention, LONG).eval().unwrap();
    match (before, resident("VmHWM")) {
        (Some(before), Some(most)) if is_reset => {
            assert!(most - before < 30_000, "{} kB more than before", most - before);
        }
        _ => eprintln!("skipped: the system does not say how much memory a process takes"),
    }
}
