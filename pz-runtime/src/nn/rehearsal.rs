//! A model made ready to run for its shapes alone: to be judged, or to be costed.
//!
//! Every variable is a copy, so that the run leaves no trace, and every missing parameter that knows its shape has a
//! stand-in without a value. A variable that is in several places, in the model or in a side input, is one copy.

use std::collections::HashMap;

use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::nn::{AnyLayer, Layer, SideInputs};
use crate::tree::{Node, PyTree, select};
use crate::vars::{Parameter, ParameterSlot, VariableLabel};

/// A run that nobody will notice.
pub(super) struct Rehearsal {
    /// Whether arrays that wait to be computed give way to such as have no value: what made them is no part of the run.
    forgets: bool,
    /// The copy of each variable, by the identity of the variable.
    copies: HashMap<usize, Node>,
    /// What stands for missing parameters; slots of one label and shape are places of one parameter.
    stand_ins: HashMap<VariableLabel, Parameter>,
}

impl Rehearsal {
    /// A run in which values may be read that the model holds.
    pub(super) fn new() -> Self {
        Rehearsal { forgets: false, copies: HashMap::new(), stand_ins: HashMap::new() }
    }

    /// A run whose graph begins where the model does.
    pub(super) fn forgetful() -> Self {
        Rehearsal { forgets: true, copies: HashMap::new(), stand_ins: HashMap::new() }
    }

    /// The model.
    ///
    /// # Errors
    /// A stand-in cannot be where the slot is; a type that is a layer and whose tree does not say so.
    pub(super) fn of_layer(&mut self, layer: &dyn Layer) -> Result<AnyLayer> {
        let node = self.of(layer)?;
        AnyLayer::from_node(node).map_err(|node| {
            let problem = format!("`{}` cannot be copied as a layer", node.info().type_name);
            Report::new("running a model for its shapes", problem).tree()
        })
    }

    /// The side inputs.
    ///
    /// # Errors
    /// As [`of_layer`](Self::of_layer).
    pub(super) fn of_side(&mut self, side: &SideInputs) -> Result<SideInputs> {
        side.map(|value| self.of(value))
    }

    /// An array.
    ///
    /// # Errors
    /// None that are known.
    pub(super) fn of_array(&self, array: &NamedArray) -> Result<NamedArray> {
        if self.forgets && array.is_pending() { array.like_without_value() } else { Ok(array.clone()) }
    }

    /// What the copies of variables hold now.
    pub(super) fn held(&self) -> Vec<NamedArray> {
        let mut arrays = Vec::new();
        for variable in self.copies.values().filter_map(|copy| copy.as_variable()) {
            variable.each_leaf(&mut |leaf| arrays.extend(leaf.downcast_ref::<NamedArray>().cloned()));
        }
        arrays
    }

    fn of(&mut self, tree: &dyn PyTree) -> Result<Node> {
        let forgets = self.forgets;
        let is_changed = |node: &dyn PyTree| {
            node.as_variable().is_some()
                || node.downcast_ref::<ParameterSlot>().is_some_and(|slot| slot.stand_in().is_some())
                || forgets && node.downcast_ref::<NamedArray>().is_some_and(NamedArray::is_pending)
        };
        select(tree)
            .at_subtrees_where(|_, node| is_changed(node))
            .allow_empty()
            .apply(|node| self.changed(node))
    }

    fn changed(&mut self, node: &dyn PyTree) -> Result<Node> {
        if let Some(slot) = node.downcast_ref::<ParameterSlot>()
            && let Some(stand_in) = slot.stand_in()
        {
            let new = || Parameter::new(&slot.label, stand_in.clone());
            let known = self.stand_ins.entry(slot.label.clone()).or_insert_with(new);
            let is_same = known.value().named_shape() == stand_in.named_shape();
            return Ok(Box::new(if is_same { known.clone() } else { new() }));
        }
        let Some(variable) = node.as_variable() else { return self.leaf(node) };
        if let Some(copy) = node.identity().and_then(|identity| self.copies.get(&identity)) {
            return Ok(copy.clone_node());
        }
        let copy = variable.copy_with(&mut |leaf| self.leaf(leaf), None)?;
        if let Some(identity) = node.identity() {
            self.copies.insert(identity, copy.clone_node());
        }
        Ok(copy)
    }

    fn leaf(&self, leaf: &dyn PyTree) -> Result<Node> {
        match leaf.downcast_ref::<NamedArray>() {
            Some(array) => Ok(Box::new(self.of_array(array)?)),
            None => Ok(leaf.clone_node()),
        }
    }
}
