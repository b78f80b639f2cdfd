//! What holds for every tree and every selection, over random trees of all that a tree can be made of.
//!
//! A selection is random too: sixty-four bits say which nodes of a walk are in it. What an edit must not touch is compared
//! by address: a layer that was copied, though nothing in it has changed, fails.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use proptest::prelude::{
    ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, prop_assume, prop_oneof, proptest,
};
use pz::nn::{AnyLayer, Layer, Sequential, SideInputs, Slot, Value};
use pz::path::{KeyPath, PathKey};
use pz::tree::{
    PyTree, Selection, Walk, What, diff, equal, find, flatten, leaves, same_structure, structure_hash, visit,
    zip,
};
use pz::{NamedArray, Parameter, combine, pytree_dataclass, select};

/// A layer with a leaf.
#[pytree_dataclass]
struct Tap {
    by: f32,
}

/// A layer with children in all kinds of containers and wrappers.
#[pytree_dataclass]
struct Bag {
    #[pytree(static)]
    name: String,
    list: Vec<AnyLayer>,
    map: BTreeMap<String, AnyLayer>,
    maybe: Option<Arc<Bag>>,
    plain: (f32, Box<Tap>, [bool; 2]),
    shared: Arc<Tap>,
    slot: Slot<Tap>,
    array: NamedArray,
    parameter: Parameter,
    kind: Kind,
}

/// A node that is one of several.
#[pytree_dataclass]
enum Kind {
    None,
    Number(f32),
    Layer { layer: AnyLayer },
}

/// The fields whose child is shared by clones, elements of the two containers included.
const SHARED: [&str; 7] = ["list", "map", "maybe", "shared", "slot", "layer", "sublayers"];

macro_rules! passes_on {
    ($($layer:ident),+) => {$(
        impl Layer for $layer {
            fn call(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
                Ok(input)
            }
        }
    )+};
}
passes_on!(Tap, Bag);

type Parts = (Vec<AnyLayer>, BTreeMap<String, AnyLayer>, Option<f32>, [f32; 4], [bool; 2], Kind);

fn bag((list, map, maybe, numbers, flags, kind): Parts) -> Bag {
    let [plain, boxed, shared, value] = numbers;
    let taps = |by| Tap { by };
    let inner = |by| {
        let nothing = (vec![], BTreeMap::new(), None, [by; 4], flags, Kind::None);
        Arc::new(bag(nothing))
    };
    Bag {
        name: format!("bag of {}", list.len()),
        list,
        map,
        maybe: maybe.map(inner),
        plain: (plain, Box::new(taps(boxed)), flags),
        shared: Arc::new(taps(shared)),
        slot: Slot::new(taps(shared)),
        array: NamedArray::scalar(value),
        parameter: Parameter::new("p", NamedArray::scalar(value)),
        kind,
    }
}

fn trees() -> impl Strategy<Value = AnyLayer> {
    let number = || -9.0_f32..9.0;
    let tap = number().prop_map(|by| AnyLayer::new(Tap { by }));
    tap.prop_recursive(3, 24, 4, move |inner| {
        let list = || prop::collection::vec(inner.clone(), 0..3);
        let map = prop::collection::btree_map("[a-c]", inner.clone(), 0..3);
        let kind = prop_oneof![
            any::<bool>().prop_map(|_| Kind::None),
            number().prop_map(Kind::Number),
            inner.clone().prop_map(|layer| Kind::Layer { layer }),
        ];
        let numbers = prop::array::uniform4(number());
        let maybe = prop::option::of(number());
        prop_oneof![
            3 => (list(), map, maybe, numbers, any::<[bool; 2]>(), kind).prop_map(|parts| AnyLayer::new(bag(parts))),
            1 => list().prop_map(|all| AnyLayer::new(Sequential::new(all))),
            // One layer at two places.
            1 => inner.clone().prop_map(|one| AnyLayer::new(Sequential::new([one.clone(), one]))),
        ]
    })
}

/// The selection of the nodes whose bit is set, in the order of a walk.
fn chosen(tree: &AnyLayer, bits: u64) -> Selection<'_, AnyLayer, dyn PyTree> {
    let mut number = 0_u32;
    let mut next = move || {
        number += 1;
        // One node of four, so that not all is over at the root.
        (bits.rotate_left(number) & 0b11) == 0b11
    };
    select(tree).at_subtrees_where(move |_, _| next())
}

/// Every node with its path.
fn nodes(tree: &AnyLayer) -> Vec<(KeyPath, &dyn PyTree)> {
    let mut nodes = Vec::new();
    visit(tree, |path, node| {
        nodes.push((path.clone(), node));
        Walk::Enter
    });
    nodes
}

