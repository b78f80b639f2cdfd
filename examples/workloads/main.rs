//! Speed, in numbers that can be set beside those of other systems.
//!
//! `cargo run --release --example workloads -- decode prefill` prints one line for each workload: its name, the best
//! figure of several runs, and the unit; without names, all of them. The model is a Llama of 15 million parameters with
//! random weights (6 blocks of 6 heads, 288 wide, 32000 tokens). Inputs differ from run to run and results are read, so
//! nothing can be computed beforehand or left out.

mod attention;
mod chain;
mod check;
mod engine;
mod language;
mod named;
mod random;
mod rows;
mod train;
mod trees;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use pz::Result;

/// Runs a workload and prints its lines.
type Workload = fn() -> Result<()>;

/// Every workload, by its name. Attention is first, for it measures memory, and others leave some to be used again.
const WORKLOADS: &[(&str, Workload)] = &[
    ("attention", attention::attention),
    ("prefill", language::prefill),
    ("decode", language::decode),
    ("decode_bf16", language::decode_bf16),
    ("train_mlp", train::mlp),
    ("train_lm", train::lm),
    ("layernorm_gelu", rows::layernorm_gelu),
    ("softmax", rows::softmax),
    ("random", random::random),
    ("eager", engine::eager),
    ("plan", engine::plan),
    ("chain", chain::chain),
    ("named", named::named),
    ("trees", trees::trees),
    ("check", check::check),
];

/// Runs workloads and prints a line for each.
#[derive(Parser)]
struct Options {
    /// What to run; everything unless given.
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(WORKLOADS.iter().map(|(name, _)| *name)))]
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
    let is_asked = |name: &str| options.workloads.is_empty() || options.workloads.iter().any(|w| w == name);
    for (name, run) in WORKLOADS.iter().filter(|(name, _)| is_asked(name)) {
        if let Err(error) = run() {
            eprintln!("{name}: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// The shortest time of a run, after one that does not count: at least 3 runs, and 3 seconds of them.
pub fn best<T>(mut run: impl FnMut(i32) -> Result<T>) -> Result<Duration> {
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
