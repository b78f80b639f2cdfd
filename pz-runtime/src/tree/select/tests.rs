//! Selecting and editing small hand-written trees. What a user's layers do is in the package's own tests.

use std::any::{Any, TypeId};
use std::sync::Arc;

use super::*;
use crate::error::Result;
use crate::path::{KeyPath, PathKey};
use crate::tree::{Edits, FieldInfo, Kind, Node, NodeInfo, Part, PyTree, Static, find, same_tree};

const fn child(name: &'static str) -> FieldInfo {
    FieldInfo { name, child: true, default: false, docs: "" }
}

macro_rules! node {
    ($type:ident, statics($($static:ident)?), $($field:ident $index:literal),*) => {
        impl PyTree for $type {
            fn info(&self) -> &'static NodeInfo {
                static INFO: NodeInfo = NodeInfo {
                    type_name: stringify!($type),
                    kind: Kind::Struct,
                    fields: &[
                        $(FieldInfo { name: stringify!($static), child: false, default: false, docs: "" },)?
                        $(child(stringify!($field))),*
                    ],
                    color: None,
                    docs: "",
                };
                &INFO
            }
            fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
                let _ = &out;
                $(out.push(Part::Static(&self.$static as &dyn Static));)?
                $(out.push(self.$field.as_part());)*
            }
            fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
                let _ = &edits;
                Ok(Box::new($type {
                    $($static: self.$static.clone(),)?
                    $($field: edits.child($index, &PathKey::attr(stringify!($field)), &self.$field)?,)*
                }))
            }
            fn clone_node(&self) -> Node {
                Box::new(self.clone())
            }
            fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
                Err(self)
            }
        }
        crate::node_types!($type);
    };
}

#[derive(Clone, Debug, PartialEq)]
struct Scale {
    by: f32,
}
node!(Scale, statics(), by 0);

#[derive(Clone, Debug, PartialEq)]
struct Unit {}
node!(Unit, statics(),);

#[derive(Clone, Debug, PartialEq)]
struct Block {
    name: String,
    first: Scale,
    rest: Vec<Arc<Scale>>,
    last: Option<Arc<Scale>>,
}
node!(Block, statics(name), first 0, rest 1, last 2);

#[derive(Clone, Debug, PartialEq)]
struct Group {
    blocks: Vec<Arc<Block>>,
    inner: Option<Box<Group>>,
}
node!(Group, statics(), blocks 0, inner 1);

#[derive(Clone, Debug, PartialEq)]
struct Units {
    left: Unit,
    right: Unit,
    scale: Scale,
}
node!(Units, statics(), left 0, right 1, scale 2);

fn scale(by: f32) -> Arc<Scale> {
    Arc::new(Scale { by })
}

fn block() -> Block {
    Block {
        name: "block".into(),
        first: Scale { by: 1.0 },
        rest: vec![scale(2.0), scale(3.0), scale(4.0)],
        last: Some(scale(5.0)),
    }
}

fn paths(selection: Selection<'_, Block, impl Tree + ?Sized>) -> Vec<String> {
    selection.get_keypaths().unwrap().iter().map(KeyPath::to_string).collect()
}

#[test]
fn instances_come_in_the_order_of_the_tree() {
    let block = block();
    let found = select(&block).at_instances_of::<Scale>();
    assert_eq!(found.count(), 5);
    assert_eq!(paths(found), [".first", ".rest[0]", ".rest[1]", ".rest[2]", ".last"]);
    let values = select(&block).at_instances_of::<f32>().get_sequence().unwrap();
    assert_eq!(values, [&1.0, &2.0, &3.0, &4.0, &5.0]);
    assert_eq!(paths(select(&block).at_instances_of::<f32>())[1], ".rest[0].by");
}

#[test]
fn the_outermost_or_the_innermost_match_counts() {
    let leafless = Group { blocks: vec![], inner: None };
    let tree = Group {
        blocks: vec![Arc::new(block())],
        inner: Some(Box::new(Group { blocks: vec![], inner: Some(Box::new(leafless)) })),
    };
    let all = |selection: Selection<'_, Group, Group>| {
        selection.get_keypaths().unwrap().iter().map(KeyPath::to_string).collect::<Vec<_>>()
    };
    assert_eq!(all(select(&tree).at_instances_of::<Group>()), [""], "the selected node is a candidate");
    assert_eq!(all(select(&tree).at_innermost_instances_of::<Group>()), [".inner.inner"]);
    let nodes = select(&tree).at_innermost_subtrees_where(|path, _| path.len() == 1 || path.len() == 2);
    let nodes: Vec<_> = nodes.get_keypaths().unwrap().iter().map(KeyPath::to_string).collect();
    assert_eq!(nodes, [".blocks[0]", ".inner.blocks", ".inner.inner"]);
    // Penzai passes over leaves here; a leaf is an innermost match like any other.
    assert_eq!(select(&tree).at_innermost_instances_of::<f32>().count(), 5);
}

