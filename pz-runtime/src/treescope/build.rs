//! From a tree to its parts.
//!
//! One loop with a stack of what is still to be read. A node pushes its fields in reverse, so that parts come out in
//! reading order and the stack holds no more than the siblings on one path.

use std::collections::HashMap;
use std::fmt;
use std::fmt::Write;

use super::count::Count;
use super::leaf;
use super::part::{Part, Selected, Shared};
use crate::path::PathKey;
use crate::tree::{self, FieldInfo, Kind, PyTree, Static};

/// What is still to be read, and what stands before it.
struct Pending<'a> {
    part: tree::Part<'a>,
    label: String,
    key: Option<PathKey>,
    field: Option<&'static FieldInfo>,
    parent: Option<usize>,
}

/// The parts of a tree, in reading order.
pub(super) fn parts_of(root: &dyn PyTree) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut first_met: HashMap<usize, usize> = HashMap::new();
    let root = tree::Part::Child(root, None);
    let mut stack = vec![Pending { part: root, label: String::new(), key: None, field: None, parent: None }];
    while let Some(Pending { part, label, key, field, parent }) = stack.pop() {
        let index = parts.len();
        let mut new = Part {
            label,
            open: String::new(),
            tall: Vec::new(),
            close: "",
            remark: None,
            info: None,
            field,
            ink: None,
            docs: Vec::new(),
            key,
            parent,
            depth: parent.map_or(0, |parent| parts[parent].depth + 1),
            end: index + 1,
            count: Count::default(),
            shared: None,
            selected: Selected::No,
        };
        match part {
            tree::Part::Static(value) => {
                new.open = one_line(format_static(value, false));
                new.tall = tall_lines(&format_static(value, true));
            }
            tree::Part::Child(node, _) => {
                new.info = Some(node.info());
                match leaf::text_of(node) {
                    Some(text) => new.open = one_line(text),
                    None => {
                        new.remark = node.summary().map(one_line);
                        (new.open, new.close) = push_fields(node, index, &mut stack);
                    }
                }
                new.count = leaf::count_of(node);
                if let Some(identity) = node.identity() {
                    let first = *first_met.entry(identity).or_insert(index);
                    if first < index {
                        new.count = Count::default();
                        new.shared = Some(Shared::Again(first));
                        let Part { shared, .. } = &mut parts[first];
                        *shared = Some(Shared::First(match shared {
                            Some(Shared::First(places)) => *places + 1,
                            _ => 2,
                        }));
                    }
                }
            }
        }
        parts.push(new);
    }
    gather(&mut parts);
    parts
}

/// Pushes the fields of the node that becomes part `index`; gives what opens and closes it.
fn push_fields<'a>(
    node: &'a dyn PyTree,
    index: usize,
    stack: &mut Vec<Pending<'a>>,
) -> (String, &'static str) {
    let info = node.info();
    let entries = node.entry_keys();
    let mut fields = Vec::new();
    node.parts(&mut fields);
    let brackets = match (info.kind, fields.is_empty()) {
        // As Rust writes a value without fields.
        (Kind::Text, _) => {
            let shown = fields.iter().filter_map(|part| match part {
                tree::Part::Static(text) => Some(format_static(*text, false)),
                tree::Part::Child(..) => None,
            });
            return (shown.collect(), "");
        }
        (Kind::Struct | Kind::Leaf | Kind::Nothing, true) => (info.type_name.into(), ""),
        (Kind::Struct | Kind::Leaf | Kind::Nothing, false) => (format!("{}(", info.type_name), ")"),
        // As Rust writes a tuple of one.
        (Kind::Sequence, _) if info.type_name == "tuple" && fields.len() == 1 => ("(".into(), ",)"),
        (Kind::Sequence, _) if info.type_name == "tuple" => ("(".into(), ")"),
        (Kind::Sequence, _) => ("[".into(), "]"),
        (Kind::Map, _) => ("{".into(), "}"),
    };
    let first = stack.len();
    let mut children = 0;
    for (place, part) in fields.into_iter().enumerate() {
        let field = info.fields.get(place);
        let (label, key) = match part {
            tree::Part::Static(_) => (label_of(field.map_or("", |field| field.name)), None),
            tree::Part::Child(..) => {
                let entry = entries.get(children).map(|name| PathKey::entry(name.to_string()));
                let key = entry.unwrap_or_else(|| node.child_key(children));
                children += 1;
                let label = match &key {
                    PathKey::Attr(name) => label_of(name),
                    PathKey::Entry(name) => format!("{name:?}: "),
                    PathKey::Index(_) => String::new(),
                };
                (label, Some(key))
            }
        };
        stack.push(Pending { part, label, key, field, parent: Some(index) });
    }
    stack[first..].reverse();
    brackets
}

/// A field's name before its value; the fields of a tuple struct have none.
fn label_of(name: &str) -> String {
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        String::new()
    } else {
        format!("{name}=")
    }
}

/// The text of a static field: `pretty` asks for one line a field, as `{:#?}` does.
fn format_static(value: &dyn Static, pretty: bool) -> String {
    struct Shown<'a>(&'a dyn Static);
    impl fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.show(f)
        }
    }
    let (mut text, value) = (String::new(), Shown(value));
    // A value that fails to show itself shows what it had written.
    let _ = if pretty { write!(text, "{value:#}") } else { write!(text, "{value}") };
    text
}

/// The lines of a text that has several, each level indented by two spaces where Rust's printers take four.
pub(super) fn tall_lines(text: &str) -> Vec<String> {
    if !text.contains('\n') {
        return Vec::new();
    }
    let lines = text.lines().map(|line| {
        let content = line.trim_start();
        " ".repeat((line.len() - content.len()) / 2) + content
    });
    lines.collect()
}

/// A text without line breaks: a line of the rendering is one part, or one node and all below it.
pub(super) fn one_line(text: String) -> String {
    if text.contains('\n') { text.lines().map(str::trim).collect::<Vec<_>>().join(" ") } else { text }
}

/// Carries ends and counts upwards.
fn gather(parts: &mut [Part]) {
    for index in (0..parts.len()).rev() {
        let Part { parent, end, count, .. } = parts[index];
        if let Some(parent) = parent {
            parts[parent].end = parts[parent].end.max(end);
            parts[parent].count.add(count);
        }
    }
}
