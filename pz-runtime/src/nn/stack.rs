//! A stack of layers that are alike, whose parameters are kept together.
//!
//! The parameters of all layers are one array each, with an axis for the layer. A call runs the same layer again and
//! again, each time on its slice of every array that has the axis; nothing is copied until it is read.

use std::collections::{HashMap, HashSet};

use super::judging::{Shape, is_judging, side_state, state_of};
use super::stacked::{behavior, joined, stacked, unmarked};
use super::{AnyLayer, Init, Layer, LayerStackVarBehavior, SideInputs, Value, call_element};
use crate::AxisName;
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::tree::{Node, PyTree, Walk, select, visit};
use crate::vars::{Parameter, ParameterValue};

/// The same layer, `stack_axis_size` times in a row, with parameters of its own each time.
///
/// Parameters and other arrays that have the axis `stack_axis` are sliced along it; all else is shared by the layers. A
/// state variable says in its metadata ([`LayerStackAxes`](super::LayerStackAxes)) whether the layers share it, one
/// changing it after the other, or each has its slice; the slices are put together when the last layer has run, and
/// where a layer fails they stay what they were. State variables of side inputs are shared.
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
/// An array that has the axis in another size; a state variable that does not say whose it is, or whose value does not
/// fit what it says; those of the layers.
#[crate::pytree_dataclass]
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
    /// all layers; state variables are each layer's own.
    ///
    /// # Errors
    /// Those of `builder`; a `stack_axis_size` of 0; an array that has the axis already; a state variable that holds
    /// anything but arrays.
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
        let layers = match init {
            // The layers are alike, so that one stands for all.
            Init::Slots => vec![builder(Init::Slots)?; stack_axis_size],
            Init::Random(key) => {
                let keys = key.split(stack_axis_size).into_iter();
                keys.map(|key| builder(Init::Random(key))).collect::<Result<_>>()?
            }
            Init::Loaded(load) => {
                let layer = |place: usize| {
                    builder(Init::Loaded(&|label, axes| {
                        let whole = [&[(axis, stack_axis_size)], axes].concat();
                        load(label, &whole)?.index(axis, place)
                    }))
                };
                (0..stack_axis_size).map(layer).collect::<Result<_>>()?
            }
        };
        let stacked_sublayers = stacked(axis, &layers)?;
        Ok(LayerStack { stacked_sublayers, stack_axis: axis, stack_axis_size })
    }

    /// The layer at a place, with frozen parameters. A state variable that each layer has for itself is a copy, which holds
    /// this layer's part of the state.
    ///
    /// # Errors
    /// An array that has the axis in another size than the stack; a state variable that does not say whose it is.
    pub fn layer(&self, place: usize) -> Result<AnyLayer> {
        self.slice(place, &mut HashMap::new())
    }

    /// The layer at a place. Of each state variable that layers have for themselves, the copy for this one is put down
    /// in `parts` under the variable's identity.
    fn slice(&self, place: usize, parts: &mut HashMap<usize, Node>) -> Result<AnyLayer> {
        let mut problems = Vec::new();
        let nodes = select(&self.stacked_sublayers).at_subtrees_where(|_, node| {
            let array = node.downcast_ref::<NamedArray>();
            node.as_variable().is_some() || array.is_some_and(|array| array.size(self.stack_axis).is_some())
        });
        let sliced = nodes.allow_empty().apply_with_keypath(|path, node| -> Result<Node> {
            if let Some(parameter) = node.downcast_ref::<Parameter>() {
                let frozen = parameter.freeze();
                let value = self.index(&frozen.value, place, || format!("`{path}`"), &mut problems);
                return Ok(Box::new(ParameterValue { value, ..frozen }));
            }
            let Some(variable) = node.as_variable() else {
                let array = node.downcast_ref::<NamedArray>();
                let sliced = array
                    .map(|array| -> Node {
                        Box::new(self.index(array, place, || format!("`{path}`"), &mut problems))
                    });
                return Ok(sliced.unwrap_or_else(|| node.clone_node()));
            };
            let part = node.identity().and_then(|identity| parts.get(&identity));
            if let Some(part) = part {
                return Ok(part.clone_node());
            }
            match behavior(variable, self.stack_axis) {
                None => {
                    problems.push(unmarked(variable, path, self.stack_axis));
                    Ok(node.clone_node())
                }
                Some(LayerStackVarBehavior::Shared) => {
                    variable.each_leaf(&mut |leaf| {
                        if leaf.downcast_ref::<NamedArray>().is_some_and(|a| a.size(self.stack_axis).is_some()) {
                            problems.push(format!(
                                "the state variable `{}` is shared by the layers, and a value in it has the axis `{}`",
                                variable.name(),
                                self.stack_axis
                            ));
                        }
                    });
                    Ok(node.clone_node())
                }
                Some(LayerStackVarBehavior::PerLayer) => {
                    let name = || format!("of the state variable `{}`", variable.name());
                    let part = variable.copy_with(
                        &mut |leaf| match leaf.downcast_ref::<NamedArray>() {
                            Some(array) if array.size(self.stack_axis).is_some() => {
                                Ok(Box::new(self.index(array, place, name, &mut problems)))
                            }
                            _ => {
                                problems.push(format!(
                                    "each layer has a part of the state variable `{}`, and a value in it has no axis `{}`",
                                    variable.name(),
                                    self.stack_axis
                                ));
                                Ok(leaf.clone_node())
                            }
                        },
                        None,
                    )?;
                    if let Some(identity) = node.identity() {
                        parts.insert(identity, part.clone_node());
                    }
                    Ok(part)
                }
            }
        })?;
        match Report::of("LayerStack", problems) {
            Some(report) => Err(report.shape()),
            None => Ok(sliced),
        }
    }

    /// The part of an array that the layer at a place has; the array itself where it is shared.
    fn index(
        &self,
        array: &NamedArray,
        place: usize,
        name: impl Fn() -> String,
        problems: &mut Vec<String>,
    ) -> NamedArray {
        let (axis, size) = (self.stack_axis, self.stack_axis_size);
        match array.size(axis) {
            None => array.clone(),
            Some(found) if found != size => {
                problems.push(format!(
                    "the array {} has `{axis}: {found}`, and the stack has {size} layers",
                    name()
                ));
                array.clone()
            }
            Some(_) => array.index(axis, place).unwrap_or_else(|_| array.clone()),
        }
    }

    /// Gives the state variables that layers have for themselves the parts that these have now, in the order of the layers.
    fn gather(&self, parts: &[HashMap<usize, Node>]) -> Result<()> {
        let (mut gathered, mut seen) = (Vec::new(), HashSet::new());
        let mut result = Ok(());
        visit(&self.stacked_sublayers, |_, node| {
            if let (Some(variable), Some(identity)) = (node.as_variable(), node.identity())
                && seen.insert(identity)
                && result.is_ok()
            {
                let parts: Vec<&Node> = parts.iter().filter_map(|parts| parts.get(&identity)).collect();
                match joined(self.stack_axis, &parts) {
                    Ok(None) => {}
                    Ok(Some(whole)) => gathered.push((variable, whole)),
                    Err(error) => result = Err(error),
                }
            }
            Walk::Enter
        });
        result?;
        for (variable, whole) in gathered {
            variable.take_over(&*whole);
        }
        Ok(())
    }

    /// Where nothing but shapes is asked of the stack: those that a layer is given, in its argument and in all state.
    fn shapes(&self, value: &Value, side: &SideInputs) -> Option<Vec<Shape>> {
        let Value::Array(array) = value else { return None };
        if !is_judging() {
            return None;
        }
        let mut shapes = vec![Shape::of(array)];
        shapes.extend(state_of(self.stacked_sublayers.as_node()));
        shapes.extend(side_state(side));
        Some(shapes)
    }

    /// A variable that layers have for themselves cannot be a side input too: that one would not see what they do.
    fn check_side(&self, parts: &HashMap<usize, Node>, side: &SideInputs) -> Result<()> {
        let mut problems = Vec::new();
        for value in side.values().filter(|_| !parts.is_empty()) {
            visit(value, |_, node| {
                if let (Some(variable), Some(identity)) = (node.as_variable(), node.identity())
                    && parts.contains_key(&identity)
                {
                    problems.push(format!(
                        "each layer has a part of the state variable `{}`, which is a side input too",
                        variable.name()
                    ));
                }
                Walk::Enter
            });
        }
        Report::of("LayerStack", problems).map_or(Ok(()), |report| Err(report.variable()))
    }
}

fn copies(parts: &HashMap<usize, Node>) -> HashMap<usize, Node> {
    parts.iter().map(|(identity, part)| (*identity, part.clone_node())).collect()
}

impl Layer for LayerStack {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        let (mut value, mut parts) = (input, Vec::new());
        let mut before = self.shapes(&value, side);
        for place in 0..self.stack_axis_size {
            let mut own = HashMap::new();
            let layer = self.slice(place, &mut own)?;
            self.check_side(&own, side)?;
            parts.push(own);
            value = call_element(self, "stacked_sublayers", place, &layer, value, side)?;
            let after = self.shapes(&value, side);
            if after.is_some() && after == before {
                // A layer that is given the same shapes gives the same shapes.
                let last = copies(&parts[place]);
                parts.resize_with(self.stack_axis_size, || copies(&last));
                break;
            }
            before = after;
        }
        self.gather(&parts)?;
        Ok(value)
    }
}
