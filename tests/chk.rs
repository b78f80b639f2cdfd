//! The counterparts of Penzai's `tests/core/shapecheck_test.py`. The expected texts were printed by Penzai 0.2.5 for the
//! same values and patterns; only the classes of element types have names of their own here.

#[path = "chk/classes.rs"]
mod classes;
#[path = "numerics/fixture.rs"]
#[allow(dead_code)]
mod fixture;
#[path = "chk/fixtures.rs"]
mod fixtures;

use pz::chk::{
    ANY, ArraySpec, Bound, DTypeSpec, Dim, MatchResult, Named, Place, as_array_structure, check_structure,
    full_substitute_dimension_variables, get_dimension_variables, var, vars_for_axes,
};
use pz::{DType, NamedArray, Result};

fn positional(sizes: &[usize]) -> NamedArray {
    let names = ["p0", "p1", "p2", "p3"];
    let axes = names.iter().copied().zip(sizes.iter().copied()).collect::<Vec<_>>();
    let array = NamedArray::zeros(axes, DType::F32).unwrap();
    array.untag(names[..sizes.len()].to_vec()).unwrap()
}

fn named(axes: &[(&'static str, usize)]) -> NamedArray {
    NamedArray::zeros(axes.to_vec(), DType::F32).unwrap()
}

fn dims(sizes: &[usize]) -> ArraySpec {
    sizes.iter().fold(ArraySpec::new(), |spec, size| spec.dim(*size))
}

#[track_caller]
fn fails(value: &[NamedArray], pattern: &[ArraySpec], text: &str) {
    assert_eq!(check_structure(&value.to_vec(), &pattern.to_vec()).unwrap_err().to_string(), text);
}

#[test]
fn same_objects_and_any() {
    let value = (1, vec![2.5_f32, 3.5], named(&[("a", 2)]), true);
    assert_eq!(check_structure(&value, &value).unwrap(), MatchResult::default());
    assert!(check_structure(&value, &(1, ANY, ANY, true)).is_ok());
    assert!(check_structure(&value, &ANY).is_ok());
}

#[test]
fn object_mismatches() {
    let text = check_structure(&(1, vec![2], 3.0_f32), &(1, vec![4], ArraySpec::new().dim(1)))
        .unwrap_err()
        .to_string();
    assert_eq!(
        text,
        "Mismatch while checking structures:\nAt root[1][0]: Value 2 was not equal to the non-ArraySpec pattern \
         4.\nAt root[2]: Positional shape () had different length than pattern (1,)"
    );
    let text =
        check_structure(&(None::<i32>, vec![1]), &(ArraySpec::new(), vec![1, 2])).unwrap_err().to_string();
    assert_eq!(
        text,
        "Mismatch while checking structures:\nAt root[0]: Couldn't match an ArraySpec with a non-arraylike value \
         None\nAt root[1]: Value Vec of 1 was not equal to the non-ArraySpec pattern Vec of 2."
    );
}

#[test]
fn bad_shapes_and_dtypes() {
    let ints = positional(&[4]).cast(DType::I32).unwrap();
    let floats = |sizes: &[usize]| dims(sizes).dtype(DTypeSpec::Floating);
    fails(
        &[positional(&[1, 2]), positional(&[3]), ints.clone()],
        &[floats(&[1, 3]), floats(&[4]), floats(&[4])],
        "Mismatch while checking structures:\nAt root[2]: Value has the wrong dtype: expected a sub-dtype of floating but \
         got dtype i32.\nAt root[0]: Positional shape mismatch between value (1, 2) and pattern (1, 3):\n  Dim 1: Actual \
         size 2 does not match expected 3\nAt root[1]: Positional shape mismatch between value (3,) and pattern \
         (4,):\n  Dim 0: Actual size 3 does not match expected 4",
    );
    fails(
        &[ints],
        &[dims(&[4]).dtype(DTypeSpec::Exact(DType::F32))],
        "Mismatch while checking structures:\nAt root[0]: Value has the wrong dtype: expected dtype f32 but got dtype i32.",
    );
}

#[test]
fn bad_named_shapes() {
    fails(
        &[named(&[("a", 1), ("b", 2)]), named(&[("c", 3)])],
        &[ArraySpec::new().axis("a", 1).axis("d", 2), ArraySpec::new().axis("c", 4)],
        "Mismatch while checking structures:\nAt root[0]: Named shape mismatch between value {'a': 1, 'b': 2} and pattern \
         {'a': 1, 'd': 2}:\n  Axis 'd': Expected to be present but was missing\n  Unexpected names in value's named \
         shape: ['b']\nAt root[1]: Named shape mismatch between value {'c': 3} and pattern {'c': 4}:\n  Axis 'c': Actual \
         size 3 does not match expected 4",
    );
}

#[test]
fn solve_dimension_vars() -> Result<()> {
    let spec = ArraySpec::new;
    let rest = || var("r").rest();
    for (pattern, sizes) in [
        (spec().dim(1).rest(rest()).dim(var("last")), &[2, 3][..]),
        (spec().rest(rest()).dim(3).dim(var("last")), &[1, 2]),
        (spec().dim(1).dim(2).dim(var("x")).dim(var("last")).rest(rest()), &[]),
        (spec().rest(rest()), &[1, 2, 3, 4]),
    ] {
        let found = check_structure(&positional(&[1, 2, 3, 4]), &pattern)?;
        assert_eq!(found.sizes("r")?, sizes);
    }
    let found = check_structure(&positional(&[5, 6]), &spec().dim(var("i").index(0)).dim(var("i").index(1)))?;
    assert_eq!(found.get("i"), Some(&Bound::Places(vec![(0, 5), (1, 6)])));
    assert_eq!(found.iter().count(), 1);
    Ok(())
}

#[test]
fn mismatched_positional_dimension_vars() {
    let spec = ArraySpec::new;
    fails(
        &[positional(&[1, 2, 3]), positional(&[4]), positional(&[3, 2, 3])],
        &[
            spec().dim(var("x")).dim(var("x")).dim(3),
            spec().rest(var("y").rest()),
            spec().rest(var("y").rest()).dim(var("x")),
        ],
        "Mismatch while checking structures:\nAt root[0]: Positional shape mismatch between value (1, 2, 3) and pattern \
         (var('x'), var('x'), 3):\n  Dim 1: Size 2 does not match previous size 1 for var('x') from root[0]\nAt root[2]: \
         Positional shape (3, 2, 3) had different length than pattern (var('y')[0]:=4, var('x'))\n  After inlining \
         var('y') = (4,) from root[1]",
    );
    fails(
        &[positional(&[2])],
        &[spec().dim(var("a")).rest(var("r").rest()).dim(var("b"))],
        "Mismatch while checking structures:\nAt root[0]: Positional shape (2,) was shorter than wildcard pattern \
         (var('a'), *var('r'), var('b'))",
    );
}

#[test]
fn unpacked_variables_are_solved_whatever_the_order() -> Result<()> {
    let rest = |name: &str| var(name).rest();
    let both = ArraySpec::new().rest(rest("x")).rest(rest("y"));
    let value = vec![positional(&[2, 3, 4]), positional(&[2, 3])];
    let found = check_structure(&value, &vec![both.clone(), ArraySpec::new().rest(rest("x"))])?;
    assert_eq!((found.sizes("x")?, found.sizes("y")?), (&[2, 3][..], &[4][..]));
    fails(
        &[positional(&[1, 2, 3, 4]), positional(&[2, 3])],
        &[both.clone(), ArraySpec::new().rest(rest("x"))],
        "Mismatch while checking structures:\nAt root[0]: Positional shape mismatch between value (1, 2, 3, 4) and \
         pattern (var('x')[0]:=2, var('x')[1]:=3, *var('y')):\n  Dim 0: Size 1 does not match previous size 2 for \
         var('x')[0]:=2 from root[1]\n  Dim 1: Size 2 does not match previous size 3 for var('x')[1]:=3 from root[1]\n  \
         After inlining var('x') = (2, 3) from root[1]",
    );
    let named_both = ArraySpec::new().rest_axes(rest("x")).rest_axes(rest("y"));
    let value = vec![named(&[("a", 1), ("b", 2)]), named(&[("b", 2)])];
    let found = check_structure(&value, &vec![named_both, ArraySpec::new().rest_axes(rest("x"))])?;
    assert_eq!((found.axes("x")?, found.axes("y")?), (&[("b".into(), 2)][..], &[("a".into(), 1)][..]));
    Ok(())
}

#[test]
fn unpacks_that_cannot_be_solved() {
    let both = ArraySpec::new().rest(var("x").rest()).rest(var("y").rest());
    let stuck = |line: &str| {
        format!(
            "Could not solve for all variable constraints. This usually means the variable assignment is ambiguous \
             because multiple unpack patterns (*var(...) or **var(...)) appeared in the same positional or named \
             shape.\nUnsolvable variables: var('x'), var('y')\nUnsolvable constraints:\n  {line}"
        )
    };
    fails(
        &[positional(&[1, 2, 3])],
        std::slice::from_ref(&both),
        &stuck("(1, 2, 3) == (*var('x'), *var('y')) from root[0]"),
    );
    fails(
        &[named(&[("a", 1), ("b", 2)])],
        &[ArraySpec::new().rest_axes(var("x").rest()).rest_axes(var("y").rest())],
        &stuck("{'a': 1, 'b': 2} == {**var('x'), **var('y')} from root[0]"),
    );
    fails(
        &[positional(&[1, 2, 3]), positional(&[2])],
        &[both, dims(&[3])],
        "Mismatch while checking structures:\nAt root[1]: Positional shape mismatch between value (2,) and pattern \
         (3,):\n  Dim 0: Actual size 2 does not match expected 3\nThere may also be additional mismatches due to \
         remaining unsolved constraints.",
    );
}

#[test]
fn named_unpack_conflicts_and_sizes_with_their_sources() {
    let (ab, all) = (named(&[("a", 1), ("b", 2)]), || ArraySpec::new().rest_axes(var("x").rest()));
    fails(
        &[ab.clone(), named(&[("a", 1), ("b", 2), ("c", 3)])],
        &[all(), ArraySpec::new().axis("a", 1).rest_axes(var("x").rest())],
        "Mismatch while checking structures:\nAt root[1]: Key conflict while substituting unpacked variable var('x') for \
         known named sub-shape {'a': 1, 'b': 2} from root[0]: name a is already present in the shape {'a': 1, \
         **var('x')}.",
    );
    fails(
        &[ab.clone(), named(&[("a", 2), ("b", 3)])],
        &[
            ArraySpec::new().axis("a", var("a")).axis("b", var("b")),
            ArraySpec::new().axis("a", var("a")).axis("b", var("a")),
        ],
        "Mismatch while checking structures:\nAt root[1]: Named shape mismatch between value {'a': 2, 'b': 3} and pattern \
         {'a': var('a'), 'b': var('a')}:\n  Axis 'a': Size 2 does not match previous size 1 for var('a') from \
         root[0]\n  Axis 'b': Size 3 does not match previous size 1 for var('a') from root[0]",
    );
    fails(
        &[ab.clone(), named(&[("a", 1), ("b", 3)])],
        &[all(), all()],
        "Mismatch while checking structures:\nAt root[1]: Named shape mismatch between value {'a': 1, 'b': 3} and pattern \
         {'a': var('x')['a']:=1, 'b': var('x')['b']:=2}:\n  Axis 'b': Size 3 does not match previous size 2 for \
         var('x')['b']:=2 from root[0]\n  After inlining var('x') = {'a': 1, 'b': 2} from root[0]",
    );
    fails(
        &[ab, named(&[("b", 3)])],
        &[all(), ArraySpec::new().axis("b", var("x").axis("b"))],
        "Unexpected conflicts between variable assignments:\n  var('x'): Solved as {'a': 1, 'b': 2} from root[0] but \
         separately solved var('x')['b'] as 3 from root[1]",
    );
}

#[test]
fn vars_for_axes_with_and_without_sizes() -> Result<()> {
    let ab = named(&[("a", 1), ("b", 2)]);
    let free = ArraySpec::new().axes(vars_for_axes("x", ["a", "b"]));
    let sized = |b: usize| ArraySpec::new().axes(vars_for_axes("x", [("a", 1), ("b", b)]));
    let found = check_structure(&vec![ab.clone(), ab.clone()], &vec![free, sized(2)])?;
    assert_eq!(found.axes("x")?, [("a".into(), 1), ("b".into(), 2)]);
    fails(
        std::slice::from_ref(&ab),
        &[sized(3)],
        "Mismatch while checking structures:\nAt root[0]: Named shape mismatch between value {'a': 1, 'b': 2} and pattern \
         {'a': var('x')['a']:=1, 'b': var('x')['b']:=3}:\n  Axis 'b': Actual size 2 does not match expected \
         var('x')['b']:=3",
    );
    fails(
        &[ab, named(&[("a", 1), ("b", 3)])],
        &[sized(2), sized(3)],
        "Mismatch while checking structures:\nAt root[1]: Named shape mismatch between value {'a': 1, 'b': 3} and pattern \
         {'a': var('x')['a']:=1, 'b': var('x')['b']:=3}:\n  Axis 'b': Size 3 does not match previous size 2 for \
         var('x')['b']:=3 from root[0]",
    );
    Ok(())
}

#[test]
fn a_deep_pattern_is_checked_and_its_mismatches_are_told_as_far_as_they_are_short() {
    use pz::nn::{AnyLayer, Identity};
    #[pz::pytree_dataclass]
    #[pytree(layer)]
    struct Deep<T: pz::PyTree + Clone> {
        size: T,
        inner: AnyLayer,
    }
    impl<T: pz::PyTree + Clone> pz::nn::Layer for Deep<T> {
        fn call(&self, input: pz::nn::Value, _: &pz::nn::SideInputs) -> Result<pz::nn::Value> {
            Ok(input)
        }
    }
    fn deep<T: pz::PyTree + Clone>(size: T) -> AnyLayer {
        (0..100_000)
            .fold(AnyLayer::new(Identity {}), |inner, _| AnyLayer::new(Deep { size: size.clone(), inner }))
    }
    let (two, three) = (positional(&[2]), positional(&[3]));
    let pattern = deep(ArraySpec::new().dim(var("x")));
    assert_eq!(check_structure(&deep(two.clone()), &pattern).unwrap().size("x").unwrap(), 2);
    let error = check_structure(&deep(three), &deep(dims(&[2]))).unwrap_err();
    assert!(error.failures.len() > 1000 && error.failures.len() < 2000, "{}", error.failures.len());
    let left = 100_000 - error.failures.len();
    assert_eq!(
        error.note.unwrap(),
        format!("{left} more mismatches are deeper in the tree than can be told.")
    );
}

#[test]
fn known_variables_must_agree() -> Result<()> {
    let known: MatchResult = [("a", Bound::Size(2))].into_iter().collect();
    let pattern = vec![ArraySpec::new().dim(var("a"))];
    assert_eq!(known.check_structure(&vec![positional(&[2])], &pattern, "")?.size("a")?, 2);
    let error = known.check_structure(&vec![positional(&[3])], &pattern, "While checking:\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "While checking:\nMismatch while checking structures:\nAt root[0]: Positional shape mismatch between value (3,) \
         and pattern (var('a'),):\n  Dim 0: Size 3 does not match previous size 2 for var('a') from the known variable \
         assignments (argument `known_vars` to check_structure)"
    );
    let text = known.sizes("a").unwrap_err().to_string();
    assert_eq!(
        text,
        "MatchResult: the variable `a` was asked for as the sizes of positional axes, and it is 2\n  help: the variables \
         are: `a`"
    );
    Ok(())
}

#[test]
fn a_structure_of_arrays_matches_the_tree_that_it_is_of() -> Result<()> {
    let tree = (vec![named(&[("a", 2)]), positional(&[3, 4])], 1.5_f32, 7, None::<i32>);
    let structure = as_array_structure(&tree)?;
    assert_eq!(check_structure(&tree, &structure)?, MatchResult::default());
    assert_eq!(check_structure(&structure, &structure)?, MatchResult::default());
    let other = (vec![named(&[("a", 3)]), positional(&[3, 4])], 1.5_f32, 7, None::<i32>);
    let text = check_structure(&other, &structure).unwrap_err().to_string();
    assert_eq!(
        text,
        "Mismatch while checking structures:\nAt root[0][0]: Named shape mismatch between value {'a': 3} and pattern {'a': \
         2}:\n  Axis 'a': Actual size 3 does not match expected 2"
    );
    Ok(())
}

/// SC26: what a structure stands for matches it again.
#[test]
fn structure_into_pytree() {
    let exact = || ArraySpec::new().dtype(DTypeSpec::Exact(DType::F32));
    for spec in
        [exact(), exact().dim(1).dim(2), exact().axis("a", 3), exact().dim(4).axis("a", 5).axis("b", 0)]
    {
        let array = spec.into_pytree().unwrap();
        check_structure(&array, &spec).unwrap();
        let error = array.to_vec::<f32>().unwrap_err().to_string();
        assert!(error.contains("what `ArraySpec::into_pytree` gives"), "{error}");
    }
    let known = ArraySpec::new().dtype(DTypeSpec::Exact(DType::I32)).axes(vars_for_axes("v", [("a", 7)]));
    assert_eq!(known.into_pytree().unwrap().named_shape(), [("a".into(), 7)]);
    let refusals = [
        (exact().dim(var("b")), "the size var('b') is a variable, and an array has sizes"),
        (exact().axis("a", var("b")), "the size var('b') is a variable, and an array has sizes"),
        (exact().rest(var("r").rest()), "*var('r') stands for any number of axes, and an array has some"),
        (
            exact().rest_axes(var("r").rest()),
            "**var('r') stands for any number of axes, and an array has some",
        ),
        (ArraySpec::floating(), "the element type is Floating, and an array has one of its own"),
        (exact().dim(usize::MAX).axis("a", 3), "is too large"),
    ];
    for (spec, text) in refusals {
        let found = spec.into_pytree().unwrap_err().to_string();
        assert!(found.contains(text), "{found}");
    }
}

/// SC27.
#[test]
fn get_and_substitute_variables() {
    let structure = (
        ArraySpec::floating().dim(var("a")).rest(var("s").rest()).dim(3).axis("x", var("b")),
        vec![
            ArraySpec::new()
                .rest_axes(var("m").rest())
                .axis("y", var("a").axis("y"))
                .axes(vars_for_axes("k", [("z", 9)])),
        ],
        5_i32,
    );
    let mut variables = get_dimension_variables(&structure).unwrap();
    assert_eq!(
        variables.size_variables.keys().map(ToString::to_string).collect::<Vec<_>>(),
        ["var('a')", "var('a')['y']", "var('b')",]
    );
    assert_eq!(variables.sequence_variables.keys().collect::<Vec<_>>(), ["s"]);
    assert_eq!(variables.mapping_variables.keys().collect::<Vec<_>>(), ["m"]);
    assert!(!variables.is_empty());
    // Each for itself: only what is known is different.
    let same = full_substitute_dimension_variables(&structure, &variables).unwrap();
    assert_eq!(same.0, structure.0);
    assert_eq!(
        same.1,
        [ArraySpec::new().rest_axes(var("m").rest()).axis("y", var("a").axis("y")).axis("z", 9)]
    );

    let sizes = [Dim::Size(10), Dim::from(var("c")), Dim::Size(12)];
    variables.size_variables.values_mut().zip(sizes).for_each(|(stands, size)| *stands = size);
    variables
        .sequence_variables
        .insert("s".into(), vec![Place::One(Dim::Size(1)), Place::Rest(var("t").rest())]);
    let axes = vec![Named::One("w".into(), Dim::Size(4)), Named::Rest(var("n").rest())];
    variables.mapping_variables.insert("m".into(), axes);
    let other = full_substitute_dimension_variables(&structure, &variables).unwrap();
    let wanted = ArraySpec::floating().dim(10).dim(1).rest(var("t").rest()).dim(3).axis("x", 12);
    assert_eq!(other.0, wanted);
    let wanted = ArraySpec::new().axis("w", 4).rest_axes(var("n").rest()).axis("y", var("c")).axis("z", 9);
    assert_eq!((&other.1[..], other.2), (&[wanted][..], 5));
    assert!(get_dimension_variables(&vec![ArraySpec::new().dim(2)]).unwrap().is_empty());

    // All that is wrong is told, with its place.
    variables.size_variables.pop_first();
    variables.sequence_variables.clear();
    variables.mapping_variables.insert("m".into(), vec![Named::One("y".into(), Dim::Size(4))]);
    insta::assert_snapshot!(full_substitute_dimension_variables(&structure, &variables).unwrap_err(), @"
    full_substitute_dimension_variables: 3 problems
      - at root[0]: nothing stands for var('a') in `size_variables`
      - at root[0]: nothing stands for *var('s') in `sequence_variables`
      - at root[1][0]: Key conflict while substituting mapping variable **var('m'): name 'y' is already present
      help: begin with `get_dimension_variables(&structure)`, which has all variables, and change what stands for them
    ");
}

/// A chain that is solved from its end: each pattern waits for the one after it. (Of 100 000: `linear/trees.rs`.)
#[test]
fn a_chain_of_unknown_axes_is_solved() {
    let rest = |number: usize| var(format!("v{number}")).rest();
    let count = 20;
    let mut patterns: Vec<ArraySpec> =
        (0..count).map(|at| ArraySpec::new().rest(rest(at)).rest(rest(at + 1))).collect();
    let array = positional(&[2, 2]);
    let mut values = vec![array; count];
    let stuck = check_structure(&values, &patterns).unwrap_err().to_string();
    assert!(stuck.starts_with("Could not solve for all variable constraints."), "{stuck}");
    patterns.push(ArraySpec::new().rest(rest(count)));
    values.push(positional(&[2]));
    let found = check_structure(&values, &patterns).unwrap();
    assert_eq!((found.sizes("v0").unwrap(), found.sizes("v20").unwrap()), (&[2][..], &[2][..]));
    // One that does not match ends the search, as in a shorter one.
    values[0] = positional(&[3, 2]);
    values[1] = positional(&[3, 2]);
    let text = check_structure(&values, &patterns).unwrap_err().to_string();
    assert_eq!(
        text,
        "Mismatch while checking structures:\nAt root[0]: Positional shape mismatch between value (3, 2) and pattern \
         (*var('v0'), var('v1')[0]:=3):\n  Dim 1: Size 2 does not match previous size 3 for var('v1')[0]:=3 from \
         root[1]\n  After inlining var('v1') = (3,) from root[1]"
    );
}

#[test]
fn one_name_by_place_and_by_axis() {
    let x = var("x");
    let pattern = ArraySpec::new().dim(x.index(3)).axis("b", x.axis("b"));
    let array = NamedArray::zeros([("p", 1), ("b", 2)], DType::F32).unwrap().untag(["p"]).unwrap();
    let found = check_structure(&array, &pattern).unwrap();
    // Penzai: `{'x': {3: 1, 'b': 2}}`.
    assert_eq!(found.get("x").unwrap().to_string(), "{3: 1, 'b': 2}");
    assert_eq!(
        found.axes("x").unwrap_err().to_string(),
        "MatchResult: the variable `x` was asked for as the sizes of named axes, and it is {3: 1, 'b': 2}\n  help: the \
         variables are: `x`"
    );
    // What was found is known in the next check.
    assert_eq!(found.check_structure(&array, &pattern, "").unwrap(), found);
    let other = NamedArray::zeros([("p", 1), ("b", 5)], DType::F32).unwrap().untag(["p"]).unwrap();
    assert_eq!(
        found.check_structure(&other, &pattern, "").unwrap_err().to_string(),
        "Unexpected conflicts between variable assignments:\n  var('x'): Solved as {3: 1, 'b': 2} from the known variable \
         assignments (argument `known_vars` to check_structure) but separately solved var('x')['b'] as 5 from root"
    );
    let places =
        check_structure(&positional(&[1, 2]), &ArraySpec::new().dim(x.index(1)).dim(x.index(0))).unwrap();
    assert_eq!(places.get("x"), Some(&Bound::Places(vec![(0, 2), (1, 1)])));
    assert!(places.check_structure(&positional(&[1]), &ArraySpec::new().dim(x.index(1)), "").is_ok());
}
