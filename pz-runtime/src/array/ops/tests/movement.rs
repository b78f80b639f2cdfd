//! Cases of the primitives that move elements.

use super::{Case, floats};
use crate::array::params::{Padding, Params};

pub(super) fn case(name: &str) -> Option<Case> {
    let dense = |dims: &[usize], salt| floats(dims, -1.0, 1.0, salt);
    match name {
        "identity" | "stop_gradient" => Case::new(Params::None, [dense(&[2, 3], 1)]),
        "broadcast" => {
            let source = [Some(1), None, Some(0)].as_slice().into();
            let params = Params::Broadcast { dims: [4, 5, 3].as_slice().into(), source };
            Case::new(params, [dense(&[3, 4], 1)])
        }
        "permute" => Case::new(Params::Axes([2, 0, 1].as_slice().into()), [dense(&[2, 3, 4], 1)]),
        "reshape" => Case::new(Params::Dims([4, 6].as_slice().into()), [dense(&[2, 3, 4], 1)]),
        "slice" => {
            let params = Params::Slice { axis: 1, start: 3, step: -2, count: 2, len: 4 };
            Case::new(params, [dense(&[3, 4, 2], 1)])
        }
        "pad" => {
            let pads = [
                Padding { low: -1, high: 2, interior: 1 },
                Padding { low: 1, high: -2, interior: 2 },
                Padding { low: 0, high: -1, interior: 0 },
            ];
            Case::new(Params::Pad(pads.as_slice().into()), [dense(&[3, 3, 2], 1), dense(&[], 2)])
        }
        "concatenate" => Case::new(Params::Axis(1), [dense(&[2, 3], 1), dense(&[2, 1], 2)]),
        _ => None,
    }
}
