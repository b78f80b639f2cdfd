//! The example `story` as a user runs it: what it writes where, and how it ends.

#[path = "story/bad_input.rs"]
mod bad_input;
#[path = "story/command.rs"]
mod command;

use std::io::Read;
use std::process::Stdio;

use command::{example_data, expected, story};

const PROMPT: &str = "One day, Tom and his dog";

#[test]
fn the_story_and_nothing_else_goes_to_standard_output() {
    let expected = expected();
    let greedy = &expected["greedy"][0];
    let steps = greedy["steps"].to_string();
    let text = format!("{}\n", greedy["text"].as_str().unwrap());
    for extra in [&[][..], &["--no-cache"]] {
        let told =
            story(&["--prompt", greedy["prompt"].as_str().unwrap(), "--tokens", &steps]).args(extra).told();
        assert_eq!(told.status, 0);
        assert_eq!(told.out, text);
        assert!(told.err.contains("tokens/s"), "{}", told.err);
    }
}

#[test]
fn a_story_has_200_tokens_and_begins_by_itself() {
    let told = story::<&str>(&[]).told();
    assert_eq!(told.status, 0);
    // The numpy program's text.
    assert!(told.out.starts_with(
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she \
         saw a big, red ball."
    ));
    assert!(told.out.ends_with("Lily didn't want to help her mom, so she\n"), "{}", told.out);
    assert!(told.err.contains("200 tokens"), "{}", told.err);
}

#[test]
fn the_whole_context_can_be_asked_for() {
    // The model begins another story after 345 tokens, and that ends this one.
    let told = story(&["--tokens", "512"]).told();
    assert_eq!(told.status, 0);
    assert!(told.out.ends_with("You are a good friend.\"\n"), "{}", told.out);
    assert!(told.err.contains("345 tokens"), "{}", told.err);
}

#[test]
fn a_prompt_longer_than_the_story_is_cut_and_that_is_said() {
    let told = story(&["--prompt", PROMPT, "--tokens", "4"]).told();
    assert_eq!((told.status, told.out.as_str()), (0, "One day, T\n"));
    assert!(told.err.contains("the prompt has 9 tokens, and the story ends after 4"), "{}", told.err);
    let told = story(&["--prompt", "One", "--tokens", "1"]).told();
    assert!(told.err.contains("\n1 token in ") || told.err.starts_with("1 token in "), "{}", told.err);
}

#[test]
fn characters_that_are_several_tokens_come_out_whole() {
    let told = story(&["--prompt", "A 🦀 naïve café", "--tokens", "30"]).told();
    assert_eq!(told.status, 0);
    assert!(told.out.starts_with("A 🦀 naïve café"), "{}", told.out);
}

#[test]
fn a_seed_tells_the_same_story_again() {
    let told = |seed: &str| story(&["--temperature", "1", "--seed", seed, "--tokens", "40"]).told().out;
    let first = told("7");
    assert_eq!(told("7"), first);
    assert_ne!(told("8"), first);
    assert_ne!(story(&["--tokens", "40"]).told().out, first);
}

#[test]
fn a_silent_head_tells_another_story_after_the_first() {
    // Both by numpy.
    let told = story(&["--prompt", PROMPT, "--tokens", "60", "--knock-out", "2:5"]).told();
    assert_eq!(told.status, 0);
    assert_eq!(
        told.out,
        "One day, Tom and his dog, Max, went to the park with his mom. They saw a big box with a big box. Max was \
         very happy. He wanted to play with the box.\n\"M\n\n\
         One day, Tom and his dog, Max, went to the park. They saw a big box with a big box. Max was very happy. He \
         wanted to play with the box.\n\"Hi, M\n"
    );
    assert!(told.err.contains("Without head 5 of layer 2"), "{}", told.err);
    let last = story(&["--prompt", PROMPT, "--tokens", "60", "--knock-out", "4:7", "--no-cache"]).told();
    assert!(last.out.ends_with(
        "\nOne day, Tom and his dog, Jack, went to the park. They saw a big box with a big box. The box was very small \
         and scary. Tom wanted to play with the\n"
    ));
}

#[test]
fn the_tree_shows_types_axes_and_parameter_counts() {
    let told = story(&["--tree"]).told();
    assert_eq!((told.status, told.err.as_str()), (0, ""));
    assert!(told.out.starts_with("TransformerLM"), "{}", told.out);
    for part in ["Sequential", "TransformerBlock", "Residual", "RMSLayerNorm", "Attention", "NamedEinsum"] {
        assert!(told.out.contains(part), "{part} is missing:\n{}", told.out);
    }
    for part in [
        "ApplyRoPE",
        "Softmax",
        "EmbeddingDecode",
        "epsilon=<f32() = 1e-5>",
        "query_heads",
        "260,032 parameters",
    ] {
        assert!(told.out.contains(part), "{part} is missing:\n{}", told.out);
    }
    assert!(!told.out.contains("ScaleHeads"));
    let edited = story(&["--tree", "--knock-out", "0:0"]).told();
    assert_eq!(edited.out.matches("ScaleHeads").count(), 1, "{}", edited.out);
}

#[test]
fn a_reader_that_leaves_ends_the_story_quietly() {
    let mut child =
        story(&["--tokens", "512"]).command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut begin = [0; 10];
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut begin).unwrap();
    drop(out);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(&begin, b"Once upon ");
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[test]
fn environment_variables_that_cannot_be_are_told_once_and_change_nothing() {
    let mut run = story(&["--prompt", PROMPT, "--tokens", "12"]);
    let plain = story(&["--prompt", PROMPT, "--tokens", "12"]).told();
    run.command.envs([("PZ_THREADS", "abc"), ("PZ_CPU", "sse9"), ("PZ_TRACE", "yes")]);
    let told = run.told();
    assert_eq!((told.status, &told.out), (0, &plain.out));
    let lines = |start: &str| told.err.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(lines("PZ_THREADS=abc is not a number from 1 to 256; using "), 1, "{}", told.err);
    assert_eq!(lines("PZ_CPU=sse9 is not `baseline` or `avx2`; using "), 1, "{}", told.err);
    assert_eq!(lines("PZ_TRACE=yes is not 0 or 1; printing no plans"), 1, "{}", told.err);
    assert_eq!(told.err.lines().count(), 4, "{}", told.err);
}

#[test]
fn help_is_no_mistake() {
    let told = story(&["--help"]).told();
    assert_eq!((told.status, told.err.as_str()), (0, ""));
    for option in [
        "--prompt",
        "--model",
        "--tokenizer",
        "--tokens",
        "--temperature",
        "--seed",
        "--no-cache",
        "--tree",
        "--knock-out",
    ] {
        assert!(told.out.contains(option), "{option} is missing:\n{}", told.out);
    }
}

#[test]
fn files_that_are_named_are_used() {
    let model = example_data("stories260K.bin");
    let tokenizer = example_data("tok512.bin");
    let files = ["--model", model.to_str().unwrap(), "--tokenizer", tokenizer.to_str().unwrap()];
    let told = story(&files).args(&["--tokens", "12"]).told();
    assert_eq!((told.status, told.out.as_str()), (0, "Once upon a time, there was a little girl\n"));
}
