//! State variables: what a model changes while it runs.
//!
//! A cache or a counter is a tree of its own, so the variable is generic over what it holds. An update does not
//! copy: arrays are lazy, so what `change` gives back is a graph over the old arrays, and when that is evaluated
//! the variable has let them go. Where nobody else holds them, the engine then writes in place.

use std::fmt;
use std::sync::Arc;

use super::cell::Cell;
use super::{Metadata, UnboundVariableError, VariableLabel};
use crate::error::Result;
use crate::tree::{
    Instance, Kind, Node, NodeInfo, PathTo, PyTree, Static, Steps, Variable, diff, leaf_methods, leaves,
    select,
};

/// A mutable tree that a model changes itself. Clones are the same variable.
///
/// ```
/// use pz::{NamedArray, StateVariable};
/// let steps = StateVariable::new("steps", NamedArray::scalar(0_i32));
/// let same = steps.clone();
/// steps.update(|count| count.add(1))?;
/// assert_eq!(same.value().item::<i32>()?, 1);
/// # Ok::<(), pz::Error>(())
/// ```
pub struct StateVariable<T>(Arc<Cell<T>>);

impl<T: PyTree + Clone> StateVariable<T> {
    /// A variable that holds `value`.
    pub fn new(label: impl Into<VariableLabel>, value: T) -> Self {
        Self::with_metadata(label, value, Metadata::new())
    }

    /// A variable with a label made for it: see [`scoped_auto_state_var_labels`](super::scoped_auto_state_var_labels).
    pub fn unlabelled(value: T) -> Self {
        Self::new(VariableLabel::automatic(), value)
    }

    /// A variable with remarks.
    pub fn with_metadata(label: impl Into<VariableLabel>, value: T, metadata: Metadata) -> Self {
        StateVariable(Arc::new(Cell::new(label.into(), metadata, value)))
    }

    /// The label.
    pub fn label(&self) -> &VariableLabel {
        &self.0.label
    }

    /// The remarks.
    pub fn metadata(&self) -> &Metadata {
        &self.0.metadata
    }

    /// What the variable holds now. Whoever keeps the result keeps the arrays in it from being updated in place.
    pub fn value(&self) -> T {
        self.0.value()
    }

    /// Gives the variable another value.
    pub fn set(&self, value: T) {
        self.0.set(value);
    }

    /// Gives the variable the value that `change` makes of its own, and returns it.
    ///
    /// An array that only this variable holds is updated in place, unless `change` itself reads it.
    ///
    /// # Errors
    /// Those of `change`; another value was set while it ran. The variable then keeps what it holds.
    pub fn update(&self, change: impl FnOnce(T) -> Result<T>) -> Result<T> {
        self.0.update("the state variable", change)
    }

    /// The current value with this label, as a part of the tree that does not change.
    pub fn freeze(&self) -> StateVariableValue<T> {
        StateVariableValue {
            label: self.0.label.clone(),
            value: self.value(),
            metadata: self.0.metadata.clone(),
        }
    }

    /// An empty place for this variable.
    pub fn slot(&self) -> StateVariableSlot {
        StateVariableSlot { label: self.0.label.clone() }
    }

