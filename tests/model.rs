//! Models that `model!` declares: what they are made of, what they compute, and what they refuse.

use pz::nn::{
    Affine, ApplyCausalAttentionMask, ApplyExplicitAttentionMask, ApplyRoPE, DisabledDropout, Elementwise,
    EmbeddingDecode, EmbeddingLookup, Identity, LayerNorm, Linear, RMSLayerNorm, Softmax, StochasticDropout,
};
use pz::prelude::*;

const HID: usize = 16;

model! {
    /// Reads 8x8 digits.
    pub Digits: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        hidden: Affine { pixels: 64 => features: HID },
        act: Elementwise(relu),
        mix: residual {
            norm: LayerNorm { features },
            up: Affine { features: HID => features: HID },
        },
        both: add { left: Linear { features => wide: 2 * HID }, right: Linear { features => wide: 2 * HID } },
        out: Affine { wide: 32 => classes: 10 },
    }
}

model! {
    /// One block of a transformer.
    Block<const EMB: usize, const HEADS: usize, const DIM: usize>:
        { ..batch, seq, embedding: EMB } -> { ..batch, seq, embedding: EMB } with (token_positions) where 2 divides DIM {
        attend: residual {
            norm: RMSLayerNorm { embedding } (epsilon = 1e-5),
            attn: attention(seq as kv_seq, projection) {
                query: { linear: Linear { embedding => heads: HEADS, projection: DIM }, rope: ApplyRoPE { projection } },
                key: { linear: Linear { embedding => heads: HEADS, projection: DIM }, rope: ApplyRoPE { projection } },
                value: Linear { embedding => heads: HEADS, projection: DIM },
                scores: { mask: ApplyCausalAttentionMask { seq, kv_seq }, softmax: Softmax { kv_seq } },
                output: Linear { heads, projection => embedding: EMB },
            },
        },
        mlp: residual {
            norm: RMSLayerNorm { embedding },
            gated: multiply {
                gate: { linear: Linear { embedding => neurons: 4 * EMB }, act: Elementwise(silu) },
                value: Linear { embedding => neurons: 4 * EMB },
            },
            out: Linear { neurons => embedding: EMB },
        },
    }
}

model! {
    Small: i32 { ..batch, seq } -> { ..batch, seq, vocabulary: 50 } with (token_positions) {
        embed: EmbeddingLookup { vocabulary: 50 => embedding: 8 },
        blocks: stack 3 as layer { block: Block<8, 2, 4> },
        norm: RMSLayerNorm { embedding },
        logits: shared embed as EmbeddingDecode { embedding => vocabulary },
    }
}

model! {
    /// Reads digits.
    #[pytree(color = "#93cce1")]
    Tuned: { ..batch, pixels: 4 } -> f64 { ..batch, digits: 3 } {
        /// The only map.
        #[doc(alias = "dense")]
        map: Linear { pixels => digits: 3 } (
            initializer = std::sync::Arc::new(pz::nn::constant_initializer(2.0)), dtype = f64,
        ),
    }
}

#[test]
fn comments_attributes_and_options_are_kept() -> pz::Result<()> {
    let model = Tuned::init("tuned", Key::new(0))?;
    let info = model.info();
    assert!(info.docs.starts_with("Reads digits."), "{}", info.docs);
    assert_eq!((info.color, info.fields[0].docs), (Some("#93cce1"), "The only map."));
    let weights = select(&model).at_instances_of::<Parameter>().get()?.value();
    assert_eq!(weights.dtype(), DType::F64);
    assert_eq!(weights.untag(["pixels", "digits"])?.to_vec::<f64>()?, [2.0; 12]);
    let signature = Tuned::signature();
    assert_eq!((signature.name, signature.input.len(), signature.output.len()), ("Tuned", 1, 1));
    assert_eq!((signature.input.at(0).name, signature.output.at(0).name), ("pixels", "digits"));
    assert_eq!(signature.input.rest, Some("batch"));
    Ok(())
}

#[test]
fn a_declared_model_runs() -> pz::Result<()> {
    let model = Digits::init("digits", Key::new(0))?;
    let images = NamedArray::ones([("batch", 3), ("pixels", 64)], DType::F32)?;
    let scores = model.call(images.into(), &SideInputs::new())?.into_array("scores")?;
    assert_eq!(scores.named_shape(), [("batch".into(), 3), ("classes".into(), 10)]);
    Ok(())
}

