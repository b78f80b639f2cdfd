//! Norms: layers that make the size of activations the same at every token.
//!
//! What standardises has no parameters; a norm is a chain of it with a learned scale and, for [`LayerNorm`], a
//! learned shift. As in Penzai the axes that are standardised come last in the result.

use super::{
    ActsOver, AddBias, AnyLayer, ArrayLayer, FormAxes, Init, Layer, Linear, LinearConfig, Sequential,
    SideInputs, Site, Slot, Value, call_in_order, constant_initializer, zero_initializer,
};
use crate::AxisName;
use crate::array::DType;
use crate::error::Result;
use crate::named::NamedArray;
use crate::shape::{Rule, Types};
use std::sync::Arc;

/// Divides by the root of the mean square: `x / sqrt(mean(x²) + epsilon)` (Zhang and Sennrich 2019).
#[crate::pytree_dataclass]
pub struct RMSStandardize {
    /// The axes over which the mean is taken, all together.
    #[pytree(static)]
    pub across: Vec<AxisName>,
    /// Keeps the divisor from 0. It takes the input's element type.
    pub epsilon: NamedArray,
}

impl RMSStandardize {
    /// Standardises over these axes, with an epsilon of `1e-6`.
    pub fn new(across: impl IntoIterator<Item = impl Into<AxisName>>) -> Self {
        RMSStandardize {
            across: across.into_iter().map(Into::into).collect(),
            epsilon: NamedArray::scalar(1e-6_f32),
        }
    }
}

impl ArrayLayer for RMSStandardize {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> Result<NamedArray> {
        let square = input.square()?.mean(&self.across)?;
        let scaled = input.mul(&square.add(&epsilon_for(&square, &self.epsilon)?)?.rsqrt()?)?;
        across_last(scaled, &self.across)
    }
}

/// Subtracts the mean and divides by the standard deviation: `(x - mean) / sqrt(variance + epsilon)`.
///
/// The variance is `mean(x²) - mean(x)²`, never below 0.
#[crate::pytree_dataclass]
pub struct Standardize {
    /// The axes over which mean and variance are taken, all together.
    #[pytree(static)]
    pub across: Vec<AxisName>,
    /// Keeps the divisor from 0. It takes the input's element type.
    pub epsilon: NamedArray,
}

impl Standardize {
    /// Standardises over these axes, with an epsilon of `1e-6`.
    pub fn new(across: impl IntoIterator<Item = impl Into<AxisName>>) -> Self {
        Standardize {
            across: across.into_iter().map(Into::into).collect(),
            epsilon: NamedArray::scalar(1e-6_f32),
        }
    }
}

impl ArrayLayer for Standardize {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> Result<NamedArray> {
        let mean = input.mean(&self.across)?;
        let variance = input.square()?.mean(&self.across)?.sub(&mean.square()?)?.maximum(0.0)?;
        let epsilon = epsilon_for(&variance, &self.epsilon)?;
        let scaled = input.sub(&mean)?.mul(&variance.add(&epsilon)?.rsqrt()?)?;
        across_last(scaled, &self.across)
    }
}

/// The epsilon in the element type of what it is added to, so that it does not change that type.
fn epsilon_for(array: &NamedArray, epsilon: &NamedArray) -> Result<NamedArray> {
    if epsilon.dtype() == array.dtype() { Ok(epsilon.clone()) } else { epsilon.cast(array.dtype()) }
}

fn across_last(array: NamedArray, across: &[AxisName]) -> Result<NamedArray> {
    let names: Vec<AxisName> = array.named_shape().into_iter().map(|(name, _)| name).collect();
    let mut order: Vec<AxisName> = names.iter().copied().filter(|name| !across.contains(name)).collect();
    order.extend_from_slice(across);
    if names == order { Ok(array) } else { array.order_as(order) }
}

/// A root-mean-square norm: `[RMSStandardize, Linear]`, the linear map being a learned scale for each element.
#[crate::pytree_dataclass(is = Sequential)]
pub struct RMSLayerNorm {
    /// The layers, first called first.
    pub sublayers: Vec<AnyLayer>,
}

impl RMSLayerNorm {
    /// A new norm over these axes, called `name`; its scale is ones, labelled `{name}/scale.weights`.
    ///
    /// Penzai's default for `epsilon` is `1e-6`. It is rounded to `dtype`.
    ///
    /// # Errors
    /// An axis that is named twice; a `dtype` that is no floating type.
    pub fn from_config<'a>(
        name: &str,
        init: impl Into<Init<'a>>,
        across_axes: &[(AxisName, usize)],
        epsilon: f32,
        dtype: DType,
    ) -> Result<Self> {
        let across = across_axes.iter().map(|(axis, _)| *axis).collect();
        let standardize = RMSStandardize { across, epsilon: NamedArray::scalar(epsilon).cast(dtype)? };
        let scale = scale(name, init.into(), across_axes, dtype)?;
        Ok(RMSLayerNorm { sublayers: vec![AnyLayer::new(standardize), scale] })
    }
}

