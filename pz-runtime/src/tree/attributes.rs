//! The fields of a struct by name: read from a value, or given for a new one.
//!
//! A derived type takes its fields from [`Fields`] one by one, each by its place; that the names are right, each given
//! once and none missing, is judged here first, all at once, for the derive writes as little code as can be.

use std::any::type_name;
use std::fmt;

use super::edits::{fit, misfit};
use super::select::IntoNode;
use super::{FieldInfo, Node, NodeInfo, Part, PyTree, Static, Tree as _, short_type_name};
use crate::error::{Error, Report, Result};
use crate::path::PathKey;

/// Field values by name, in order: of a struct, or of one variant of an enum.
#[derive(Default)]
pub struct Attributes<'a> {
    variant: Option<String>,
    entries: Vec<(String, Attribute<'a>)>,
}

/// The value of one field.
enum Attribute<'a> {
    /// Read from a value.
    Shown(Part<'a>),
    Child(Result<Node>),
    Static(Box<dyn Static>),
}

impl<'a> Attributes<'a> {
    /// No fields.
    pub fn new() -> Self {
        Attributes::default()
    }

    /// No fields, of a variant of an enum.
    pub fn of_variant(variant: impl Into<String>) -> Self {
        Attributes { variant: Some(variant.into()), entries: Vec::new() }
    }

    /// One child field more. A field that holds any layer takes any layer.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl IntoNode) -> Self {
        self.entries.push((name.into(), Attribute::Child(value.into_node())));
        self
    }

    /// One static field more. The value is of the field's own type: a `String`, where the field is one.
    #[must_use]
    pub fn with_static(mut self, name: impl Into<String>, value: impl Static) -> Self {
        self.entries.push((name.into(), Attribute::Static(Box::new(value))));
        self
    }

    /// The fields of a node; none of a node that is no struct.
    pub(super) fn of(node: &'a dyn PyTree) -> Self {
        let info = node.info();
        let mut parts = Vec::new();
        node.parts(&mut parts);
        let names = info.fields.iter().map(|field| field.name.to_owned());
        let variant = info.type_name.split_once("::").map(|(_, variant)| variant.to_owned());
        Attributes { variant, entries: names.zip(parts.into_iter().map(Attribute::Shown)).collect() }
    }

    /// The variant of an enum.
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<Part<'_>> {
        self.entries.iter().find(|(known, _)| known == name).and_then(|(_, value)| match value {
            Attribute::Shown(part) => Some(*part),
            Attribute::Child(node) => Some(Part::Child(node.as_ref().ok()?.as_tree(), None)),
            Attribute::Static(value) => Some(Part::Static(&**value)),
        })
    }
}

/// Names of fields that are not those that the type declares.
///
/// Penzai raises its namesake when a class is decorated: for fields that are inherited without being written down, and
/// for a constructor that would be overwritten. A Rust struct inherits neither, its fields are those between its
/// braces, and what else could be wrong is an error of the compiler at the field. What is left is to name fields at run
/// time, in [`Struct::from_attributes`](super::Struct::from_attributes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PyTreeDataclassSafetyError {
    /// The type's name, with the variant of an enum.
    pub type_name: String,
    /// Each thing that is wrong.
    pub problems: Vec<String>,
    /// The fields that the type has.
    pub fields: Vec<&'static str>,
}

impl fmt::Display for PyTreeDataclassSafetyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be made of these fields: {}", self.type_name, self.problems.join("; "))
    }
}

impl std::error::Error for PyTreeDataclassSafetyError {}

impl From<PyTreeDataclassSafetyError> for Error {
    fn from(error: PyTreeDataclassSafetyError) -> Self {
        let PyTreeDataclassSafetyError { type_name, problems, fields } = error;
        let operation = format!("{type_name}::from_attributes");
        let names: Vec<_> = fields.iter().map(|name| format!("`{name}`")).collect();
        let report = Report::of(operation.clone(), problems);
        let report = report.unwrap_or_else(|| Report::new(operation, "the fields are not those of the type"));
        match names.as_slice() {
            [] => report.tree(),
            names => report.help(format!("its fields are {}", names.join(", "))).tree(),
        }
    }
}

/// The fields that a new value is made of, each taken once by its place. (What the derive uses.)
#[doc(hidden)]
pub struct Fields<'a> {
    info: &'static NodeInfo,
    variant: usize,
    values: Vec<Option<Attribute<'a>>>,
}

