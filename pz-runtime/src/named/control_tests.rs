//! Choices, loops on a condition, and functions that say what a gradient keeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{NamedArray, checkpoint, cond, custom_vjp, grad, hvp, jvp, switch, value_and_grad, while_loop};
use crate::DType;
use crate::error::Result;

fn f64s(values: &[f64], axis: &'static str) -> NamedArray {
    NamedArray::from_vec(values.to_vec(), [(axis, values.len())]).unwrap()
}

fn x() -> NamedArray {
    f64s(&[0.5, -1.0, 2.0], "n")
}

fn near(found: &NamedArray, wanted: &[f64]) {
    let found = found.to_vec::<f64>().unwrap();
    let close = |a: &f64, b: &f64| (a - b).abs() < 1e-10 * b.abs().max(1.0);
    let all = found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| close(a, b));
    assert!(all, "{found:?} is not {wanted:?}");
}

fn yes(is: bool) -> NamedArray {
    NamedArray::scalar(is)
}

#[test]
fn only_the_branch_taken_runs_and_has_a_derivative() {
    let f = |is: bool| {
        move |a: &[NamedArray]| {
            cond(&yes(is), |x: NamedArray| x.square(), |x| x.sin(), a[0].clone())?.sum("n")
        }
    };
    let point: [f64; 3] = [0.5, -1.0, 2.0];
    near(&grad(f(true), &[x()]).unwrap()[0], &[1.0, -2.0, 4.0]);
    near(&grad(f(false), &[x()]).unwrap()[0], &point.map(f64::cos));
    let v = f64s(&[1.0, 10.0, 100.0], "n");
    near(
        &jvp(|a| Ok(vec![f(true)(a)?]), &[x()], std::slice::from_ref(&v)).unwrap().1[0],
        &[1.0 - 20.0 + 400.0],
    );
    near(&hvp(f(true), &[x()], std::slice::from_ref(&v)).unwrap().1[0], &[2.0, 20.0, 200.0]);
    let wanted = [-0.5f64.sin(), 10.0 * 1f64.sin(), -100.0 * 2f64.sin()];
    near(&hvp(f(false), &[x()], &[v]).unwrap().1[0], &wanted);
}

#[test]
fn what_the_branch_not_taken_makes_is_not_computed() {
    let lost = crate::array::trace::abstract_like(x().array.spec()).unwrap();
    let lost = NamedArray::new(lost, x().roles.clone());
    // A captured array without a value would fail if it were read; made in the branch, it is read there only.
    let made = |x: NamedArray| {
        let spec = x.array.spec().clone();
        let inside = NamedArray::new(crate::array::trace::abstract_like(&spec)?, x.roles.clone());
        x.mul(&inside)
    };
    let taken = cond(&yes(false), made, |x: NamedArray| x.neg(), x()).unwrap();
    near(&taken, &[-0.5, 1.0, -2.0]);
    let taken = cond(&yes(true), made, |x: NamedArray| x.neg(), x()).unwrap();
    assert!(taken.to_vec::<f64>().is_err());
    let outside = cond(&yes(false), |x: NamedArray| x.mul(&lost), |x| x.neg(), x()).unwrap();
    assert!(outside.to_vec::<f64>().is_err());
}

#[test]
fn a_switch_takes_the_nearest_branch() {
    let f = |index: i32| {
        move |a: &[NamedArray]| {
            let all: [&dyn Fn(NamedArray) -> Result<NamedArray>; 3] =
                [&|x| x.neg(), &|x| x.square(), &|x| x.exp()];
            switch(&NamedArray::scalar(index), &all, a[0].clone())?.sum("n")
        }
    };
    for (index, slope) in
        [(-7, [-1.0; 3]), (0, [-1.0; 3]), (1, [1.0, -2.0, 4.0]), (9, [0.5f64, -1.0, 2.0].map(f64::exp))]
    {
        near(&grad(f(index), &[x()]).unwrap()[0], &slope);
    }
}

