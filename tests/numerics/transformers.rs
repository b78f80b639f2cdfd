//! Whole small transformers: parameters, logits, and logits from a cache, with and without padding.

use pz::models::transformer::{
    AttentionType, KVCachingTransformerLM, LlamalikeTransformerConfig, MlpVariant, TransformerLM,
    build_llamalike_transformer,
};
use pz::nn::{Init, Layer, SideInputs};
use pz::random::Key;
use pz::{AxisName, NamedArray, Result};
use serde_json::Value;

use crate::fixture::{FORWARD, Verdict, agrees, array, cases, count, list, number, text};
use crate::layers::{call, load_from, same_parameters};

pub fn config_of(config: &Value) -> LlamalikeTransformerConfig {
    let mut made = LlamalikeTransformerConfig {
        num_kv_heads: count(&config["num_kv_heads"]),
        query_head_multiplier: count(&config["query_head_multiplier"]),
        embedding_dim: count(&config["embedding_dim"]),
        projection_dim: count(&config["projection_dim"]),
        mlp_hidden_dim: count(&config["mlp_hidden_dim"]),
        num_decoder_blocks: count(&config["num_decoder_blocks"]),
        vocab_size: count(&config["vocab_size"]),
        mlp_variant: match text(&config["mlp_variant"]) {
            "swiglu" => MlpVariant::Swiglu,
            "geglu_approx" => MlpVariant::GegluApprox,
            "geglu_exact" => MlpVariant::GegluExact,
            other => panic!("no gate `{other}`"),
        },
        tie_embedder_and_logits: config["tie_embedder_and_logits"] == true,
        use_post_attn_norm: config["use_post_attn_norm"] == true,
        use_post_ffw_norm: config["use_post_ffw_norm"] == true,
        query_scaling_factor: config.get("query_scaling_factor").map(|factor| number(factor) as f32),
        ..Default::default()
    };
    if let Some(wavelength) = config.get("rope_wavelength") {
        made.rope_wavelength = number(wavelength) as f32;
    }
    if let Some(epsilon) = config.get("rms_norm_eps") {
        made.rms_norm_eps = number(epsilon) as f32;
    }
    let window = |size: &Value| match size {
        Value::Null => AttentionType::GlobalCausal,
        size => AttentionType::SlidingWindowCausal { window_size: count(size) },
    };
    made.attention_type = list(&config["windows"]).iter().map(window).collect();
    made
}

/// The parameters of a fixture with the norms' scales set to 1 + 0.1 (k mod 5 - 2), as the fixtures were computed.
pub fn load_scaled(params: &Value) -> impl Fn(&str, &[(AxisName, usize)]) -> Result<NamedArray> {
    let load = load_from(params);
    move |label, axes| {
        if !label.ends_with("/scale.weights") {
            return load(label, axes);
        }
        let size: usize = axes.iter().map(|(_, size)| size).product();
        let scales = (0..size).map(|k| (1.0 + 0.1 * ((k % 5) as f64 - 2.0)) as f32).collect();
        NamedArray::from_vec(scales, axes.to_vec())
    }
}

fn run_steps(model: &TransformerLM, steps: &Value) -> Result<(), String> {
    let as_text = |error: pz::Error| error.to_string();
    let batch = [("batch".into(), 2)];
    let sampler =
        KVCachingTransformerLM::from_uncached(model, 8, &batch, Some(0), "sampler").map_err(as_text)?;
    list(steps).iter().enumerate().try_for_each(|(at, step)| {
        let found = call(&sampler, vec![array(&step["in"])], &SideInputs::new()).map_err(as_text)?;
        agrees(&found, &step["out"], FORWARD).map_err(|problem| format!("step {at}: {problem}"))
    })
}

#[test]
fn transformers_are_those_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("tiny_lm") {
        let config = config_of(&case["config"]);
        let built = |init| {
            build_llamalike_transformer(&config, init, "transformer").expect("the configuration is good")
        };
        let run = |model: &dyn Layer| {
            call(model, vec![array(&case["tokens"])], &SideInputs::new()).map_err(|error| error.to_string())
        };
        let mut record =
            |part: &str, outcome| verdict.record(&format!("{}, {part}", text(&case["case"])), outcome);
        let random = built(Init::Random(Key::new(0)));
        record("parameters", same_parameters(&random, &case["params"], 1e-6));
        record("as built", run(&random).and_then(|found| agrees(&found, &case["as_built"], FORWARD)));
        let load = load_scaled(&case["params"]);
        let loaded = built(Init::Loaded(&load));
        record("logits", run(&loaded).and_then(|found| agrees(&found, &case["logits"], FORWARD)));
        record("cached", run_steps(&loaded, &case["steps"]));
        record("cached with padding", run_steps(&loaded, &case["padded_steps"]));
    }
    verdict.finish(4 * 5);
}
