//! Linear maps between named axes.
//!
//! A [`Linear`] contracts the axes that it consumes with its weights; all other axes of the input are batch axes,
//! whatever their number and order. Axes of the weights that the layer neither consumes nor makes are parallel:
//! each index has weights of its own. The layer looks at the whole input before it does anything, so that one
//! error names everything that does not fit.

use std::fmt;
use std::sync::Arc;

use super::{
    AnyLayer, ArrayLayer, FormAxes, Init, Layer, LinearOperatorWeightInitializer, MapsAxes, ParameterLike,
    RenameAxes, Sequential, SideInputs, Site, Slot, Value, WeightAxes, call_in_order, make_parameter,
    xavier_uniform_initializer,
};
use crate::AxisName;
use crate::array::DType;
use crate::error::{Report, Result};
use crate::named::{self, NamedArray};

/// Multiplies by weights and sums over the axes `in_axis_names`.
///
/// The result has the input's other axes, then those axes of the weights that the input does not have.
///
/// # Errors
/// The input is not of a floating type, has positional axes, lacks an axis of the weights, has it in another
/// size, or has an axis that the layer makes; the weights are missing.
#[crate::pytree_dataclass]
#[pytree(color = "#eba875")]
pub struct Linear {
    /// The weights.
    pub weights: ParameterLike,
    /// The axes that are consumed.
    #[pytree(static)]
    pub in_axis_names: Vec<AxisName>,
    /// The axes that are made.
    #[pytree(static)]
    pub out_axis_names: Vec<AxisName>,
}

impl Linear {
    /// A linear map with these weights.
    pub fn new(
        weights: impl Into<ParameterLike>,
        in_axis_names: impl IntoIterator<Item = impl Into<AxisName>>,
        out_axis_names: impl IntoIterator<Item = impl Into<AxisName>>,
    ) -> Self {
        Linear {
            weights: weights.into(),
            in_axis_names: in_axis_names.into_iter().map(Into::into).collect(),
            out_axis_names: out_axis_names.into_iter().map(Into::into).collect(),
        }
    }

    /// A new linear map, called `name`; its weights are labelled `{name}.weights`.
    ///
    /// A [`Linear`], or a [`LinearInPlace`] where an axis is both consumed and made.
    ///
    /// # Errors
    /// An axis that is named twice; an axis that is consumed and made, where the configuration forbids it.
    pub fn from_config<'a>(name: &str, init: impl Into<Init<'a>>, config: &LinearConfig) -> Result<AnyLayer> {
        let mut parts = config.build(name, init.into())?;
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => AnyLayer::new(LinearInPlace { sublayers: parts }),
        })
    }

    /// Everything about the input that does not fit.
    fn check(&self, input: &NamedArray, weights: &NamedArray) -> Result<()> {
        let label = self.weights.label();
        let mut problems = Vec::new();
        if !input.dtype().is_float() {
            problems.push(format!("the input is {}, and must be of a floating type", input.dtype()));
        }
        if !input.positional_shape().is_empty() {
            let shape = input.positional_shape();
            problems.push(format!(
                "the input has positional axes {shape:?}, and must have none; name them with `tag`"
            ));
        }
        for (axis, wanted) in weights.named_shape() {
            let made = self.out_axis_names.contains(&axis);
            match input.size(axis) {
                Some(_) if made => {
                    problems.push(format!("the input already has the axis `{axis}`, which the layer makes"))
                }
                Some(found) if found != wanted => {
                    problems.push(format!(
                        "the input has `{axis}: {found}`, and `{label}` has `{axis}: {wanted}`"
                    ));
                }
                None if !made => problems
                    .push(format!("the input has no axis `{axis}`, and `{label}` has `{axis}: {wanted}`")),
                Some(_) | None => {}
            }
        }
        for axis in &self.in_axis_names {
            if weights.size(*axis).is_none() {
                problems.push(format!("`{label}` has no axis `{axis}`, which the layer consumes"));
            }
        }
        Report::of(format_args!("Linear ({label})"), problems).map_or(Ok(()), |report| {
            Err(report
                .help(format!(
                    "the input's axes are {:?}, the weights' {:?}",
                    input.named_shape(),
                    weights.named_shape()
                ))
                .shape())
        })
    }
}

