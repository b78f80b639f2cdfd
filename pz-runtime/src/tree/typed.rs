//! Key paths that know what is at their ends: `Mlp::path().hidden().weights()`.
//!
//! A derived type has a path type with one method for each child field; it leads to the path type of the field's type.
//! What is no struct has its path type here: elements of a `Vec` by number, entries of a map by key, and leaves, after
//! which nothing follows. Wrappers (`Option`, `Box`, `Arc`) have no step, as in any path.
//!
//! A path may be longer than the tree that it is used on: what is there is found out by the selection.

use std::any::type_name;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use indexmap::IndexMap;

use super::{PyTree, Tree, short_type_name};
use crate::path::{KeyPath, PathKey};

/// A key path that begins at a `Root` and ends at a `Node`.
///
/// ```
/// use pz::{NamedArray, Struct, pytree_dataclass, select};
/// use pz::tree::TypedKeyPath;
///
/// #[pytree_dataclass]
/// struct Linear {
///     weights: NamedArray,
/// }
/// #[pytree_dataclass]
/// struct Mlp {
///     layers: Vec<Linear>,
/// }
///
/// let path = Mlp::path().layers().at(1).weights();
/// assert_eq!(path.clone().keypath().to_string(), ".layers[1].weights");
/// let mlp = Mlp { layers: vec![Linear { weights: NamedArray::scalar(1.0_f32) }; 2] };
/// let edited = select(&mlp).at_path(path).set(NamedArray::scalar(5.0_f32))?;
/// assert_eq!(edited.layers[1].weights.item::<f32>()?, 5.0);
/// # Ok::<(), pz::Error>(())
/// ```
pub struct PathTo<Root: ?Sized, Node: ?Sized> {
    path: KeyPath,
    ends: PhantomData<fn(&Root, &Node)>,
}

impl<Root: ?Sized, Node: ?Sized> PathTo<Root, Node> {
    /// The empty path, which leads from a tree to itself.
    #[doc(hidden)]
    pub fn root() -> Self {
        PathTo { path: KeyPath::root(), ends: PhantomData }
    }

    /// The path on to a field. (What the derive calls.)
    #[doc(hidden)]
    pub fn field<Next: Steps<Root>>(self, name: &'static str) -> Next::Path {
        self.step::<Next>(PathKey::attr(name))
    }

    fn step<Next: Steps<Root>>(self, key: PathKey) -> Next::Path {
        let mut path = self.path;
        path.push(key);
        Next::begin(PathTo { path, ends: PhantomData })
    }

    /// The path on to a part of a group: through fields of these names, and then to an element. (What `model!` calls.)
    #[doc(hidden)]
    pub fn part<Next: Steps<Root>>(self, names: &[&'static str], place: Option<usize>) -> Next::Path {
        let mut path = self.path;
        path.extend(names.iter().map(|name| PathKey::attr(name)));
        path.extend(place.map(PathKey::Index));
        Next::begin(PathTo { path, ends: PhantomData })
    }

    /// The path, said to end at another type.
    #[doc(hidden)]
    pub fn seen_as<Other: ?Sized>(self) -> PathTo<Root, Other> {
        PathTo { path: self.path, ends: PhantomData }
    }
}

impl<Root: ?Sized, Node: ?Sized> Clone for PathTo<Root, Node> {
    fn clone(&self) -> Self {
        PathTo { path: self.path.clone(), ends: PhantomData }
    }
}

impl<Root: ?Sized, Node: ?Sized> fmt::Debug for PathTo<Root, Node> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (root, node) = (short_type_name(type_name::<Root>()), short_type_name(type_name::<Node>()));
        write!(f, "{root}{}: {node}", self.path)
    }
}

/// What all typed paths have in common, whatever steps can follow.
pub trait TypedKeyPath: Sized {
    /// The type where the path begins.
    type Root: ?Sized;
    /// The type of the node where it ends, out of its wrappers; `dyn PyTree` where any layer can be.
    type Node: Tree + ?Sized;

