//! Named-array operations: values, and the exact order of the result's axes.

use crate::fixture::{FORWARD, Verdict, agrees, arrays, cases, text};
use crate::operations::apply;

#[test]
fn named_operations_are_those_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("named") {
        let found = apply(text(&case["op"]), &case["args"], &arrays(&case["in"]));
        let outcome =
            found.map_err(|error| error.to_string()).and_then(|found| agrees(&found, &case["out"], FORWARD));
        verdict.record(text(&case["case"]), outcome);
    }
    verdict.finish(173);
}
