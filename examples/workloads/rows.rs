//! Operations on rows of an array that no cache holds: 64 x 512 x 768 elements, 100 MB.

use pz::nn::{Layer, LayerNorm, SideInputs};
use pz::random::Key;
use pz::{DType, NamedArray, Result};

use crate::best;

const SHAPE: [(&str, usize); 3] = [("batch", 64), ("seq", 512), ("features", 768)];

fn activations() -> Result<NamedArray> {
    let x = NamedArray::arange("features", 768).cast(DType::F32)?.mul(0.01)?.sin()?.broadcast_to(SHAPE)?;
    let x = x.order_as(["batch", "seq", "features"])? + 0.5;
    x.eval()?;
    Ok(x)
}

/// The time until the result is there; one element of it is read, so that it must be.
fn measure(name: &str, f: impl Fn(&NamedArray) -> Result<NamedArray>) -> Result<()> {
    let x = activations()?;
    let time = best(|run| {
        let y = f(&x)?;
        y.eval()?;
        y.index("batch", run as usize % 64)?.index("seq", 511)?.index("features", 767)?.item::<f32>()
    })?;
    println!("{name}_64x512x768 {:.2} ms", time.as_secs_f64() * 1e3);
    Ok(())
}

/// A layer norm over the features, then gelu in its tanh form.
pub fn layernorm_gelu() -> Result<()> {
    let norm = LayerNorm::from_config("ln", Key::new(0), &[("features".into(), 768)], 1e-6, DType::F32)?;
    measure("layernorm_gelu", |x| norm.call(x.clone().into(), &SideInputs::new())?.into_array("norm")?.gelu())
}

/// A softmax over the features.
pub fn softmax() -> Result<()> {
    measure("softmax", |x| x.softmax("features"))
}
