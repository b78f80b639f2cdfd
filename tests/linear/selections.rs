//! What selects and what reads.

use pz::path::KeyPath;
use pz::tree::{PyTree, TypedKeyPath};
use pz::{Struct, select};

use super::{Deep, MANY, Mark, Wide, bottom, deep, mark, numbers, walk, wide};

#[test]
fn selections_of_a_deep_tree() {
    let tree = deep();
    let half = select(&tree).at_subtrees_where(|path, _| path.len() == MANY / 2).get_sequence().unwrap()[1];
    walk(
        &tree,
        &[
            ("at_pytree_leaves", MANY + 1, &|tree| Ok(select(tree).at_pytree_leaves().count())),
            ("at_childless", MANY + 1, &|tree| Ok(select(tree).at_childless().count())),
            ("at_children", 2, &|tree| Ok(select(tree).at_children().count())),
            ("at_instances_of", MANY + 1, &|tree| Ok(select(tree).at_instances_of::<f32>().count())),
            ("at_instances_of two types", MANY + 1, &|tree| {
                Ok(select(tree).at_instances_of::<(f32, bool)>().count())
            }),
            ("at_innermost_instances_of", 1, &|tree| {
                Ok(select(tree).at_innermost_instances_of::<Deep>().count())
            }),
            ("at_subtrees_where", 2, &|tree| {
                Ok(select(tree).at_subtrees_where(|path, _| path.len() == MANY).count())
            }),
            ("at_subtrees_where_absolute", 2, &|tree| {
                let inside = select(tree).at_children();
                Ok(inside.at_subtrees_where_absolute(|path, _| path.len() == MANY / 2).count())
            }),
            ("at_innermost_subtrees_where", 2, &|tree| {
                Ok(select(tree).at_innermost_subtrees_where(|path, _| path.len() <= 1).count())
            }),
            ("at_innermost_subtrees_where_absolute", 3, &|tree| {
                let inside = select(tree).at_children();
                Ok(inside.at_innermost_subtrees_where_absolute(|path, _| path.len() <= 2).count())
            }),
            ("at_equal_to", 1, &|tree| Ok(select(tree).at_equal_to(half).count())),
            ("at", MANY, &|tree| Ok(select(tree).at(|tree| bottom(tree)).get_keypaths()?[0].len())),
            ("at_several", MANY + 1, &|tree| Ok(select(tree).at_several(numbers).count())),
            ("at_keypaths of all", MANY + 1, &|tree| {
                let paths = select(tree).at_pytree_leaves().get_keypaths()?;
                Ok(select(tree).at_keypaths(&paths).count())
            }),
            ("where_", MANY / 2, &|tree| {
                Ok(select(tree).at_instances_of::<f32>().where_(|by| *by % 2.0 == 1.0).count())
            }),
            ("where_with_keypath", MANY / 2, &|tree| {
                let leaves = select(tree).at_pytree_leaves();
                Ok(leaves.where_with_keypath(|path, _| path.len() % 2 == 0).count())
            }),
            ("refine", MANY, &|tree| {
                let top = tree.downcast_ref::<Deep>().expect("a chain");
                Ok(select(top).at(|top| &top.inner).refine(|inner| select(inner).at_pytree_leaves()).count())
            }),
            ("invert", MANY, &|tree| Ok(select(tree).at(|tree| bottom(tree)).invert().count())),
            ("invert twice", 1, &|tree| Ok(select(tree).at(|tree| bottom(tree)).invert().invert().count())),
            ("pick_nth_selected", MANY + 1, &|tree| {
                let last = select(tree).at_pytree_leaves().pick_nth_selected(-1);
                Ok(last.get_keypaths()?[0].len())
            }),
            ("assert_count_is", MANY + 1, &|tree| {
                Ok(select(tree).at_pytree_leaves().assert_count_is(MANY + 1)?.count())
            }),
            ("assert_count_is another", 1, &|tree| {
                Ok(select(tree).at_pytree_leaves().assert_count_is(5).is_err().into())
            }),
            ("get", 1, &|tree| Ok(select(tree).at_instances_of::<Mark>().get().is_ok().into())),
            ("get of many", 1, &|tree| Ok(select(tree).at_pytree_leaves().get().is_err().into())),
            ("get_sequence", MANY + 1, &|tree| Ok(select(tree).at_pytree_leaves().get_sequence()?.len())),
            ("get_keypaths", MANY + 1, &|tree| Ok(select(tree).at_pytree_leaves().get_keypaths()?.len())),
            ("get_by_path", MANY * (MANY + 3) / 2 + 1, &|tree| {
                let leaves = select(tree).at_pytree_leaves().get_by_path()?;
                Ok(leaves.iter().map(|(path, _)| path.len()).sum())
            }),
            ("show_selection", 1, &|tree| {
                Ok(select(tree).at_pytree_leaves().show_selection()?.contains("# selected").into())
            }),
            ("show_value", 1, &|tree| {
                Ok(select(tree).at_pytree_leaves().show_value()?.contains("Deep(").into())
            }),
            ("Debug", 1, &|tree| {
                Ok(format!("{:?}", select(tree).at_pytree_leaves()).contains("100001 selected").into())
            }),
        ],
    );
}

