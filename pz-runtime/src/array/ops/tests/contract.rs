//! Cases of the contractions.

use super::{Case, floats};
use crate::array::params::Params;
use crate::grad::{Scope, pullback};

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

#[test]
fn a_derivative_lies_as_its_operand_does() {
    let x = floats(&[2, 5, 3], -1.0, 1.0, 1);
    for (dims, contracted) in [([3, 4], 0), ([4, 3], 1)] {
        let scope = Scope::open();
        let weight = scope.input(&floats(&dims, -1.0, 1.0, 2)).unwrap();
        let y = x.dot(&weight, [].into_iter().collect(), [(2, contracted)].into_iter().collect()).unwrap();
        let seed = floats(y.dims(), -1.0, 1.0, 3);
        let found = pullback(&scope, &[(y, seed)], &[weight]).unwrap();
        let layout = found[0].read().unwrap().layout;
        assert!(layout.is_contiguous(), "of a weight {dims:?} it is {layout:?}");
    }
}
