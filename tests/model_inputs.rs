//! Models with several inputs, and layers by hand that have a signature.

use pz::nn::{Affine, Elementwise, LayerNorm, Linear, RenameAxes, Softmax};
use pz::prelude::*;

model! {
    /// Reads a text and attends to a memory.
    Cross: (text: { ..batch, seq, emb: 8 }, memory: { ..batch, kv, wide: 12 }) -> { ..batch, seq, emb: 8 } {
        norm: LayerNorm { emb },
        attend: residual {
            attn: attention(seq as kv_seq, dim) {
                query: Linear { emb => heads: 2, dim: 4 },
                key: from memory { rename: RenameAxes { kv => seq }, map: Linear { wide => heads: 2, dim: 4 } },
                value: from memory { rename: RenameAxes { kv => seq }, map: Linear { wide => heads: 2, dim: 4 } },
                scores: Softmax { kv_seq },
                output: Linear { heads, dim => emb: 8 },
            },
        },
        skip: add { here: Linear { emb => emb: 8 }, begin: from text { act: Elementwise(relu) } },
    }
}

/// Halves its axis by adding its halves.
#[pytree_dataclass]
#[derive(Layer)]
#[layer(call = Self::run, input { ..rest, wide: 2 * N }, output { ..rest, narrow: N })]
struct Halves<const N: usize> {
    scale: f32,
}

impl<const N: usize> Halves<N> {
    fn run(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        let array = input.into_array("Halves")?;
        let (even, odd) = (array.slice("wide", ..N)?, array.slice("wide", N..)?);
        Ok(even.add(&odd)?.rename("wide", "narrow")?.mul(self.scale)?.into())
    }
}

model! {
    Halved<const N: usize>: { ..batch, wide: 2 * N } -> { ..batch, classes: 3 } {
        halves: { Halves { scale: 0.5 } } as Halves<N>,
        out: Affine { narrow => classes: 3 },
    }
}

fn ones<const N: usize>(axes: [(&'static str, usize); N]) -> pz::Result<NamedArray> {
    NamedArray::ones(axes, DType::F32)
}

#[test]
fn a_model_of_two_inputs_runs_and_is_judged_again() -> pz::Result<()> {
    let model = Cross::init("cross", Key::new(0))?;
    let text = ones([("batch", 2), ("seq", 5), ("emb", 8)])?;
    let memory = ones([("batch", 2), ("kv", 7), ("wide", 12)])?;
    let output = model.call([text, memory].into(), &SideInputs::new())?.into_array("output")?;
    assert_eq!((output.size("seq"), output.size("emb"), output.size("batch")), (Some(5), Some(8), Some(2)));
    assert_eq!(output.named_shape().len(), 3);
    model.check()?;
    model.check_with([("batch", 4), ("kv", 9), ("seq", 6)], &SideInputs::new())
}

#[test]
fn inputs_that_do_not_belong_together_are_told() -> pz::Result<()> {
    let model = Cross::init("cross", Key::new(0))?;
    let text = ones([("batch", 2), ("seq", 5), ("emb", 8)])?;
    let told = |value: Value| model.call(value, &SideInputs::new()).unwrap_err().to_string();
    let one = told(text.clone().into());
    assert!(one.contains("takes a tuple of `text`, `memory`, and was given one array"), "{one}");
    let other = told([text.clone(), ones([("batch", 3), ("kv", 7), ("wide", 12)])?].into());
    assert!(other.contains("`text` has `batch: 2`, and `memory` has `batch: 3`"), "{other}");
    let none = told([text.clone(), ones([("kv", 7), ("wide", 12)])?].into());
    assert!(none.contains("`text` has `batch: 2`, and `memory` has no such axis"), "{none}");
    let more = told([text.clone(), ones([("batch", 2), ("beam", 2), ("kv", 7), ("wide", 12)])?].into());
    assert!(more.contains("`memory` has `beam: 2`, and `text` has no such axis"), "{more}");
    let wrong = told([text, ones([("batch", 2), ("kv", 7), ("wide", 11)])?].into());
    assert!(wrong.contains("`memory` has `wide: 11`, and must have `wide: 12`"), "{wrong}");
    Ok(())
}

#[test]
fn a_layer_with_a_signature_is_a_part_and_is_held_to_it() -> pz::Result<()> {
    let model = Halved::<4>::init("halved", Key::new(0))?;
    let output = model.call(ones([("batch", 2), ("wide", 8)])?.into(), &SideInputs::new())?;
    assert_eq!(output.into_array("output")?.size("classes"), Some(3));
    let layer: &Halves<4> = model.halves.get()?;
    let halves = layer.call(ones([("wide", 8)])?.into(), &SideInputs::new())?.into_array("halves")?;
    assert_eq!(halves.to_vec::<f32>()?, [1.0; 4]);
    let told = layer.call(ones([("wide", 6)])?.into(), &SideInputs::new()).unwrap_err().to_string();
    assert!(told.contains("the input has `wide: 6`, and must have `wide: 8`"), "{told}");
    Ok(())
}

/// Says that it keeps the shape, and does not.
#[pytree_dataclass]
#[derive(Layer)]
#[layer(call = Self::run, input { ..rest, a }, output { ..rest, a })]
struct Liar;

impl Liar {
    fn run(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        Ok(input.into_array("Liar")?.sum(["a"])?.into())
    }
}

#[test]
fn a_layer_that_does_not_keep_its_signature_is_told() -> pz::Result<()> {
    let told = Liar.call(ones([("a", 2)])?.into(), &SideInputs::new()).unwrap_err().to_string();
    assert!(told.contains("the result has no axis `a`, which is declared"), "{told}");
    Ok(())
}

/// A layer in a layer, which takes what it says.
#[pytree_dataclass]
#[derive(Layer)]
#[layer(input { ..rest, a: N }, output { ..rest, a: N })]
struct Around<L: Layer, const N: usize> {
    inner: L,
}

model! {
    Held<const N: usize>: { ..batch, a: N } -> { ..batch, a: N } {
        first: { Around { inner: LayerNorm::from_config(name, init, &[("a".into(), N)], 1e-6, DType::F32)? } } as Around<LayerNorm, N>,
    }
}

#[test]
fn a_layer_with_a_signature_may_be_generic() -> pz::Result<()> {
    let model = Held::<3>::init("held", Key::new(0))?;
    let output = model.call(ones([("a", 3)])?.into(), &SideInputs::new())?.into_array("output")?;
    assert_eq!(output.to_vec::<f32>()?, [0.0; 3]);
    Ok(())
}
