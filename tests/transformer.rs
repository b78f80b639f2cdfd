//! A small transformer from a configuration: its parameters, its logits, its cached form, and what it writes.
//!
//! The golden numbers come from Penzai on JAX, for the same configuration and the same key.

use pz::models::transformer::decode::{Decoder, Strategy, temperature_sample};
use pz::models::transformer::{
    AttentionType, EmbeddingScale, KVCachingTransformerLM, LlamalikeTransformerConfig, MlpVariant,
    TransformerBlock, TransformerLM, build_llamalike_transformer,
};
use pz::nn::{ApplyCausalAttentionMask, Init, Layer, SideInputs};
use pz::random::Key;
use pz::{AxisName, DType, NamedArray, Result, select};
use std::cell::RefCell;

fn tiny_config() -> LlamalikeTransformerConfig {
    LlamalikeTransformerConfig {
        num_kv_heads: 2,
        query_head_multiplier: 2,
        embedding_dim: 8,
        projection_dim: 4,
        mlp_hidden_dim: 16,
        num_decoder_blocks: 2,
        vocab_size: 11,
        mlp_variant: MlpVariant::Swiglu,
        tie_embedder_and_logits: true,
        ..Default::default()
    }
}

fn tiny() -> TransformerLM {
    build_llamalike_transformer(&tiny_config(), Key::new(0), "transformer").unwrap()
}

fn tokens(values: &[i32], batch: usize) -> NamedArray {
    NamedArray::from_vec(values.to_vec(), [("batch", batch), ("seq", values.len() / batch)]).unwrap()
}

fn run(model: &impl Layer, tokens: NamedArray) -> Result<NamedArray> {
    model.call(tokens.into(), &SideInputs::new())?.into_array("test")?.order_as([
        "batch",
        "seq",
        "vocabulary",
    ])
}

fn values(array: &NamedArray) -> Vec<f32> {
    array.to_vec().expect("the array has a value")
}

fn cached(
    model: &TransformerLM,
    cache_len: usize,
    batch: usize,
    pad_id: Option<i32>,
) -> KVCachingTransformerLM {
    KVCachingTransformerLM::from_uncached(model, cache_len, &[("batch".into(), batch)], pad_id, "sampler")
        .unwrap()
}

#[track_caller]
fn assert_close(found: &[f32], wanted: &[f32], tolerance: f32) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() <= tolerance * wanted.abs().max(1.0), "{found} is not {wanted}");
    }
}

#[track_caller]
fn message<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("this should fail"),
        Err(error) => error.to_string(),
    }
}

/// Penzai's logits after the last token of the first sequence.
const LAST_LOGITS: [f32; 11] = [
    0.4798823, -0.5444855, 0.0094108, 0.1521245, -0.297_928, 3.0628178, 0.8369892, 0.2224641, 0.4194864,
    0.3963385, 1.7197328,
];

#[test]
fn logits_are_those_of_penzai() {
    let out = run(&tiny(), tokens(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 2)).unwrap();
    let out = values(&out);
    assert_eq!(out.len(), 2 * 5 * 11);
    assert_close(&out[4 * 11..5 * 11], &LAST_LOGITS, 1e-5);
}

#[test]
fn the_cached_model_gives_the_same_logits() {
    let model = tiny();
    let all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    let whole = values(&run(&model, tokens(&all, 2)).unwrap());
    for pad_id in [None, Some(0)] {
        let sampler = cached(&model, 8, 2, pad_id);
        let prompt = values(&run(&sampler, tokens(&[1, 2, 6, 7], 2)).unwrap());
        assert_close(&prompt[..2 * 11], &whole[..2 * 11], 1e-5);
        for place in 2..5 {
            let step = tokens(&[all[place], all[5 + place]], 2);
            let logits = values(&run(&sampler, step).unwrap());
            assert_close(&logits[..11], &whole[place * 11..(place + 1) * 11], 1e-5);
            assert_close(&logits[11..], &whole[(5 + place) * 11..(6 + place) * 11], 1e-5);
        }
        assert_eq!(sampler.cached_tokens().unwrap(), 5);
        let previous = sampler.previous_tokens.value().order_as(["batch", "seq"]).unwrap();
        let wanted = [1, 2, 3, 4, 5, 0, 0, 0, 6, 7, 8, 9, 10, 0, 0, 0];
        assert_eq!(previous.to_vec::<i32>().unwrap(), wanted);
    }
}

