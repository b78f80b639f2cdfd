//! Static values: the parts of a tree that are structure.
//!
//! They are compared, hashed and printed, never edited as data. Floats count as the same when their bits are, so
//! that a structure with a NaN in it still equals itself; collections ask their elements.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::Static;
use crate::path::PathKey;
use crate::shape::AxisName;

/// Lets types be static fields: compared with `==`, hashed with `Hash`, printed with `Debug`.
///
/// ```
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// enum Order { First, Last }
/// pz::static_by_eq!(Order);
/// ```
#[macro_export]
macro_rules! static_by_eq {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::tree::Static for $type {
            fn same(&self, other: &dyn $crate::tree::Static) -> bool {
                let other: &dyn ::core::any::Any = other;
                other.downcast_ref::<$type>().is_some_and(|other| self == other)
            }
            fn hash_into(&self, mut state: &mut dyn ::core::hash::Hasher) {
                ::core::hash::Hash::hash(self, &mut state);
            }
            fn show(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(self, f)
            }
        }
    )+};
}

static_by_eq!((), bool, char, String, &'static str, PathKey);
static_by_eq!(i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize);

/// Written out, for a model has thousands of names: each is one word to the hasher, or two.
impl Static for AxisName {
    fn same(&self, other: &dyn Static) -> bool {
        cast::<AxisName>(other).is_some_and(|other| self == other)
    }
    fn hash_into(&self, state: &mut dyn Hasher) {
        let text = self.as_str().as_bytes();
        state.write(text);
        // What a user wrote has no mark.
        if self.mark() != 0 {
            state.write_u64(self.mark());
        }
    }
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

macro_rules! static_by_bits {
    ($($type:ty),+) => {$(
        impl Static for $type {
            fn same(&self, other: &dyn Static) -> bool {
                cast::<$type>(other).is_some_and(|other| self.to_bits() == other.to_bits())
            }
            fn hash_into(&self, mut state: &mut dyn Hasher) {
                self.to_bits().hash(&mut state);
            }
            fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, f)
            }
        }
    )+};
}

static_by_bits!(f32, f64);

fn cast<T: Static>(value: &dyn Static) -> Option<&T> {
    (value as &dyn Any).downcast_ref()
}

fn same_items<T: Static>(left: &[T], right: &[T]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.same(right))
}

fn hash_items<T: Static>(items: &[T], state: &mut dyn Hasher) {
    state.write_usize(items.len());
    items.iter().for_each(|item| item.hash_into(state));
}

/// A static value under `Debug`, for the standard library's list and map printers.
struct Shown<'a>(&'a dyn Static);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}

impl<T: Static> Static for Option<T> {
    fn same(&self, other: &dyn Static) -> bool {
        match (self, cast::<Self>(other)) {
            (Some(left), Some(Some(right))) => left.same(right),
            (None, Some(None)) => true,
            _ => false,
        }
    }
    fn hash_into(&self, state: &mut dyn Hasher) {
        state.write_u8(self.is_some().into());
        if let Some(value) = self {
            value.hash_into(state);
        }
    }
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Some(value) => f.debug_tuple("Some").field(&Shown(value)).finish(),
            None => f.write_str("None"),
        }
    }
}

impl<T: Static> Static for Vec<T> {
    fn same(&self, other: &dyn Static) -> bool {
        cast::<Self>(other).is_some_and(|other| same_items(self, other))
    }
    fn hash_into(&self, state: &mut dyn Hasher) {
        hash_items(self, state);
    }
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|item| Shown(item))).finish()
    }
}

impl<T: Static, const N: usize> Static for [T; N] {
    fn same(&self, other: &dyn Static) -> bool {
        cast::<Self>(other).is_some_and(|other| same_items(self, other))
    }
    fn hash_into(&self, state: &mut dyn Hasher) {
        hash_items(self, state);
    }
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|item| Shown(item))).finish()
    }
}

impl<K: Static, V: Static> Static for BTreeMap<K, V> {
    fn same(&self, other: &dyn Static) -> bool {
        cast::<Self>(other).is_some_and(|other| {
            self.len() == other.len()
                && self
                    .iter()
                    .zip(other)
                    .all(|((k, v), (other_k, other_v))| k.same(other_k) && v.same(other_v))
        })
    }
    fn hash_into(&self, state: &mut dyn Hasher) {
        state.write_usize(self.len());
        for (key, value) in self {
            key.hash_into(state);
            value.hash_into(state);
        }
    }
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(key, value)| (Shown(key), Shown(value)))).finish()
    }
}

macro_rules! static_tuples {
    ($(($($name:ident $place:tt),+))+) => {$(
        impl<$($name: Static),+> Static for ($($name,)+) {
            fn same(&self, other: &dyn Static) -> bool {
                cast::<Self>(other).is_some_and(|other| $(self.$place.same(&other.$place))&&+)
            }
            fn hash_into(&self, state: &mut dyn Hasher) {
                $(self.$place.hash_into(state);)+
            }
            fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple("")$(.field(&Shown(&self.$place)))+.finish()
            }
        }
    )+};
}

static_tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}

#[cfg(test)]
mod tests {
    use std::hash::DefaultHasher;

    use super::*;

    fn hash(value: &dyn Static) -> u64 {
        let mut state = DefaultHasher::new();
        value.hash_into(&mut state);
        state.finish()
    }

    #[test]
    fn floats_compare_by_their_bits() {
        assert!(f32::NAN.same(&f32::NAN));
        assert!(!0.0_f64.same(&-0.0_f64));
        assert!(!1.0_f32.same(&1.0_f64), "another type is another structure");
        assert_eq!(hash(&vec![f32::NAN]), hash(&vec![f32::NAN]));
    }

    #[test]
    fn collections_compare_element_by_element() {
        let axes = |names: &[&'static str]| names.iter().map(|name| AxisName::new(name)).collect::<Vec<_>>();
        assert!(axes(&["a", "b"]).same(&axes(&["a", "b"])));
        assert!(!axes(&["a", "b"]).same(&axes(&["a"])));
        assert!(!axes(&["a", "b"]).same(&axes(&["b", "a"])));
        assert!(Some((1_usize, "x")).same(&Some((1_usize, "x"))));
        assert!(!Some(1_u8).same(&None::<u8>));
        assert_ne!(hash(&Some(0_u8)), hash(&None::<u8>));
    }

    #[test]
    fn nested_lists_hash_by_their_shape() {
        assert_ne!(hash(&vec![vec![1], vec![]]), hash(&vec![vec![], vec![1]]));
    }

    #[test]
    fn values_print_as_a_person_types_them() {
        let map = BTreeMap::from([("a", (1, 2.5)), ("b", (3, 1e-6))]);
        assert_eq!(format!("{:?}", Shown(&map)), r#"{"a": (1, 2.5), "b": (3, 1e-6)}"#);
        assert_eq!(format!("{:?}", Shown(&[Some(AxisName::new("seq")), None])), r#"[Some("seq"), None]"#);
        assert_eq!(format!("{:?}", Shown(&(true,))), "(true,)");
        let twelve = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        assert_eq!(format!("{:?}", Shown(&twelve)), "(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)");
    }
}
