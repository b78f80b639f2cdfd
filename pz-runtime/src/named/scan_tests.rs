//! Scans against the same loops written out, in values and in derivatives of both directions and two orders.

use super::{
    NamedArray, Scan, checkpoint, contract, fori_loop, grad, hvp, jvp, scan, value_and_grad, while_loop,
};
use crate::error::Result;

fn f64s(values: &[f64], axis: &'static str) -> NamedArray {
    NamedArray::from_vec(values.to_vec(), [(axis, values.len())]).unwrap()
}

fn near(found: &NamedArray, wanted: &NamedArray) {
    let (found, wanted) = (found.to_vec::<f64>().unwrap(), wanted.to_vec::<f64>().unwrap());
    let close = |a: &f64, b: &f64| (a - b).abs() < 1e-10 * b.abs().max(1.0);
    let all = found.len() == wanted.len() && found.iter().zip(&wanted).all(|(a, b)| close(a, b));
    assert!(all, "{found:?} is not {wanted:?}");
}

/// A recurrent cell's inputs: the weights, the first state, the inputs over time.
fn cell() -> [NamedArray; 3] {
    let wave =
        |len: usize, salt: f64| (0..len).map(|i| (i as f64 * 1.3 + salt).sin() * 0.6).collect::<Vec<_>>();
    [
        NamedArray::from_vec(wave(9, 0.1), [("in", 3), ("out", 3)]).unwrap(),
        f64s(&wave(3, 2.0), "in"),
        NamedArray::from_vec(wave(12, 0.7), [("t", 4), ("in", 3)]).unwrap(),
    ]
}

fn step(w: &NamedArray, h: &NamedArray, x: &NamedArray) -> Result<NamedArray> {
    contract("in", w, &h.add(x)?)?.rename("out", "in")?.tanh()
}

/// The sum of squares of all states, and thrice the last one.
fn by_scan(how: Scan) -> impl Fn(&[NamedArray]) -> Result<NamedArray> {
    move |a: &[NamedArray]| {
        let (last, states) = how.run(a[1].clone(), a[2].clone(), |h, x: NamedArray| {
            let next = step(&a[0], &h, &x)?;
            Ok((next.clone(), next))
        })?;
        states.square()?.sum(["t", "in"])?.add(&last.sum("in")?.mul(3.0)?)
    }
}

fn by_hand(order: [usize; 4]) -> impl Fn(&[NamedArray]) -> Result<NamedArray> {
    move |a: &[NamedArray]| {
        let (mut h, mut total) = (a[1].clone(), NamedArray::scalar(0f64));
        for t in order {
            h = step(&a[0], &h, &a[2].index("t", t)?)?;
            total = total.add(&h.square()?.sum("in")?)?;
        }
        total.add(&h.sum("in")?.mul(3.0)?)
    }
}

#[test]
fn a_scan_has_the_gradients_of_the_loop_written_out() {
    let forwards = [0, 1, 2, 3];
    for (how, order) in [
        (Scan::along("t"), forwards),
        (Scan::along("t").reverse(), [3, 2, 1, 0]),
        (Scan::along("t").checkpoint(), forwards),
        (Scan::along("t").length(4), forwards),
    ] {
        let (value, grads) = value_and_grad(by_scan(how), &cell()).unwrap();
        let (wanted, wanted_grads) = value_and_grad(by_hand(order), &cell()).unwrap();
        near(&value, &wanted);
        grads.iter().zip(&wanted_grads).for_each(|(found, wanted)| near(found, wanted));
    }
}