#[test]
fn a_transformer_runs() -> pz::Result<()> {
    let model = Small::init("small", Key::new(0))?;
    let tokens = NamedArray::from_vec(vec![1_i32, 2, 3, 4, 5, 6], [("batch", 2), ("seq", 3)])?;
    let side = SideInputs::new().with("token_positions", NamedArray::arange("seq", 3));
    let scores = model.call(tokens.into(), &side)?.into_array("scores")?;
    assert_eq!(scores.size("vocabulary"), Some(50));
    assert_eq!(scores.to_vec::<f32>()?.len(), 300);
    Ok(())
}

/// A layer as `model!` builds `Affine`, for an edit.
fn affine(name: &str, from: usize, to: usize) -> pz::Result<Affine> {
    let config = nn::LinearConfig::new([("wide", from)], [("classes", to)]);
    Affine::from_config(name, Key::new(1), &config)
}

#[test]
fn an_edited_model_is_judged_by_its_path() -> pz::Result<()> {
    let model = Digits::init("digits", Key::new(0))?;
    model.check()?;
    let replaced = |from, to| select(&model).at(|m| &m.out).set(affine("other", from, to)?);
    replaced(32, 10)?.check()?;
    let error = replaced(32, 9)?.check().unwrap_err().to_string();
    assert!(error.contains("the result has `classes: 9`, and `classes: 10` is declared"), "{error}");
    let error = replaced(31, 10)?.check().unwrap_err().to_string();
    assert!(error.contains("wide: 32") && error.contains("wide: 31"), "{error}");
    assert!(error.contains("Digits.out"), "{error}");
    Ok(())
}

model! {
    /// Its parameter has a name that generated code could want too.
    Half<const N: usize>: { ..batch, wide: 2 * N } -> { ..batch, half: N } {
        out: Linear { wide => half: N },
    }
}

#[test]
fn sizes_are_those_of_the_parameters() -> pz::Result<()> {
    let model = Half::<3>::init("half", Key::new(0))?;
    model.check_with([("wide", 6)], &SideInputs::new())?;
    let error = model.check_with([("wide", 8)], &SideInputs::new()).unwrap_err().to_string();
    assert!(error.contains("`wide: 8` was given, and the model has `wide: 6`"), "{error}");
    Ok(())
}

#[test]
fn sizes_of_open_axes_can_be_given() -> pz::Result<()> {
    let model = Small::init("small", Key::new(0))?;
    model.check()?;
    let none = SideInputs::new();
    model.check_with([("seq", 9), ("batch", 2), ("beam", 4)], &none)?;
    let refused = |axis, size| model.check_with([(axis, size)], &none).unwrap_err().to_string();
    let error = refused("embedding", 8);
    assert!(error.contains("may not hold an axis that the model uses inside"), "{error}");
    let error = refused("seq", 0);
    assert!(error.contains("the axis `kv_seq` has size 0") && error.contains("Small.blocks"), "{error}");
    let error = refused("batch", usize::MAX);
    assert!(error.contains("too large"), "{error}");
    let error = model.check_with([("seq", 9), ("seq", 8)], &none).unwrap_err().to_string();
    assert!(error.contains("`seq: 8` was given, and the model has `seq: 9`"), "{error}");
    let block = Block::<8, 2, 4>::init("block", Key::new(0))?;
    let error = block.check_with([("embedding", 9)], &none).unwrap_err().to_string();
    assert!(error.contains("`embedding: 9` was given, and the model has `embedding: 8`"), "{error}");
    // A side input that is given is used: positions of another length do not fit.
    let side = SideInputs::new().with("token_positions", NamedArray::arange("seq", 4));
    let error = model.check_with([("seq", 5)], &side).unwrap_err().to_string();
    assert!(error.contains("the axis `seq` has size 5 on the left and 4 on the right"), "{error}");
    Ok(())
}

/// What an edit may put into a model: a layer that sums away an axis, one that changes the element type, one that
/// counts its calls, and one that reads its input.
#[pytree_dataclass]
#[pytree(layer)]
#[derive(Clone)]
struct Odd {
    #[pytree(static)]
    what: String,
    calls: StateVariable<NamedArray>,
}

impl Layer for Odd {
    fn call(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        let input = input.into_array("Odd")?;
        Ok(match self.what.as_str() {
            "sum" => input.sum("batch")?,
            "cast" => input.cast(DType::I32)?,
            "read" => NamedArray::scalar(input.to_vec::<f32>()?[0]),
            _ => {
                self.calls.update(|calls| calls.add(&input.sum("batch")?.sum("wide")?))?;
                input
            }
        }
        .into())
    }
}