#[test]
fn a_cleared_cache_forgets() {
    let model = tiny();
    let sampler = cached(&model, 4, 1, None);
    run(&sampler, tokens(&[7, 8, 9], 1)).unwrap();
    sampler.clear();
    let again = values(&run(&sampler, tokens(&[1, 2], 1)).unwrap());
    assert_close(&again, &values(&run(&model, tokens(&[1, 2], 1)).unwrap()), 1e-5);
}

#[test]
fn padding_on_the_left_changes_nothing() {
    let model = tiny();
    let plain = values(&run(&cached(&model, 8, 1, Some(0)), tokens(&[3, 4, 5], 1)).unwrap());
    let padded = values(&run(&cached(&model, 8, 1, Some(0)), tokens(&[0, 0, 3, 4, 5], 1)).unwrap());
    assert_close(&padded[2 * 11..], &plain, 1e-5);
}

#[test]
fn too_many_tokens_are_an_error_with_both_numbers() {
    let sampler = cached(&tiny(), 4, 1, None);
    run(&sampler, tokens(&[1, 2, 3], 1)).unwrap();
    let text = message(run(&sampler, tokens(&[4, 5], 1)));
    assert!(text.contains("the caches hold 4 tokens; 2 more do not fit after the first 3"), "{text}");
    run(&sampler, tokens(&[4], 1)).unwrap();
    let text = message(run(&cached(&tiny(), 4, 1, None), tokens(&[1, 2, 3, 4, 5], 1)));
    assert!(text.contains("5 more do not fit after the first 0"), "{text}");
}

#[test]
fn tokens_must_have_the_batch_axes_of_the_caches() {
    let sampler = cached(&tiny(), 4, 2, None);
    let text = message(run(&sampler, tokens(&[1], 1)));
    assert!(text.contains("the tokens have `batch: 1`, the caches `batch: 2`"), "{text}");
    let none = NamedArray::from_vec(vec![1_i32], [("seq", 1)]).unwrap();
    let text = message(sampler.call(none.into(), &SideInputs::new()));
    assert!(text.contains("no axis `batch`"), "{text}");
    let more = NamedArray::zeros([("batch", 2), ("seq", 1), ("beam", 3)], DType::I32).unwrap();
    let text = message(sampler.call(more.into(), &SideInputs::new()));
    assert!(text.contains("`beam: 3`"), "{text}");
    let text = message(tiny().call(NamedArray::scalar(1_i32).into(), &SideInputs::new()));
    assert!(text.contains("no axis `seq`"), "{text}");
}

#[test]
fn samples_are_those_of_penzai() {
    let sampler = cached(&tiny(), 8, 2, Some(0));
    let prompt = tokens(&[1, 2, 3, 6, 7, 8], 2);
    let written = temperature_sample(&sampler, prompt, Key::new(1), 1.0, None).unwrap();
    assert_eq!(written.named_shape(), [("batch".into(), 2), ("seq".into(), 6)]);
    assert_eq!(written.to_vec::<i32>().unwrap(), [4, 3, 4, 8, 6, 6, 7, 7, 4, 4, 4, 4]);
}

#[test]
fn greedy_tokens_are_the_most_probable() {
    let model = tiny();
    let mut text = vec![1, 2, 3];
    for _ in 0..4 {
        let logits = values(&run(&model, tokens(&text, 1)).unwrap());
        let last = &logits[logits.len() - 11..];
        let best = (0..11).max_by(|a, b| last[*a].total_cmp(&last[*b])).unwrap();
        text.push(best as i32);
    }
    let sampler = cached(&model, 16, 1, None);
    let decoder = Decoder::new(&sampler, tokens(&[1, 2, 3], 1), Strategy::Greedy).unwrap();
    let written: Vec<i32> =
        decoder.take(4).map(|token| token.unwrap().index("batch", 0).unwrap().item().unwrap()).collect();
    assert_eq!(written, text[3..]);
}

#[test]
fn decoding_ends_when_the_cache_is_full() {
    let sampler = cached(&tiny(), 5, 1, None);
    let decoder = Decoder::new(&sampler, tokens(&[1, 2, 3], 1), Strategy::Greedy).unwrap();
    assert_eq!(decoder.collect::<Result<Vec<_>>>().unwrap().len(), 3);
    let long = Decoder::new(&sampler, tokens(&[1, 2, 3], 1), Strategy::Greedy).unwrap();
    let given: Vec<_> = long.collect();
    assert_eq!(given.len(), 1, "an error, and then the end");
    assert!(given[0].is_err());
}

