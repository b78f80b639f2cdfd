//! What a model costs before anything is allocated. The figures are worked out by hand beside each.

use pz::models::transformer::{
    AttentionType, KVCachingTransformerLM, LlamalikeTransformerConfig, build_llamalike_transformer,
};
use pz::nn::{
    Affine, ApplyCausalAttentionMask, ApplyRoPE, Elementwise, EmbeddingDecode, EmbeddingLookup, Init, Linear,
    RMSLayerNorm, Softmax, StochasticDropout, cost,
};
use pz::prelude::*;

model! {
    Mlp: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        hidden: Affine { pixels => features: 128 },
        act: Elementwise(relu),
        out: Affine { features => classes: 10 },
    }
}

#[test]
fn an_mlp_costs_what_a_hand_works_out() -> pz::Result<()> {
    let cost = Mlp::with_slots()?.cost([("batch", 32)])?;
    let (hidden, out) = (64 * 128 + 128, 128 * 10 + 10);
    let whole = cost.whole();
    assert_eq!(whole.parameters, hidden + out);
    assert_eq!(whole.parameter_bytes, 4 * (hidden + out));
    assert_eq!(whole.multiply_adds, 32 * (64 * 128 + 128 * 10));
    // The product of the first layer, and what bias and activation make of it in one step.
    assert_eq!(whole.peak_bytes, 2 * 32 * 128 * 4);
    assert_eq!(whole.cache_bytes, 0);
    let layer = |path| cost.layer(path).expect("a layer").clone();
    assert_eq!((layer(".hidden").parameters, layer(".hidden").multiply_adds), (hidden, 32 * 64 * 128));
    assert_eq!((layer(".out").parameters, layer(".out").multiply_adds), (out, 32 * 128 * 10));
    // The activations, and the product; the bias comes when these are gone.
    assert_eq!(layer(".out").peak_bytes, 32 * 128 * 4 + 32 * 10 * 4);
    assert_eq!(layer(".out.sublayers[1]").peak_bytes, 2 * 32 * 10 * 4);
    assert!(cost.layer(".elsewhere").is_none());
    // The same model with values, and without a batch.
    let filled = Mlp::init("mlp", Key::new(0))?;
    assert_eq!(filled.cost([("batch", 32)])?, cost);
    assert_eq!(filled.cost([])?.whole().multiply_adds, 64 * 128 + 128 * 10);
    Ok(())
}

const EMBEDDING: usize = 288;
const HEADS: usize = 6;
const NEURONS: usize = 768;
const VOCABULARY: usize = 32_000;
const BLOCKS: usize = 6;

model! {
    /// The Llama of 15 million parameters that llama2.c publishes.
    Llama: i32 { ..batch, seq } -> float { ..batch, seq, vocabulary: VOCABULARY } with (token_positions) {
        embed: EmbeddingLookup { vocabulary: VOCABULARY => embedding: EMBEDDING },
        blocks: stack BLOCKS as layer {
            attend: residual {
                norm: RMSLayerNorm { embedding },
                attn: attention(seq as kv_seq, projection) {
                    query: { linear: Linear { embedding => heads: HEADS, projection: 48 }, rope: ApplyRoPE { projection } },
                    key: { linear: Linear { embedding => heads: HEADS, projection: 48 }, rope: ApplyRoPE { projection } },
                    value: Linear { embedding => heads: HEADS, projection: 48 },
                    scores: { mask: ApplyCausalAttentionMask { seq, kv_seq }, softmax: Softmax { kv_seq } },
                    output: Linear { heads, projection => embedding: EMBEDDING },
                },
            },
            mlp: residual {
                norm: RMSLayerNorm { embedding },
                gated: multiply {
                    gate: { linear: Linear { embedding => neurons: NEURONS }, act: Elementwise(silu) },
                    value: Linear { embedding => neurons: NEURONS },
                },
                out: Linear { neurons => embedding: EMBEDDING },
            },
        },
        norm: RMSLayerNorm { embedding },
        logits: shared embed as EmbeddingDecode { embedding => vocabulary },
    }
}

