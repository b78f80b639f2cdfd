//! Surgery on trees of layers, as a user of the library does it.
//!
//! Random trees are compared with what a plain list of all their paths says; deep and wide trees must neither
//! overflow the stack (a test's thread has two megabytes) nor take quadratic time, which would never end here.

#[path = "select/misfits.rs"]
mod misfits;

use std::collections::BTreeMap;

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use pz::nn::{
    AnyLayer, Layer, NamedGroup, Sequential, SideInputs, Slot, Value, is_anonymous_sequential,
    is_sequential_or_named,
};
use pz::path::{KeyPath, PathKey};
use pz::tree::{PyTree, Walk, find, same_tree, visit};
use pz::{pretty_keystr, pytree_dataclass, select};

macro_rules! passes_on {
    ($($layer:ident),+) => {$(
        impl Layer for $layer {
            fn call(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
                Ok(input)
            }
        }
    )+};
}
passes_on!(Tap, Mark, Pair, Deep, Exact, Encoder, Stage);

/// A chain with a name of its own.
#[pytree_dataclass(is = Sequential)]
struct Encoder {
    sublayers: Vec<AnyLayer>,
}

/// A family of a user's own.
#[pytree_dataclass]
#[pytree(family)]
struct Stage;

/// A member of it, with a parameter.
#[pytree_dataclass(is = Stage)]
struct Named<T> {
    #[pytree(static)]
    name: T,
}

/// A layer with a leaf.
#[pytree_dataclass]
#[derive(PartialEq)]
struct Tap {
    by: f32,
}

/// A layer of size zero.
#[pytree_dataclass]
struct Mark;

/// A layer with single slots.
#[pytree_dataclass]
struct Pair {
    left: Slot<Tap>,
    right: AnyLayer,
}

/// A layer that can be nested as often as one likes.
#[pytree_dataclass]
struct Deep {
    inner: AnyLayer,
    by: f32,
}

/// A layer with a field of one type only.
#[pytree_dataclass]
struct Exact {
    tap: Tap,
    taps: Vec<Tap>,
}

fn tap(by: f32) -> AnyLayer {
    AnyLayer::new(Tap { by })
}

fn pair(left: f32, right: AnyLayer) -> Pair {
    Pair { left: Slot::new(Tap { by: left }), right }
}

fn same(left: &impl PyTree, right: &impl PyTree) -> bool {
    same_tree(left, right, |left, right| {
        left.downcast_ref::<f32>().map(|x| x.to_bits()) == right.downcast_ref::<f32>().map(|x| x.to_bits())
    })
}

fn paths(keypaths: pz::Result<Vec<KeyPath>>) -> Vec<String> {
    keypaths.expect("the chain holds").iter().map(KeyPath::to_string).collect()
}

/// Every node's type name by its path.
fn nodes(tree: &impl PyTree) -> BTreeMap<String, &'static str> {
    let mut nodes = BTreeMap::new();
    visit(tree, |path, node| {
        nodes.insert(path.to_string(), node.info().type_name);
        Walk::Enter
    });
    nodes
}

#[test]
fn wrappers_have_no_step_in_a_path() {
    let model = pair(1.0, AnyLayer::new(Sequential::new([tap(2.0), tap(3.0)])));
    let taps = select(&model).at_instances_of::<Tap>();
    assert_eq!(paths(taps.get_keypaths()), [".left", ".right.sublayers[0]", ".right.sublayers[1]"]);
    let path =
        select(&model).at_instances_of::<f32>().pick_nth_selected(-1).get_keypaths().unwrap().remove(0);
    assert_eq!(pretty_keystr(&path, &model), "Pair.right/Sequential.sublayers[1]/Tap.by");
    assert_eq!(find(&model, &path).unwrap().downcast_ref::<f32>(), Some(&3.0));
}

