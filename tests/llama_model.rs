//! The Llama that is declared with `model!` (the example `llama_model`) writes what the one built from a configuration
//! writes.

#[path = "../examples/llama_model.rs"]
mod llama_model;

use llama_model::{Llama, data, load, tell};
use pz::models::llama2c::Tokenizer;
use pz::prelude::*;

#[test]
fn the_declared_model_tells_the_same_story() {
    let expected = std::fs::read_to_string(data("stories260K_expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let greedy = &expected["greedy"][0];
    let (prompt, text) = (greedy["prompt"].as_str().unwrap(), greedy["text"].as_str().unwrap());
    let steps = usize::try_from(greedy["steps"].as_u64().unwrap()).unwrap();
    let model = load(&data("stories260K.bin")).unwrap();
    let tokenizer = Tokenizer::open(data("tok512.bin")).unwrap();
    let told = tell(&model, &tokenizer, prompt, steps).unwrap();
    assert_eq!(String::from_utf8(told).unwrap(), text);
}

#[test]
fn the_declared_model_does_what_its_header_says() -> pz::Result<()> {
    Llama::init("transformer", Key::new(0))?.check()
}
