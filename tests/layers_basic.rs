//! Linear maps, norms, embeddings and the layers without parameters. Expected numbers are Penzai's.

use std::sync::Arc;

use pz::nn::{
    Activation, AddBias, Affine, AnyLayer, CastToDType, ConstantRescale, Elementwise, EmbeddingDecode,
    EmbeddingLookup, EmbeddingTable, Fan, Identity, Init, Layer, LayerNorm, Linear, LinearConfig,
    LinearInPlace, LinearOperatorWeightInitializer, RMSLayerNorm, RMSStandardize, RenameAxes, Sequential,
    SideInputs, Softmax, Standardize, TanhSoftCap, Value, WeightAxes, WeightDistribution,
    constant_initializer, derive_param_key, make_parameter, variance_scaling_initializer,
    xavier_normal_initializer, xavier_uniform_initializer, zero_initializer,
};
use pz::random::Key;
use pz::{AxisName, DType, NamedArray, Parameter, PyTree, Random, Result};

fn call(layer: &impl Layer, input: &NamedArray) -> Result<NamedArray> {
    layer.call(input.clone().into(), &SideInputs::new())?.into_array("test")
}

fn array(values: &[f32], shape: &[(&'static str, usize)]) -> NamedArray {
    NamedArray::from_vec(values.to_vec(), shape.iter().copied()).unwrap()
}

fn axes(shape: &[(&'static str, usize)]) -> Vec<(AxisName, usize)> {
    shape.iter().map(|(name, size)| (AxisName::new(name), *size)).collect()
}

fn names(array: &NamedArray) -> Vec<&'static str> {
    array.named_shape().iter().map(|(name, _)| name.as_str()).collect()
}

#[track_caller]
fn assert_within(tolerance: f32, array: &NamedArray, wanted: &[f32]) {
    let found = array.to_vec::<f32>().expect("the array has a value");
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() <= tolerance * wanted.abs().max(1.0), "{found} is not {wanted}");
    }
}

#[track_caller]
fn assert_close(array: &NamedArray, wanted: &[f32]) {
    assert_within(1e-5, array, wanted);
}

/// Equal in the seven decimals that the numbers are given with.
#[track_caller]
fn assert_equal(array: &NamedArray, wanted: &[f32]) {
    assert_within(1.2e-7, array, wanted);
}

#[track_caller]
fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("this should fail"),
        Err(error) => error.to_string(),
    }
}

fn weights_of(linear: &AnyLayer) -> NamedArray {
    linear.downcast_ref::<Linear>().expect("a Linear").weights.value().unwrap()
}

#[test]
fn parameter_keys_are_penzais() {
    let derived = |seed, name| derive_param_key(Key::new(seed), name).words();
    assert_eq!(derived(0, "foo"), [2400529761, 3974919251]);
    assert_eq!(derived(0, ""), [1582770048, 702645809]);
    assert_eq!(derived(42, "mlp/Affine_0/Linear.weights"), [1378985706, 3375315443]);
    assert_eq!(derived(10, "a"), [1583358009, 2988673903]);
    assert_eq!(derived(10, "mlp/Affine_0/Linear.weights"), [42325223, 3008550401]);
    assert_eq!(derived(10, "transformer/embedder.embeddings"), [2248778109, 3525711339]);
}

#[test]
fn initialisers_draw_penzais_weights_to_the_bit() {
    let fixture: serde_json::Value =
        serde_json::from_str(include_str!("fixtures/random.json")).expect("the fixture is JSON");
    let shape = |value: &serde_json::Value| -> Vec<(AxisName, usize)> {
        serde_json::from_value::<Vec<(String, usize)>>(value.clone())
            .expect("axes with sizes")
            .into_iter()
            .map(|(name, size)| (AxisName::from(name), size))
            .collect()
    };
    let truncated = variance_scaling_initializer(2.0, Fan::In, WeightDistribution::TruncatedNormal);
    let normal = variance_scaling_initializer(1.0, Fan::Out, WeightDistribution::Normal);
    for case in fixture["weights"].as_array().expect("a list") {
        let initializer: &dyn LinearOperatorWeightInitializer =
            match case["initializer"].as_str().expect("a name") {
                "xavier_uniform" => &xavier_uniform_initializer,
                "xavier_normal" => &xavier_normal_initializer,
                "fan_in_truncated" => &truncated,
                "fan_out_normal" => &normal,
                other => panic!("the fixture knows an initialiser `{other}`"),
            };
        let operator = WeightAxes {
            input: shape(&case["input_axes"]),
            output: shape(&case["output_axes"]),
            parallel: shape(&case["parallel_axes"]),
            convolution_spatial: shape(&case["convolution_spatial_axes"]),
        };
        let key = Key::new(case["seed"].as_u64().expect("a seed"));
        let dtype = if case["dtype"] == "f32" { DType::F32 } else { DType::BF16 };
        let drawn = initializer.init(key, &operator, dtype).unwrap();
        assert_eq!(drawn.named_shape(), shape(&case["shape"]));
        let digits: String = match dtype {
            DType::F32 => {
                let values = drawn.to_vec::<f32>().unwrap();
                values.into_iter().map(|x| format!("{:08x}", x.to_bits())).collect()
            }
            _ => {
                let values = drawn.to_vec::<half::bf16>().unwrap();
                values.into_iter().map(|x| format!("{:04x}", x.to_bits())).collect()
            }
        };
        assert_eq!(digits, case["values"].as_str().expect("digits"), "{}", case["initializer"]);
    }
}