#[test]
fn a_closure_may_point_to_a_slot_or_into_it() {
    let model = pair(1.0, tap(2.0));
    assert_eq!(select(&model).at(|m| &m.left).get().unwrap().get().unwrap().by, 1.0);
    let inside = select(&model).at(|m| m.left.get().unwrap()).apply(|tap| Tap { by: tap.by + 0.5 }).unwrap();
    assert_eq!(inside.left.get().unwrap().by, 1.5);
    let swapped = select(&model).at(|m| &m.right).set(Mark).unwrap();
    assert!(swapped.right.downcast_ref::<Mark>().is_some());
}

#[test]
fn a_layer_of_size_zero_can_be_pointed_to_in_its_slot() {
    let mark = AnyLayer::new(Mark);
    let model = Sequential::new([mark.clone(), tap(1.0), mark]);
    let edited = select(&model).at(|m| &m.sublayers[2]).set(Tap { by: 2.0 }).unwrap();
    assert_eq!(nodes(&edited)[".sublayers[0]"], "Mark");
    assert_eq!(nodes(&edited)[".sublayers[2]"], "Tap", "the same mark is at both places, and one was meant");
}

#[test]
fn inserting_beside_a_single_slot_makes_a_sequential() {
    let model = pair(1.0, tap(2.0));
    let edited = select(&model).at(|m| &m.left).insert_after(Mark).unwrap();
    let sequential = edited.left.get().map(|_| ()).unwrap_err().to_string();
    assert!(sequential.contains("declared as `Tap` and now holds a `Sequential`"), "{sequential}");
    assert_eq!(paths(select(&edited).at_instances_of::<Mark>().get_keypaths()), [".left.sublayers[1]"]);
    assert_eq!(paths(select(&edited).at_instances_of::<Tap>().get_keypaths())[0], ".left.sublayers[0]");
    // The second insertion finds a list, and nests nothing.
    let both = select(&edited).at_instances_of::<Tap>().pick_nth_selected(0).insert_before(Mark).unwrap();
    assert_eq!(
        paths(select(&both).at_instances_of::<Mark>().get_keypaths()),
        [".left.sublayers[0]", ".left.sublayers[2]"]
    );
    // A root that may be any layer is a single slot too.
    let root = select(&tap(1.0)).insert_before(Mark).unwrap();
    assert_eq!(nodes(&root).into_iter().collect::<Vec<_>>()[0], (String::new(), "Sequential"));
}

#[test]
fn a_slot_cannot_be_empty_and_holds_only_layers() {
    let model = pair(1.0, tap(2.0));
    let text = select(&model).at(|m| &m.right).remove_from_parent().map(|_| ()).unwrap_err().to_string();
    assert!(
        text.contains("the field holds exactly one `AnyLayer`, which cannot be removed\n  at: .right"),
        "{text}"
    );
    let text = select(&model).at(|m| &m.left).set(1.0_f32).map(|_| ()).unwrap_err().to_string();
    assert!(
        text.contains("the field holds a layer, and was given a `f32`, which is none\n  at: .left"),
        "{text}"
    );
}

#[test]
fn a_concrete_field_accepts_its_type_alone() {
    let model = Exact { tap: Tap { by: 1.0 }, taps: vec![Tap { by: 2.0 }] };
    let text = select(&model).at(|m| &m.tap).set(Mark).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        text,
        "editing a tree: the field holds a `Tap`, and was given a `Mark`\n  at: .tap\n  help: give it a `Tap`; a field \
         declared as `AnyLayer` holds any layer"
    );
    let text = select(&model).at(|m| &m.taps[0]).insert_after(Mark).map(|_| ()).unwrap_err().to_string();
    assert!(text.contains("at: .taps[0]\n"), "{text}");
    // A layer in an `AnyLayer` is taken out of it for a field that holds its type.
    let edited = select(&model).at_instances_of::<Tap>().set(tap(5.0)).unwrap();
    assert_eq!((edited.tap.by, edited.taps[0].by), (5.0, 5.0));
}

