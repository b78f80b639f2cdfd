//! Random trees, and what Penzai selects in them and makes of them: `tests/fixtures/families/trees.py`.

use pz::path::{KeyPath, PathKey};
use pz::tree::select::Refinement;
use pz::tree::{PyTree, Tree, find};
use pz::{Partition, Result, Selection, combine, select};
use serde_json::{Value, json};

use super::any::{Any, Bar, Foo, List, decode, encode};
use super::fixture::cases;

fn paths(selection: Selection<'_, Any, impl Tree + ?Sized>) -> Result<Value> {
    let paths: Vec<_> = selection.get_keypaths()?.iter().map(KeyPath::to_string).collect();
    Ok(json!({ "paths": paths }))
}

fn tree(tree: &impl PyTree) -> Value {
    json!({ "tree": encode(tree.as_tree()) })
}

fn is_container(node: &dyn PyTree) -> bool {
    ["Vec", "BTreeMap", "tuple", "Foo", "Bar"].contains(&node.info().type_name)
}

fn refine<'r>(node: &'r dyn PyTree) -> Refinement<'r, dyn PyTree> {
    match (node.downcast_ref::<Foo>(), node.downcast_ref::<Bar>()) {
        (Some(pair), _) => select(pair).at(|pair| &pair.y).at_subtrees_where(|_, _| true).into(),
        (_, Some(_)) => ints_in(node),
        _ => panic!("a struct is a Foo or a Bar"),
    }
}

fn ints_in(tree: &dyn PyTree) -> Refinement<'_, dyn PyTree> {
    select(tree).at_instances_of::<(i32,)>().into()
}

fn nested(node: &dyn PyTree) -> Refinement<'_, dyn PyTree> {
    select(node).at_children().refine(|node| select(node).at_childless()).into()
}

fn parts(root: &Any, at_leaves: bool) -> Result<(Partition<Any>, Partition<Any>)> {
    let some = select(root).at_instances_of::<(Foo, List)>();
    if at_leaves { some.partition_at_leaves() } else { some.partition() }
}

