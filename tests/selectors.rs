//! The counterparts of Penzai's `tests/core/selectors_test.py`, case by case: each test has the name of its case there.
//!
//! Penzai's trees are lists and dicts of anything; these are vectors, tuples and maps of layers and numbers. Cases about
//! Python alone (a warning for tuples that accessors return, selections inside selections as tree nodes) have none.

#[path = "selectors/any.rs"]
mod any;
#[path = "selectors/chains.rs"]
mod chains;
#[path = "numerics/fixture.rs"]
#[allow(dead_code)]
mod fixture;
#[path = "selectors/fixtures.rs"]
mod fixtures;

use std::collections::BTreeMap;

use pz::path::{KeyPath, PathKey};
use pz::tree::{PyTree, equal};
use pz::{pytree_dataclass, select};

/// `{"a": [1, 2], "b": [3, 4]}` and the like.
type Lists = BTreeMap<String, Vec<i32>>;

fn lists(entries: &[(&str, &[i32])]) -> Lists {
    entries.iter().map(|(key, values)| (key.to_string(), values.to_vec())).collect()
}

fn texts(paths: pz::Result<Vec<KeyPath>>) -> Vec<String> {
    paths.expect("the chain holds").iter().map(KeyPath::to_string).collect()
}

fn path(keys: impl IntoIterator<Item = PathKey>) -> KeyPath {
    keys.into_iter().collect()
}

#[pytree_dataclass]
#[derive(PartialEq)]
struct Foo {
    x: i32,
    y: i32,
}

#[pytree_dataclass]
#[derive(PartialEq)]
struct Bar {
    z: i32,
    foo: Foo,
}

#[test]
fn select_the_whole_tree() {
    let tree = lists(&[("a", &[1, 2])]);
    let selection = select(&tree);
    assert_eq!((selection.count(), selection.is_empty()), (1, false));
    assert_eq!(texts(select(&tree).get_keypaths()), [""]);
    assert_eq!(select(&tree).get().unwrap(), &tree);
}

#[test]
fn select_deselect() {
    let tree = lists(&[("a", &[1, 2]), ("b", &[3])]);
    assert_eq!(select(&tree).at_instances_of::<i32>().deselect().unwrap(), tree);
    assert_eq!(select(&tree).at_instances_of::<Foo>().deselect().unwrap(), tree);
}

#[test]
fn select_at_accessor() {
    let tree = lists(&[("a", &[1, 2, 3]), ("b", &[4, 5, 6])]);
    assert_eq!(texts(select(&tree).at(|tree| &tree["a"]).get_keypaths()), ["['a']"]);
    let one = select(&tree).at(|tree| &tree["b"][1]);
    assert_eq!(one.get().unwrap(), &5);
}

#[test]
fn select_at_accessor_multiple_and_chaining() {
    let tree = vec![(1, 2), (3, 4), (5, 6)];
    let pairs = select(&tree).at_several(|tree| vec![&tree[2], &tree[0], &tree[2]]);
    let paths = texts(pairs.at(|pair| &pair.1).get_keypaths());
    assert_eq!(paths, ["[0][1]", "[2][1]"], "each once, in the tree's order");
}

#[test]
fn select_at_accessor_fails_for_nested_nodes_and_for_strangers() {
    let tree = Bar { z: 0, foo: Foo { x: 1, y: 2 } };
    let nested = select(&tree).at_several::<dyn PyTree, _>(|tree| vec![&tree.foo, &tree.foo.y]);
    assert_eq!(
        nested.get_sequence().map(|_| ()).unwrap_err().to_string(),
        "Selection::at_several: the closure gave two nodes of which one is in the other: `.foo`, `.foo.y`\n  help: selected nodes are never inside one another: give the outer or the inner one"
    );
    static STRANGER: i32 = 7;
    let error = select(&tree).at_several(|_| vec![&STRANGER]).set(1).map(|_| ()).unwrap_err().to_string();
    assert_eq!(
        error,
        "Selection::at_several: the closure gave a `i32` that is no node in this `Bar`\n  help: return a reference to a child \
         field, an element of one, or what a wrapper holds; a static field is no node"
    );
}

