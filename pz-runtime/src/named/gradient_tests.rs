//! Gradients through whole functions: reading inside, scopes inside scopes, long chains.

use super::{NamedArray, contract, grad, value_and_grad};

fn x() -> NamedArray {
    NamedArray::from_vec(vec![0.5f64, -1.0, 2.0], [("n", 3)]).unwrap()
}

#[test]
fn reading_a_value_inside_harms_nothing() {
    let f = |x: &[NamedArray]| {
        let y = x[0].square()?;
        assert_eq!(y.to_vec::<f64>()?, [0.25, 1.0, 4.0]);
        let total = y.sum("n")?;
        assert_eq!(total.item::<f64>()?, 5.25);
        total.square()
    };
    let (value, grads) = value_and_grad(f, &[x()]).unwrap();
    assert_eq!(value.item::<f64>().unwrap(), 5.25 * 5.25);
    assert_eq!(grads[0].to_vec::<f64>().unwrap(), [10.5, -21.0, 42.0]);
}

#[test]
fn derivatives_of_derivatives() {
    // f = sum x^4; the gradient of its summed gradient is 12 x^2.
    let outer = |x: &[NamedArray]| {
        let inner = |x: &[NamedArray]| x[0].square()?.square()?.sum("n");
        grad(inner, x)?[0].sum("n")
    };
    let second = grad(outer, &[x()]).unwrap();
    assert_eq!(second[0].to_vec::<f64>().unwrap(), [3.0, 12.0, 48.0]);
}

#[test]
fn an_input_on_several_ways_collects_them_all() {
    let f = |x: &[NamedArray]| contract("n", &x[0], &x[0]);
    assert_eq!(grad(f, &[x()]).unwrap()[0].to_vec::<f64>().unwrap(), [1.0, -2.0, 4.0]);
}

#[test]
fn an_input_that_is_not_used_has_a_gradient_of_zeros() {
    let f = |x: &[NamedArray]| x[0].sum("n");
    let grads = grad(f, &[x(), x()]).unwrap();
    assert_eq!(grads[1].to_vec::<f64>().unwrap(), [0.0; 3]);
}

#[test]
fn a_loss_of_twenty_thousand_nodes() {
    let f = |x: &[NamedArray]| {
        let mut y = x[0].clone();
        for _ in 0..10_000 {
            y = y.mul(0.9999)?.add(0.0001)?;
        }
        y.sum("n")
    };
    let gradient = grad(f, &[x()]).unwrap()[0].to_vec::<f64>().unwrap();
    let wanted = 0.9999f64.powi(10_000);
    assert!(gradient.iter().all(|g| (g / wanted - 1.0).abs() < 1e-9), "{gradient:?}");
}

#[test]
fn integers_have_no_gradient_and_say_so() {
    let places = NamedArray::arange("n", 3);
    let error = grad(|x| x[0].sum("n"), &[places]).unwrap_err().to_string();
    assert!(error.contains("only floats have a derivative"), "{error}");
    let error = grad(|x| Ok(x[0].clone()), &[x()]).unwrap_err().to_string();
    assert!(error.contains("axes (n:3)"), "{error}");
}

#[test]
fn a_value_overwritten_in_place_is_still_there_for_the_gradient() {
    // The update's operand is held by nobody else, so the engine may write it in place when the loss is read;
    // the derivative by the weights then still needs the updated array.
    let weights = x();
    let f = |w: &[NamedArray]| {
        let cache = NamedArray::from_vec(vec![1f64, 2.0, 3.0], [("n", 3)])?;
        let new = NamedArray::from_vec(vec![7f64], [("n", 1)])?;
        let updated = cache.dynamic_update_slice(&new, [("n", &NamedArray::scalar(1))])?;
        drop(cache);
        let loss = updated.mul(&w[0])?.sum("n")?;
        drop(updated);
        loss.item::<f64>()?;
        Ok(loss)
    };
    assert_eq!(grad(f, &[weights]).unwrap()[0].to_vec::<f64>().unwrap(), [1.0, 7.0, 3.0]);
}

#[test]
fn a_value_kept_after_the_scope_lets_its_graph_go() {
    let big = NamedArray::from_vec(vec![1f64; 1000], [("n", 1000)]).unwrap();
    let mut kept = None;
    let f = |x: &[NamedArray]| {
        let loss = x[0].square()?.sum("n")?;
        loss.eval()?;
        kept = Some(loss.clone());
        Ok(loss)
    };
    assert_eq!(grad(f, &[big]).unwrap()[0].size("n"), Some(1000));
    let kept = kept.unwrap();
    assert!(kept.array.as_node().inputs().is_empty());
    assert_eq!(kept.item::<f64>().unwrap(), 1000.0);
}
