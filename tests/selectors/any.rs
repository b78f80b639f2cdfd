//! A field that holds any tree, so that Penzai's trees of lists and dicts of anything can be written down.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use pz::path::PathKey;
use pz::tree::{Edits, Node, NodeInfo, NotInThisPartition, Part, PyTree, unerase};
use pz::{Result, pytree_dataclass};
use serde_json::{Value, json};

/// Any tree.
#[derive(Clone)]
pub struct Any(Arc<dyn PyTree>);

impl Any {
    pub fn new(tree: impl PyTree) -> Self {
        Any(Arc::new(tree))
    }
}

impl PyTree for Any {
    fn info(&self) -> &'static NodeInfo {
        self.0.info()
    }
    fn parts<'a>(&'a self, out: &mut Vec<Part<'a>>) {
        self.0.parts(out);
    }
    fn rebuild(&self, edits: &mut Edits) -> Result<Node> {
        self.0.rebuild(edits)
    }
    fn clone_node(&self) -> Node {
        Box::new(self.clone())
    }
    fn into_slot(self: Box<Self>, _: TypeId) -> Result<Box<dyn std::any::Any>, Node> {
        Err(self)
    }
    fn summary(&self) -> Option<String> {
        self.0.summary()
    }
    fn child_key(&self, index: usize) -> PathKey {
        self.0.child_key(index)
    }
    fn entry_keys(&self) -> Vec<&str> {
        self.0.entry_keys()
    }
    fn as_node(&self) -> &dyn PyTree {
        &*self.0
    }
    fn from_node(node: Node) -> Result<Self, Node> {
        Ok(unerase::<Any>(node).unwrap_or_else(|node| Any(node.into())))
    }
}

/// A struct with two fields.
#[pytree_dataclass]
pub struct Foo {
    pub x: Any,
    pub y: Any,
}

/// A struct with one.
#[pytree_dataclass]
pub struct Bar {
    pub z: Any,
}

pub type List = Vec<Any>;
pub type Dict = BTreeMap<String, Any>;

/// The tree that a fixture writes down.
pub fn decode(value: &Value) -> Any {
    made(value, &mut decode)
}

/// The same tree, in which equal subtrees are one, held by several places.
pub fn decode_shared(value: &Value) -> Any {
    fn shared(value: &Value, known: &mut HashMap<String, Any>) -> Any {
        let text = value.to_string();
        if let Some(tree) = known.get(&text) {
            return tree.clone();
        }
        let tree = made(value, &mut |below| shared(below, known));
        known.insert(text, tree.clone());
        tree
    }
    shared(value, &mut HashMap::new())
}

/// A node, whose children `child` makes.
fn made(value: &Value, child: &mut dyn FnMut(&Value) -> Any) -> Any {
    let mut all =
        |values: &Value| -> List { values.as_array().expect("a list").iter().map(&mut *child).collect() };
    match value {
        Value::String(text) if text == "None" => Any::new(None::<i32>),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Any::new(i32::try_from(whole).expect("it is small")),
            None => Any::new(number.as_f64().expect("a number")),
        },
        Value::Object(node) => {
            let (kind, inside) = node.iter().next().expect("one kind");
            match (kind.as_str(), inside) {
                ("list", inside) => Any::new(all(inside)),
                ("dict", Value::Array(entries)) => {
                    let entry =
                        |entry: &Value| (entry[0].as_str().expect("a key").to_owned(), child(&entry[1]));
                    Any::new(entries.iter().map(entry).collect::<Dict>())
                }
                ("tuple", inside) => match <[Any; 2]>::try_from(all(inside)) {
                    Ok([first, second]) => Any::new((first, second)),
                    Err(_) => Any::new(()),
                },
                ("Foo", inside) => Any::new(Foo { x: child(&inside[0]), y: child(&inside[1]) }),
                ("Bar", inside) => Any::new(Bar { z: child(&inside[0]) }),
                other => panic!("{other:?}"),
            }
        }
        other => panic!("{other}"),
    }
}

/// The other way round, of what an edit has made too.
pub fn encode(node: &dyn PyTree) -> Value {
    if node.downcast_ref::<NotInThisPartition>().is_some() {
        return json!("missing");
    }
    if let Some(whole) = node.downcast_ref::<i32>() {
        return json!(whole);
    }
    if let Some(number) = node.downcast_ref::<f64>() {
        return json!(number);
    }
    let children: Vec<Value> = node.children().into_iter().map(encode).collect();
    match node.info().type_name {
        "None" => json!("None"),
        "Vec" => json!({ "list": children }),
        "BTreeMap" => {
            let entries = node.entry_keys().into_iter().zip(children).map(|(key, child)| json!([key, child]));
            json!({ "dict": entries.collect::<Vec<_>>() })
        }
        name => json!({ name: children }),
    }
}
