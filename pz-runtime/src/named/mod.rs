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
mod guard;
mod hidden;
mod host;
mod index;
mod indexer;
mod join;
mod leaves;
mod lookup;
mod loss;
mod nmap;
mod onehot;
mod operators;
mod order;
mod pad;
pub(crate) mod pattern;
mod picked;
mod positional;
mod random;
mod rearrange;
#[cfg(test)]
mod rearrange_tests;
mod reduce;
mod rows;
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
mod text;
mod tree;
mod update;
mod while_loop;
mod window;
mod window_at;

use std::fmt;

use smallvec::SmallVec;

use crate::array::layout::Dims;
use crate::array::{Array, DType};
use crate::error::Result;
use crate::shape::AxisName;

pub use arithmetic::Operand;
pub use at::{At, OutOfRange};
pub use axes::{Axes, Axis, Names};
pub use checkpoint::checkpoint;
pub use contract::contract;
pub use control::{cond, switch};
pub use conv::Conv;
pub use create::eval;
pub use cumulative::Running;
pub use custom::{CustomVjp, custom_vjp};
pub use derivative::{LinearMap, hvp, jvp, linearize, vjp};
pub use difference::ArrayDifference;
pub use einsum::{einsum, outer, tensordot};
pub use gradient::{grad, value_and_grad, value_and_grad_aux};
pub use host::Elements;
pub use indexer::{AxisIndex, Index, Indexer, Place, Positions, Slice, positions, slice};
pub use join::{concatenate, stack};
pub use lookup::{Side, Unique};
pub use nmap::nmap;
pub use order::{is_namedarray, order_like, wrap};
pub use pad::{Pad, PadMode};
pub use pz_macros::{einsum, rearrange};
pub use random::{Bounds, Choice, DrawShape, Random};
pub use scan::{Scan, fori_loop, scan};
pub use sort::Sorting;
pub use statistics::Norm;
pub use while_loop::while_loop;
pub use window::Slide;

/// The role of an axis: a name, or its number among the positional axes.
///
/// As in Penzai's `NamedArrayView`, positional axes may lie anywhere between the named ones and in any order: `untag`
/// moves nothing, so that `tag` gives each axis back the place that it had.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    Named(AxisName),
    Positional(usize),
}

impl Role {
    pub(crate) fn name(self) -> Option<AxisName> {
        match self {
            Role::Named(name) => Some(name),
            Role::Positional(_) => None,
        }
    }

    pub(crate) fn is_positional(self) -> bool {
        matches!(self, Role::Positional(_))
    }

    /// What a message calls the axis.
    fn called(self) -> String {
        match self {
            Role::Named(name) if name.mark() == axes::POSITION => format!("the positional axis {name}"),
            Role::Named(name) => format!("the axis `{name}`"),
            Role::Positional(number) => format!("the positional axis {number}"),
        }
    }
}

/// As many as scores of grouped attention have lie in the array itself.
pub(crate) type Roles = SmallVec<[Role; 5]>;

/// The positional axes among `roles`, in their order.
pub(crate) fn positional(roles: &[Role]) -> Dims {
    let mut axes: Dims = (0..roles.len()).filter(|&axis| roles[axis].is_positional()).collect();
    axes.sort_unstable_by_key(|&axis| match roles[axis] {
        Role::Positional(number) => number,
        Role::Named(_) => usize::MAX,
    });
    axes
}

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
    /// An array with these axes, where they are.
    pub(crate) fn new(array: Array, roles: Roles) -> Self {
        debug_assert_eq!(array.dims().len(), roles.len());
        NamedArray { array, roles }
    }

    /// The result of an operation: Penzai's order, in which named axes come first and positional ones follow. Where
    /// there is no positional axis this is [`new`](NamedArray::new).
    pub(crate) fn result(array: Array, mut roles: Roles) -> Result<Self> {
        let axes = positional(&roles);
        if axes.is_empty() {
            return Ok(NamedArray::new(array, roles));
        }
        axes.iter().enumerate().for_each(|(number, &axis)| roles[axis] = Role::Positional(number));
        let named = (0..roles.len()).filter(|&axis| !roles[axis].is_positional());
        let order: Dims = named.chain(axes.iter().copied()).collect();
        NamedArray::new(array, roles).permuted(&order)
    }

    /// The result of an operation that runs along `axes`: among the named ones they come last, as after Penzai's
    /// `untag`, operation, `tag`.
    pub(crate) fn along(array: Array, roles: &[Role], axes: &[usize]) -> Result<Self> {
        let is_last = |axis: &usize| axes.contains(axis);
        let order: Dims =
            (0..roles.len()).filter(|axis| !is_last(axis)).chain(axes.iter().copied()).collect();
        let moved = order.iter().map(|&axis| roles[axis]).collect();
        NamedArray::result(array.permute(&order)?, moved)
    }

    pub(crate) fn has_positional(&self) -> bool {
        self.roles.iter().any(|role| role.is_positional())
    }

    /// The dtype of the elements.
    pub fn dtype(&self) -> DType {
        self.array.dtype()
    }

    /// The number of elements; of the slice, in a function under [`nmap`].
    pub fn len(&self) -> usize {
        let sized = self.roles.iter().zip(self.array.dims());
        sized.filter(|(role, _)| !role.name().is_some_and(hidden::is_hidden)).map(|(_, size)| size).product()
    }

    /// Whether there are no elements: some axis has size 0.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names and sizes of the named axes, in order.
    pub fn named_shape(&self) -> Vec<(AxisName, usize)> {
        let mut shape = self.sized_names();
        shape.retain(|(name, _)| !hidden::is_hidden(*name));
        shape
    }

    /// The names and sizes of the named axes, those too that an `nmap` hides.
    pub(crate) fn sized_names(&self) -> Vec<(AxisName, usize)> {
        let sized = self.roles.iter().zip(self.array.dims());
        sized.filter_map(|(role, &size)| role.name().map(|name| (name, size))).collect()
    }

    /// The sizes of the positional axes, in order.
    pub fn positional_shape(&self) -> Vec<usize> {
        positional(&self.roles).iter().map(|&axis| self.array.dims()[axis]).collect()
    }

    /// The size of an axis, by name or by position, where it is there.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3, 4, 5, 6], [("a", 2), ("b", 3)])?.untag("b")?;
    /// assert_eq!((x.size("a"), x.size(-1), x.size("b")), (Some(2), Some(3), None));
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn size(&self, axis: impl Into<Axis>) -> Option<usize> {
        let axis = match axis.into() {
            Axis::Named(name) => self.axis_of(name),
            Axis::Position(number) => axes::at_position(&positional(&self.roles), number),
        };
        axis.map(|axis| self.array.dims()[axis])
    }

    pub(crate) fn axis_of(&self, name: impl Into<AxisName>) -> Option<usize> {
        let role = Role::Named(name.into());
        self.roles.iter().position(|known| *known == role)
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
            Role::Positional(number) => write!(f, "{number}"),
        }
    }
}
