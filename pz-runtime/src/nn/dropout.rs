//! Dropout: elements set to zero at random while a model learns.
//!
//! As in Penzai a layer is either stochastic or disabled, so nothing is passed through the model to say whether it
//! learns: an edit turns one into the other. Randomness comes from a [`RandomStream`](crate::RandomStream) among the side inputs.

use super::declared::SideInputOption;
use super::{AnyLayer, ArrayLayer, KeepsShape, Layer, SideInputs, Site, Slot, Value};
use crate::AxisName;
use crate::error::{Report, Result};
use crate::named::{NamedArray, Random};
use crate::shape::Elements;

/// The side input with the stream, where nobody says.
const STREAM: &str = "random_stream";

/// Sets elements to zero with the probability `drop_rate`, and divides the others by `1 - drop_rate`, so that the mean
/// stays (Srivastava et al. 2014).
///
/// The mask is drawn from the next key of the stream for the input's named axes; a positional axis, and an axis of
/// `share_across_axes`, is dropped or kept as a whole. As in Penzai the axes of the mask come first in the result, and a
/// rate of 0 or 1 takes a key too.
///
/// ```
/// use pz::nn::{ArrayLayer, SideInputs, StochasticDropout};
/// use pz::{NamedArray, DType, RandomStream, random::Key};
/// let side = SideInputs::new().with("random_stream", RandomStream::from_base_key(&Key::new(0))?);
/// let x = NamedArray::ones([("a", 2), ("b", 3)], DType::F32)?;
/// let y = StochasticDropout::new(0.5).apply(x, &side)?;
/// assert!(y.to_vec::<f32>()?.iter().all(|&y| y == 0.0 || y == 2.0));
/// # Ok::<(), pz::Error>(())
/// ```
///
/// # Errors
/// The side input is missing or is no stream; a rate that is no probability.
#[crate::pytree_dataclass]
#[derive(Debug)]
pub struct StochasticDropout {
    /// The probability of an element to be dropped.
    pub drop_rate: f64,
    /// The axes along which elements are dropped together.
    #[pytree(static)]
    pub share_across_axes: Vec<AxisName>,
    /// The side input with the random stream.
    #[pytree(static)]
    pub random_stream_input_name: String,
}

impl StochasticDropout {
    /// Dropout of single elements, from the stream `random_stream`.
    pub fn new(drop_rate: f64) -> Self {
        StochasticDropout {
            drop_rate,
            share_across_axes: Vec::new(),
            random_stream_input_name: STREAM.into(),
        }
    }

    /// The layer that stands in this one's place and does nothing.
    pub fn disable(&self) -> DisabledDropout {
        DisabledDropout {
            drop_rate: self.drop_rate,
            share_across_axes: self.share_across_axes.clone(),
            random_stream_input_name: self.random_stream_input_name.clone(),
        }
    }
}

impl ArrayLayer for StochasticDropout {
    fn apply(&self, input: NamedArray, side: &SideInputs) -> Result<NamedArray> {
        check_rate("StochasticDropout", self.drop_rate)?;
        let stream = side.random_stream(&self.random_stream_input_name)?;
        let masked =
            input.named_shape().into_iter().filter(|(name, _)| !self.share_across_axes.contains(name));
        let masked: Vec<(AxisName, usize)> = masked.collect();
        let mask = stream.next_key()?.bernoulli(masked, self.drop_rate)?;
        mask.select(0.0, input.div(1.0 - self.drop_rate)?)
    }
}

/// # Errors
/// The rate is no probability.
fn check_rate(layer: &str, rate: f64) -> Result<()> {
    if (0.0..=1.0).contains(&rate) {
        return Ok(());
    }
    let problem = format!("`drop_rate` is {rate}, and must be a number from 0 to 1");
    Err(Report::new(layer, problem).value())
}

/// Gives its input back: the place of a [`StochasticDropout`] that is disabled.
#[crate::pytree_dataclass]
#[derive(Debug)]
pub struct DisabledDropout {
    /// The rate of the layer that this one stands for.
    pub drop_rate: f64,
    /// Its shared axes.
    #[pytree(static)]
    pub share_across_axes: Vec<AxisName>,
    /// Its side input.
    #[pytree(static)]
    pub random_stream_input_name: String,
}

impl DisabledDropout {
    /// The layer that this one stands for.
    pub fn enable(&self) -> StochasticDropout {
        StochasticDropout {
            drop_rate: self.drop_rate,
            share_across_axes: self.share_across_axes.clone(),
            random_stream_input_name: self.random_stream_input_name.clone(),
        }
    }
}

impl Layer for DisabledDropout {
    fn call(&self, input: Value, _side: &SideInputs) -> Result<Value> {
        Ok(input)
    }
}

/// A [`StochasticDropout`] of this rate, or where there is none a [`DisabledDropout`] of rate 0, as a configuration says.
/// Shared axes and the name of the stream are fields of both.
///
/// ```
/// let layer = pz::nn::maybe_dropout(None, ["seq"], "random_stream");
/// assert!(layer.downcast_ref::<pz::nn::DisabledDropout>().is_some());
/// ```
pub fn maybe_dropout(
    drop_rate: Option<f64>,
    share_across_axes: impl IntoIterator<Item = impl Into<AxisName>>,
    random_stream_input_name: impl Into<String>,
) -> AnyLayer {
    let layer = StochasticDropout {
        drop_rate: drop_rate.unwrap_or_default(),
        share_across_axes: share_across_axes.into_iter().map(Into::into).collect(),
        random_stream_input_name: random_stream_input_name.into(),
    };
    match drop_rate {
        Some(_) => AnyLayer::new(layer),
        None => AnyLayer::new(layer.disable()),
    }
}

/// The options of dropout in a `model!`.
#[derive(Clone, Debug)]
pub struct DropoutOptions {
    /// The axes along which elements are dropped together: none.
    pub share_across: Vec<&'static str>,
    /// The side input with the random stream: `random_stream`.
    pub random_stream: &'static str,
}

impl Default for DropoutOptions {
    fn default() -> Self {
        DropoutOptions { share_across: Vec::new(), random_stream: STREAM }
    }
}

/// `StochasticDropout(0.1) (share_across = vec!["seq"], random_stream = "random_stream")` in a `model!`.
impl KeepsShape for StochasticDropout {
    type Argument = f64;
    type Options = DropoutOptions;
    const TAKES: Elements = Elements::FLOAT;
    const RANGE: Option<[i64; 2]> = Some([0, 1]);
    const SIDE_INPUTS: &'static [SideInputOption] = &[("random_stream", STREAM)];
    fn keeping(site: &Site<'_>, drop_rate: f64, options: DropoutOptions) -> Result<Slot<Self>> {
        configured(site, drop_rate, options).map(Slot::new)
    }
}

/// `DisabledDropout(0.1) (share_across = vec!["seq"])` in a `model!`. It reads no side input.
impl KeepsShape for DisabledDropout {
    type Argument = f64;
    type Options = DropoutOptions;
    const RANGE: Option<[i64; 2]> = Some([0, 1]);
    fn keeping(site: &Site<'_>, drop_rate: f64, options: DropoutOptions) -> Result<Slot<Self>> {
        Ok(Slot::new(configured(site, drop_rate, options)?.disable()))
    }
}

fn configured(site: &Site<'_>, drop_rate: f64, options: DropoutOptions) -> Result<StochasticDropout> {
    check_rate(site.name(), drop_rate)?;
    Ok(StochasticDropout {
        drop_rate,
        share_across_axes: options.share_across.into_iter().map(AxisName::new).collect(),
        random_stream_input_name: options.random_stream.into(),
    })
}