#[test]
fn branches_that_do_not_fit_say_so() {
    let error = cond(&yes(true), |x: NamedArray| x.sum("n"), Ok, x()).unwrap_err().to_string();
    assert!(
        error.contains(
            "of what the first function gives is f64(), and of what the second function gives f64(n:3)"
        ),
        "{error}"
    );
    let error = cond(&x().greater(0.0).unwrap(), Ok::<NamedArray, _>, Ok, x()).unwrap_err().to_string();
    assert!(error.contains("the condition is bool(n:3), and has to be one truth value"), "{error}");
    let error = switch(&NamedArray::scalar(1.5f32), &[&|x: NamedArray| Ok(x)], x()).unwrap_err().to_string();
    assert!(error.contains("has to be one integer"), "{error}");
    let none: &[&dyn Fn(NamedArray) -> Result<NamedArray>] = &[];
    assert!(switch(&NamedArray::scalar(0), none, x()).is_err());
}

#[test]
fn a_while_loop_goes_forwards_and_not_back() {
    // Newton's square root; the derivative is 1 / (2 sqrt a).
    let root = |a: &[NamedArray]| {
        let init = (a[0].clone(), NamedArray::scalar(0i32));
        let (root, _) = while_loop(
            |(x, steps): &(NamedArray, NamedArray)| {
                let off = x.square()?.sub(&a[0])?.abs()?.greater(1e-13)?;
                off.logical_and(&steps.less(50)?)
            },
            |(x, steps)| Ok((x.add(&a[0].div(&x)?)?.mul(0.5)?, steps.add(1)?)),
            init,
        )?;
        Ok(vec![root])
    };
    let two = NamedArray::scalar(2f64);
    let (roots, slopes) = jvp(root, std::slice::from_ref(&two), &[NamedArray::scalar(1f64)]).unwrap();
    near(&roots[0], &[2f64.sqrt()]);
    near(&slopes[0], &[0.5 / 2f64.sqrt()]);
    let twice = |a: &[NamedArray]| Ok(jvp(root, a, &[NamedArray::scalar(1f64)])?.1);
    let (_, curvature) = jvp(twice, std::slice::from_ref(&two), &[NamedArray::scalar(1f64)]).unwrap();
    near(&curvature[0], &[-0.25 / 2f64.powf(1.5)]);
    let error = grad(|a| Ok(root(a)?.remove(0)), &[two]).unwrap_err().to_string();
    assert!(error.contains("no derivative backwards") && error.contains("pz::scan"), "{error}");
}

#[test]
fn a_million_steps() {
    let count =
        while_loop(|n: &NamedArray| n.less(1_000_000), |n| n.add(1), NamedArray::scalar(0i32)).unwrap();
    assert_eq!(count.item::<i32>().unwrap(), 1_000_000);
}

#[test]
fn a_loop_that_changes_what_it_carries_says_so() {
    let wider = |x: NamedArray| x.cast(DType::F64);
    let error =
        while_loop(|x: &NamedArray| x.less(1.0), wider, NamedArray::scalar(0f32)).unwrap_err().to_string();
    assert!(error.contains("is f32(), and of what it carries on f64()"), "{error}");
}

#[test]
fn a_checkpoint_keeps_nothing() {
    let survivors = |keep: bool| {
        let mut inside = None;
        let mut alive = false;
        let f = |a: &[NamedArray]| {
            let mut body = |x: NamedArray| {
                let middle = x.exp()?.sin()?;
                inside = Some(Arc::downgrade(middle.array.as_node()));
                middle.square()
            };
            let y = if keep { body(a[0].clone())? } else { checkpoint(&mut body, a[0].clone())? };
            let y = y.sum("n")?;
            y.eval()?;
            alive = inside.as_ref().is_some_and(|node| node.upgrade().is_some());
            Ok(y)
        };
        let (_, grads) = value_and_grad(f, &[x()]).unwrap();
        near(&grads[0], &[0.5f64, -1.0, 2.0].map(|x| 2.0 * x.exp().sin() * x.exp().cos() * x.exp()));
        alive
    };
    assert!(survivors(true));
    assert!(!survivors(false));
}

