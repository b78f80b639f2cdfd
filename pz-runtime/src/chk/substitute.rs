//! The variables of a structure, and other variables or sizes in their place.
//!
//! Who looks at what a layer takes and gives, and makes of it what another layer takes, renames variables and puts axes
//! in the place of others. As in Penzai, a substitution is whole: it says what stands for each variable.

use std::collections::BTreeMap;

use super::spec::{ArraySpec, DTypeSpec, Dim, Named, Place, VarName};
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::path::KeyPath;
use crate::shape::AxisName;
use crate::tree::{PyTree, TOLD_STEPS, select};

/// What stands for each variable of a structure.
///
/// [`get_dimension_variables`] gives one in which each variable stands for itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DimensionVariableSubstitution {
    /// For each variable of one size, a size or a variable.
    pub size_variables: BTreeMap<VarName, Dim>,
    /// For each variable of several positional axes, such axes.
    pub sequence_variables: BTreeMap<String, Vec<Place>>,
    /// For each variable of several named axes, such axes.
    pub mapping_variables: BTreeMap<String, Vec<Named>>,
}

impl DimensionVariableSubstitution {
    /// Whether there are no variables.
    pub fn is_empty(&self) -> bool {
        self.size_variables.is_empty()
            && self.sequence_variables.is_empty()
            && self.mapping_variables.is_empty()
    }
}

/// The [`ArraySpec`]s of a structure.
fn specs<T: PyTree>(structure: &T) -> Result<Vec<(KeyPath, &ArraySpec)>> {
    select(structure).at_instances_of::<ArraySpec>().allow_empty().get_by_path()
}

/// The variables of a structure, each of which stands for itself. Those whose size is known ([`Dim::Known`]) are none.
///
/// ```
/// use pz::chk::{ArraySpec, Dim, full_substitute_dimension_variables, get_dimension_variables, var};
/// let structure = vec![ArraySpec::floating().axis("batch", var("b")).axis("feature", 3)];
/// let mut variables = get_dimension_variables(&structure)?;
/// for stands in variables.size_variables.values_mut() {
///     *stands = Dim::Size(8);
/// }
/// let sized = full_substitute_dimension_variables(&structure, &variables)?;
/// assert_eq!(sized, [ArraySpec::floating().axis("batch", 8).axis("feature", 3)]);
/// # Ok::<(), pz::Error>(())
/// ```
///
/// # Errors
/// A tree that cannot be searched.
pub fn get_dimension_variables<T: PyTree>(structure: &T) -> Result<DimensionVariableSubstitution> {
    let mut found = DimensionVariableSubstitution::default();
    let one = |dim: &Dim, found: &mut DimensionVariableSubstitution| {
        if let Dim::Var(name) = dim {
            found.size_variables.insert(name.clone(), dim.clone());
        }
    };
    for (_, spec) in specs(structure)? {
        for place in &spec.shape {
            match place {
                Place::One(dim) => one(dim, &mut found),
                Place::Rest(rest) => {
                    found.sequence_variables.insert(rest.0.clone(), vec![place.clone()]);
                }
            }
        }
        for axis in &spec.named {
            match axis {
                Named::One(_, dim) => one(dim, &mut found),
                Named::Rest(rest) => {
                    found.mapping_variables.insert(rest.0.clone(), vec![axis.clone()]);
                }
            }
        }
    }
    Ok(found)
}

/// The structure with what `substitution` says in the place of each variable, and the size in that of each known one.
///
/// See [`get_dimension_variables`] for an example.
///
/// # Errors
/// Variables for which nothing stands, and axes that would be there twice: all of them, with their places.
pub fn full_substitute_dimension_variables<T: PyTree + Clone>(
    structure: &T,
    substitution: &DimensionVariableSubstitution,
) -> Result<T> {
    let mut problems = Vec::new();
    let mut substituted = Vec::new();
    let (mut steps, mut left) = (0, 0);
    for (path, spec) in specs(structure)? {
        let (spec, wrong) = substituted_spec(spec, substitution);
        substituted.push(spec);
        if steps > TOLD_STEPS {
            left += wrong.len();
            continue;
        }
        steps += path.len() * wrong.len();
        problems.extend(wrong.into_iter().map(|problem| format!("at root{path}: {problem}")));
    }
    if left > 0 {
        problems.push(format!("{left} more are deeper in the tree than can be told"));
    }
    if problems.is_empty() {
        return select(structure).at_instances_of::<ArraySpec>().allow_empty().set_sequence(substituted);
    }
    Err(Report { problems: problems.into_iter().collect(), ..Report::new("full_substitute_dimension_variables", "") }
        .help("begin with `get_dimension_variables(&structure)`, which has all variables, and change what stands for them")
        .shape())
}