#[test]
fn initialisers_order_axes_as_penzai_does() {
    let operator = WeightAxes {
        input: axes(&[("i", 2)]),
        output: axes(&[("o", 3)]),
        parallel: axes(&[("p", 4)]),
        convolution_spatial: axes(&[("w", 5)]),
    };
    let drawn = xavier_uniform_initializer(Key::new(0), &operator, DType::F32).unwrap();
    assert_eq!(names(&drawn), ["p", "w", "i", "o"]);
    let constant = constant_initializer(2.5).init(Key::new(0), &operator, DType::F32).unwrap();
    assert_eq!(names(&constant), ["i", "o", "p", "w"]);
    assert!(constant.to_vec::<f32>().unwrap().iter().all(|x| *x == 2.5));
    let half = zero_initializer(Key::new(0), &operator, DType::BF16).unwrap();
    assert_eq!(half.dtype(), DType::BF16);
}

#[test]
fn variance_counts_the_window_of_a_convolution() {
    let operator = WeightAxes {
        input: axes(&[("i", 50)]),
        output: axes(&[("o", 60)]),
        convolution_spatial: axes(&[("h", 3), ("w", 3)]),
        ..WeightAxes::default()
    };
    let he = variance_scaling_initializer(2.0, Fan::In, WeightDistribution::TruncatedNormal);
    let values = he.init(Key::new(0), &operator, DType::F32).unwrap().to_vec::<f32>().unwrap();
    let deviation = (values.iter().map(|x| f64::from(x * x)).sum::<f64>() / values.len() as f64).sqrt();
    assert!((deviation - 0.0666).abs() < 1e-3, "{deviation}");
}

#[test]
fn initialisers_refuse_axes_that_cannot_be() {
    let twice = WeightAxes { input: axes(&[("a", 2)]), output: axes(&[("a", 3)]), ..WeightAxes::default() };
    let text = message(zero_initializer(Key::new(0), &twice, DType::F32));
    assert!(text.contains("the axis `a` is named twice"), "{text}");
    let huge = WeightAxes { input: axes(&[("a", usize::MAX), ("b", 2)]), ..WeightAxes::default() };
    let text = message(xavier_uniform_initializer(Key::new(0), &huge, DType::F32));
    assert!(text.contains("more elements than memory can hold"), "{text}");
}

#[test]
fn a_parameter_is_drawn_left_empty_or_loaded() {
    let shape = axes(&[("x", 2)]);
    let zeros = |_| NamedArray::zeros([("x", 2)], DType::F32);
    let normal = |key: Key| key.normal([("x", 2)], DType::F32);
    let drawn = make_parameter("p", Key::new(0), &shape, normal).unwrap().value().unwrap();
    let alone = normal(derive_param_key(Key::new(0), "p")).unwrap();
    assert_eq!(drawn.to_vec::<f32>().unwrap(), alone.to_vec::<f32>().unwrap());
    let empty = make_parameter("p", Init::Slots, &shape, zeros).unwrap();
    assert!(message(empty.value()).contains("the parameter `p` has no value"));
    let load = |label: &str, wanted: &[(AxisName, usize)]| {
        assert_eq!((label, wanted), ("p", &shape[..]));
        NamedArray::from_vec(vec![3.0_f32, 4.0], [("x", 2)])
    };
    let loaded = make_parameter("p", Init::Loaded(&load), &shape, zeros).unwrap();
    assert_eq!(loaded.value().unwrap().to_vec::<f32>().unwrap(), [3.0, 4.0]);
}

