//! Derivatives in both directions, and of one another.

use super::{NamedArray, contract, grad, hvp, jvp, linearize, value_and_grad_aux, vjp};
use crate::error::Result;

fn f64s(values: &[f64], axis: &'static str) -> NamedArray {
    NamedArray::from_vec(values.to_vec(), [(axis, values.len())]).unwrap()
}

fn x() -> NamedArray {
    f64s(&[0.5, -1.0, 2.0], "n")
}

fn near(found: &NamedArray, wanted: &[f64]) {
    let found = found.to_vec::<f64>().unwrap();
    let close = found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(close, "{found:?} is not {wanted:?}");
}

#[test]
fn a_tangent_goes_through_several_outputs() {
    let f = |x: &[NamedArray]| Ok(vec![x[0].mul(&x[1])?, x[1].sum("n")?, x[0].full_of_ones()?]);
    let v = [f64s(&[1.0, 2.0, 3.0], "n"), f64s(&[1.0, 0.0, -1.0], "n")];
    let (outputs, tangents) = jvp(f, &[x(), f64s(&[4.0, 5.0, 6.0], "n")], &v).unwrap();
    near(&outputs[0], &[2.0, -5.0, 12.0]);
    near(&tangents[0], &[4.0 + 0.5, 10.0, 18.0 - 2.0]);
    near(&tangents[1], &[0.0]);
    near(&tangents[2], &[0.0; 3]);
}

impl NamedArray {
    fn full_of_ones(&self) -> Result<NamedArray> {
        NamedArray::full([("n", 3)], 1f64)
    }
}

#[test]
fn forward_and_backward_are_transposes() {
    let w = NamedArray::from_vec(vec![1f64, 2., 3., 4., 5., 6.], [("n", 3), ("m", 2)]).unwrap();
    let f = |x: &[NamedArray]| Ok(vec![contract("n", &x[0].tanh()?, &w)?]);
    let (v, u) = (f64s(&[1.0, -2.0, 0.5], "n"), f64s(&[3.0, -1.0], "m"));
    let (_, push) = linearize(f, &[x()]).unwrap();
    let (_, pull) = vjp(f, &[x()]).unwrap();
    let there = push(std::slice::from_ref(&v)).unwrap()[0].mul(&u).unwrap().sum("m").unwrap();
    let back = pull(&[u]).unwrap()[0].mul(&v).unwrap().sum("n").unwrap();
    near(&there, &[back.item::<f64>().unwrap()]);
}

#[test]
fn tangents_bind_by_name_and_complain_in_one_report() {
    let x = NamedArray::from_vec(vec![1f64, 2., 3., 4., 5., 6.], [("n", 3), ("m", 2)]).unwrap();
    let turned = x.order_as(["m", "n"]).unwrap();
    let f = |x: &[NamedArray]| Ok(vec![x[0].square()?]);
    let (_, tangents) = jvp(f, std::slice::from_ref(&x), &[turned]).unwrap();
    near(&tangents[0], &[2.0, 8.0, 18.0, 32.0, 50.0, 72.0]);
    let error = jvp(f, &[x], &[f64s(&[1.0], "n")]).unwrap_err().to_string();
    assert!(error.contains("tangent 0 is f64(n:1), and has to be f64(n:3, m:2)"), "{error}");
}

#[test]
fn what_is_no_float_has_no_derivative() {
    let places = NamedArray::arange("n", 3);
    let error = jvp(|x| Ok(x.to_vec()), std::slice::from_ref(&places), std::slice::from_ref(&places))
        .unwrap_err()
        .to_string();
    assert!(error.contains("and only floats have a derivative"), "{error}");
    let error = jvp(|_| Ok(vec![places.clone()]), &[x()], &[x()]).unwrap_err().to_string();
    assert!(error.contains("an output is i32"), "{error}");
}

#[test]
fn third_derivatives() {
    // sin''' = -cos, by three gradients, and by mixing the directions.
    let first = |x: &[NamedArray]| grad(|x| x[0].sin()?.sum("n"), x)?[0].sum("n");
    let second = |x: &[NamedArray]| grad(first, x)?[0].sum("n");
    let wanted: Vec<f64> = [0.5f64, -1.0, 2.0].iter().map(|x| -x.cos()).collect();
    near(&grad(second, &[x()]).unwrap()[0], &wanted);
    let ones = f64s(&[1.0; 3], "n");
    let (_, mixed) = jvp(|x| grad(first, x), &[x()], std::slice::from_ref(&ones)).unwrap();
    near(&mixed[0], &wanted);
    let inner = |x: &[NamedArray]| Ok(jvp(|x| Ok(vec![x[0].sin()?]), x, std::slice::from_ref(&ones))?.1);
    let outer = |x: &[NamedArray]| Ok(jvp(inner, x, std::slice::from_ref(&ones))?.1);
    let (_, thrice) = jvp(outer, &[x()], std::slice::from_ref(&ones)).unwrap();
    near(&thrice[0], &wanted);
    let of_tangents = |x: &[NamedArray]| jvp(inner, x, std::slice::from_ref(&ones))?.1[0].sum("n");
    near(&grad(of_tangents, &[x()]).unwrap()[0], &wanted);
}

#[test]
fn a_hessian_vector_product() {
    // f = (sum x^2)^2: the gradient is 4 s x, the Hessian 4 s I + 8 x x^T.
    let f = |x: &[NamedArray]| x[0].square()?.sum("n")?.square();
    let (gradient, product) = hvp(f, &[x()], &[f64s(&[1.0, 0.0, 2.0], "n")]).unwrap();
    let (s, dot) = (5.25, 0.5 + 4.0);
    near(&gradient[0], &[4.0 * s * 0.5, -4.0 * s, 8.0 * s]);
    near(&product[0], &[4.0 * s + 8.0 * dot * 0.5, -8.0 * dot, 8.0 * s + 16.0 * dot]);
}

#[test]
fn what_is_returned_beside_the_value() {
    let f = |x: &[NamedArray]| {
        let y = x[0].exp()?;
        Ok((y.sum("n")?, (y, "more")))
    };
    let (value, (y, more), grads) = value_and_grad_aux(f, &[x()]).unwrap();
    assert_eq!(y.to_vec::<f64>().unwrap(), grads[0].to_vec::<f64>().unwrap());
    assert_eq!(y.sum("n").unwrap().item::<f64>().unwrap(), value.item::<f64>().unwrap());
    assert_eq!(more, "more");
}

#[test]
fn a_derivative_by_what_has_views_and_by_what_is_used_twice() {
    let f = |x: &[NamedArray]| {
        let (left, right) = (x[0].slice("n", ..2)?, x[0].slice("n", 1..)?);
        left.mul(&right)?.add(&x[0].slice("n", 0..2)?)?.sum("n")
    };
    near(&grad(f, &[x()]).unwrap()[0], &[-1.0 + 1.0, 2.0 + 0.5 + 1.0, -1.0]);
    let (_, tangents) = jvp(|x| Ok(vec![f(x)?]), &[x()], &[f64s(&[1.0, 10.0, 100.0], "n")]).unwrap();
    near(&tangents[0], &[35.0 - 100.0]);
}

#[test]
fn a_graph_of_a_million_nodes() {
    let f = |x: &[NamedArray]| {
        let mut y = x[0].clone();
        for _ in 0..1_000_000 {
            y = y.neg()?;
        }
        y.sum("n")
    };
    near(&grad(f, &[x()]).unwrap()[0], &[1.0; 3]);
}
