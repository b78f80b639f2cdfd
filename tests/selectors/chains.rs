//! Random chains of calls on random trees, and what Penzai makes of them: `tests/fixtures/families/chains.py`.

use pz::path::{KeyPath, PathKey};
use pz::tree::select::Refinement;
use pz::tree::{Node, PyTree};
use pz::{Result, Selection, select};
use serde_json::{Value, json};

use super::any::{Any, Bar, Dict, Foo, List, decode, decode_shared, encode};
use super::fixture::{cases, text};

type Nodes<'r> = Selection<'r, Any, dyn PyTree>;

/// An expression in which a type is that of a name.
macro_rules! of_type {
    ($name:expr, $type:ident, $then:expr) => {
        match text($name) {
            "int" => {
                type $type = i32;
                $then
            }
            "float" => {
                type $type = f64;
                $then
            }
            "list" => {
                type $type = List;
                $then
            }
            "dict" => {
                type $type = Dict;
                $then
            }
            "Foo" => {
                type $type = Foo;
                $then
            }
            "Bar" => {
                type $type = Bar;
                $then
            }
            other => panic!("no such type: {other}"),
        }
    };
}

/// Whether a node is of a type that has a name in the fixtures. (A tuple of some types asks for one of them: a pair is no
/// type to look for.)
fn is_of(node: &dyn PyTree, kinds: &[Value]) -> bool {
    let kind = match node.info().type_name {
        "i32" => "int",
        "f64" => "float",
        "Vec" => "list",
        "BTreeMap" => "dict",
        "()" => "tuple",
        other => other,
    };
    kinds.iter().any(|wanted| text(wanted) == kind)
}

fn number(value: &Value) -> usize {
    value.as_u64().expect("a number") as usize
}

fn key(key: &Value) -> PathKey {
    match (key["attr"].as_str(), key["entry"].as_str()) {
        (Some(name), _) => PathKey::Attr(name.to_owned().into()),
        (_, Some(name)) => PathKey::entry(name.to_owned()),
        _ => PathKey::Index(number(key)),
    }
}

fn within<'r>(node: &'r dyn PyTree, what: &str) -> Refinement<'r, dyn PyTree> {
    match what {
        "first child" => select(node).at_children().pick_nth_selected(0).into(),
        "leaves" => select(node).at_pytree_leaves().into(),
        "itself" => select(node).into(),
        "lists" => select(node).at_instances_of::<(List,)>().into(),
        other => panic!("no such selection: {other}"),
    }
}

/// The selection after the first calls of a chain.
fn chained<'r>(root: &'r Any, chain: &[Value]) -> Nodes<'r> {
    let Some((step, before)) = chain.split_last() else {
        return select(root).at_subtrees_where(|path, _| path.is_empty()).allow_empty();
    };
    let selection = chained(root, before);
    let with_children = |selection: Nodes<'r>| selection.where_(|node| !node.children().is_empty());
    let kinds = || step[1].as_array().expect("kinds").as_slice();
    let has_pairs = || kinds().iter().any(|kind| text(kind) == "tuple");
    match text(&step[0]) {
        "leaves" => selection.at_pytree_leaves(),
        "childless" => selection.at_childless(),
        "children" => selection.at_children(),
        "instances" if has_pairs() => selection.at_subtrees_where(|_, node| is_of(node, kinds())),
        "innermost" if has_pairs() => selection.at_innermost_subtrees_where(|_, node| is_of(node, kinds())),
        "instances" => match kinds() {
            [one, two] => of_type!(one, A, of_type!(two, B, selection.at_instances_of::<(A, B)>())),
            [one, ..] => of_type!(one, A, selection.at_instances_of::<(A,)>()),
            [] => panic!("a type is asked for"),
        },
        "innermost" => match kinds() {
            [one, two] => of_type!(one, A, of_type!(two, B, selection.at_innermost_instances_of::<(A, B)>())),
            [one, ..] => of_type!(one, A, selection.at_innermost_instances_of::<(A,)>()),
            [] => panic!("a type is asked for"),
        },
        "where path" => selection.where_with_keypath(|path, _| path.len() % 3 != number(&step[1])),
        "where children" => selection.where_(|node| node.children().len() >= number(&step[1])),
        "subtrees" => {
            let (absolute, innermost) = (step[2] == json!(true), step[3] == json!(true));
            let matches = |path: &KeyPath, node: &dyn PyTree| {
                path.len() == number(&step[1]) && !(innermost && node.is_leaf())
            };
            match (absolute, innermost) {
                (false, false) => selection.at_subtrees_where(matches),
                (false, true) => selection.at_innermost_subtrees_where(matches),
                (true, false) => selection.at_subtrees_where_absolute(matches),
                (true, true) => selection.at_innermost_subtrees_where_absolute(matches),
            }
        }
        "pick" => {
            let one = |number: &Value| number.as_i64().expect("a number") as isize;
            match step[1].as_array() {
                Some(several) => selection.pick_nth_selected(several.iter().map(one).collect::<Vec<_>>()),
                None => selection.pick_nth_selected(one(&step[1])),
            }
        }
        "invert" => selection.invert(),
        "paths" => {
            let paths = step[1].as_array().expect("paths").iter();
            let paths: Vec<KeyPath> =
                paths.map(|path| path.as_array().expect("keys").iter().map(key).collect()).collect();
            selection.at_keypaths(&paths)
        }
        "equal" => selection.at_equal_to(&(number(&step[1]) as i32)),
        "at" => with_children(selection).at(|node| *node.children().last().expect("there are children")),
        "at several" => with_children(selection)
            .at_several(|node| node.children().into_iter().step_by(2).rev().collect::<Vec<_>>()),
        "refine" => selection.refine(|node| within(node, text(&step[1]))),
        "flatten" => {
            let nodes = chained(root, before).get_sequence().expect("the chain holds");
            let inside = nodes.into_iter().map(|node| within(node, text(&step[1])));
            selection.flatten_selected_selections(inside)
        }
        other => panic!("no such call: {other}"),
    }
}

