//! Bounds are kept, and none is asked for that the generated code does not need.

use std::fmt::{self, Formatter};
use std::hash::Hasher;
use std::marker::PhantomData;

use pz::nn::{AnyLayer, Layer, SideInputs, Slot, Value};
use pz::tree::Static;
use pz::{NamedArray, PyTree, pytree_dataclass};

/// `Slot<L>` asks nothing of `L`, so neither does the node.
#[pytree_dataclass]
#[derive(Layer)]
pub struct Held<L: Layer> {
    slot: Slot<L>,
}

/// A type that is private in the bounds of one that is not.
#[pytree_dataclass]
pub struct Outer<T> {
    inner: Vec<Inner<T>>,
}

#[pytree_dataclass]
struct Inner<T> {
    value: T,
}

#[pytree_dataclass]
pub struct Chain<L> {
    layer: L,
    next: Option<Box<Chain<L>>>,
}

#[pytree_dataclass]
pub struct Sizes<const N: usize, T: Static + Clone = usize>
where
    T: Default,
{
    #[pytree(static)]
    sizes: [T; N],
    weights: NamedArray,
}

/// A static field that only names a type.
pub struct Marker<T>(PhantomData<fn() -> T>);

impl<T> Clone for Marker<T> {
    fn clone(&self) -> Self {
        Marker(PhantomData)
    }
}

impl<T: 'static> Static for Marker<T> {
    fn same(&self, _: &dyn Static) -> bool {
        true
    }
    fn hash_into(&self, _: &mut dyn Hasher) {}
    fn show(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Marker")
    }
}

#[pytree_dataclass]
pub struct Marked<T: 'static> {
    #[pytree(static)]
    marker: Marker<T>,
}

#[pytree_dataclass]
#[derive(Layer)]
#[layer(call = Self::run)]
pub struct Tagged<T: Static + Clone> {
    #[pytree(static)]
    tag: T,
}

impl<T: Static + Clone> Tagged<T> {
    fn run(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        Ok(input)
    }
}

fn is_tree<T: PyTree>() {}

fn main() {
    is_tree::<Held<Tagged<usize>>>();
    is_tree::<Outer<NamedArray>>();
    is_tree::<Chain<AnyLayer>>();
    is_tree::<Sizes<2>>();
    is_tree::<Marked<std::rc::Rc<()>>>();
    is_tree::<Tagged<String>>();
}