fn run(name: &str, root: &Any, wanted: &Value) -> Result<Value> {
    let ints = || select(root).at_instances_of::<i32>();
    let odd = || ints().where_(|n| n % 2 == 1);
    let structs = || select(root).at_instances_of::<(Foo, Bar)>();
    let children = || select(root).at_children();
    let in_lists = || {
        let lists = select(root).at_subtrees_where(|path, node| {
            let mut above = path.clone();
            above.pop();
            let parent = find(root, &above).expect("the path is there");
            !path.is_empty()
                && node.downcast_ref::<i32>().is_some()
                && parent.downcast_ref::<List>().is_some()
        });
        lists.at_instances_of::<i32>().allow_empty()
    };
    match name {
        "leaves" => paths(select(root).at_pytree_leaves()),
        "childless" => paths(select(root).at_childless()),
        "children" => paths(children()),
        "grandchildren" => paths(children().at_children()),
        "ints" => paths(ints()),
        "lists" => paths(select(root).at_instances_of::<List>()),
        "structs" => paths(structs()),
        "innermost lists" => paths(select(root).at_innermost_instances_of::<List>()),
        "innermost structs" => paths(select(root).at_innermost_instances_of::<(Foo, Bar)>()),
        "innermost containers" => {
            paths(select(root).at_innermost_subtrees_where(|_, node| is_container(node)))
        }
        "innermost deep" => paths(select(root).at_innermost_subtrees_where(|path, node| {
            !path.is_empty() && ["Vec", "BTreeMap", "Foo"].contains(&node.info().type_name)
        })),
        "children, relative depth 1" => paths(children().at_subtrees_where(|path, _| path.len() == 1)),
        "children, absolute depth 2" => {
            paths(children().at_subtrees_where_absolute(|path, _| path.len() == 2))
        }
        "equal to 3" => paths(select(root).at_equal_to(&3)),
        "odd ints" => paths(odd()),
        "ints by path" => paths(ints().where_with_keypath(|path, _| path.len() % 2 == 1)),
        "first and third" => paths(ints().pick_nth_selected([0, 2])),
        "others than odd" => paths(odd().invert()),
        "others than structs" => paths(structs().invert()),
        "others than structs, twice" => paths(structs().invert().invert()),
        "refined structs" => paths(structs().refine(refine)),
        "flattened" => {
            paths(children().flatten_selected_selections(children().get_sequence()?.into_iter().map(ints_in)))
        }
        "nested flattened" => paths(children().refine(nested)),
        "ints set" => Ok(tree(&ints().allow_empty().set(9.5)?)),
        "ints by index" => {
            Ok(tree(&ints().allow_empty().apply_with_selected_index(|i, n| 100 * i as i32 + n)?))
        }
        "ints by their paths" => {
            Ok(tree(&ints().allow_empty().apply_with_keypath(|path, n| path.len() as i32 * 10 + n)?))
        }
        "sequence" => Ok(tree(&ints().allow_empty().set_sequence(50..150)?)),
        "relative" => {
            let new = [(PathKey::Index(0), 77), (PathKey::attr("y"), 78), (PathKey::entry("a"), 79)];
            let new = new.map(|(key, value)| (KeyPath::from_iter([key]), value));
            Ok(tree(&children().allow_empty().select_and_set_by_path(new)?))
        }
        "inserted before" => Ok(tree(&in_lists().insert_before(7)?)),
        "inserted after" => Ok(tree(&in_lists().insert_after(7)?)),
        "removed" => Ok(tree(&in_lists().remove_from_parent()?)),
        "inlined" => Ok(tree(&in_lists().apply_and_inline(|n| vec![*n; *n as usize])?)),
        "partition" => Ok(tree(&parts(root, false)?.0)),
        "rest" => Ok(tree(&parts(root, false)?.1)),
        "partition at leaves" => Ok(tree(&parts(root, true)?.0)),
        "rest at leaves" => Ok(tree(&parts(root, true)?.1)),
        "at paths" => {
            let key = |key: &Value| match (key["attr"].as_str(), key["entry"].as_str()) {
                (Some(name), _) => PathKey::Attr(name.to_owned().into()),
                (_, Some(name)) => PathKey::entry(name.to_owned()),
                _ => PathKey::Index(key.as_u64().expect("a place") as usize),
            };
            let given = wanted["wanted"].as_array().expect("paths");
            let given: Vec<KeyPath> =
                given.iter().map(|path| path.as_array().expect("keys").iter().map(key).collect()).collect();
            let mut found = paths(select(root).at_keypaths(&given))?;
            found["wanted"] = wanted["wanted"].clone();
            Ok(found)
        }
        other => panic!("no such operation: {other}"),
    }
}

#[test]
fn selections_and_edits_are_those_of_penzai() -> Result<()> {
    let (mut compared, mut empty) = (0, 0);
    for case in cases("trees") {
        let root = decode(&case["tree"]);
        assert_eq!(encode(root.as_tree()), case["tree"], "the tree is read as it was written");
        for (name, wanted) in case["operations"].as_object().expect("operations") {
            assert_eq!(&run(name, &root, wanted)?, wanted, "{name} in {}", case["tree"]);
            compared += 1;
            empty += usize::from(*wanted == json!({ "paths": [] }));
        }
        for at_leaves in [false, true] {
            let (some, rest) = parts(&root, at_leaves)?;
            assert_eq!(tree(&combine([&some, &rest])?), tree(&root));
            assert_eq!(tree(&combine([&rest, &some])?), tree(&root));
        }
    }
    assert!(
        compared > 1000 && empty * 3 < compared,
        "{compared} results were compared, of which {empty} are of nothing"
    );
    Ok(())
}