#[test]
fn a_temperature_is_a_positive_number() {
    assert_eq!(Strategy::at_temperature(0.0, Key::new(0)).unwrap(), Strategy::Greedy);
    for wrong in [-1.0, f32::NAN, f32::INFINITY] {
        assert!(Strategy::at_temperature(wrong, Key::new(0)).is_err());
        assert!(
            temperature_sample(&cached(&tiny(), 5, 1, None), tokens(&[1], 1), Key::new(0), wrong, None)
                .is_err()
        );
    }
}

#[test]
fn a_model_is_loaded_by_label_and_axes() {
    let asked = RefCell::new(Vec::new());
    let load = |label: &str, axes: &[(AxisName, usize)]| {
        asked.borrow_mut().push(label.to_owned());
        // In another order than asked for: names decide.
        NamedArray::ones(axes.iter().rev().copied().collect::<Vec<_>>(), DType::F32)
    };
    let config =
        LlamalikeTransformerConfig { num_decoder_blocks: 1, tie_embedder_and_logits: false, ..tiny_config() };
    let model = build_llamalike_transformer(&config, Init::Loaded(&load), "t").unwrap();
    let labels = [
        "t/embedder.embeddings",
        "t/block_0/pre_attention_norm/scale.weights",
        "t/block_0/attention/query.weights",
        "t/block_0/attention/key.weights",
        "t/block_0/attention/value.weights",
        "t/block_0/attention/output.weights",
        "t/block_0/pre_ffw_norm/scale.weights",
        "t/block_0/mlp/gating_linear.weights",
        "t/block_0/mlp/value_linear.weights",
        "t/block_0/mlp/out_linear.weights",
        "t/final_norm/scale.weights",
        "t/lm_head.weights",
    ];
    assert_eq!(*asked.borrow(), labels);
    // Every row of every matrix is the same, so all logits are equal; the last norm gives ones to 8 columns.
    assert_close(&values(&run(&model, tokens(&[1, 2], 1)).unwrap()), &[8.0; 22], 1e-4);
}

#[test]
fn a_loaded_value_must_fit() {
    let wrong_size = |_: &str, _: &[(AxisName, usize)]| NamedArray::ones([("embedding", 3)], DType::F32);
    let text = message(build_llamalike_transformer(&tiny_config(), Init::Loaded(&wrong_size), "t"));
    assert!(text.contains("t/embedder.embeddings") && text.contains("vocabulary"), "{text}");
}

#[test]
fn without_values_a_model_is_made_of_slots() {
    let model = build_llamalike_transformer(&tiny_config(), None, "t").unwrap();
    let text = message(run(&model, tokens(&[1], 1)));
    assert!(text.contains("t/embedder.embeddings"), "{text}");
}

#[test]
fn tied_embeddings_are_scaled_unless_told_otherwise() {
    let tied = tiny_config();
    assert_eq!(tied.embedding_scaling(), Some(8.0_f32.sqrt()));
    let unscaled = LlamalikeTransformerConfig { embedding_scale: EmbeddingScale::One, ..tiny_config() };
    assert_eq!(unscaled.embedding_scaling(), None);
    let by_hand =
        LlamalikeTransformerConfig { embedding_scale: EmbeddingScale::By(8.0_f32.sqrt()), ..tiny_config() };
    let model = build_llamalike_transformer(&by_hand, Key::new(0), "transformer").unwrap();
    let out = values(&run(&model, tokens(&[1, 2, 3, 4, 5], 1)).unwrap());
    assert_close(&out[4 * 11..], &LAST_LOGITS, 1e-5);
}

#[test]
fn head_axes_follow_the_numbers_of_heads() {
    let axes = |kv, multiplier| {
        let config = LlamalikeTransformerConfig {
            num_kv_heads: kv,
            query_head_multiplier: multiplier,
            ..tiny_config()
        };
        let metadata = build_llamalike_transformer(&config, None, "t").unwrap().metadata;
        let names =
            |axes: Vec<(AxisName, usize)>| axes.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
        (names(metadata.common_head_axes), names(metadata.query_only_head_axes))
    };
    assert_eq!(axes(4, 1), (vec!["heads"], vec![]));
    assert_eq!(axes(1, 4), (vec![], vec!["query_heads"]));
    assert_eq!(axes(2, 2), (vec!["head_groups"], vec!["query_heads"]));
}

