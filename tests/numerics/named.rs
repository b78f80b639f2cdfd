//! Named-array operations: values, and the exact order of the result's axes.

use pz::{AxisName, NamedArray};
use serde_json::Value;

use crate::fixture::{FORWARD, Verdict, agrees, arrays, cases, names, text};
use crate::operations::apply;

/// Operations that leave an axis in its place, where Penzai moves it to the end because it has to untag it first.
const STAYS: [&str; 4] = ["slice", "cumsum", "dynamic_slice", "dynamic_update_slice"];

/// The result with its axes in the order of the fixture, after a look at the order that pz has decided for.
fn in_penzai_order(case: &Value, input: &NamedArray, found: NamedArray) -> Result<NamedArray, String> {
    let order =
        |array: &NamedArray| array.named_shape().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let decided = match text(&case["op"]) {
        op if STAYS.contains(&op) => order(input),
        "untag_tag" => {
            // Untagged axes come first, whatever their place was; Penzai gives them their old places back.
            let untagged = names(&case["args"]["names"]);
            let rest = order(input).into_iter().filter(|name| !untagged.contains(name));
            names(&case["args"]["new"]).into_iter().chain(rest).collect()
        }
        _ => return Ok(found),
    };
    if order(&found) != decided {
        return Err(format!("has axes {:?}, and should have {decided:?}", order(&found)));
    }
    let axes = text(&case["out"]["of"]).split(' ').skip(1);
    let wanted: Vec<AxisName> =
        axes.filter_map(|axis| axis.split_once(':')).map(|(name, _)| AxisName::intern(name)).collect();
    found.order_as(wanted).map_err(|error| error.to_string())
}

#[test]
fn named_operations_are_those_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("named") {
        let inputs = arrays(&case["in"]);
        let found = apply(text(&case["op"]), &case["args"], &inputs);
        let outcome = found
            .map_err(|error| error.to_string())
            .and_then(|found| in_penzai_order(&case, &inputs[0], found))
            .and_then(|found| agrees(&found, &case["out"], FORWARD));
        verdict.record(text(&case["case"]), outcome);
    }
    verdict.finish(173);
}