impl ArrayLayer for Linear {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> Result<NamedArray> {
        let weights = self.weights.value()?;
        self.check(&input, &weights)?;
        named::contract(&self.in_axis_names, &input, &weights)
    }
}

/// A [`Linear`] that makes axes of the names that it consumes, and the [`RenameAxes`] that gives them these names.
#[crate::pytree_dataclass(is = Sequential)]
#[pytree(color = "#eba875")]
pub struct LinearInPlace {
    /// The layers, first called first.
    pub sublayers: Vec<AnyLayer>,
}

impl Layer for LinearInPlace {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        call_in_order(self, "sublayers", &self.sublayers, input, side)
    }
}

/// The options of a layer with weights.
#[derive(Clone)]
pub struct WeightOptions {
    /// Makes the first weights: [`xavier_uniform_initializer`].
    pub initializer: Arc<dyn LinearOperatorWeightInitializer>,
    /// The element type of the weights, where it is not that of the input.
    pub dtype: Option<DType>,
}

impl Default for WeightOptions {
    fn default() -> Self {
        WeightOptions { initializer: Arc::new(xavier_uniform_initializer), dtype: None }
    }
}

impl WeightOptions {
    /// The configuration of a linear map with these options.
    pub(super) fn config(self, site: &Site<'_>, from: &FormAxes, to: &FormAxes) -> Result<LinearConfig> {
        let axes = LinearConfig::new(from.sized()?, to.sized()?);
        Ok(LinearConfig { initializer: self.initializer, dtype: site.dtype(self.dtype), ..axes })
    }
}

/// `Linear { a: 8 => b: 4 } (dtype = f32, initializer = Arc::new(..))` in a `model!`.
impl MapsAxes for Linear {
    type Options = WeightOptions;
    fn mapping(
        site: &Site<'_>,
        from: &FormAxes,
        to: &FormAxes,
        options: WeightOptions,
    ) -> Result<Slot<Self>> {
        let built = Linear::from_config(site.name(), site.init(), &options.config(site, from, to)?)?;
        Ok(Slot::holding(built))
    }
}

/// What [`Linear::from_config`] and [`Affine::from_config`](super::Affine::from_config) build.
#[derive(Clone)]
pub struct LinearConfig {
    /// The axes that are consumed.
    pub input_axes: Vec<(AxisName, usize)>,
    /// The axes that are made.
    pub output_axes: Vec<(AxisName, usize)>,
    /// Axes of the input along which each index has weights of its own.
    pub parallel_axes: Vec<(AxisName, usize)>,
    /// Axes that the input does not have, with weights of its own at each index; they are made too.
    pub parallel_broadcast_axes: Vec<(AxisName, usize)>,
    /// Makes the weights.
    pub initializer: Arc<dyn LinearOperatorWeightInitializer>,
    /// The element type of the weights.
    pub dtype: DType,
    /// Whether an axis may be both consumed and made.
    pub rename_outputs_if_necessary: bool,
}

impl LinearConfig {
    /// Consumes and makes these axes; all else is Penzai's default: Xavier-uniform f32 weights, no parallel axes.
    pub fn new(
        input_axes: impl IntoIterator<Item = (impl Into<AxisName>, usize)>,
        output_axes: impl IntoIterator<Item = (impl Into<AxisName>, usize)>,
    ) -> Self {
        LinearConfig {
            input_axes: input_axes.into_iter().map(|(name, size)| (name.into(), size)).collect(),
            output_axes: output_axes.into_iter().map(|(name, size)| (name.into(), size)).collect(),
            parallel_axes: Vec::new(),
            parallel_broadcast_axes: Vec::new(),
            initializer: Arc::new(xavier_uniform_initializer),
            dtype: DType::F32,
            rename_outputs_if_necessary: true,
        }
    }

