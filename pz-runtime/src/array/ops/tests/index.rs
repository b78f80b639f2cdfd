//! Cases of the primitives that find their places among values.

use super::{Case, floats};
use crate::array::Array;
use crate::array::params::{Beyond, Params};

/// Two index arrays along axes 2 and 0, with repeated places, places from the end and one that is out of range.
fn two_axes(beyond: Beyond) -> (Params, [Array; 2]) {
    let params = Params::places(&[2, 0], beyond);
    let rows = Array::from_vec(vec![1i32, -1, 1, 0, 9, 1], &[3, 2]);
    let columns = Array::from_vec(vec![0i32, 1, 0, -3, 1, 0], &[3, 2]);
    (params, [rows, columns])
}

pub(super) fn case(name: &str) -> Option<Case> {
    let start = |at: i32| Array::scalar(at);
    let dense = |dims: &[usize], salt| floats(dims, -1.0, 1.0, salt);
    let scatter = || {
        let (params, [rows, columns]) = two_axes(Beyond::Zero);
        Case::new(params, [dense(&[3, 2, 4], 1), rows, columns, dense(&[3, 2, 2], 2)])
    };
    match name {
        "iota" => Case::new(Params::Dims([7].as_slice().into()), []),
        "gather" => {
            let (params, [rows, columns]) = two_axes(Beyond::Clip);
            Case::new(params, [dense(&[3, 2, 4], 1), rows, columns])
        }
        "scatter" | "scatter_add" | "scatter_mul" | "scatter_min" | "scatter_max" => scatter(),
        "dynamic_slice" => {
            let params = Params::Windows { axes: [1, 0].as_slice().into(), lens: [2, 2].as_slice().into() };
            Case::new(params, [dense(&[3, 4], 1), start(1), start(7)])
        }
        "dynamic_update_slice" => {
            let params = Params::Axes([1, 0].as_slice().into());
            Case::new(params, [dense(&[3, 4], 1), dense(&[2, 2], 2), start(1), start(-1)])
        }
        _ => None,
    }
}
