//! Layers that draw and layers that count, against Penzai's: dropout, and stacks with state variables.

use pz::nn::{
    Activation, Affine, AnyLayer, Elementwise, Init, Layer, LayerStack, LayerStackAxes,
    LayerStackVarBehavior, LinearConfig, Sequential, SideInputs, StochasticDropout, Value,
};
use pz::random::Key;
use pz::vars::Metadata;
use pz::{DType, NamedArray, RandomStream, Result, StateVariable, pytree_dataclass};
use serde_json::Value as Json;

use crate::fixture::{FORWARD, Verdict, agrees, arrays, cases, count, list, names, number, text};
use crate::layer_gradients;
use crate::layers::{call, load_from, same_parameters};

fn stream(config: &Json) -> RandomStream {
    RandomStream::from_base_key(&Key::new(count(&config["key"]) as u64)).expect("a key")
}

fn taken(stream: &RandomStream) -> usize {
    usize::try_from(stream.offset.value().item::<i32>().expect("a number")).expect("a count")
}

fn side(stream: &RandomStream) -> SideInputs {
    SideInputs::new().with("random_stream", stream.clone())
}

/// Adds the sum of its input to a state, and the state to its input.
#[pytree_dataclass]
#[pytree(layer)]
struct Count {
    state: StateVariable<NamedArray>,
}

impl Layer for Count {
    fn call(&self, input: Value, _: &SideInputs) -> Result<Value> {
        let input = input.into_array("Count")?;
        let state = self.state.update(|state| state.add(&input.sum("f")?))?;
        Ok(input.add(&state.mul(0.125)?)?.into())
    }
}

