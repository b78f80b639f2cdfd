//! What edits.

use pz::nn::{Layer, SideInputs};
use pz::path::KeyPath;
use pz::tree::{PyTree, count};
use pz::{NamedArray, combine, select};

use super::{MANY, Mark, bottom, deep, numbers, walk, wide};

/// The number that each leaf of the deep tree is set to, added up.
fn sum(tree: &pz::nn::AnyLayer) -> usize {
    numbers(tree).into_iter().map(|by| *by as usize).sum()
}

#[test]
fn edits_of_a_deep_tree() {
    let tree = deep();
    let nodes = 2 * MANY + 2;
    walk(
        &tree,
        &[
            ("apply", MANY + 1, &|tree| Ok(sum(&select(tree).at_pytree_leaves().apply(|_| 1.0_f32)?))),
            ("apply_with_keypath", MANY * (MANY + 1) / 2 + MANY + 1, &|tree| {
                let leaves = select(tree).at_pytree_leaves();
                Ok(sum(&leaves.apply_with_keypath(|path, _| path.len() as f32)?))
            }),
            ("apply_with_selected_index", MANY * (MANY + 1) / 2, &|tree| {
                let leaves = select(tree).at_pytree_leaves();
                Ok(sum(&leaves.apply_with_selected_index(|index, _| index as f32)?))
            }),
            ("set", MANY + 1, &|tree| Ok(sum(&select(tree).at_pytree_leaves().set(1.0_f32)?))),
            ("set what does not fit", 1, &|tree| {
                Ok(select(tree).at_pytree_leaves().set(true).is_err().into())
            }),
            ("set_sequence", MANY + 1, &|tree| {
                Ok(sum(&select(tree).at_pytree_leaves().set_sequence(vec![1.0_f32; MANY + 1])?))
            }),
            ("set_sequence too short", 1, &|tree| {
                Ok(select(tree).at_pytree_leaves().set_sequence(vec![1.0_f32; MANY]).is_err().into())
            }),
            ("set_by_path", MANY + 1, &|tree| {
                let paths = select(tree).at_pytree_leaves().get_keypaths()?;
                let ones = paths.into_iter().map(|path| (path, 1.0_f32));
                Ok(sum(&select(tree).at_pytree_leaves().set_by_path(ones)?))
            }),
            ("set_by_path without the last", 1, &|tree| {
                let paths = select(tree).at_pytree_leaves().get_keypaths()?;
                let ones = paths.into_iter().take(MANY).map(|path| (path, 1.0_f32));
                Ok(select(tree).at_pytree_leaves().set_by_path(ones).is_err().into())
            }),
            ("select_and_set_by_path", MANY + 1, &|tree| {
                let paths = select(tree).at_pytree_leaves().get_keypaths()?;
                Ok(sum(&select(tree).select_and_set_by_path(paths.into_iter().map(|path| (path, 1.0_f32)))?))
            }),
            ("insert_before", MANY + 2, &|tree| {
                let edited = select(tree).at_instances_of::<Mark>().insert_before(Mark { by: 5.0 })?;
                Ok(select(&edited).at_instances_of::<Mark>().get_keypaths()?[0].len())
            }),
            ("insert_after", nodes + 4, &|tree| {
                Ok(count(&select(tree).at_instances_of::<Mark>().insert_after(Mark { by: 5.0 })?))
            }),
            ("apply_and_inline", nodes + 4, &|tree| {
                let both = |mark: &Mark| [mark.clone(), mark.clone()];
                Ok(count(&select(tree).at_instances_of::<Mark>().apply_and_inline(both)?))
            }),
            ("insert_after_and_select", MANY + 2, &|tree| {
                let marks = select(tree).at_instances_of::<Mark>();
                Ok(marks.insert_after_and_select(Mark { by: 5.0 })?.1[0].len())
            }),
            ("apply_and_inline_with_keypath", nodes + 4, &|tree| {
                let both = |_: &KeyPath, mark: &Mark| [mark.clone(), mark.clone()];
                Ok(count(&select(tree).at_instances_of::<Mark>().apply_and_inline_with_keypath(both)?))
            }),
            ("remove_from_parent", 1, &|tree| {
                Ok(select(tree).at_instances_of::<Mark>().remove_from_parent().is_err().into())
            }),
            ("partition", nodes, &|tree| {
                let (some, rest) = select(tree).at(|tree| bottom(tree)).partition()?;
                Ok(count(&combine([&some, &rest])?))
            }),
            ("partition of all leaves", nodes, &|tree| {
                let (some, rest) = select(tree).at_pytree_leaves().partition()?;
                Ok(count(&combine([&rest, &some])?))
            }),
            ("partition_at_leaves", nodes, &|tree| {
                let (some, rest) =
                    select(tree).at_pytree_leaves().pick_nth_selected(-1).partition_at_leaves()?;
                Ok(count(&combine([&some, &rest])?))
            }),
            ("combine what lacks nearly all", 1, &|tree| {
                let some = select(tree).at_pytree_leaves().pick_nth_selected(0).partition_at_leaves()?.0;
                Ok(combine([&some]).is_err().into())
            }),
            ("combine what is there twice", 1, &|tree| {
                let all = select(tree).at_pytree_leaves().partition_at_leaves()?.0;
                Ok(combine([&all, &all]).is_err().into())
            }),
            ("deselect", nodes, &|tree| Ok(count(&select(tree).at_pytree_leaves().deselect()?))),
            ("capture", 1, &|tree| {
                Ok(select(tree).at_instances_of::<Mark>().capture(|_| Ok(())).is_err().into())
            }),
            ("patch", 1, &|tree| {
                let marks = select(tree).at_instances_of::<Mark>();
                Ok(marks.patch(|_, array| Ok(array), |_| Ok(())).is_err().into())
            }),
        ],
    );
}

