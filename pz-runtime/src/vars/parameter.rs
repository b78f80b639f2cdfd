//! Parameters: what training changes, and the model only reads.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::cell::Cell;
use super::{Metadata, UnboundVariableError, VariableLabel};
use crate::AxisName;
use crate::array::DType;
use crate::error::Result;
use crate::named::NamedArray;
use crate::tree::{Kind, Node, NodeInfo, PyTree, Static, Variable, leaf_methods, select};

/// A mutable array that a model learns. Clones are the same parameter.
///
/// ```
/// use pz::{NamedArray, Parameter};
/// let bias = Parameter::new("layer.bias", NamedArray::from_vec(vec![0.0_f32; 2], [("out", 2)])?);
/// let same = bias.clone();
/// bias.set_value(NamedArray::from_vec(vec![1.0_f32, 2.0], [("out", 2)])?);
/// assert_eq!(same.value().to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone)]
pub struct Parameter(Arc<Cell<NamedArray>>);

impl Parameter {
    /// A parameter that holds `value`.
    pub fn new(label: impl Into<VariableLabel>, value: NamedArray) -> Self {
        Self::with_metadata(label, value, Metadata::new())
    }

    /// A parameter with remarks.
    pub fn with_metadata(label: impl Into<VariableLabel>, value: NamedArray, metadata: Metadata) -> Self {
        Parameter(Arc::new(Cell::new(label.into(), metadata, value)))
    }

    /// The label.
    pub fn label(&self) -> &VariableLabel {
        &self.0.label
    }

    /// The remarks.
    pub fn metadata(&self) -> &Metadata {
        &self.0.metadata
    }

    /// What the parameter holds now.
    pub fn value(&self) -> NamedArray {
        self.0.value()
    }

    /// Gives the parameter another value.
    pub fn set_value(&self, value: NamedArray) {
        self.0.set(value);
    }

    /// Gives the parameter the value that `change` makes of its own, and returns it.
    ///
    /// # Errors
    /// Those of `change`; another value was set while it ran. The parameter then keeps what it holds.
    pub fn update(&self, change: impl FnOnce(NamedArray) -> Result<NamedArray>) -> Result<NamedArray> {
        self.0.update("the parameter", change)
    }

    /// The current value with this label, as a part of the tree that does not change.
    pub fn freeze(&self) -> ParameterValue {
        ParameterValue { label: self.0.label.clone(), value: self.value(), metadata: self.0.metadata.clone() }
    }

    /// An empty place for this parameter.
    pub fn slot(&self) -> ParameterSlot {
        ParameterSlot::like(self.label(), &self.value())
    }

    /// Whether the two are one parameter, not only equal.
    pub fn is_same(&self, other: &Parameter) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parameter({:?}, {})", self.label(), self.value().summary().unwrap_or_default())
    }
}

impl PyTree for Parameter {
    fn info(&self) -> &'static NodeInfo {
        static INFO: NodeInfo = NodeInfo {
            type_name: "Parameter",
            kind: Kind::Leaf,
            fields: &[],
            color: Some("#93cce1"),
            docs: "A mutable array that a model learns.",
        };
        &INFO
    }
    leaf_methods!();
    fn leaf_difference(&self, other: &dyn PyTree) -> Result<Option<String>> {
        match other.downcast_ref::<Parameter>() {
            Some(other) if self.label() != other.label() => {
                Ok(Some(format!("the parameter {:?} against {:?}", self.label(), other.label())))
            }
            Some(other) if !Arc::ptr_eq(&self.0, &other.0) => self.value().leaf_difference(&other.value()),
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
        Some(format!("{:?}, {}", self.label(), self.value().summary().unwrap_or_default()))
    }
}