#[test]
fn a_family_is_found_by_its_name_and_each_type_by_its_own() {
    let encoder = AnyLayer::new(Encoder { sublayers: vec![tap(1.0)] });
    let model = (Sequential::new([tap(2.0)]), encoder, vec![Stage], Named { name: 7_usize });
    let sequentials = select(&model).at_instances_of::<Sequential>();
    assert_eq!(paths(sequentials.get_keypaths()), ["[0]", "[1]"]);
    assert_eq!(paths(select(&model).at_instances_of::<Encoder>().get_keypaths()), ["[1]"]);
    assert_eq!(paths(select(&model).at_instances_of::<Stage>().get_keypaths()), ["[2][0]", "[3]"]);
    assert_eq!(select(&model).at_instances_of::<Named<usize>>().get().unwrap().name, 7);
    assert!(select(&model).at_instances_of::<Named<u8>>().is_empty(), "another parameter is another type");
    // A selection of a family keeps the names: the encoder stays one.
    let longer = select(&model).at_instances_of::<Sequential>().at_instances_of::<Tap>().insert_after(Mark);
    assert_eq!(nodes(&longer.unwrap())["[1]"], "Encoder");
}

#[test]
fn groups_are_told_apart_by_what_is_in_the_slot() {
    let encoder = AnyLayer::new(Encoder { sublayers: vec![] });
    let chain = AnyLayer::new(Sequential::new([]));
    let group = AnyLayer::new(NamedGroup::new("g", []));
    let is = |layer: &AnyLayer| (is_sequential_or_named(layer), is_anonymous_sequential(layer));
    assert_eq!(
        [&encoder, &chain, &group, &tap(1.0)].map(is),
        [(true, false), (true, true), (true, false), (false, false)]
    );
}

#[test]
fn a_tuple_of_types_asks_for_one_of_them() {
    let model = (pair(1.0, AnyLayer::new(Mark)), true);
    let found = select(&model).at_instances_of::<(Mark, f32, bool)>();
    assert_eq!(paths(found.get_keypaths()), ["[0].left.by", "[0].right", "[1]"]);
    assert_eq!(
        select(&model).at_innermost_instances_of::<(Pair, Mark)>().count(),
        1,
        "the mark is in the pair"
    );
}

#[test]
fn one_layer_at_two_places_is_edited_at_one() {
    let shared = tap(1.0);
    let model = pair(0.0, AnyLayer::new(Sequential::new([shared.clone(), shared])));
    let edited = select(&model)
        .at(|m| &m.right.downcast_ref::<Sequential>().unwrap().sublayers[1])
        .set(Tap { by: 9.0 })
        .unwrap();
    let values = select(&edited).at_instances_of::<f32>().get_sequence().unwrap();
    assert_eq!(values, [&0.0, &1.0, &9.0]);
}

