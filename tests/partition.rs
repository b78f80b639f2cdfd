//! Trees in parts and together again, mapped, flattened and compared: the counterparts of Penzai's
//! `partitioning_test.py` and `tree_util_test.py`, and properties over random trees.

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use pz::nn::{
    AnyLayer, Layer, Sequential, SideInputs, Value, inline_anonymous_sequentials, inline_groups,
    is_anonymous_sequential,
};
use pz::tree::{
    NotInThisPartition, Partition, Walk, What, diff, equal, flatten, flatten_exactly_one_level, map,
    structure_hash, visit, zip,
};
use pz::{NamedArray, Parameter, PyTree, combine, pytree_dataclass, select};

/// A layer with a leaf and a name.
#[pytree_dataclass]
struct Tap {
    by: f32,
    #[pytree(static)]
    name: &'static str,
}

#[pytree_dataclass]
struct Deep {
    inner: AnyLayer,
    by: f32,
}

macro_rules! passes_on {
    ($($layer:ident),+) => {$(
        impl Layer for $layer {
            fn call(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
                Ok(input)
            }
        }
    )+};
}
passes_on!(Tap, Deep);

fn tap(by: f32) -> AnyLayer {
    AnyLayer::new(Tap { by, name: "tap" })
}

fn text(tree: &impl PyTree) -> String {
    pz::treescope::render_text(tree).split_whitespace().collect()
}

#[test]
fn partition_by_selection() {
    let tree = (vec![1, 2], 3, Vec::<i32>::new());
    let (some, rest) = select(&tree).at(|tree| &tree.0).partition().unwrap();
    assert_eq!(text(&some), "([1,2],NotInThisPartition,NotInThisPartition)");
    assert_eq!(text(&rest), "(NotInThisPartition,3,[])");
    let (some, rest) = select(&tree).at(|tree| &tree.0).partition_at_leaves().unwrap();
    assert_eq!(text(&some), "([1,2],NotInThisPartition,[])");
    assert_eq!(text(&rest), "([NotInThisPartition,NotInThisPartition],3,[])");
    assert_eq!(combine([&some, &rest]).unwrap(), tree);
    let (all, none) = select(&tree).partition().unwrap();
    assert_eq!((text(&all), text(&none)), ("([1,2],3,[])".into(), "NotInThisPartition".into()));
}

#[test]
fn combine_compatible_incomplete_and_several() {
    let tree = (vec![1, 2], 3, 4);
    let is = |n: i32| select(&tree).at_instances_of::<i32>().where_(move |x| *x == n);
    let (first, _) = is(2).partition().unwrap();
    let (second, _) = is(3).partition().unwrap();
    let (_, others) = select(&tree).at_several(|tree| vec![&tree.0[1], &tree.1]).partition().unwrap();
    assert_eq!(combine([&others, &second, &first]).unwrap(), tree);
    assert_eq!(combine([&first, &others.merge(&second).unwrap()]).unwrap(), tree);
    assert_eq!(
        combine([&first]).unwrap_err().to_string(),
        "combine: 3 subtrees are in none of the parts; the first is this\n  at: [0][0]"
    );
    let merged = first.merge(&Partition::empty()).unwrap();
    assert_eq!(select(&merged).at_instances_of::<NotInThisPartition>().count(), 3);
    assert!(combine::<i32>([]).is_err());
}

#[test]
fn combine_refuses_what_is_there_twice_and_what_does_not_match() {
    let tree = (vec![1, 2], 3);
    let (some, _) = select(&tree).at(|tree| &tree.0[1]).partition().unwrap();
    assert_eq!(
        combine([&some, &some]).unwrap_err().to_string(),
        "combine: a leaf of type `i32` is in two parts\n  at: [0][1]\n  help: parts of one tree come from one call of \
         `.partition()`"
    );
    let longer = (vec![1, 2, 3], 3);
    let (other, _) = select(&longer).at(|tree| &tree.0[2]).partition().unwrap();
    let error = combine([&some, &other]).unwrap_err().to_string();
    assert_eq!(
        error,
        "combine: a `Vec` and a `Vec` of another structure are at one place\n  at: [0]\n  help: parts of one tree come \
         from one call of `.partition()`"
    );
}

