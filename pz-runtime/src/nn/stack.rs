//! A stack of layers that are alike, whose parameters are kept together.
//!
//! The parameters of all layers are one array each, with an axis for the layer. A call runs the same layer again and
//! again, each time on its slice of every array that has the axis; nothing is copied until it is read.

use super::{AnyLayer, Init, Layer, SideInputs, Value, call_element};
use crate::AxisName;
use crate::error::{Report, Result};
use crate::named::{self, NamedArray};
use crate::tree::{Walk, select, visit};
use crate::vars::{Parameter, ParameterValue};

/// The same layer, `stack_axis_size` times in a row, with parameters of its own each time.
///
/// Parameters and other arrays that have the axis `stack_axis` are sliced along it; all else is shared by the layers.
///
/// ```
/// use pz::nn::{AnyLayer, Init, Layer, LayerStack, Linear, LinearConfig, SideInputs};
/// use pz::{DType, NamedArray, random::Key};
/// let stack = LayerStack::from_sublayer_builder("layer", 3, Init::Random(Key::new(0)), |init| {
///     Linear::from_config("linear", init, &LinearConfig::new([("x", 4)], [("x", 4)]))
/// })?;
/// let x = NamedArray::ones([("x", 4)], DType::F32)?;
/// assert_eq!(stack.call(x.into(), &SideInputs::new())?.into_array("y")?.size("x"), Some(4));
/// # Ok::<(), pz::Error>(())
/// ```
///
/// # Errors
/// An array that has the axis in another size; a state variable inside; those of the layers.
#[crate::pytree_dataclass]
#[derive(Debug)]
#[pytree(color = "#a2c5f2")]
pub struct LayerStack {
    /// The layers, their arrays with the axis `stack_axis`.
    pub stacked_sublayers: AnyLayer,
    /// The axis of the layers.
    #[pytree(static)]
    pub stack_axis: AxisName,
    /// How many layers there are.
    #[pytree(static)]
    pub stack_axis_size: usize,
}

impl LayerStack {
    /// A stack of what `builder` builds, once for each layer: from keys split from the one in `init`, or from its
    /// loading function, which is asked for whole stacks. Every array gains the axis, also one that is the same in
    /// all layers.
    ///
    /// # Errors
    /// Those of `builder`; a `stack_axis_size` of 0; an array that has the axis already.
    pub fn from_sublayer_builder(
        stack_axis: impl Into<AxisName>,
        stack_axis_size: usize,
        init: Init<'_>,
        builder: impl Fn(Init<'_>) -> Result<AnyLayer>,
    ) -> Result<Self> {
        let axis = stack_axis.into();
        if stack_axis_size == 0 {
            return Err(Report::new("LayerStack", "a stack has at least 1 layer, and was given 0").shape());
        }
        let stacked = match init {
            Init::Slots => return Ok(Self::of(builder(Init::Slots)?, axis, stack_axis_size)),
            Init::Random(key) => {
                let keys = key.split(stack_axis_size);
                stacked(
                    axis,
                    &keys.into_iter().map(|key| builder(Init::Random(key))).collect::<Result<Vec<_>>>()?,
                )?
            }
            Init::Loaded(load) => {
                let layer = |place: usize| {
                    builder(Init::Loaded(&|label, axes| {
                        let whole = [&[(axis, stack_axis_size)], axes].concat();
                        load(label, &whole)?.index(axis, place)
                    }))
                };
                stacked(axis, &(0..stack_axis_size).map(layer).collect::<Result<Vec<_>>>()?)?
            }
        };
        Ok(Self::of(stacked, axis, stack_axis_size))
    }

    fn of(stacked_sublayers: AnyLayer, stack_axis: AxisName, stack_axis_size: usize) -> Self {
        LayerStack { stacked_sublayers, stack_axis, stack_axis_size }
    }

    /// The layer at a place, with frozen parameters.
    ///
    /// # Errors
    /// An array that has the axis in another size than the stack.
    pub fn layer(&self, place: usize) -> Result<AnyLayer> {
        self.slice(&self.frozen()?, place)
    }

    fn frozen(&self) -> Result<AnyLayer> {
        let sublayers = &self.stacked_sublayers;
        let mut state = None;
        visit(sublayers, |path, node| {
            if state.is_none() && node.info().type_name == "StateVariable" {
                state = Some(path.clone());
            }
            Walk::Enter
        });
        if let Some(path) = state {
            let problem = "a state variable is inside, and it is not known whose layer's it is";
            return Err(Report::new("LayerStack", problem)
                .path(path)
                .help("freeze it, or put the layers into a `Sequential`")
                .variable());
        }
        select(sublayers).at_instances_of::<Parameter>().allow_empty().apply(Parameter::freeze)
    }

    fn slice(&self, frozen: &AnyLayer, place: usize) -> Result<AnyLayer> {
        let (axis, size) = (self.stack_axis, self.stack_axis_size);
        let arrays = select(frozen).at_instances_of::<NamedArray>().allow_empty();
        let mut problems = Vec::new();
        let sliced = arrays.apply_with_keypath(|path, array| match array.size(axis) {
            None => array.clone(),
            Some(found) if found != size => {
                problems.push(format!(
                    "the array at `{path}` has `{axis}: {found}`, and the stack has {size} layers"
                ));
                array.clone()
            }
            Some(_) => array.index(axis, place).unwrap_or_else(|_| array.clone()),
        })?;
        match Report::of("LayerStack", problems) {
            Some(report) => Err(report.shape()),
            None => Ok(sliced),
        }
    }
}

/// The layers as one, each array stacked along `axis`.
fn stacked(axis: AxisName, layers: &[AnyLayer]) -> Result<AnyLayer> {
    let Some(first) = layers.first() else {
        return Err(Report::new("LayerStack", "a stack has at least 1 layer, and was given 0").shape());
    };
    let mut values: Vec<Vec<NamedArray>> = Vec::new();
    for layer in layers {
        let frozen = select(layer).at_instances_of::<Parameter>().allow_empty().apply(Parameter::freeze)?;
        let arrays = select(&frozen).at_instances_of::<NamedArray>().allow_empty().get_sequence()?;
        values.push(arrays.into_iter().cloned().collect());
    }
    let mut joined = Vec::new();
    for place in 0..values.iter().map(Vec::len).min().unwrap_or_default() {
        let of_all: Vec<&NamedArray> = values.iter().map(|arrays| &arrays[place]).collect();
        let order: Vec<AxisName> =
            std::iter::once(axis).chain(of_all[0].named_shape().into_iter().map(|(name, _)| name)).collect();
        joined.push(named::stack(&of_all, axis)?.order_as(order)?);
    }
    let mut joined = joined.into_iter();
    let frozen = select(first).at_instances_of::<Parameter>().allow_empty().apply(Parameter::freeze)?;
    let frozen = select(&frozen)
        .at_instances_of::<NamedArray>()
        .allow_empty()
        .apply(|array| joined.next().unwrap_or_else(|| array.clone()))?;
    select(&frozen).at_instances_of::<ParameterValue>().allow_empty().apply(ParameterValue::unfreeze_as_copy)
}

impl Layer for LayerStack {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        let frozen = self.frozen()?;
        (0..self.stack_axis_size).try_fold(input, |value, place| {
            call_element(self, "stacked_sublayers", place, &self.slice(&frozen, place)?, value, side)
        })
    }
}