#[test]
fn select_at_accessor_can_select_singletons() {
    let tree: Vec<Option<i32>> = vec![None, Some(1), None];
    assert_eq!(texts(select(&tree).at(|tree| &tree[2]).get_keypaths()), ["[2]"]);
    let edited = select(&tree).at(|tree| &tree[0]).set(Some(5)).unwrap();
    assert_eq!(edited, [Some(5), Some(1), None]);
}

#[test]
fn select_at_instances_of() {
    let tree = lists(&[("a", &[1, 2]), ("b", &[])]);
    assert_eq!(texts(select(&tree).at_instances_of::<i32>().get_keypaths()), ["['a'][0]", "['a'][1]"]);
    assert_eq!(texts(select(&tree).at_instances_of::<Vec<i32>>().get_keypaths()), ["['a']", "['b']"]);
    let nested = vec![tree];
    assert_eq!(texts(select(&nested).at_instances_of::<Lists>().get_keypaths()), ["[0]"]);
}

#[test]
fn select_at_subtrees_where() {
    let tree = vec![Foo { x: 1, y: 2 }, Foo { x: 3, y: 4 }];
    let odd = |node: &dyn PyTree| node.downcast_ref::<i32>().is_some_and(|n| n % 2 == 1);
    let found = select(&tree).at_subtrees_where(|_, node| odd(node));
    assert_eq!(texts(found.get_keypaths()), ["[0].x", "[1].x"]);
}

#[test]
fn select_at_subtrees_where_with_relative_and_absolute_keypaths() {
    let tree = (vec![1, 2], vec![3]);
    let mut relative = Vec::new();
    let found = select(&tree).at_children().at_subtrees_where(|path, _| {
        relative.push(path.to_string());
        path.len() == 1
    });
    assert_eq!(texts(found.get_keypaths()), ["[0][0]", "[0][1]", "[1][0]"]);
    assert_eq!(relative, ["", "[0]", "[1]", "", "[0]"]);
    let mut absolute = Vec::new();
    let found = select(&tree).at_children().at_subtrees_where_absolute(|path, _| {
        absolute.push(path.to_string());
        path.len() == 2
    });
    assert_eq!(found.count(), 3);
    assert_eq!(absolute, ["[0]", "[0][0]", "[0][1]", "[1]", "[1][0]"]);
}

#[test]
fn select_at_subtrees_where_innermost() {
    let leafless: Vec<Lists> = vec![lists(&[])];
    let tree = vec![vec![lists(&[("a", &[1])])], leafless, vec![]];
    let found = select(&tree)
        .at_innermost_subtrees_where(|_, node| ["Vec", "BTreeMap"].contains(&node.info().type_name));
    assert_eq!(texts(found.get_keypaths()), ["[0][0]['a']", "[1][0]", "[2]"]);
}

#[test]
fn select_at_equal_to() {
    let tree = (vec![1, 2, 1], 1, 1.0_f32);
    assert_eq!(texts(select(&tree).at_equal_to(&1).get_keypaths()), ["[0][0]", "[0][2]", "[1]"]);
    assert_eq!(texts(select(&tree).at_equal_to(&vec![1, 2, 1]).get_keypaths()), ["[0]"]);
    assert!(select(&tree).at_equal_to(&vec![1, 2]).is_empty());
}

#[test]
fn select_at_keypaths() {
    let tree = lists(&[("a", &[1, 2]), ("b", &[3, 4])]);
    let b1 = path([PathKey::entry("b"), PathKey::Index(1)]);
    let a = path([PathKey::entry("a")]);
    let a0 = path([PathKey::entry("a"), PathKey::Index(0)]);
    let nowhere = path([PathKey::entry("c")]);
    let past = path([PathKey::entry("b"), PathKey::Index(2)]);
    let found = select(&tree).at_keypaths([&b1, &a0, &a, &nowhere, &past]);
    assert_eq!(texts(found.get_keypaths()), ["['a']", "['b'][1]"]);
}

