//! Patterns: what an array, or a whole subtree, may be.

use std::any::{Any, TypeId};
use std::fmt;

use crate::array::{DKind, DType};
use crate::error::Result;
use crate::shape::AxisName;
use crate::tree::{Edits, Kind, Node, NodeInfo, Part, PyTree};

/// A pattern that anything matches, a whole subtree too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wildcard;

/// The [`Wildcard`].
pub const ANY: Wildcard = Wildcard;

/// What element types match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DTypeSpec {
    /// Any.
    #[default]
    Any,
    /// Truth values.
    Bool,
    /// Integers with and without a sign.
    Integer,
    /// Integers with a sign.
    SignedInteger,
    /// Integers without one.
    UnsignedInteger,
    /// Numbers with a fractional part.
    Floating,
    /// Integers and numbers with a fractional part.
    Number,
    /// Random keys.
    Key,
    /// This one.
    Exact(DType),
}

/// The name of a variable: its own, or that of one of several that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VarName {
    /// The name.
    pub name: String,
    /// Which of several: an axis, or a place.
    pub key: Option<VarKey>,
}

/// Which of several variables that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VarKey {
    /// That of a positional axis.
    Index(usize),
    /// That of a named axis.
    Axis(AxisName),
}

/// The size of one axis in a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dim {
    /// This size.
    Size(usize),
    /// Whatever size the variable has.
    Var(VarName),
    /// This size, which the variable has too.
    Known(VarName, usize),
}

/// A variable for a size: [`var`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DimVar(VarName);

/// A variable for any number of axes: [`DimVar::rest`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MultiDimVar(pub(super) String);

/// A variable called `name`.
pub fn var(name: impl Into<String>) -> DimVar {
    DimVar(VarName { name: name.into(), key: None })
}

impl DimVar {
    /// One of several variables of this name, by the name of an axis.
    #[must_use]
    pub fn axis(&self, key: impl Into<AxisName>) -> DimVar {
        DimVar(VarName { name: self.0.name.clone(), key: Some(VarKey::Axis(key.into())) })
    }

    /// One of several variables of this name, by place.
    #[must_use]
    pub fn index(&self, key: usize) -> DimVar {
        DimVar(VarName { name: self.0.name.clone(), key: Some(VarKey::Index(key)) })
    }

    /// The variable for all axes that the rest of the pattern leaves.
    pub fn rest(&self) -> MultiDimVar {
        MultiDimVar(self.0.name.clone())
    }
}

impl From<DimVar> for Dim {
    fn from(var: DimVar) -> Self {
        Dim::Var(var.0)
    }
}

impl From<usize> for Dim {
    fn from(size: usize) -> Self {
        Dim::Size(size)
    }
}

/// An axis of which [`vars_for_axes`] makes a variable: a name, or a name and a size.
pub trait IntoAxisDim {
    /// The axis, and its size where it is known.
    fn axis_dim(self) -> (AxisName, Option<usize>);
}

impl IntoAxisDim for &'static str {
    fn axis_dim(self) -> (AxisName, Option<usize>) {
        (self.into(), None)
    }
}

impl IntoAxisDim for AxisName {
    fn axis_dim(self) -> (AxisName, Option<usize>) {
        (self, None)
    }
}

impl<N: Into<AxisName>> IntoAxisDim for (N, usize) {
    fn axis_dim(self) -> (AxisName, Option<usize>) {
        (self.0.into(), Some(self.1))
    }
}

/// For each axis a variable that belongs to `name`, with its size where that is given.
pub fn vars_for_axes<A: IntoAxisDim>(
    name: impl Into<String>,
    axes: impl IntoIterator<Item = A>,
) -> Vec<(AxisName, Dim)> {
    let name = name.into();
    let dim = |axis: A| {
        let (axis, size) = axis.axis_dim();
        let var = VarName { name: name.clone(), key: Some(VarKey::Axis(axis)) };
        (axis, size.map_or_else(|| Dim::Var(var.clone()), |size| Dim::Known(var.clone(), size)))
    };
    axes.into_iter().map(dim).collect()
}

/// One positional axis of a pattern, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// One, of this size.
    One(Dim),
    /// Any number.
    Rest(MultiDimVar),
}

/// One named axis of a pattern, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// One, of this name and size.
    One(AxisName, Dim),
    /// Any number.
    Rest(MultiDimVar),
}

/// A pattern for an array: what element type, and what axes. A new one matches a scalar of any element type.
///
/// ```
/// use pz::NamedArray;
/// use pz::chk::{ArraySpec, check_structure, var};
/// let pattern = ArraySpec::floating().axis("batch", var("b")).axis("feature", 3).rest_axes(var("others").rest());
/// let x = NamedArray::zeros([("batch", 2), ("feature", 3), ("seq", 5)], pz::DType::F32)?;
/// let found = check_structure(&x, &pattern)?;
/// assert_eq!(found.size("b")?, 2);
/// assert_eq!(found.axes("others")?, [("seq".into(), 5)]);
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArraySpec {
    pub(super) dtype: DTypeSpec,
    pub(super) shape: Vec<Place>,
    pub(super) named: Vec<Named>,
}

impl ArraySpec {
    /// A scalar of any element type.
    pub fn new() -> Self {
        Self::default()
    }