#[test]
fn a_window_as_long_as_the_text_hides_nothing() {
    let windows = |window_size| {
        let attention_type =
            vec![AttentionType::GlobalCausal, AttentionType::SlidingWindowCausal { window_size }];
        let config = LlamalikeTransformerConfig { attention_type, ..tiny_config() };
        let model = build_llamalike_transformer(&config, Key::new(0), "transformer").unwrap();
        let text = tokens(&[1, 2, 3, 4, 5], 1);
        let whole = values(&run(&model, text.clone()).unwrap());
        assert_close(&values(&run(&cached(&model, 6, 1, None), text).unwrap()), &whole, 1e-5);
        whole[4 * 11..].to_vec()
    };
    assert_close(&windows(5), &LAST_LOGITS, 1e-5);
    assert!((windows(2)[5] - LAST_LOGITS[5]).abs() > 1e-4, "a short window must be seen");
}

#[test]
fn a_configuration_is_judged_as_a_whole() {
    let config = LlamalikeTransformerConfig {
        projection_dim: 3,
        attention_type: vec![AttentionType::GlobalCausal; 3],
        vocab_size: 0,
        activation_dtype: DType::I32,
        ..tiny_config()
    };
    let text = message(build_llamalike_transformer(&config, None, "t"));
    for part in
        ["4 problems", "`vocab_size` is 0", "`projection_dim` is 3", "3 entries", "`activation_dtype` is i32"]
    {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

#[test]
fn a_mask_with_positions_of_its_own_is_not_cached_silently() {
    let model = select(&tiny())
        .at_instances_of::<ApplyCausalAttentionMask>()
        .pick_nth_selected(0)
        .apply(|mask| ApplyCausalAttentionMask { kv_positions_input_name: "other".into(), ..mask.clone() })
        .unwrap();
    let text = message(KVCachingTransformerLM::from_uncached(&model, 4, &[], None, "sampler"));
    assert!(text.contains("takes key positions from `other`"), "{text}");
    assert_eq!(select(&model).at_instances_of::<TransformerBlock>().count(), 2);
}

/// The loss of one text, and its gradient with respect to each parameter, without names.
fn loss_and_grads(model: &TransformerLM, text: NamedArray) -> Result<Vec<NamedArray>> {
    let mut parameters: Vec<pz::Parameter> = Vec::new();
    for parameter in select(model).at_instances_of::<pz::Parameter>().get_sequence()? {
        if !parameters.iter().any(|known| known.is_same(parameter)) {
            parameters.push(parameter.clone());
        }
    }
    let values: Vec<NamedArray> = parameters.iter().map(pz::Parameter::value).collect();
    let (loss, grads) = pz::value_and_grad(
        |tracked| {
            parameters.iter().zip(tracked).for_each(|(p, value)| p.set_value(value.clone()));
            let logits = model.call(text.clone().into(), &SideInputs::new())?.into_array("test")?;
            logits.slice("seq", ..3)?.cross_entropy(&text.slice("seq", 1..)?, "vocabulary")?.sum("seq")
        },
        &values,
    )?;
    parameters.iter().zip(values).for_each(|(p, value)| p.set_value(value));
    let unnamed = grads.iter().map(|grad| {
        let names = grad.named_shape().into_iter().map(|(name, _)| name);
        grad.untag(names.collect::<Vec<_>>())
    });
    std::iter::once(Ok(loss)).chain(unnamed).collect()
}

#[test]
fn each_text_has_a_loss_and_gradients_of_its_own() -> Result<()> {
    let (model, texts) = (tiny(), tokens(&[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], 3));
    let slices = texts.untag("seq")?;
    let all = pz::nx::nmap(|text: NamedArray| loss_and_grads(&model, text.tag("seq")?), slices)?;
    for place in 0..3 {
        let alone = loss_and_grads(&model, texts.index("batch", place)?)?;
        assert_eq!(all.len(), alone.len());
        for (found, wanted) in all.iter().zip(&alone) {
            let (found, wanted) = (values(&found.index("batch", place)?), values(wanted));
            assert!(found.iter().zip(&wanted).all(|(a, b)| (a - b).abs() <= 1e-5 * b.abs().max(1.0)));
        }
    }
    Ok(())
}