fn counter(label: &str, behavior: LayerStackVarBehavior, axes: &[(&'static str, usize)]) -> Result<Count> {
    let metadata = Metadata::new().with("layerstack_axes", LayerStackAxes::new([("layer", behavior)]));
    let state = NamedArray::zeros(axes.iter().copied(), DType::F32)?;
    Ok(Count { state: StateVariable::with_metadata(label, state, metadata) })
}

/// A stack of affine maps with an activation.
fn stack(config: &Json, init: Init<'_>) -> Result<LayerStack> {
    let (layers, size) = (count(&config["layers"]), count(&config["size"]));
    LayerStack::from_sublayer_builder("layer", layers, init, |init| {
        let affine = Affine::from_config("row", init, &LinearConfig::new([("f", size)], [("f", size)]))?;
        let act = Elementwise { function: Activation::Silu };
        Ok(AnyLayer::new(Sequential::new([AnyLayer::new(affine), AnyLayer::new(act)])))
    })
}

fn with_state(case: &Json) -> Result<(), String> {
    let as_text = |error: pz::Error| error.to_string();
    let config = &case["config"];
    let (layers, batch) = (count(&config["layers"]), count(&config["batch"]));
    let built = stack(config, Init::Random(Key::new(count(&config["key"]) as u64))).map_err(as_text)?;
    same_parameters(&built, &case["params"], 0.0)?;
    let shared = counter("shared", LayerStackVarBehavior::Shared, &[("batch", batch)]).map_err(as_text)?;
    let own = counter("own", LayerStackVarBehavior::PerLayer, &[("layer", layers), ("batch", batch)]);
    let own = own.map_err(as_text)?;
    let (shared_state, own_state) = (shared.state.clone(), own.state.clone());
    let sublayers = [
        AnyLayer::new(shared),
        built.stacked_sublayers.clone(),
        AnyLayer::new(StochasticDropout::new(0.25)),
        AnyLayer::new(own),
    ];
    let edited = LayerStack { stacked_sublayers: AnyLayer::new(Sequential::new(sublayers)), ..built };
    let stream = stream(config);
    for (at, wanted) in list(&case["calls"]).iter().enumerate() {
        let found = call(&edited, arrays(&case["in"]), &side(&stream)).map_err(as_text)?;
        let states = [(found, "out"), (shared_state.value(), "shared"), (own_state.value(), "own")];
        for (array, name) in states {
            agrees(&array, &wanted[name], FORWARD)
                .map_err(|problem| format!("call {at}, {name}: {problem}"))?;
        }
        if taken(&stream) != count(&wanted["offset"]) {
            return Err(format!("call {at}: {} keys were taken, not {}", taken(&stream), wanted["offset"]));
        }
    }
    Ok(())
}

/// Where an array of a fixture is zero.
fn dropped(out: &Json) -> Json {
    let zero: Vec<bool> = list(&out["data"]).iter().map(|x| number(x) == 0.0).collect();
    serde_json::json!({"of": text(&out["of"]).replacen("f32", "bool", 1), "data": zero})
}

fn dropout(case: &Json) -> Result<(), String> {
    let as_text = |error: pz::Error| error.to_string();
    let config = &case["config"];
    let layer = StochasticDropout {
        drop_rate: number(&config["rate"]),
        share_across_axes: names(&config["share"]),
        random_stream_input_name: "random_stream".into(),
    };
    let stream = stream(config);
    let found = call(&layer, arrays(&case["in"]), &side(&stream)).map_err(|error| error.to_string())?;
    // XLA multiplies by the reciprocal, so what is kept may differ in its last bit; what is dropped may not.
    agrees(&found, &case["out"], FORWARD)?;
    agrees(&found.equal(0.0).map_err(as_text)?, &dropped(&case["out"]), 0.0)?;
    if taken(&stream) != count(&case["offset"]) {
        return Err(format!("{} keys were taken, not {}", taken(&stream), case["offset"]));
    }
    Ok(())
}

#[test]
fn layers_with_state_are_those_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("stateful") {
        let outcome = match (text(&case["layer"]), case.get("calls")) {
            ("StochasticDropout", _) => dropout(&case),
            (_, Some(_)) => with_state(&case),
            (_, None) => stack(&case["config"], Init::Loaded(&load_from(&case["params"])))
                .and_then(|stack| call(&stack, arrays(&case["in"]), &SideInputs::new()))
                .map_err(|error| error.to_string())
                .and_then(|found| agrees(&found, &case["out"], FORWARD)),
        };
        verdict.record(text(&case["case"]), outcome);
    }
    verdict.finish(42);
}

#[test]
fn their_gradients_are_those_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("stateful").iter().filter(|case| case.get("grads").is_some()) {
        let config = &case["config"];
        let build = |init: Init<'_>| match text(&case["layer"]) {
            "LayerStack" => stack(config, init).map(AnyLayer::new),
            _ => Ok(AnyLayer::new(StochasticDropout {
                share_across_axes: names(&config["share"]),
                ..StochasticDropout::new(number(&config["rate"]))
            })),
        };
        verdict
            .record(text(&case["case"]), layer_gradients::agree_with(case, build, || side(&stream(config))));
    }
    verdict.finish(39);
}

/// The example of the reference: half of twelve ones.
#[test]
fn half_of_ones_is_dropped_as_penzai_does() -> Result<()> {
    let ones = NamedArray::ones([("a", 4), ("b", 3)], DType::F32)?;
    let drop = |share: &[&'static str]| {
        let stream = RandomStream::from_base_key(&Key::new(0))?;
        let layer = StochasticDropout {
            share_across_axes: share.iter().map(|&axis| axis.into()).collect(),
            ..StochasticDropout::new(0.5)
        };
        call(&layer, vec![ones.clone()], &side(&stream))?.order_as(["a", "b"])?.to_vec::<f32>()
    };
    assert_eq!(drop(&[])?, [2., 0., 0., 0., 0., 2., 2., 0., 2., 0., 0., 2.]);
    assert_eq!(drop(&["b"])?, [2., 2., 2., 0., 0., 0., 0., 0., 0., 0., 0., 0.]);
    Ok(())
}