    /// The path without its steps' methods.
    fn typed(self) -> PathTo<Self::Root, Self::Node>;

    /// The path, on from an `L`: where any layer can be, this says which one is there, and its steps follow. Whether it
    /// is there, the selection finds out.
    ///
    /// ```
    /// use pz::nn::{AnyLayer, Softmax};
    /// use pz::tree::TypedKeyPath;
    /// use pz::{Struct, pytree_dataclass, select};
    ///
    /// #[pytree_dataclass]
    /// struct Scale {
    ///     by: f32,
    /// }
    /// # #[rustfmt::skip]
    /// # impl pz::nn::Layer for Scale {
    /// #     fn call(&self, input: pz::nn::Value, _: &pz::nn::SideInputs) -> pz::Result<pz::nn::Value> { Ok(input) }
    /// # }
    /// #[pytree_dataclass]
    /// struct Net {
    ///     last: AnyLayer,
    /// }
    ///
    /// let net = Net { last: AnyLayer::new(Scale { by: 2.0 }) };
    /// let by = Net::path().last().holding::<Scale>().by();
    /// assert_eq!(select(&net).at_path(by).get()?, &2.0);
    /// assert!(select(&net).at_path(Net::path().last().holding::<Softmax>()).get().is_err());
    /// # Ok::<(), pz::Error>(())
    /// ```
    fn holding<L: Steps<Self::Root>>(self) -> L::Path {
        L::begin(self.typed().seen_as())
    }

    /// The path without its types, as everything takes it.
    fn keypath(self) -> KeyPath {
        self.typed().path
    }
}

impl<Root: ?Sized, Node: Tree + ?Sized> TypedKeyPath for PathTo<Root, Node> {
    type Root = Root;
    type Node = Node;
    fn typed(self) -> PathTo<Root, Node> {
        self
    }
}

/// A type to which typed paths from a `Root` can lead: `Path` has the steps that go on from there.
///
/// The derive writes it for structs and enums, `pz::node_types!` for nodes that are written by hand.
#[diagnostic::on_unimplemented(
    message = "no typed path leads to a `{Self}`",
    note = "for a type whose `PyTree` is written by hand: `pz::node_types!({Self});`"
)]
pub trait Steps<Root: ?Sized> {
    /// The path that ends at this type.
    type Path;
    /// Gives a path that ends here the steps that go on.
    fn begin(path: PathTo<Root, Self>) -> Self::Path;
}

/// The type of the paths from a `Root` to a `Node`.
pub type PathOf<Root, Node> = <Node as Steps<Root>>::Path;

/// A path that leads to a list: the next step is an element.
#[derive(Clone, Debug)]
pub struct PathToList<Root: ?Sized, List, Element>(PathTo<Root, List>, PhantomData<fn(&Element)>);

/// A path that leads to a map with names as keys: the next step is an entry.
#[derive(Clone, Debug)]
pub struct PathToMap<Root: ?Sized, Map, Value>(PathTo<Root, Map>, PhantomData<fn(&Value)>);

/// A path that leads to a tuple: the next step is `_0()`, `_1()`, and so on.
#[derive(Clone, Debug)]
pub struct PathToTuple<Root: ?Sized, Tuple>(PathTo<Root, Tuple>);

impl<Root: ?Sized, List, Element: Steps<Root>> PathToList<Root, List, Element> {
    /// On to the element with this number, from 0.
    pub fn at(self, index: usize) -> Element::Path {
        self.0.step::<Element>(PathKey::Index(index))
    }
}

impl<Root: ?Sized, Map, Value: Steps<Root>> PathToMap<Root, Map, Value> {
    /// On to the entry with this key.
    pub fn entry(self, key: impl Into<String>) -> Value::Path {
        self.0.step::<Value>(PathKey::entry(key.into()))
    }
}