#[test]
fn a_part_keeps_its_children() {
    let tree = (vec![1, 2], 3);
    let (_, rest) = select(&tree).at(|tree| &tree.0[0]).partition().unwrap();
    let second = || select(&rest).at_instances_of::<i32>().pick_nth_selected(0);
    let keeps =
        "editing a tree: a node of which a part is missing keeps the number of its children, and the edit";
    let end = "at: [0][1]\n  help: edit the whole tree: before `.partition()`, or what `combine` gives";
    assert_eq!(
        second().remove_from_parent().unwrap_err().to_string(),
        format!("{keeps} removes one\n  {end}")
    );
    assert_eq!(
        second().insert_after(4).unwrap_err().to_string(),
        format!("{keeps} puts 2 nodes in the place of one\n  {end}")
    );
}

#[test]
fn messages_count_one_as_one_and_call_the_root_the_root() {
    let (leaves, structure) = flatten(&1.0_f32);
    let twice = leaves.iter().chain(&leaves).map(|leaf| leaf.clone_node());
    assert_eq!(
        structure.unflatten(twice).unwrap_err().to_string(),
        "Structure::unflatten: the structure has 1 leaf, and 2 were given"
    );
    let (leaves, structure) = flatten(&(1.0_f32, 2.0_f32));
    assert_eq!(
        structure.unflatten(leaves.into_iter().take(1)).unwrap_err().to_string(),
        "Structure::unflatten: the structure has 2 leaves, and 1 was given"
    );
    let difference = diff(&vec![1.0_f32], &vec![1.0_f32; 2]).unwrap().to_string();
    assert_eq!(difference, "root: 1 child against 2");
    assert_eq!(
        combine([&Partition::<(f32, f32)>::empty()]).unwrap_err().to_string(),
        "combine: a subtree is in none of the parts\n  at: the root"
    );
}

#[test]
fn a_part_can_be_mapped_and_put_back() {
    let model = Sequential::new([tap(1.0), tap(2.0)]);
    let (taps, rest) = select(&model).at_instances_of::<f32>().where_(|by| *by > 1.0).partition().unwrap();
    let scaled = select(&taps).at_instances_of::<f32>().apply(|by| by * 10.0).unwrap();
    let model = combine([&scaled, &rest]).unwrap();
    assert_eq!(select(&model).at_instances_of::<f32>().get_sequence().unwrap(), [&1.0, &20.0]);
    assert_eq!(select(&model).at_instances_of::<Tap>().count(), 2, "the tree has its types again");
    let (_, rest) = select(&model).at(|model| &model.sublayers[0]).partition().unwrap();
    let wrong = select(&rest).at_instances_of::<NotInThisPartition>().set(true).unwrap();
    let error = combine([&wrong]).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        error,
        "editing a tree: the field holds a layer, and was given a `bool`, which is none\n  at: .sublayers[0]\n  help: give \
         a layer, which is a struct or an enum that implements `Layer`"
    );
}

#[test]
fn tree_flatten_exactly_one_level() {
    let tree = (Tap { by: 1.0, name: "t" }, vec![1, 2]);
    let level = flatten_exactly_one_level(&tree).unwrap();
    assert_eq!(level.iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>(), ["[0]", "[1]"]);
    let below = flatten_exactly_one_level(level[0].1).unwrap();
    assert_eq!(below[0].0.to_string(), ".by");
    assert!(flatten_exactly_one_level(below[0].1).is_none());
    assert!(flatten_exactly_one_level(&None::<i32>).unwrap().is_empty());
}

#[test]
fn trees_are_mapped_and_zipped_leaf_by_leaf() {
    let tree = (vec![1.0_f32, 2.0], 3.0_f32);
    let other = (vec![10.0_f32, 20.0], 30.0_f32);
    let sum = |a: &dyn PyTree, b: &dyn PyTree| -> pz::Result<f32> {
        Ok(a.downcast_ref::<f32>().unwrap() + b.downcast_ref::<f32>().unwrap())
    };
    assert_eq!(zip(&tree, &other, sum).unwrap(), (vec![11.0, 22.0], 33.0));
    assert_eq!(
        zip(&tree, &(vec![1.0_f32], 3.0_f32), sum).unwrap_err().to_string(),
        "zipping two trees: root[0]: 2 children against 1\n  help: both trees must have the same types, keys and static \
         fields"
    );
    let error = map(&tree, |_| Ok(true)).unwrap_err().to_string();
    assert_eq!(
        error,
        "editing a tree: the field holds a `f32`, and was given a `bool`\n  at: [0][0]\n  help: give it a `f32`; a field \
         declared as `AnyLayer` holds any layer"
    );
    let (leaves, structure) = flatten(&tree);
    assert_eq!((leaves.len(), structure.num_leaves()), (3, 3));
    let error = structure.unflatten([]).unwrap_err().to_string();
    assert_eq!(error, "Structure::unflatten: the structure has 3 leaves, and 0 were given");
}