#[test]
fn a_loaded_array_must_have_the_parameters_axes() {
    let wrong = |_: &str, _: &[(AxisName, usize)]| NamedArray::zeros([("x", 3), ("z", 1)], DType::F32);
    let text = message(make_parameter("p", Init::Loaded(&wrong), &axes(&[("x", 2), ("y", 1)]), |_| {
        NamedArray::zeros([("x", 2)], DType::F32)
    }));
    assert!(text.contains("`p` was given with `x: 3`, wanted is `x: 2`"), "{text}");
    assert!(text.contains("`p` was given without the axis `y: 1`"), "{text}");
    assert!(text.contains("`p` was given with an axis `z: 1`"), "{text}");
}

#[test]
fn linear_starts_from_penzais_weights() {
    let config = LinearConfig::new([("i", 3)], [("o", 2)]);
    let weights = weights_of(&Linear::from_config("lin", Key::new(0), &config).unwrap());
    assert_equal(&weights, &[0.0319529, -0.5844158, 0.3135285, 0.8705618, 0.4461779, 0.1680115]);
}

#[test]
fn affine_layers_compute_penzais_mlp() {
    let layer = |index: usize, input, output| {
        let config = LinearConfig::new([("features", input)], [("features", output)]);
        AnyLayer::new(Affine::from_config(&format!("mlp/Affine_{index}"), Key::new(0), &config).unwrap())
    };
    let relu = AnyLayer::new(Elementwise { function: Activation::Relu });
    let mlp = Sequential::new([layer(0, 2, 4), relu, layer(1, 4, 3)]);
    let first = mlp.sublayers[0].downcast_ref::<Affine>().unwrap();
    let types: Vec<_> = first.sublayers.iter().map(|layer| layer.info().type_name).collect();
    assert_eq!(types, ["Linear", "RenameAxes", "AddBias"]);
    let weights = [0.3019755, 0.022999, -0.5837688, 0.8589475, -0.1280711, 0.7668166, -0.0241776, -0.8448565];
    assert_equal(&weights_of(&first.sublayers[0]), &weights);
    let out = call(&mlp, &array(&[1.0, -2.0], &[("features", 2)])).unwrap();
    assert_close(&out, &[-1.4542527, -1.4048258, -0.528138]);
}

#[test]
fn linear_keeps_batch_axes_and_multiplies_along_parallel_ones() {
    let weights =
        array(&[1.0, 2.0, 3.0, 4.0], &[("p", 2), ("i", 2)]).broadcast_to([("p", 2), ("i", 2), ("o", 1)]);
    let linear = Linear::new(Parameter::new("l.weights", weights.unwrap()), ["i"], ["o"]);
    let out = call(&linear, &array(&[1.0, 10.0, 2.0, 20.0], &[("batch", 1), ("p", 2), ("i", 2)])).unwrap();
    assert_eq!(names(&out), ["batch", "p", "o"]);
    assert_equal(&out, &[21.0, 86.0]);
}

#[test]
fn linear_in_place_is_renamed_back() {
    let config = LinearConfig::new([("x", 2), ("y", 1)], [("x", 3)]);
    let linear = Linear::from_config("l", Key::new(0), &config).unwrap();
    let inside = linear.downcast_ref::<LinearInPlace>().unwrap();
    let out_names = &inside.sublayers[0].downcast_ref::<Linear>().unwrap().out_axis_names;
    assert_eq!(out_names, &[AxisName::new("x_out")]);
    let out = call(&linear, &array(&[1.0, 2.0], &[("x", 2), ("y", 1)])).unwrap();
    assert_eq!(out.named_shape(), axes(&[("x", 3)]));
}