macro_rules! inner_paths {
    ($($path:ident<$list:ident, $element:ident>),+) => {$(
        impl<Root: ?Sized, $list: PyTree, $element> TypedKeyPath for $path<Root, $list, $element> {
            type Root = Root;
            type Node = $list;
            fn typed(self) -> PathTo<Root, $list> {
                self.0
            }
        }
    )+};
}

inner_paths!(PathToList<List, Element>, PathToMap<Map, Value>);

impl<Root: ?Sized, Tuple: PyTree> TypedKeyPath for PathToTuple<Root, Tuple> {
    type Root = Root;
    type Node = Tuple;
    fn typed(self) -> PathTo<Root, Tuple> {
        self.0
    }
}

impl<Root: ?Sized, T> Steps<Root> for Vec<T> {
    type Path = PathToList<Root, Self, T>;
    fn begin(path: PathTo<Root, Self>) -> Self::Path {
        PathToList(path, PhantomData)
    }
}

impl<Root: ?Sized, T, const N: usize> Steps<Root> for [T; N] {
    type Path = PathToList<Root, Self, T>;
    fn begin(path: PathTo<Root, Self>) -> Self::Path {
        PathToList(path, PhantomData)
    }
}

macro_rules! maps {
    ($($map:ident),+) => {$(
        impl<Root: ?Sized, T> Steps<Root> for $map<String, T> {
            type Path = PathToMap<Root, Self, T>;
            fn begin(path: PathTo<Root, Self>) -> Self::Path {
                PathToMap(path, PhantomData)
            }
        }
    )+};
}

maps!(BTreeMap, HashMap, IndexMap);

macro_rules! wrappers {
    ($($wrapper:ident),+) => {$(
        impl<Root: ?Sized, T: Steps<Root>> Steps<Root> for $wrapper<T> {
            type Path = T::Path;
            fn begin(path: PathTo<Root, Self>) -> T::Path {
                T::begin(path.seen_as())
            }
        }
    )+};
}

wrappers!(Option, Box, Arc);

macro_rules! tuples {
    ($(($($name:ident $step:ident $place:literal),+))+) => {$(
        impl<Root: ?Sized, $($name),+> Steps<Root> for ($($name,)+) {
            type Path = PathToTuple<Root, Self>;
            fn begin(path: PathTo<Root, Self>) -> Self::Path {
                PathToTuple(path)
            }
        }
        impl<Root: ?Sized, $($name: Steps<Root>),+> PathToTuple<Root, ($($name,)+)> {
            $(
                /// On to the element with this number.
                pub fn $step(self) -> $name::Path {
                    self.0.step::<$name>(PathKey::Index($place))
                }
            )+
        }
    )+};
}

tuples! {
    (A _0 0)
    (A _0 0, B _1 1)
    (A _0 0, B _1 1, C _2 2)
    (A _0 0, B _1 1, C _2 2, D _3 3)
    (A _0 0, B _1 1, C _2 2, D _3 3, E _4 4)
    (A _0 0, B _1 1, C _2 2, D _3 3, E _4 4, F _5 5)
    (A _0 0, B _1 1, C _2 2, D _3 3, E _4 4, F _5 5, G _6 6)
    (A _0 0, B _1 1, C _2 2, D _3 3, E _4 4, F _5 5, G _6 6, H _7 7)
    (A _0 0, B _1 1, C _2 2, D _3 3, E _4 4, F _5 5, G _6 6, H _7 7, I _8 8)
    (A _0 0, B _1 1, C _2 2, D _3 3, E _4 4, F _5 5, G _6 6, H _7 7, I _8 8, J _9 9)
    (A _0 0, B _1 1, C _2 2, D _3 3, E _4 4, F _5 5, G _6 6, H _7 7, I _8 8, J _9 9, K _10 10)
    (A _0 0, B _1 1, C _2 2, D _3 3, E _4 4, F _5 5, G _6 6, H _7 7, I _8 8, J _9 9, K _10 10, L _11 11)
}