impl<'a> Fields<'a> {
    /// The given values in the order of the fields that the type declares.
    pub(super) fn of(
        tables: &'static [NodeInfo],
        given: Attributes<'a>,
    ) -> Result<Self, PyTreeDataclassSafetyError> {
        let variant = variant(tables, given.variant())?;
        let info = &tables[variant];
        let mut values: Vec<Option<Attribute<'a>>> = info.fields.iter().map(|_| None).collect();
        let mut problems = Vec::new();
        for (name, value) in given.entries {
            let Some(place) = info.fields.iter().position(|field| field.name == name) else {
                problems.push(format!("there is no field `{name}`"));
                continue;
            };
            problems.extend(role_problem(&info.fields[place], &value));
            if values[place].replace(value).is_some() {
                problems.push(format!("the field `{name}` is given twice"));
            }
        }
        let missing =
            info.fields.iter().zip(&values).filter(|(field, value)| value.is_none() && !field.default);
        problems.extend(missing.map(|(field, _)| format!("the field `{}` is missing", field.name)));
        if problems.is_empty() {
            return Ok(Fields { info, variant, values });
        }
        let fields = info.fields.iter().map(|field| field.name).collect();
        Err(PyTreeDataclassSafetyError { type_name: info.type_name.to_owned(), problems, fields })
    }

    /// Which variant of an enum is to be made.
    pub fn variant(&self) -> usize {
        self.variant
    }

    fn key(&self, place: usize) -> PathKey {
        PathKey::attr(self.info.fields.get(place).map_or("", |field| field.name))
    }

    fn take(&mut self, place: usize) -> Option<Attribute<'a>> {
        self.values.get_mut(place).and_then(Option::take)
    }

    fn missing(&self, place: usize) -> Error {
        let problem = format!("the field `{}` is missing", self.key(place));
        Report::new(format!("{}::from_attributes", self.info.type_name), problem).tree()
    }

    /// The child at a place; `None` where it was not given.
    pub(super) fn child<T: PyTree>(&mut self, place: usize) -> Result<Option<T>> {
        let node = match self.take(place) {
            None => return Ok(None),
            Some(Attribute::Shown(Part::Child(node, _))) => node.clone_node(),
            Some(Attribute::Child(node)) => node?,
            Some(_) => return Err(self.missing(place)),
        };
        let operation = format!("{}::from_attributes", self.info.type_name);
        let child = fit(node).map_err(|node| misfit::<T>(&operation, &self.key(place), &[node]));
        child.map(Some)
    }

    /// The static value at a place; `None` where it was not given.
    pub(super) fn fixed<T: Static + Clone>(&mut self, place: usize) -> Result<Option<T>> {
        let value = match self.take(place) {
            None => return Ok(None),
            Some(Attribute::Shown(Part::Static(value))) => downcast(value),
            Some(Attribute::Static(value)) => downcast(&*value),
            Some(_) => return Err(self.missing(place)),
        };
        value.map(Some).map_err(|shown| {
            let wanted = short_type_name(type_name::<T>());
            let problem =
                format!("the field is a `{wanted}`, and was given {shown}, which is of another type");
            let report = Report::new(format!("{}::from_attributes", self.info.type_name), problem);
            report.path([self.key(place)].into_iter().collect()).tree()
        })
    }

    /// The value that a field has, or the error that it is missing.
    pub(super) fn required<T>(&self, place: usize, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| self.missing(place))
    }
}

/// A copy of a static value of this type; else its text.
fn downcast<T: Static + Clone>(value: &dyn Static) -> Result<T, String> {
    let any: &dyn std::any::Any = value;
    any.downcast_ref::<T>().cloned().ok_or_else(|| super::equal::Shown(value).to_string())
}

/// The place of the variant in the tables of a type; a struct has one table, and no variant.
fn variant(tables: &'static [NodeInfo], wanted: Option<&str>) -> Result<usize, PyTreeDataclassSafetyError> {
    let variant_of = |info: &NodeInfo| info.type_name.split_once("::").map(|(_, variant)| variant);
    if let Some(place) = tables.iter().position(|info| variant_of(info) == wanted) {
        return Ok(place);
    }
    let name = tables.first().map_or("", |info| info.type_name);
    let name = name.split_once("::").map_or(name, |(name, _)| name);
    let known: Vec<_> = tables.iter().filter_map(variant_of).map(|variant| format!("`{variant}`")).collect();
    let problem = match (wanted, known.as_slice()) {
        (Some(wanted), []) => format!("it is no enum, and has no variant `{wanted}`"),
        (Some(wanted), known) => {
            format!("it has no variant `{wanted}`; its variants are {}", known.join(", "))
        }
        (None, known) => format!(
            "it is an enum: begin with `Attributes::of_variant(..)`, which is one of {}",
            known.join(", ")
        ),
    };
    Err(PyTreeDataclassSafetyError {
        type_name: name.to_owned(),
        problems: vec![problem],
        fields: Vec::new(),
    })
}

/// A tree that was given for a static field, or the other way round.
fn role_problem(field: &FieldInfo, value: &Attribute<'_>) -> Option<String> {
    let child = matches!(value, Attribute::Child(_) | Attribute::Shown(Part::Child(..)));
    let name = field.name;
    match (field.child, child) {
        (false, true) => Some(format!(
            "the field `{name}` is static, and was given a tree: write `.with_static({name:?}, ..)`"
        )),
        (true, false) => Some(format!(
            "the field `{name}` is a tree, and was given a static value: write `.with({name:?}, ..)`"
        )),
        _ => None,
    }
}
