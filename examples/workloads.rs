//! Speed, in numbers that can be set beside those of other systems.
//!
//! `cargo run --release --example workloads -- decode prefill` prints one line for each workload: its name, the best
//! figure of several runs, and the unit. The model is a Llama of 15 million parameters with random weights (6 blocks
//! of 6 heads, 288 wide, 32000 tokens). Tokens differ from run to run and results are read, so nothing can be
//! computed beforehand or left out.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use pz::models::transformer::decode::{Decoder, Strategy};
use pz::models::transformer::{
    KVCachingTransformerLM, LlamalikeTransformerConfig, TransformerLM, build_llamalike_transformer,
};
use pz::nn::{Layer, SideInputs};
use pz::random::Key;
use pz::{NamedArray, Result};

/// Runs workloads and prints a line for each.
#[derive(Parser)]
struct Options {
    /// What to run, in this order.
    #[arg(required = true, value_parser = ["prefill", "decode"])]
    workloads: Vec<String>,
    /// How many threads to use; all cores unless given.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(threads) = options.threads {
        pz::array::set_threads(threads.into());
    }
    for workload in &options.workloads {
        let done = match workload.as_str() {
            "prefill" => prefill(),
            _ => decode(),
        };
        if let Err(error) = done {
            eprintln!("{workload}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn model_15m() -> Result<TransformerLM> {
    let config = LlamalikeTransformerConfig {
        num_kv_heads: 6,
        query_head_multiplier: 1,
        embedding_dim: 288,
        projection_dim: 48,
        mlp_hidden_dim: 768,
        num_decoder_blocks: 6,
        vocab_size: 32000,
        tie_embedder_and_logits: true,
        ..Default::default()
    };
    build_llamalike_transformer(&config, Key::new(0), "m")
}

/// All logits of 256 tokens at once.
fn prefill() -> Result<()> {
    const TOKENS: usize = 256;
    let model = model_15m()?;
    let time = best(|run| {
        let tokens = (0..TOKENS).map(|place| 1 + (31 * place as i32 + run) % 31_999).collect();
        let tokens = NamedArray::from_vec(tokens, [("batch", 1), ("seq", TOKENS)])?;
        let logits = model.call(tokens.into(), &SideInputs::new())?.into_array("prefill")?;
        logits.eval()?;
        logits.index("seq", TOKENS - 1)?.index("vocabulary", 0)?.sum("batch")?.item::<f32>()
    })?;
    println!("prefill_15m_seq256 {:.2} ms", time.as_secs_f64() * 1e3);
    Ok(())
}

/// 200 tokens from an empty cache, each the most probable one after those before it.
fn decode() -> Result<()> {
    const TOKENS: usize = 200;
    let model =
        KVCachingTransformerLM::from_uncached(&model_15m()?, 256, &[("batch".into(), 1)], None, "sampler")?;
    let time = best(|run| {
        model.clear();
        let prompt = NamedArray::from_vec(vec![1 + run % 31_999], [("batch", 1), ("seq", 1)])?;
        let mut last = 0;
        for token in Decoder::new(&model, prompt, Strategy::Greedy)?.take(TOKENS) {
            last = token?.index("batch", 0)?.item::<i32>()?;
        }
        Ok(last)
    })?;
    println!("decode_15m_tokens_per_s {:.1} tok/s", TOKENS as f64 / time.as_secs_f64());
    Ok(())
}

/// The shortest time of a run, after one that does not count: at least 3 runs, and 3 seconds of them.
fn best<T>(mut run: impl FnMut(i32) -> Result<T>) -> Result<Duration> {
    std::hint::black_box(run(0)?);
    let mut shortest = Duration::MAX;
    let begin = Instant::now();
    for number in 1.. {
        if number > 3 && begin.elapsed() >= Duration::from_secs(3) {
            break;
        }
        let start = Instant::now();
        std::hint::black_box(run(number)?);
        shortest = shortest.min(start.elapsed());
    }
    Ok(shortest)
}