#[test]
fn what_edits_break_is_told_and_state_stays() -> pz::Result<()> {
    let model = Digits::init("digits", Key::new(0))?;
    let calls = StateVariable::new("calls", NamedArray::scalar(7.0_f32));
    let edited = |what: &str| {
        select(&model).at(|m| &m.out).insert_before(Odd { what: what.into(), calls: calls.clone() })
    };
    let told = |what: &str| Ok::<_, pz::Error>(edited(what)?.check().unwrap_err().to_string());
    let error = told("sum")?;
    assert!(error.contains("the result has no axis `batch`, which is declared"), "{error}");
    let error = told("read")?;
    assert!(error.contains("a value was read") && error.contains("called at: tests/model.rs"), "{error}");
    let after =
        select(&model).at(|m| &m.out).insert_after(Odd { what: "cast".into(), calls: calls.clone() })?;
    let error = after.check().unwrap_err().to_string();
    assert!(error.contains("the result is i32, and float is declared"), "{error}");
    // A layer with a state sees a copy of it.
    edited("count")?.check()?;
    assert_eq!(calls.value().item::<f32>()?, 7.0);
    // Parameters that are missing know what they would be; a slot of an edit that knows nothing is named.
    Digits::with_slots()?.check()?;
    let unknown = nn::Linear::new(ParameterSlot::new("strange"), ["wide"], ["classes"]);
    let error = select(&Digits::with_slots()?).at(|m| &m.out).set(unknown)?.check().unwrap_err().to_string();
    assert!(error.contains("the parameter `strange` has no value"), "{error}");
    Ok(())
}

model! {
    /// A layer of every kind whose form keeps the shape, and what reads side inputs.
    Kept: { ..batch, seq: 4, kv_seq: 4 } -> { ..batch, seq: 4, kv_seq: 4 } with (random_stream, visible, mask) {
        drop: StochasticDropout(0.5) (share_across = vec!["seq"]),
        off: DisabledDropout(0.5),
        seen: ApplyExplicitAttentionMask() (mask = "visible"),
        again: ApplyExplicitAttentionMask() (masked_out_value = -1.0),
        same: Identity(),
    }
}

#[test]
fn layers_that_draw_can_be_declared() -> pz::Result<()> {
    let model = Kept::with_slots()?;
    model.check()?;
    let visible = NamedArray::from_vec(vec![true, true, false, true], [("kv_seq", 4)])?;
    let stream = pz::RandomStream::from_base_key(&Key::new(3))?;
    let side = SideInputs::new()
        .with("random_stream", stream.clone())
        .with("visible", visible.clone())
        .with("mask", NamedArray::scalar(true));
    model.check_with([("batch", 2)], &side)?;
    // The judge drew from a copy.
    assert_eq!(stream.offset.value().item::<i32>()?, 0);
    let x = NamedArray::ones([("seq", 4), ("kv_seq", 4)], DType::F32)?;
    let y = model.call(x.into(), &side)?.into_array("test")?.order_as(["seq", "kv_seq"])?.to_vec::<f32>()?;
    assert_eq!(stream.offset.value().item::<i32>()?, 1);
    // A column is dropped as a whole, and what is kept is doubled; the third is masked.
    for column in 0..4 {
        let values: Vec<f32> = (0..4).map(|row| y[4 * row + column]).collect();
        let allowed: &[f32] = if column == 2 { &[-2.3819763e38] } else { &[0.0, 2.0] };
        assert!(allowed.contains(&values[0]) && values.iter().all(|&value| value == values[0]), "{y:?}");
    }
    let none = SideInputs::new().with("visible", visible).with("mask", NamedArray::scalar(true));
    let error = model.check_with([("batch", 2)], &none.with("random_stream", NamedArray::scalar(1_i32)));
    let error = error.unwrap_err().to_string();
    assert!(error.contains("the side input `random_stream` is not a `RandomStream`"), "{error}");
    Ok(())
}

model! {
    /// As its page says, 26378 parameters.
    Counted: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        hidden: Affine { pixels: 64 => features: 128 },
        mix: residual { norm: LayerNorm { features }, up: Affine { features: 128 => features: 128 } },
        out: Affine { features: 128 => classes: 10 },
    }
}

#[test]
fn a_model_has_as_many_parameters_as_its_page_says() -> pz::Result<()> {
    let model = Counted::init("counted", Key::new(0))?;
    let parameters = select(&model).at_instances_of::<Parameter>().get_sequence()?;
    let sizes = parameters.iter().map(|parameter| parameter.value().named_shape());
    let count: usize = sizes.map(|shape| shape.into_iter().map(|(_, size)| size).product::<usize>()).sum();
    assert_eq!(count, 8320 + 256 + 16512 + 1290);
    Ok(())
}

