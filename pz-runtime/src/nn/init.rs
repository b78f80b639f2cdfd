//! First values of weights.
//!
//! An initialiser sees what the weights will do: which axes they consume, which they produce, and which only
//! stand beside. It draws from one key, in the order of axes and in the dtype that Penzai has, so the same key gives
//! the same weights there and here.

use crate::AxisName;
use crate::array::DType;
use crate::error::{Report, Result};
use crate::named::{NamedArray, Random};
use crate::random::Key;

/// The axes of the weights of a linear operator, by what the operator does with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeightAxes {
    /// Consumed.
    pub input: Vec<(AxisName, usize)>,
    /// Produced.
    pub output: Vec<(AxisName, usize)>,
    /// Neither: there is an operator of its own at each index.
    pub parallel: Vec<(AxisName, usize)>,
    /// The window of a convolution.
    pub convolution_spatial: Vec<(AxisName, usize)>,
}

impl WeightAxes {
    /// The axes in the order in which variance scaling draws: parallel, convolution, input, output.
    pub fn in_drawing_order(&self) -> Vec<(AxisName, usize)> {
        [&self.parallel, &self.convolution_spatial, &self.input, &self.output]
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// The axes in the order that constant weights have: input, output, parallel, convolution.
    fn in_constant_order(&self) -> Vec<(AxisName, usize)> {
        [&self.input, &self.output, &self.parallel, &self.convolution_spatial]
            .into_iter()
            .flatten()
            .copied()
            .collect()
    }

    /// Everything that forbids weights with these axes, at once.
    fn check(&self) -> Result<()> {
        let all = self.in_drawing_order();
        let mut problems: Vec<String> = all
            .iter()
            .enumerate()
            .filter(|(place, (name, _))| all[..*place].iter().any(|(earlier, _)| earlier == name))
            .map(|(_, (name, _))| format!("the axis `{name}` is named twice among {all:?}"))
            .collect();
        if elements(&all).is_none() {
            problems.push(format!("the sizes of {all:?} multiply to more elements than memory can hold"));
        }
        Report::of("initialising weights", problems).map_or(Ok(()), |report| Err(report.shape()))
    }
}

/// The number of elements, where an array of f64 of that many can be.
fn elements(axes: &[(AxisName, usize)]) -> Option<usize> {
    let count = axes.iter().try_fold(1_usize, |count, (_, size)| count.checked_mul(*size))?;
    (count <= isize::MAX as usize / size_of::<f64>()).then_some(count)
}

/// A way to make the first weights of a linear operator. Functions and closures of these arguments are one.
pub trait LinearOperatorWeightInitializer: Send + Sync {
    /// The weights: an array with exactly these axes, of element type `dtype`.
    ///
    /// # Errors
    /// Axes that cannot be.
    fn init(&self, key: Key, axes: &WeightAxes, dtype: DType) -> Result<NamedArray>;
}

impl<F> LinearOperatorWeightInitializer for F
where
    F: Fn(Key, &WeightAxes, DType) -> Result<NamedArray> + Send + Sync,
{
    fn init(&self, key: Key, axes: &WeightAxes, dtype: DType) -> Result<NamedArray> {
        self(key, axes, dtype)
    }
}

/// By which number of axes variance is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fan {
    /// The elements that go into one output.
    In,
    /// The elements that one input goes to.
    Out,
    /// The mean of both.
    Average,
}

/// The distribution of weights; all have mean 0 and the same variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightDistribution {
    /// Normal.
    Normal,
    /// Even, between bounds.
    Uniform,
    /// Normal, without what is further than two standard deviations from 0.
    TruncatedNormal,
}

/// The standard deviation of the standard normal distribution between -2 and 2.
const TRUNCATED_DEVIATION: f64 = 0.879_625_661_034_239_8;

