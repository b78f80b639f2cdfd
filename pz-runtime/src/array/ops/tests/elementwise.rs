//! Cases of the elementwise primitives.

use super::{Case, floats, truths};
use crate::array::DType;
use crate::array::params::Params;

pub(super) fn case(name: &str) -> Option<Case> {
    let d: &[usize] = &[2, 3];
    let any = |salt| floats(d, -2.0, 2.0, salt);
    let positive = |salt| floats(d, 0.5, 2.0, salt);
    match name {
        "neg" | "abs" | "sign" | "exp" | "sin" | "cos" | "tanh" | "sigmoid" | "erf" | "floor" => {
            Case::new(Params::None, [any(1)])
        }
        "log" | "sqrt" | "rsqrt" => Case::new(Params::None, [positive(1)]),
        "cast" => Case::new(Params::DType(DType::F32), [any(1)]),
        "not" => Case::new(Params::None, [truths(d)]),
        "and" | "or" => Case::new(Params::None, [truths(d), truths(d)]),
        "add" | "sub" | "mul" | "maximum" | "minimum" | "equal" | "not_equal" | "less" | "less_equal" => {
            Case::new(Params::None, [any(1), any(2)])
        }
        "div" | "pow" | "rem" => Case::new(Params::None, [positive(1), positive(2)]),
        "select" => Case::new(Params::None, [truths(d), any(1), any(2)]),
        _ => None,
    }
}
