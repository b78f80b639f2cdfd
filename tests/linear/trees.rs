//! What needs no selection, and patterns of shapes.

use std::collections::BTreeMap;

use pz::chk::{
    ArraySpec, as_array_structure, check_structure, full_substitute_dimension_variables,
    get_dimension_variables, var,
};
use pz::nn::{AnyLayer, Layer, SideInputs, Value};
use pz::tree::{
    Walk, count, diff, equal, find, flatten, flatten_exactly_one_level, leaves, map, map_upwards,
    same_structure, structure_hash, visit, zip,
};
use pz::treescope::{render_line, render_text};
use pz::{DType, NamedArray, combine, pretty_keystr, pytree_dataclass, select};

use super::{Deep, MANY, bottom, deep, deep_with, mark, walk, wide};

#[test]
fn functions_of_deep_trees() {
    let tree = deep();
    let other = deep_with(|_| -1.0);
    let longer = AnyLayer::new(Deep { by: 0.0, inner: deep() });
    let nodes = 2 * MANY + 2;
    let path = select(&tree).at(|tree| bottom(tree)).get_keypaths().unwrap().swap_remove(0);
    walk(
        &tree,
        &[
            ("count", nodes, &|tree| Ok(count(tree))),
            ("leaves", MANY + 1, &|tree| Ok(leaves(tree).len())),
            ("visit", MANY + 1, &|tree| {
                let mut longest = 0;
                visit(tree, |path, _| {
                    longest = longest.max(path.len());
                    Walk::Enter
                });
                Ok(longest)
            }),
            ("find", 1, &|tree| Ok(find(tree, &path).is_some().into())),
            ("pretty_keystr", MANY, &|tree| Ok(pretty_keystr(&path, tree).matches("Deep.inner").count())),
            ("flatten_exactly_one_level", 2, &|tree| {
                Ok(flatten_exactly_one_level(tree).map_or(0, |level| level.len()))
            }),
            ("flatten", nodes, &|tree| {
                let (leaves, structure) = flatten(tree);
                Ok(count(&structure.unflatten(leaves)?))
            }),
            ("map", nodes, &|tree| Ok(count(&map(tree, |_| Ok(1.0_f32))?))),
            ("map_upwards", nodes, &|tree| {
                Ok(count(&map_upwards(tree, |node| Ok(node.downcast_ref::<f32>().map(|by| by + 1.0)))?))
            }),
            ("zip", nodes, &|tree| Ok(count(&zip(tree, &other, |_, _| Ok(1.0_f32))?))),
            ("zip of trees that differ", 1, &|tree| {
                Ok(zip(tree, &longer, |_, _| Ok(1.0_f32)).is_err().into())
            }),
            ("equal", 1, &|tree| Ok(equal(tree, &deep())?.into())),
            ("same_structure", 1, &|tree| Ok(same_structure(tree, &other).into())),
            ("structure_hash", 1, &|tree| Ok((structure_hash(tree) == structure_hash(&other)).into())),
            ("diff", MANY, &|tree| Ok(diff(tree, &other)?.differences.len())),
            ("a diff as text", 1, &|tree| {
                Ok(diff(tree, &other)?.to_string().ends_with("deeper in the trees than can be told").into())
            }),
            ("render_text", 1, &|tree| Ok(render_text(tree).contains("parts below").into())),
            ("render_line", 1, &|tree| Ok(render_line(tree).contains("Deep(").into())),
            ("Debug", 1, &|tree| Ok(format!("{:?}", tree.downcast_ref::<Deep>()).contains("Deep(").into())),
            ("as_array_structure", MANY + 1, &|tree| {
                let structure = as_array_structure(tree)?;
                Ok(select(&structure).at_instances_of::<ArraySpec>().count())
            }),
            ("clone and drop", 1, &|tree| Ok(usize::from(tree.clone().downcast_ref::<Deep>().is_some()))),
        ],
    );
}