    /// The linear map, and where an axis is both consumed and made, the layer that renames it.
    pub(super) fn build(&self, name: &str, init: Init<'_>) -> Result<Vec<AnyLayer>> {
        let consumed = |axis: &AxisName| self.input_axes.iter().any(|(name, _)| name == axis);
        let (mut made, mut renamed) = (self.output_axes.clone(), Vec::new());
        for (axis, _) in made.iter_mut().filter(|(axis, _)| consumed(axis)) {
            let inside = AxisName::from(format!("{axis}_out"));
            renamed.push((inside, *axis));
            *axis = inside;
        }
        self.check(name, &renamed)?;
        let axes = WeightAxes {
            input: self.input_axes.clone(),
            output: made.clone(),
            parallel: self.parallel_axes.iter().chain(&self.parallel_broadcast_axes).copied().collect(),
            convolution_spatial: Vec::new(),
        };
        let label = format!("{name}.weights");
        let weights = make_parameter(&label, init, &axes.in_drawing_order(), |key| {
            self.initializer.init(key, &axes, self.dtype)
        })?;
        let names = |axes: &[(AxisName, usize)]| axes.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        let made: Vec<_> = made.iter().chain(&self.parallel_broadcast_axes).copied().collect();
        let mut layers = vec![AnyLayer::new(Linear::new(weights, names(&self.input_axes), names(&made)))];
        if !renamed.is_empty() {
            let (old, new) = renamed.into_iter().unzip();
            layers.push(AnyLayer::new(RenameAxes { old, new }));
        }
        Ok(layers)
    }

    fn check(&self, name: &str, renamed: &[(AxisName, AxisName)]) -> Result<()> {
        let roles = [
            ("input_axes", &self.input_axes),
            ("output_axes", &self.output_axes),
            ("parallel_axes", &self.parallel_axes),
            ("parallel_broadcast_axes", &self.parallel_broadcast_axes),
        ];
        let mut problems = Vec::new();
        let mut seen: Vec<(AxisName, &str)> = Vec::new();
        for (role, axes) in roles {
            for (axis, _) in axes {
                match seen.iter().find(|(known, _)| known == axis) {
                    Some((_, "input_axes")) if role == "output_axes" && self.rename_outputs_if_necessary => {}
                    Some((_, "input_axes")) if role == "output_axes" => problems.push(format!(
                        "the axis `{axis}` is in `input_axes` and in `output_axes`, and \
                         `rename_outputs_if_necessary` is off"
                    )),
                    Some((_, earlier)) if *earlier == role => {
                        problems.push(format!("the axis `{axis}` is twice in `{role}`"))
                    }
                    Some((_, earlier)) => {
                        problems.push(format!("the axis `{axis}` is in `{earlier}` and in `{role}`"))
                    }
                    None => {}
                }
                seen.push((*axis, role));
            }
        }
        for (inside, axis) in renamed {
            if seen.iter().any(|(known, _)| known == inside) {
                problems.push(format!(
                    "`{axis}` is both consumed and made, and the name `{inside}` it needs meanwhile is taken"
                ));
            }
        }
        Report::of(format_args!("Linear::from_config ({name})"), problems)
            .map_or(Ok(()), |report| Err(report.shape()))
    }
}

impl fmt::Debug for LinearConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinearConfig")
            .field("input_axes", &self.input_axes)
            .field("output_axes", &self.output_axes)
            .field("parallel_axes", &self.parallel_axes)
            .field("parallel_broadcast_axes", &self.parallel_broadcast_axes)
            .field("dtype", &self.dtype)
            .finish_non_exhaustive()
    }
}