#[pytree_dataclass]
enum Either {
    One(f32),
    Two { list: Vec<f32>, last: f32 },
}

#[test]
fn a_diff_tells_structure_static_fields_and_numbers_apart() {
    let array = |values: Vec<f32>| NamedArray::from_vec(values, [("x", 2)]).unwrap();
    let left = (Tap { by: 1.0, name: "a" }, vec![1, 2], array(vec![3.0, 4.0]), array(vec![1.0, 0.0]));
    let right = (Tap { by: 1.0, name: "b" }, vec![1], array(vec![3.0, 5.0]), NamedArray::scalar(1.0_f32));
    let found = diff(&left, &right).unwrap();
    // |4 - 5| = 1, relative 1 / 5; from 4.0 to 5.0 there are 2^21 floats; cosine (9 + 20) / (5 * sqrt(34)).
    assert_eq!(
        found.to_string(),
        "root[0]: `name` is \"a\" against \"b\"\nroot[1]: 2 children against 1\nroot[2]: 1 element differs, by at most \
         1.000e0 (2.000e-1 relative, 2097152 ULP); the cosine is 0.994692\nroot[3]: f32(x:2) against f32()"
    );
    let kinds: Vec<_> = found.differences.iter().map(|difference| difference.what).collect();
    assert_eq!(kinds, [What::Static, What::Structure, What::Leaf, What::Leaf]);
    assert!(diff(&left, &left).unwrap().is_empty());
    let (one, two) = (Either::One(1.0), Either::Two { list: vec![1.0], last: 2.0 });
    assert_eq!(diff(&one, &two).unwrap().to_string(), "root: `Either::One` against `Either::Two`");
    assert_eq!(diff(&1, &1.0_f32).unwrap().to_string(), "root: a `i32` against a `f32`");
}

/// By hand: from 1 the next number of a float with `m` bits of fraction is `2^-m` away.
#[test]
fn a_diff_of_arrays_is_exact_for_each_element_type() {
    use half::{bf16, f16};
    fn text<T: pz::array::Element>(left: Vec<T>, right: Vec<T>) -> String {
        let axis = [("x", left.len())];
        let array = |values| NamedArray::from_vec(values, axis).unwrap();
        diff(&array(left), &array(right)).unwrap().to_string()
    }
    let one = |text: &str| format!("root: 1 element differs, by at most {text}");
    let big = 1_i64 << 53;
    assert_eq!(text(vec![big], vec![big + 1]), one("1.000e0 (1.110e-16 relative); the cosine is 1.000000"));
    assert_eq!(
        text(vec![i64::MIN, 0], vec![i64::MAX, 0]),
        one("1.845e19 (2.000e0 relative); the cosine is -1.000000")
    );
    assert_eq!(text(vec![u64::MAX], vec![0]), one("1.845e19 (1.000e0 relative)"));
    let (half, brain) = (f16::from_f32(1.0), bf16::from_f32(1.0));
    assert_eq!(
        text(vec![half], vec![f16::from_f32(1.0 + 1.0 / 512.0)]),
        one("1.953e-3 (1.949e-3 relative, 2 ULP); the cosine is 1.000000")
    );
    assert_eq!(
        text(vec![brain], vec![bf16::from_f32(1.0 + 1.0 / 128.0)]),
        one("7.812e-3 (7.752e-3 relative, 1 ULP); the cosine is 1.000000")
    );
    assert_eq!(
        text(vec![-half], vec![half]),
        one("2.000e0 (2.000e0 relative, 30720 ULP); the cosine is -1.000000")
    );
    // Large numbers have a cosine, those that are not finite have none, and are as far apart as can be.
    assert_eq!(
        text(vec![1e200, 0.0], vec![1e200, 1e200]),
        one("1.000e200 (1.000e0 relative, 7598952565167317594 ULP); the cosine is 0.707107")
    );
    assert!(text(vec![f32::INFINITY], vec![1.0]).starts_with(&one("inf (inf relative, ")));
    assert!(text(vec![1.0, f32::NAN], vec![1.0, 2.0]).starts_with(&one("inf (inf relative, ")));
    assert!(!text(vec![1.0, f32::NAN], vec![1.0, 2.0]).contains("cosine"));
    assert_eq!(
        text(vec![true, false], vec![false, true]),
        "root: 2 elements differ, by at most 1.000e0 (1.000e0 relative); the cosine is 0.000000"
    );
    assert_eq!(text(vec![1_u8, 255], vec![1, 0]), one("2.550e2 (1.000e0 relative); the cosine is 0.003922"));
    assert_eq!(text(Vec::<f32>::new(), vec![]), "the trees are the same");
}