#[test]
fn functions_of_wide_trees() {
    let tree = wide();
    let nodes = 4 + 4 * MANY;
    let other = map(&tree, |_| Ok(-1.0_f32)).unwrap();
    let mut shorter = tree.clone();
    shorter.layers.pop();
    let path = select(&tree).at(|tree| &tree.map["099999"]).get_keypaths().unwrap().swap_remove(0);
    walk(
        &tree,
        &[
            ("count", nodes, &|tree| Ok(count(tree))),
            ("leaves", 3 * MANY, &|tree| Ok(leaves(tree).len())),
            ("visit", nodes, &|tree| {
                let mut steps = 0;
                visit(tree, |path, _| {
                    steps += path.len().min(1);
                    Walk::Enter
                });
                Ok(steps + 1)
            }),
            ("find", 1, &|tree| Ok(find(tree, &path).is_some().into())),
            ("pretty_keystr", 1, &|tree| Ok((pretty_keystr(&path, tree) == "Wide.map['099999']").into())),
            ("flatten_exactly_one_level", MANY, &|tree| {
                Ok(flatten_exactly_one_level(&tree.map).map_or(0, |level| level.len()))
            }),
            ("flatten", nodes, &|tree| {
                let (leaves, structure) = flatten(tree);
                Ok(count(&structure.unflatten(leaves)?))
            }),
            ("map", nodes, &|tree| Ok(count(&map(tree, |_| Ok(1.0_f32))?))),
            ("map_upwards", nodes, &|tree| {
                Ok(count(&map_upwards(tree, |node| Ok(node.downcast_ref::<f32>().map(|by| by + 1.0)))?))
            }),
            ("zip", nodes, &|tree| Ok(count(&zip(tree, &other, |_, _| Ok(1.0_f32))?))),
            ("zip of trees that differ", 1, &|tree| {
                Ok(zip(tree, &shorter, |_, _| Ok(1.0_f32)).is_err().into())
            }),
            ("equal", 1, &|tree| Ok(equal(tree, &tree.clone())?.into())),
            ("same_structure", 1, &|tree| Ok(same_structure(tree, &other).into())),
            ("structure_hash", 1, &|tree| Ok((structure_hash(tree) == structure_hash(&other)).into())),
            ("diff", 3 * MANY, &|tree| Ok(diff(tree, &other)?.differences.len())),
            ("a diff as text", 3 * MANY, &|tree| Ok(diff(tree, &other)?.to_string().lines().count())),
            ("render_text", 1, &|tree| Ok(render_text(tree).contains("99999").into())),
            ("render_line", 1, &|tree| Ok(render_line(tree).contains("99999").into())),
            ("as_array_structure", 3 * MANY, &|tree| {
                let structure = as_array_structure(tree)?;
                Ok(select(&structure).at_instances_of::<ArraySpec>().count())
            }),
        ],
    );
}

/// A level that holds the next one itself. Cloning and dropping are loops, as the page of `#[pytree_dataclass]` says.
#[pytree_dataclass]
#[pytree(own_clone)]
struct Chain {
    by: f32,
    next: Option<Box<Chain>>,
}

impl Clone for Chain {
    fn clone(&self) -> Self {
        let levels = std::iter::successors(self.next.as_deref(), |level| level.next.as_deref());
        let numbers: Vec<f32> = levels.map(|level| level.by).collect();
        Chain { by: self.by, next: chain(numbers) }
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut level) = next {
            next = level.next.take();
        }
    }
}

/// The levels that hold these numbers, the first at the top.
fn chain(numbers: Vec<f32>) -> Option<Box<Chain>> {
    numbers.into_iter().rev().fold(None, |next, by| Some(Box::new(Chain { by, next })))
}

