//! Counterparts of the cases of Penzai's `tests/core/struct_pytree_dataclass_test.py`, each under its name there.
//!
//! What Python finds out when a class is made, the compiler finds out here: those cases are in `tests/ui/fail/`, and
//! this file says which.

use pz::path::PathKey;
use pz::tree::{Attributes, Edits, Node, Part, equal, flatten, flatten_exactly_one_level};
use pz::{
    PyTree, PyTreeDataclassSafetyError, Result, Struct, dataclass_from_attributes, init_takes_fields,
    is_pytree_dataclass_type, is_pytree_node_field, pytree_dataclass, select,
};

#[pytree_dataclass]
#[derive(PartialEq)]
struct Some_ {
    foo: i32,
    #[pytree(static)]
    bar: i32,
    baz: i32,
    #[pytree(static)]
    qux: String,
}

fn some() -> Some_ {
    Some_ { foo: 3, bar: 4, baz: 5, qux: "six".into() }
}

fn error_of<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => panic!("an error was expected"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn pytree_dataclass_properties() -> Result<()> {
    // is_pytree_with_keys
    let some = some();
    let level = flatten_exactly_one_level(&some).expect("a struct is no leaf");
    let shown: Vec<_> =
        level.iter().map(|(key, child)| (key.to_string(), child.downcast_ref::<i32>().copied())).collect();
    assert_eq!(shown, [(".foo".to_owned(), Some(3)), (".baz".to_owned(), Some(5))]);
    let (leaves, structure) = flatten(&some);
    assert!(structure.unflatten(leaves)? == some);
    // is_dataclass
    let fields: Vec<_> = Some_::TABLES[0].fields.iter().map(|field| field.name).collect();
    assert_eq!(fields, ["foo", "bar", "baz", "qux"]);
    // is_pytree_dataclass
    assert!(is_pytree_dataclass_type(some.info()));
    for other in [3_i32.info(), vec![3_i32].info(), None::<i32>.info(), (1_i32, 2_i32).info()] {
        assert!(!is_pytree_dataclass_type(other), "{}", other.type_name);
    }
    // A struct that holds one is none: `tests/ui/fail/struct_that_is_no_struct.rs`.
    // has_generated_repr
    assert_eq!(format!("{some:?}"), r#"Some_(foo=3, bar=4, baz=5, qux="six")"#);
    Ok(())
}

/// A type with a tree code of its own that lacks a method does not compile; the derive writes all of them. What is left
/// of the case is a struct that says nothing: it is no tree (`tests/ui/fail/struct_that_is_no_struct.rs`).
#[test]
fn pytree_dataclass_requires_pytree_methods() {
    let node: &dyn PyTree = &some();
    assert_eq!(node.children().len(), 2);
    assert!(node.rebuild(&mut Edits::new([])).is_ok());
}

#[test]
fn struct_pytree_structure() -> Result<()> {
    let some = some();
    let roles: Vec<_> = some.info().fields.iter().map(is_pytree_node_field).collect();
    assert_eq!(roles, [true, false, true, false]);
    let metadata = some.static_metadata();
    assert_eq!(metadata.child_field_names, ["foo", "baz"]);
    assert_eq!(
        format!("{metadata:?}"),
        r#"StructStaticMetadata(children=[foo, baz], static=[bar=4, qux="six"])"#
    );
    let other = Some_ { foo: 30, baz: 50, ..some.clone() };
    assert_eq!(metadata, other.static_metadata(), "children are no part of it");
    assert_ne!(metadata, Some_ { bar: 5, ..some.clone() }.static_metadata());
    let edits: [(usize, Node); 2] = [(0, Box::new(30_i32)), (1, Box::new(50_i32))];
    let rebuilt = some.rebuild(&mut Edits::new(edits))?;
    assert!(rebuilt.downcast_ref::<Some_>() == Some(&other));
    Ok(())
}

/// A Rust struct inherits no fields, so none can be missing in its body, and the two options of the case have nothing
/// to say. Fields are named at run time in one place, and there a wrong set is this error.
#[test]
fn pytree_dataclass_field_inheritance_disallowed_by_default() {
    let given = Attributes::new().with("qux", 1_i32).with("foo", 2_i32).with("foo", 3_i32).with("fou", 4_i32);
    let error = error_of(Some_::from_attributes(given));
    assert_eq!(
        error,
        "Some_::from_attributes: 5 problems\n  \
           - the field `qux` is static, and was given a tree: write `.with_static(\"qux\", ..)`\n  \
           - the field `foo` is given twice\n  \
           - there is no field `fou`\n  \
           - the field `bar` is missing\n  \
           - the field `baz` is missing\n  \
           help: its fields are `foo`, `bar`, `baz`, `qux`"
    );
    let safety = PyTreeDataclassSafetyError {
        type_name: "Some_".into(),
        problems: vec!["the field `bar` is missing".into()],
        fields: vec!["foo", "bar"],
    };
    assert_eq!(safety.to_string(), "`Some_` cannot be made of these fields: the field `bar` is missing");
    assert_eq!(
        pz::Error::from(safety).to_string(),
        "Some_::from_attributes: the field `bar` is missing\n  help: its fields are `foo`, `bar`"
    );
}

/// Penzai's `__init__` runs on a proxy, since fields cannot be assigned later. A constructor here is any function.
#[test]
fn pytree_dataclass_mutable_init_proxy() {
    assert_eq!(format!("{:?}", WithInit::new(10)), "WithInit(foo=10, bar=11)");
}

#[pytree_dataclass]
#[derive(PartialEq)]
struct WithInit {
    foo: i32,
    bar: i32,
}

impl WithInit {
    fn new(init_arg: i32) -> Self {
        WithInit { foo: init_arg, bar: init_arg + 1 }
    }
}

/// A constructor is not inherited and cannot be overwritten; one beside the fields is no obstacle to them. (Cases
/// `overwrite_parent_init` and `overwrite_parent_warning_ignores_generated`.)
#[test]
fn pytree_dataclass_overwrite_parent_init() -> Result<()> {
    assert!(WithInit { foo: 3, bar: 2 } != WithInit::new(3));
    let made = WithInit::from_attributes(Attributes::new().with("foo", 3_i32).with("bar", 2_i32))?;
    assert_eq!((made.foo, made.bar), (3, 2));
    Ok(())
}

/// `undecorated_struct_is_abstract`: `tests/ui/fail/struct_that_is_no_struct.rs`.
#[test]
fn struct_attribute_helpers() -> Result<()> {
    let instance = WithInit::new(10);
    let shown: Vec<String> = instance
        .attributes_dict()
        .names()
        .map(|name| match instance.attributes_dict().get(name) {
            Some(Part::Child(child, _)) => format!("{name}: {}", child.summary().unwrap_or_default()),
            Some(Part::Static(_)) | None => format!("{name} is no child"),
        })
        .collect();
    assert_eq!(shown, ["foo: 10", "bar: 11"]);
    assert!(WithInit::from_attributes(instance.attributes_dict())? == instance);
    assert!(Some_::from_attributes(some().attributes_dict())? == some(), "static fields too");
    Ok(())
}

#[test]
fn struct_select() -> Result<()> {
    let some = some();
    assert_eq!(some.select().get_keypaths()?, select(&some).get_keypaths()?);
    assert!(std::ptr::eq(some.select().get()?, &some));
    assert!(some.select().apply(|some| Some_ { foo: 1, ..some.clone() })?.foo == 1);
    Ok(())
}

#[test]
fn struct_repr_inherited() {
    #[pytree_dataclass]
    #[pytree(own_debug)]
    struct Own {
        foo: i32,
    }
    impl std::fmt::Debug for Own {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "mine: {}", self.foo)
        }
    }
    assert_eq!(format!("{:?}", Own { foo: 1 }), "mine: 1");
    #[pytree_dataclass]
    #[derive(Debug)]
    struct Derived {
        _foo: i32,
    }
    assert_eq!(format!("{:?}", Derived { _foo: 1 }), "Derived { _foo: 1 }");
    let tall = [some(), some()];
    assert_eq!(format!("{:#?}", some()), pz::treescope::render_text(&some()));
    assert_eq!(format!("{:?}", tall[0]), pz::treescope::render_line(&tall[0]));
}

