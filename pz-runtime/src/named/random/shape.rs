//! The axes of what is drawn.

use std::collections::BTreeMap;

use crate::array::layout::{Dims, checked_len};
use crate::error::{Report, Result};
use crate::named::{Role, Roles};
use crate::shape::AxisName;

/// The axes of an array that is drawn: names with sizes, or sizes alone for positional axes, in the order in which
/// numbers are drawn.
///
/// ```
/// use pz::prelude::*;
/// let key = Key::new(0);
/// let named = key.normal([("batch", 2), ("seq", 3)], DType::F32)?;
/// let positional = key.normal([2, 3], DType::F32)?;
/// assert_eq!(named.to_vec::<f32>()?, positional.to_vec::<f32>()?);
/// assert!(key.normal((), DType::F32)?.named_shape().is_empty());
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DrawShape {
    pub(super) roles: Roles,
    pub(super) dims: Dims,
}

impl DrawShape {
    /// One named axis.
    pub(super) fn axis(name: AxisName, size: usize) -> Self {
        [(name, size)].into()
    }

    /// The number of elements, where the axes can be: no name twice, none that the keys have.
    pub(super) fn count(&self, op: &str, keys: &[Role]) -> Result<usize> {
        let mut problems = Vec::new();
        for (place, role) in self.roles.iter().enumerate().filter(|(_, role)| role.name().is_some()) {
            if self.roles[..place].contains(role) {
                problems.push(format!("the axis `{role:?}` is given twice"));
            }
            if keys.contains(role) {
                problems.push(format!("the axis `{role:?}` is one of the keys' already"));
            }
        }
        let count = checked_len(&self.dims);
        if count.is_none() {
            problems.push(format!("an array of shape {:?} is too large", self.dims));
        }
        match (Report::of(op, problems), count) {
            (None, Some(count)) => Ok(count),
            (Some(report), _) => Err(report.help("give each new axis a name of its own").shape()),
            (None, None) => Ok(0),
        }
    }
}

impl<N: Into<AxisName>> FromIterator<(N, usize)> for DrawShape {
    fn from_iter<I: IntoIterator<Item = (N, usize)>>(axes: I) -> Self {
        let (roles, dims) = axes.into_iter().map(|(name, size)| (Role::Named(name.into()), size)).unzip();
        DrawShape { roles, dims }
    }
}

impl FromIterator<usize> for DrawShape {
    fn from_iter<I: IntoIterator<Item = usize>>(sizes: I) -> Self {
        let (roles, dims) =
            sizes.into_iter().enumerate().map(|(number, size)| (Role::Positional(number), size)).unzip();
        DrawShape { roles, dims }
    }
}

/// No axes: one element.
impl From<()> for DrawShape {
    fn from((): ()) -> Self {
        DrawShape::default()
    }
}

impl<N: Into<AxisName>, const K: usize> From<[(N, usize); K]> for DrawShape {
    fn from(axes: [(N, usize); K]) -> Self {
        axes.into_iter().collect()
    }
}

impl<N: Into<AxisName>> From<Vec<(N, usize)>> for DrawShape {
    fn from(axes: Vec<(N, usize)>) -> Self {
        axes.into_iter().collect()
    }
}

impl<N: Into<AxisName> + Clone> From<&[(N, usize)]> for DrawShape {
    fn from(axes: &[(N, usize)]) -> Self {
        axes.iter().cloned().collect()
    }
}

/// The names in their order, as Penzai takes those of a mapping.
impl<N: Into<AxisName>> From<BTreeMap<N, usize>> for DrawShape {
    fn from(axes: BTreeMap<N, usize>) -> Self {
        axes.into_iter().collect()
    }
}

impl<const K: usize> From<[usize; K]> for DrawShape {
    fn from(sizes: [usize; K]) -> Self {
        sizes.into_iter().collect()
    }
}

impl From<&[usize]> for DrawShape {
    fn from(sizes: &[usize]) -> Self {
        sizes.iter().copied().collect()
    }
}