#[test]
fn select_at_children() {
    let tree = Bar { z: 0, foo: Foo { x: 1, y: 2 } };
    let children = select(&tree).at_children();
    assert_eq!(texts(children.get_keypaths()), [".z", ".foo"]);
    assert_eq!(texts(select(&tree).at_children().at_children().get_keypaths()), [".foo.x", ".foo.y"]);
}

#[test]
fn select_at_pytree_leaves_and_childless() {
    let tree = (vec![Some(1), None], Vec::<i32>::new(), (), lists(&[]), 2.5_f32);
    assert_eq!(texts(select(&tree).at_pytree_leaves().get_keypaths()), ["[0][0]", "[4]"]);
    let childless = select(&tree).at_childless();
    assert_eq!(texts(childless.get_keypaths()), ["[0][0]", "[0][1]", "[1]", "[2]", "[3]", "[4]"]);
}

#[test]
fn select_where() {
    let tree = vec![1, 2, 3, 4];
    let even = select(&tree).at_instances_of::<i32>().where_(|n| n % 2 == 0);
    assert_eq!(even.get_sequence().unwrap(), [&2, &4]);
    let late =
        select(&tree).at_instances_of::<i32>().where_with_keypath(|path, _| path.to_string() > "[1]".into());
    assert_eq!(late.get_sequence().unwrap(), [&3, &4]);
}

#[test]
fn pick_nth_selected() {
    let tree = vec![1, 2, 3];
    let all = || select(&tree).at_instances_of::<i32>();
    assert_eq!(all().pick_nth_selected(1).get().unwrap(), &2);
    assert_eq!(all().pick_nth_selected(-1).get().unwrap(), &3);
    assert_eq!(all().pick_nth_selected([2, 0, -3]).get_sequence().unwrap(), [&1, &3]);
    assert_eq!(all().pick_nth_selected(vec![5, -5]).count(), 0);
    // Numbers of the types that variables have, as far as these go.
    assert_eq!(all().pick_nth_selected(tree.len() - 1).get().unwrap(), &3);
    assert_eq!(all().pick_nth_selected(&[0_usize, 1][..]).get_sequence().unwrap(), [&1, &2]);
    assert_eq!(all().pick_nth_selected([usize::MAX, 1 << 63]).count(), 0);
    assert_eq!(all().pick_nth_selected([isize::MIN, isize::MAX]).count(), 0);
    assert_eq!(all().pick_nth_selected([i32::MIN, -2]).get().unwrap(), &2);
    assert_eq!(all().pick_nth_selected(Vec::<usize>::new()).count(), 0);
}

#[test]
fn invert() {
    let tree = (vec![1, 2], Foo { x: 3, y: 4 }, 5);
    let rest = select(&tree).at_several::<dyn PyTree, _>(|tree| vec![&tree.0[0], &tree.1]).invert();
    assert_eq!(texts(rest.get_keypaths()), ["[0][1]", "[2]"]);
    assert_eq!(texts(select(&tree).at_instances_of::<bool>().invert().get_keypaths()), [""]);
    assert!(select(&tree).invert().is_empty());
}

#[test]
fn refine() {
    #[pytree_dataclass]
    struct Both {
        foo: Foo,
        bar: Bar,
    }
    let tree = Both { foo: Foo { x: 1, y: 2 }, bar: Bar { z: 3, foo: Foo { x: 4, y: 5 } } };
    let refined = select(&tree).at_children().refine(|node| -> pz::tree::select::Refinement<'_, i32> {
        match (node.downcast_ref::<Foo>(), node.downcast_ref::<Bar>()) {
            (Some(foo), _) => select(foo).at(|foo| &foo.x).into(),
            (_, Some(bar)) => select(bar).at(|bar| &bar.foo.y).into(),
            _ => panic!("a child is a Foo or a Bar"),
        }
    });
    assert_eq!(texts(refined.get_keypaths()), [".foo.x", ".bar.foo.y"]);
    let strange = Foo { x: 0, y: 0 };
    let error =
        select(&tree).at(|tree| &tree.foo).refine(|_| select(&strange)).get().map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Selection::refine: the closure gave a selection of `Foo` in a tree that is not the node it was given\n  at: \
         .foo\n  help: begin it with `select(node)`, where `node` is the closure's argument"
    );
}

