//! Every layer of `fixtures/layers.json` against Penzai: first parameters from the same key to the bit, outputs
//! from the same parameters within 1e-5, axes in the same order.

use pz::nn::{
    Activation, AddBias, Affine, AnyLayer, BranchAndAddTogether, BranchAndMultiplyTogether, ConstantRescale,
    Elementwise, EmbeddingDecode, EmbeddingLookup, EmbeddingTable, Identity, Init, Layer, LayerNorm, Linear,
    LinearConfig, NamedEinsum, RMSLayerNorm, RMSStandardize, RenameAxes, Residual, Sequential, SideInputs,
    Softmax, Standardize, Value, zero_initializer,
};
use pz::random::Key;
use pz::{AxisName, DType, NamedArray, Parameter, Result, select};
use serde_json::Value as Json;

fn list(json: &Json) -> &[Json] {
    json.as_array().expect("a list")
}

fn text(json: &Json) -> &str {
    json.as_str().expect("a text")
}

fn float(json: &Json) -> f32 {
    json.as_f64().expect("a number") as f32
}

fn name(json: &Json) -> AxisName {
    AxisName::intern(text(json))
}

fn name_list(json: &Json) -> Vec<AxisName> {
    list(json).iter().map(name).collect()
}

/// `[["i", 3], ["o", 2]]`; nothing where the case has no such axes.
fn axes(json: &Json) -> Vec<(AxisName, usize)> {
    let pairs = json.as_array().map(Vec::as_slice).unwrap_or_default();
    pairs.iter().map(|pair| (name(&pair[0]), pair[1].as_u64().expect("a size") as usize)).collect()
}

fn indexed(json: &Json) -> Vec<(AxisName, AxisName)> {
    list(json).iter().map(|pair| (name(&pair[0]), name(&pair[1]))).collect()
}

/// `{"of": "f32 batch:2 i:3", "data": [...]}`
fn array(json: &Json) -> NamedArray {
    let (dtype, axes) = text(&json["of"]).split_once(' ').unwrap_or((text(&json["of"]), ""));
    let shape = axes.split_whitespace().map(|axis| {
        let (name, size) = axis.split_once(':').expect("name:size");
        (AxisName::intern(name), size.parse().expect("a size"))
    });
    let data = list(&json["data"]);
    match dtype {
        "f32" => NamedArray::from_vec(data.iter().map(float).collect(), shape),
        "i32" => {
            NamedArray::from_vec(data.iter().map(|x| x.as_i64().expect("an integer") as i32).collect(), shape)
        }
        other => panic!("an array of {other}"),
    }
    .expect("the fixture's arrays are arrays")
}

fn build(layer: &str, config: &Json, init: Init<'_>) -> Result<AnyLayer> {
    let called = config["name"].as_str().unwrap_or_default();
    let linear = || LinearConfig {
        parallel_axes: axes(&config["parallel_axes"]),
        ..LinearConfig::new(axes(&config["input_axes"]), axes(&config["output_axes"]))
    };
    let table = || {
        let size = config["vocab_size"].as_u64().expect("a size") as usize;
        EmbeddingTable::from_config(called, init, size, &axes(&config["embedding_axes"]), DType::F32)
    };
    let branches = || -> Result<Vec<AnyLayer>> {
        let silu = AnyLayer::new(Elementwise { function: Activation::Silu });
        let second = Sequential::new([Linear::from_config("second", init, &linear())?, silu]);
        Ok(vec![Linear::from_config("first", init, &linear())?, AnyLayer::new(second)])
    };
    let across = || (axes(&config["across_axes"]), float(&config["epsilon"]));
    Ok(match layer {
        "Linear" => Linear::from_config(called, init, &linear())?,
        "Affine" => AnyLayer::new(Affine::from_config(called, init, &linear())?),
        "AddBias" => {
            let (old, new) = (axes(&config["biased_axes"]), axes(&config["new_output_axes"]));
            AnyLayer::new(AddBias::from_config(called, init, &old, &new, &zero_initializer, DType::F32)?)
        }
        "RenameAxes" => {
            AnyLayer::new(RenameAxes { old: name_list(&config["old"]), new: name_list(&config["new"]) })
        }
        "Standardize" => {
            let epsilon = NamedArray::scalar(float(&config["epsilon"]));
            AnyLayer::new(Standardize { across: name_list(&config["across"]), epsilon })
        }
        "RMSStandardize" => {
            let epsilon = NamedArray::scalar(float(&config["epsilon"]));
            AnyLayer::new(RMSStandardize { across: name_list(&config["across"]), epsilon })
        }
        "LayerNorm" => {
            AnyLayer::new(LayerNorm::from_config(called, init, &across().0, across().1, DType::F32)?)
        }
        "RMSLayerNorm" => {
            AnyLayer::new(RMSLayerNorm::from_config(called, init, &across().0, across().1, DType::F32)?)
        }
        "EmbeddingLookup" => AnyLayer::new(EmbeddingLookup { table: table()? }),
        "EmbeddingDecode" => AnyLayer::new(EmbeddingDecode { table: table()? }),
        "Elementwise" => AnyLayer::new(Elementwise { function: activation(text(&config["fn"])) }),
        "Softmax" => AnyLayer::new(Softmax { axes: name_list(&config["axes"]) }),
        "ConstantRescale" => AnyLayer::new(ConstantRescale { by: NamedArray::scalar(float(&config["by"])) }),
        "Identity" => AnyLayer::new(Identity {}),
        "Residual" => AnyLayer::new(Residual { delta: Linear::from_config(called, init, &linear())? }),
        "BranchAndAddTogether" => AnyLayer::new(BranchAndAddTogether { branches: branches()? }),
        "BranchAndMultiplyTogether" => AnyLayer::new(BranchAndMultiplyTogether { branches: branches()? }),
        "NamedEinsum" => AnyLayer::new(NamedEinsum {
            input_axes: list(&config["input_axes"]).iter().map(indexed).collect(),
            output_axes: indexed(&config["output_axes"]),
        }),
        other => panic!("a layer `{other}`"),
    })
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
        other => panic!("an activation `{other}`"),
    }
}

