//! Types that are odd and right.

#![deny(warnings, missing_docs, unreachable_pub, nonstandard_style)]

use std::marker::PhantomData;

use pz::tree::{Attributes, TypedKeyPath as _, count};
use pz::{NamedArray, PyTree, Result, Struct, pytree_dataclass, select};

/// Fields called as the generated code calls its own things, or as methods of its types.
#[pytree_dataclass]
pub(crate) struct Names {
    pub(crate) keypath: f32,
    typed: f32,
    path: f32,
    step: f32,
    pz_fields: f32,
    edits: f32,
    out: f32,
    r#match: f32,
    clone: f32,
    from_axis: f32,
    into: f32,
    neg: f32,
    #[pytree(static, default = fields)]
    fields: usize,
}

#[allow(non_upper_case_globals)]
const fields: usize = 7;

#[test]
fn names_do_not_collide() -> Result<()> {
    let mut given = Attributes::new();
    for field in Names::TABLES[0].fields.iter().filter(|field| field.child) {
        given = given.with(field.name, 1.0_f32);
    }
    let names = Names::from_attributes(given)?;
    assert_eq!((names.fields, count(&names)), (7, 13));
    assert_eq!(Names::path().r#match().keypath().to_string(), ".match");
    assert_eq!(Names::path().keypath().keypath().to_string(), ".keypath");
    assert_eq!(Names::path().neg().keypath().to_string(), ".neg");
    Ok(())
}

/// Parameters called as those of the generated code; a default, a bound, a `where`, a const.
#[pytree_dataclass]
struct Generic<Root: PyTree + Clone, Node, T = f32, const N: usize = 2>
where
    Node: PyTree + Clone,
    T: Copy,
{
    root: Root,
    nodes: [Node; N],
    pair: (Root, T),
    #[pytree(static)]
    kind: Kind<T>,
    next: Option<Box<Generic<Root, Node, T, N>>>,
    #[pytree(default)]
    last: Option<Root>,
}

#[derive(Debug)]
struct Kind<T>(PhantomData<fn() -> T>);

impl<T> Clone for Kind<T> {
    fn clone(&self) -> Self {
        Kind(PhantomData)
    }
}

impl<T: 'static> pz::tree::Static for Kind<T> {
    fn same(&self, _: &dyn pz::tree::Static) -> bool {
        true
    }
    fn hash_into(&self, _: &mut dyn std::hash::Hasher) {}
    fn show(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kind")
    }
}

#[test]
fn generics_are_kept() -> Result<()> {
    let leaf = || Generic {
        root: 1.0_f32,
        nodes: [true, false],
        pair: (2.0, 3_i32),
        kind: Kind(PhantomData),
        next: None,
        last: None,
    };
    let node = Generic { next: Some(Box::new(leaf())), ..leaf() };
    type Of = Generic<f32, bool, i32>;
    let path = Of::path().next().nodes().at(1);
    assert_eq!(select(&node).at_path(path).get()?, &false);
    assert_eq!(
        format!("{node:?}"),
        "Generic(root=1.0, nodes=[true, false], pair=(2.0, 3), kind=Kind, next=Generic(root=1.0, nodes=[true, false], \
         pair=(2.0, 3), kind=Kind, next=None, last=None), last=None)"
    );
    assert_eq!(Of::from_attributes(node.attributes_dict())?.pair, (2.0, 3));
    Ok(())
}

/// Fields that are there or not.
#[pytree_dataclass]
struct Configured {
    #[cfg(not(test))]
    missing: NotAType,
    #[cfg(test)]
    present: f32,
    #[cfg_attr(test, pytree(static))]
    fixed: usize,
    #[allow(dead_code)]
    #[doc = concat!("made ", "by a macro")]
    documented: f32,
}

#[test]
fn absent_fields_are_absent() {
    let node = Configured { present: 1.0, fixed: 2, documented: 3.0 };
    assert_eq!(format!("{node:?}"), "Configured(present=1.0, fixed=2, documented=3.0)");
}