#[test]
fn flatten_selected_selections() {
    let tree = vec![vec![1, 2], vec![3], vec![]];
    let rows = || select(&tree).at_children();
    let of_rows = || tree.iter().map(|row| select(row).at_instances_of::<i32>());
    let all = rows().flatten_selected_selections(of_rows());
    assert_eq!(texts(all.get_keypaths()), ["[0][0]", "[0][1]", "[1][0]"]);
    // Each row may be selected in as it likes, and the selections come from anywhere.
    let mut kept: Vec<_> = of_rows().collect();
    kept[0] = select(&tree[0]).at_instances_of::<i32>().pick_nth_selected(-1);
    let edited = rows().flatten_selected_selections(kept).set(9).unwrap();
    assert_eq!(edited, [vec![1, 9], vec![9], vec![]]);
    let failure = |found: pz::Result<Vec<KeyPath>>| found.unwrap_err().to_string();
    assert_eq!(
        failure(rows().flatten_selected_selections(of_rows().take(2)).get_keypaths()),
        "Selection::flatten_selected_selections: 3 nodes are selected, and there are 2 selections\n  help: give one for \
         each selected node, in the tree's order"
    );
    assert_eq!(
        failure(rows().pick_nth_selected(0).flatten_selected_selections(of_rows().cycle()).get_keypaths()),
        "Selection::flatten_selected_selections: 1 node is selected, and there are more selections\n  help: give one for \
         each selected node, in the tree's order"
    );
    assert_eq!(
        failure(rows().flatten_selected_selections(of_rows().rev()).get_keypaths()),
        "Selection::flatten_selected_selections: there is a selection of `i32` in a tree that is not the selected node\n  \
         at: [0]\n  help: begin it at the selected node: the selections come in the order of `get_sequence()`"
    );
    static STRANGER: i32 = 7;
    let strays = tree.iter().map(|row| select(row).at(|_| &STRANGER));
    assert!(
        failure(rows().flatten_selected_selections(strays).get_keypaths())
            .contains("that is no node in this")
    );
    // Nothing is selected, and nothing given.
    let none = select(&tree).at_instances_of::<Foo>().flatten_selected_selections(of_rows().take(0));
    assert_eq!(none.count(), 0);
}

/// Penzai's own way to write a traversal: a function that selects in the node it is given.
#[test]
fn a_node_of_any_type_is_selected_in_and_edited() {
    fn negated(node: &dyn PyTree) -> pz::Result<pz::tree::Node> {
        match node.downcast_ref::<i32>() {
            Some(n) => Ok(Box::new(-n)),
            None => select(node).at_children().allow_empty().apply(negated),
        }
    }
    let tree = (Bar { z: 1, foo: Foo { x: 2, y: 3 } }, vec![Some(4), None], ());
    let node = negated(&tree).unwrap();
    assert!(equal(&*node, &(Bar { z: -1, foo: Foo { x: -2, y: -3 } }, vec![Some(-4), None], ())).unwrap());
    let erased: &dyn PyTree = &tree;
    let wide = select(erased).at_instances_of::<Foo>().at(|foo| &foo.y);
    assert_eq!(texts(wide.get_keypaths()), ["[0].foo.y"]);
    let grown = select(erased).at_instances_of::<i32>().where_(|n| *n == 4).insert_after_and_select(9);
    let (grown, inserted) = grown.unwrap();
    assert_eq!(texts(Ok(inserted)), ["[1][1]"]);
    assert!(equal(&*grown, &(tree.0.clone(), vec![Some(4), Some(9), None], ())).unwrap());
    // The root of a tree whose type is not known may become anything, but not two things.
    assert!(select(erased).set(5).unwrap().downcast_ref::<i32>().is_some());
    assert_eq!(
        select(erased).insert_after(5).map(|_| ()).unwrap_err().to_string(),
        "editing a tree: the root is one node, and inserting beside it gave 2 nodes\n  help: put a node that holds both in \
         its place"
    );
    assert_eq!(
        select(erased).remove_from_parent().map(|_| ()).unwrap_err().to_string(),
        "editing a tree: the root is one node and cannot be removed\n  help: put another node in its place"
    );
}

