//! Cases of the primitives that find their places among values.

use super::{Case, floats};
use crate::array::Array;
use crate::array::params::Params;

pub(super) fn case(name: &str) -> Option<Case> {
    let start = || Array::scalar(1i32);
    let dense = |dims: &[usize], salt| floats(dims, -1.0, 1.0, salt);
    match name {
        "iota" => Case::new(Params::Window { axis: 0, len: 7 }, []),
        "take" => Case::new(Params::Axis(1), [dense(&[3, 4], 1), Array::from_vec(vec![2i32, 0, 2], &[3])]),
        "scatter_add" => {
            let places = Array::from_vec(vec![4i32, 0, 4], &[3]);
            Case::new(Params::Window { axis: 1, len: 6 }, [places, dense(&[3, 2, 2], 1)])
        }
        "dynamic_slice" => Case::new(Params::Window { axis: 1, len: 2 }, [dense(&[3, 4], 1), start()]),
        "dynamic_update_slice" => Case::new(Params::Axis(1), [dense(&[3, 4], 1), dense(&[3, 2], 2), start()]),
        _ => None,
    }
}