/// Whether a node is held by something that clones share: an element of a list or a map, or a field by itself.
fn is_shared(path: &KeyPath, node: &dyn PyTree) -> bool {
    let keys = path.keys();
    let name = keys.iter().rev().find_map(|key| match key {
        PathKey::Attr(name) => Some(name),
        _ => None,
    });
    // The containers themselves, right under their field, are copied.
    let is_container = matches!(keys.last(), Some(PathKey::Attr(name)) if ["list", "map", "sublayers"].contains(&name.as_ref()));
    // An empty `Option` holds nothing.
    let is_empty = node.info().type_name == "None";
    !is_container && !is_empty && name.is_some_and(|name| SHARED.contains(&name.as_ref()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn a_selection_is_the_tree_again_when_it_is_let_go(tree in trees(), bits in any::<u64>()) {
        let again = chosen(&tree, bits).deselect()?;
        prop_assert!(equal(&again, &tree)?);
        // Nothing was changed, so the very layer is given back.
        prop_assert!(std::ptr::addr_eq(again.layer(), tree.layer()));
        let same = chosen(&tree, bits).allow_empty().apply(PyTree::clone_node)?;
        prop_assert!(equal(&same, &tree)?);
    }

    #[test]
    fn parts_of_a_tree_are_the_tree(tree in trees(), bits in any::<u64>(), at_leaves in any::<bool>()) {
        let split = |selection: Selection<'_, AnyLayer, dyn PyTree>| {
            if at_leaves { selection.partition_at_leaves() } else { selection.partition() }
        };
        let (some, rest) = split(chosen(&tree, bits))?;
        prop_assert!(equal(&combine([&some, &rest])?, &tree)?);
        prop_assert!(equal(&combine([&rest, &some])?, &tree)?);
        prop_assert_eq!(leaves(&some).len() + leaves(&rest).len(), leaves(&tree).len());
    }

    #[test]
    fn the_inverse_has_all_that_the_selection_has_not(tree in trees(), bits in any::<u64>()) {
        let (some, rest) = (chosen(&tree, bits).get_keypaths()?, chosen(&tree, bits).invert().get_keypaths()?);
        let twice = chosen(&tree, bits).invert().invert().get_keypaths()?;
        for (path, node) in nodes(&tree) {
            if !node.children().is_empty() {
                continue;
            }
            let is_in = |paths: &[KeyPath]| paths.iter().filter(|above| above.is_prefix_of(&path)).count();
            prop_assert_eq!(is_in(&some) + is_in(&rest), 1, "{}", path);
            prop_assert_eq!(is_in(&twice), is_in(&some), "{}", path);
        }
        // The inverse is made of the largest nodes, so from there on inverting is its own inverse.
        prop_assert_eq!(chosen(&tree, bits).invert().invert().invert().get_keypaths()?, rest);
    }

    #[test]
    fn what_is_beside_an_edit_is_the_very_same(tree in trees(), bits in any::<u64>()) {
        let mut number = 0_u32;
        let some = || select(&tree).at_instances_of::<f32>();
        let mut pick = move || {
            number += 1;
            bits.rotate_left(number * 5) & 0b11 == 0b11
        };
        let picked = some().where_(|_| pick());
        let edited_paths = picked.get_keypaths()?;
        prop_assume!(!edited_paths.is_empty());
        let edited = select(&tree).at_keypaths(&edited_paths).apply(|node| {
            node.downcast_ref::<f32>().expect("numbers were picked") + 100.0
        })?;
        let mut shared = HashSet::new();
        for (path, node) in nodes(&tree) {
            let now = find(&edited, &path);
            prop_assert!(now.is_some(), "{} is gone", path);
            let now = now.expect("is there");
            if edited_paths.iter().any(|edit| path.is_prefix_of(edit)) {
                // On the way to an edit: made anew, of the same type.
                prop_assert_eq!(now.info().type_name, node.info().type_name);
                prop_assert!(!std::ptr::addr_eq(node, now), "{} was edited in place", path);
                continue;
            }
            let above_is_shared = path.above().is_some_and(|above| shared.contains(above));
            if above_is_shared || is_shared(&path, node) {
                prop_assert!(std::ptr::addr_eq(node, now), "{} was copied", path);
                shared.insert(path);
            } else {
                prop_assert!(equal(node, now)?, "{} was changed", path);
            }
        }
        // The differences are the edits, no more and no less, in the order of the tree.
        let found = diff(&tree, &edited)?.differences;
        prop_assert!(found.iter().all(|difference| difference.what == What::Leaf));
        let paths: Vec<KeyPath> = found.into_iter().map(|difference| difference.path).collect();
        prop_assert_eq!(paths, edited_paths);
    }

    #[test]
    fn leaves_and_structure_are_the_tree(tree in trees()) {
        let (found, structure) = flatten(&tree);
        prop_assert_eq!(found.len(), leaves(&tree).len());
        prop_assert!(equal(&structure.unflatten(found)?, &tree)?);
        let same = zip(&tree, &tree, |left, right| {
            assert!(std::ptr::addr_eq(left, right), "leaves meet themselves");
            Ok(left.clone_node())
        });
        prop_assert!(equal(&same?, &tree)?);
    }

    #[test]
    fn nodes_are_where_their_paths_say(tree in trees()) {
        for (path, node) in nodes(&tree) {
            let found = find(&tree, &path).map(|found| std::ptr::addr_eq(found, node));
            prop_assert_eq!(found, Some(true), "{}", path);
            let selected = select(&tree).at_keypaths([&path]).get_by_path()?;
            prop_assert_eq!(&selected[0].0, &path);
        }
    }

    #[test]
    fn the_hash_is_that_of_the_structure(tree in trees(), other in trees(), bits in any::<u64>()) {
        let hash = structure_hash(&tree);
        let numbers = select(&tree).at_instances_of::<f32>().allow_empty().apply(|by| by + 1.0)?;
        prop_assert_eq!(structure_hash(&numbers), hash);
        prop_assert_eq!(structure_hash(&tree) == structure_hash(&other), same_structure(&tree, &other));
        // An edit that changes structure changes the hash, whatever was kept of the tree before.
        let taps = chosen(&tree, bits).at_instances_of::<Tap>().get_keypaths()?;
        let bags = select(&tree).at_keypaths(&taps).allow_empty();
        if let Ok(edited) = bags.set(Sequential::new([])) {
            prop_assert_eq!(structure_hash(&edited) == hash, taps.is_empty());
            prop_assert_eq!(structure_hash(&edited), structure_hash(&unshared(&edited)?));
        }
    }
}

/// The tree with each layer made anew, so that nothing is known of it.
fn unshared(tree: &AnyLayer) -> pz::Result<AnyLayer> {
    select(tree).at_pytree_leaves().allow_empty().apply(PyTree::clone_node)
}
