//! Every type that is a tree without a derive, in one table: its key paths as Penzai writes them, its text, and that what
//! is taken apart is put together again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use half::{bf16, f16};
use indexmap::IndexMap;
use pz::nn::{AnyLayer, Identity, ParameterLike};
use pz::tree::{PyTree, equal, flatten, same_structure, structure_hash};
use pz::{
    NamedArray, Parameter, ParameterSlot, Result, StateVariable, StateVariableSlot, Struct,
    is_pytree_dataclass_type, pytree_dataclass, select,
};
use serde_json::Value;

use super::fixture::cases;

#[pytree_dataclass]
struct Holder<T: 'static> {
    value: T,
    #[pytree(static)]
    size: usize,
}

/// The rows of the table that were compared.
struct Table(HashMap<String, Vec<String>>, usize);

impl Table {
    /// One row: the name that the fixture has for the value, the value, how many leaves it has, and its text.
    #[track_caller]
    fn row<T: PyTree + Clone>(&mut self, name: &str, value: T, leaves: usize, text: &str) -> Result<()> {
        let wanted = self.0.get(name).unwrap_or_else(|| panic!("`{name}` is not in the fixture"));
        let paths: Vec<_> =
            select(&value).at_childless().get_keypaths()?.iter().map(ToString::to_string).collect();
        assert_eq!(&paths, wanted, "{text}");
        assert_eq!(pz::treescope::render_line(&value), text);
        let (taken, structure) = flatten(&value);
        assert_eq!((taken.len(), structure.num_leaves()), (leaves, leaves), "{text}");
        let again = structure.unflatten(taken)?;
        assert!(equal(&again, &value)? && same_structure(&again, &value), "{text}");
        assert_eq!(structure_hash(&again), structure_hash(&value), "{text}");
        // In a field, where it is set, read by its name, and given.
        let holder = Holder { value: value.clone(), size: 2 };
        assert_eq!(format!("{holder:?}"), format!("Holder(value={text}, size=2)"));
        let edited = select(&holder).at(|holder| &holder.value).set(value.clone())?;
        assert!(equal(&edited, &holder)?, "{text}");
        assert!(equal(&Holder::<T>::from_attributes(holder.attributes_dict())?, &holder)?, "{text}");
        let inner = select(&holder).at(|holder| &holder.value).at_childless().get_keypaths()?;
        assert!(inner.iter().map(ToString::to_string).eq(wanted.iter().map(|path| format!(".value{path}"))));
        self.1 += 1;
        Ok(())
    }
}