/// Counts its calls in the stack, and after it sees to it that there is a count of each layer.
#[pytree_dataclass]
#[pytree(layer)]
#[derive(Clone)]
struct Tally {
    calls: StateVariable<NamedArray>,
    #[pytree(static)]
    layers: usize,
}

impl Layer for Tally {
    fn call(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        let calls = self.calls.update(|calls| calls.add(1.0))?;
        let found = calls.size("layer").unwrap_or(0);
        let report = pz::error::Report::new("Tally", format!("{found} layers and not {}", self.layers));
        if found == self.layers { Ok(input) } else { Err(report.value()) }
    }
}

model! {
    Stacked: { ..batch, wide: 4 } -> { ..batch, wide: 4 } {
        blocks: stack 5 as layer { linear: Linear { wide => wide: 4 } },
        after: Identity(),
    }
}

#[test]
fn a_stack_is_judged_with_its_state() -> pz::Result<()> {
    use pz::nn::{LayerStackAxes, LayerStackVarBehavior::PerLayer};
    let metadata =
        pz::vars::Metadata::new().with("layerstack_axes", LayerStackAxes::new([("layer", PerLayer)]));
    let zeros = NamedArray::zeros([("layer", 5)], DType::F32)?;
    let calls = StateVariable::with_metadata("calls", zeros, metadata);
    let model = Stacked::init("stacked", Key::new(0))?;
    let within = Tally { calls: calls.clone(), layers: 0 };
    let edited = select(&model).at_instances_of::<Linear>().insert_after(within)?;
    let edited = select(&edited).at(|m| &m.after).set(Tally { calls: calls.clone(), layers: 5 })?;
    edited.check()?;
    assert_eq!(calls.value().to_vec::<f32>()?, [0.0; 5]);
    edited.call(NamedArray::ones([("wide", 4)], DType::F32)?.into(), &SideInputs::new())?;
    assert_eq!(calls.value().to_vec::<f32>()?, [2.0; 5]);
    // What one layer does to its input the next one meets.
    let odd = Odd { what: "sum".into(), calls };
    let error =
        select(&model).at_instances_of::<Linear>().insert_after(odd)?.check().unwrap_err().to_string();
    assert!(error.contains("batch") && error.contains("stacked_sublayers[1]"), "{error}");
    Ok(())
}

model! {
    Hen: { ..batch, a: 2 } -> { ..batch, a: 2 } {
        egg: { Egg::init(name, init)? } as { ..rest, a: 2 } -> { ..rest, a: 2 },
    }
}

model! {
    Egg: { ..batch, a: 2 } -> { ..batch, a: 2 } { hen: Hen }
}

#[test]
fn models_that_contain_one_another_are_told_and_end() {
    let told = Hen::init("hen", Key::new(0)).map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("models are nested more than 100 deep"), "{told}");
}

model! {
    Heads<const E: usize, const H: usize>: { ..batch, e: E } -> { ..batch, e: E } where H divides E, E == 6 {
        q: Linear { e => h: H, d: E / H },
        o: Linear { h, d => e: E },
    }
}

model! {
    Less<const E: usize, const H: usize>: { ..batch, e: E } -> { ..batch, e: E } where H - 4 divides E {
        q: Linear { e => h: H - 4, d: E / (H - 4) },
        o: Linear { h, d => e: E },
    }
}

/// Nothing is divided by 0, and no size goes below it, on the way to the error.
#[test]
fn parameters_that_cannot_be_are_told_when_a_model_is_built() {
    assert!(Heads::<6, 2>::with_slots().is_ok() && Less::<6, 7>::with_slots().is_ok());
    let told = |error: pz::Error| error.to_string();
    let found = told(Heads::<6, 0>::with_slots().unwrap_err());
    assert_eq!(
        found.lines().take(3).collect::<Vec<_>>(),
        [
            "Heads::init: 2 problems",
            "  - `where H divides E` does not hold for E = 6, H = 0",
            "  - `H` is 0, and a size is at least 1",
        ],
        "{found}"
    );
    let found = told(Heads::<8, 3>::with_slots().unwrap_err());
    assert!(found.contains("`where H divides E` does not hold for E = 8, H = 3"), "{found}");
    assert!(found.contains("`where E == 6` does not hold for E = 8, H = 3"), "{found}");
    for found in
        [told(Less::<6, 4>::with_slots().unwrap_err()), told(Less::<6, 2>::with_slots().unwrap_err())]
    {
        assert!(found.contains("`where H - 4 divides E` does not hold for E = 6"), "{found}");
    }
}