#[test]
fn edits_of_a_wide_tree() {
    let tree = wide();
    let all = 3 * MANY;
    let nodes = 4 + all + MANY;
    let sum = |tree: &super::Wide| -> pz::Result<usize> {
        Ok(select(tree).at_instances_of::<f32>().get_sequence()?.into_iter().map(|by| *by as usize).sum())
    };
    walk(
        &tree,
        &[
            ("apply", all, &|tree| sum(&select(tree).at_pytree_leaves().apply(|_| 1.0_f32)?)),
            ("apply_with_keypath", 7 * MANY, &|tree| {
                sum(&select(tree).at_pytree_leaves().apply_with_keypath(|path, _| path.len() as f32)?)
            }),
            ("apply_with_selected_index", 3 * MANY / 2, &|tree| {
                let leaves = select(tree).at_pytree_leaves();
                sum(&leaves.apply_with_selected_index(|index, _| (index % 2) as f32)?)
            }),
            ("set", all, &|tree| sum(&select(tree).at_pytree_leaves().set(1.0_f32)?)),
            ("set_sequence", all, &|tree| {
                sum(&select(tree).at_pytree_leaves().set_sequence(vec![1.0_f32; 3 * MANY])?)
            }),
            ("set_by_path", all, &|tree| {
                let paths = select(tree).at_pytree_leaves().get_keypaths()?;
                let ones = paths.into_iter().map(|path| (path, 1.0_f32));
                sum(&select(tree).at_pytree_leaves().set_by_path(ones)?)
            }),
            ("select_and_set_by_path", all, &|tree| {
                let paths = select(tree).at_pytree_leaves().get_keypaths()?;
                sum(&select(tree).select_and_set_by_path(paths.into_iter().map(|path| (path, 1.0_f32)))?)
            }),
            ("select_and_set_by_path in each", MANY, &|tree| {
                let path = select(&Mark { by: 0.0 }).at(|mark| &mark.by).get_keypaths()?.swap_remove(0);
                let edited =
                    select(tree).at_instances_of::<Mark>().select_and_set_by_path([(path, 1.0_f32)])?;
                Ok(select(&edited).at_instances_of::<Mark>().where_(|mark| mark.by == 1.0).count())
            }),
            ("insert_before", 2 * MANY, &|tree| {
                Ok(select(tree).at_instances_of::<Mark>().insert_before(Mark { by: 5.0 })?.layers.len())
            }),
            ("insert_after", 2 * MANY, &|tree| {
                Ok(select(tree).at(|tree| &tree.list).at_children().insert_after(5.0_f32)?.list.len())
            }),
            ("insert_before_and_select", MANY, &|tree| {
                Ok(select(tree).at_instances_of::<Mark>().insert_before_and_select(Mark { by: 5.0 })?.1.len())
            }),
            ("apply_and_inline", 3 * MANY, &|tree| {
                let three = |mark: &Mark| vec![mark.clone(); 3];
                Ok(select(tree).at_instances_of::<Mark>().apply_and_inline(three)?.layers.len())
            }),
            ("remove_from_parent", MANY / 2, &|tree| {
                let odd = select(tree).at_instances_of::<Mark>().where_(|mark| mark.by % 2.0 == 1.0);
                Ok(odd.remove_from_parent()?.layers.len())
            }),
            ("partition", nodes, &|tree| {
                let odd = |node: &dyn PyTree| node.downcast_ref::<f32>().is_some_and(|by| by % 2.0 == 1.0);
                let (some, rest) = select(tree).at_pytree_leaves().where_(odd).partition()?;
                Ok(count(&combine([&some, &rest])?))
            }),
            ("partition_at_leaves", nodes, &|tree| {
                let (some, rest) = select(tree).at(|tree| &tree.list).partition_at_leaves()?;
                Ok(count(&combine([&some, &rest])?))
            }),
            ("deselect", nodes, &|tree| Ok(count(&select(tree).at_pytree_leaves().deselect()?))),
            ("capture", MANY, &|tree| {
                let input = NamedArray::scalar(1.0_f32);
                let run = |tree: &super::Wide| tree.call(input.clone().into(), &SideInputs::new());
                Ok(select(tree).at_instances_of::<Mark>().capture(run)?.1.len())
            }),
            ("capture of what does not run", 1, &|tree| {
                Ok(select(tree).at_instances_of::<Mark>().capture(|_| Ok(())).is_err().into())
            }),
            ("patch", 2, &|tree| {
                let marks = select(tree).at_instances_of::<Mark>().pick_nth_selected(-1);
                let run = |tree: &super::Wide| {
                    let input = NamedArray::scalar(1.0_f32);
                    tree.call(input.into(), &SideInputs::new())?.into_array("wide")?.item::<f32>()
                };
                Ok(marks.patch(|_, array| array.mul(2.0), run)? as usize)
            }),
        ],
    );
}
