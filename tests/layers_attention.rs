//! Combinators, einsum, masks, rotary positions and attention, as a user calls them. Expected numbers are Penzai's.

use pz::nn::{
    AnyLayer, ApplyCausalAttentionMask, ApplyCausalSlidingWindowAttentionMask, ApplyExplicitAttentionMask,
    ApplyRoPE, Attention, BranchAndAddTogether, BranchAndMultiplyTogether, CacheConfig, ConstantRescale,
    Identity, KVCachingAttention, Layer, NamedEinsum, NamedGroup, Residual, Sequential, SideInputs, Softmax,
    Value,
};
use pz::{AxisName, DType, NamedArray, Result};

fn names(array: &NamedArray) -> Vec<&'static str> {
    array.named_shape().iter().map(|(name, _)| name.as_str()).collect()
}

fn call(layer: &impl Layer, input: impl Into<Value>, side: &SideInputs) -> Result<NamedArray> {
    layer.call(input.into(), side)?.into_array("test")
}

#[track_caller]
fn assert_close(array: &NamedArray, wanted: &[f32]) {
    let found = array.to_vec::<f32>().expect("the array has a value");
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() <= 1e-5 * wanted.abs().max(1.0), "{found} is not {wanted}");
    }
}

#[track_caller]
fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("this should fail"),
        Err(error) => error.to_string(),
    }
}

fn times(factor: f32) -> AnyLayer {
    AnyLayer::new(ConstantRescale { by: NamedArray::scalar(factor) })
}

/// A layer that changes the order of axes: to tell whose order a result has.
fn transposed(names: &'static [&'static str]) -> AnyLayer {
    let axes: Vec<_> = names.iter().map(|name| (*name, *name)).collect();
    AnyLayer::new(Sequential::new([
        AnyLayer::new(Tupled),
        AnyLayer::new(NamedEinsum::new(&[&axes[..]], &axes)),
    ]))
}

#[pz::pytree_dataclass]
struct Tupled;

impl Layer for Tupled {
    fn call(&self, input: Value, _side: &SideInputs) -> Result<Value> {
        Ok(Value::Tuple(vec![input]))
    }
}

fn two_by_three() -> NamedArray {
    NamedArray::from_vec((1..=6).map(|i| i as f32).collect(), [("a", 2), ("b", 3)]).unwrap()
}

#[test]
fn chains_call_their_layers_in_order() {
    let side = SideInputs::new();
    let x = NamedArray::from_vec(vec![1.0_f32, 2.0], [("a", 2)]).unwrap();
    let chain = Sequential::new([times(2.0), AnyLayer::new(Residual::new(times(3.0)))]);
    assert_close(&call(&chain, x.clone(), &side).unwrap(), &[8.0, 16.0]);
    assert_close(&call(&NamedGroup::new("none", []), x, &side).unwrap(), &[1.0, 2.0]);
}

#[test]
fn a_residual_has_the_axis_order_of_its_delta() {
    let out = call(&Residual::new(transposed(&["b", "a"])), two_by_three(), &SideInputs::new()).unwrap();
    assert_eq!(names(&out), ["b", "a"]);
    assert_close(&out, &[2.0, 8.0, 4.0, 10.0, 6.0, 12.0]);
}

#[test]
fn branches_are_joined_from_the_first() {
    let side = SideInputs::new();
    let branches = vec![transposed(&["b", "a"]), AnyLayer::new(Identity {})];
    let sum = call(&BranchAndAddTogether { branches: branches.clone() }, two_by_three(), &side).unwrap();
    assert_eq!(names(&sum), ["b", "a"]);
    assert_close(&sum, &[2.0, 8.0, 4.0, 10.0, 6.0, 12.0]);
    let product = call(&BranchAndMultiplyTogether { branches }, two_by_three(), &side).unwrap();
    assert_close(&product, &[1.0, 16.0, 4.0, 25.0, 9.0, 36.0]);
}

#[test]
fn no_branches_are_an_error() {
    let text = message(call(&BranchAndAddTogether { branches: vec![] }, two_by_three(), &SideInputs::new()));
    assert!(text.starts_with("BranchAndAddTogether: there are no branches"), "{text}");
}

#[test]
fn errors_name_the_way_to_the_layer() {
    let rope = ApplyRoPE::new("missing", 1e4, "token_positions");
    let model = Sequential::new([AnyLayer::new(Identity {}), AnyLayer::new(Residual::new(rope))]);
    let text = message(call(&model, two_by_three(), &SideInputs::new()));
    assert!(text.contains("`token_positions` was not given"), "{text}");
    assert!(text.contains("Sequential.sublayers[1]/Residual.delta"), "{text}");
}

