//! Parameters of layers: what a layer holds, and where the first values come from.
//!
//! A layer does not care whether its parameter is learned, frozen or still missing, so its field is a
//! [`ParameterLike`]. In a tree that is no step of its own: the node is the parameter, value or slot inside.
//! Building a model and filling it are one walk, steered by an [`Init`], so a model that is read from a file
//! never draws random numbers that are thrown away.

use std::any::{Any, TypeId};
use std::fmt;

use sha1::{Digest, Sha1};

use crate::AxisName;
use crate::array::trace::traced;
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::random::Key;
use crate::tree::{Edits, Node, NodeInfo, Part, PathTo, PyTree, Steps, unerase};
use crate::vars::{Parameter, ParameterSlot, ParameterValue, VariableLabel};

/// A learned parameter, a frozen one, or a place for one.
#[derive(Clone, Debug)]
pub enum ParameterLike {
    /// Learned.
    Parameter(Parameter),
    /// Frozen.
    Value(ParameterValue),
    /// Missing.
    Slot(ParameterSlot),
}

impl ParameterLike {
    /// The array.
    ///
    /// # Errors
    /// The parameter is missing: [`UnboundVariableError`](crate::vars::UnboundVariableError).
    pub fn value(&self) -> Result<NamedArray> {
        match self {
            ParameterLike::Parameter(parameter) => Ok(parameter.value()),
            ParameterLike::Value(frozen) => Ok(frozen.value.clone()),
            ParameterLike::Slot(slot) => Ok(slot.value()?),
        }
    }

    /// The label.
    pub fn label(&self) -> &VariableLabel {
        match self {
            ParameterLike::Parameter(parameter) => parameter.label(),
            ParameterLike::Value(frozen) => &frozen.label,
            ParameterLike::Slot(slot) => &slot.label,
        }
    }

    fn node(&self) -> &dyn PyTree {
        match self {
            ParameterLike::Parameter(parameter) => parameter,
            ParameterLike::Value(frozen) => frozen,
            ParameterLike::Slot(slot) => slot,
        }
    }
}

impl From<Parameter> for ParameterLike {
    fn from(parameter: Parameter) -> Self {
        ParameterLike::Parameter(parameter)
    }
}

impl From<ParameterValue> for ParameterLike {
    fn from(frozen: ParameterValue) -> Self {
        ParameterLike::Value(frozen)
    }
}

impl From<ParameterSlot> for ParameterLike {
    fn from(slot: ParameterSlot) -> Self {
        ParameterLike::Slot(slot)
    }
}

impl PyTree for ParameterLike {
    fn info(&self) -> &'static NodeInfo {
        self.node().info()
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        self.node().parts(out);
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        self.node().rebuild(edits)
    }
    fn clone_node(&self) -> Node {
        self.node().clone_node()
    }
    fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(self)
    }
    fn summary(&self) -> Option<String> {
        self.node().summary()
    }
    fn as_node(&self) -> &dyn PyTree {
        self.node()
    }
    fn from_node(node: Node) -> Result<Self, Node> {
        unerase::<ParameterLike>(node)
            .or_else(|node| unerase(node).map(ParameterLike::Parameter))
            .or_else(|node| unerase(node).map(ParameterLike::Value))
            .or_else(|node| unerase(node).map(ParameterLike::Slot))
    }
}

/// The variable, the frozen value or the slot can be there, so the path ends.
impl<Root: ?Sized> Steps<Root> for ParameterLike {
    type Path = PathTo<Root, dyn PyTree>;
    fn begin(path: PathTo<Root, Self>) -> Self::Path {
        path.seen_as()
    }
}

/// Where the values of new parameters come from.
///
/// ```
/// use pz::nn::{Init, Linear, LinearConfig};
/// use pz::random::Key;
/// let config = LinearConfig::new([("pixels", 64)], [("classes", 10)]);
/// let drawn = Linear::from_config("out", Key::new(0), &config)?;
/// let empty = Linear::from_config("out", Init::Slots, &config)?;
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Copy)]
pub enum Init<'a> {
    /// Drawn at random, each parameter from a key derived from this one by the parameter's label.
    Random(Key),
    /// From nowhere: every parameter is a slot, which knows the shape that its value is to have.
    Slots,
    /// Given by a function, which is asked once for each parameter, in the order in which they stand in the
    /// model, with the label and the axes with their sizes. It may give the axes back in any order.
    Loaded(&'a LoadParameter<'a>),
}

