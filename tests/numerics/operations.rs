//! The operations by the names that fixtures use: the counterpart of `tests/fixtures/families/ops.py`.

use pz::{NamedArray, Result};
use serde_json::Value;

use crate::fixture::{count, name, names, sizes};

/// The result of `op` with the static arguments `args` on `xs`.
pub fn apply(op: &str, args: &Value, xs: &[NamedArray]) -> Result<NamedArray> {
    let axes = || names(&args["axes"]);
    let axis = || name(&args["axis"]);
    match (op, xs) {
        (op, [x]) if UNARY.iter().any(|(known, _)| *known == op) => unary(op)(x),
        (op, [x, y]) if BINARY.iter().any(|(known, _)| *known == op) => binary(op)(x, y),
        ("select", [c, x, y]) => c.select(x, y),
        ("where_sqrt", [x]) => x.greater(0)?.select(x.sqrt()?, 0.0),
        ("where_log", [x]) => x.greater(0)?.select(x.log()?, 0.0),
        ("where_quotient", [x, y]) => y.greater(1e-10)?.select(x.div(y)?, 0.0),
        ("where_reciprocal", [x]) => x.equal(0)?.select(0.0, x.reciprocal()?),
        ("double_where_sqrt", [x]) => double_where(x, NamedArray::sqrt),
        ("double_where_log", [x]) => double_where(x, NamedArray::log),
        ("sum", [x]) => x.sum(axes()),
        ("mean", [x]) => x.mean(axes()),
        ("max", [x]) => x.max(axes()),
        ("min", [x]) => x.min(axes()),
        ("softmax", [x]) => x.softmax(axes()),
        ("argmax", [x]) => x.argmax(axis()),
        ("cumsum", [x]) => x.cumsum(axis()),
        ("contract", [x, y]) => pz::nx::contract(axes(), x, y),
        ("slice", [x]) => x.slice(axis(), count(&args["start"])..count(&args["stop"])),
        ("index", [x]) => x.index(axis(), count(&args["at"])),
        ("take", [x, places]) => x.take(axis(), places),
        ("dynamic_slice", [x, start]) => x.dynamic_slice([(axis(), start, count(&args["len"]))]),
        ("dynamic_update_slice", [x, update, start]) => x.dynamic_update_slice(update, [(axis(), start)]),
        ("concatenate", xs) => pz::nx::concatenate(&xs.iter().collect::<Vec<_>>(), axis()),
        ("stack", xs) => pz::nx::stack(&xs.iter().collect::<Vec<_>>(), axis()),
        ("tag", [x]) => x.tag(names(&args["names"])),
        ("untag", [x]) => x.untag(names(&args["names"])),
        ("untag_tag", [x]) => x.untag(names(&args["names"]))?.tag(names(&args["new"])),
        ("order_as", [x]) => x.order_as(names(&args["names"])),
        ("broadcast_to", [x]) => x.broadcast_to(sizes(&args["shape"])),
        (op, xs) => panic!("no operation `{op}` of {} arrays", xs.len()),
    }
}

/// The function above 0, and 0 elsewhere; what it is given is above 0 everywhere.
fn double_where(x: &NamedArray, function: Unary) -> Result<NamedArray> {
    let above = x.greater(0)?;
    above.select(function(&above.select(x, 1.0)?)?, 0.0)
}

type Unary = fn(&NamedArray) -> Result<NamedArray>;
type Binary = fn(&NamedArray, &NamedArray) -> Result<NamedArray>;

/// The function of that name.
pub fn unary(op: &str) -> Unary {
    UNARY.iter().find(|(known, _)| *known == op).unwrap_or_else(|| panic!("no unary operation `{op}`")).1
}

/// The function of that name.
pub fn binary(op: &str) -> Binary {
    BINARY.iter().find(|(known, _)| *known == op).unwrap_or_else(|| panic!("no binary operation `{op}`")).1
}

const UNARY: [(&str, Unary); 17] = [
    ("exp", NamedArray::exp),
    ("log", NamedArray::log),
    ("sin", NamedArray::sin),
    ("cos", NamedArray::cos),
    ("tanh", NamedArray::tanh),
    ("sqrt", NamedArray::sqrt),
    ("rsqrt", NamedArray::rsqrt),
    ("neg", NamedArray::neg),
    ("abs", NamedArray::abs),
    ("sigmoid", NamedArray::sigmoid),
    ("silu", NamedArray::silu),
    ("relu", NamedArray::relu),
    ("gelu", NamedArray::gelu),
    ("gelu_exact", NamedArray::gelu_exact),
    ("square", NamedArray::square),
    ("erf", NamedArray::erf),
    ("logical_not", NamedArray::logical_not),
];

const BINARY: [(&str, Binary); 16] = [
    ("add", |x, y| x.add(y)),
    ("sub", |x, y| x.sub(y)),
    ("mul", |x, y| x.mul(y)),
    ("div", |x, y| x.div(y)),
    ("rem", |x, y| x.rem(y)),
    ("pow", |x, y| x.pow(y)),
    ("maximum", |x, y| x.maximum(y)),
    ("minimum", |x, y| x.minimum(y)),
    ("equal", |x, y| x.equal(y)),
    ("not_equal", |x, y| x.not_equal(y)),
    ("less", |x, y| x.less(y)),
    ("less_equal", |x, y| x.less_equal(y)),
    ("greater", |x, y| x.greater(y)),
    ("greater_equal", |x, y| x.greater_equal(y)),
    ("logical_and", |x, y| x.logical_and(y)),
    ("logical_or", |x, y| x.logical_or(y)),
];