#[test]
fn einsum_keeps_batch_axes_first_and_orders_the_rest_as_asked() {
    // By hand, from x = arange(12) over (i, z, j) and y = arange(6) over (i, j, z).
    let x =
        NamedArray::from_vec((0..12).map(|i| i as f32).collect(), [("i", 2), ("z", 2), ("j", 3)]).unwrap();
    let y = NamedArray::from_vec((0..6).map(|i| i as f32).collect(), [("i", 1), ("j", 3), ("z", 2)]).unwrap();
    let layer =
        NamedEinsum::new(&[&[("i", "m"), ("j", "p")], &[("i", "n"), ("j", "p")]], &[("k", "n"), ("i", "m")]);
    let out = call(&layer, Value::from([x, y]), &SideInputs::new()).unwrap();
    assert_eq!(names(&out), ["z", "k", "i"]);
    // z=0: x[i,0] = [0,1,2],[6,7,8]; y[0,:,0] = [0,2,4]. z=1: x[i,1] = [3,4,5],[9,10,11]; y[0,:,1] = [1,3,5].
    assert_close(&out, &[10.0, 46.0, 40.0, 94.0]);
}

#[test]
fn einsum_takes_diagonals_and_sums_what_is_not_asked_for() {
    let side = SideInputs::new();
    let square = NamedArray::from_vec((1..=9).map(|i| i as f32).collect(), [("r", 3), ("c", 3)]).unwrap();
    let diagonal = NamedEinsum::new(&[&[("r", "i"), ("c", "i")]], &[("d", "i")]);
    assert_close(&call(&diagonal, Value::from([square.clone()]), &side).unwrap(), &[1.0, 5.0, 9.0]);
    let trace = NamedEinsum::new(&[&[("r", "i"), ("c", "i")]], &[]);
    assert_close(&call(&trace, Value::from([square.clone()]), &side).unwrap(), &[15.0]);
    let columns = NamedEinsum::new(&[&[("r", "r"), ("c", "c")]], &[("c", "c")]);
    assert_close(&call(&columns, Value::from([square]), &side).unwrap(), &[12.0, 15.0, 18.0]);
}

#[test]
fn einsum_of_three_arrays() {
    let vector = |axis: &'static str, values: Vec<f32>| NamedArray::from_vec(values, [(axis, 2)]).unwrap();
    let layer = NamedEinsum::new(&[&[("a", "x")], &[("b", "y")], &[("a", "x")]], &[("b", "y")]);
    let arrays = [vector("a", vec![1.0, 2.0]), vector("b", vec![3.0, 4.0]), vector("a", vec![5.0, 6.0])];
    assert_close(&call(&layer, Value::from(arrays), &SideInputs::new()).unwrap(), &[51.0, 68.0]);
}

#[test]
fn an_index_may_have_the_name_of_a_batch_axis() {
    let x = NamedArray::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [("p", 2), ("a", 2)]).unwrap();
    let layer = NamedEinsum::new(&[&[("a", "p")], &[("a", "p")]], &[]);
    let out = call(&layer, Value::from([x.clone(), x]), &SideInputs::new()).unwrap();
    assert_eq!(names(&out), ["p"]);
    assert_close(&out, &[5.0, 25.0]);
}