#[test]
fn inserted_nodes_are_found_again() {
    let tree = (vec![vec![1, 2], vec![3]], vec![4]);
    let ints = || select(&tree).at_instances_of::<i32>();
    let (new, paths) = ints().insert_after_and_select(0).unwrap();
    assert_eq!(new, (vec![vec![1, 0, 2, 0], vec![3, 0]], vec![4, 0]));
    assert_eq!(texts(Ok(paths)), ["[0][0][1]", "[0][0][3]", "[0][1][1]", "[1][1]"]);
    let (new, paths) = ints().pick_nth_selected([1, 3]).insert_before_and_select(0).unwrap();
    assert_eq!(new, (vec![vec![1, 0, 2], vec![3]], vec![0, 4]));
    assert_eq!(texts(Ok(paths)), ["[0][0][1]", "[1][0]"]);
    // A list in which one element gains a neighbour, and another one does inside.
    let mixed = select(&tree.0).at_several::<dyn PyTree, _>(|rows| vec![&rows[0], &rows[1][0]]);
    assert!(mixed.insert_before_and_select(vec![7]).is_err(), "a row is no number");
    let nested = vec![vec![vec![1]], vec![vec![2]]];
    let both = select(&nested).at_several::<dyn PyTree, _>(|rows| vec![&rows[0][0], &rows[1][0]]);
    let (new, paths) = both.insert_before_and_select(vec![7]).unwrap();
    assert_eq!(new, [vec![vec![7], vec![1]], vec![vec![7], vec![2]]]);
    assert_eq!(texts(Ok(paths)), ["[0][0]", "[1][0]"]);
    let none = ints().where_(|n| *n > 9).allow_empty().insert_after_and_select(0).unwrap();
    assert_eq!(none, (tree.clone(), vec![]));
    assert!(ints().where_(|n| *n > 9).insert_after_and_select(0).is_err());
}

#[test]
fn layers_that_were_inserted_in_slots_are_found_again() {
    use pz::nn::{AnyLayer, Identity, Residual, Sequential, Softmax};
    let softmax = || AnyLayer::new(Softmax::new(["x"]));
    let model = Sequential::new([softmax(), AnyLayer::new(Residual::new(Softmax::new(["x"])))]);
    let found = || select(&model).at_instances_of::<Softmax>();
    let (new, paths) = found().insert_before_and_select(Identity {}).unwrap();
    assert_eq!(texts(Ok(paths.clone())), [".sublayers[0]", ".sublayers[2].delta.sublayers[0]"]);
    assert_eq!(select(&new).at_keypaths(&paths).at_instances_of::<Identity>().count(), 2);
    let (new, paths) = found().insert_after_and_select(Identity {}).unwrap();
    assert_eq!(texts(Ok(paths.clone())), [".sublayers[1]", ".sublayers[2].delta.sublayers[1]"]);
    assert_eq!(select(&new).at_keypaths(&paths).at_instances_of::<Identity>().count(), 2);
    // A root that holds any layer.
    let root = softmax();
    let (new, paths) = select(&root).insert_after_and_select(Identity {}).unwrap();
    assert_eq!(texts(Ok(paths.clone())), [".sublayers[1]"]);
    assert_eq!(select(&new).at_keypaths(&paths).at_instances_of::<Identity>().count(), 1);
}

/// A family is seen as nodes of unknown types; each is selected in as it is.
#[test]
fn families_are_refined() {
    use pz::nn::{AnyLayer, Identity, Layer, Sequential, SideInputs, Softmax, Value, call_in_order};
    #[pytree_dataclass(is = Sequential)]
    struct Encoder {
        sublayers: Vec<AnyLayer>,
    }
    impl Layer for Encoder {
        fn call(&self, input: Value, side: &SideInputs) -> pz::Result<Value> {
            call_in_order(self, "sublayers", &self.sublayers, input, side)
        }
    }
    let some = || vec![AnyLayer::new(Identity {}), AnyLayer::new(Softmax::new(["x"]))];
    let model = vec![AnyLayer::new(Encoder { sublayers: some() }), AnyLayer::new(Sequential::new(some()))];
    let last = select(&model)
        .at_instances_of::<Sequential>()
        .refine(|node| select(node).at_instances_of::<Softmax>());
    assert_eq!(texts(last.get_keypaths()), ["[0].sublayers[1]", "[1].sublayers[1]"]);
}

