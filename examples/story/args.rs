//! The command line.
//!
//! Its mistakes are told like all others, in one line; only the exit status (2) sets them apart.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Parser;

/// Writes a story with a trained Llama model, token by token.
#[derive(Parser)]
#[command(name = "story")]
pub struct Args {
    /// The text to go on from
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub prompt: OsString,

    /// A llama2.c checkpoint of version 0
    #[arg(long, value_name = "PATH", default_value_os_t = data("stories260K.bin"), hide_default_value = true)]
    pub model: PathBuf,

    /// Its vocabulary, llama2.c's tokenizer.bin or a sentencepiece .vocab
    #[arg(long, value_name = "PATH", default_value_os_t = data("tok512.bin"), hide_default_value = true)]
    pub tokenizer: PathBuf,

    /// How many tokens, the prompt's included [default: 200, or the model's context if that is smaller]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub tokens: Option<usize>,

    /// 0 always takes the likeliest token; 1 chooses by the model's own chances
    #[arg(long, value_name = "T", allow_hyphen_values = true, default_value = "0", value_parser = temperature)]
    pub temperature: f32,

    /// Where the chances begin; without effect at temperature 0
    #[arg(long, value_name = "S", allow_hyphen_values = true, default_value = "0")]
    pub seed: u64,

    /// Reads everything again for each token, instead of remembering keys and values
    #[arg(long)]
    pub no_cache: bool,

    /// Prints the model, and no story
    #[arg(long)]
    pub tree: bool,

    /// Tells the story a second time by a model in which this attention head is silent (both count from 0)
    #[arg(long, value_name = "LAYER:HEAD", allow_hyphen_values = true)]
    pub knock_out: Option<Head>,
}

/// An attention head.
#[derive(Clone, Copy)]
pub struct Head {
    pub layer: usize,
    pub head: usize,
}

impl std::str::FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (layer, head) = text.split_once(':').ok_or(WANTED_HEAD)?;
        let number = |text: &str| text.parse().map_err(|_| WANTED_HEAD);
        Ok(Head { layer: number(layer)?, head: number(head)? })
    }
}

const WANTED_HEAD: &str = "wanted are two numbers with a colon between, such as 2:5";

/// A file that comes with the example.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join("data").join(name)
}

fn temperature(text: &str) -> Result<f32, &'static str> {
    match text.parse() {
        Ok(temperature) if (0.0..f32::INFINITY).contains(&temperature) => Ok(temperature),
        _ => Err("wanted is a number from 0 up"),
    }
}