#[test]
fn paths_given_to_a_predicate_begin_at_the_selected_node() {
    let block = block();
    let mut seen = Vec::new();
    let found = select(&block).at(|block| &block.rest).at_subtrees_where(|path, node| {
        seen.push(path.to_string());
        node.downcast_ref::<Scale>().is_some_and(|scale| scale.by == 3.0)
    });
    assert_eq!(paths(found), [".rest[1]"]);
    assert_eq!(seen, ["", "[0]", "[0].by", "[1]", "[2]", "[2].by"]);
}

#[test]
fn at_follows_fields_elements_and_wrappers() {
    let block = block();
    assert_eq!(paths(select(&block).at(|block| &block.first)), [".first"]);
    assert_eq!(paths(select(&block).at(|block| &block.first.by)), [".first.by"]);
    assert_eq!(paths(select(&block).at(|block| &block.rest[1])), [".rest[1]"]);
    assert_eq!(paths(select(&block).at(|block| &*block.rest[1])), [".rest[1]"]);
    assert_eq!(paths(select(&block).at(|block| &block.last)), [".last"]);
    assert_eq!(paths(select(&block).at(|block| block)), [""]);
    let all = select(&block).at_instances_of::<Scale>().at(|scale| &scale.by);
    assert_eq!(all.get_sequence().unwrap(), [&1.0, &2.0, &3.0, &4.0, &5.0]);
    let wrapper: &Arc<Scale> = select(&block).at(|block| &block.rest[0]).get().unwrap();
    assert!(Arc::ptr_eq(wrapper, &block.rest[0]));
}

#[test]
fn at_tells_the_places_of_a_shared_node_apart() {
    let shared = scale(2.0);
    let inner = Arc::new(Block { rest: vec![shared.clone(), shared.clone()], last: Some(shared), ..block() });
    let tree = Group { blocks: vec![inner.clone(), inner], inner: None };
    let edited = select(&tree).at(|group| &group.blocks[1].rest[1]).set(Scale { by: 9.0 }).unwrap();
    let values = |block: &Block| block.rest.iter().map(|scale| scale.by).collect::<Vec<_>>();
    assert_eq!(values(&edited.blocks[0]), [2.0, 2.0]);
    assert_eq!(values(&edited.blocks[1]), [2.0, 9.0]);
    assert!(Arc::ptr_eq(&tree.blocks[0], &edited.blocks[0]));
}

#[test]
fn at_refuses_what_it_cannot_tell_apart_or_find() {
    static ELSEWHERE: Scale = Scale { by: 0.5 };
    let units = Units { left: Unit {}, right: Unit {}, scale: Scale { by: 1.0 } };
    let error = select(&units).at(|units| &units.right).set(Unit {}).unwrap_err().to_string();
    assert!(error.contains("has the address of 2 nodes of this `Units`: `.left`, `.right`"), "{error}");
    let error = select(&units).at(|_| &ELSEWHERE).at(|scale| &scale.by).get().unwrap_err().to_string();
    assert!(error.contains("the closure gave a `Scale` that is no node in this `Units`"), "{error}");
}

#[test]
fn an_edit_keeps_the_type_and_shares_the_rest() {
    let old = block();
    let new: Block =
        select(&old).at(|block| &block.rest[1]).apply(|scale| Scale { by: scale.by * 10.0 }).unwrap();
    assert_eq!(new.rest[1].by, 30.0);
    assert!(Arc::ptr_eq(&old.rest[0], &new.rest[0]) && Arc::ptr_eq(&old.rest[2], &new.rest[2]));
    assert!(Arc::ptr_eq(old.last.as_ref().unwrap(), new.last.as_ref().unwrap()));
    assert_eq!((new.first, new.name), (old.first, old.name));
}

#[test]
fn a_closure_may_fail_and_its_error_passes_through() {
    let block = block();
    let refuse = || crate::error::Report::new("closure", "no").value();
    let result = select(&block)
        .at_instances_of::<f32>()
        .apply(|by| if *by < 3.0 { Ok(by + 1.0) } else { Err(refuse()) });
    assert_eq!(result.unwrap_err().to_string(), "closure: no");
}

#[test]
fn insertion_splices_into_a_list() {
    let block = block();
    let values = |block: &Block| block.rest.iter().map(|scale| scale.by).collect::<Vec<_>>();
    let in_list = || select(&block).at(|block| &block.rest).at_instances_of::<Scale>();
    assert_eq!(values(&in_list().insert_before(Scale { by: 0.0 }).unwrap()), [0.0, 2.0, 0.0, 3.0, 0.0, 4.0]);
    let after = in_list().where_(|scale| scale.by > 2.0).insert_after(Scale { by: 0.0 }).unwrap();
    assert_eq!(values(&after), [2.0, 3.0, 0.0, 4.0, 0.0]);
    assert!(Arc::ptr_eq(&after.rest[1], &block.rest[1]));
    let removed = in_list().pick_nth_selected(-2).remove_from_parent().unwrap();
    assert_eq!(values(&removed), [2.0, 4.0]);
    let none = select(&block).at(|block| &block.last).remove_from_parent().unwrap();
    assert_eq!(none.last, None);
}