#[test]
fn a_scan_has_the_tangents_and_second_derivatives_of_the_loop_written_out() {
    let tangents = cell().map(|array| array.cos().unwrap());
    for (how, order) in
        [(Scan::along("t"), [0, 1, 2, 3]), (Scan::along("t").checkpoint().reverse(), [3, 2, 1, 0])]
    {
        let (scanned, by_hand) = (by_scan(how), by_hand(order));
        let (_, found) = jvp(|a| Ok(vec![scanned(a)?]), &cell(), &tangents).unwrap();
        let (_, wanted) = jvp(|a| Ok(vec![by_hand(a)?]), &cell(), &tangents).unwrap();
        near(&found[0], &wanted[0]);
        let (_, found) = hvp(&scanned, &cell(), &tangents).unwrap();
        let (_, wanted) = hvp(&by_hand, &cell(), &tangents).unwrap();
        found.iter().zip(&wanted).for_each(|(found, wanted)| near(found, wanted));
        // Forwards over backwards, and backwards over forwards.
        let (_, again) = jvp(|a| grad(&scanned, a), &cell(), &tangents).unwrap();
        again.iter().zip(&wanted).for_each(|(found, wanted)| near(found, wanted));
        let directional = |a: &[NamedArray]| Ok(jvp(|a| Ok(vec![scanned(a)?]), a, &tangents)?.1.remove(0));
        let again = grad(directional, &cell()).unwrap();
        again.iter().zip(&wanted).for_each(|(found, wanted)| near(found, wanted));
    }
}

#[test]
fn loops_in_loops() {
    let [w, h, xs] = cell();
    let twice = |w: &NamedArray, h: NamedArray, x: &NamedArray| fori_loop(0..2, h, |_, h| step(w, &h, x));
    let nested = |a: &[NamedArray]| {
        let (last, ()) =
            scan("t", a[1].clone(), a[2].clone(), |h, x: NamedArray| Ok((twice(&a[0], h, &x)?, ())))?;
        last.sum("in")
    };
    let by_hand = |a: &[NamedArray]| {
        let mut h = a[1].clone();
        for t in 0..4 {
            let x = a[2].index("t", t)?;
            h = step(&a[0], &step(&a[0], &h, &x)?, &x)?;
        }
        h.sum("in")
    };
    let inputs = [w, h, xs];
    let tangents = inputs.clone().map(|array| array.cos().unwrap());
    let (value, grads) = value_and_grad(nested, &inputs).unwrap();
    let (wanted, wanted_grads) = value_and_grad(by_hand, &inputs).unwrap();
    near(&value, &wanted);
    grads.iter().zip(&wanted_grads).for_each(|(found, wanted)| near(found, wanted));
    let (_, found) = hvp(nested, &inputs, &tangents).unwrap();
    let (_, wanted) = hvp(by_hand, &inputs, &tangents).unwrap();
    found.iter().zip(&wanted).for_each(|(found, wanted)| near(found, wanted));
    let (_, found) = jvp(|a| Ok(vec![nested(a)?]), &inputs, &tangents).unwrap();
    let (_, wanted) = jvp(|a| Ok(vec![by_hand(a)?]), &inputs, &tangents).unwrap();
    near(&found[0], &wanted[0]);
}

#[test]
fn a_gradient_taken_inside_of_a_step() {
    // Five steps of gradient descent on sum (x - a)^2, and the derivative of where they end by a.
    let descend = |a: &[NamedArray]| {
        let start = NamedArray::zeros([("n", 2)], crate::DType::F64)?;
        let end = fori_loop(0..5, start, |_, x| {
            let slope = grad(|x| x[0].sub(&a[0])?.square()?.sum("n"), std::slice::from_ref(&x))?;
            x.sub(&slope[0].mul(0.25)?)
        })?;
        end.sum("n")
    };
    let (value, grads) = value_and_grad(descend, &[f64s(&[1.0, -3.0], "n")]).unwrap();
    let share = 1.0 - 0.5f64.powi(5);
    near(&value, &NamedArray::scalar(-2.0 * share));
    near(&grads[0], &f64s(&[share, share], "n"));
}

#[test]
fn what_is_carried_is_ordered_as_at_first() {
    let init = NamedArray::zeros([("a", 2), ("b", 3)], crate::DType::F64).unwrap();
    let xs = NamedArray::from_vec((0..24).map(f64::from).collect(), [("b", 3), ("t", 4), ("a", 2)]).unwrap();
    let (last, sums) = scan("t", init, xs.clone(), |sum, x: NamedArray| {
        let sum = x.add(&sum)?;
        Ok((sum.clone(), (sum.clone(), sum.sum(["a", "b"])?)))
    })
    .unwrap();
    assert_eq!(last.summary_text(), "f64(a:2, b:3)");
    assert_eq!(sums.0.summary_text(), "f64(t:4, b:3, a:2)");
    near(&last, &xs.sum("t").unwrap().order_as(["a", "b"]).unwrap());
    near(&sums.1, &xs.sum(["a", "b"]).unwrap().cumsum("t").unwrap());
}

