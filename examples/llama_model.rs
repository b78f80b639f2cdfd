//! The trained Llama of the example `story`, declared with `model!`: `cargo run --release --example llama_model`.
//!
//! The compiler proves the shapes; the weights come from the same checkpoint, by the labels of their parameters, and the
//! text is the same. A wrong size anywhere in the declaration is an error at that size, before anything runs.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use pz::AxisName;
use pz::error::Report;
use pz::models::llama2c::{BOS, Checkpoint, Reader, Story, Tokenizer};
use pz::models::transformer::TransformerLM;
use pz::models::transformer::decode::Strategy;
use pz::nn::{
    ApplyCausalAttentionMask, ApplyRoPE, ConstantRescale, Elementwise, EmbeddingDecode, EmbeddingLookup,
    Init, Linear, RMSLayerNorm, Softmax,
};
use pz::prelude::*;

const VOCABULARY: usize = 512;
const EMBEDDING: usize = 64;
const GROUPS: usize = 4;
const HEADS: usize = 2;
const PROJECTION: usize = EMBEDDING / (GROUPS * HEADS);
const NEURONS: usize = 172;

model! {
    /// Attention and a gated feed-forward layer, each after a norm and in a residual.
    pub Block: { ..batch, seq, embedding: EMBEDDING } -> { ..batch, seq, embedding: EMBEDDING } with (token_positions) {
        attend: residual {
            pre_attention_norm: RMSLayerNorm { embedding } (epsilon = 1e-5),
            attention: attention(seq as kv_seq, projection) {
                query: {
                    linear: Linear { embedding => head_groups: GROUPS, query_heads: HEADS, projection: PROJECTION },
                    rope: ApplyRoPE { projection },
                    scale: ConstantRescale((PROJECTION as f32).powf(-0.5)),
                },
                key: {
                    linear: Linear { embedding => head_groups: GROUPS, projection: PROJECTION },
                    rope: ApplyRoPE { projection },
                },
                value: Linear { embedding => head_groups: GROUPS, projection: PROJECTION },
                scores: { mask: ApplyCausalAttentionMask { seq, kv_seq }, softmax: Softmax { kv_seq } },
                output: Linear { head_groups, query_heads, projection => embedding: EMBEDDING },
            },
        },
        feed: residual {
            pre_ffw_norm: RMSLayerNorm { embedding } (epsilon = 1e-5),
            mlp: {
                gated: multiply {
                    gate: { gating_linear: Linear { embedding => neurons: NEURONS }, act: Elementwise(silu) },
                    value_linear: Linear { embedding => neurons: NEURONS },
                },
                out_linear: Linear { neurons => embedding: EMBEDDING },
            },
        },
    }
}

model! {
    /// A language model: scores of the next token.
    pub Llama: i32 { ..batch, seq } -> { ..batch, seq, vocabulary: VOCABULARY } with (token_positions) {
        embedder: EmbeddingLookup { vocabulary: VOCABULARY => embedding: EMBEDDING },
        block_0: Block,
        block_1: Block,
        block_2: Block,
        block_3: Block,
        block_4: Block,
        final_norm: RMSLayerNorm { embedding } (epsilon = 1e-5),
        logits: shared embedder as EmbeddingDecode { embedding => vocabulary },
    }
}

/// Names in the declaration that are no part of a parameter's label in the checkpoint.
const ONLY_HERE: [&str; 5] = ["attend", "feed", "linear", "gated", "gate"];

/// The model with the checkpoint's weights, as the reader of stories takes it.
pub fn load(checkpoint: &Path) -> pz::Result<TransformerLM> {
    let trained = Checkpoint::open(checkpoint)?.into_model()?;
    let parameters = select(&trained).at_instances_of::<Parameter>().get_sequence()?;
    let weights: HashMap<String, NamedArray> =
        parameters.into_iter().map(|parameter| (parameter.label().to_string(), parameter.value())).collect();
    let find = |label: &str, _: &[(AxisName, usize)]| {
        let (path, kind) = label.rsplit_once('.').unwrap_or((label, ""));
        let path: Vec<&str> = path.split('/').filter(|part| !ONLY_HERE.contains(part)).collect();
        let label = format!("{}.{kind}", path.join("/"));
        let missing = || Report::new("llama_model", format!("the checkpoint has no `{label}`")).format();
        weights.get(&label).cloned().ok_or_else(missing)
    };
    let model = Llama::init("transformer", Init::Loaded(&find))?;
    Ok(TransformerLM { body: AnyLayer::new(model), metadata: trained.metadata.clone() })
}

/// A story of `tokens` tokens that begins with `prompt`, by the most probable tokens.
pub fn tell(
    model: &TransformerLM,
    tokenizer: &Tokenizer,
    prompt: &str,
    tokens: usize,
) -> pz::Result<Vec<u8>> {
    let reader = Reader::caching(model, tokens)?;
    let (mut text, mut previous) = (Vec::new(), BOS);
    for token in Story::new(reader, tokenizer.encode(prompt), tokens, Strategy::Greedy) {
        let token = token?;
        text.extend_from_slice(tokenizer.decode(previous, token));
        previous = token;
    }
    Ok(text)
}

/// A file that comes with the examples.
pub fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join("data").join(name)
}

#[allow(dead_code, reason = "a test reads this file as a module")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (model, tokenizer) = (load(&data("stories260K.bin"))?, Tokenizer::open(data("tok512.bin"))?);
    let story = tell(&model, &tokenizer, "One day, Tom and his dog", 120)?;
    std::io::stdout().write_all(&story)?;
    println!();
    Ok(())
}