#[test]
fn selection_get_and_by_path() {
    let tree = vec![1, 2];
    let error = select(&tree).at_instances_of::<i32>().get().unwrap_err().to_string();
    assert_eq!(
        error,
        "Selection::get: needs exactly one selected node, and 2 nodes are selected (at `[0]`, `[1]`)\n  help: narrow it \
         with `.where_(..)`, `.at(..)` or `.pick_nth_selected(..)`, or read all with `.get_sequence()`"
    );
    let by_path = select(&tree).at_instances_of::<i32>().get_by_path().unwrap();
    let by_path: Vec<_> = by_path.iter().map(|(path, value)| (path.to_string(), **value)).collect();
    assert_eq!(by_path, [("[0]".into(), 1), ("[1]".into(), 2)]);
}

#[test]
fn selection_set_and_set_sequence() {
    let tree = vec![1, 2, 3];
    let all = || select(&tree).at_instances_of::<i32>();
    assert_eq!(all().set(0).unwrap(), [0, 0, 0]);
    assert_eq!(all().set_sequence([4, 5, 6, 7]).unwrap(), [4, 5, 6], "what is left over is not used");
    assert_eq!(
        all().set_sequence([4, 5]).unwrap_err().to_string(),
        "Selection::set_sequence: 3 nodes are selected, and 2 were given: there is none for this\n  at: [2]"
    );
}

#[test]
fn selection_set_by_path_and_select_and_set_by_path() {
    let tree = (vec![1, 2], vec![3, 4]);
    let at = |list: usize, place: usize| path([PathKey::Index(list), PathKey::Index(place)]);
    let chosen = || select(&tree).at_several(|tree| vec![&tree.0[1], &tree.1[0]]);
    let set = chosen().set_by_path([(at(0, 1), 20), (at(1, 0), 30), (at(1, 1), 40)]).unwrap();
    assert_eq!(set, (vec![1, 20], vec![30, 4]));
    assert_eq!(
        chosen().set_by_path([(at(0, 1), 20)]).unwrap_err().to_string(),
        "Selection::set_by_path: the node is selected, and the given path is that of another\n  at: [1][0]\n  help: to \
         set only the given paths, select them: `.at_keypaths(..)`"
    );
    let relative = path([PathKey::Index(1)]);
    let both = select(&tree).at_children().select_and_set_by_path([(relative, 9), (at(5, 5), 0)]).unwrap();
    assert_eq!(both, (vec![1, 9], vec![3, 9]));
    let by_function = select(&tree)
        .at_instances_of::<i32>()
        .apply_with_keypath(|path, _| i32::try_from(path.len()).unwrap());
    assert_eq!(by_function.unwrap(), (vec![2, 2], vec![2, 2]));
}

#[test]
fn selection_apply_with_selected_index() {
    let tree = vec![10, 20];
    let edited = select(&tree).at_instances_of::<i32>().apply_with_selected_index(|i, n| n + i as i32);
    assert_eq!(edited.unwrap(), [10, 21]);
}

