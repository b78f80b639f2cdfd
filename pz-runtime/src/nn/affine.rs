//! What surrounds a linear map: biases, and new names for axes.

use std::sync::Arc;

use super::{
    ActsOver, AnyLayer, ArrayLayer, FormAxes, Init, Layer, LinearConfig, LinearOperatorWeightInitializer,
    MapsAxes, ParameterLike, Sequential, SideInputs, Site, Slot, Value, WeightAxes, WeightOptions,
    call_in_order, make_parameter, zero_initializer,
};
use crate::AxisName;
use crate::array::DType;
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::shape::{Elements, Rule, Types};

/// Adds a bias. Axes of the bias that the input lacks are new axes of the result.
///
/// # Errors
/// The input has an axis of the bias in another size; the bias is missing.
#[crate::pytree_dataclass]
#[pytree(color = "#65cfbc")]
pub struct AddBias {
    /// The bias.
    pub bias: ParameterLike,
    /// The axes that the input is meant not to have.
    #[pytree(static)]
    pub new_axis_names: Vec<AxisName>,
}

impl AddBias {
    /// A new bias, called `name`, over axes that the input has and axes that it makes; its parameter is labelled
    /// `{name}.bias`.
    ///
    /// # Errors
    /// An axis that is named twice.
    pub fn from_config<'a>(
        name: &str,
        init: impl Into<Init<'a>>,
        biased_axes: &[(AxisName, usize)],
        new_output_axes: &[(AxisName, usize)],
        initializer: &dyn LinearOperatorWeightInitializer,
        dtype: DType,
    ) -> Result<Self> {
        let axes = WeightAxes { output: [biased_axes, new_output_axes].concat(), ..WeightAxes::default() };
        let label = format!("{name}.bias");
        let bias = make_parameter(&label, init, &axes.output, |key| initializer.init(key, &axes, dtype))?;
        Ok(AddBias { bias, new_axis_names: new_output_axes.iter().map(|(name, _)| *name).collect() })
    }
}

impl ArrayLayer for AddBias {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> Result<NamedArray> {
        let (label, bias) = (self.bias.label(), self.bias.value()?);
        let mut problems = Vec::new();
        for (axis, wanted) in bias.named_shape() {
            match input.size(axis) {
                Some(found) if self.new_axis_names.contains(&axis) => {
                    problems.push(format!(
                        "the input already has the axis `{axis}: {found}`, which the layer makes"
                    ));
                }
                Some(found) if found != wanted => {
                    problems.push(format!(
                        "the input has `{axis}: {found}`, and `{label}` has `{axis}: {wanted}`"
                    ));
                }
                Some(_) | None => {}
            }
        }
        match Report::of(format_args!("AddBias ({label})"), problems) {
            Some(report) => Err(report.shape()),
            None => input.add(&bias),
        }
    }
}

/// Gives axes other names, all at once, so that two may swap theirs.
///
/// # Errors
/// The lists differ in length; the input lacks an old name; it has a new one already.
#[crate::pytree_dataclass]
pub struct RenameAxes {
    /// The names that the input has.
    #[pytree(static)]
    pub old: Vec<AxisName>,
    /// The names that the result has instead.
    #[pytree(static)]
    pub new: Vec<AxisName>,
}

impl RenameAxes {
    /// Renames each first name to the second.
    pub fn new(pairs: impl IntoIterator<Item = (impl Into<AxisName>, impl Into<AxisName>)>) -> Self {
        let (old, new) = pairs.into_iter().map(|(old, new)| (old.into(), new.into())).unzip();
        RenameAxes { old, new }
    }
}

impl ArrayLayer for RenameAxes {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> Result<NamedArray> {
        input.rename(&self.old, &self.new)
    }
}

/// A linear map and a bias: `[Linear, AddBias]`, with a [`RenameAxes`] between where an axis is consumed and made.
#[crate::pytree_dataclass(is = Sequential)]
#[pytree(color = "#eba875")]
pub struct Affine {
    /// The layers, first called first.
    pub sublayers: Vec<AnyLayer>,
}

impl Affine {
    /// A new affine map, called `name`, with a bias of zeros; its parameters are labelled
    /// `{name}/Linear.weights` and `{name}/AddBias.bias`.
    ///
    /// # Errors
    /// As [`Linear::from_config`](super::Linear::from_config).
    pub fn from_config<'a>(name: &str, init: impl Into<Init<'a>>, config: &LinearConfig) -> Result<Self> {
        Self::with_bias(name, init, config, Arc::new(zero_initializer))
    }

    /// As [`from_config`](Affine::from_config), with a bias from `initializer`.
    ///
    /// # Errors
    /// As [`from_config`](Affine::from_config).
    pub fn with_bias<'a>(
        name: &str,
        init: impl Into<Init<'a>>,
        config: &LinearConfig,
        initializer: Arc<dyn LinearOperatorWeightInitializer>,
    ) -> Result<Self> {
        let init = init.into();
        let mut sublayers = config.build(&format!("{name}/Linear"), init)?;
        let biased: Vec<_> = [&config.parallel_axes, &config.parallel_broadcast_axes, &config.output_axes]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        let bias = AddBias::from_config(
            &format!("{name}/AddBias"),
            init,
            &biased,
            &[],
            &*initializer,
            config.dtype,
        )?;
        sublayers.push(AnyLayer::new(bias));
        Ok(Affine { sublayers })
    }
}

impl Layer for Affine {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        call_in_order(self, "sublayers", &self.sublayers, input, side)
    }
}

/// `Affine { a: 8 => b: 4 } (dtype = f32, initializer = Arc::new(..))` in a `model!`; the initializer is that of
/// the weights.
impl MapsAxes for Affine {
    type Options = WeightOptions;
    fn mapping(
        site: &Site<'_>,
        from: &FormAxes,
        to: &FormAxes,
        options: WeightOptions,
    ) -> Result<Slot<Self>> {
        Affine::from_config(site.name(), site.init(), &options.config(site, from, to)?).map(Slot::new)
    }
}

/// `RenameAxes { old => new }` in a `model!`.
impl MapsAxes for RenameAxes {
    type Options = ();
    const RULE: Rule = Rule::Renames;
    const TAKES: Elements = Elements::ANY;
    const TYPES: Types = Types::Kept;
    fn mapping(_: &Site<'_>, from: &FormAxes, to: &FormAxes, (): ()) -> Result<Slot<Self>> {
        Ok(Slot::new(RenameAxes { old: from.names(), new: to.names() }))
    }
}

/// The options of [`AddBias`] in a `model!`.
#[derive(Clone)]
pub struct BiasOptions {
    /// Makes the first bias: [`zero_initializer`].
    pub initializer: Arc<dyn LinearOperatorWeightInitializer>,
    /// The element type of the bias, where it is not that of the input.
    pub dtype: Option<DType>,
}

impl Default for BiasOptions {
    fn default() -> Self {
        BiasOptions { initializer: Arc::new(zero_initializer), dtype: None }
    }
}

/// `AddBias { axes } (dtype = f32, initializer = Arc::new(..))` in a `model!`.
impl ActsOver for AddBias {
    type Options = BiasOptions;
    const RULE: Rule = Rule::ActsOverSized;
    fn over(site: &Site<'_>, axes: &FormAxes, options: BiasOptions) -> Result<Slot<Self>> {
        AddBias::from_config(
            site.name(),
            site.init(),
            &axes.sized()?,
            &[],
            &*options.initializer,
            site.dtype(options.dtype),
        )
        .map(Slot::new)
    }
}
