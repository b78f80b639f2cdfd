//! Graphs of a million nodes: evaluated, differentiated and dropped in loops, in time that grows with their size.

use super::{NamedArray, grad};

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