#[test]
fn a_scan_of_no_steps() {
    let empty = NamedArray::zeros([("t", 0), ("n", 2)], crate::DType::F64).unwrap();
    let f = |a: &[NamedArray]| {
        let (last, made) = scan("t", a[0].clone(), a[1].clone(), |h, x: NamedArray| {
            let h = h.mul(&x)?;
            Ok((h.clone(), h))
        })?;
        assert_eq!(made.summary_text(), "f64(t:0, n:2)");
        assert!(made.to_vec::<f64>()?.is_empty());
        last.sum("n")
    };
    let (value, grads) = value_and_grad(f, &[f64s(&[2.0, 5.0], "n"), empty]).unwrap();
    near(&value, &NamedArray::scalar(7.0));
    near(&grads[0], &f64s(&[1.0, 1.0], "n"));
    assert!(grads[1].is_empty());
}

#[test]
fn mistakes_are_all_named() {
    let init = (f64s(&[1.0, 2.0], "n"), vec![NamedArray::scalar(1f32), NamedArray::scalar(0i32)]);
    let error = Scan::along("t")
        .length(3)
        .run(init, (), |(a, b), ()| Ok(((a.sum("n")?, vec![b[1].clone(), b[0].clone()]), ())))
        .unwrap_err()
        .to_string();
    for wanted in [
        "3 problems",
        "`[0]` of what is carried into the step is f64(n:2), and of what it carries on f64()",
        "`[1][0]` of what is carried into the step is f32(), and of what it carries on i32()",
    ] {
        assert!(error.contains(wanted), "{error}");
    }
    let other = || (f64s(&[1.0, 2.0], "t"), f64s(&[1.0], "t"), f64s(&[1.0], "n"));
    let error = scan("t", (), other(), |(), _| Ok(((), ()))).unwrap_err().to_string();
    assert!(error.contains("`[1]` has 1 slices along `t`, and there are 2 steps"), "{error}");
    assert!(error.contains("`[2]` is f64(n:1), which has no axis `t`"), "{error}");
    let error = scan("t", (), (), |(), ()| Ok(((), ()))).unwrap_err().to_string();
    assert!(error.contains("nothing says how many steps there are"), "{error}");
    let error = Scan::along("t").length(2).run(1.0f32, (), |c, ()| Ok((c, ()))).unwrap_err().to_string();
    assert!(error.contains("is a `f32`, and has to be an array"), "{error}");
    let grow = Scan::along("t").length(2).run(vec![NamedArray::scalar(1)], (), |mut c, ()| {
        c.push(NamedArray::scalar(2));
        Ok((c, ()))
    });
    assert!(grow.unwrap_err().to_string().contains("differ in structure"));
}

#[test]
fn a_value_cannot_be_read_in_a_step() {
    let error = scan("t", (), f64s(&[1.0, 2.0], "t"), |(), x: NamedArray| {
        assert_eq!(format!("{x:?}"), "f64() pending");
        x.mul(2.0)?.item::<f64>()?;
        Ok(((), ()))
    });
    let error = error.unwrap_err().to_string();
    assert!(error.contains("which has a shape but no value") && error.contains("scan_tests.rs"), "{error}");
}

#[test]
fn what_fails_in_a_step_names_its_line() {
    let (last, ()) = scan("t", NamedArray::scalar(0f64), f64s(&[1.0], "t"), |c, x: NamedArray| {
        let leaked = x.mul(&c)?;
        Ok((leaked, ()))
    })
    .unwrap();
    assert_eq!(last.item::<f64>().unwrap(), 0.0);
    let mut leaked = None;
    scan("t", (), f64s(&[1.0], "t"), |(), x: NamedArray| {
        leaked = Some(x);
        Ok(((), ()))
    })
    .unwrap();
    let leaked = leaked.unwrap();
    let (out, ()) =
        scan("t", NamedArray::scalar(0f64), f64s(&[1.0], "t"), |c, _: NamedArray| Ok((c.add(&leaked)?, ())))
            .unwrap();
    assert!(out.item::<f64>().unwrap_err().to_string().contains("which has a shape but no value"));
}

