//! Cases of the primitives that run bodies. What they compute, and how derivatives go through, is tested where users
//! meet it: in `named::scan_tests` and `named::control_tests`.

use std::sync::Arc;

use super::{Case, floats};
use crate::array::Array;
use crate::array::body::Body;
use crate::array::control::{Control, Custom, CustomRule, Scan, While};
use crate::array::params::Params;
use crate::array::primitive::Spec;
use crate::array::trace::{abstract_like, traced};
use crate::array::{DType, ops};
use crate::error::Result;

struct Twice;

impl CustomRule for Twice {
    fn pull(&self, _: &[Array], cotangents: &[Option<Array>]) -> Result<Vec<Option<Array>>> {
        Ok(cotangents.to_vec())
    }
    fn same(&self, _: &dyn CustomRule) -> bool {
        true
    }
}

/// The body of a function of three numbers.
fn body(of: impl Fn(&[Array]) -> Result<Vec<Array>>) -> Arc<Body> {
    let spec = Spec::new(&[3][..], DType::F64);
    let arguments = [abstract_like(&spec).unwrap(), abstract_like(&spec).unwrap()];
    let (outputs, trace) = traced(|| of(&arguments)).unwrap();
    trace.body(&arguments, &outputs)
}

pub(super) fn case(name: &str) -> Option<Case> {
    let three = |salt| floats(&[3], 0.5, 2.0, salt);
    let product = || body(|x| Ok(vec![x[0].mul(&x[1])?]));
    let control = |control, inputs: Vec<Array>| Case::new(Params::Control(Arc::new(control)), inputs);
    match name {
        "part" => {
            let params = Params::Control(Arc::new(Control::Switch(vec![product()])));
            let several = Array::apply(&ops::control::CHECKPOINT, params, &[&three(1), &three(2)]).unwrap();
            let spec = Box::new(three(1).spec().clone());
            Case::new(Params::Part { index: 0, spec }, [several])
        }
        "switch" => {
            let inputs = vec![Array::scalar(1i32), three(1), three(2)];
            control(Control::Switch(vec![product(), body(|x| Ok(vec![x[0].sub(&x[1])?]))]), inputs)
        }
        "checkpoint" => control(Control::Switch(vec![product()]), vec![three(1), three(2)]),
        "custom" => {
            let custom = Custom { inputs: 1, results: 1, rule: Arc::new(Twice) };
            control(Control::Custom(custom), vec![three(1), three(2)])
        }
        "scan" => {
            let scan = Scan {
                body: body(|x| Ok(vec![x[0].mul(&x[1])?, x[0].add(&x[1])?])),
                held: 0,
                carried: 1,
                length: 4,
                reverse: true,
                saves: true,
                checkpoint: false,
            };
            control(Control::Scan(scan), vec![three(1), floats(&[4, 3], 0.5, 2.0, 2)])
        }
        "while" => {
            let first = |x: &Array| x.slice(0, 0, 1, 1)?.reshape(&[]);
            let looped = While {
                condition: body(|x| Ok(vec![first(&x[1])?.less(&first(&x[0])?)?])),
                body: body(|x| Ok(vec![x[1].add(&x[0])?])),
                held: 1,
            };
            control(Control::While(looped), vec![three(1), three(2)])
        }
        _ => None,
    }
}
