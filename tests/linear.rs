//! Nothing that is done to trees overflows the stack or is quadratic: not in a tree of a hundred thousand levels, and not
//! beside a hundred thousand siblings.
//!
//! A table of all methods of `Selection`, and one of all functions of trees, are gone through on a deep and on a wide tree.
//! Each row must give what it should, in no more time than [`WALKS`] walks over the tree, which nothing is done on. What is
//! linear takes less than a fifteenth of that, in a debug build too; what is quadratic has at least five thousand million
//! steps to do, as many as the nodes of 25 000 walks, so that it fails even where a step is a sixtieth of a visit to a node.
//! (Where a step makes something, it fills the memory.) Time is that of the thread on a core: others may be busy there.
//! Rows run on a test's thread, which has two mebibytes of stack: a call for each level would overflow it.

#[path = "linear/edits.rs"]
mod edits;
#[path = "linear/selections.rs"]
mod selections;
#[path = "linear/trees.rs"]
mod trees;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use pz::nn::{AnyLayer, Layer, SideInputs, Value};
use pz::tree::count;
use pz::{PyTree, Result, pytree_dataclass};

/// Levels of the deep tree, and children of each node of the wide one.
const MANY: usize = 100_000;

/// How long a row may take, in walks over the tree.
const WALKS: u32 = 400;

/// A level of the deep tree.
#[pytree_dataclass]
struct Deep {
    by: f32,
    inner: AnyLayer,
}

/// What is at its bottom.
#[pytree_dataclass]
#[derive(PartialEq)]
struct Mark {
    by: f32,
}

/// The wide tree.
#[pytree_dataclass]
struct Wide {
    list: Vec<f32>,
    map: BTreeMap<String, f32>,
    layers: Vec<AnyLayer>,
}

impl Layer for Deep {
    fn call(&self, input: Value, _: &SideInputs) -> Result<Value> {
        Ok(input)
    }
}

impl Layer for Mark {
    fn call(&self, input: Value, _: &SideInputs) -> Result<Value> {
        Ok(input)
    }
}

impl Layer for Wide {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        pz::nn::call_in_order(self, "layers", &self.layers, input, side)
    }
}

fn mark(by: f32) -> AnyLayer {
    AnyLayer::new(Mark { by })
}

/// A chain of levels, each with its number from the bottom, and a mark at the bottom.
fn deep_with(by: impl Fn(usize) -> f32) -> AnyLayer {
    (1..=MANY).fold(mark(0.0), |inner, level| AnyLayer::new(Deep { by: by(level), inner }))
}

fn deep() -> AnyLayer {
    deep_with(|level| level as f32)
}

fn wide() -> Wide {
    Wide {
        list: (0..MANY).map(|place| place as f32).collect(),
        map: (0..MANY).map(|place| (format!("{place:06}"), place as f32)).collect(),
        layers: (0..MANY).map(|place| mark(place as f32)).collect(),
    }
}

/// What the deep tree's layers hold, from the top down, the bottom last.
fn numbers(tree: &AnyLayer) -> Vec<&f32> {
    let mut found = Vec::new();
    let mut here = tree;
    while let Some(level) = here.downcast_ref::<Deep>() {
        found.push(&level.by);
        here = &level.inner;
    }
    found.extend(here.downcast_ref::<Mark>().map(|mark| &mark.by));
    found
}

/// The layer at the deep tree's bottom.
fn bottom(tree: &AnyLayer) -> &AnyLayer {
    let mut here = tree;
    while let Some(level) = here.downcast_ref::<Deep>() {
        here = &level.inner;
    }
    here
}

/// What a row is called, the number that it must give, and what it does.
type Row<'t, T> = (&'static str, usize, &'t dyn Fn(&T) -> Result<usize>);

/// How long this thread has run.
fn now() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    // On Linux, in nanoseconds; elsewhere by the clock on the wall.
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let on_core = text.and_then(|text| text.split_whitespace().next()?.parse().ok());
    on_core.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

/// Goes through a table on a tree.
fn walk<T: PyTree>(tree: &T, rows: &[Row<'_, T>]) {
    let one_walk = || {
        let start = now();
        std::hint::black_box(count(tree));
        now() - start
    };
    let bound = (0..3).map(|_| one_walk()).min().unwrap_or_default() * WALKS;
    let mut wrong = Vec::new();
    for (name, wanted, row) in rows {
        let start = now();
        let found = row(tree);
        let time = now() - start;
        println!("{name}: {time:?} of {bound:?}");
        match found {
            Ok(found) if found == *wanted => {}
            Ok(found) => wrong.push(format!("{name}: {found}, not {wanted}")),
            Err(error) => {
                let text: String = error.to_string().chars().take(500).collect();
                wrong.push(format!("{name}: {text}"));
            }
        }
        if time > bound {
            wrong.push(format!("{name} took {time:?}, and may take {bound:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