/// The known number of parameters of the published model.
const PUBLISHED: u128 = 15_191_712;

#[test]
fn a_llama_has_the_published_parameters_and_two_operations_for_each_and_token() -> pz::Result<()> {
    let tokens = 256;
    let cost = Llama::with_slots()?.cost([("seq", tokens as usize)])?;
    let block = 4 * 288 * 288 + 3 * 288 * 768 + 2 * 288;
    assert_eq!(PUBLISHED, 32_000 * 288 + 6 * block + 288);
    assert_eq!(cost.whole().parameters, PUBLISHED);
    let layer = |path| cost.layer(path).expect("a layer").clone();
    assert_eq!(layer(".blocks").parameters, 6 * block);
    // The table is shared, and counts where it is first.
    assert_eq!((layer(".embed").parameters, layer(".logits").parameters), (32_000 * 288, 0));
    // Each weight once for each token, and scores and values of each pair of tokens in each block.
    let attention = 6 * 2 * tokens * tokens * 288;
    let norms = 6 * 2 * 288 + 288;
    assert_eq!(cost.whole().multiply_adds, tokens * (PUBLISHED - norms) + attention);
    assert_eq!(layer(".logits").multiply_adds, tokens * 32_000 * 288);
    assert_eq!(layer(".embed").multiply_adds, 0);
    // The scores of the head are the largest value by far; beside them stands what they are made of.
    assert_eq!(cost.whole().peak_bytes, tokens * (32_000 + 288) * 4);
    Ok(())
}

fn config() -> LlamalikeTransformerConfig {
    LlamalikeTransformerConfig {
        num_kv_heads: HEADS,
        query_head_multiplier: 1,
        embedding_dim: EMBEDDING,
        projection_dim: 48,
        mlp_hidden_dim: NEURONS,
        num_decoder_blocks: BLOCKS,
        vocab_size: VOCABULARY,
        tie_embedder_and_logits: true,
        attention_type: vec![AttentionType::GlobalCausal],
        ..LlamalikeTransformerConfig::default()
    }
}

#[test]
fn caches_are_counted_by_layer() -> pz::Result<()> {
    let model = build_llamalike_transformer(&config(), Init::Slots, "m")?;
    let side = SideInputs::new();
    let tokens = |count: usize| NamedArray::zeros([("batch", 2), ("seq", count)], DType::I32);
    let whole = cost(&model, tokens(256)?, &side)?;
    assert_eq!(whole.whole().parameters, PUBLISHED);
    assert_eq!(whole.whole().cache_bytes, 0);
    let cached = KVCachingTransformerLM::from_uncached(&model, 1024, &[("batch".into(), 2)], None, "c")?;
    let step = cost(&cached, tokens(1)?, &side)?;
    // Keys and values of 1024 tokens for two texts, in 6 blocks.
    assert_eq!(step.whole().cache_bytes, 6 * 2 * (1024 * 2 * 288 * 4));
    // A token for each text: every weight, and scores and values of all the cache.
    let norms = 6 * 2 * 288 + 288;
    assert_eq!(step.whole().multiply_adds, 2 * (PUBLISHED - norms + 6 * 2 * 1024 * 288));
    // Caches are written in place, so a step takes less than one of them.
    assert!(step.whole().peak_bytes < 1024 * 2 * 288 * 4, "{}", step.whole().peak_bytes);
    assert_eq!(cached.cached_tokens()?, 0);
    Ok(())
}

const WIDE: usize = 1 << 18;

model! {
    Enormous: { ..batch, a: WIDE } -> { ..batch, a: WIDE } {
        blocks: stack 16 as layer { linear: Affine { a => a: WIDE } },
    }
}