#[test]
fn selections_of_a_wide_tree() {
    let tree = wide();
    let all = 3 * MANY;
    walk(
        &tree,
        &[
            ("at_pytree_leaves", all, &|tree| Ok(select(tree).at_pytree_leaves().count())),
            ("at_childless", all, &|tree| Ok(select(tree).at_childless().count())),
            ("at_children", all, &|tree| Ok(select(tree).at_children().at_children().count())),
            ("at_instances_of", all, &|tree| Ok(select(tree).at_instances_of::<f32>().count())),
            ("at_instances_of two types", all, &|tree| {
                Ok(select(tree).at_instances_of::<(f32, Mark)>().count())
            }),
            ("at_innermost_instances_of", all, &|tree| {
                Ok(select(tree).at_innermost_instances_of::<(f32, Mark)>().count())
            }),
            ("at_subtrees_where", all, &|tree| {
                Ok(select(tree).at_subtrees_where(|path, _| path.len() == 2).count())
            }),
            ("at_subtrees_where_absolute", all, &|tree| {
                let inside = select(tree).at_children().at_children();
                Ok(inside.at_subtrees_where_absolute(|path, _| path.len() == 2).count())
            }),
            ("at_innermost_subtrees_where", 3, &|tree| {
                Ok(select(tree).at_innermost_subtrees_where(|path, _| path.len() == 1).count())
            }),
            ("flatten_selected_selections", MANY, &|tree| {
                let marks = select(tree).at_instances_of::<Mark>();
                let numbers: Vec<_> = tree
                    .layers
                    .iter()
                    .map(|mark| select(mark.downcast_ref::<Mark>().unwrap()).at(|mark| &mark.by))
                    .collect();
                Ok(marks.flatten_selected_selections(numbers).count())
            }),
            ("at_equal_to", 3, &|tree| Ok(select(tree).at_equal_to(&7.0_f32).count())),
            ("at", 1, &|tree| Ok(select(tree).at(|tree| &tree.map["099999"]).count())),
            ("at of many nodes", MANY, &|tree| {
                Ok(select(tree).at_instances_of::<Mark>().at(|mark| &mark.by).count())
            }),
            ("at_several", MANY, &|tree| {
                Ok(select(tree).at_several(|tree| tree.list.iter().collect()).count())
            }),
            ("at_several in a map", MANY, &|tree| {
                Ok(select(tree).at_several(|tree| tree.map.values().collect()).count())
            }),
            ("at_several of a shared layer", MANY, &|_| {
                let shared = vec![mark(1.0); MANY];
                Ok(select(&shared).at_several(|layers| layers.iter().collect()).get_keypaths()?.len())
            }),
            ("at_several of what has no address", 1, &|_| {
                let units = vec![(); MANY];
                let error = select(&units).at_several(|units| units.iter().collect()).get_sequence();
                Ok(error.is_err().into())
            }),
            ("at_path", 1, &|tree| Ok(select(tree).at_path(Wide::path().map().entry("000007")).count())),
            ("at_keypaths of all", all, &|tree| {
                let paths = select(tree).at_pytree_leaves().get_keypaths()?;
                Ok(select(tree).at_keypaths(&paths).count())
            }),
            ("where_", all / 2, &|tree| {
                Ok(select(tree).at_instances_of::<f32>().where_(|by| *by % 2.0 == 1.0).count())
            }),
            ("where_with_keypath", MANY, &|tree| {
                let below = Wide::path().map().keypath();
                let leaves = select(tree).at_pytree_leaves();
                Ok(leaves.where_with_keypath(|path, _| below.is_prefix_of(path)).count())
            }),
            ("refine", MANY, &|tree| {
                let marks = select(tree).at_instances_of::<Mark>();
                Ok(marks.refine(|mark| select(mark).at_pytree_leaves()).count())
            }),
            ("invert", 2, &|tree| Ok(select(tree).at(|tree| &tree.list).at_children().invert().count())),
            ("invert a half", all / 2, &|tree| {
                let some = select(tree).at_instances_of::<f32>().where_(|by| *by % 2.0 == 1.0);
                Ok(some.invert().count())
            }),
            ("pick_nth_selected", MANY, &|tree| {
                let numbers: Vec<isize> = (0..MANY as isize).map(|number| -1 - number).collect();
                Ok(select(tree).at_pytree_leaves().pick_nth_selected(numbers).count())
            }),
            ("assert_count_is another", 1, &|tree| {
                Ok(select(tree).at_pytree_leaves().assert_count_is(5).is_err().into())
            }),
            ("get of many", 1, &|tree| Ok(select(tree).at_pytree_leaves().get().is_err().into())),
            ("get_sequence", all, &|tree| Ok(select(tree).at_pytree_leaves().get_sequence()?.len())),
            ("get_keypaths", all, &|tree| Ok(select(tree).at_pytree_leaves().get_keypaths()?.len())),
            ("get_by_path", 2 * MANY * 2 + MANY * 3, &|tree| {
                let leaves: Vec<(KeyPath, &dyn PyTree)> = select(tree).at_pytree_leaves().get_by_path()?;
                Ok(leaves.iter().map(|(path, _)| path.len()).sum())
            }),
            ("show_selection", all, &|tree| {
                Ok(select(tree).at_pytree_leaves().show_selection()?.matches("# selected").count())
            }),
            ("show_value", 1, &|tree| {
                Ok(select(tree).at_pytree_leaves().show_value()?.contains("99999").into())
            }),
        ],
    );
}
