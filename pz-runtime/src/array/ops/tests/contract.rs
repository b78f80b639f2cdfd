//! Cases of the contractions.

use super::{Case, floats};
use crate::array::params::Params;

pub(super) fn case(name: &str) -> Option<Case> {
    let pairs = |pairs: &[(usize, usize)]| pairs.iter().copied().collect();
    match name {
        "dot" => {
            let params = Params::Dot { batch: pairs(&[(0, 2)]), contract: pairs(&[(2, 0)]) };
            Case::new(params, [floats(&[2, 3, 4], -1.0, 1.0, 1), floats(&[4, 5, 2], -1.0, 1.0, 2)])
        }
        _ => None,
    }
}