#[test]
fn einsum_reports_all_that_does_not_fit() {
    let side = SideInputs::new();
    let x = NamedArray::from_vec(vec![1_i32, 2], [("a", 2)]).unwrap();
    let y = NamedArray::from_vec(vec![1.0_f32; 6], [("a", 3), ("more", 2)]).unwrap();
    let layer = NamedEinsum::new(&[&[("a", "i")], &[("a", "i"), ("b", "j")]], &[("o", "k")]);
    let text = message(call(&layer, Value::from([x.clone(), y]), &side));
    for part in
        ["5 problems", "input 0 is i32", "no axis `b`", "size 2", "size 3", "(\"more\", 2)", "index `k`"]
    {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    assert!(message(call(&layer, x, &side)).contains("takes a tuple of 2 arrays, and was given one array"));
}

fn positions(values: Vec<i32>) -> SideInputs {
    let size = values.len();
    SideInputs::new().with("token_positions", NamedArray::from_vec(values, [("seq", size)]).unwrap())
}

fn ones() -> NamedArray {
    NamedArray::ones([("seq", 3), ("kv_seq", 3)], DType::F32).unwrap()
}

#[test]
fn the_causal_mask_hides_later_tokens_and_padding() {
    let mask = ApplyCausalAttentionMask::new(NamedArray::scalar(-9.0_f32));
    let out = call(&mask, ones(), &positions(vec![0, 1, 2])).unwrap();
    assert_eq!(names(&out), ["seq", "kv_seq"]);
    assert_close(&out, &[1.0, -9.0, -9.0, 1.0, 1.0, -9.0, 1.0, 1.0, 1.0]);
    let out = call(&mask, ones(), &positions(vec![-1, 0, 1])).unwrap();
    assert_close(&out, &[-9.0, -9.0, -9.0, -9.0, 1.0, -9.0, -9.0, 1.0, 1.0]);
}

#[test]
fn the_sliding_window_counts_the_token_itself() {
    let mask =
        ApplyCausalSlidingWindowAttentionMask::new(NamedArray::scalar(-9.0_f32), NamedArray::scalar(2_i32));
    let out = call(&mask, ones(), &positions(vec![0, 1, 2])).unwrap();
    assert_close(&out, &[1.0, -9.0, -9.0, 1.0, 1.0, -9.0, -9.0, 1.0, 1.0]);
}

#[test]
fn the_axes_of_a_mask_come_first() {
    let mask = NamedArray::from_vec(vec![true, false], [("b", 2)]).unwrap();
    let layer = ApplyExplicitAttentionMask {
        mask_input_name: "mask".into(),
        masked_out_value: NamedArray::scalar(0.0_f32),
    };
    let x = NamedArray::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [("a", 2), ("b", 2)]).unwrap();
    let out = call(&layer, x, &SideInputs::new().with("mask", mask)).unwrap();
    assert_eq!(names(&out), ["b", "a"]);
    assert_close(&out, &[1.0, 3.0, 0.0, 0.0]);
    let text = message(call(&layer, ones(), &SideInputs::new()));
    assert!(text.contains("`mask` was not given"), "{text}");
}

fn one_to_four() -> NamedArray {
    NamedArray::from_vec(vec![1.0_f32, 2.0, 3.0, 4.0], [("projection", 4), ("seq", 1)]).unwrap()
}

#[test]
fn rotary_positions_turn_halves() {
    let rope = ApplyRoPE::new("projection", 1e4, "token_positions");
    let out = call(&rope, one_to_four(), &positions(vec![0])).unwrap();
    assert_eq!(names(&out), ["seq", "projection"]);
    assert_close(&out, &[1.0, 2.0, 3.0, 4.0]);
    let out = call(&rope, one_to_four(), &positions(vec![1])).unwrap();
    assert_close(&out, &[-1.9841106, 1.9599006, 2.4623778, 4.0197997]);
    let scaled = ApplyRoPE { scale_factor: 2.0, ..ApplyRoPE::new("projection", 100.0, "token_positions") };
    let out = call(&scaled, one_to_four(), &positions(vec![3])).unwrap();
    assert_close(&out, &[-2.921_748, 1.3797896, 1.2097065, 4.2539606]);
}

