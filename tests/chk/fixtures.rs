//! Random shapes and patterns, and what Penzai finds for their variables, or says: `tests/fixtures/families/shapes.py`.

use pz::chk::{ArraySpec, Bound, Dim, MatchResult, VarKey, VarName, var};
use pz::{AxisName, DType, NamedArray, Result};
use serde_json::Value;

use super::fixture::{cases, text};

fn array(value: &Value) -> Result<NamedArray> {
    let number = |value: &Value| value.as_u64().expect("a size") as usize;
    let named = value["named"].as_array().expect("axes").iter();
    let mut axes: Vec<(AxisName, usize)> =
        named.map(|axis| (AxisName::intern(text(&axis[0])), number(&axis[1]))).collect();
    let positional: Vec<usize> = value["shape"].as_array().expect("sizes").iter().map(number).collect();
    let names: Vec<AxisName> =
        (0..positional.len()).map(|place| AxisName::intern(&format!("at{place}"))).collect();
    axes.extend(names.iter().copied().zip(positional));
    NamedArray::zeros(axes, DType::F32)?.untag(names)
}

fn dim(text: &str) -> Dim {
    if let Ok(size) = text.parse::<usize>() {
        return size.into();
    }
    let Some((name, rest)) = text.split_once('[') else { return var(text).into() };
    let (key, size) = rest.split_once(']').expect("the bracket is closed");
    let of = |key: &str| VarName { name: name.into(), key: Some(VarKey::Axis(AxisName::intern(key))) };
    match (size.strip_prefix('='), key.parse::<usize>()) {
        (Some(size), _) => Dim::Known(of(key), size.parse().expect("a size")),
        (None, Ok(index)) => var(name).index(index).into(),
        (None, Err(_)) => Dim::Var(of(key)),
    }
}

fn pattern(value: &Value) -> ArraySpec {
    let mut spec = ArraySpec::new();
    for size in value["pattern"].as_array().expect("sizes").iter().map(text) {
        spec = match size.strip_prefix('*') {
            Some(rest) => spec.rest(var(rest).rest()),
            None => spec.dim(dim(size)),
        };
    }
    for axis in value["named_pattern"].as_array().expect("axes") {
        let (name, size) = (text(&axis[0]), text(&axis[1]));
        spec = match name.strip_prefix("**") {
            Some(rest) => spec.rest_axes(var(rest).rest()),
            None => spec.axis(AxisName::intern(name), dim(size)),
        };
    }
    spec
}

fn bound(value: &Value) -> Bound {
    let number = |value: &Value| value.as_u64().expect("a size") as usize;
    let pairs = |key| value.get(key).and_then(Value::as_array).into_iter().flatten();
    if let Some(size) = value.as_u64() {
        Bound::Size(size as usize)
    } else if let Some(sizes) = value["sizes"].as_array() {
        Bound::Sizes(sizes.iter().map(number).collect())
    } else if value.get("keys").is_some() {
        let key = |key: &Value| match key.as_u64() {
            Some(place) => VarKey::Index(place as usize),
            None => VarKey::Axis(AxisName::intern(text(key))),
        };
        Bound::Keys(pairs("keys").map(|pair| (key(&pair[0]), number(&pair[1]))).collect())
    } else if value.get("places").is_some() {
        Bound::Places(pairs("places").map(|pair| (number(&pair[0]), number(&pair[1]))).collect())
    } else {
        Bound::Axes(pairs("axes").map(|pair| (AxisName::intern(text(&pair[0])), number(&pair[1]))).collect())
    }
}

#[test]
fn sizes_and_messages_are_those_of_penzai() -> Result<()> {
    let (mut found_sizes, mut messages, mut refused) = (0, 0, 0);
    for case in cases("shapes") {
        let arrays = case["arrays"].as_array().expect("arrays");
        let values: Vec<NamedArray> = arrays.iter().map(array).collect::<Result<_>>()?;
        let patterns: Vec<ArraySpec> = arrays.iter().map(pattern).collect();
        let known: MatchResult = case["known"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), bound(value)))
            .collect();
        match (known.check_structure(&values, &patterns, ""), case["error"].as_str()) {
            (Err(error), Some(wanted)) => {
                assert_eq!(error.to_string(), wanted, "{}", case["case"]);
                messages += 1;
            }
            (Err(error), None) if case["refused"].is_string() => {
                let told = error.to_string();
                assert_eq!(told.lines().next(), case["refused"].as_str(), "{}: {told}", case["case"]);
                refused += 1;
            }
            (Ok(found), None) if case["found"].is_object() => {
                let wanted = case["found"].as_object().expect("sizes");
                let wanted = wanted.iter().map(|(name, value)| (name.as_str(), bound(value))).collect();
                assert_eq!(found, wanted, "{}", case["case"]);
                found_sizes += 1;
            }
            (found, wanted) => panic!("{}: {found:?}, and Penzai says {wanted:?}", case["case"]),
        }
    }
    assert!(found_sizes > 300 && messages > 150 && refused > 20, "{found_sizes}, {messages} and {refused}");
    Ok(())
}