#[pytree_dataclass]
#[pytree(key_for_field = Self::key)]
struct WithCustomKeys {
    foo: i32,
    bar: i32,
    #[pytree(static)]
    name: String,
}

impl WithCustomKeys {
    fn key(&self, field: &str) -> PathKey {
        PathKey::entry(format!("{} key for {field}", self.name))
    }
}

#[test]
fn struct_keypath_custom_keys() -> Result<()> {
    let some = WithCustomKeys { foo: 3, bar: 4, name: "my".into() };
    let level = flatten_exactly_one_level(&some).expect("a struct is no leaf");
    let keys: Vec<_> = level.iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(keys, ["['my key for foo']", "['my key for bar']"]);
    let path = some.select().at(|some| &some.bar).get_keypaths()?.remove(0);
    assert_eq!(path.to_string(), "['my key for bar']");
    assert_eq!(pz::tree::find(&some, &path).and_then(|found| found.downcast_ref::<i32>()), Some(&4));
    let edited = some.select().at_keypaths([&path]).set(7_i32)?;
    assert_eq!((edited.foo, edited.bar), (3, 7));
    let error = error_of(some.select().at_keypaths([&path]).set(7.5_f32));
    assert!(error.contains("at: ['my key for bar']"), "{error}");
    Ok(())
}