/// What differs between an array and Penzai's, in words.
fn difference(found: &NamedArray, wanted: &NamedArray, tolerance: f32) -> Option<String> {
    if found.named_shape() != wanted.named_shape() {
        return Some(format!("axes {:?}, wanted {:?}", found.named_shape(), wanted.named_shape()));
    }
    let (found, wanted) = (found.to_vec::<f32>().expect("values"), wanted.to_vec::<f32>().expect("values"));
    let far = |a: f32, b: f32| (a - b).abs() > tolerance * b.abs().max(1.0) || a.is_nan() != b.is_nan();
    let at = found.iter().zip(&wanted).position(|(a, b)| far(*a, *b))?;
    Some(format!("element {at} is {}, wanted {}", found[at], wanted[at]))
}

/// Builds a case's layer, with the case's parameters or from its key, and gives back all that differs.
fn judge(case: &Json) -> Result<Vec<String>> {
    let params = list(&case["params"]);
    let given = |label: &str, _: &[(AxisName, usize)]| {
        let param = params.iter().find(|param| text(&param[0]) == label);
        Ok(array(&param.unwrap_or_else(|| panic!("a parameter `{label}`"))[1]))
    };
    let (layer, config) = (text(&case["layer"]), &case["config"]);
    let model = build(layer, config, Init::Loaded(&given))?;
    let mut problems = Vec::new();

    // In cases named `values`, and in the biased one, Penzai's parameters were replaced: they come from no key.
    let replaced = text(&case["case"]).contains("/values") || layer == "AddBias";
    if let Some(seed) = config["key"].as_u64().filter(|_| !replaced) {
        let drawn = build(layer, config, Key::new(seed).into())?;
        let drawn = select(&drawn).at_instances_of::<Parameter>().get_sequence()?;
        if drawn.len() != params.len() {
            problems.push(format!("{} parameters, wanted {}", drawn.len(), params.len()));
        }
        for (found, wanted) in drawn.iter().zip(params) {
            if found.label().to_string() != text(&wanted[0]) {
                problems.push(format!("a parameter `{}`, wanted `{}`", found.label(), text(&wanted[0])));
            }
            problems.extend(difference(&found.value(), &array(&wanted[1]), 0.0));
        }
    }

    let mut inputs: Vec<_> = list(&case["in"]).iter().map(array).map(Value::from).collect();
    let input = if layer == "NamedEinsum" { Value::Tuple(inputs) } else { inputs.remove(0) };
    let out = model.call(input, &SideInputs::new())?.into_array("test")?;
    problems.extend(difference(&out, &array(&case["out"]), 1e-5));
    Ok(problems)
}

#[test]
fn layers_are_penzais() {
    let fixture: Json =
        serde_json::from_str(include_str!("fixtures/layers.json")).expect("the fixture is JSON");
    let cases = list(&fixture["cases"]);
    assert!(cases.len() > 90, "the fixture has only {} cases", cases.len());
    let mut failures = Vec::new();
    for case in cases {
        match judge(case) {
            Ok(problems) => {
                failures.extend(
                    problems.into_iter().map(|problem| format!("{}: {problem}", text(&case["case"]))),
                );
            }
            Err(error) => failures.push(format!("{}: {error}", text(&case["case"]))),
        }
    }
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}