/// A pattern with each variable replaced, and what went wrong.
fn substituted_spec(
    spec: &ArraySpec,
    substitution: &DimensionVariableSubstitution,
) -> (ArraySpec, Vec<String>) {
    let mut wrong = Vec::new();
    let one = |dim: &Dim, wrong: &mut Vec<String>| match dim {
        Dim::Size(size) | Dim::Known(_, size) => Dim::Size(*size),
        Dim::Var(name) => substitution.size_variables.get(name).cloned().unwrap_or_else(|| {
            wrong.push(format!("nothing stands for {name} in `size_variables`"));
            dim.clone()
        }),
    };
    let mut shape = Vec::new();
    for place in &spec.shape {
        match place {
            Place::One(dim) => shape.push(Place::One(one(dim, &mut wrong))),
            Place::Rest(rest) => match substitution.sequence_variables.get(&rest.0) {
                Some(places) => shape.extend_from_slice(places),
                None => wrong.push(format!("nothing stands for *var('{}') in `sequence_variables`", rest.0)),
            },
        }
    }
    let own =
        |name: &AxisName| spec.named.iter().any(|axis| matches!(axis, Named::One(own, _) if own == name));
    let mut named: Vec<Named> = Vec::new();
    for axis in &spec.named {
        let rest = match axis {
            Named::One(name, dim) => {
                named.push(Named::One(*name, one(dim, &mut wrong)));
                continue;
            }
            Named::Rest(rest) => rest,
        };
        let Some(axes) = substitution.mapping_variables.get(&rest.0) else {
            wrong.push(format!("nothing stands for **var('{}') in `mapping_variables`", rest.0));
            continue;
        };
        for axis in axes {
            let known = |other: &Named| match (other, axis) {
                (Named::One(other, _), Named::One(name, _)) => other == name,
                (Named::Rest(other), Named::Rest(name)) => other == name,
                _ => false,
            };
            let twice = match axis {
                Named::One(name, _) if own(name) || named.iter().any(known) => format!("'{name}'"),
                Named::Rest(name) if named.iter().any(known) => format!("**var('{}')", name.0),
                _ => {
                    named.push(axis.clone());
                    continue;
                }
            };
            wrong.push(format!(
                "Key conflict while substituting mapping variable **var('{}'): name {twice} is already present",
                rest.0
            ));
        }
    }
    (ArraySpec { dtype: spec.dtype, shape, named }, wrong)
}

impl ArraySpec {
    /// An array of this element type and these axes, without a value: what can be matched, and what values can be put in
    /// the place of. To read it is an error.
    ///
    /// # Errors
    /// An axis whose size is a variable, and an element type that is none in particular.
    ///
    /// ```
    /// use pz::chk::{ArraySpec, DTypeSpec, check_structure};
    /// let spec = ArraySpec::new().dtype(DTypeSpec::Exact(pz::DType::F32)).dim(2).axis("feature", 3);
    /// let array = spec.into_pytree()?;
    /// assert_eq!((array.positional_shape(), array.size("feature")), (vec![2], Some(3)));
    /// check_structure(&array, &spec)?;
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn into_pytree(&self) -> Result<NamedArray> {
        let variable = |what: String| Report::new("ArraySpec::into_pytree", what).shape();
        let size = |dim: &Dim| match dim {
            Dim::Size(size) | Dim::Known(_, size) => Ok(*size),
            Dim::Var(name) => Err(variable(format!("the size {name} is a variable, and an array has sizes"))),
        };
        let DTypeSpec::Exact(dtype) = self.dtype else {
            let found = format!("the element type is {:?}, and an array has one of its own", self.dtype);
            return Err(Report::new("ArraySpec::into_pytree", found)
                .help("name it: `.dtype(DTypeSpec::Exact(DType::F32))`")
                .dtype());
        };
        let mut positional = Vec::new();
        for place in &self.shape {
            match place {
                Place::One(dim) => positional.push(size(dim)?),
                Place::Rest(rest) => {
                    let what =
                        format!("*var('{}') stands for any number of axes, and an array has some", rest.0);
                    return Err(variable(what));
                }
            }
        }
        let mut named = Vec::new();
        for axis in &self.named {
            match axis {
                Named::One(name, dim) => named.push((*name, size(dim)?)),
                Named::Rest(rest) => {
                    let what =
                        format!("**var('{}') stands for any number of axes, and an array has some", rest.0);
                    return Err(variable(what));
                }
            }
        }
        NamedArray::without_value(&positional, named, dtype)
    }
}
