//! `check` runs one of several blocks that are alike: no mistake is lost by that.

use pz::nn::{Affine, AnyLayer, Elementwise, Linear, StochasticDropout};
use pz::prelude::*;

model! {
    Block: { ..batch, wide: 4 } -> { ..batch, wide: 4 } with (random_stream) {
        delta: residual {
            linear: Linear { wide => wide: 4 },
            act: Elementwise(relu),
            drop: StochasticDropout(0.1),
        },
    }
}

model! {
    Deep: { ..batch, wide: 4 } -> { ..batch, wide: 4 } with (random_stream) {
        b0: Block,
        b1: Block,
        b2: Block,
        b3: Block,
        out: Affine { wide => wide: 4 },
    }
}

/// Looks at what it holds, and renames an axis where that is not 0.
#[pytree_dataclass]
#[pytree(layer)]
#[derive(Clone)]
struct Decides {
    by: NamedArray,
}

impl Layer for Decides {
    fn call(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        let input = input.into_array("Decides")?;
        Ok(if self.by.item::<f32>()? == 0.0 { input } else { input.rename("wide", "other")? }.into())
    }
}

/// Counts its calls, and accepts no more than this many.
#[pytree_dataclass]
#[pytree(layer)]
#[derive(Clone)]
struct Counts {
    calls: StateVariable<i32>,
    #[pytree(static)]
    most: i32,
}

impl Layer for Counts {
    fn call(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        let calls = self.calls.value() + 1;
        self.calls.set(calls);
        let report = pz::error::Report::new("Counts", format!("called {calls} times"));
        if calls <= self.most { Ok(input) } else { Err(report.value()) }
    }
}

/// What `check` says of the model with a layer before the activation of each block.
fn told(layer: impl Fn(usize) -> AnyLayer) -> pz::Result<String> {
    let mut place = 0;
    let edited = select(&Deep::with_slots()?).at_instances_of::<Elementwise>().apply(|act| {
        place += 1;
        Ok::<_, pz::Error>(nn::Sequential::new([layer(place - 1), AnyLayer::new(act.clone())]))
    })?;
    Ok(edited.check().err().map(|error| error.to_string()).unwrap_or_default())
}

#[test]
fn a_block_that_is_not_like_the_others_is_found() -> pz::Result<()> {
    Deep::with_slots()?.check()?;
    let linear = |name: &str, size| {
        let config = nn::LinearConfig::new([("wide", size)], [("wide", size)]);
        nn::Linear::from_config(name, Key::new(0), &config)
    };
    assert_eq!(told(|place| linear(&format!("l{place}"), 4).unwrap())?, "");
    let error = told(|place| linear("l", if place == 2 { 5 } else { 4 }).unwrap())?;
    assert!(error.contains("`wide: 4`, and `l.weights` has `wide: 5`"), "{error}");
    assert!(error.contains("Deep.b2"), "{error}");
    Ok(())
}

#[test]
fn what_a_block_reads_is_read_in_each() -> pz::Result<()> {
    let decides = |by: f32| AnyLayer::new(Decides { by: NamedArray::scalar(by) });
    assert_eq!(told(|_| decides(0.0))?, "");
    let error = told(|place| decides(if place == 3 { 1.0 } else { 0.0 }))?;
    assert!(error.contains("other"), "{error}");
    // A number that is a leaf is compared by its value.
    let dropout = |rate| AnyLayer::new(StochasticDropout::new(rate));
    assert_eq!(told(|_| dropout(0.5))?, "");
    let error = told(|place| dropout(if place == 1 { 1.5 } else { 0.5 }))?;
    assert!(error.contains("`drop_rate` is 1.5") && error.contains("Deep.b1"), "{error}");
    Ok(())
}

#[test]
fn a_block_with_a_state_runs_each_time() -> pz::Result<()> {
    let calls = StateVariable::new("calls", 0);
    assert_eq!(told(|_| AnyLayer::new(Counts { calls: calls.clone(), most: 4 }))?, "");
    let error = told(|_| AnyLayer::new(Counts { calls: calls.clone(), most: 3 }))?;
    assert!(error.contains("called 4 times") && error.contains("Deep.b3"), "{error}");
    assert_eq!(calls.value(), 0);
    Ok(())
}

/// A stream is state among the side inputs, and its shape stays.
#[test]
fn blocks_that_draw_are_judged_with_a_stream_that_is_given() -> pz::Result<()> {
    let stream = pz::RandomStream::from_base_key(&Key::new(3))?;
    let side = SideInputs::new().with("random_stream", stream.clone());
    Deep::with_slots()?.check_with([("batch", 2)], &side)?;
    assert_eq!(stream.offset.value().item::<i32>()?, 0);
    Ok(())
}
