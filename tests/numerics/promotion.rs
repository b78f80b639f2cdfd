//! Result types: JAX's lattice.

use pz::{DType, NamedArray, Result};
use serde_json::Value;

use crate::fixture::{Verdict, cases, dtype, list, names, text};
use crate::operations::{apply, binary, unary};

fn ones(kind: &str) -> NamedArray {
    NamedArray::ones([("a", 2)], dtype(kind)).expect("a small array can be made")
}

fn with_scalar(op: &str, x: &NamedArray, scalar: &str) -> Result<NamedArray> {
    match (op, scalar) {
        ("add", "true") => x.add(true),
        ("add", "2") => x.add(2),
        ("add", "2.5") => x.add(2.5),
        ("sub", "true") => x.sub(true),
        ("sub", "2") => x.sub(2),
        ("sub", "2.5") => x.sub(2.5),
        ("mul", "true") => x.mul(true),
        ("mul", "2") => x.mul(2),
        ("mul", "2.5") => x.mul(2.5),
        ("div", "true") => x.div(true),
        ("div", "2") => x.div(2),
        ("div", "2.5") => x.div(2.5),
        ("maximum", "true") => x.maximum(true),
        ("maximum", "2") => x.maximum(2),
        ("maximum", "2.5") => x.maximum(2.5),
        ("less", "true") => x.less(true),
        ("less", "2") => x.less(2),
        ("less", "2.5") => x.less(2.5),
        _ => panic!("no `{op}` with a scalar {scalar}"),
    }
}

fn found(case: &Value, row: &str, column: &str) -> Result<DType> {
    let made = match text(&case["case"]).split('/').next() {
        Some("pairs") => binary(text(&case["op"]))(&ones(row), &ones(column)),
        Some("scalar") => with_scalar(text(&case["op"]), &ones(row), column),
        Some("unary") => unary(row)(&ones(column)),
        _ => {
            let args = serde_json::json!({"axes": ["a"], "axis": "a"});
            apply(row, &args, &[ones(column)])
        }
    };
    made.map(|array| array.dtype())
}

#[test]
fn result_types_are_those_of_jax() {
    let (mut verdict, mut refused) = (Verdict::default(), 0);
    for case in cases("promotion") {
        for (row, results) in names(&case["rows"]).iter().zip(list(&case["table"])) {
            for (column, wanted) in names(&case["columns"]).iter().zip(list(results)) {
                let Some(wanted) = wanted.as_str() else {
                    refused += 1;
                    continue;
                };
                let name = format!("{}: {row}, {column}", text(&case["case"]));
                let found = match found(&case, row.as_str(), column.as_str()) {
                    Ok(dtype) => dtype.to_string(),
                    Err(_) => "error".to_owned(),
                };
                let outcome = if found == wanted {
                    Ok(())
                } else {
                    Err(format!("gives {found}, and should give {wanted}"))
                };
                verdict.record(&name, outcome);
            }
        }
    }
    verdict.finish(14 * 169 + 6 * 30 + 16 * 10 + 6 * 10 - refused);
}
