//! Training steps: a loss, its gradient, and Adam (Kingma and Ba 2015), written out with arrays.

use pz::models::transformer::{LlamalikeTransformerConfig, build_llamalike_transformer};
use pz::nn::{Activation, Affine, AnyLayer, Elementwise, Layer, LinearConfig, Sequential, SideInputs};
use pz::random::Key;
use pz::{DType, NamedArray, Parameter, PyTree, Result, select};

use crate::best;

/// A model's parameters, and what Adam remembers of each: the running means of its gradient and of its square.
struct Adam {
    parameters: Vec<Parameter>,
    means: Vec<NamedArray>,
    squares: Vec<NamedArray>,
    steps: i32,
}

impl Adam {
    fn new(model: &impl PyTree) -> Result<Self> {
        let mut parameters: Vec<Parameter> = Vec::new();
        for parameter in select(model).at_instances_of::<Parameter>().get_sequence()? {
            if !parameters.iter().any(|known| known.is_same(parameter)) {
                parameters.push(parameter.clone());
            }
        }
        let zeros = || parameters.iter().map(|p| p.value().mul(0.0)).collect::<Result<Vec<_>>>();
        Ok(Adam { means: zeros()?, squares: zeros()?, parameters, steps: 0 })
    }

    /// One step downwards; the loss before it.
    fn step(&mut self, loss: impl FnOnce() -> Result<NamedArray>) -> Result<NamedArray> {
        const RATE: f32 = 1e-3;
        let values: Vec<NamedArray> = self.parameters.iter().map(Parameter::value).collect();
        let (loss, grads) = pz::value_and_grad(
            |tracked| {
                self.parameters.iter().zip(tracked).for_each(|(p, value)| p.set_value(value.clone()));
                loss()
            },
            &values,
        )?;
        self.steps += 1;
        let rate = RATE * (1.0 - 0.999f32.powi(self.steps)).sqrt() / (1.0 - 0.9f32.powi(self.steps));
        for (place, (value, grad)) in values.into_iter().zip(grads).enumerate() {
            let (mean, square) = (&mut self.means[place], &mut self.squares[place]);
            *mean = mean.mul(0.9)?.add(&grad.mul(0.1)?)?;
            *square = square.mul(0.999)?.add(&grad.square()?.mul(0.001)?)?;
            let change = mean.mul(rate)?.div(&square.sqrt()?.add(1e-8)?)?;
            self.parameters[place].set_value(value.sub(&change)?);
        }
        let values: Vec<NamedArray> = self.parameters.iter().map(Parameter::value).collect();
        pz::eval(values.iter().chain(&self.means).chain(&self.squares).chain([&loss]))?;
        Ok(loss)
    }
}

/// The mean negative logarithm of what was predicted for the labels, over all of them.
fn cross_entropy(
    logits: &NamedArray,
    axis: &'static str,
    classes: usize,
    labels: &NamedArray,
) -> Result<NamedArray> {
    let is_label = NamedArray::arange(axis, classes).equal(labels)?;
    let picked = is_label.select(&logits.log_softmax(axis)?, 0.0)?;
    let count = labels.len() as f32;
    let names: Vec<_> = picked.named_shape().into_iter().map(|(name, _)| name).collect();
    picked.sum(&names)?.mul(-1.0 / count)
}

/// A perceptron of three affine maps on a batch of 128.
pub fn mlp() -> Result<()> {
    const STEPS: usize = 100;
    let sizes = [("a", 64), ("b", 256), ("c", 256), ("classes", 10)];
    let mut layers = Vec::new();
    for (place, pair) in sizes.windows(2).enumerate() {
        let config = LinearConfig::new([pair[0]], [pair[1]]);
        layers.push(AnyLayer::new(Affine::from_config(&format!("mlp/{place}"), Key::new(0), &config)?));
        if place < 2 {
            layers.push(AnyLayer::new(Elementwise { function: Activation::Relu }));
        }
    }
    let model = Sequential::new(layers);
    let mut adam = Adam::new(&model)?;
    let time = best(|run| {
        let mut last = 0.0;
        for step in 0..STEPS {
            let phase = run as f32 + step as f32 * 0.01;
            let x = NamedArray::arange("a", 64).cast(DType::F32)?;
            let batch = NamedArray::arange("batch", 128).cast(DType::F32)?.mul(0.3)?.add(phase)?;
            let x = batch.mul(&x)?.sin()?;
            let labels = NamedArray::arange("batch", 128).rem(10)?;
            let loss = adam.step(|| {
                let logits = model.call(x.into(), &SideInputs::new())?.into_array("mlp")?;
                cross_entropy(&logits, "classes", 10, &labels)
            })?;
            last = loss.item::<f32>()?;
        }
        Ok(last)
    })?;
    println!("train_mlp_64_256_256_10_b128 {:.3} ms/step", time.as_secs_f64() * 1e3 / STEPS as f64);
    Ok(())
}

/// A Llama of 4 blocks, 128 wide, on 8 texts of 128 tokens.
pub fn lm() -> Result<()> {
    const STEPS: usize = 5;
    let config = LlamalikeTransformerConfig {
        num_kv_heads: 4,
        query_head_multiplier: 1,
        embedding_dim: 128,
        projection_dim: 32,
        mlp_hidden_dim: 352,
        num_decoder_blocks: 4,
        vocab_size: 256,
        tie_embedder_and_logits: true,
        ..Default::default()
    };
    let model = build_llamalike_transformer(&config, Key::new(0), "m")?;
    let mut adam = Adam::new(&model)?;
    let begin = std::time::Instant::now();
    let mut steps = |run: i32| {
        let mut last = 0.0;
        for step in 0..STEPS as i32 {
            let mut state = (run * 31 + step) as u32 * 2_654_435_761 + 1;
            let tokens = (0..8 * 129).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as i32
            });
            let tokens = NamedArray::from_vec(tokens.collect(), [("batch", 8), ("seq", 129)])?;
            let labels = tokens.slice("seq", 1..129)?;
            let loss = adam.step(|| {
                let inputs = tokens.slice("seq", 0..128)?;
                let logits = model.call(inputs.into(), &SideInputs::new())?.into_array("model")?;
                cross_entropy(&logits, "vocabulary", 256, &labels)
            })?;
            last = loss.item::<f32>()?;
        }
        Ok(last)
    };
    steps(0)?;
    println!("train_lm_first_5_steps {:.0} ms", begin.elapsed().as_secs_f64() * 1e3);
    let time = best(steps)?;
    println!("train_lm_d128_l4_b8_s128 {:.2} ms/step", time.as_secs_f64() * 1e3 / STEPS as f64);
    Ok(())
}