    /// Whether the two are one variable, not only equal.
    pub fn is_same(&self, other: &StateVariable<T>) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for StateVariable<T> {
    fn clone(&self) -> Self {
        StateVariable(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for StateVariable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateVariable({:?})", self.0.label)
    }
}

impl<T: PyTree + Clone> PyTree for StateVariable<T> {
    fn info(&self) -> &'static NodeInfo {
        static INFO: NodeInfo = NodeInfo {
            type_name: "StateVariable",
            kind: Kind::Leaf,
            fields: &[],
            color: Some("#f57603"),
            docs: "A mutable tree that a model changes itself.",
        };
        &INFO
    }
    leaf_methods!();
    fn leaf_difference(&self, other: &dyn PyTree) -> crate::error::Result<Option<String>> {
        match other.downcast_ref::<StateVariable<T>>() {
            Some(other) if self.label() != other.label() => {
                Ok(Some(format!("the state variable {:?} against {:?}", self.label(), other.label())))
            }
            Some(other) if !self.is_same(other) => {
                let differences = diff(&self.value(), &other.value())?.differences;
                let texts: Vec<_> =
                    differences.iter().map(|found| format!("{}: {}", found.path, found.text)).collect();
                Ok((!texts.is_empty()).then(|| texts.join("; ")))
            }
            _ => Ok(None),
        }
    }
    fn identity(&self) -> Option<usize> {
        Some(Arc::as_ptr(&self.0).addr())
    }
    fn as_variable(&self) -> Option<&dyn Variable> {
        Some(self)
    }
    fn summary(&self) -> Option<String> {
        let value = self.value();
        let node = value.as_node();
        let held = node.summary().unwrap_or_else(|| node.info().type_name.to_owned());
        Some(format!("{:?}, {held}", self.label()))
    }
}

impl<T: PyTree + Clone> Variable for StateVariable<T> {
    fn name(&self) -> String {
        self.label().to_string()
    }
    fn remark(&self, name: &str) -> Option<Arc<dyn Static>> {
        self.metadata().shared(name)
    }
    fn each_leaf(&self, see: &mut dyn FnMut(&dyn PyTree)) {
        leaves(&self.value()).into_iter().for_each(see);
    }
    fn copy_with(
        &self,
        change: &mut dyn FnMut(&dyn PyTree) -> Result<Node>,
        remark: Option<(&'static str, Arc<dyn Static>)>,
    ) -> Result<Node> {
        let value = select(&self.value()).at_pytree_leaves().allow_empty().apply(change)?;
        let metadata = self.metadata().and(remark);
        Ok(Box::new(StateVariable::with_metadata(self.label(), value, metadata)))
    }
    fn take_over(&self, other: &dyn PyTree) -> bool {
        let other = other.downcast_ref::<StateVariable<T>>();
        other.inspect(|other| self.set(other.value())).is_some()
    }
}

impl<T: PyTree + Clone> Instance for StateVariable<T> {
    type Seen = Self;
    fn seen(node: &dyn PyTree) -> Option<&Self> {
        node.downcast_ref()
    }
}

impl<Root: ?Sized, T> Steps<Root> for StateVariable<T> {
    type Path = PathTo<Root, Self>;
    fn begin(path: PathTo<Root, Self>) -> Self::Path {
        path
    }
}

/// A state variable that is frozen: what it held is a part of the tree.
#[crate::pytree_dataclass]
#[pytree(color = "#d4af27")]
pub struct StateVariableValue<T> {
    /// The variable's label.
    #[pytree(static)]
    pub label: VariableLabel,
    /// What it held.
    pub value: T,
    /// The variable's remarks.
    #[pytree(static)]
    pub metadata: Metadata,
}

impl<T: PyTree + Clone> StateVariableValue<T> {
    /// A new variable with this label, value and remarks.
    pub fn unfreeze_as_copy(&self) -> StateVariable<T> {
        StateVariable::with_metadata(&self.label, self.value.clone(), self.metadata.clone())
    }

    /// An empty place for the variable.
    pub fn slot(&self) -> StateVariableSlot {
        StateVariableSlot { label: self.label.clone() }
    }
}

/// A place for a state variable, without a value.
#[crate::pytree_dataclass]
#[derive(PartialEq, Eq, Hash)]
#[pytree(color = "#cdcdcd")]
pub struct StateVariableSlot {
    /// The label of the variable that belongs here.
    #[pytree(static)]
    pub label: VariableLabel,
}

impl StateVariableSlot {
    /// Reading the value, which a slot does not have.
    ///
    /// # Errors
    /// Always, naming the variable.
    pub fn value<T>(&self) -> Result<T, UnboundVariableError> {
        Err(UnboundVariableError::new("state variable", &self.label))
    }
}