#[test]
fn selection_insert_remove_and_inline() {
    let tree = (vec![1, 2], vec![1]);
    let ones = || select(&tree).at_instances_of::<i32>().where_(|n| *n == 1);
    assert_eq!(ones().insert_before(0).unwrap(), (vec![0, 1, 2], vec![0, 1]));
    assert_eq!(ones().insert_after(0).unwrap(), (vec![1, 0, 2], vec![1, 0]));
    assert_eq!(ones().remove_from_parent().unwrap(), (vec![2], vec![]));
    assert_eq!(ones().apply_and_inline(|n| vec![*n; 3]).unwrap(), (vec![1, 1, 1, 2], vec![1, 1, 1]));
    assert_eq!(ones().apply_and_inline(|_| Vec::<i32>::new()).unwrap(), (vec![2], vec![]));
    let pair = (1, 2);
    assert_eq!(
        select(&pair).at(|pair| &pair.0).insert_after(5).unwrap_err().to_string(),
        "editing a tree: the field holds one `i32`, and was given 2: `i32`, `i32`\n  at: [0]\n  help: a field declared \
         as `AnyLayer` takes several layers (and nothing but layers) as a `Sequential`, a `Vec` takes them side by side"
    );
    assert_eq!(
        select(&pair).remove_from_parent().unwrap_err().to_string(),
        "editing a tree: the root is a `(i32, i32)` and cannot be removed\n  help: an edit keeps the root's type: \
         select on an `AnyLayer` that holds the model if its type is to change"
    );
}

#[test]
fn arrays_and_hash_maps_are_nodes_and_their_keys_are_sorted() {
    let map = std::collections::HashMap::from([("b".to_string(), [1, 2]), ("a".to_string(), [3, 4])]);
    let all = || select(&map).at_instances_of::<i32>();
    assert_eq!(texts(all().get_keypaths()), ["['a'][0]", "['a'][1]", "['b'][0]", "['b'][1]"]);
    assert_eq!(all().apply_with_selected_index(|i, _| i as i32).unwrap()["b"], [2, 3]);
    assert_eq!(
        all().pick_nth_selected(2).insert_after(0).unwrap_err().to_string(),
        "editing a tree: the array has exactly 2 elements, and the edit leaves 3\n  at: ['b']\n  help: declare the field \
         as `Vec` for a list that grows and shrinks"
    );
}

#[test]
fn entries_of_an_index_map_come_in_their_own_order() {
    let map = indexmap::IndexMap::from([("b".to_string(), 1), ("a".to_string(), 2)]);
    let all = || select(&map).at_instances_of::<i32>();
    assert_eq!(texts(all().get_keypaths()), ["['b']", "['a']"]);
    let edited = all().apply_with_selected_index(|index, n| n * 10 + index as i32).unwrap();
    assert_eq!(edited.into_iter().collect::<Vec<_>>(), [("b".to_string(), 10), ("a".to_string(), 21)]);
    let other = indexmap::IndexMap::from([("a".to_string(), 2), ("b".to_string(), 1)]);
    assert!(!pz::tree::same_structure(&map, &other), "the order is structure");
}

#[test]
fn texts_are_structure() {
    let tree = (vec!["foo".to_string(), "bar".to_string()], "baz", 1);
    assert_eq!(texts(select(&tree).at_instances_of::<String>().get_keypaths()), ["[0][0]", "[0][1]"]);
    assert_eq!(select(&tree).at_pytree_leaves().count(), 1, "a text is no leaf");
    assert_eq!(select(&tree).at_childless().count(), 4);
    assert_eq!(texts(select(&tree).at_equal_to(&"bar".to_string()).get_keypaths()), ["[0][1]"]);
    let edited = select(&tree).at_instances_of::<String>().apply(|text| text.to_uppercase()).unwrap();
    assert_eq!(edited, (vec!["FOO".to_string(), "BAR".to_string()], "baz", 1));
    assert_eq!(
        pz::tree::diff(&tree, &edited).unwrap().to_string(),
        "root[0][0]: \"foo\" against \"FOO\"\nroot[0][1]: \"bar\" against \"BAR\""
    );
    assert_ne!(pz::tree::structure_hash(&tree), pz::tree::structure_hash(&edited));
    assert_eq!(pz::treescope::render_text(&tree), r#"(["foo", "bar"], "baz", 1)"#);
}

#[test]
fn edits_do_not_touch_the_tree_that_was_selected() {
    let tree = Bar { z: 0, foo: Foo { x: 1, y: 2 } };
    let edited = select(&tree).at_instances_of::<i32>().set(9).unwrap();
    assert!(equal(&tree, &Bar { z: 0, foo: Foo { x: 1, y: 2 } }).unwrap());
    assert!(edited == Bar { z: 9, foo: Foo { x: 9, y: 9 } });
}