/// Weights of mean 0 and variance `scale / fan` (Glorot and Bengio 2010; He et al. 2015). Parallel axes do not
/// count.
///
/// ```
/// use pz::DType;
/// use pz::nn::{Fan, LinearOperatorWeightInitializer, WeightAxes, WeightDistribution, variance_scaling_initializer};
/// use pz::random::Key;
/// let he = variance_scaling_initializer(2.0, Fan::In, WeightDistribution::TruncatedNormal);
/// let axes = WeightAxes { input: vec![("in".into(), 2)], output: vec![("out".into(), 3)], ..WeightAxes::default() };
/// assert_eq!(he.init(Key::new(0), &axes, DType::F32)?.size("out"), Some(3));
/// # Ok::<(), pz::Error>(())
/// ```
pub fn variance_scaling_initializer(
    scale: f64,
    fan: Fan,
    distribution: WeightDistribution,
) -> impl LinearOperatorWeightInitializer + Copy {
    move |key: Key, axes: &WeightAxes, dtype: DType| scaled(key, axes, dtype, scale, fan, distribution)
}

fn scaled(
    key: Key,
    axes: &WeightAxes,
    dtype: DType,
    scale: f64,
    fan: Fan,
    distribution: WeightDistribution,
) -> Result<NamedArray> {
    axes.check()?;
    let size = |axes: &[(AxisName, usize)]| axes.iter().map(|(_, size)| *size as f64).product::<f64>();
    let window = size(&axes.convolution_spatial);
    let (fan_in, fan_out) = (size(&axes.input) * window, size(&axes.output) * window);
    let denominator = match fan {
        Fan::In => fan_in,
        Fan::Out => fan_out,
        Fan::Average => (fan_in + fan_out) / 2.0,
    };
    // As in Penzai, every step is rounded to the dtype.
    let float = dtype.to_float();
    let number = |value: f64| NamedArray::scalar(value).cast(float);
    let variance = number(scale / denominator)?;
    let drawn = axes.in_drawing_order();
    let (values, factor) = match distribution {
        WeightDistribution::Normal => (key.normal(drawn, float)?, variance.sqrt()?),
        WeightDistribution::Uniform => {
            (key.uniform_range(drawn, -1.0..1.0, float)?, variance.mul(3.0)?.sqrt()?)
        }
        WeightDistribution::TruncatedNormal => (
            key.truncated_normal(drawn, -2.0..2.0, float)?,
            variance.sqrt()?.div(&number(TRUNCATED_DEVIATION)?)?,
        ),
    };
    of_dtype(values.mul(&factor)?, dtype)
}

/// Weights of variance `1 / fan` for the mean of both fans, evenly distributed: within `sqrt(6 / (in + out))`.
///
/// # Errors
/// An axis that is named twice; more elements than memory can hold.
pub fn xavier_uniform_initializer(key: Key, axes: &WeightAxes, dtype: DType) -> Result<NamedArray> {
    scaled(key, axes, dtype, 1.0, Fan::Average, WeightDistribution::Uniform)
}

/// Weights of variance `1 / fan` for the mean of both fans, normally distributed and not truncated.
///
/// # Errors
/// As [`xavier_uniform_initializer`].
pub fn xavier_normal_initializer(key: Key, axes: &WeightAxes, dtype: DType) -> Result<NamedArray> {
    scaled(key, axes, dtype, 1.0, Fan::Average, WeightDistribution::Normal)
}

/// Weights that are all `value`.
pub fn constant_initializer(value: f32) -> impl LinearOperatorWeightInitializer + Copy {
    move |_: Key, axes: &WeightAxes, dtype: DType| constant(axes, dtype, value)
}

/// Weights that are all 0.
///
/// # Errors
/// As [`xavier_uniform_initializer`].
pub fn zero_initializer(_: Key, axes: &WeightAxes, dtype: DType) -> Result<NamedArray> {
    constant(axes, dtype, 0.0)
}

fn constant(axes: &WeightAxes, dtype: DType, value: f32) -> Result<NamedArray> {
    axes.check()?;
    of_dtype(NamedArray::full(axes.in_constant_order(), value)?, dtype)
}

fn of_dtype(array: NamedArray, dtype: DType) -> Result<NamedArray> {
    if array.dtype() == dtype { Ok(array) } else { array.cast(dtype) }
}