#[test]
fn a_model_of_a_trillion_parameters_is_costed_without_memory() -> pz::Result<()> {
    let model = Enormous::with_slots()?;
    model.check()?;
    let cost = model.cost([("batch", 1 << 20)])?;
    let wide = 1_u128 << 18;
    assert_eq!(cost.whole().parameters, 16 * (wide * wide + wide));
    assert_eq!(cost.whole().multiply_adds, 16 * (1 << 20) * wide * wide);
    Ok(())
}

#[test]
fn it_prints_as_a_table() -> pz::Result<()> {
    let cost = Mlp::with_slots()?.cost([("batch", 32)])?;
    let table = "\
layer                      parameters  multiply-adds  peak memory  cache
Mlp                             9,610        303,104      32.8 kB    0 B
  .hidden Affine                8,320        262,144      32.8 kB    0 B
    .sublayers[0] Linear        8,192        262,144      16.4 kB    0 B
    .sublayers[1] AddBias         128              0      32.8 kB    0 B
  .out Affine                   1,290         40,960      17.7 kB    0 B
    .sublayers[0] Linear        1,280         40,960      17.7 kB    0 B
    .sublayers[1] AddBias          10              0       2.6 kB    0 B
";
    assert_eq!(cost.to_string(), table);
    Ok(())
}

/// A layer with a state, and one that loops.
#[pytree_dataclass]
#[pytree(layer)]
#[derive(Clone)]
struct Looped {
    state: StateVariable<NamedArray>,
    weights: Parameter,
}

impl Layer for Looped {
    fn call(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        let input = input.into_array("Looped")?;
        let weights = self.weights.value();
        let output =
            pz::fori_loop(0..5, input, |_, x| nx::contract("x", &x, &weights)?.untag("y")?.tag("x"))?;
        self.state.update(|state| state.add(&output.sum("batch")?))?;
        Ok(output.into())
    }
}

#[test]
fn loops_count_their_rounds_and_state_is_untouched() -> pz::Result<()> {
    let looped = Looped {
        state: StateVariable::new("state", NamedArray::zeros([("x", 4)], DType::F32)?),
        weights: Parameter::new("weights", NamedArray::ones([("x", 4), ("y", 4)], DType::F32)?),
    };
    let input = NamedArray::ones([("batch", 3), ("x", 4)], DType::F32)?;
    let found = cost(&looped, input, &SideInputs::new())?;
    assert_eq!(found.whole().multiply_adds, 5 * 3 * 4 * 4);
    assert_eq!(found.whole().parameters, 16);
    assert_eq!(looped.state.value().to_vec::<f32>()?, [0.0; 4]);
    Ok(())
}

model! {
    Dropped: { ..batch, a: 8 } -> { ..batch, a: 8 } with (random_stream) {
        drop: StochasticDropout(0.25) (share_across = vec!["a"]),
        linear: Linear { a => a: 8 },
    }
}

#[test]
fn what_is_not_known_is_told() -> pz::Result<()> {
    let error = Llama::with_slots()?.cost([]).unwrap_err().to_string();
    assert!(error.contains("Llama::cost: the size of `seq` is open, and was not given"), "{error}");
    let error = Mlp::with_slots()?.cost([("pixels", 65)]).unwrap_err().to_string();
    assert!(error.contains("`pixels: 65` was given, and the model has `pixels: 64`"), "{error}");
    let unknown = Linear::new(ParameterSlot::new("strange"), ["features"], ["classes"]);
    let edited = select(&Mlp::with_slots()?).at(|m| &m.out).set(unknown)?;
    let error = edited.cost([("batch", 2)]).unwrap_err().to_string();
    assert!(error.contains("the parameter `strange` has no value"), "{error}");
    // A stream is made up where a model asks for one.
    assert_eq!(Dropped::with_slots()?.cost([("batch", 3)])?.whole().multiply_adds, 3 * 64);
    Ok(())
}