fn map<M: FromIterator<(String, Vec<i32>)>>() -> M {
    [("b", vec![1]), ("a", vec![2]), ("c", vec![3])]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

#[test]
fn every_type_is_taken_apart_and_put_together() -> Result<()> {
    let paths = |case: &Value| -> Vec<String> {
        let paths = case["paths"].as_array().expect("paths");
        paths.iter().map(|path| path.as_str().expect("a text").to_owned()).collect()
    };
    let fixture = cases("containers");
    let mut table = Table(
        fixture.iter().map(|case| (case["case"].as_str().expect("a name").into(), paths(case))).collect(),
        0,
    );
    let table = &mut table;

    table.row("leaf", true, 1, "true")?;
    table.row("leaf", -3_i8, 1, "-3")?;
    table.row("leaf", i16::MIN, 1, "-32768")?;
    table.row("leaf", 3_i32, 1, "3")?;
    table.row("leaf", i64::MIN, 1, "-9223372036854775808")?;
    table.row("leaf", i128::MAX, 1, "170141183460469231731687303715884105727")?;
    table.row("leaf", 3_isize, 1, "3")?;
    table.row("leaf", u8::MAX, 1, "255")?;
    table.row("leaf", u16::MAX, 1, "65535")?;
    table.row("leaf", u32::MAX, 1, "4294967295")?;
    table.row("leaf", u64::MAX, 1, "18446744073709551615")?;
    table.row("leaf", u128::MAX, 1, "340282366920938463463374607431768211455")?;
    table.row("leaf", 3_usize, 1, "3")?;
    table.row("leaf", f16::from_f32(0.5), 1, "0.5")?;
    table.row("leaf", bf16::from_f32(-1.5), 1, "-1.5")?;
    table.row("leaf", 1e-6_f32, 1, "1e-6")?;
    table.row("leaf", f64::NAN, 1, "NaN")?;
    table.row("leaf", "text", 0, r#""text""#)?;
    table.row("leaf", String::from("a \"b\""), 0, r#""a \"b\"""#)?;
    table.row("leaf", '\'', 0, r"'\''")?;
    table.row("leaf", NamedArray::scalar(1.0_f32), 1, "<f32() = 1.0>")?;

    table.row("empty", None::<f32>, 0, "None")?;
    table.row("leaf", Some(2_i32), 1, "2")?;
    table.row("leaf", Some(Some(2_i32)), 1, "2")?;
    table.row("leaf", Box::new(2_i32), 1, "2")?;
    table.row("leaf", Arc::new(2_i32), 1, "2")?;
    table.row("list", Some(Arc::new(vec![Box::new(1), Box::new(2), Box::new(3)])), 3, "[1, 2, 3]")?;
    table.row("list", vec![1, 2, 3], 3, "[1, 2, 3]")?;
    table.row("list", [1, 2, 3], 3, "[1, 2, 3]")?;
    table.row("list of options", vec![Some(1), None], 1, "[1, None]")?;
    table.row("empty list", Vec::<f32>::new(), 0, "[]")?;
    table.row("empty list", [0_f32; 0], 0, "[]")?;
    table.row("empty list", IndexMap::<String, f32>::new(), 0, "{}")?;
    table.row("empty list", HashMap::<String, f32>::new(), 0, "{}")?;
    let nested =
        BTreeMap::from([("k".to_owned(), vec![(1, BTreeMap::from([("x".to_owned(), (2, None::<f32>))]))])]);
    table.row("nested", nested, 2, r#"{"k": [(1, {"x": (2, None)})]}"#)?;

    table.row("tuple of 0", (), 0, "()")?;
    table.row("tuple of 1", (0,), 1, "(0,)")?;
    table.row("tuple of 2", (0, 1_u8), 2, "(0, 1)")?;
    table.row("tuple of 3", (0, 1, 2), 3, "(0, 1, 2)")?;
    table.row("tuple of 4", (0, 1, 2, 3), 4, "(0, 1, 2, 3)")?;
    table.row("tuple of 5", (0, 1, 2, 3, 4), 5, "(0, 1, 2, 3, 4)")?;
    table.row("tuple of 6", (0, 1, 2, 3, 4, 5), 6, "(0, 1, 2, 3, 4, 5)")?;
    table.row("tuple of 7", (0, 1, 2, 3, 4, 5, 6), 7, "(0, 1, 2, 3, 4, 5, 6)")?;
    table.row("tuple of 8", (0, 1, 2, 3, 4, 5, 6, 7), 8, "(0, 1, 2, 3, 4, 5, 6, 7)")?;
    table.row("tuple of 9", (0, 1, 2, 3, 4, 5, 6, 7, 8), 9, "(0, 1, 2, 3, 4, 5, 6, 7, 8)")?;
    table.row("tuple of 10", (0, 1, 2, 3, 4, 5, 6, 7, 8, 9), 10, "(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)")?;
    let eleven = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    table.row("tuple of 11", eleven, 11, "(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)")?;
    let twelve = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    table.row("tuple of 12", twelve, 12, "(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)")?;

    table.row("sorted map", map::<BTreeMap<_, _>>(), 3, r#"{"a": [2], "b": [1], "c": [3]}"#)?;
    table.row("sorted map", map::<HashMap<_, _>>(), 3, r#"{"a": [2], "b": [1], "c": [3]}"#)?;
    table.row("map in its own order", map::<IndexMap<_, _>>(), 3, r#"{"b": [1], "a": [2], "c": [3]}"#)?;
    let odd = ODD_KEYS.map(|key| (key.to_owned(), 1)).into_iter().collect::<BTreeMap<_, _>>();
    let text = format!("{odd:?}");
    table.row("map with odd keys", odd, 13, &text)?;

    table.row("empty", AnyLayer::new(Identity {}), 0, "Identity")?;
    let parameter = Parameter::new("p", NamedArray::scalar(1.0_f32));
    let text = pz::treescope::render_line(&parameter);
    table.row("parameter", parameter.clone(), 1, &text)?;
    table.row("parameter", ParameterLike::from(parameter.clone()), 1, &text)?;
    let frozen = parameter.freeze();
    let text = pz::treescope::render_line(&frozen);
    table.row("frozen parameter", frozen.clone(), 1, &text)?;
    table.row("frozen parameter", ParameterLike::Value(frozen), 1, &text)?;
    let slot: ParameterSlot = parameter.slot();
    let text = pz::treescope::render_line(&slot);
    table.row("parameter slot", slot, 0, &text)?;
    let state = StateVariable::new("s", vec![1, 2]);
    let text = pz::treescope::render_line(&state);
    table.row("state", state.clone(), 1, &text)?;
    let frozen = state.freeze();
    let text = pz::treescope::render_line(&frozen);
    table.row("frozen state", frozen, 2, &text)?;
    let slot: StateVariableSlot = state.slot();
    let text = pz::treescope::render_line(&slot);
    table.row("state slot", slot, 0, &text)?;
    assert_eq!(table.1, 61);
    Ok(())
}

const ODD_KEYS: [&str; 13] = [
    "a",
    "it's",
    "say \"it\"",
    "both ' and \"",
    "back\\slash",
    "two\nlines",
    "tab\t",
    "bell\x07",
    "end\x7f",
    "\u{85}",
    "caf\u{e9}",
    "\u{65e5}\u{672c}",
    "",
];

/// What is derived says so in its table, and nothing else does.
#[test]
fn only_what_is_derived_is_a_pytree_dataclass() {
    let others: [&dyn PyTree; 12] = [
        &String::new(),
        &"",
        &'a',
        &1.0_f32,
        &(),
        &(1, 2),
        &vec![1],
        &None::<f32>,
        &map::<BTreeMap<_, _>>(),
        &map::<IndexMap<_, _>>(),
        &NamedArray::scalar(1.0_f32),
        &Parameter::new("p", NamedArray::scalar(1.0_f32)),
    ];
    for other in others {
        assert!(!is_pytree_dataclass_type(other.info()), "{}", other.info().type_name);
    }
    assert!(is_pytree_dataclass_type(Holder { value: 1, size: 2 }.info()));
    assert!(is_pytree_dataclass_type(Parameter::new("p", NamedArray::scalar(1.0_f32)).slot().info()));
}
