//! Writes a story with a trained Llama model: `cargo run --release --example story -- --prompt "One day, Tom"`.
//!
//! The story goes to standard output and nothing else does; what there is to say about it goes to standard error.
//! Everything that a user gives is judged before the first word is written, and what is wrong with it is said in one
//! line.

mod args;
mod knock_out;

use std::ffi::OsStr;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use pz::models::llama2c::{BOS, Checkpoint, Reader, Story, Tokenizer, UNKNOWN};
use pz::models::transformer::TransformerLM;
use pz::models::transformer::decode::Strategy;
use pz::random::Key;

use args::Args;

/// How many tokens a story has where nobody says.
const TOKENS: usize = 200;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        // Help goes to standard output, in full; a mistake is told in the paragraph that begins it.
        Err(error) if error.use_stderr() => {
            let text = error.to_string();
            let first = text.split("\n\n").next().unwrap_or_default();
            tell(&format!("{} (see --help)", first.trim_end()));
            return ExitCode::from(2);
        }
        Err(help) => help.exit(),
    };
    match run(&args) {
        Ok(()) | Err(Stop::ReaderGone) => ExitCode::SUCCESS,
        Err(Stop::Problem(problem)) => {
            tell(&format!("error: {problem}"));
            ExitCode::FAILURE
        }
    }
}

/// Why there is no more to write.
enum Stop {
    /// Nobody reads standard output any more, as after `| head`.
    ReaderGone,
    Problem(String),
}

impl From<String> for Stop {
    fn from(problem: String) -> Self {
        Stop::Problem(problem)
    }
}

impl From<pz::Error> for Stop {
    fn from(error: pz::Error) -> Self {
        Stop::Problem(error.to_string())
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe => Stop::ReaderGone,
            _ => Stop::Problem(format!("standard output cannot be written: {error}")),
        }
    }
}

fn run(args: &Args) -> Result<(), Stop> {
    let prompt = text_of(&args.prompt)?;
    let header = Checkpoint::header_of(&args.model)?;
    let (name, context) = (args.model.display().to_string(), header.seq_len);
    let tokenizer = Tokenizer::open(&args.tokenizer)?;
    tokenizer.expect_len(header.vocab_size, &name)?;
    let tokens = args.tokens.unwrap_or(TOKENS.min(context));
    if tokens > context {
        return Err(Stop::Problem(format!(
            "--tokens is {tokens}, and the context (header field `seq_len`) of {name} is {context}"
        )));
    }
    let model = Checkpoint::open(&args.model)?.into_model()?;
    let edited = args.knock_out.map(|head| knock_out::knock_out(&model, &name, head)).transpose()?;

    let mut out = std::io::stdout().lock();
    if args.tree {
        writeln!(out, "{}", pz::treescope::render_text(edited.as_ref().unwrap_or(&model)).trim_end())?;
        return Ok(out.flush()?);
    }
    let prompt = tokenizer.encode(prompt);
    notices(&prompt, tokens);
    let write = |model: &TransformerLM, out: &mut dyn Write| -> Result<(), Stop> {
        let reader =
            if args.no_cache { Reader::rereading(model) } else { Reader::caching(model, tokens.max(1))? };
        let strategy = Strategy::at_temperature(args.temperature, Key::new(args.seed))?;
        write_story(Story::new(reader, prompt.clone(), tokens, strategy), &tokenizer, out)
    };
    match (&edited, args.knock_out) {
        (Some(edited), Some(head)) => {
            tell("As trained:");
            write(&model, &mut out)?;
            writeln!(out)?;
            out.flush()?;
            tell(&format!("Without head {} of layer {}:", head.head, head.layer));
            write(edited, &mut out)
        }
        _ => write(&model, &mut out),
    }
}

/// The prompt as text.
fn text_of(prompt: &OsStr) -> Result<&str, String> {
    prompt.to_str().ok_or_else(|| {
        let bytes = prompt.as_encoded_bytes();
        let at = std::str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
        format!("--prompt has the byte {:#04x} at {at}, where UTF-8 text was wanted", bytes[at])
    })
}

/// A number of things: `1 token`, `2 tokens`.
fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Says what becomes of a prompt that cannot be taken as it is.
fn notices(prompt: &[u32], tokens: usize) {
    let given = prompt.len() - 1;
    if given > tokens {
        tell(&format!("note: the prompt has {}, and the story ends after {tokens}", counted(given, "token")));
    }
    let unknown = prompt.iter().filter(|token| **token == UNKNOWN).count();
    if unknown > 0 {
        tell(&format!(
            "note: the vocabulary lacks {} of the prompt, read as unknown",
            counted(unknown, "character")
        ));
    }
}

/// Writes tokens as they come, and says how fast they came.
fn write_story(story: Story, tokenizer: &Tokenizer, out: &mut dyn Write) -> Result<(), Stop> {
    let begun = Instant::now();
    let mut previous = BOS;
    let mut count = 0;
    for token in story {
        let token = token?;
        // Bytes, not text: a character may be spread over several tokens.
        out.write_all(tokenizer.decode(previous, token))?;
        out.flush()?;
        previous = token;
        count += 1;
    }
    writeln!(out)?;
    out.flush()?;
    let seconds = begun.elapsed().as_secs_f64();
    let speed = count as f64 / seconds.max(1e-9);
    tell(&format!("{} in {seconds:.3} s: {speed:.0} tokens/s", counted(count, "token")));
    Ok(())
}

/// One line to standard error; when that is closed, there is nobody to tell.
fn tell(text: &str) {
    let line = text
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("; ");
    let _ = writeln!(std::io::stderr(), "{line}");
}
