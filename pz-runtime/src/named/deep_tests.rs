//! Graphs of a million nodes: evaluated, differentiated and dropped in loops, in time that grows with their size.

use super::{NamedArray, checkpoint, grad, hvp, jvp, linearize, scan};
use crate::error::Result;

fn x() -> NamedArray {
    NamedArray::from_vec(vec![0.5f64, -1.0, 2.0], [("n", 3)]).unwrap()
}

#[test]
fn what_is_used_twice_at_every_step_is_counted_once() {
    // As a tree, this would have 2^500000 leaves.
    let f = |x: &[NamedArray]| {
        let mut y = x[0].clone();
        for _ in 0..500_000 {
            y = y.add(&y)?.mul(0.5)?;
        }
        y.sum("n")
    };
    assert_eq!(grad(f, &[x()]).unwrap()[0].to_vec::<f64>().unwrap(), [1.0; 3]);
    let mut y = x();
    for _ in 0..500_000 {
        y = y.add(&y).unwrap().mul(0.5).unwrap();
    }
    assert_eq!(y.to_vec::<f64>().unwrap(), [0.5, -1.0, 2.0]);
}

#[test]
fn a_graph_that_nobody_reads_is_dropped() {
    let f = |x: &[NamedArray]| {
        let mut y = x[0].clone();
        for _ in 0..1_000_000 {
            y = y.neg()?;
        }
        drop(y);
        x[0].sum("n")
    };
    assert_eq!(grad(f, &[x()]).unwrap()[0].to_vec::<f64>().unwrap(), [1.0; 3]);
}

#[test]
fn values_read_on_the_way_leave_a_long_gradient_alone() {
    let f = |x: &[NamedArray]| {
        let mut y = x[0].clone();
        for step in 0..20_000 {
            y = y.mul(1.0)?.neg()?;
            if step % 5_000 == 0 {
                y.to_vec::<f64>()?;
                assert!(!format!("{y:?}").is_empty());
            }
        }
        y.square()?.sum("n")
    };
    assert_eq!(grad(f, &[x()]).unwrap()[0].to_vec::<f64>().unwrap(), [1.0, -2.0, 4.0]);
}

/// Deep enough that a call for each node would leave no stack.
const DEEP: usize = 60_000;

fn long(x: &NamedArray) -> Result<NamedArray> {
    (0..DEEP).try_fold(x.clone(), |y, _| y.neg())
}

#[test]
fn tangents_and_second_derivatives_go_through_long_graphs() {
    let v = NamedArray::from_vec(vec![1f64, 2.0, 3.0], [("n", 3)]).unwrap();
    let (_, moved) = jvp(|x| Ok(vec![long(&x[0])?]), &[x()], std::slice::from_ref(&v)).unwrap();
    assert_eq!(moved[0].to_vec::<f64>().unwrap(), [1.0, 2.0, 3.0]);
    let (_, push) = linearize(|x| Ok(vec![long(&x[0])?.square()?]), &[x()]).unwrap();
    assert_eq!(push(std::slice::from_ref(&v)).unwrap()[0].to_vec::<f64>().unwrap(), [1.0, -4.0, 12.0]);
    let (_, product) = hvp(|x| long(&x[0])?.square()?.sum("n"), &[x()], &[v]).unwrap();
    assert_eq!(product[0].to_vec::<f64>().unwrap(), [2.0, 4.0, 6.0]);
}

#[test]
fn bodies_may_be_long() {
    let recomputed = |x: &[NamedArray]| checkpoint(|x| long(&x)?.square(), x[0].clone())?.sum("n");
    assert_eq!(grad(recomputed, &[x()]).unwrap()[0].to_vec::<f64>().unwrap(), [1.0, -2.0, 4.0]);
    let steps = NamedArray::from_vec(vec![1f64, 2.0], [("step", 2)]).unwrap();
    let scanned = |x: &[NamedArray]| {
        let step = |carry: NamedArray, factor: NamedArray| {
            let carry = long(&carry)?.mul(&factor)?;
            Ok((carry.clone(), carry))
        };
        scan("step", x[0].clone(), steps.clone(), step)?.0.sum("n")
    };
    assert_eq!(grad(scanned, &[x()]).unwrap()[0].to_vec::<f64>().unwrap(), [2.0; 3]);
}

#[test]
fn what_fails_at_the_end_of_a_long_graph_is_told_once() {
    let whole = NamedArray::from_vec(vec![6, 7], [("n", 2)]).unwrap();
    let broken = whole.rem(0).unwrap();
    let behind = (0..DEEP).fold(broken, |y, _| y.neg().unwrap());
    let text = behind.eval().unwrap_err().to_string();
    assert!(text.contains("divided by 0"), "{text}");
    assert_eq!(whole.neg().unwrap().to_vec::<i32>().unwrap(), [-6, -7]);
}