/// A function that gives the value of a parameter, from its label and its axes with their sizes.
pub type LoadParameter<'a> = dyn Fn(&str, &[(AxisName, usize)]) -> Result<NamedArray> + 'a;

impl From<Key> for Init<'_> {
    fn from(key: Key) -> Self {
        Init::Random(key)
    }
}

impl From<Option<Key>> for Init<'_> {
    fn from(key: Option<Key>) -> Self {
        key.map_or(Init::Slots, Init::Random)
    }
}

impl fmt::Debug for Init<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Init::Random(key) => f.debug_tuple("Random").field(key).finish(),
            Init::Slots => f.write_str("Slots"),
            Init::Loaded(_) => f.write_str("Loaded"),
        }
    }
}

/// A new parameter `label` with these axes. `initializer` is called with the parameter's own key, where values
/// are drawn.
///
/// # Errors
/// Those of `initializer` or of the loading function; an array that was loaded has other axes.
///
/// ```
/// use pz::nn::make_parameter;
/// use pz::prelude::*;
/// let axes = [(AxisName::new("out"), 2)];
/// let bias = make_parameter("layer.bias", Key::new(0), &axes, |key| key.normal(axes, DType::F32))?;
/// assert_eq!(bias.label().to_string(), "layer.bias");
/// # Ok::<(), pz::Error>(())
/// ```
pub fn make_parameter<'a>(
    label: &str,
    init: impl Into<Init<'a>>,
    axes: &[(AxisName, usize)],
    initializer: impl FnOnce(Key) -> Result<NamedArray>,
) -> Result<ParameterLike> {
    let value = match init.into() {
        Init::Slots => {
            // Arrays are lazy, so asking an initialiser what it would make draws nothing.
            let like = traced(|| initializer(Key::new(0)));
            return Ok(match like {
                Ok((array, _)) => ParameterSlot::like(label, &array),
                Err(_) => ParameterSlot::new(label),
            }
            .into());
        }
        Init::Random(base) => initializer(derive_param_key(base, label))?,
        Init::Loaded(load) => {
            let value = load(label, axes)?;
            check_loaded(label, &value, axes)?;
            value
        }
    };
    Ok(Parameter::new(label, value).into())
}

fn check_loaded(label: &str, value: &NamedArray, axes: &[(AxisName, usize)]) -> Result<()> {
    let found = value.named_shape();
    let mut problems = Vec::new();
    for (axis, wanted) in axes {
        match value.size(*axis) {
            Some(size) if size == *wanted => {}
            Some(size) => problems
                .push(format!("`{label}` was given with `{axis}: {size}`, wanted is `{axis}: {wanted}`")),
            None => problems.push(format!(
                "`{label}` was given without the axis `{axis}: {wanted}`; its axes are {found:?}"
            )),
        }
    }
    for (axis, size) in &found {
        if axes.iter().all(|(wanted, _)| wanted != axis) {
            problems.push(format!(
                "`{label}` was given with an axis `{axis}: {size}`, and has none of that name"
            ));
        }
    }
    if !value.positional_shape().is_empty() {
        problems.push(format!(
            "`{label}` was given with positional axes {:?}; name them",
            value.positional_shape()
        ));
    }
    Report::of("loading a parameter", problems).map_or(Ok(()), |report| Err(report.shape()))
}

/// The key from which the parameter `name` is drawn: `base` folded with the first four bytes, big-endian, of
/// the SHA-1 of the name. A parameter's first value thus depends on its name, not on the order of building.
///
/// ```
/// use pz::nn::derive_param_key;
/// use pz::random::Key;
/// // The same key as `penzai.nn.derive_param_key(jax.random.key(0), "foo")`.
/// assert_eq!(derive_param_key(Key::new(0), "foo").words(), [2400529761, 3974919251]);
/// ```
pub fn derive_param_key(base: Key, name: &str) -> Key {
    let digest = Sha1::digest(name.as_bytes());
    base.fold_in(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]))
}
