//! `PZ_TRACE=1`: prints every plan that runs, its fusions, its buffers, and the time of each step, to standard error.
//!
//! A line for each step says how long it took, what it computes from what, and where the result lies: in an operand's
//! memory (a view of it, or the memory itself, `in place`), in memory that an array before left behind (`reused`), or in
//! `new` memory. The last line says how many bytes the values between steps took at most.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use super::collect::Graph;
use super::compile::{Plan, Step, StepKind};
use super::execute::Computed;
use crate::array::buffer::Buffer;
use crate::array::dtype::with_type;
use crate::array::setting;
use crate::array::storage::{self, Data};
use crate::error::Result;

static TRACING: LazyLock<bool> = LazyLock::new(|| {
    let parse = |text: &str| match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    };
    setting::read("PZ_TRACE", "0 or 1", parse, || (false, "printing no plans".to_owned()))
});

/// One evaluation as it is printed.
pub(super) struct Trace {
    most: usize,
}

/// What is noted before a step runs.
pub(super) struct Before {
    started: Instant,
    operands: SmallVec<[(usize, bool); 4]>,
    reuses: u64,
}

/// The address of a value's storage, where it has one.
fn address(buffer: &Buffer) -> Option<usize> {
    match &*buffer.data {
        Data::Several(_) => None,
        _ => Some(with_type!(buffer.dtype(), T => buffer.storage::<T>().as_ptr().addr())),
    }
}

/// Bytes of a value's storage.
fn bytes(buffer: &Buffer) -> usize {
    match &*buffer.data {
        Data::Several(several) => several.0.iter().map(bytes).sum(),
        _ => with_type!(buffer.dtype(), T => size_of_val(buffer.storage::<T>())),
    }
}

/// A number of bytes as one reads it.
fn shown(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

impl Trace {
    /// Prints the head of a plan.
    pub(super) fn begin(plan: &Plan, graph: &Graph, is_new: bool, planning: Duration) -> Trace {
        let (nodes, steps) = (graph.entries.len(), plan.steps.len());
        let how = if is_new { "made" } else { "found" };
        eprintln!("plan of {nodes} nodes: {steps} steps, {how} in {:.1} µs", planning.as_secs_f64() * 1e6);
        Trace { most: 0 }
    }

    /// To be called before a step runs.
    pub(super) fn before(&self, inputs: &[Buffer]) -> Before {
        let operands = inputs.iter().filter_map(|input| Some((address(input)?, is_shared(input)))).collect();
        Before { started: Instant::now(), operands, reuses: storage::reuses() }
    }

    /// Prints one step.
    pub(super) fn step(&self, step: &Step, graph: &Graph, before: Before, computed: &Result<Computed>) {
        let time = before.started.elapsed();
        let inputs: Vec<String> = step
            .inputs
            .iter()
            .map(|&input| format!("{:?}", graph.entries[input as usize].node.spec.dims))
            .collect();
        let entry = &graph.entries[step.out as usize];
        let spec = &entry.node.spec;
        let results: Vec<String> = match computed {
            Ok(buffers) => buffers
                .iter()
                .map(|buffer| format!("{} {}", shown(bytes(buffer)), before.place(buffer)))
                .collect(),
            Err(_) => vec!["an error".into()],
        };
        eprintln!(
            "{:>9.1} µs  {}  {}{:?} <- {}  ({})",
            time.as_secs_f64() * 1e6,
            name(step, graph),
            spec.dtype,
            spec.dims,
            inputs.join(" "),
            results.join(", ")
        );
    }

    /// To be called with the values that are there between two steps.
    pub(super) fn between<'a>(&mut self, values: impl Iterator<Item = &'a Buffer>) {
        let mut seen: SmallVec<[usize; 16]> = SmallVec::new();
        let mut total = 0;
        for value in values {
            let address = std::sync::Arc::as_ptr(&value.data).addr();
            if !seen.contains(&address) {
                seen.push(address);
                total += bytes(value);
            }
        }
        self.most = self.most.max(total);
    }

    /// Prints the last line.
    pub(super) fn end(self) {
        eprintln!("  values between steps: at most {}", shown(self.most));
    }
}

impl Before {
    /// Where a result lies.
    fn place(&self, buffer: &Buffer) -> &'static str {
        let Some(address) = address(buffer) else { return "in parts" };
        match self.operands.iter().find(|(operand, _)| *operand == address) {
            Some((_, true)) => "viewed",
            Some((_, false)) => "in place",
            None if storage::reuses() > self.reuses => "reused",
            None => "new",
        }
    }
}

/// Whether somebody else holds a value's storage too.
fn is_shared(buffer: &Buffer) -> bool {
    std::sync::Arc::strong_count(&buffer.data) > 1
}

/// Whether plans are to be printed.
pub(super) fn is_on() -> bool {
    *TRACING
}

/// What a step computes.
fn name(step: &Step, graph: &Graph) -> String {
    let joined = |names: &mut dyn Iterator<Item = &'static str>| names.collect::<Vec<_>>().join(" ");
    match &step.kind {
        StepKind::Single => graph.entries[step.out as usize].node.name().to_string(),
        StepKind::Fused(program) => {
            format!("{}{}", if program.has_rows() { "rows: " } else { "" }, joined(&mut program.names()))
        }
        StepKind::Attention(attention) => {
            format!(
                "attention: {}",
                joined(&mut attention.scores.code.iter().map(|operation| operation.name))
            )
        }
    }
}