#[test]
fn variables_are_equal_where_label_and_value_are() {
    let parameter = |label: &str, value: f32| Parameter::new(label, NamedArray::scalar(value));
    let one = parameter("w", 1.0);
    assert!(equal(&one, &one).unwrap() && equal(&one, &parameter("w", 1.0)).unwrap());
    let differences = diff(&one, &parameter("w", 2.0)).unwrap().to_string();
    assert!(differences.starts_with("root: 1 element differs, by at most 1.000e0"), "{differences}");
    assert!(
        diff(&one, &parameter("v", 1.0)).unwrap().to_string().contains("the parameter \"w\" against \"v\"")
    );
}

#[test]
fn the_hash_of_a_structure_sees_types_keys_and_static_fields_alone() {
    let tree = || (Tap { by: 1.0, name: "a" }, vec![1, 2]);
    assert_eq!(structure_hash(&tree()), structure_hash(&(Tap { by: 2.0, name: "a" }, vec![7, 8])));
    for other in [(Tap { by: 1.0, name: "b" }, vec![1, 2]), (Tap { by: 1.0, name: "a" }, vec![1])] {
        assert_ne!(structure_hash(&tree()), structure_hash(&other));
    }
    assert_ne!(structure_hash(&vec![vec![1], vec![]]), structure_hash(&vec![vec![], vec![1]]));
}

#[test]
fn a_kept_hash_is_that_of_the_tree_as_it_is() {
    let nested = |first: f32, name: &'static str| {
        let inner = AnyLayer::new(Sequential::new([tap(first), AnyLayer::new(Tap { by: 2.0, name })]));
        Sequential::new([AnyLayer::new(Deep { inner, by: 3.0 }), tap(4.0)])
    };
    let model = nested(1.0, "a");
    let before = structure_hash(&model);
    assert_eq!((structure_hash(&model), structure_hash(&nested(7.0, "a"))), (before, before));
    // What is shared with the old tree brings its hash along; what was rebuilt is hashed again.
    let numbers = select(&model).at_instances_of::<f32>().set(0.5_f32).unwrap();
    assert_eq!(structure_hash(&numbers), before);
    let last = || select(&model).at_instances_of::<Tap>().pick_nth_selected(1);
    let renamed = last().set(Tap { by: 2.0, name: "b" }).unwrap();
    assert_eq!(structure_hash(&renamed), structure_hash(&nested(1.0, "b")));
    assert_ne!(structure_hash(&renamed), before);
    assert_eq!(structure_hash(&last().set(Tap { by: 9.0, name: "a" }).unwrap()), before);
}

#[test]
fn inline_groups_and_anonymous_sequentials() {
    let chain = |layers: Vec<AnyLayer>| AnyLayer::new(Sequential::new(layers));
    let nested = Sequential::new([chain(vec![chain(vec![tap(1.0)]), tap(2.0)]), tap(3.0), chain(vec![])]);
    let flat = inline_anonymous_sequentials(&nested).unwrap();
    assert_eq!(select(&flat).at(|flat| &flat.sublayers).at_children().at_instances_of::<Tap>().count(), 3);
    assert_eq!(flat.sublayers.len(), 3);
    let kept = inline_groups(&nested, |_| false, is_anonymous_sequential).unwrap();
    assert_eq!(kept.sublayers.len(), 3);
    assert_eq!(
        select(&kept).at(|kept| &kept.sublayers).at_children().at_instances_of::<Sequential>().count(),
        2
    );
}

