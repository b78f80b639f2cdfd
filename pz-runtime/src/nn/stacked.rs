//! Several layers that are alike as one, whose arrays have an axis for the layer; and whose a state variable is.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AnyLayer, LayerStack};
use crate::AxisName;
use crate::array::trace::traced;
use crate::error::{Report, Result};
use crate::named::{self, NamedArray};
use crate::path::{KeyPath, PathKey};
use crate::tree::{Node, PyTree, Static, Tree, Variable, Walk, find, select, visit};
use crate::vars::ParameterSlot;

/// Whose a state variable inside a [`LayerStack`](super::LayerStack) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LayerStackVarBehavior {
    /// All layers change the same value, one after the other.
    Shared,
    /// Each layer has a part of its own: the slice along the stack's axis, which all arrays in the value have.
    PerLayer,
}

/// The remark `layerstack_axes` of a state variable: for each axis of a stack that it is in, whose it is.
///
/// ```
/// use pz::nn::{LayerStackAxes, LayerStackVarBehavior};
/// use pz::{NamedArray, StateVariable, vars::Metadata};
/// let axes = LayerStackAxes::new([("layer", LayerStackVarBehavior::Shared)]);
/// let metadata = Metadata::new().with("layerstack_axes", axes);
/// let calls = StateVariable::with_metadata("calls", NamedArray::scalar(0_i32), metadata);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LayerStackAxes(BTreeMap<AxisName, LayerStackVarBehavior>);

crate::static_by_eq!(LayerStackAxes);

/// The name of the remark.
pub(super) const REMARK: &str = "layerstack_axes";

impl LayerStackAxes {
    /// What is so along each axis.
    pub fn new(axes: impl IntoIterator<Item = (impl Into<AxisName>, LayerStackVarBehavior)>) -> Self {
        LayerStackAxes(axes.into_iter().map(|(axis, behavior)| (axis.into(), behavior)).collect())
    }

    /// Whose the variable is in a stack along `axis`.
    pub fn get(&self, axis: impl Into<AxisName>) -> Option<LayerStackVarBehavior> {
        self.0.get(&axis.into()).copied()
    }

    fn of(variable: &dyn Variable) -> Self {
        let remark = variable.remark(REMARK);
        let axes =
            remark.as_ref().and_then(|remark| (&**remark as &dyn Any).downcast_ref::<LayerStackAxes>());
        axes.cloned().unwrap_or_default()
    }
}

/// The axes of the stacks that are on the way from the root of a tree to the node at a path, with how many layers each has,
/// outermost first.
///
/// Who adds a state variable to a layer inside a stack learns from this what its remark `layerstack_axes` must name, and
/// which axes its value has if it is [`PerLayer`](LayerStackVarBehavior::PerLayer). (In Penzai the keys of a path carry these
/// axes; here a path is names alone, so the tree is asked.)
///
/// ```
/// use pz::nn::{AnyLayer, Identity, Init, LayerStack, layerstack_axes_from_keypath};
/// use pz::path::{KeyPath, PathKey};
/// let stack = LayerStack::from_sublayer_builder("layer", 3, Init::Slots, |_| Ok(AnyLayer::new(Identity {})))?;
/// let inside = KeyPath::root().child(PathKey::attr("stacked_sublayers"));
/// assert_eq!(layerstack_axes_from_keypath(&stack, &inside), [("layer".into(), 3)]);
/// assert!(layerstack_axes_from_keypath(&stack, &KeyPath::root()).is_empty());
/// # Ok::<(), pz::Error>(())
/// ```
pub fn layerstack_axes_from_keypath(tree: &(impl Tree + ?Sized), path: &KeyPath) -> Vec<(AxisName, usize)> {
    let (mut axes, mut node) = (Vec::new(), tree.as_tree());
    for key in path.keys() {
        let step = KeyPath::root().child(key.clone());
        let Some(child) = find(node, &step) else { break };
        if let Some(stack) = node.downcast_ref::<LayerStack>()
            && *key == PathKey::attr("stacked_sublayers")
        {
            axes.push((stack.stack_axis, stack.stack_axis_size));
        }
        node = child;
    }
    axes
}

/// Whose a variable is in a stack along `axis`, where it says so.
pub(super) fn behavior(variable: &dyn Variable, axis: AxisName) -> Option<LayerStackVarBehavior> {
    LayerStackAxes::of(variable).get(axis)
}

/// The problem of a variable that does not say so.
pub(super) fn unmarked(variable: &dyn Variable, path: &KeyPath, axis: AxisName) -> String {
    format!(
        "the state variable `{}` at `{path}` does not say whose it is: give it the metadata `{REMARK}` with `{axis}` as \
         `Shared` or `PerLayer`",
        variable.name()
    )
}

