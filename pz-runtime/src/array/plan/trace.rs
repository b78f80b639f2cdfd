//! `PZ_TRACE=1`: prints every plan that runs, its fusions, and the time of each step, to standard error.

use std::sync::LazyLock;
use std::time::Duration;

use super::collect::Graph;
use super::compile::{Step, StepKind};
use crate::array::setting;

static TRACING: LazyLock<bool> = LazyLock::new(|| {
    let parse = |text: &str| match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    };
    setting::read("PZ_TRACE", "0 or 1", parse, || (false, "printing no plans".to_owned()))
});

/// Whether plans are to be printed.
pub(super) fn is_on() -> bool {
    *TRACING
}

/// Prints one step: its time, what it computes, the result's dtype and shape.
pub(super) fn print(step: &Step, graph: &Graph, time: Duration) {
    let entry = &graph.entries[step.out as usize];
    let what = match &step.kind {
        StepKind::Single => entry.node.name().to_string(),
        StepKind::Fused(program) => {
            program.code.iter().map(|instruction| instruction.name).collect::<Vec<_>>().join(" ")
        }
        StepKind::Rows(program) => {
            let names: Vec<&str> = program.code.iter().map(|instruction| instruction.name).collect();
            format!("rows: {}", names.join(" "))
        }
    };
    let inputs: Vec<String> = step
        .inputs
        .iter()
        .map(|&input| format!("{:?}", graph.entries[input as usize].node.spec.dims))
        .collect();
    let spec = &entry.node.spec;
    eprintln!(
        "{:>9.1} µs  {what}  {}{:?} <- {}",
        time.as_secs_f64() * 1e6,
        spec.dtype,
        spec.dims,
        inputs.join(" ")
    );
}