/// Random trees of layers whose leaves are taps.
fn layers() -> impl Strategy<Value = AnyLayer> {
    let leaf = prop_oneof![(-9.0_f32..9.0).prop_map(tap), Just(AnyLayer::new(Sequential::new([])))];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 0..5).prop_map(|all| AnyLayer::new(Sequential::new(all))),
            1 => (inner, -9.0_f32..9.0).prop_map(|(inner, by)| AnyLayer::new(Deep { inner, by })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn combine_undoes_partition(tree in layers(), chosen in any::<u64>(), at_leaves in any::<bool>()) {
        let mut n = 0;
        let some = select(&tree).at_subtrees_where(|_, _| {
            n += 1;
            (chosen >> (n % 64)) & 3 == 3
        });
        let (selected, rest) = if at_leaves { some.partition_at_leaves()? } else { some.partition()? };
        prop_assert!(equal(&combine([&selected, &rest])?, &tree)?);
        prop_assert!(equal(&combine([&rest, &selected])?, &tree)?);
    }

    #[test]
    fn deselect_and_unflatten_give_the_tree_back(tree in layers()) {
        prop_assert!(equal(&select(&tree).at_instances_of::<Tap>().deselect()?, &tree)?);
        let (leaves, structure) = flatten(&tree);
        prop_assert!(equal(&structure.unflatten(leaves)?, &tree)?);
        prop_assert_eq!(structure_hash(&tree), structure_hash(&tree.clone()));
    }

    #[test]
    fn a_node_is_in_a_selection_or_in_its_inverse(tree in layers(), chosen in any::<u64>()) {
        let some = || {
            let mut n = 0;
            select(&tree).at_subtrees_where(move |_, _| {
                n += 1;
                (chosen >> (n % 64)) & 3 == 3
            })
        };
        let (chosen, rest) = (some().get_keypaths()?, some().invert().get_keypaths()?);
        let mut leaves = Vec::new();
        visit(&tree, |path, node| {
            if node.is_leaf() || node.children().is_empty() {
                leaves.push(path.clone());
            }
            Walk::Enter
        });
        for leaf in leaves {
            let above = |paths: &[pz::path::KeyPath]| paths.iter().filter(|path| path.is_prefix_of(&leaf)).count();
            prop_assert_eq!(above(&chosen) + above(&rest), 1, "{}", leaf);
        }
        // The inverse is made of the largest nodes, so inverting twice more gives it back.
        let again = some().invert().invert().invert().get_keypaths()?;
        prop_assert_eq!(again, rest);
    }

    #[test]
    fn nodes_are_found_at_their_paths(tree in layers()) {
        let paths = select(&tree).at_childless().get_keypaths()?;
        let found = select(&tree).at_keypaths(paths.iter().rev()).get_keypaths()?;
        prop_assert_eq!(found, paths);
    }
}

const MANY: usize = 100_000;

#[test]
fn a_deep_tree_is_partitioned_compared_hashed_and_flattened() {
    let deep = (0..MANY).fold(tap(0.0), |inner, depth| AnyLayer::new(Deep { inner, by: depth as f32 }));
    let (tap, rest) = select(&deep).at_instances_of::<Tap>().partition().unwrap();
    let again = combine([&tap, &rest]).unwrap();
    assert!(equal(&again, &deep).unwrap());
    assert_eq!(structure_hash(&again), structure_hash(&deep));
    let (leaves, structure) = flatten(&deep);
    assert_eq!(leaves.len(), MANY + 1);
    assert!(equal(&structure.unflatten(leaves).unwrap(), &deep).unwrap());
    assert_eq!(select(&deep).at_instances_of::<Tap>().invert().count(), MANY);
    let inlined = inline_anonymous_sequentials(&deep).unwrap();
    assert!(equal(&inlined, &deep).unwrap());
}

#[test]
fn a_deep_tree_is_searched_by_path_and_by_value() {
    let deep = (0..MANY).fold(tap(0.0), |inner, depth| AnyLayer::new(Deep { inner, by: depth as f32 }));
    let below = select(&deep).at_children();
    let taps = below.at_subtrees_where_absolute(|path, node| path.len() > MANY - 1 && !node.is_leaf());
    assert_eq!(taps.count(), 1);
    // The template is half as deep as the tree: it is compared once, not at each node.
    let half = (0..MANY / 2).fold(tap(0.0), |inner, depth| AnyLayer::new(Deep { inner, by: depth as f32 }));
    assert_eq!(select(&deep).at_equal_to(&half).count(), 1);
    // Nearly everything is missing from this part: one path is told.
    let (some, _) = select(&deep).at_pytree_leaves().pick_nth_selected(0).partition_at_leaves().unwrap();
    let error = combine([&some]).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("100000 subtrees are in none of the parts"));
}

#[test]
fn a_wide_tree_is_partitioned_compared_and_found_by_its_paths() {
    let wide: Vec<f32> = (0..MANY).map(|i| i as f32).collect();
    let (some, rest) = select(&wide).at_instances_of::<f32>().where_(|x| *x > 10.0).partition().unwrap();
    assert_eq!(combine([&some, &rest]).unwrap(), wide);
    let paths = select(&wide).at_pytree_leaves().get_keypaths().unwrap();
    assert_eq!(select(&wide).at_keypaths(&paths).count(), MANY);
    assert_eq!(select(&wide).at_children().invert().count(), 0);
    assert_eq!(select(&wide).at_children().set_sequence(wide.iter().map(|x| x + 1.0)).unwrap()[7], 8.0);
    let ones = paths.into_iter().map(|path| (path, 1.0_f32));
    assert_eq!(select(&wide).select_and_set_by_path(ones).unwrap()[MANY - 1], 1.0);
}
