//! Trained llama2.c models through the library: tokens, likelihoods and logits against numbers that other programs
//! computed, and files that are not what they claim.
//!
//! `stories260K_expected.json` says where its numbers come from. Those in this folder were computed by a numpy
//! program in float64 from the same files, by the formulas of llama2.c (adjacent pairs rotated, heads in a loop).

#[path = "llama2c/broken.rs"]
mod broken;
#[path = "llama2c/heads.rs"]
mod heads;
#[path = "llama2c/numbers.rs"]
mod numbers;
#[path = "llama2c/tokens.rs"]
mod tokens;

use std::path::{Path, PathBuf};

/// A file that comes with the repository.
fn example_data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data").join(name)
}

/// A file of the larger collection, where there is one: in `PZ_DATA`, or beside the repository.
fn shared_data(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("PZ_DATA").map_or_else(beside, PathBuf::from);
    let path = folder.join("llama2c").join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: there is no {}; set PZ_DATA to the folder that holds llama2c/{name}", path.display());
    None
}

fn expected() -> serde_json::Value {
    let text = std::fs::read_to_string(example_data("stories260K_expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn ids(value: &serde_json::Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as u32).collect()
}

fn floats(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}