#[test]
fn functions_of_deep_trees_of_boxes() {
    let tree = chain((0..MANY).map(|level| level as f32).collect()).expect("some levels");
    let nodes = 2 * MANY + 1;
    walk(
        &*tree,
        &[
            ("count", nodes, &|tree| Ok(count(tree))),
            ("at_pytree_leaves", MANY, &|tree| Ok(select(tree).at_pytree_leaves().get_keypaths()?.len())),
            ("invert", MANY - 1, &|tree| {
                let others = select(tree).at_pytree_leaves().pick_nth_selected(0).invert();
                Ok(others.at_pytree_leaves().count())
            }),
            ("an edit at the top", nodes, &|tree| {
                Ok(count(&select(tree).at(|tree| &tree.by).set(-1.0_f32)?))
            }),
            ("an edit that does not fit", 1, &|tree| {
                // The levels below are made anew before the one at the top refuses.
                let ends = select(tree).at_instances_of::<f32>().apply_with_selected_index(|index, by| {
                    let node: pz::tree::Node = if index == 0 { Box::new(true) } else { Box::new(*by) };
                    node
                });
                Ok(ends.is_err().into())
            }),
            ("remove_from_parent", 3, &|tree| {
                Ok(count(&select(tree).at(|tree| &tree.next).remove_from_parent()?))
            }),
            ("flatten", nodes, &|tree| {
                let (leaves, structure) = flatten(tree);
                Ok(count(&structure.unflatten(leaves)?))
            }),
            ("map", nodes, &|tree| Ok(count(&map(tree, |_| Ok(1.0_f32))?))),
            ("map_upwards", nodes, &|tree| {
                Ok(count(&map_upwards(tree, |node| Ok(node.downcast_ref::<f32>().map(|by| by + 1.0)))?))
            }),
            ("diff", MANY, &|tree| {
                let other = map(tree, |_| Ok(-1.0_f32))?;
                Ok(diff(tree, &other)?.differences.len())
            }),
            ("equal", 1, &|tree| Ok(equal(tree, &tree.clone())?.into())),
            ("structure_hash", 1, &|tree| Ok((structure_hash(tree) == structure_hash(&tree.clone())).into())),
            ("render_text", 1, &|tree| Ok(render_text(tree).contains("parts below").into())),
            ("deselect", nodes, &|tree| Ok(count(&select(tree).at_pytree_leaves().deselect()?))),
            ("a part of leaves", nodes, &|tree| {
                let (chosen, rest) = select(tree).at_pytree_leaves().partition()?;
                Ok(count(&combine([&rest, &chosen])?))
            }),
            ("a part from the middle", nodes, &|tree| {
                let middle = std::iter::successors(Some(tree), |level| level.next.as_deref()).nth(MANY / 2);
                let middle = middle.expect("some levels").by;
                let half = select(tree).at_instances_of::<f32>().where_(|by| *by == middle);
                let (chosen, rest) = half.partition()?;
                Ok(count(&combine([&chosen, &rest])?))
            }),
            ("a part at the leaves", nodes, &|tree| {
                let (chosen, rest) = select(tree).at(|tree| &tree.by).partition_at_leaves()?;
                Ok(count(&combine([&chosen, &rest])?))
            }),
        ],
    );
}

/// A level of a tree of arrays, or of patterns for them.
#[pytree_dataclass]
#[pytree(layer)]
struct Level<T: pz::PyTree + Clone> {
    inner: AnyLayer,
    array: T,
}

impl<T: pz::PyTree + Clone> Layer for Level<T> {
    fn call(&self, input: Value, _: &SideInputs) -> pz::Result<Value> {
        Ok(input)
    }
}

fn levels<T: pz::PyTree + Clone>(array: T) -> AnyLayer {
    (0..MANY).fold(mark(0.0), |inner, _| AnyLayer::new(Level { inner, array: array.clone() }))
}

/// An array with one positional axis.
fn array(size: usize) -> NamedArray {
    NamedArray::zeros([("only", size)], DType::F32).and_then(|array| array.untag(["only"])).unwrap()
}

