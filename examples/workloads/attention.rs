//! Attention over a long text: 8 heads, 2048 tokens of 64 numbers each, causal.
//!
//! The scores of all pairs would take 134 MB. What is taken beside the inputs is measured as the system sees it, by the
//! largest resident size of the process: at the first evaluation, for what a program has used once it may use again.

use std::fs;

use pz::{NamedArray, Result};

use crate::best;

const HEADS: usize = 8;
const SEQ: usize = 2048;
const DEPTH: usize = 64;

/// Numbers that are there, different for each `salt`.
fn numbers(seq: &'static str, salt: i32) -> Result<NamedArray> {
    let number = |place: usize| 2.0 * (0.37 * place as f32 + salt as f32).sin();
    let numbers = (0..SEQ * HEADS * DEPTH).map(number).collect();
    NamedArray::from_vec(numbers, [(seq, SEQ), ("heads", HEADS), ("projection", DEPTH)])
}

/// Causal attention as a user writes it.
fn attend(query: &NamedArray, key: &NamedArray, value: &NamedArray) -> Result<NamedArray> {
    let scores = pz::nx::contract("projection", query, key)?.mul(1.0 / (DEPTH as f32).sqrt())?;
    let is_seen = NamedArray::arange("seq", SEQ).greater_equal(NamedArray::arange("kv_seq", SEQ))?;
    let weights = is_seen.select(&scores, -1e30)?.softmax("kv_seq")?;
    pz::nx::contract("kv_seq", &weights, value)
}

/// Time and memory.
pub fn attention() -> Result<()> {
    let queries = (0..4).map(|salt| numbers("seq", salt)).collect::<Result<Vec<_>>>()?;
    let (key, value) = (numbers("kv_seq", 5)?, numbers("kv_seq", 6)?);
    let run = |number: i32| {
        let out = attend(&queries[number as usize % queries.len()], &key, &value)?;
        out.eval()?;
        out.index("seq", SEQ - 1)?.index("heads", 0)?.index("projection", 0)?.item::<f32>()
    };
    let before = resident("VmRSS");
    // Linux forgets the largest size so far.
    let forgotten = fs::write("/proc/self/clear_refs", "5");
    run(0)?;
    match (before, resident("VmHWM"), forgotten) {
        (Some(before), Some(most), Ok(())) => {
            println!("attention_8x2048x64_causal_memory {:.1} MB", most.saturating_sub(before) as f64 / 1e3);
        }
        _ => println!("attention_8x2048x64_causal_memory unknown: the system does not say"),
    }
    println!("attention_8x2048x64_causal {:.2} ms", best(run)?.as_secs_f64() * 1e3);
    Ok(())
}

/// A size of this process in kB.
fn resident(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