#[test]
fn dataclass_util() -> Result<()> {
    let made = dataclass_from_attributes(Attributes::new().with("foo", 10_i32).with("bar", 11_i32))?;
    assert!(WithInit::new(10) == made);
    // Whether a literal can be written everywhere: all fields are `pub`.
    #[pytree_dataclass]
    struct Open {
        pub foo: i32,
        pub bar: i32,
    }
    #[pytree_dataclass]
    struct Half {
        pub foo: i32,
        pub(crate) bar: i32,
    }
    assert!(init_takes_fields::<Open>() && !init_takes_fields::<Half>() && !init_takes_fields::<WithInit>());
    Ok(())
}

#[pytree_dataclass]
struct Norm {
    scale: pz::nn::AnyLayer,
    #[pytree(default)]
    offset: Option<i32>,
    #[pytree(static, default = (1e-6, Self::AXES))]
    settings: (f64, usize),
}

impl Norm {
    const AXES: usize = 2;
}

#[test]
fn defaults_stand_in_for_fields_that_are_not_given() -> Result<()> {
    let scale = || Attributes::new().with("scale", pz::nn::Identity {});
    let norm = Norm::from_attributes(scale())?;
    assert_eq!((norm.offset, norm.settings), (None, (1e-6, 2)));
    assert!(norm.scale.downcast_ref::<pz::nn::Identity>().is_some());
    let norm = Norm::from_attributes(scale().with("offset", 5_i32).with_static("settings", (1.0, 7_usize)))?;
    assert_eq!((norm.offset, norm.settings), (Some(5), (1.0, 7)));
    assert_eq!(
        Norm::TABLES[0].fields.iter().map(|field| field.default).collect::<Vec<_>>(),
        [false, true, true]
    );
    let error = error_of(Norm::from_attributes(scale().with_static("settings", 3_usize)));
    assert_eq!(
        error,
        "Norm::from_attributes: the field is a `(f64, usize)`, and was given 3, which is of another type\n  at: .settings"
    );
    let error = error_of(Norm::from_attributes(Attributes::new().with("scale", 3_i32)));
    assert_eq!(
        error,
        "Norm::from_attributes: the field holds a layer, and was given a `i32`, which is none\n  at: .scale\n  \
         help: give a layer, which is a struct or an enum that implements `Layer`"
    );
    Ok(())
}

#[test]
fn an_edit_and_its_error_reach_through_the_new_fields() -> Result<()> {
    let norm =
        Norm::from_attributes(Attributes::new().with("scale", pz::nn::Identity {}).with("offset", 1_i32))?;
    let edited = norm.select().at_instances_of::<i32>().apply(|value| value + 1)?;
    assert_eq!(edited.offset, Some(2));
    assert!(equal(&norm, &norm)? && !equal(&norm, &edited)?);
    Ok(())
}
