//! Mistakes with keys and samplers, in words.

use pz::nx::Choice;
use pz::{DType, NamedArray, Random, Result, random::Key};

fn message<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.expect_err("it is a mistake").to_string()
}

fn says<T: std::fmt::Debug>(result: Result<T>, parts: &[&str]) {
    let text = message(result);
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn keys_have_no_arithmetic() {
    let keys = Key::new(0).random_split([("n", 3)]).unwrap();
    for result in [
        keys.add(1.0),
        keys.add(&keys),
        keys.mul(NamedArray::arange("n", 3)),
        NamedArray::arange("n", 3).mul(&keys),
        keys.neg(),
        keys.exp(),
        keys.sum("n"),
        keys.mean("n"),
        keys.max("n"),
        keys.argmax("n"),
        keys.sort("n"),
        keys.cumsum("n"),
        keys.softmax("n"),
        keys.less(&keys),
        keys.cast(DType::F32),
        NamedArray::arange("n", 3).cast(DType::Key),
        NamedArray::zeros([("n", 3)], DType::Key),
        pz::nx::contract("n", &keys, &keys),
    ] {
        says(result, &["key"]);
    }
    says(keys.add(1.0), &["random keys (dtype key)", "1.0", "keys.uniform"]);
}

#[test]
fn keys_print_as_keys() {
    let keys = NamedArray::from_vec(vec![Key::new(1), Key::new(2)], [("n", 2)]).unwrap();
    assert_eq!(format!("{keys:?}"), "key(n:2) [Key([0, 1]), Key([0, 2])]");
    assert_eq!(Key::new(1).random_split([("n", 2)]).unwrap().summary_text(), "key(n:2)");
}

#[test]
fn a_sampler_says_what_it_cannot_do() {
    let key = Key::new(0);
    let keys = key.random_split([("batch", 2)]).unwrap();
    let numbers = NamedArray::arange("n", 3);
    says(numbers.normal([2], DType::F32), &["normal", "i32(n:3)", "random keys", "Key::new(0)"]);
    says(key.random_split([2]).unwrap().normal([2], DType::F32), &["positional axes (2)", "tag"]);
    says(keys.normal([("batch", 3)], DType::F32), &["`batch`", "one of the keys' already"]);
    says(key.random_split([("a", 2), ("a", 2)]), &["`a` is given twice"]);
    says(key.normal([("a", usize::MAX), ("b", 3)], DType::F32), &["too large"]);
    says(key.uniform([2], DType::I32), &["i32", "DType::F32"]);
    says(key.uniform_range([2], 0.0..f64::NAN, DType::F32), &["NaN", "finite"]);
    says(key.uniform_range([2], -3e38..3e38, DType::F32), &["finite"]);
    says(key.truncated_normal([2], 1.0..1.0, DType::F32), &["no number between 1 and 1"]);
    says(key.bits([2], DType::I32), &["i32", "unsigned"]);
    says(key.randint([2], 0..3, DType::F32), &["f32", "DType::I32"]);
    says(key.randint([2], 0.5..3.0, DType::I32), &["0.5", "no whole number", "3.0"]);
    let far = NamedArray::zeros([("m", 2), ("n", 3)], DType::F32).unwrap();
    says(key.randint([("n", 3)], (0, &far), DType::I32), &["f32(m:2, n:3)", "integers"]);
    says(
        key.uniform_range([("n", 4)], (0.0, &far), DType::F32),
        &["`m`", "nothing is drawn", "size 3", "and 4"],
    );
    says(key.truncated_normal([2], (&far, 1.0), DType::F32), &["`m`", "`n`", "nothing is drawn"]);
    says(key.bernoulli([2], NamedArray::scalar(1i32)), &["i32"]);
    says(key.to_keys().fold_in(0.5), &["integers"]);
    says(numbers.fold_in(1), &["i32", "key"]);
    says(numbers.key_data(), &["i32"]);
    says(numbers.wrap_key_data(), &["no positional axis"]);
    says(NamedArray::from_positional(vec![1u32; 3], &[3]).unwrap().wrap_key_data(), &["[3]", "two"]);
}

#[test]
fn a_choice_says_what_it_cannot_do() {
    let key = Key::new(0);
    let x = NamedArray::zeros([("n", 3), ("m", 2)], DType::F32).unwrap();
    let none = NamedArray::zeros([("n", 0)], DType::F32).unwrap();
    says(key.choice(&x, "k", [2]), &["no axis `k`"]);
    says(key.choice(&none, "n", [2]), &["`n` has size 0"]);
    let once = || Choice::along("n").without_replacement();
    says(key.choice(&x, once(), [4]), &["4 slices", "without replacement", "`n` has 3"]);
    says(key.choice(&x, "n", [("m", 4)]), &["`m` is to be drawn"]);
    says(key.choice(&x, Choice::along("n").weighted(&x), [2]), &["probabilities", "`n:3` alone"]);
    // Nothing of nothing, and the chosen axis under its own name.
    assert!(key.choice(&none, "n", [0]).unwrap().is_empty());
    assert_eq!(key.choice(&x, "n", [("n", 5)]).unwrap().size("n"), Some(5));
    says(key.permutation(&x, "k"), &["no axis `k`"]);
    says(key.categorical(&none, "n"), &["`n`"]);
    let keys = key.random_split([("n", 3)]).unwrap();
    says(keys.categorical(&x, "n"), &["the keys have the axis `n`"]);
}
