//! Element types in patterns: one of them, or a class; and patterns in the place of values.

use half::{bf16, f16};
use pz::chk::{ArraySpec, Bound, DTypeSpec, MatchResult, as_array_structure, check_structure, var};
use pz::random::Key;
use pz::{DType, NamedArray, Result};

const CLASSES: [DTypeSpec; 8] = [
    DTypeSpec::Any,
    DTypeSpec::Number,
    DTypeSpec::Integer,
    DTypeSpec::SignedInteger,
    DTypeSpec::UnsignedInteger,
    DTypeSpec::Floating,
    DTypeSpec::Bool,
    DTypeSpec::Key,
];

/// Of NumPy's classes of scalars, those that hold another, by `np.issubdtype(inner, outer)`.
#[test]
fn a_class_covers_the_classes_in_it() {
    use DTypeSpec::{Any, Floating, Integer, Number, SignedInteger, UnsignedInteger};
    let inner_of = |outer: DTypeSpec| -> Vec<DTypeSpec> {
        CLASSES.into_iter().filter(|inner| *inner != outer && outer.covers(*inner)).collect()
    };
    assert_eq!(inner_of(Any), CLASSES[1..]);
    assert_eq!(inner_of(Number), [Integer, SignedInteger, UnsignedInteger, Floating]);
    assert_eq!(inner_of(Integer), [SignedInteger, UnsignedInteger]);
    for class in &CLASSES[3..] {
        assert_eq!(inner_of(*class), []);
    }
    let members = |class: DTypeSpec| DType::ALL.iter().filter(|dtype| class.accepts(**dtype)).count();
    assert_eq!(CLASSES.map(members), [14, 12, 8, 4, 4, 4, 1, 1]);
}

fn refusal(value: DTypeSpec, pattern: DTypeSpec) -> String {
    let spec = |dtype| ArraySpec::new().dim(2).dtype(dtype);
    check_structure(&spec(value), &spec(pattern)).map_or_else(|error| error.to_string(), |_| String::new())
}

#[test]
fn a_pattern_in_the_place_of_a_value_stands_for_all_arrays_that_match_it() {
    use DTypeSpec::{Any, Exact, Floating, Integer, Number};
    assert_eq!(refusal(Floating, Floating), "");
    assert_eq!(refusal(Floating, Number), "");
    assert_eq!(refusal(Exact(DType::BF16), Floating), "");
    let begin = "Mismatch while checking structures:\nAt root: Value has the wrong dtype: expected";
    assert_eq!(refusal(Number, Floating), format!("{begin} a sub-dtype of floating but got dtype number."));
    assert_eq!(refusal(Any, Floating), format!("{begin} a sub-dtype of floating but got dtype any."));
    // Penzai cannot answer this: NumPy knows no dtype of a class.
    assert_eq!(refusal(Integer, Exact(DType::I32)), format!("{begin} dtype i32 but got dtype integer."));
    let open = ArraySpec::new().dim(var("x"));
    assert_eq!(
        check_structure(&open, &ArraySpec::new().dim(2))
            .map_or_else(|error| error.to_string(), |_| String::new()),
        "Mismatch while checking structures:\nAt root: Couldn't match an ArraySpec with a non-arraylike value \
         ArraySpec((var('x'),), {}, Any)"
    );
}

#[test]
fn keys_and_scalars_are_of_their_classes() -> Result<()> {
    let spec = |dtype| ArraySpec::new().dtype(dtype);
    let key = NamedArray::from(Key::new(0));
    assert!(check_structure(&key, &spec(DTypeSpec::Key)).is_ok());
    assert!(check_structure(&key, &spec(DTypeSpec::Number)).is_err(), "a key is no number");
    let scalars = (true, 1_i8, 1_u16, f16::ONE, bf16::ONE, 1.0_f64);
    let exact = |dtype| spec(DTypeSpec::Exact(dtype));
    let pattern = (
        exact(DType::Bool),
        exact(DType::I8),
        exact(DType::U16),
        exact(DType::F16),
        exact(DType::BF16),
        exact(DType::F64),
    );
    assert!(check_structure(&scalars, &pattern).is_ok());
    assert!(check_structure(&scalars, &as_array_structure(&scalars)?).is_ok());
    let text = check_structure(&(1_u8, "a"), &(spec(DTypeSpec::SignedInteger), "b")).unwrap_err().to_string();
    assert_eq!(
        text,
        "Mismatch while checking structures:\nAt root[0]: Value has the wrong dtype: expected a sub-dtype of signedinteger \
         but got dtype u8.\nAt root[1]: Value \"a\" was not equal to the non-ArraySpec pattern \"b\"."
    );
    Ok(())
}

/// Integers that no array can hold are of their kind, and of no element type in particular.
#[test]
fn integers_without_an_element_type_are_of_a_class() -> Result<()> {
    let spec = |dtype| ArraySpec::new().dtype(dtype);
    let value = (1_usize, 2_isize, 3_u128, 4_i128);
    for (signed, unsigned) in [
        (DTypeSpec::SignedInteger, DTypeSpec::UnsignedInteger),
        (DTypeSpec::Integer, DTypeSpec::Number),
        (DTypeSpec::Any, DTypeSpec::Any),
    ] {
        let pattern = (spec(unsigned), spec(signed), spec(unsigned), spec(signed));
        assert!(check_structure(&value, &pattern).is_ok());
    }
    assert!(check_structure(&value, &as_array_structure(&value)?).is_ok());
    let floating = check_structure(&1_usize, &spec(DTypeSpec::Floating));
    assert!(floating.is_err());
    let text =
        check_structure(&vec![1_usize], &vec![spec(DTypeSpec::Exact(DType::U64))]).unwrap_err().to_string();
    assert_eq!(
        text,
        "Mismatch while checking structures:\nAt root[0]: Value has the wrong dtype: expected dtype u64 but got dtype \
         unsignedinteger."
    );
    Ok(())
}

#[test]
fn several_sizes_are_asked_for_at_once() -> Result<()> {
    let array = NamedArray::zeros([("a", 2), ("b", 3)], DType::F32)?;
    let found = check_structure(&array, &ArraySpec::new().axis("a", var("x")).axis("b", var("y")))?;
    assert_eq!(found.size_of_each(["y", "x", "y"])?, [3, 2, 3]);
    assert_eq!(found.size_of_each([])?, [0; 0]);
    let found: MatchResult = [("a", Bound::Size(2)), ("r", Bound::Sizes(vec![3]))].into_iter().collect();
    assert_eq!(
        found.size_of_each(["a", "r", "z"]).unwrap_err().to_string(),
        "MatchResult: 2 problems\n  - the variable `r` was asked for as one size, and it is (3,)\n  - the variable `z` was \
         asked for as one size, and there is no such variable\n  help: the variables are: `a`, `r`"
    );
    assert_eq!(
        MatchResult::default().size("a").unwrap_err().to_string(),
        "MatchResult: the variable `a` was asked for as one size, and there is no such variable\n  help: the pattern has \
         no variables"
    );
    Ok(())
}
