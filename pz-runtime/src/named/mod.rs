//! Named-axis arrays: the one public array type.
//!
//! A [`NamedArray`] has an ordered list of axes, each with a name or with a position. Operations bind axes by
//! name, so code says `x.softmax("kv_seq")` and never counts dimensions; two arrays broadcast by the names that
//! they share. The order of the axes is what is printed and what `to_vec` follows; it does not matter to any
//! result, and changing it moves nothing.
//!
//! Everything is lazy: a method infers the result's axes, complains at once when they cannot be, and computes
//! when a value is read.

mod activation;
mod arithmetic;
mod at;
#[cfg(test)]
mod at_tests;
mod axes;
mod checkpoint;
mod contract;
mod control;
#[cfg(test)]
mod control_tests;
mod conv;
mod create;
mod cumulative;
mod custom;
#[cfg(test)]
mod deep_tests;
mod derivative;
#[cfg(test)]
mod derivative_tests;
mod difference;
mod einsum;
mod elementwise;
mod gradient;
#[cfg(test)]
mod gradient_tests;
mod index;
mod join;
mod leaves;
mod lookup;
mod loss;
mod onehot;
mod operators;
mod pad;
mod random;
mod rearrange;
#[cfg(test)]
mod rearrange_tests;
mod reduce;
mod scan;
#[cfg(test)]
mod scan_tests;
mod show;
mod softmax;
mod sort;
mod statistics;
mod structure;
#[cfg(test)]
mod tests;
mod tree;
mod window;

use std::fmt;

use smallvec::SmallVec;

use crate::array::{Array, DType};
use crate::shape::AxisName;

pub use arithmetic::Operand;
pub use at::{At, OutOfRange};
pub use axes::Axes;
pub use checkpoint::checkpoint;
pub use contract::contract;
pub use control::{cond, switch, while_loop};
pub use conv::Conv;
pub use create::eval;
pub use cumulative::Running;
pub use custom::{CustomVjp, custom_vjp};
pub use derivative::{LinearMap, hvp, jvp, linearize, vjp};
pub use difference::ArrayDifference;
pub use einsum::{einsum, outer, tensordot};
pub use gradient::{grad, value_and_grad, value_and_grad_aux};
pub use join::{concatenate, stack};
pub use lookup::{Side, Unique};
pub use pad::{Pad, PadMode};
pub use random::{Choice, DrawShape, Random};
pub use scan::{Scan, fori_loop, scan};
pub use sort::Sorting;
pub use statistics::Norm;
pub use window::Slide;

/// The role of an axis: a name, or a place among the positional axes (which are numbered by their order).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Named(AxisName),
    Positional,
}

impl Role {
    pub(crate) fn name(self) -> Option<AxisName> {
        match self {
            Role::Named(name) => Some(name),
            Role::Positional => None,
        }
    }
}

pub(crate) type Roles = SmallVec<[Role; 6]>;

/// An array whose axes have names.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1f32, 2., 3., 4., 5., 6.], [("batch", 2), ("feature", 3)])?;
/// let scale = NamedArray::from_vec(vec![1f32, 10., 100.], [("feature", 3)])?;
/// let y = (x * scale).sum("feature")?;
/// assert_eq!(y.to_vec::<f32>()?, [321., 654.]);
/// # Ok::<(), pz::Error>(())
/// ```
pub struct NamedArray {
    pub(crate) array: Array,
    /// One role for each axis of `array`.
    pub(crate) roles: Roles,
}

impl Clone for NamedArray {
    fn clone(&self) -> Self {
        NamedArray { array: self.array.clone(), roles: Roles::from_slice(&self.roles) }
    }
}

impl NamedArray {
    pub(crate) fn new(array: Array, roles: Roles) -> Self {
        debug_assert_eq!(array.dims().len(), roles.len());
        NamedArray { array, roles }
    }

    /// The dtype of the elements.
    pub fn dtype(&self) -> DType {
        self.array.dtype()
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.array.dims().iter().product()
    }

    /// Whether there are no elements: some axis has size 0.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names and sizes of the named axes, in order.
    pub fn named_shape(&self) -> Vec<(AxisName, usize)> {
        let sized = self.roles.iter().zip(self.array.dims());
        sized.filter_map(|(role, &size)| role.name().map(|name| (name, size))).collect()
    }

    /// The sizes of the positional axes, in order.
    pub fn positional_shape(&self) -> Vec<usize> {
        let sized = self.roles.iter().zip(self.array.dims());
        sized.filter(|(role, _)| role.name().is_none()).map(|(_, &size)| size).collect()
    }

    /// The size of the axis called `name`, where there is one.
    pub fn size(&self, name: impl AsRef<str>) -> Option<usize> {
        self.axis_of(name.as_ref()).map(|axis| self.array.dims()[axis])
    }

    pub(crate) fn axis_of(&self, name: &str) -> Option<usize> {
        self.roles.iter().position(|role| matches!(role, Role::Named(known) if *known == *name))
    }

    /// The axes as text: `batch:2, seq:3`, positional sizes first: `4 | batch:2`.
    pub(crate) fn axes_text(&self) -> String {
        let names: Vec<_> = self.named_shape().iter().map(|(name, size)| format!("{name}:{size}")).collect();
        let sizes: Vec<_> = self.positional_shape().iter().map(ToString::to_string).collect();
        match (sizes.is_empty(), names.is_empty()) {
            (true, _) => names.join(", "),
            (false, true) => sizes.join(", "),
            (false, false) => format!("{} | {}", sizes.join(", "), names.join(", ")),
        }
    }
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::Named(name) => write!(f, "{name}"),
            Role::Positional => f.write_str("_"),
        }
    }
}
