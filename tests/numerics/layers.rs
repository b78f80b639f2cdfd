//! Layers: first parameters from a key and a name, and outputs with their axis order.

use pz::nn::{
    Activation, AddBias, Affine, AnyLayer, BranchAndAddTogether, BranchAndMultiplyTogether, ConstantRescale,
    Elementwise, EmbeddingDecode, EmbeddingLookup, EmbeddingTable, Identity, Init, Layer, LayerNorm, Linear,
    LinearConfig, NamedEinsum, RMSLayerNorm, RMSStandardize, RenameAxes, Residual, Sequential, SideInputs,
    Softmax, Standardize, Value, zero_initializer,
};
use pz::random::Key;
use pz::{AxisName, DType, NamedArray, Parameter, PyTree, Result, select};
use serde_json::Value as Json;

use crate::fixture::{
    FORWARD, Verdict, agrees, array, arrays, cases, list, name, names, number, pairs, sizes, spec, text,
};

/// The parameters of a tree against those of a fixture: labels in order, axes in order, values.
/// Uniform draws are exact; what goes through the inverse error function may differ in the last places.
pub fn same_parameters(tree: &impl PyTree, wanted: &Json, tolerance: f64) -> Result<(), String> {
    let selected = select(tree).at_instances_of::<Parameter>().allow_empty();
    let mut found: Vec<&Parameter> = Vec::new();
    for parameter in selected.get_sequence().map_err(|error| error.to_string())? {
        if !found.iter().any(|known| known.is_same(parameter)) {
            found.push(parameter);
        }
    }
    let labels: Vec<String> = found.iter().map(|parameter| parameter.label().to_string()).collect();
    let wanted_labels: Vec<&str> = list(wanted).iter().map(|pair| text(&pair[0])).collect();
    if labels != wanted_labels {
        return Err(format!("has parameters {labels:?}, and should have {wanted_labels:?}"));
    }
    found.iter().zip(list(wanted)).try_for_each(|(parameter, pair)| {
        agrees(&parameter.value(), &pair[1], tolerance)
            .map_err(|problem| format!("{}: {problem}", parameter.label()))
    })
}

/// A source of parameters: those of a fixture, by label.
pub fn load_from(params: &Json) -> impl Fn(&str, &[(AxisName, usize)]) -> Result<NamedArray> {
    move |label, _| {
        let pair = list(params).iter().find(|pair| text(&pair[0]) == label);
        Ok(array(&pair.unwrap_or_else(|| panic!("the fixture has no parameter `{label}`"))[1]))
    }
}

/// Calls a layer on one array, or on a tuple: of several, or because the layer always takes one.
pub fn call(layer: &dyn Layer, mut inputs: Vec<NamedArray>, side: &SideInputs) -> Result<NamedArray> {
    let input = match inputs.len() {
        1 if layer.info().type_name != "NamedEinsum" => inputs.remove(0).into(),
        _ => Value::Tuple(inputs.into_iter().map(Value::Array).collect()),
    };
    layer.call(input, side)?.into_array("numerics")
}

fn linear_config(config: &Json) -> LinearConfig {
    let parallel_axes = config.get("parallel_axes").map(sizes).unwrap_or_default();
    LinearConfig {
        parallel_axes,
        ..LinearConfig::new(sizes(&config["input_axes"]), sizes(&config["output_axes"]))
    }
}

fn activation(name: &str) -> Activation {
    match name {
        "silu" => Activation::Silu,
        "gelu" => Activation::GeluExact,
        "gelu_approx" => Activation::Gelu,
        "relu" => Activation::Relu,
        "tanh" => Activation::Tanh,
        "sigmoid" => Activation::Sigmoid,
        "exp" => Activation::Custom("exp", NamedArray::exp),
        "neg" => Activation::Custom("neg", NamedArray::neg),
        _ => panic!("no activation `{name}`"),
    }
}