#[test]
fn patterns_of_deep_trees() {
    let value = levels(array(2));
    let sized = |spec: ArraySpec| levels(spec);
    let x = || ArraySpec::new().dim(var("x"));
    // The deepest array is looked at first, so that all others refer to a place with a long path.
    let mut other = array(3);
    let wrong = (0..MANY).fold(mark(0.0), |inner, level| {
        let array = if level == 0 { std::mem::replace(&mut other, array(2)) } else { other.clone() };
        AnyLayer::new(Level { inner, array })
    });
    walk(
        &value,
        &[
            ("check_structure", 2, &|value| check_structure(value, &sized(x())).expect("matches").size("x")),
            ("check_structure of what differs", 1, &|value| {
                let text = check_structure(value, &sized(ArraySpec::new().dim(7))).unwrap_err().to_string();
                Ok(text.contains("more mismatches are deeper").into())
            }),
            ("check_structure against the deepest", 1, &|_| {
                let text = check_structure(&wrong, &sized(x())).unwrap_err().to_string();
                Ok(text.contains("does not match previous size 3").into())
            }),
            ("check_structure with several axes", 1, &|value| {
                let found =
                    check_structure(value, &sized(ArraySpec::new().rest(var("s").rest()))).expect("matches");
                Ok(found.sizes("s")?.len())
            }),
            ("check_structure that cannot be solved", 1, &|value| {
                let two_rests = ArraySpec::new().rest(var("s").rest()).rest(var("t").rest());
                let text = check_structure(value, &sized(two_rests)).unwrap_err().to_string();
                Ok(text.ends_with("more, deeper in the tree than can be told").into())
            }),
            ("get_dimension_variables", 1, &|_| {
                Ok(get_dimension_variables(&sized(x()))?.size_variables.len())
            }),
            ("full_substitute_dimension_variables", MANY, &|_| {
                let pattern = sized(x());
                let variables = get_dimension_variables(&pattern)?;
                let same = full_substitute_dimension_variables(&pattern, &variables)?;
                Ok(select(&same).at_instances_of::<ArraySpec>().count())
            }),
            ("full_substitute_dimension_variables without any", 1, &|_| {
                Ok(full_substitute_dimension_variables(&sized(x()), &Default::default()).is_err().into())
            }),
        ],
    );
}

/// Parts keep each node on the way as a pattern, and these must not have the maps of the others in them.
#[test]
fn a_part_beside_a_large_map() {
    let large: BTreeMap<String, f32> = (0..MANY).map(|place| (format!("{place:06}"), 0.0)).collect();
    let small = || BTreeMap::from([("a".to_owned(), 1.0_f32)]);
    let tree: Vec<(BTreeMap<String, f32>, bool)> =
        std::iter::once((large, true)).chain((0..MANY).map(|_| (small(), true))).collect();
    let nodes = count(&tree);
    walk(
        &tree,
        &[("a part", nodes, &|tree| {
            let (chosen, rest) = select(tree).at_instances_of::<bool>().partition()?;
            Ok(count(&combine([&chosen, &rest])?))
        })],
    );
}

/// Each pattern waits for the one behind it.
#[test]
fn patterns_that_are_solved_from_the_last() {
    let rest = |place: usize| var(format!("v{place}")).rest();
    let mut patterns: Vec<ArraySpec> =
        (0..MANY).map(|place| ArraySpec::new().rest(rest(place)).rest(rest(place + 1))).collect();
    patterns.push(ArraySpec::new().rest(rest(MANY)));
    let square =
        NamedArray::zeros([("a", 2), ("b", 2)], DType::F32).and_then(|it| it.untag(["a", "b"])).unwrap();
    let mut values = vec![square; MANY];
    values.push(array(2));
    walk(
        &values,
        &[("check_structure", 1, &|values| {
            Ok(check_structure(values, &patterns).expect("matches").sizes("v0")?.len())
        })],
    );
}
