//! Rotary positions, masks, attention, and attention with a cache.

use pz::nn::{
    AnyLayer, ApplyCausalAttentionMask, ApplyCausalSlidingWindowAttentionMask, ApplyExplicitAttentionMask,
    ApplyRoPE, Attention, CacheConfig, ConstantRescale, Init, KVCachingAttention, NamedEinsum, Sequential,
    SideInputs, Softmax,
};
use pz::{DType, NamedArray, Result};
use serde_json::Value;

use crate::fixture::{
    FORWARD, Verdict, agrees, array, arrays, cases, count, list, name, number, sizes, text,
};
use crate::layer_gradients;
use crate::layers::call;

const SIDE_INPUTS: [&str; 4] = ["token_positions", "kv_token_positions", "cache_end_index", "mask"];

fn side_inputs(value: &Value) -> SideInputs {
    list(value).iter().fold(SideInputs::new(), |side, pair| {
        let known = SIDE_INPUTS.into_iter().find(|known| *known == text(&pair[0]));
        side.with(known.unwrap_or_else(|| panic!("{pair} is no side input")), array(&pair[1]))
    })
}

/// Queries 0.5 x, keys x, values 2 x, causal, one head.
fn attention() -> Attention {
    let times = |factor: f32| AnyLayer::new(ConstantRescale { by: NamedArray::scalar(factor) });
    let query: [(&str, &str); 2] = [("seq", "q"), ("f", "f")];
    let key: [(&str, &str); 2] = [("seq", "k"), ("f", "f")];
    let scores: [(&str, &str); 2] = [("seq", "q"), ("kv_seq", "k")];
    let mask = ApplyCausalAttentionMask {
        kv_positions_input_name: "kv_token_positions".into(),
        ..ApplyCausalAttentionMask::new(NamedArray::scalar(-2.3819763e38_f32))
    };
    Attention {
        input_to_query: times(0.5),
        input_to_key: times(1.0),
        input_to_value: times(2.0),
        query_key_to_attn: AnyLayer::new(Sequential::new([
            AnyLayer::new(NamedEinsum::new(&[&query, &key], &scores)),
            AnyLayer::new(mask),
            AnyLayer::new(Softmax::new(["kv_seq"])),
        ])),
        attn_value_to_output: AnyLayer::new(NamedEinsum::new(&[&scores, &key], &query)),
    }
}

fn build(layer: &str, config: &Value) -> AnyLayer {
    let masked_out = || NamedArray::scalar(number(&config["masked_out_value"]) as f32);
    match layer {
        "ApplyRoPE" => {
            let wavelength = number(&config["max_wavelength"]) as f32;
            AnyLayer::new(ApplyRoPE::new(name(&config["embedding_axis"]), wavelength, "token_positions"))
        }
        "ApplyCausalAttentionMask" => {
            let mut mask = ApplyCausalAttentionMask::new(masked_out());
            if let Some(positions) = config.get("kv_positions") {
                mask.kv_positions_input_name = text(positions).to_owned();
            }
            AnyLayer::new(mask)
        }
        "ApplyCausalSlidingWindowAttentionMask" => {
            let size = NamedArray::scalar(count(&config["sliding_window_size"]) as i32);
            AnyLayer::new(ApplyCausalSlidingWindowAttentionMask::new(masked_out(), size))
        }
        "ApplyExplicitAttentionMask" => AnyLayer::new(ApplyExplicitAttentionMask {
            mask_input_name: "mask".into(),
            masked_out_value: masked_out(),
        }),
        "Attention" => AnyLayer::new(attention()),
        _ => panic!("no layer `{layer}`"),
    }
}

fn cached(case: &Value) -> Result<(), String> {
    let as_text = |error: pz::Error| error.to_string();
    let config = CacheConfig {
        sequence_axis: "seq".into(),
        cache_len: count(&case["config"]["cache_len"]),
        cached_axes: sizes(&case["config"]["cached_axes"]),
        cache_end_index_key: "cache_end_index".into(),
        cache_dtype: DType::F32,
        cache_label: "cache".into(),
    };
    let layer = KVCachingAttention::from_uncached(&attention(), config).map_err(as_text)?;
    for (at, step) in list(&case["steps"]).iter().enumerate() {
        let found = call(&layer, arrays(&step["in"]), &side_inputs(&step["side"])).map_err(as_text)?;
        agrees(&found, &step["out"], FORWARD).map_err(|problem| format!("step {at}: {problem}"))?;
    }
    let cache = layer.kv_cache.value();
    agrees(&cache.keys, &case["cache"][0], FORWARD).map_err(|problem| format!("cached keys: {problem}"))?;
    agrees(&cache.values, &case["cache"][1], FORWARD).map_err(|problem| format!("cached values: {problem}"))
}

#[test]
fn attention_is_that_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("attention") {
        let layer = text(&case["layer"]);
        let outcome = if layer == "KVCachingAttention" {
            cached(&case)
        } else {
            call(&build(layer, &case["config"]), arrays(&case["in"]), &side_inputs(&case["side"]))
                .map_err(|error| error.to_string())
                .and_then(|found| agrees(&found, &case["out"], FORWARD))
                .and_then(|()| {
                    let build = |_: Init<'_>| Ok(build(layer, &case["config"]));
                    layer_gradients::agree_with(&case, build, || side_inputs(&case["side"]))
                })
        };
        verdict.record(text(&case["case"]), outcome);
    }
    verdict.finish(36);
}
