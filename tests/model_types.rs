//! Element types of declared models: what the compiler proves of them is what comes out.

use pz::nn::{
    AddBias, Affine, ApplyCausalAttentionMask, ApplyCausalSlidingWindowAttentionMask,
    ApplyExplicitAttentionMask, ApplyRoPE, CastToDType, ConstantRescale, DisabledDropout, Elementwise,
    EmbeddingDecode, EmbeddingLookup, Identity, LayerNorm, Linear, RMSLayerNorm, RMSStandardize, RenameAxes,
    Softmax, Standardize, StochasticDropout, TanhSoftCap,
};
use pz::prelude::*;

/// Every layer that has a form, in a model of this type. Each declares that type for its output, so that each compiles
/// only where the rules say that it is kept, and runs only where it is.
macro_rules! all_layers {
    ($name:ident, $dtype:ident) => {
        model! {
            $name: $dtype { ..batch, seq, wide: 8 } -> $dtype { ..batch, seq, words: 6 }
                with (token_positions, mask, random_stream)
            {
                linear: Linear { wide => wide: 8 },
                affine: Affine { wide => w: 8 },
                renamed: RenameAxes { w => wide },
                bias: AddBias { wide },
                norm: LayerNorm { wide },
                rms: RMSLayerNorm { wide },
                plain: Standardize { wide },
                plain_rms: RMSStandardize { wide },
                drop: StochasticDropout(0.5),
                off: DisabledDropout(0.5),
                cap: TanhSoftCap(3.0),
                scale: ConstantRescale(0.5),
                same: Identity(),
                gelu: Elementwise(gelu),
                exact: Elementwise(gelu_exact),
                silu: Elementwise(silu),
                tanh: Elementwise(tanh),
                sigmoid: Elementwise(sigmoid),
                relu: Elementwise(relu),
                attend: residual {
                    attn: attention(seq as kv_seq, dim) {
                        query: { q: Linear { wide => heads: 2, dim: 4 }, rope: ApplyRoPE { dim } },
                        key: { k: Linear { wide => heads: 2, dim: 4 }, rope: ApplyRoPE { dim } },
                        value: Linear { wide => heads: 2, dim: 4 },
                        scores: {
                            causal: ApplyCausalAttentionMask { seq, kv_seq },
                            near: ApplyCausalSlidingWindowAttentionMask { seq, kv_seq },
                            seen: ApplyExplicitAttentionMask(),
                            softmax: Softmax { kv_seq },
                        },
                        output: Linear { heads, dim => wide: 8 },
                    },
                },
                gated: multiply { a: Linear { wide => g: 4 }, b: { up: Linear { wide => g: 4 }, act: Elementwise(silu) } },
                both: add { a: Linear { g => wide: 8 }, b: Linear { g => wide: 8 } },
                deep: stack 2 as layer { linear: Linear { wide => wide: 8 } },
                out: EmbeddingDecode { wide => words: 6 },
            }
        }
    };
}

all_layers!(Half, f16);
all_layers!(Brain, bf16);
all_layers!(Single, f32);
all_layers!(Double, f64);

fn side() -> pz::Result<SideInputs> {
    Ok(SideInputs::new()
        .with("token_positions", NamedArray::arange("seq", 3))
        .with("mask", NamedArray::scalar(true))
        .with("random_stream", pz::RandomStream::from_base_key(&Key::new(1))?))
}

#[test]
fn every_layer_keeps_the_type_of_the_header() -> pz::Result<()> {
    let run = |model: nn::AnyLayer, dtype: DType| -> pz::Result<()> {
        let input = NamedArray::ones([("batch", 2), ("seq", 3), ("wide", 8)], dtype)?;
        let output = model.call(input.into(), &side()?)?.into_array("test")?;
        assert_eq!(output.dtype(), dtype);
        assert!(output.cast(DType::F32)?.to_vec::<f32>()?.iter().all(|x| x.is_finite()), "{dtype}");
        let parameters = select(&model).at_instances_of::<Parameter>().get_sequence()?;
        assert!(parameters.iter().all(|parameter| parameter.value().dtype() == dtype), "{dtype}");
        Ok(())
    };
    run(nn::AnyLayer::new(Half::init("m", Key::new(0))?), DType::F16)?;
    run(nn::AnyLayer::new(Brain::init("m", Key::new(0))?), DType::BF16)?;
    run(nn::AnyLayer::new(Single::init("m", Key::new(0))?), DType::F32)?;
    run(nn::AnyLayer::new(Double::init("m", Key::new(0))?), DType::F64)?;
    Brain::with_slots()?.check()?;
    Double::with_slots()?.check()
}

const STORED: DType = DType::BF16;

model! {
    /// Weights in one type, numbers in another.
    Mixed: i32 { ..batch, seq } -> bf16 { ..batch, seq, words: 6 } {
        embed: EmbeddingLookup { words: 6 => wide: 8 } (dtype = bf16),
        wider: CastToDType(f32),
        norm: LayerNorm { wide },
        stored: Linear { wide => wide: 8 } (dtype = STORED),
        back: CastToDType(DType::BF16),
        logits: shared embed as EmbeddingDecode { wide => words },
    }
}