    /// A scalar of a floating type.
    pub fn floating() -> Self {
        ArraySpec { dtype: DTypeSpec::Floating, ..Self::default() }
    }

    /// An array of a floating type with these named axes.
    pub fn floating_named<N: Into<AxisName>, D: Into<Dim>>(axes: impl IntoIterator<Item = (N, D)>) -> Self {
        Self::floating().axes(axes)
    }

    /// With this element type.
    #[must_use]
    pub fn dtype(mut self, dtype: DTypeSpec) -> Self {
        self.dtype = dtype;
        self
    }

    /// With one more positional axis.
    #[must_use]
    pub fn dim(mut self, size: impl Into<Dim>) -> Self {
        self.shape.push(Place::One(size.into()));
        self
    }

    /// With any number of positional axes more.
    #[must_use]
    pub fn rest(mut self, rest: MultiDimVar) -> Self {
        self.shape.push(Place::Rest(rest));
        self
    }

    /// With one more named axis.
    #[must_use]
    pub fn axis(mut self, name: impl Into<AxisName>, size: impl Into<Dim>) -> Self {
        self.named.push(Named::One(name.into(), size.into()));
        self
    }

    /// With these named axes more.
    #[must_use]
    pub fn axes<N: Into<AxisName>, D: Into<Dim>>(self, axes: impl IntoIterator<Item = (N, D)>) -> Self {
        axes.into_iter().fold(self, |spec, (name, size)| spec.axis(name, size))
    }

    /// With any number of named axes more.
    #[must_use]
    pub fn rest_axes(mut self, rest: MultiDimVar) -> Self {
        self.named.push(Named::Rest(rest));
        self
    }
}

impl DTypeSpec {
    /// Whether the element type matches.
    pub fn accepts(self, dtype: DType) -> bool {
        let unsigned = matches!(dtype, DType::U8 | DType::U16 | DType::U32 | DType::U64);
        match (self, dtype.kind()) {
            (DTypeSpec::Any, _)
            | (DTypeSpec::Bool, DKind::Bool)
            | (DTypeSpec::Integer | DTypeSpec::Number, DKind::Int)
            | (DTypeSpec::Floating | DTypeSpec::Number, DKind::Float)
            | (DTypeSpec::Key, DKind::Key) => true,
            (DTypeSpec::SignedInteger, DKind::Int) => !unsigned,
            (DTypeSpec::UnsignedInteger, DKind::Int) => unsigned,
            (DTypeSpec::Exact(exact), _) => exact == dtype,
            _ => false,
        }
    }

    /// Whether every element type that `other` stands for matches.
    pub fn covers(self, other: DTypeSpec) -> bool {
        match other {
            DTypeSpec::Exact(dtype) => self.accepts(dtype),
            class => {
                DType::ALL.iter().filter(|dtype| class.accepts(**dtype)).all(|dtype| self.accepts(*dtype))
            }
        }
    }

    /// The mismatch in words, for an array of one type, or for a pattern in its place.
    pub(super) fn refuses(self, value: DTypeSpec) -> Option<String> {
        (!self.covers(value)).then(|| match self {
            DTypeSpec::Exact(exact) => {
                format!("Value has the wrong dtype: expected dtype {exact} but got dtype {value}.")
            }
            class => {
                format!("Value has the wrong dtype: expected a sub-dtype of {class} but got dtype {value}.")
            }
        })
    }
}

impl fmt::Display for DTypeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DTypeSpec::Exact(dtype) => write!(f, "{dtype}"),
            class => f.write_str(&format!("{class:?}").to_lowercase()),
        }
    }
}

impl fmt::Display for VarName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "var('{}')", self.name)?;
        match &self.key {
            None => Ok(()),
            Some(VarKey::Index(index)) => write!(f, "[{index}]"),
            Some(VarKey::Axis(axis)) => write!(f, "['{axis}']"),
        }
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dim::Size(size) => write!(f, "{size}"),
            Dim::Var(name) => write!(f, "{name}"),
            Dim::Known(name, size) => write!(f, "{name}:={size}"),
        }
    }
}

macro_rules! patterns {
    ($($type:ident, $text:expr;)+) => {$(
        impl PyTree for $type {
            fn info(&self) -> &'static NodeInfo {
                static INFO: NodeInfo =
                    NodeInfo { type_name: stringify!($type), kind: Kind::Leaf, fields: &[], color: None, docs: "" };
                &INFO
            }
            fn parts<'a>(&'a self, _: &mut Vec<Part<'a>>) {}
            fn rebuild(&self, _: &mut Edits) -> Result<Node> {
                Ok(self.clone_node())
            }
            fn clone_node(&self) -> Node {
                Box::new(self.clone())
            }
            fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
                Err(self)
            }
            fn summary(&self) -> Option<String> {
                let text: fn(&$type) -> String = $text;
                Some(text(self))
            }
        }
        crate::node_types!($type);
    )+};
}

patterns! {
    Wildcard, |_| "ANY".into();
    ArraySpec, |spec| {
        let shape = super::text::positional_text(&spec.shape);
        format!("ArraySpec({shape}, {}, {:?})", super::text::named_text(&spec.named), spec.dtype)
    };
}