macro_rules! declare {
    ($(#[$meta:meta])* $visibility:vis $name:ident<$parameter:ident> { $($field:ident: $type:ty = $default:expr),* }) => {
        #[pytree_dataclass]
        $(#[$meta])*
        $visibility struct $name<$parameter> {
            $(#[pytree(default = $default)] $field: $type,)*
            inner: $parameter,
        }
    };
}

declare! {
    #[pytree(color = "red")]
    pub(crate) Declared<Inner> { a: f32 = 1.0 + 1.0, b: Option<NamedArray> = None }
}

#[test]
fn a_macro_can_declare_a_struct() -> Result<()> {
    let node = Declared::<bool>::from_attributes(Attributes::new().with("inner", true))?;
    assert_eq!(format!("{node:?}"), "Declared(a=2.0, b=None, inner=true)");
    assert_eq!(Declared::<bool>::path().inner().keypath().to_string(), ".inner");
    Ok(())
}

#[test]
fn a_struct_can_be_in_a_function_and_hold_private_types() {
    #[pytree_dataclass]
    struct Inner(f32, #[pytree(static)] (), NamedArray);
    #[pytree_dataclass]
    #[allow(non_snake_case, non_camel_case_types)]
    struct outer_t {
        W: Inner,
    }
    assert_eq!(outer_t::path().W()._2().keypath().to_string(), ".W.2");
    let node = outer_t { W: Inner(1.0, (), NamedArray::scalar(1.0_f32)) };
    assert_eq!(count(&node), 4);
}

/// `Clone` and `Debug` of the user's own.
#[pytree_dataclass]
#[pytree(own_clone, own_debug)]
struct Owned {
    value: f32,
}

impl Clone for Owned {
    fn clone(&self) -> Self {
        Owned { value: self.value + 1.0 }
    }
}

#[test]
fn own_clone_is_used() {
    assert_eq!(Owned { value: 1.0 }.clone_node().downcast_ref::<Owned>().map(|owned| owned.value), Some(2.0));
}

/// Variants called as keywords, or alike as methods.
#[pytree_dataclass]
#[repr(u8)]
enum Odd {
    Type(f32),
    Super(f32),
    Crate {
        r#in: f32,
    },
    Ab(f32),
    #[allow(non_camel_case_types)]
    ab(bool),
    Discriminated = 7,
}

#[test]
fn variants_can_be_called_anything() -> Result<()> {
    assert_eq!(Odd::path().r#type()._0().keypath().to_string(), ".0");
    assert_eq!(Odd::path().super_()._0().keypath().to_string(), ".0");
    assert_eq!(Odd::path().crate_().r#in().keypath().to_string(), ".in");
    for odd in [Odd::Type(1.0), Odd::Super(1.0), Odd::Crate { r#in: 1.0 }, Odd::Ab(1.0), Odd::ab(true)] {
        assert_eq!(count(&odd), 2);
    }
    assert_eq!(count(&Odd::Discriminated), 1);
    Ok(())
}

/// Types that hold each other, each with the other's parameter.
#[pytree_dataclass]
struct Branch<T> {
    #[pytree(recursive)]
    twigs: Vec<Twig<T>>,
}

#[pytree_dataclass]
enum Twig<T> {
    Bud,
    Leaf(T, Option<Box<Branch<T>>>),
}

#[test]
fn generic_types_can_hold_each_other() -> Result<()> {
    let small = Branch { twigs: vec![Twig::Bud, Twig::Leaf(2.0_f32, None)] };
    let tree = Branch { twigs: vec![Twig::Leaf(1.0, Some(Box::new(small)))] };
    let edited = select(&tree).at_instances_of::<f32>().apply(|x| -x)?;
    assert_eq!(
        format!("{edited:?}"),
        "Branch(twigs=[Twig::Leaf(-1.0, Branch(twigs=[Twig::Bud, Twig::Leaf(-2.0, None)]))])"
    );
    assert_eq!(
        select(&tree).at_innermost_instances_of::<Branch<f32>>().get_keypaths()?[0].to_string(),
        ".twigs[0].1"
    );
    Ok(())
}

/// What a static field may point to: compared and hashed by what it is.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Table(&'static str);

pz::static_by_eq!(&'static Table);

static SINES: Table = Table("sines");

#[pytree_dataclass]
struct Wave {
    gain: f32,
    #[pytree(static)]
    table: &'static Table,
}

#[test]
fn a_static_field_may_be_a_reference_to_a_type_of_the_users() {
    let wave = Wave { gain: 1.0, table: &SINES };
    let louder = pz::select(&wave).at(|wave| &wave.gain).set(2.0_f32).unwrap();
    assert_eq!((louder.gain, louder.table), (2.0, &SINES));
    assert!(pz::tree::same_structure(&wave, &louder));
    assert!(!pz::tree::same_structure(&wave, &Wave { gain: 1.0, table: &Table("cosines") }));
}