#[test]
fn types_change_where_it_says_so() -> pz::Result<()> {
    let model = Mixed::init("mixed", Key::new(0))?;
    model.check()?;
    let tokens = NamedArray::from_vec(vec![1_i32, 5], [("seq", 2)])?;
    let output = model.call(tokens.into(), &SideInputs::new())?.into_array("test")?;
    assert_eq!(output.dtype(), DType::BF16);
    let stored = select(&model).at_instances_of::<Parameter>().get_sequence()?;
    let stored = stored.iter().map(|parameter| (parameter.label().to_string(), parameter.value().dtype()));
    let wanted = [
        ("mixed/embed.embeddings", DType::BF16),
        ("mixed/norm/scale.weights", DType::F32),
        ("mixed/norm/shift.bias", DType::F32),
        ("mixed/stored.weights", DType::BF16),
        ("mixed/embed.embeddings", DType::BF16),
    ];
    let wanted = wanted.map(|(label, dtype)| (label.to_owned(), dtype));
    assert_eq!(stored.collect::<Vec<_>>(), wanted);
    Ok(())
}

model! {
    Open: { ..batch, wide: 4 } -> { ..batch, wide: 4 } { linear: Linear { wide => wide: 4 } }
}

model! {
    /// What says nothing of types gives f32 for f32, and f64 for f64.
    Outer: f64 { ..batch, wide: 4 } -> f32 { ..batch, wide: 4 } {
        first: Open,
        cast: CastToDType(f32),
        blocks: stack 2 as layer { open: Open },
    }
}

#[test]
fn a_model_without_types_gives_what_reaches_it() -> pz::Result<()> {
    let run = |model: nn::AnyLayer, dtype| -> pz::Result<DType> {
        let input = NamedArray::ones([("wide", 4)], dtype)?;
        Ok(model.call(input.into(), &SideInputs::new())?.into_array("test")?.dtype())
    };
    let open = nn::AnyLayer::new(Open::init("open", Key::new(0))?);
    for (given, gives) in [
        (DType::F16, DType::F32),
        (DType::BF16, DType::F32),
        (DType::F32, DType::F32),
        (DType::F64, DType::F64),
    ] {
        assert_eq!(run(open.clone(), given)?, gives, "{given}");
    }
    assert_eq!(run(nn::AnyLayer::new(Outer::init("outer", Key::new(0))?), DType::F64)?, DType::F32);
    Ok(())
}

/// An edit, and a checkpoint in another type, are judged when the model is checked and when it is called.
#[test]
fn parameters_of_another_type_are_told() -> pz::Result<()> {
    let model = Brain::init("m", Key::new(0))?;
    let config = nn::LinearConfig::new([("wide", 8)], [("words", 6)]);
    let edited =
        select(&model).at(|m| &m.out).set(nn::Linear::from_config("other", Key::new(1), &config)?)?;
    let told = edited.check().unwrap_err().to_string();
    assert!(told.contains("the result is f32, and bf16 is declared"), "{told}");
    let input = NamedArray::ones([("seq", 3), ("wide", 8)], DType::BF16)?;
    let told = edited.call(input.into(), &side()?).unwrap_err().to_string();
    assert!(told.contains("the result is f32, and bf16 is declared"), "{told}");
    let ones = |_: &str, axes: &[(AxisName, usize)]| NamedArray::ones(axes.to_vec(), DType::F32);
    let loaded = Brain::init("m", nn::Init::Loaded(&ones))?;
    assert!(loaded.check().unwrap_err().to_string().contains("the result is f32, and bf16 is declared"));
    Ok(())
}

#[test]
fn a_rate_that_is_no_probability_is_told_when_the_model_is_built() {
    const RATE: f64 = 1.5;
    model! {
        Drops: { ..batch, wide: 4 } -> { ..batch, wide: 4 } with (random_stream) { drop: StochasticDropout(RATE) }
    }
    let told = Drops::with_slots().map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("drops/drop: `drop_rate` is 1.5, and must be a number from 0 to 1"), "{told}");
}

/// Adds an offset that the model's caller gives.
#[pytree_dataclass]
#[pytree(layer)]
#[derive(Clone)]
struct Offset {}

impl Layer for Offset {
    fn call(&self, input: Value, side: &SideInputs) -> pz::Result<Value> {
        Ok(input.into_array("Offset")?.add(side.array("offset")?)?.into())
    }
}

model! {
    Moved: { ..batch, wide: 4 } -> { ..batch, wide: 4 } with (offset) {
        add: { Offset {} } as { ..rest, wide: 4 } -> { ..rest, wide: 4 } with (offset),
    }
}

#[test]
fn an_expression_says_which_side_inputs_it_reads() -> pz::Result<()> {
    let model = Moved::with_slots()?;
    model.check()?;
    let side = SideInputs::new().with("offset", NamedArray::scalar(1.0_f32));
    let output = model.call(NamedArray::zeros([("wide", 4)], DType::F32)?.into(), &side)?;
    assert_eq!(output.into_array("test")?.to_vec::<f32>()?, [1.0; 4]);
    Ok(())
}