/// The layers as one, each array, slot and variable stacked along `axis`.
///
/// # Errors
/// An array that has the axis already; layers that are not alike.
pub(super) fn stacked(axis: AxisName, layers: &[AnyLayer]) -> Result<AnyLayer> {
    let is_stacked = |node: &dyn PyTree| {
        node.as_variable().is_some()
            || node.downcast_ref::<NamedArray>().is_some()
            || node.downcast_ref::<ParameterSlot>().is_some()
    };
    let mut nodes: Vec<Vec<&dyn PyTree>> = Vec::new();
    for layer in layers {
        let mut found = Vec::new();
        visit(layer, |_, node| {
            if is_stacked(node) {
                found.push(node);
                return Walk::Skip;
            }
            Walk::Enter
        });
        nodes.push(found);
    }
    let count = nodes.first().map_or(0, Vec::len);
    if nodes.iter().any(|found| found.len() != count) {
        return Err(Report::new(
            "LayerStack",
            "the layers are not alike: they hold different numbers of arrays",
        )
        .tree());
    }
    let mut place = 0;
    select(&layers[0]).at_subtrees_where(|_, node| is_stacked(node)).allow_empty().apply(|_| {
        let of_all: Vec<&dyn PyTree> = nodes.iter().map(|found| found[place]).collect();
        place += 1;
        together(axis, &of_all)
    })
}

/// The nodes that stand at one place of the layers, as one.
fn together(axis: AxisName, nodes: &[&dyn PyTree]) -> Result<Node> {
    if let Some(arrays) = each::<NamedArray>(nodes) {
        return Ok(Box::new(first_axis(axis, &arrays)?));
    }
    if let Some(slots) = each::<ParameterSlot>(nodes) {
        let stand_ins: Option<Vec<&NamedArray>> = slots.iter().map(|slot| slot.stand_in()).collect();
        let whole = stand_ins.map(|arrays| traced(|| first_axis(axis, &arrays)));
        let label = &slots[0].label;
        return Ok(Box::new(match whole {
            Some(whole) => ParameterSlot::like(label, &whole?.0),
            None => ParameterSlot::new(label),
        }));
    }
    let variables: Vec<&dyn Variable> = nodes.iter().filter_map(|node| node.as_variable()).collect();
    let Some(first) = variables.first().filter(|_| variables.len() == nodes.len()) else {
        return Err(Report::new(
            "LayerStack",
            "the layers are not alike: they hold different kinds of variables",
        )
        .tree());
    };
    let remark = match nodes[0].downcast_ref::<crate::vars::Parameter>() {
        Some(_) => None,
        None => {
            let mut axes = LayerStackAxes::of(*first);
            if axes.0.insert(axis, LayerStackVarBehavior::PerLayer).is_some() {
                let problem =
                    format!("the state variable `{}` says already whose it is along `{axis}`", first.name());
                return Err(Report::new("LayerStack", problem).variable());
            }
            let axes: Arc<dyn Static> = Arc::new(axes);
            Some((REMARK, axes))
        }
    };
    of_leaves(axis, &variables, remark)
}

/// The variables of the layers as one whose leaves have the axis.
fn of_leaves(
    axis: AxisName,
    variables: &[&dyn Variable],
    remark: Option<(&'static str, Arc<dyn Static>)>,
) -> Result<Node> {
    let mut leaves: Vec<Vec<Node>> = Vec::new();
    for variable in variables {
        let mut own = Vec::new();
        variable.each_leaf(&mut |leaf| own.push(leaf.clone_node()));
        leaves.push(own);
    }
    let name = variables[0].name();
    let mut place = 0;
    variables[0].copy_with(
        &mut |leaf| {
            let of_all: Option<Vec<&dyn PyTree>> =
                leaves.iter().map(|own| own.get(place).map(|leaf| &**leaf)).collect();
            place += 1;
            let arrays = of_all.as_deref().and_then(each::<NamedArray>).ok_or_else(|| {
                let problem = format!(
                    "the variable `{name}` holds a {}, and what layers have of their own is arrays of one shape",
                    leaf.info().type_name
                );
                Report::new("LayerStack", problem).variable()
            })?;
            Ok(Box::new(first_axis(axis, &arrays)?))
        },
        remark,
    )
}

/// A variable made of the parts that the layers have of it; none where they have none.
pub(super) fn joined(axis: AxisName, parts: &[&Node]) -> Result<Option<Node>> {
    let variables: Vec<&dyn Variable> = parts.iter().filter_map(|part| part.as_variable()).collect();
    if variables.is_empty() { Ok(None) } else { of_leaves(axis, &variables, None).map(Some) }
}

/// The nodes as `T`s, if all are.
fn each<'n, T: PyTree>(nodes: &[&'n dyn PyTree]) -> Option<Vec<&'n T>> {
    nodes.iter().map(|node| node.downcast_ref::<T>()).collect()
}

/// The arrays as one, with a new axis in front.
fn first_axis(axis: AxisName, arrays: &[&NamedArray]) -> Result<NamedArray> {
    let names = arrays[0].named_shape().into_iter().map(|(name, _)| name);
    let order: Vec<AxisName> = std::iter::once(axis).chain(names).collect();
    named::stack(arrays, axis)?.order_as(order)
}