#[test]
fn linear_config_names_every_axis_that_has_two_roles() {
    let config = LinearConfig {
        parallel_axes: axes(&[("x", 2)]),
        parallel_broadcast_axes: axes(&[("y", 1)]),
        rename_outputs_if_necessary: false,
        ..LinearConfig::new([("x", 2), ("z", 2)], [("y", 1), ("z", 2), ("y", 1)])
    };
    let text = message(Linear::from_config("l", Key::new(0), &config));
    for part in [
        "the axis `z` is in `input_axes` and in `output_axes`",
        "the axis `y` is twice in `output_axes`",
        "the axis `x` is in `input_axes` and in `parallel_axes`",
        "the axis `y` is in `output_axes` and in `parallel_broadcast_axes`",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let taken = LinearConfig::new([("x", 2), ("x_out", 2)], [("x", 2)]);
    let text = message(Linear::from_config("l", Key::new(0), &taken));
    assert!(text.contains("the name `x_out` it needs meanwhile is taken"), "{text}");
}

#[test]
fn linear_reports_all_that_does_not_fit() {
    let config = LinearConfig {
        parallel_axes: axes(&[("heads", 2)]),
        ..LinearConfig::new([("embedding", 8)], [("neurons", 3)])
    };
    let linear = Linear::from_config("block/mlp", Key::new(0), &config).unwrap();
    let text = message(call(&linear, &array(&[0.0; 12], &[("embedding", 4), ("neurons", 3)])));
    assert!(text.starts_with("Linear (block/mlp.weights): 3 problems"), "{text}");
    for part in [
        "the input has `embedding: 4`, and `block/mlp.weights` has `embedding: 8`",
        "the input has no axis `heads`, and `block/mlp.weights` has `heads: 2`",
        "the input already has the axis `neurons`, which the layer makes",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let positional = NamedArray::from_positional(vec![0_i32; 8], &[8]).unwrap();
    let text = message(call(&linear, &positional));
    assert!(text.contains("the input is i32, and must be of a floating type"), "{text}");
    assert!(text.contains("the input has positional axes [8]"), "{text}");
    let empty = Linear::from_config("block/mlp", Init::Slots, &config).unwrap();
    let text = message(call(&empty, &array(&[0.0], &[("x", 1)])));
    assert!(text.contains("the parameter `block/mlp.weights` has no value"), "{text}");
}

#[test]
fn a_bias_may_bring_axes() {
    let half = constant_initializer(0.5);
    let bias = AddBias::from_config("b", Key::new(0), &[], &axes(&[("n", 2)]), &half, DType::F32).unwrap();
    let out = call(&bias, &array(&[1.0, 2.0], &[("x", 2)])).unwrap();
    assert_eq!(names(&out), ["x", "n"]);
    assert_equal(&out, &[1.5, 1.5, 2.5, 2.5]);
    let text = message(call(&bias, &array(&[1.0, 2.0], &[("n", 2)])));
    assert!(text.contains("the input already has the axis `n: 2`, which the layer makes"), "{text}");
    let config = LinearConfig::new([("i", 1)], [("o", 2)]);
    let affine = Affine::with_bias("a", Key::new(0), &config, Arc::new(constant_initializer(1.0))).unwrap();
    let text = message(call(&affine.sublayers[1], &array(&[1.0; 3], &[("o", 3)])));
    assert!(text.contains("the input has `o: 3`, and `a/AddBias.bias` has `o: 2`"), "{text}");
}

#[test]
fn axes_can_swap_names() {
    let swap = RenameAxes::new([("a", "b"), ("b", "a")]);
    let out = call(&swap, &array(&[1.0, 2.0, 3.0], &[("a", 1), ("b", 3)])).unwrap();
    assert_eq!((out.size("a"), out.size("b")), (Some(3), Some(1)));
    let text = message(call(&swap, &array(&[1.0], &[("a", 1)])));
    assert!(text.contains("`b`"), "{text}");
}

#[test]
fn norms_give_penzais_numbers() {
    let x = array(&[1.0, 2.0, 3.0, 4.0], &[("x", 4)]);
    assert_close(
        &call(&Standardize::new(["x"]), &x).unwrap(),
        &[-1.3416404, -0.4472134, 0.4472134, 1.3416404],
    );
    assert_close(
        &call(&RMSStandardize::new(["x"]), &x).unwrap(),
        &[0.3651483, 0.7302967, 1.095445, 1.4605933],
    );
    let norm = LayerNorm::from_config("ln", Key::new(0), &axes(&[("x", 4)]), 1e-6, DType::F32).unwrap();
    let labels: Vec<_> = norm.sublayers.iter().map(|layer| layer.info().type_name).collect();
    assert_eq!(labels, ["Standardize", "Linear", "AddBias"]);
    let y = array(&[1.0, 2.0, 3.0, 5.0], &[("x", 4)]);
    assert_close(&call(&norm, &y).unwrap(), &[-1.1832157, -0.5070925, 0.1690308, 1.5212773]);
}

#[test]
fn norms_run_over_all_their_axes_together_and_put_them_last() {
    let x = array(&[1.0, 2.0, 3.0, 4.0], &[("x", 2), ("y", 2)])
        .broadcast_to([("x", 2), ("b", 2), ("y", 2)])
        .unwrap();
    let out = call(&RMSStandardize::new(["x", "y"]), &x).unwrap();
    assert_eq!(names(&out), ["b", "x", "y"]);
    let row = [0.3651483, 0.7302967, 1.095445, 1.4605933];
    assert_close(&out, &[row, row].concat());
    let constant = call(&Standardize::new(["y"]), &array(&[7.0; 3], &[("y", 3)])).unwrap();
    assert_equal(&constant, &[0.0; 3]);
}

#[test]
fn an_rms_norm_scales_by_its_parameter() {
    let scale = |label: &str, shape: &[(AxisName, usize)]| {
        assert_eq!((label, shape), ("n/scale.weights", &axes(&[("x", 2)])[..]));
        Ok(array(&[2.0, 10.0], &[("x", 2)]))
    };
    let norm =
        RMSLayerNorm::from_config("n", Init::Loaded(&scale), &axes(&[("x", 2)]), 0.0, DType::F32).unwrap();
    let out = call(&norm, &array(&[3.0, 3.0, 1.0, -1.0], &[("batch", 2), ("x", 2)])).unwrap();
    assert_eq!(names(&out), ["batch", "x"]);
    assert_close(&out, &[2.0, 10.0, 2.0, -10.0]);
}

#[test]
fn norms_keep_the_element_type() {
    let x = array(&[1.0, 2.0], &[("x", 2)]).cast(DType::BF16).unwrap();
    assert_eq!(call(&Standardize::new(["x"]), &x).unwrap().dtype(), DType::BF16);
    assert_eq!(call(&RMSStandardize::new(["x"]), &x).unwrap().dtype(), DType::BF16);
}

#[test]
fn embeddings_start_as_in_penzai_and_are_looked_up_by_row() {
    let table = EmbeddingTable::from_config("e", Key::new(0), 5, &axes(&[("d", 2)]), DType::F32).unwrap();
    let rows = [
        0.3750122, -0.3801245, 1.3114918, 0.1391073, -0.4783226, -0.2698819, 1.3332858, 1.0806115, 0.5417854,
        0.5506761,
    ];
    assert_equal(&table.embeddings.value().unwrap(), &rows);
    let lookup = EmbeddingLookup { table: table.clone() };
    let tokens = NamedArray::from_vec(vec![3_i32, 0, 99], [("seq", 3)]).unwrap();
    let out = call(&lookup, &tokens).unwrap();
    assert_eq!(names(&out), ["d", "seq"]);
    assert_equal(&out, &[1.3332858, 0.3750122, 0.5417854, 1.0806115, -0.3801245, 0.5506761]);
    let logits = call(&EmbeddingDecode { table }, &array(&[1.0, 10.0], &[("seq", 1), ("d", 2)])).unwrap();
    assert_eq!(names(&logits), ["seq", "vocabulary"]);
    let dots: Vec<f32> = rows.chunks(2).map(|row| row[0] + 10.0 * row[1]).collect();
    assert_close(&logits, &dots);
}

#[test]
fn embeddings_name_what_does_not_fit() {
    let table = EmbeddingTable::from_config("e", Key::new(0), 5, &axes(&[("d", 2)]), DType::F32).unwrap();
    let lookup = EmbeddingLookup { table: table.clone() };
    let text = message(call(&lookup, &array(&[1.0], &[("seq", 1)])));
    assert!(
        text.contains("EmbeddingLookup (e.embeddings): the tokens are f32, and must be integers"),
        "{text}"
    );
    let text = message(call(&lookup, &NamedArray::from_vec(vec![1_i32], [("d", 1)]).unwrap()));
    assert!(text.contains("the tokens have an axis `d`"), "{text}");
    let text = message(call(&EmbeddingDecode { table }, &array(&[1.0; 3], &[("d", 3), ("vocabulary", 1)])));
    assert!(text.contains("the input has `d: 3`, and `e.embeddings` has `d: 2`"), "{text}");
    assert!(text.contains("the input already has the axis `vocabulary`"), "{text}");
    let clash = EmbeddingTable::from_config("e", Key::new(0), 5, &axes(&[("vocabulary", 2)]), DType::F32);
    assert!(message(clash).contains("the axis `vocabulary` is named twice"));
}

#[test]
fn activations_give_jaxs_numbers() {
    let x = array(&[-1.0, 0.5, 2.0], &[("x", 3)]);
    let apply = |function| call(&Elementwise { function }, &x).unwrap();
    assert_close(&apply(Activation::Gelu), &[-0.158808, 0.345714, 1.9545977]);
    assert_close(&apply(Activation::GeluExact), &[-0.1586553, 0.3457312, 1.9544997]);
    assert_close(&apply(Activation::Silu), &[-0.2689414, 0.3112297, 1.761_594]);
    assert_equal(&apply(Activation::Relu), &[0.0, 0.5, 2.0]);
    assert_equal(&apply(Activation::Custom("double", |x| x.mul(2.0))), &[-2.0, 1.0, 4.0]);
}

#[test]
fn activations_are_the_same_by_name() {
    let custom = |name| Activation::Custom(name, |x| x.mul(2.0));
    assert_eq!(Activation::Relu, Activation::Relu);
    assert_ne!(Activation::Relu, custom("relu"));
    assert_eq!(custom("double"), custom("double"));
    assert_ne!(custom("double"), custom("twice"));
    assert_eq!(format!("{:?}", Activation::GeluExact), "gelu_exact");
}

#[test]
fn softmax_sums_to_one_over_its_axes() {
    let x = array(&[1.0, 2.0, 3.0, 4.0], &[("x", 4)]);
    assert_close(&call(&Softmax::new(["x"]), &x).unwrap(), &[0.0320586, 0.0871443, 0.2368828, 0.6439143]);
    let extreme = array(&[1e30, 1e30, f32::NEG_INFINITY], &[("x", 3)]);
    assert_equal(&call(&Softmax::new(["x"]), &extreme).unwrap(), &[0.5, 0.5, 0.0]);
    let square =
        array(&[1.0, 2.0, 3.0, 4.0], &[("x", 2), ("y", 2)]).broadcast_to([("x", 2), ("b", 3), ("y", 2)]);
    let out = call(&Softmax::new(["x", "y"]), &square.unwrap()).unwrap();
    assert_eq!(names(&out), ["b", "x", "y"]);
    assert_close(&out.sum(["x", "y"]).unwrap(), &[1.0; 3]);
}

#[test]
fn a_soft_cap_bends_large_values() {
    let cap = TanhSoftCap { soft_cap: NamedArray::scalar(2.0_f32) };
    let x = array(&[1.0, 2.0, 3.0, 4.0], &[("x", 4)]);
    assert_close(&call(&cap, &x).unwrap(), &[0.9242343, 1.5231884, 1.8102964, 1.9280552]);
}

#[test]
fn casts_and_factors_reach_every_array_of_a_tuple() {
    let nested = || {
        let pair = Value::from([array(&[1.0], &[("x", 1)]), array(&[2.0], &[("x", 1)])]);
        Value::Tuple(vec![Value::from(array(&[3.0], &[("x", 1)])), pair, Value::Tuple(vec![])])
    };
    let flat = |value: Value| {
        let Value::Tuple(items) = value else { panic!("a tuple") };
        let [first, pair, empty] = <[Value; 3]>::try_from(items).expect("three items");
        assert!(matches!(empty, Value::Tuple(items) if items.is_empty()));
        let [second, third] = pair.into_tuple::<2>("test").unwrap();
        [first.into_array("test").unwrap(), second, third]
    };
    let side = SideInputs::new();
    let factor = ConstantRescale { by: NamedArray::scalar(10.0_f32) };
    let scaled = flat(factor.call(nested(), &side).unwrap());
    assert_eq!(scaled.map(|array| array.to_vec::<f32>().unwrap()), [[30.0], [10.0], [20.0]]);
    let cast = flat(CastToDType { dtype: DType::I32 }.call(nested(), &side).unwrap());
    assert_eq!(cast.map(|array| array.to_vec::<i32>().unwrap()), [[3], [1], [2]]);
    let same = flat(Identity {}.call(nested(), &side).unwrap());
    assert_eq!(same.map(|array| array.to_vec::<f32>().unwrap()), [[3.0], [1.0], [2.0]]);
    let integers = call(&factor, &NamedArray::from_vec(vec![1_i32], [("x", 1)]).unwrap()).unwrap();
    assert_eq!(integers.to_vec::<f32>().unwrap(), [10.0]);
}