impl Variable for Parameter {
    fn name(&self) -> String {
        self.label().to_string()
    }
    fn remark(&self, name: &str) -> Option<Arc<dyn Static>> {
        self.metadata().shared(name)
    }
    fn each_leaf(&self, see: &mut dyn FnMut(&dyn PyTree)) {
        see(&self.value());
    }
    fn copy_with(
        &self,
        change: &mut dyn FnMut(&dyn PyTree) -> Result<Node>,
        remark: Option<(&'static str, Arc<dyn Static>)>,
    ) -> Result<Node> {
        let value = select(&self.value()).at_pytree_leaves().allow_empty().apply(change)?;
        let metadata = self.metadata().and(remark);
        Ok(Box::new(Parameter::with_metadata(self.label(), value, metadata)))
    }
    fn take_over(&self, other: &dyn PyTree) -> bool {
        let other = other.downcast_ref::<Parameter>();
        other.inspect(|other| self.set_value(other.value())).is_some()
    }
}

crate::node_types!(Parameter);

/// A parameter that is frozen: the array is a part of the tree, and other arrays can be put in its place.
#[crate::pytree_dataclass]
#[pytree(color = "#a0b0c9")]
pub struct ParameterValue {
    /// The parameter's label.
    #[pytree(static)]
    pub label: VariableLabel,
    /// The array.
    pub value: NamedArray,
    /// The parameter's remarks.
    #[pytree(static)]
    pub metadata: Metadata,
}

impl ParameterValue {
    /// A new parameter with this label, value and remarks.
    pub fn unfreeze_as_copy(&self) -> Parameter {
        Parameter::with_metadata(&self.label, self.value.clone(), self.metadata.clone())
    }

    /// An empty place for the parameter.
    pub fn slot(&self) -> ParameterSlot {
        ParameterSlot::like(&self.label, &self.value)
    }
}

/// A place for a parameter, without a value. What is made by a layer knows the axes and the element type that the value
/// is to have.
#[crate::pytree_dataclass]
#[derive(PartialEq, Eq, Hash)]
#[pytree(color = "#cdcdcd")]
pub struct ParameterSlot {
    /// The label of the parameter that belongs here.
    #[pytree(static)]
    pub label: VariableLabel,
    #[pytree(static)]
    shape: SlotShape,
}

/// What the value of a missing parameter is to be, where that is known. It is a remark: slots of one label are the same
/// whatever they know.
#[derive(Clone)]
struct SlotShape(Option<NamedArray>);

impl PartialEq for SlotShape {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for SlotShape {}

impl Hash for SlotShape {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl fmt::Debug for SlotShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(array) => f.write_str(&array.summary_text()),
            None => f.write_str("unknown"),
        }
    }
}

crate::static_by_eq!(SlotShape);

impl ParameterSlot {
    /// A place for the parameter `label`.
    pub fn new(label: impl Into<VariableLabel>) -> Self {
        ParameterSlot { label: label.into(), shape: SlotShape(None) }
    }

    /// A place for the parameter `label`, whose value is to have the axes and the element type of `array`. The array's
    /// own value is never looked at.
    ///
    /// ```
    /// use pz::{NamedArray, DType, ParameterSlot};
    /// let slot = ParameterSlot::like("bias", &NamedArray::zeros([("out", 2)], DType::F32)?);
    /// assert_eq!(slot.shape(), Some((vec![("out".into(), 2)], DType::F32)));
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn like(label: impl Into<VariableLabel>, array: &NamedArray) -> Self {
        ParameterSlot { label: label.into(), shape: SlotShape(array.like_without_value().ok()) }
    }

    /// The named axes that the value is to have, and its element type, where they are known.
    pub fn shape(&self) -> Option<(Vec<(AxisName, usize)>, DType)> {
        self.shape.0.as_ref().map(|array| (array.named_shape(), array.dtype()))
    }

    /// An array with the shape that the value is to have, and no value.
    pub(crate) fn stand_in(&self) -> Option<&NamedArray> {
        self.shape.0.as_ref()
    }

    /// Reading the value, which a slot does not have.
    ///
    /// # Errors
    /// Always, naming the parameter.
    pub fn value(&self) -> Result<NamedArray, UnboundVariableError> {
        Err(UnboundVariableError::new("parameter", &self.label))
    }
}