#[test]
fn checkpoints_in_both_directions() {
    let f = |a: &[NamedArray]| checkpoint(|x: NamedArray| x.sin()?.exp(), a[0].clone())?.sum("n");
    let plain = |a: &[NamedArray]| a[0].sin()?.exp()?.sum("n");
    let v = f64s(&[1.0, 10.0, 100.0], "n");
    let values = |array: &NamedArray| array.to_vec::<f64>().unwrap();
    let one = |f: &dyn Fn(&[NamedArray]) -> Result<NamedArray>| {
        jvp(|a| Ok(vec![f(a)?]), &[x()], std::slice::from_ref(&v)).unwrap().1.remove(0)
    };
    near(&one(&f), &values(&one(&plain)));
    near(
        &hvp(f, &[x()], std::slice::from_ref(&v)).unwrap().1[0],
        &values(&hvp(plain, &[x()], std::slice::from_ref(&v)).unwrap().1[0]),
    );
}

#[test]
fn a_constant_for_every_derivative() {
    let f = |a: &[NamedArray]| a[0].square()?.mul(&a[0].stop_gradient()?)?.sum("n");
    near(&grad(f, &[x()]).unwrap()[0], &[0.5, 2.0, 8.0]);
    near(&jvp(|a| Ok(vec![f(a)?]), &[x()], &[f64s(&[1.0, 0.0, 1.0], "n")]).unwrap().1[0], &[8.5]);
}

#[test]
fn a_derivative_of_ones_own() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    // The value is x^3; the derivative claims 5 x^2 where it is 3 x^2, so that one sees who was asked.
    let cube = custom_vjp(
        |x| Ok((vec![x[0].square()?.mul(&x[0])?], vec![x[0].clone()])),
        move |x, cotangents| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(vec![cotangents[0].mul(&x[0].square()?)?.mul(5.0)?])
        },
    );
    let f = |a: &[NamedArray]| cube.call(a)?[0].sum("n");
    let (value, grads) = value_and_grad(f, &[x()]).unwrap();
    near(&value, &[0.125 - 1.0 + 8.0]);
    near(&grads[0], &[1.25, 5.0, 20.0]);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    let v = f64s(&[1.0, 0.0, 0.5], "n");
    near(&jvp(|a| Ok(vec![f(a)?]), &[x()], std::slice::from_ref(&v)).unwrap().1[0], &[11.25]);
    near(&hvp(f, &[x()], &[v]).unwrap().1[0], &[5.0, 0.0, 10.0]);
    // Without a gradient nothing asks.
    let before = calls.load(Ordering::Relaxed);
    near(&cube.call(&[x()]).unwrap()[0], &[0.125, -1.0, 8.0]);
    assert_eq!(calls.load(Ordering::Relaxed), before);
}

#[test]
fn a_derivative_of_ones_own_in_a_loop() {
    let double =
        custom_vjp(|x| Ok((vec![x[0].mul(2.0)?], vec![])), |_, cotangents| Ok(vec![cotangents[0].mul(3.0)?]));
    let f = |a: &[NamedArray]| {
        super::fori_loop(0..3, a[0].clone(), |_, x| Ok(double.call(&[x])?.remove(0)))?.sum("n")
    };
    let (value, grads) = value_and_grad(f, &[x()]).unwrap();
    near(&value, &[12.0]);
    near(&grads[0], &[27.0; 3]);
}

#[test]
fn a_rule_that_gives_other_axes_says_so() {
    let wrong =
        custom_vjp(|x| Ok((vec![x[0].clone()], vec![])), |_, cotangents| Ok(vec![cotangents[0].sum("n")?]));
    let error = grad(|a| wrong.call(a)?[0].sum("n"), &[x()]).unwrap_err().to_string();
    assert!(error.contains("cotangent of float input 0 is f64(), and has to be f64(n:3)"), "{error}");
}
