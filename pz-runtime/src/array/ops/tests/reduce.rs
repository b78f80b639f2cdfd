//! Cases of the reductions and of what runs along an axis.

use super::{Case, floats};
use crate::array::params::Params;

pub(super) fn case(name: &str) -> Option<Case> {
    match name {
        "sum" | "max" | "min" => {
            Case::new(Params::Axes([2, 0].as_slice().into()), [floats(&[2, 3, 4], -1.0, 1.0, 1)])
        }
        "argmax" | "cumsum" => Case::new(Params::Axis(1), [floats(&[3, 4, 2], -1.0, 1.0, 1)]),
        _ => None,
    }
}