#[test]
fn equal_loops_are_one_body() {
    let run = |scale: f64| {
        scan("t", NamedArray::scalar(0f64), f64s(&[1.0, 2.0], "t"), |c, x: NamedArray| {
            Ok((c.add(&x.mul(scale)?)?, ()))
        })
        .unwrap()
        .0
    };
    let control = |array: &NamedArray| {
        let several = array.array.as_node().inputs()[0].clone();
        let crate::array::params::Params::Control(control) = &several.params else { panic!("no control") };
        let crate::array::control::Control::Scan(scan) = &**control else { panic!("no scan") };
        scan.body.clone()
    };
    let (one, two) = (run(2.0), run(5.0));
    assert!(std::sync::Arc::ptr_eq(&control(&one), &control(&two)));
    near(&one, &NamedArray::scalar(6.0));
    near(&two, &NamedArray::scalar(15.0));
}

/// What a body is given has no history yet when it is traced: the derivative of a softmax must not rest on that.
#[test]
fn a_softmax_of_what_a_body_is_given_has_its_derivatives() {
    let [_, first, inputs] = cell();
    let weights = f64s(&[0.3, -1.2, 0.9], "in");
    let step = |h: &NamedArray, x: &NamedArray| h.softmax("in")?.add(&x.softmax("in")?);
    let weighed = |h: NamedArray| h.mul(&weights)?.sum("in");
    let scanned = |a: &[NamedArray]| {
        let (last, ()) = scan("t", a[0].clone(), a[1].clone(), |h, x: NamedArray| Ok((step(&h, &x)?, ())))?;
        weighed(last)
    };
    let by_hand = |a: &[NamedArray]| {
        let steps = (0..4).try_fold(a[0].clone(), |h, t| step(&h, &a[1].index("t", t)?))?;
        weighed(steps)
    };
    let kept = |a: &[NamedArray]| {
        let a = a.to_vec();
        weighed(checkpoint(|a: Vec<NamedArray>| step(&a[0], &a[1].index("t", 0)?), a)?)
    };
    let once = |a: &[NamedArray]| weighed(step(&a[0], &a[1].index("t", 0)?)?);
    let looped = |a: &[NamedArray]| {
        let x = a[1].index("t", 0)?;
        let more = |c: &(NamedArray, NamedArray)| c.0.less(1);
        let next = |c: (NamedArray, NamedArray)| Ok((c.0.add(1)?, step(&c.1, &x)?));
        let (_, last) = while_loop(more, next, (NamedArray::scalar(0i32), a[0].clone()))?;
        weighed(last)
    };
    type Function<'a> = &'a dyn Fn(&[NamedArray]) -> Result<NamedArray>;
    let pairs: [(Function<'_>, Function<'_>, bool); 3] =
        [(&scanned, &by_hand, true), (&kept, &once, true), (&looped, &once, false)];
    let at = [first, inputs];
    let tangents = at.clone().map(|array| array.cos().unwrap());
    for (found, wanted, goes_back) in pairs {
        let forward = |f: Function<'_>| jvp(|a| Ok(vec![f(a)?]), &at, &tangents).unwrap().1;
        near(&forward(found)[0], &forward(wanted)[0]);
        if goes_back {
            let both = |f: Function<'_>| {
                let (gradient, second) = hvp(f, &at, &tangents).unwrap();
                [gradient, second].concat()
            };
            let (found, wanted) = (both(found), both(wanted));
            found.iter().zip(&wanted).for_each(|(found, wanted)| near(found, wanted));
            assert!(wanted.iter().all(|array| array.to_vec::<f64>().unwrap().iter().any(|v| v.abs() > 1e-4)));
        }
    }
}