impl Layer for RMSLayerNorm {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        call_in_order(self, "sublayers", &self.sublayers, input, side)
    }
}

/// A layer norm (Ba et al. 2016): `[Standardize, Linear, AddBias]`, with a learned scale and shift for each
/// element.
#[crate::pytree_dataclass(is = Sequential)]
pub struct LayerNorm {
    /// The layers, first called first.
    pub sublayers: Vec<AnyLayer>,
}

impl LayerNorm {
    /// A new norm over these axes, called `name`; scale and shift are ones and zeros, labelled
    /// `{name}/scale.weights` and `{name}/shift.bias`.
    ///
    /// Penzai's default for `epsilon` is `1e-6`.
    ///
    /// # Errors
    /// An axis that is named twice; a `dtype` that is no floating type.
    pub fn from_config<'a>(
        name: &str,
        init: impl Into<Init<'a>>,
        across_axes: &[(AxisName, usize)],
        epsilon: f32,
        dtype: DType,
    ) -> Result<Self> {
        let init = init.into();
        let across = across_axes.iter().map(|(axis, _)| *axis).collect();
        let standardize = Standardize { across, epsilon: NamedArray::scalar(epsilon) };
        let scale = scale(name, init, across_axes, dtype)?;
        let shift =
            AddBias::from_config(&format!("{name}/shift"), init, across_axes, &[], &zero_initializer, dtype)?;
        Ok(LayerNorm { sublayers: vec![AnyLayer::new(standardize), scale, AnyLayer::new(shift)] })
    }
}

impl Layer for LayerNorm {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        call_in_order(self, "sublayers", &self.sublayers, input, side)
    }
}

/// The options of a norm.
#[derive(Clone, Copy, Debug)]
pub struct NormOptions {
    /// Keeps the divisor from 0: `1e-6`.
    pub epsilon: f32,
    /// The element type of the parameters, where it is not that of the input.
    pub dtype: Option<DType>,
}

impl Default for NormOptions {
    fn default() -> Self {
        NormOptions { epsilon: 1e-6, dtype: None }
    }
}

/// The options of what standardises, without parameters.
#[derive(Clone, Copy, Debug)]
pub struct StandardizeOptions {
    /// Keeps the divisor from 0: `1e-6`.
    pub epsilon: f32,
}

impl Default for StandardizeOptions {
    fn default() -> Self {
        StandardizeOptions { epsilon: 1e-6 }
    }
}

/// `Standardize { axes } (epsilon = 1e-6)` in a `model!`.
impl ActsOver for Standardize {
    type Options = StandardizeOptions;
    const TYPES: Types = Types::Kept;
    fn over(_: &Site<'_>, axes: &FormAxes, options: StandardizeOptions) -> Result<Slot<Self>> {
        Ok(Slot::new(Standardize { across: axes.names(), epsilon: NamedArray::scalar(options.epsilon) }))
    }
}

/// `RMSStandardize { axes } (epsilon = 1e-6)` in a `model!`.
impl ActsOver for RMSStandardize {
    type Options = StandardizeOptions;
    const TYPES: Types = Types::Kept;
    fn over(_: &Site<'_>, axes: &FormAxes, options: StandardizeOptions) -> Result<Slot<Self>> {
        Ok(Slot::new(RMSStandardize { across: axes.names(), epsilon: NamedArray::scalar(options.epsilon) }))
    }
}

/// `LayerNorm { axes } (epsilon = 1e-6, dtype = f32)` in a `model!`.
impl ActsOver for LayerNorm {
    type Options = NormOptions;
    const RULE: Rule = Rule::ActsOverSized;
    fn over(site: &Site<'_>, axes: &FormAxes, options: NormOptions) -> Result<Slot<Self>> {
        let dtype = site.dtype(options.dtype);
        LayerNorm::from_config(site.name(), site.init(), &axes.sized()?, options.epsilon, dtype)
            .map(Slot::new)
    }
}

/// `RMSLayerNorm { axes } (epsilon = 1e-6, dtype = f32)` in a `model!`.
impl ActsOver for RMSLayerNorm {
    type Options = NormOptions;
    const RULE: Rule = Rule::ActsOverSized;
    fn over(site: &Site<'_>, axes: &FormAxes, options: NormOptions) -> Result<Slot<Self>> {
        let dtype = site.dtype(options.dtype);
        RMSLayerNorm::from_config(site.name(), site.init(), &axes.sized()?, options.epsilon, dtype)
            .map(Slot::new)
    }
}

/// A factor for each element: a linear map whose axes are all parallel.
fn scale(name: &str, init: Init<'_>, axes: &[(AxisName, usize)], dtype: DType) -> Result<AnyLayer> {
    let none: [(AxisName, usize); 0] = [];
    let config = LinearConfig {
        parallel_axes: axes.to_vec(),
        initializer: Arc::new(constant_initializer(1.0)),
        dtype,
        ..LinearConfig::new(none, none)
    };
    Linear::from_config(&format!("{name}/scale"), init, &config)
}
