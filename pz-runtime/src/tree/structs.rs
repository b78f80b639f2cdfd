//! What derived types have beside being trees: fields by name, paths to them, and questions about the type.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::attributes::{Attributes, Fields};
use super::equal::Shown;
use super::select::{Selection, select};
use super::typed::{PathTo, Steps};
use super::{FieldInfo, Kind, NodeInfo, Part, PyTree, Static, Tree};
use crate::error::Result;

/// A type that carries `#[pytree_dataclass]`: written by it alone.
///
/// ```
/// use pz::tree::Attributes;
/// use pz::{Struct, pytree_dataclass};
///
/// #[pytree_dataclass]
/// struct Scale {
///     by: f32,
///     #[pytree(static, default = "embedding".into())]
///     axis: String,
/// }
///
/// let scale = Scale::from_attributes(Attributes::new().with("by", 2.0_f32))?;
/// assert_eq!((scale.by, scale.axis.as_str()), (2.0, "embedding"));
/// assert_eq!(scale.attributes_dict().names().collect::<Vec<_>>(), ["by", "axis"]);
/// assert_eq!(format!("{scale:?}"), r#"Scale(by=2.0, axis="embedding")"#);
/// # Ok::<(), pz::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no struct that is a tree node",
    note = "write `#[pytree_dataclass]` above the struct"
)]
pub trait Struct: PyTree + Clone {
    /// The table of the type; of an enum, one for each variant.
    const TABLES: &'static [NodeInfo];

    /// Whether a value can be written down with its fields wherever the type is known: all of them are `pub`.
    const INIT_TAKES_FIELDS: bool;

    /// A value made of its fields. (What the derive writes.)
    #[doc(hidden)]
    fn from_fields(fields: &mut Fields<'_>) -> Result<Self>;

    /// A value with these fields: all of them, except those that have a default.
    ///
    /// # Errors
    /// All names that are unknown, missing, given twice, or given as the wrong kind; a value of another type than the
    /// field's.
    fn from_attributes(attributes: Attributes<'_>) -> Result<Self> {
        Self::from_fields(&mut Fields::of(Self::TABLES, attributes)?)
    }

    /// The fields by name, static ones too, in declaration order.
    fn attributes_dict(&self) -> Attributes<'_> {
        Attributes::of(self)
    }

    /// The names of the child fields, and the static fields.
    fn static_metadata(&self) -> StructStaticMetadata<'_> {
        StructStaticMetadata::of(self)
    }

    /// A selection of this value: [`select`].
    fn select(&self) -> Selection<'_, Self, Self> {
        select(self)
    }

    /// The path that begins here; its methods are the child fields.
    fn path() -> Self::Path
    where
        Self: Steps<Self>,
    {
        Self::begin(PathTo::root())
    }
}

/// [`Struct::from_attributes`], under the name that Penzai gives the function.
///
/// # Errors
/// As there.
pub fn dataclass_from_attributes<T: Struct>(attributes: Attributes<'_>) -> Result<T> {
    T::from_attributes(attributes)
}

/// Whether a `T` can be written down with its fields wherever the type is known: all of them are `pub`.
///
/// ```
/// use pz::nn::Linear;
/// assert!(pz::init_takes_fields::<Linear>());
/// ```
pub const fn init_takes_fields<T: Struct>() -> bool {
    T::INIT_TAKES_FIELDS
}

/// Whether a type, as its table says, is a struct or an enum whose children are fields. (Of a type that is known to the
/// compiler, `T: Struct` says it.)
///
/// ```
/// use pz::PyTree;
/// assert!(pz::is_pytree_dataclass_type(pz::nn::Identity {}.info()));
/// assert!(!pz::is_pytree_dataclass_type(vec![1.0_f32].info()));
/// ```
pub fn is_pytree_dataclass_type(info: &NodeInfo) -> bool {
    info.kind == Kind::Struct
}

/// Whether a field is a child of its node, and not static.
pub const fn is_pytree_node_field(field: &FieldInfo) -> bool {
    field.child
}

/// What a struct is without its children: their names, and the static fields. Two are equal where the values are.
#[derive(Clone)]
pub struct StructStaticMetadata<'a> {
    /// The names of the child fields, in order.
    pub child_field_names: Vec<&'static str>,
    /// The static fields by name, in order.
    pub static_fields: Vec<(&'static str, &'a dyn Static)>,
}

impl<'a> StructStaticMetadata<'a> {
    /// That of a node, which is empty for a node that is no struct.
    pub fn of(node: &'a (impl Tree + ?Sized)) -> Self {
        let node = node.as_tree();
        let mut parts = Vec::new();
        node.parts(&mut parts);
        let mut metadata = StructStaticMetadata { child_field_names: Vec::new(), static_fields: Vec::new() };
        for (field, part) in node.info().fields.iter().zip(parts) {
            match part {
                Part::Child(..) => metadata.child_field_names.push(field.name),
                Part::Static(value) => metadata.static_fields.push((field.name, value)),
            }
        }
        metadata
    }
}

impl PartialEq for StructStaticMetadata<'_> {
    fn eq(&self, other: &Self) -> bool {
        let same = |((left, a), (right, b)): (&(&str, &dyn Static), &(&str, &dyn Static))| {
            left == right && a.same(*b)
        };
        self.child_field_names == other.child_field_names
            && self.static_fields.len() == other.static_fields.len()
            && self.static_fields.iter().zip(&other.static_fields).all(same)
    }
}

impl Eq for StructStaticMetadata<'_> {}

impl Hash for StructStaticMetadata<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.child_field_names.hash(state);
        for (name, value) in &self.static_fields {
            name.hash(state);
            value.hash_into(state);
        }
    }
}

impl fmt::Debug for StructStaticMetadata<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<_> =
            self.static_fields.iter().map(|(name, value)| format!("{name}={}", Shown(*value))).collect();
        let children = self.child_field_names.join(", ");
        write!(f, "StructStaticMetadata(children=[{children}], static=[{}])", fields.join(", "))
    }
}
