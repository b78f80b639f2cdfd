//! The walk over a value and its pattern.

use super::found::MatchResult;
use super::solve::{Constraint, Form, solve};
use super::spec::{ArraySpec, DTypeSpec, Named, Place, Wildcard};
use super::{Dim, StructureMismatchError};
use crate::array::DType;
use crate::error::Result;
use crate::named::NamedArray;
use crate::path::PathKey;
use crate::tree::{Kind, Part, Partition, PyTree, Shown, Tree, flatten_exactly_one_level, select};

/// Checks that a tree matches a pattern; gives the sizes of the pattern's variables.
///
/// Where the pattern has an [`ArraySpec`] the value has an array that matches it; where it has a [`Wildcard`], anything;
/// elsewhere they have the same types, keys, static fields and leaves.
///
/// # Errors
/// All mismatches, each with its place.
pub fn check_structure(
    value: &(impl Tree + ?Sized),
    pattern: &(impl Tree + ?Sized),
) -> Result<MatchResult, StructureMismatchError> {
    MatchResult::default().check_structure(value, pattern, "")
}

impl MatchResult {
    /// As [`check_structure`], where variables of the same names must have the sizes that they have here. `prefix` is put
    /// before the message of a mismatch.
    ///
    /// # Errors
    /// As [`check_structure`].
    pub fn check_structure(
        &self,
        value: &(impl Tree + ?Sized),
        pattern: &(impl Tree + ?Sized),
        prefix: &str,
    ) -> Result<MatchResult, StructureMismatchError> {
        let (mut failures, mut constraints) = (Vec::new(), Vec::new());
        let mut ways: Vec<(usize, Option<PathKey>)> = Vec::new();
        let mut stack = vec![(value.as_tree(), pattern.as_tree(), 0, None)];
        while let Some((value, pattern, above, key)) = stack.pop() {
            let here = ways.len();
            ways.push((above, key));
            if let Some(spec) = pattern.downcast_ref::<ArraySpec>() {
                match form(value) {
                    None => failures.push((
                        here,
                        format!("Couldn't match an ArraySpec with a non-arraylike value {}", brief(value)),
                    )),
                    Some(form) => {
                        failures.extend(spec.dtype.refuses(form.dtype).map(|text| (here, text)));
                        constraints.push(Constraint { at: here, spec: spec.clone(), form });
                    }
                }
            } else if pattern.downcast_ref::<Wildcard>().is_none() {
                match unequal(value, pattern) {
                    Some(text) => failures.push((here, text)),
                    None => {
                        let children = flatten_exactly_one_level(value).unwrap_or_default();
                        let below = children.into_iter().zip(pattern.children());
                        let first = stack.len();
                        stack.extend(below.map(|((key, value), pattern)| (value, pattern, here, Some(key))));
                        stack[first..].reverse();
                    }
                }
            }
        }
        solve(constraints, failures, self, prefix, &ways)
    }
}

/// Why two nodes are not alike, their children left out.
fn unequal(value: &dyn PyTree, pattern: &dyn PyTree) -> Option<String> {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    value.parts(&mut left);
    pattern.parts(&mut right);
    let alike = |(left, right): (&Part<'_>, &Part<'_>)| match (left, right) {
        (Part::Static(left), Part::Static(right)) => left.same(*right),
        (Part::Child(..), Part::Child(..)) => true,
        _ => false,
    };
    let is_alike = value.info().type_name == pattern.info().type_name
        && value.entry_keys() == pattern.entry_keys()
        && left.len() == right.len()
        && left.iter().zip(&right).all(alike);
    let same_leaf = || !value.is_leaf() || matches!(value.leaf_difference(pattern), Ok(None));
    (!is_alike || !same_leaf()).then(|| {
        format!("Value {} was not equal to the non-ArraySpec pattern {}.", brief(value), brief(pattern))
    })
}

/// A node in few words.
fn brief(node: &dyn PyTree) -> String {
    let children = node.children().len();
    match node.summary() {
        Some(text) => text,
        None if matches!(node.info().kind, Kind::Struct | Kind::Nothing) => node.info().type_name.to_owned(),
        None if node.info().kind == Kind::Text => {
            let mut parts = Vec::new();
            node.parts(&mut parts);
            let shown = parts.iter().filter_map(|part| match part {
                Part::Static(text) => Some(Shown(*text).to_string()),
                Part::Child(..) => None,
            });
            shown.collect()
        }
        None => format!("{} of {children}", node.info().type_name),
    }
}

/// The axes and the element type of what is like an array.
fn form(value: &dyn PyTree) -> Option<Form> {
    if let Some(array) = value.downcast_ref::<NamedArray>() {
        return Some(Form {
            dtype: DTypeSpec::Exact(array.dtype()),
            shape: array.positional_shape(),
            named: array.named_shape(),
        });
    }
    if let Some(spec) = value.downcast_ref::<ArraySpec>() {
        let size = |dim: &Dim| match dim {
            Dim::Size(size) | Dim::Known(_, size) => Some(*size),
            Dim::Var(_) => None,
        };
        let shape = spec.shape.iter().map(|place| match place {
            Place::One(dim) => size(dim),
            Place::Rest(_) => None,
        });
        let named = spec.named.iter().map(|axis| match axis {
            Named::One(name, dim) => Some((*name, size(dim)?)),
            Named::Rest(_) => None,
        });
        return Some(Form {
            dtype: spec.dtype,
            shape: shape.collect::<Option<_>>()?,
            named: named.collect::<Option<_>>()?,
        });
    }
    Some(Form { dtype: of_scalar(value)?, shape: Vec::new(), named: Vec::new() })
}

/// The element type that a number has as an array; of an integer that no array can hold, what kind it is of.
fn of_scalar(value: &dyn PyTree) -> Option<DTypeSpec> {
    Some(DTypeSpec::Exact(match value.info().type_name {
        "bool" => DType::Bool,
        "f32" => DType::F32,
        "f64" => DType::F64,
        "f16" => DType::F16,
        "bf16" => DType::BF16,
        "i8" => DType::I8,
        "i16" => DType::I16,
        "u8" => DType::U8,
        "u16" => DType::U16,
        "i32" => DType::I32,
        "i64" => DType::I64,
        "u32" => DType::U32,
        "u64" => DType::U64,
        "isize" | "i128" => return Some(DTypeSpec::SignedInteger),
        "usize" | "u128" => return Some(DTypeSpec::UnsignedInteger),
        _ => return None,
    }))
}

/// The tree with an [`ArraySpec`] in the place of each array and number, and a [`Wildcard`] in that of other leaves.
///
/// # Errors
/// A node that cannot be rebuilt.
pub fn as_array_structure<T: PyTree>(tree: &T) -> Result<Partition<T>> {
    let (all, _) = select(tree).partition_at_leaves()?;
    select(&all).at_pytree_leaves().allow_empty().apply(|leaf| -> crate::tree::Node {
        match form(leaf) {
            None => Box::new(Wildcard),
            Some(Form { dtype, shape, named }) => {
                let spec = ArraySpec::new().dtype(dtype).axes(named);
                Box::new(shape.into_iter().fold(spec, ArraySpec::dim))
            }
        }
    })
}