/// Random trees of layers whose leaves are taps.
fn layers() -> impl Strategy<Value = AnyLayer> {
    let leaf = prop_oneof![(-9.0_f32..9.0).prop_map(tap), Just(AnyLayer::new(Sequential::new([])))];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 0..5).prop_map(|all| AnyLayer::new(Sequential::new(all))),
            1 => (-9.0_f32..9.0, inner.clone()).prop_map(|(left, right)| AnyLayer::new(pair(left, right))),
            1 => (inner, -9.0_f32..9.0).prop_map(|(inner, by)| AnyLayer::new(Deep { inner, by })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn what_is_inserted_can_be_removed(tree in layers(), chosen in any::<u64>(), after in any::<bool>()) {
        let mut n = 0;
        let some_in_lists = select(&tree).at_subtrees_where(|path, node| {
            n += 1;
            let in_list = matches!(path.keys().last(), Some(PathKey::Index(_)));
            in_list && node.downcast_ref::<Tap>().is_some() && (chosen >> (n % 64)) & 1 == 1
        });
        let (count, chain) = (some_in_lists.count(), some_in_lists.allow_empty());
        let longer = if after { chain.insert_after(Mark)? } else { chain.insert_before(Mark)? };
        prop_assert_eq!(select(&longer).at_instances_of::<Mark>().count(), count);
        let back = select(&longer).at_instances_of::<Mark>().allow_empty().remove_from_parent()?;
        prop_assert!(same(&tree, &back));
    }

    #[test]
    fn an_edit_keeps_every_layer_beside_it(tree in layers(), which in any::<prop::sample::Index>()) {
        let taps = select(&tree).at_instances_of::<Tap>().get_keypaths()?;
        if taps.is_empty() {
            return Ok(());
        }
        let edited_path = &taps[which.index(taps.len())];
        let edited = select(&tree)
            .at_instances_of::<Tap>()
            .pick_nth_selected(which.index(taps.len()).cast_signed())
            .apply(|tap| Tap { by: tap.by + 100.0 })?;
        let mut kept = 0;
        visit(&tree, |path, node| {
            let is_layer = ["Tap", "Sequential", "Pair", "Deep"].contains(&node.info().type_name);
            if is_layer && !path.is_prefix_of(edited_path) {
                let now = find(&edited, path).expect("the tree has the same form");
                assert!(std::ptr::addr_eq(node, now), "{path} was copied");
                kept += 1;
            }
            Walk::Enter
        });
        prop_assert!(kept + 1 >= taps.len());
        prop_assert!(!same(&tree, &edited));
    }

    #[test]
    fn selections_agree_with_the_list_of_all_paths(tree in layers()) {
        let mut matches = Vec::new();
        visit(&tree, |path, node| {
            if node.downcast_ref::<Sequential>().is_some() {
                matches.push(path.clone());
            }
            Walk::Enter
        });
        let inside = |outer: &KeyPath, inner: &KeyPath| outer.is_prefix_of(inner) && outer != inner;
        let outermost: Vec<_> = matches.iter().filter(|m| !matches.iter().any(|o| inside(o, m))).cloned().collect();
        let innermost: Vec<_> = matches.iter().filter(|m| !matches.iter().any(|o| inside(m, o))).cloned().collect();
        prop_assert_eq!(select(&tree).at_instances_of::<Sequential>().get_keypaths()?, outermost);
        prop_assert_eq!(select(&tree).at_innermost_instances_of::<Sequential>().get_keypaths()?, innermost);
    }

    #[test]
    fn setting_each_node_to_itself_changes_nothing(tree in layers()) {
        let again = select(&tree).at_instances_of::<Tap>().allow_empty().apply(|tap| tap.clone())?;
        prop_assert!(same(&tree, &again));
    }
}

const DEPTH: usize = 100_000;

#[test]
fn a_deep_tree_is_selected_edited_and_dropped() {
    let deep = (0..DEPTH).fold(tap(0.0), |inner, depth| AnyLayer::new(Deep { inner, by: depth as f32 }));
    let edited = select(&deep).at_instances_of::<Tap>().insert_after(Mark).unwrap();
    let marks = select(&edited).at_instances_of::<Mark>().get_keypaths().unwrap();
    assert_eq!(marks[0].len(), DEPTH + 2);
    assert_eq!(select(&edited).at_innermost_instances_of::<Deep>().count(), 1);
}

#[test]
fn a_deep_tree_of_boxes_is_selected_and_edited() {
    #[pytree_dataclass]
    struct Chain {
        by: f32,
        next: Option<Box<Chain>>,
    }
    let mut chain = Chain { by: 0.0, next: None };
    for depth in 1..DEPTH {
        chain = Chain { by: depth as f32, next: Some(Box::new(chain)) };
    }
    // The paths of all these, one by one, would have five thousand million steps.
    let leaves = select(&chain).at_instances_of::<f32>();
    assert_eq!(leaves.count(), DEPTH);
    let edited = leaves.apply(|by| by + 1.0).unwrap();
    assert_eq!(edited.by, DEPTH as f32);
    // Dropping nested boxes is the standard library's recursion: take them apart instead.
    for mut chain in [chain, edited] {
        while let Some(next) = chain.next.take() {
            chain = *next;
        }
    }
}
