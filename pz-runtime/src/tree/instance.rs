//! What can be asked of a node: to be of a type, of a family of types, or of one of several.
//!
//! Rust has no subclasses, so a type that is a `Sequential` in all but its name says so:
//! `#[pytree_dataclass(is = Sequential)]`. `Sequential` is then a family. Who looks for instances of a type sees them
//! as that type; who looks for a family, or for several types, sees nodes, since their fields differ.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};

use half::{bf16, f16};
use indexmap::IndexMap;

use super::{PyTree, Tree};

/// A type that nodes can be instances of; a tuple of such types asks for one of them.
///
/// ```
/// use pz::nn::{AddBias, Linear};
/// use pz::select;
/// # let model = vec![1.0_f32];
/// let found = select(&model).at_instances_of::<(Linear, AddBias)>();
/// assert_eq!(found.count(), 0);
/// ```
#[diagnostic::on_unimplemented(
    message = "no node of a tree is a `{Self}`",
    label = "this is not the type of a node",
    note = "wrappers such as `AnyLayer`, `Slot`, `Box` and `Option` are no nodes: look for the type that is inside",
    note = "a type that is a node by a `PyTree` of its own says so with `pz::node_types!({Self});`"
)]
pub trait Instance: 'static {
    /// What an instance is seen as: the type itself, or `dyn PyTree` where instances are of several types.
    type Seen: Tree + ?Sized;

    /// The node as it is seen, where it is an instance.
    fn seen(node: &dyn PyTree) -> Option<&Self::Seen>;
}

/// A type whose instances are of other types too, which name it: `#[pytree_dataclass(is = Sequential)]`.
///
/// ```
/// use pz::nn::{AnyLayer, Layer, Sequential, SideInputs, Value, call_in_order};
/// use pz::{pytree_dataclass, select};
///
/// #[pytree_dataclass(is = Sequential)]
/// struct Encoder {
///     sublayers: Vec<AnyLayer>,
/// }
///
/// impl Layer for Encoder {
///     fn call(&self, input: Value, side: &SideInputs) -> pz::Result<Value> {
///         call_in_order(self, "sublayers", &self.sublayers, input, side)
///     }
/// }
///
/// let model = Encoder { sublayers: vec![AnyLayer::new(Sequential::new([]))] };
/// // The encoder is a `Sequential`, and the outermost counts.
/// assert_eq!(select(&model).at_instances_of::<Sequential>().get_keypaths()?[0].to_string(), "");
/// # Ok::<(), pz::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no family of types",
    label = "a type that others can name after `is =` is wanted here",
    note = "write `#[pytree(family)]` above `struct {Self}`"
)]
pub trait Family: PyTree {}

/// The identity of a family, as [`PyTree::families`] gives it. (What the derive calls.)
#[doc(hidden)]
pub const fn family_id<F: Family>() -> TypeId {
    TypeId::of::<F>()
}

/// The node itself, where it is of the family `F`. (What the derive calls.)
#[doc(hidden)]
pub fn member_of<F: Family>(node: &dyn PyTree) -> Option<&dyn PyTree> {
    let of_its_types = node.downcast_ref::<F>().is_some() || node.families().contains(&TypeId::of::<F>());
    of_its_types.then_some(node)
}

/// Lets types with a `PyTree` of their own be looked for, and typed paths lead to them; derived ones have both already.
#[macro_export]
macro_rules! node_types {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::tree::Instance for $type {
            type Seen = $type;
            fn seen(node: &dyn $crate::tree::PyTree) -> ::core::option::Option<&$type> {
                node.downcast_ref()
            }
        }
        impl<Root: ?Sized> $crate::tree::Steps<Root> for $type {
            type Path = $crate::tree::PathTo<Root, $type>;
            fn begin(path: $crate::tree::PathTo<Root, $type>) -> Self::Path {
                path
            }
        }
    )+};
}

node_types!((), bool, f16, bf16, f32, f64, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

macro_rules! containers {
    ($($type:ty),+) => {$(
        impl<T: PyTree + Clone> Instance for $type {
            type Seen = Self;
            fn seen(node: &dyn PyTree) -> Option<&Self> {
                node.downcast_ref()
            }
        }
    )+};
}

containers!(Vec<T>, BTreeMap<String, T>, HashMap<String, T>, IndexMap<String, T>);

impl<T: PyTree + Clone, const N: usize> Instance for [T; N] {
    type Seen = Self;
    fn seen(node: &dyn PyTree) -> Option<&Self> {
        node.downcast_ref()
    }
}

macro_rules! one_of {
    ($($name:ident)+) => {
        impl<$($name: Instance),+> Instance for ($($name,)+) {
            type Seen = dyn PyTree;
            fn seen(node: &dyn PyTree) -> Option<&dyn PyTree> {
                ($($name::seen(node).is_some())||+).then_some(node)
            }
        }
    };
}

one_of!(A);
one_of!(A B);
one_of!(A B C);
one_of!(A B C D);
one_of!(A B C D E);
one_of!(A B C D E F);
one_of!(A B C D E F G);
one_of!(A B C D E F G H);