#[test]
fn rotary_positions_judge_their_input() {
    let x = NamedArray::ones([("seq", 1), ("projection", 3)], DType::F32).unwrap();
    let rope = ApplyRoPE { scale_factor: 0.5, ..ApplyRoPE::new("projection", 1e4, "token_positions") };
    let side = SideInputs::new()
        .with("token_positions", NamedArray::zeros([("projection", 3), ("batch", 2)], DType::I32).unwrap());
    let text = message(call(&rope, x, &side));
    for part in ["4 problems", "`projection: 3` is odd", "embedding axis `projection`", "axis `batch`", "0.5"]
    {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

/// Queries are half the input, keys the input, values twice the input; one head.
fn small_attention() -> Attention {
    let scores = NamedEinsum::new(
        &[&[("seq", "tq"), ("projection", "p")], &[("seq", "tkv"), ("projection", "p")]],
        &[("seq", "tq"), ("kv_seq", "tkv")],
    );
    let values = NamedEinsum::new(
        &[&[("seq", "tq"), ("kv_seq", "tkv")], &[("seq", "tkv"), ("projection", "p")]],
        &[("seq", "tq"), ("projection", "p")],
    );
    let mask = ApplyCausalAttentionMask::new(NamedArray::scalar(-1e10_f32));
    Attention {
        input_to_query: times(0.5),
        input_to_key: AnyLayer::new(Identity {}),
        input_to_value: times(2.0),
        query_key_to_attn: AnyLayer::new(Sequential::new([
            AnyLayer::new(scores),
            AnyLayer::new(mask),
            AnyLayer::new(Softmax { axes: vec!["kv_seq".into()] }),
        ])),
        attn_value_to_output: AnyLayer::new(values),
    }
}

const ATTENDED: [f32; 12] = [
    0.0, 0.2, 0.4, 0.6, //
    0.4866072, 0.6866072, 0.8866072, 1.0866072, //
    1.1706349, 1.3706348, 1.5706348, 1.7706348,
];

fn rows(range: std::ops::Range<usize>) -> NamedArray {
    let values = (4 * range.start..4 * range.end).map(|i| i as f32 / 10.0).collect();
    NamedArray::from_vec(values, [("seq", range.len()), ("projection", 4)]).unwrap()
}

#[test]
fn attention_sees_what_came_before() {
    let out = call(&small_attention(), rows(0..3), &positions(vec![0, 1, 2])).unwrap();
    assert_close(&out, &ATTENDED);
}

fn cached(cache_len: usize, cached_axes: Vec<(AxisName, usize)>) -> KVCachingAttention {
    let mut attention = small_attention();
    let mask = ApplyCausalAttentionMask {
        kv_positions_input_name: "kv_token_positions".into(),
        ..ApplyCausalAttentionMask::new(NamedArray::scalar(-1e10_f32))
    };
    let swapped = pz::select(&attention).at_instances_of::<ApplyCausalAttentionMask>().set(mask);
    attention = swapped.unwrap();
    let config = CacheConfig {
        sequence_axis: "seq".into(),
        cache_len,
        cached_axes,
        cache_end_index_key: "cache_end_index".into(),
        cache_dtype: DType::F32,
        cache_label: "cache".into(),
    };
    KVCachingAttention::from_uncached(&attention, config).unwrap()
}

fn cache_side(end: i32, count: usize) -> SideInputs {
    positions((end..end + count as i32).collect())
        .with("kv_token_positions", NamedArray::arange("seq", 4))
        .with("cache_end_index", NamedArray::scalar(end))
}

#[test]
fn a_cache_gives_the_same_one_token_at_a_time() {
    let layer = cached(4, vec![("projection".into(), 4)]);
    for row in 0..3 {
        let out = call(&layer, rows(row..row + 1), &cache_side(row as i32, 1)).unwrap();
        assert_close(&out, &ATTENDED[4 * row..4 * row + 4]);
    }
    let keys = layer.kv_cache.value().keys.order_as(["seq", "projection"]).unwrap();
    let wanted: Vec<f32> = (0..16).map(|i| if i < 12 { i as f32 / 10.0 } else { 0.0 }).collect();
    assert_close(&keys, &wanted);
}

#[test]
fn a_full_cache_is_an_error_and_stays_as_it_is() {
    let layer = cached(4, vec![("projection".into(), 4)]);
    let text = message(call(&layer, rows(0..2), &cache_side(3, 2)));
    assert!(text.contains("the cache holds 4 tokens; 2 more do not fit after the first 3"), "{text}");
    let text = message(call(&layer, rows(0..2), &cache_side(-1, 2)));
    assert!(text.contains("2 more do not fit after the first -1"), "{text}");
    assert_close(&layer.kv_cache.value().keys, &[0.0; 16]);
}

#[test]
fn a_cache_takes_no_axes_that_it_was_not_made_with() {
    let layer = cached(4, vec![("projection".into(), 4)]);
    let batch = NamedArray::zeros([("batch", 2), ("seq", 1), ("projection", 4)], DType::F32).unwrap();
    let text = message(call(&layer, batch, &cache_side(0, 1)));
    assert!(text.contains("the keys have an axis `batch: 2`, and the cache was made without it"), "{text}");
    let layer = cached(4, vec![("projection".into(), 4), ("batch".into(), 2)]);
    let text = message(call(&layer, rows(0..1), &cache_side(0, 1)));
    assert!(text.contains("the values have no axis `batch`"), "{text}");
}

#[test]
fn a_cache_needs_to_know_where_it_ends() {
    let text = message(call(&cached(4, vec![("projection".into(), 4)]), rows(0..1), &positions(vec![0])));
    assert!(text.contains("`cache_end_index` was not given"), "{text}");
}

#[test]
fn layers_nested_without_end_are_refused_in_words() {
    let mut layer = AnyLayer::new(Sequential { sublayers: Vec::new() });
    for _ in 0..20_000 {
        layer = AnyLayer::new(Sequential { sublayers: vec![layer] });
    }
    let error = layer.call(NamedArray::scalar(1f32).into(), &SideInputs::new()).unwrap_err().to_string();
    assert!(error.contains("at most 200 may"), "{error}");
}
