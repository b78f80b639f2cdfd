//! Cases of the reductions and of what runs along an axis.

use super::{Case, floats, truths};
use crate::array::Array;
use crate::array::kernels::sort::Sort;
use crate::array::params::Params;

pub(super) fn case(name: &str) -> Option<Case> {
    match name {
        "sum" | "prod" | "max" | "min" => {
            Case::new(Params::Axes([2, 0].as_slice().into()), [floats(&[2, 3, 4], -1.0, 1.0, 1)])
        }
        "all" | "any" => Case::new(Params::Axes([1, 0].as_slice().into()), [truths(&[2, 3, 4])]),
        "argsort" => {
            let sort = Sort { axis: 1, descending: true, count: 3 };
            Case::new(Params::Sort(sort), [floats(&[3, 4, 2], -1.0, 1.0, 1)])
        }
        "pick" | "deal" => {
            // Both read places along axis 1, some of them twice.
            let places = Array::from_vec((0..24).map(|i| i * 7 % 4).collect::<Vec<i32>>(), &[3, 4, 2]);
            let params = if name == "pick" { Params::Axis(1) } else { Params::Along { axis: 1, len: 5 } };
            Case::new(params, [floats(&[3, 4, 2], -1.0, 1.0, 1), places])
        }
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
