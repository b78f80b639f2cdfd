//! Cases of the reductions and of what runs along an axis.

use super::{Case, floats, truths};
use crate::array::params::Params;

pub(super) fn case(name: &str) -> Option<Case> {
    match name {
        "sum" | "prod" | "max" | "min" => {
            Case::new(Params::Axes([2, 0].as_slice().into()), [floats(&[2, 3, 4], -1.0, 1.0, 1)])
        }
        "all" | "any" => Case::new(Params::Axes([1, 0].as_slice().into()), [truths(&[2, 3, 4])]),
        "recurrence" => {
            let inputs = [floats(&[3, 4, 2], -1.0, 1.0, 1), floats(&[3, 4, 2], -1.0, 1.0, 2)];
            Case::new(Params::Axis(1), inputs)
        }
        "argmax" | "argmin" | "cumsum" | "cumprod" | "cummax" | "cummin" | "cumlogsumexp" => {
            Case::new(Params::Axis(1), [floats(&[3, 4, 2], -1.0, 1.0, 1)])
        }
        _ => None,
    }
}