fn tree(tree: &Any) -> Value {
    json!({ "result": encode(tree.as_node()) })
}

fn texts(paths: &[KeyPath]) -> Value {
    paths.iter().map(KeyPath::to_string).collect()
}

/// `[number, node]`.
fn with_number(number: usize, node: &dyn PyTree) -> List {
    let node = Any::from_node(node.clone_node()).unwrap_or_else(|_| panic!("it holds any node"));
    vec![Any::new(number as i32), node]
}

fn ended(root: &Any, chain: &[Value], end: &str) -> Result<Value> {
    let selection = chained(root, chain);
    let seven = || Bar { z: Any::new(7) };
    let selected = |(edited, paths): (Any, Vec<KeyPath>)| {
        let inserted = select(&edited).at_keypaths(&paths).at_instances_of::<Bar>();
        assert_eq!(inserted.count(), paths.len(), "the paths lead to what was inserted");
        json!({ "result": encode(edited.as_node()), "paths": texts(&paths) })
    };
    Ok(match end {
        "paths" => json!({ "paths": texts(&selection.get_keypaths()?) }),
        "get" => json!({ "result": encode(selection.get()?) }),
        "set" => tree(&selection.set(decode(&json!({ "Foo": [1, { "list": [2] }] })))?),
        "by index" => tree(&selection.apply_with_selected_index(with_number)?),
        "by path" => tree(&selection.apply_with_keypath(|path, node| with_number(path.len(), node))?),
        "sequence" => tree(&selection.set_sequence(100..300)?),
        "set by path" => {
            let paths = chained(root, chain).get_keypaths()?;
            tree(&selection.set_by_path(paths.into_iter().map(|path| {
                let length = path.len() as i32;
                (path, length)
            }))?)
        }
        "relative" => {
            let key = |keys: &[PathKey], value: i32| (keys.iter().cloned().collect::<KeyPath>(), value);
            tree(&selection.select_and_set_by_path([
                key(&[PathKey::Index(0)], 77),
                key(&[PathKey::attr("y")], 78),
                key(&[PathKey::entry("a")], 79),
                key(&[PathKey::Index(1), PathKey::Index(0)], 80),
            ])?)
        }
        "before" => tree(&selection.insert_before(seven())?),
        "after" => tree(&selection.insert_after(seven())?),
        "before, selected" => selected(selection.insert_before_and_select(seven())?),
        "after, selected" => selected(selection.insert_after_and_select(seven())?),
        "inline" => tree(&selection.apply_and_inline_with_keypath(|path, node| {
            (0..path.len() % 3).map(|_| node.clone_node()).collect::<Vec<Node>>()
        })?),
        "remove" => tree(&selection.remove_from_parent()?),
        "partition" => json!({ "result": encode(selection.partition()?.0.as_node()) }),
        "rest" => json!({ "result": encode(selection.partition()?.1.as_node()) }),
        "partition at leaves" => json!({ "result": encode(selection.partition_at_leaves()?.0.as_node()) }),
        "rest at leaves" => json!({ "result": encode(selection.partition_at_leaves()?.1.as_node()) }),
        "deselect" => tree(&selection.deselect()?),
        other => panic!("no such end: {other}"),
    })
}

#[test]
fn chains_of_calls_do_what_those_of_penzai_do() {
    let (mut wrong, mut refused, mut compared) = (Vec::new(), 0, 0);
    for case in cases("chains") {
        let chain = case["chain"].as_array().expect("calls");
        for root in [decode(&case["tree"]), decode_shared(&case["tree"])] {
            let found = ended(&root, chain, text(&case["end"]));
            let is_refused = case["refused"] == json!(true);
            refused += usize::from(is_refused);
            compared += 1;
            let is_right = match &found {
                Err(_) => is_refused,
                Ok(found) => {
                    let mut found = found.as_object().expect("a result").iter();
                    !is_refused && found.all(|(key, value)| *value == case[key])
                }
            };
            if !is_right {
                wrong.push(format!("{case}\n  found {found:?}"));
            }
        }
    }
    assert!(compared > 2000 && refused > 100, "{compared} compared, {refused} of them refused");
    assert!(
        wrong.is_empty(),
        "{} of {compared} are wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
}
