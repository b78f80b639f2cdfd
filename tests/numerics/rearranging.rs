//! Padding, rolling, triangles, searches, contractions and losses: values and gradients of jnp and optax.
//!
//! The expected numbers are those of `tests/fixtures/families/rearranging.py`.

use pz::named::{Pad, PadMode, Side};
use pz::{AxisName, DType, NamedArray, Result, nx};
use serde_json::Value;

use crate::fixture::{FORWARD, Verdict, agrees, arrays, cases, count, list, name, names, pairs, text};
use crate::gradients::agree_with;

fn whole(value: &Value) -> isize {
    value.as_i64().unwrap_or_else(|| panic!("{value} is not a whole number")) as isize
}

fn pads(args: &Value) -> Vec<(AxisName, Pad)> {
    let of = |pad: &Value| Pad {
        low: whole(&pad[1]),
        high: whole(&pad[2]),
        interior: pad.get(3).map_or(0, count),
    };
    list(&args["axes"]).iter().map(|pad| (name(&pad[0]), of(pad))).collect()
}

fn mode(args: &Value) -> PadMode {
    match text(&args["mode"]) {
        "edge" => PadMode::Edge,
        "reflect" => PadMode::Reflect,
        "symmetric" => PadMode::Symmetric,
        "wrap" => PadMode::Wrap,
        other => panic!("no mode `{other}`"),
    }
}

fn side(args: &Value) -> Side {
    if text(&args["side"]) == "left" { Side::Left } else { Side::Right }
}

fn apply(op: &str, args: &Value, xs: &[NamedArray]) -> Result<NamedArray> {
    let axis = || name(&args["axis"]);
    let axes = || names(&args["axes"]);
    let matrix = || (name(&args["row"]), name(&args["column"]), whole(&args["offset"]));
    let part = |parts: Vec<NamedArray>| parts[count(&args["part"])].clone();
    match (op, xs) {
        ("pad", [x, value]) => x.pad(pads(args), value),
        ("pad_by", [x]) => x.pad_by(mode(args), pads(args)),
        ("slice_by", [x]) => {
            x.slice_by(axis(), count(&args["start"])..count(&args["stop"]), whole(&args["step"]))
        }
        ("flip", [x]) => x.flip(axes()),
        ("roll", [x]) => x.roll(axis(), whole(&args["shift"])),
        ("repeat", [x]) => x.repeat(axis(), count(&args["times"])),
        ("tile", [x]) => x.tile(axis(), count(&args["times"])),
        ("squeeze", [x]) => x.squeeze(axes()),
        ("split", [x]) => x.split(axis(), count(&args["parts"])).map(part),
        ("split_at", [x]) => {
            let places: Vec<usize> = list(&args["places"]).iter().map(count).collect();
            x.split_at(axis(), &places).map(part)
        }
        ("unstack", [x]) => x.unstack(axis()).map(part),
        ("diagonal", [x]) => {
            let (row, column, offset) = matrix();
            x.diagonal(row, column, "d", offset)
        }
        ("trace", [x]) => matrix_op(x, NamedArray::trace, matrix()),
        ("tril", [x]) => matrix_op(x, NamedArray::tril, matrix()),
        ("triu", [x]) => matrix_op(x, NamedArray::triu, matrix()),
        ("eye", []) => {
            let shape = [("row", count(&args["rows"])), ("col", count(&args["columns"]))];
            NamedArray::eye(shape, whole(&args["offset"]), DType::F32)
        }
        ("one_hot", [labels]) => labels.one_hot("class", count(&args["size"]), DType::F32),
        ("searchsorted", [table, values]) => table.searchsorted(axis(), values, side(args)),
        ("bincount", [x]) => x.bincount(axis(), "bin", count(&args["size"])),
        ("unique", [x]) => {
            let unique = x.unique(axis(), count(&args["size"]))?;
            Ok(match text(&args["what"]) {
                "values" => unique.values,
                "inverse" => unique.inverse,
                _ => unique.counts,
            })
        }
        ("einsum", xs) => nx::einsum(&xs.iter().collect::<Vec<_>>(), names(&args["output"])),
        ("tensordot", [x, y]) => nx::tensordot(x, y, pairs(&args["pairs"])),
        ("outer", [x, y]) => nx::outer(x, y),
        ("cross_entropy", [logits, wanted]) => logits.cross_entropy(wanted, "class"),
        ("smooth_labels", [x]) => x.smooth_labels("class", crate::fixture::number(&args["alpha"])),
        (op, xs) => panic!("no operation `{op}` of {} arrays", xs.len()),
    }
}

type OfMatrix = fn(&NamedArray, AxisName, AxisName, isize) -> Result<NamedArray>;

fn matrix_op(
    x: &NamedArray,
    op: OfMatrix,
    (row, column, offset): (AxisName, AxisName, isize),
) -> Result<NamedArray> {
    op(x, row, column, offset)
}

#[test]
fn rearranging_is_that_of_jax() {
    let mut verdict = Verdict::default();
    for case in cases("rearranging") {
        let found = apply(text(&case["op"]), &case["args"], &arrays(&case["in"]));
        let outcome =
            found.map_err(|error| error.to_string()).and_then(|found| agrees(&found, &case["out"], FORWARD));
        verdict.record(text(&case["case"]), outcome);
    }
    verdict.finish(139);
}

#[test]
fn gradients_of_rearranging_are_those_of_jax() {
    let mut verdict = Verdict::default();
    for case in cases("rearranging").iter().filter(|case| case.get("grads").is_some()) {
        let run = |xs: &[NamedArray]| apply(text(&case["op"]), &case["args"], xs);
        verdict.record(text(&case["case"]), agree_with(case, run));
    }
    verdict.finish(100);
}