/// The layer of a case.
pub fn build(layer: &str, config: &Json, init: Init<'_>) -> Result<AnyLayer> {
    let label = || text(&config["name"]);
    let epsilon = || NamedArray::scalar(number(&config["epsilon"]) as f32);
    let across = || sizes(&config["across_axes"]);
    let table = || {
        let vocab_size = crate::fixture::count(&config["vocab_size"]);
        EmbeddingTable::from_config(label(), init, vocab_size, &sizes(&config["embedding_axes"]), DType::F32)
    };
    let branches = || {
        let linear = |name: &str| Linear::from_config(name, init, &linear_config(config));
        let second =
            Sequential::new([linear("second")?, AnyLayer::new(Elementwise { function: Activation::Silu })]);
        Ok::<_, pz::Error>(vec![linear("first")?, AnyLayer::new(second)])
    };
    Ok(match layer {
        "Linear" => Linear::from_config(label(), init, &linear_config(config))?,
        "Affine" => AnyLayer::new(Affine::from_config(label(), init, &linear_config(config))?),
        "AddBias" => {
            let (biased, new) = (sizes(&config["biased_axes"]), sizes(&config["new_output_axes"]));
            AnyLayer::new(AddBias::from_config(label(), init, &biased, &new, &zero_initializer, DType::F32)?)
        }
        "RenameAxes" => AnyLayer::new(RenameAxes { old: names(&config["old"]), new: names(&config["new"]) }),
        "Standardize" => AnyLayer::new(Standardize { across: names(&config["across"]), epsilon: epsilon() }),
        "RMSStandardize" => {
            AnyLayer::new(RMSStandardize { across: names(&config["across"]), epsilon: epsilon() })
        }
        "LayerNorm" => AnyLayer::new(LayerNorm::from_config(
            label(),
            init,
            &across(),
            number(&config["epsilon"]) as f32,
            DType::F32,
        )?),
        "RMSLayerNorm" => AnyLayer::new(RMSLayerNorm::from_config(
            label(),
            init,
            &across(),
            number(&config["epsilon"]) as f32,
            DType::F32,
        )?),
        "EmbeddingLookup" => AnyLayer::new(EmbeddingLookup { table: table()? }),
        "EmbeddingDecode" => AnyLayer::new(EmbeddingDecode { table: table()? }),
        "Elementwise" => AnyLayer::new(Elementwise { function: activation(text(&config["fn"])) }),
        "Softmax" => AnyLayer::new(Softmax { axes: names(&config["axes"]) }),
        "ConstantRescale" => {
            AnyLayer::new(ConstantRescale { by: NamedArray::scalar(number(&config["by"]) as f32) })
        }
        "Identity" => AnyLayer::new(Identity {}),
        "Residual" => {
            AnyLayer::new(Residual::new(Linear::from_config(label(), init, &linear_config(config))?))
        }
        "BranchAndAddTogether" => AnyLayer::new(BranchAndAddTogether { branches: branches()? }),
        "BranchAndMultiplyTogether" => AnyLayer::new(BranchAndMultiplyTogether { branches: branches()? }),
        "NamedEinsum" => AnyLayer::new(NamedEinsum {
            input_axes: list(&config["input_axes"]).iter().map(pairs).collect(),
            output_axes: pairs(&config["output_axes"]),
        }),
        _ => panic!("no layer `{layer}`"),
    })
}

#[test]
fn layers_are_those_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("layers") {
        let (layer, config) = (text(&case["layer"]), &case["config"]);
        let load = load_from(&case["params"]);
        let outcome = build(layer, config, Init::Loaded(&load))
            .and_then(|built| call(&built, arrays(&case["in"]), &SideInputs::new()))
            .map_err(|error| error.to_string())
            .and_then(|found| agrees(&found, &case["out"], FORWARD));
        verdict.record(text(&case["case"]), outcome);
    }
    verdict.finish(106);
}

#[test]
fn first_parameters_are_those_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("layers") {
        let (layer, config) = (text(&case["layer"]), &case["config"]);
        // Cases called "values" had their parameters replaced.
        if list(&case["params"]).is_empty() || text(&case["case"]).contains("values") || layer == "AddBias" {
            continue;
        }
        let key = Key::new(crate::fixture::count(&config["key"]) as u64);
        let tolerance = if layer.starts_with("Embedding") { 1e-6 } else { 0.0 };
        let outcome = build(layer, config, Init::Random(key))
            .map_err(|error| error.to_string())
            .and_then(|built| same_parameters(&built, &case["params"], tolerance));
        verdict.record(text(&case["case"]), outcome);
    }
    verdict.finish(40);
}

#[test]
fn the_reading_of_fixtures_is_exact() {
    let value = serde_json::json!({"of": "f32 2 a:2", "data": [0.1, "nan", "-inf", -0.0]});
    let read = array(&value);
    assert_eq!(spec(&read), "f32 2 a:2");
    let read = read.tag("p").and_then(|read| read.to_vec::<f32>()).expect("a value");
    assert_eq!(read[0].to_bits(), 0.1_f32.to_bits());
    assert!(read[1].is_nan() && read[2] == f32::NEG_INFINITY && read[3].to_bits() == (-0.0_f32).to_bits());
    assert_eq!(name(&"x".into()), "x");
    assert!(agrees(&array(&value), &value, 0.0).is_ok());
    for other in [
        serde_json::json!({"of": "f32 2 a:2", "data": [0.2, "nan", "-inf", -0.0]}),
        serde_json::json!({"of": "f32 2 a:2", "data": [0.1, 1.0, "-inf", -0.0]}),
        serde_json::json!({"of": "f32 2 a:2", "data": [0.1, "nan", "inf", -0.0]}),
        serde_json::json!({"of": "f32 2 b:2", "data": [0.1, "nan", "-inf", -0.0]}),
        serde_json::json!({"of": "i32 2 a:2", "data": [0, 1, 2, 3]}),
    ] {
        assert!(agrees(&array(&value), &other, 1e-5).is_err(), "{other}");
    }
}
