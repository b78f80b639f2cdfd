//! The renderer on trees made of the standard library's containers; whole models are in the root package's tests.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::error::Result;
use crate::tree::{Edits, FieldInfo, Kind, Node, NodeInfo, Part, PyTree};

/// A list of nodes, each holding the next, and a number that is structure.
#[derive(Clone)]
struct Link {
    name: &'static str,
    next: Option<Arc<Link>>,
}

impl Link {
    fn chain(length: usize) -> Link {
        let end = Link { name: "end", next: None };
        (1..length).fold(end, |link, _| Link { name: "link", next: Some(Arc::new(link)) })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let mut next = self.next.take();
        while let Some(mut link) = next.and_then(Arc::into_inner) {
            next = link.next.take();
        }
    }
}

impl PyTree for Link {
    fn info(&self) -> &'static NodeInfo {
        static INFO: NodeInfo = NodeInfo {
            type_name: "Link",
            kind: Kind::Struct,
            fields: &[
                FieldInfo { name: "name", child: false, default: false, docs: "" },
                FieldInfo { name: "next", child: true, default: false, docs: "" },
            ],
            color: None,
            docs: "",
        };
        &INFO
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        out.extend([Part::Static(&self.name), self.next.as_part()]);
    }
    fn rebuild(&self, _: &mut Edits) -> Result<Node> {
        Ok(self.clone_node())
    }
    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }
    fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn Any>, Node> {
        Err(self)
    }
}

fn narrow(tree: &dyn PyTree, target_width: usize) -> String {
    render_text_with(tree, &Options { target_width, ..Options::default() })
}

#[test]
fn what_fits_is_one_line() {
    assert_eq!(render_text(&1.5f32), "1.5");
    assert_eq!(render_text(&(1.5f32, vec![true, false])), "(1.5, [true, false])");
    assert_eq!(render_text(&Vec::<bool>::new()), "[]");
    assert_eq!(render_text(&None::<bool>), "None");
    let map = BTreeMap::from([("a b".to_string(), 1), ("c".to_string(), 2)]);
    assert_eq!(render_text(&map), r#"{"a b": 1, "c": 2}"#);
}

#[test]
fn static_fields_are_written_with_the_children() {
    assert_eq!(render_text(&Link::chain(1)), r#"Link(name="end", next=None)"#);
}

#[test]
fn what_does_not_fit_has_a_line_for_each_field() {
    // `Link(name="end", next=None)` has 27 characters, the node around it 51.
    let tree = Link::chain(2);
    let folded = "Link(name=\"link\", next=Link(name=\"end\", next=None))";
    let outer = "Link(\n  name=\"link\",\n  next=Link(name=\"end\", next=None),\n)";
    let both = "Link(\n  name=\"link\",\n  next=Link(\n    name=\"end\",\n    next=None,\n  ),\n)";
    assert_eq!(narrow(&tree, 51), folded);
    assert_eq!(narrow(&tree, 50), outer);
    assert_eq!(narrow(&tree, 27), outer);
    assert_eq!(narrow(&tree, 26), both);
    assert_eq!(narrow(&tree, 0), both);
}

#[test]
fn a_text_of_several_lines_is_written_on_one() {
    assert_eq!(build::one_line("Point {\n    x: 1,\n    y: 2,\n}".into()), "Point { x: 1, y: 2, }");
    assert_eq!(build::one_line("a  b".into()), "a  b");
}

#[test]
fn a_wide_static_value_is_unfolded_too() {
    #[derive(Debug)]
    struct Point {
        #[expect(dead_code, reason = "read by Debug")]
        x: Option<i32>,
    }
    let expected = ["Point {", "  x: Some(", "    1,", "  ),", "}"];
    assert_eq!(build::tall_lines(&format!("{:#?}", Point { x: Some(1) })), expected);
    assert_eq!(build::tall_lines("Point"), [""; 0]);
}

#[test]
fn depth_costs_neither_stack_nor_disk() {
    let deep = render_text(&Link::chain(100_000));
    // 64 unfolded levels: two lines each, the cut, and the closing lines.
    assert_eq!(deep.lines().count(), 2 * 64 + 1 + 64);
    assert!(deep.contains("Link(<199,872 parts below>),"), "{}", deep.lines().nth(128).unwrap_or_default());
}