#[test]
fn edits_of_several_places_happen_at_once() {
    let block = block();
    let mut n = 0;
    let numbered = select(&block).at_instances_of::<f32>().apply(|_| {
        n += 1;
        n as f32
    });
    let numbered = numbered.unwrap();
    let values = select(&numbered).at_instances_of::<f32>().get_sequence().unwrap();
    assert_eq!(values, [&1.0, &2.0, &3.0, &4.0, &5.0]);
    let with_path =
        select(&block).at_instances_of::<f32>().apply_with_keypath(|path, _| path.len() as f32).unwrap();
    assert_eq!((with_path.first.by, with_path.rest[0].by, with_path.last.unwrap().by), (2.0, 3.0, 2.0));
}

#[test]
fn a_misfit_names_the_place_the_types_and_the_remedy() {
    let tree = Group { blocks: vec![Arc::new(block())], inner: None };
    let error = select(&tree).at_instances_of::<f32>().set(true).unwrap_err().to_string();
    assert_eq!(
        error,
        "editing a tree: the field holds a `f32`, and was given a `bool`\n  at: .blocks[0].last.by\n  help: give it \
         a `f32`; a field declared as `AnyLayer` holds any layer"
    );
    let error = select(&tree).at(|group| &group.blocks[0].first).insert_after(Scale { by: 0.0 }).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("the field holds one `Scale`, and was given 2: `Scale`, `Scale`"), "{text}");
    assert!(text.contains("at: .blocks[0].first\n"), "{text}");
    let error =
        select(&tree).at(|group| &group.blocks[0].first).remove_from_parent().unwrap_err().to_string();
    assert!(error.contains("holds exactly one `Scale`, which cannot be removed"), "{error}");
    let error = select(&tree).set(1.0_f32).unwrap_err().to_string();
    assert!(error.contains("the root is a `Group`, and an edit of it gave a `f32`"), "{error}");
}

#[test]
fn selecting_nothing_is_an_error_for_an_edit() {
    let tree = Group { blocks: vec![Arc::new(block())], inner: None };
    let none = || select(&tree).at_instances_of::<Scale>().where_(|scale| scale.by > 100.0);
    assert!(none().is_empty());
    let error = none().set(Scale { by: 0.0 }).unwrap_err().to_string();
    assert_eq!(
        error,
        "Selection::set: nothing is selected: `at_instances_of::<Scale>` found 5, then `where_` found 0; the tree has \
         `Scale` (5), `Group`, `Vec` (2), `Block`, `f32` (5), `None`\n  help: where nothing may be there to edit, \
         say `.allow_empty()` before the edit"
    );
    assert_eq!(none().allow_empty().set(Scale { by: 0.0 }).unwrap(), tree);
    assert!(none().get().is_err());
    assert_eq!(none().get_sequence().unwrap(), [] as [&Scale; 0]);
    assert!(none().assert_count_is(0).is_ok());
}

#[test]
fn get_and_assert_count_is_name_what_is_selected() {
    let block = block();
    let scales = || select(&block).at_instances_of::<Scale>();
    let error = scales().get().unwrap_err().to_string();
    assert!(
        error.contains("needs exactly one selected node, and 5 nodes are selected (at `.first`, "),
        "{error}"
    );
    assert!(scales().assert_count_is(5).is_ok());
    let error = scales().assert_count_is(6).unwrap_err().to_string();
    assert!(error.contains("needs 6 selected, and 5 nodes are selected"), "{error}");
    assert_eq!(scales().pick_nth_selected(4).get().unwrap().by, 5.0);
    assert_eq!(scales().pick_nth_selected(-5).get().unwrap().by, 1.0);
    assert!(scales().pick_nth_selected(5).is_empty() && scales().pick_nth_selected(-6).is_empty());
}

#[test]
fn maps_and_wide_lists_are_linear() {
    let map: std::collections::BTreeMap<String, Vec<f32>> =
        (0..1000).map(|i| (format!("{i:04}"), vec![i as f32; 100])).collect();
    let found = select(&map).at_instances_of::<f32>().where_(|x| *x == 7.0);
    assert_eq!(found.get_keypaths().unwrap()[3].to_string(), "['0007'][3]");
    let edited = select(&map).at_instances_of::<f32>().apply(|x| x + 1.0).unwrap();
    assert_eq!((edited["0000"][99], edited["0999"][0]), (1.0, 1000.0));
    let path = KeyPath::from_iter([PathKey::entry("0999"), PathKey::Index(5)]);
    assert_eq!(find(&edited, &path).unwrap().downcast_ref::<f32>(), Some(&1000.0));

    let wide: Vec<f32> = (0..100_000).map(|i| i as f32).collect();
    let twice = select(&wide).at_instances_of::<f32>().insert_after(-1.0_f32).unwrap();
    assert_eq!((twice.len(), twice[199_998], twice[199_999]), (200_000, 99_999.0, -1.0));
    let back = select(&twice).at_instances_of::<f32>().where_(|x| *x < 0.0).remove_from_parent().unwrap();
    assert!(same_tree(&back, &wide, |a, b| a.downcast_ref::<f32>() == b.downcast_ref::<f32>()));
}
