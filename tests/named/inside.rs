//! What a function under `nmap` cannot do, in words that name the call; and derivatives that cross the border of one.

use std::panic::Location;
use std::slice::from_ref;

use pz::nx::nmap;
use pz::{DType, NamedArray, Result};

use super::{assert_is, counted, error};

type Done = Result<()>;
type Pair = (NamedArray, NamedArray);

/// What `f` says, under `nmap`, of a slice of three numbers and of one number.
#[track_caller]
fn says<T>(f: impl FnOnce(NamedArray, NamedArray) -> Result<T>) -> String {
    let here = Location::caller();
    let slices = counted(&[("a", 2), ("p", 3)]).untag("p").map(|x| (x, counted(&[("a", 2)])));
    let ignored = |result: Result<T>| result.map(|_| NamedArray::scalar(0));
    let text = error(slices.and_then(|slices| nmap(|(x, y): Pair| ignored(f(x, y)), slices)));
    assert!(!text.contains("axes ()") && !text.contains('\0'), "{text}");
    text.replace(&format!("{}:{}", here.file(), here.line()), "HERE")
}

#[track_caller]
fn is_not_read<T>(op: &str, what: &str, f: impl FnOnce(NamedArray, NamedArray) -> Result<T>) {
    let text = says(f);
    let place = text.split(" at ").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or("");
    assert!(place.starts_with("tests/named/inside.rs:"), "{text}");
    assert_eq!(
        text.replace(place, "HERE"),
        format!(
            "{op}: {what} stands for each slice along `a` of the `nmap` at HERE, and no single one has a value here\n  \
             help: read it outside of the function that `nmap` was given"
        )
    );
}

#[test]
fn what_a_slice_holds_is_not_read_inside() {
    is_not_read("item", "i32()", |_, y| y.item::<i32>());
    is_not_read("to_vec", "i32(3)", |x, _| x.to_vec::<i32>());
    is_not_read("elements", "i32(3)", |x, _| x.elements::<i32>().map(drop));
    is_not_read("to_ndarray", "i32(3)", |x, _| x.to_ndarray::<i32>());
    is_not_read("try_from", "i32()", |_, y| f32::try_from(&y));
    is_not_read("try_from", "bool()", |x, _| bool::try_from(&x.sum(0)?.less(4)?));
    is_not_read("difference", "i32(3)", |x, _| x.difference(&x));
    is_not_read("difference", "i32(3)", |x, _| x.flip(0)?.mul(0)?.difference(&x));
    is_not_read("try_from", "i32(3)", |x, _| i64::try_from(&x));
}

#[test]
fn loops_and_choices_say_what_the_function_sees() {
    let zero = || NamedArray::scalar(0);
    assert_eq!(
        says(|x, y| pz::fori_loop(0..2, y, |_, y| x.add(&y))),
        "fori_loop: the leaf of what is carried into the step is i32(), and of what it carries on i32(3)\n  help: both have \
         to have the same axes and the same dtype"
    );
    assert_eq!(
        says(|_, y| pz::while_loop(
            |pair: &Pair| pair.0.less(9),
            |(a, b)| Ok((a.add(1)?, b.cast(DType::F32)?)),
            (y, zero())
        )),
        "while_loop: `[1]` of what is carried into the body is i32(), and of what it carries on f32()\n  help: both \
         have to have the same axes and the same dtype"
    );
    assert_eq!(
        says(|x, y| pz::while_loop(|_: &NamedArray| x.less(1), Ok, y)),
        "while_loop: the condition is bool(3), and has to be one truth value\n  help: compare and reduce it to one; for \
         a choice of each element, use `condition.select(a, b)`"
    );
    assert_eq!(
        says(|x, y| pz::cond(&y, Ok, |x: NamedArray| x.sum(0), x)),
        "cond: the condition is i32(), and has to be one truth value\n  help: compare and reduce it to one; for a choice \
         of each element, use `condition.select(a, b)`"
    );
    assert_eq!(
        says(|x, y| pz::cond(&y.less(1)?, Ok, |x: NamedArray| x.sum(0), x)),
        "cond: the leaf of what the first function gives is i32(3), and of what the second function gives i32()\n  help: \
         both have to have the same axes and the same dtype"
    );
    assert_eq!(
        says(|x, y| pz::switch(&y.cast(DType::F32)?, &[&|x: NamedArray| Ok(x)], x)),
        "switch: the index is f32(), and has to be one integer"
    );
    assert_eq!(
        says(|x, y| pz::scan("t", y, x, |c: NamedArray, x: NamedArray| Ok((c, x)))),
        "scan: the leaf is i32(3), which has no axis `t` to go along"
    );
}

#[test]
fn derivatives_and_windows_say_what_the_function_sees() {
    let floats = |x: NamedArray| x.cast(DType::F32);
    assert_eq!(
        says(|x, _| pz::grad(|x| x[0].square(), &[floats(x)?])),
        "grad: the function returned an array with axes (3), and a gradient is of one number\n  help: reduce the result: \
         `loss.sum([…])` or `loss.mean([…])`"
    );
    assert_eq!(
        says(|x, y| pz::jvp(|x| Ok(x.to_vec()), &[floats(x)?], &[floats(y)?])),
        "jvp: tangent 0 is f32(), and has to be f32(3)"
    );
    assert_eq!(
        says(|x, y| x.dynamic_slice([(0, &y.cast(DType::F32)?, 2)])),
        "dynamic_slice: the start along `0` is f32(), and has to be one integer"
    );
    assert_eq!(
        says(|x, y| x.dynamic_slice([(0, &x, 2), (1, &y, 1)])),
        "dynamic_slice: there is no positional axis 1; the array has 1 (3)"
    );
    assert_eq!(
        says(|x, y| x.dynamic_update_slice(&y, [(0, &y)])),
        "dynamic_update_slice: the update has no axis `0`; it has ()"
    );
    assert_eq!(says(|x, y| x.at([("a", &y)])?.get()), "at: there is no axis `a`; the array has (3)");
}

/// Carries on an array that an `nmap` in the step has hidden axes of, which are others each time.
#[test]
fn a_loop_does_not_carry_what_leaked() {
    let leak = |_: NamedArray| {
        let mut kept = None;
        nmap(|x: NamedArray| Ok(kept.insert(x).clone()), counted(&[("b", 2)]))?;
        Ok(kept.expect("the function ran"))
    };
    let line = line!() - 3;
    let wants = format!(
        ": what the step carries on is a slice along `b` of the `nmap` at tests/named/inside.rs:{line}, which is not \
         running here\n  help: return it from the function that `nmap` was given, and use the result"
    );
    let zero = || NamedArray::scalar(0);
    assert_eq!(error(pz::fori_loop(0..2, zero(), |_, x| leak(x))), format!("fori_loop{wants}"));
    assert_eq!(error(pz::while_loop(|x: &NamedArray| x.less(2), leak, zero())), format!("while_loop{wants}"));
}

fn floats(values: &[f32], name: &'static str) -> Result<NamedArray> {
    NamedArray::from_vec(values.to_vec(), [(name, values.len())])
}

/// Jacobians as in JAX: a linear map made outside, mapped over the rows of the identity.
#[test]
fn a_linear_map_is_mapped_over_what_it_is_given() -> Done {
    let x = floats(&[1.0, 2.0, 3.0], "p")?;
    let function = |x: &[NamedArray]| {
        let first = x[0].slice("p", ..2)?.rename("p", "q")?;
        Ok(vec![x[0].square()?.sum("p")?, first.mul(x[0].index("p", 2)?)?])
    };
    let (_, push) = pz::linearize(function, from_ref(&x))?;
    let (_, pull) = pz::vjp(function, &[x])?;
    let rows = NamedArray::eye([("row", 3), ("p", 3)], 0, DType::F32)?.untag("p")?;
    let columns = nmap(
        |row: NamedArray| {
            let moved = push(&[row.tag("p")?])?;
            Ok((moved[0].clone(), moved[1].untag("q")?))
        },
        rows,
    )?;
    assert_eq!(columns.0.to_vec::<f32>()?, [2.0, 4.0, 6.0]);
    // [[3, 0, 1], [0, 3, 2]], and a column for each input.
    assert_eq!(columns.1.tag("q")?.order_as(["q", "row"])?.to_vec::<f32>()?, [3.0, 0.0, 1.0, 0.0, 3.0, 2.0]);
    let seeds = NamedArray::eye([("row", 2), ("q", 2)], 0, DType::F32)?.untag("q")?;
    let back = nmap(
        |seed: NamedArray| pull(&[NamedArray::scalar(0f32), seed.tag("q")?])?.remove(0).untag("p"),
        seeds,
    )?;
    assert_eq!(back.tag("p")?.order_as(["row", "p"])?.to_vec::<f32>()?, [3.0, 0.0, 1.0, 0.0, 3.0, 2.0]);
    Ok(())
}

/// What all slices share has a gradient from each, also where the user wrote the derivative.
#[test]
fn a_derivative_of_ones_own_adds_up_over_slices() -> Done {
    let product = pz::custom_vjp(
        |x| Ok((vec![x[0].mul(&x[1])?], vec![x[0].clone(), x[1].clone()])),
        |x, c| Ok(vec![c[0].mul(&x[1])?, c[0].mul(&x[0])?]),
    );
    let examples = floats(&[1.0, 2.0, 4.0], "batch")?;
    let weights = NamedArray::scalar(3f32);
    let loss = |w: &[NamedArray]| {
        let each = nmap(|x: NamedArray| product.call(&[w[0].clone(), x])?.remove(0).square(), w[1].clone())?;
        each.sum("batch")
    };
    let grads = pz::grad(loss, &[weights, examples])?;
    // Of the sum of (w x)^2: 2 w x^2 each, and 2 w^2 x.
    assert_eq!(grads[0].to_vec::<f32>()?, [126.0]);
    assert_eq!(grads[1].to_vec::<f32>()?, [18.0, 36.0, 72.0]);
    Ok(())
}

/// The derivative forwards of a loop whose number of steps differs: 1 / (2 √a), by Newton's steps.
#[test]
fn a_loop_of_different_lengths_has_a_derivative_forwards() -> Done {
    let squares = floats(&[1.0, 2.0, 1e6], "n")?.cast(DType::F64)?;
    let root = |a: &[NamedArray]| -> Result<Pair> {
        let (root, steps) = pz::while_loop(
            |(x, _): &Pair| x.square()?.sub(&a[0])?.abs()?.greater(a[0].mul(1e-13)?),
            |(x, steps)| Ok((x.add(&a[0].div(&x)?)?.mul(0.5)?, steps.add(1)?)),
            (a[0].clone(), NamedArray::scalar(0)),
        )?;
        Ok((root, steps))
    };
    let one = || NamedArray::scalar(1f64);
    let (steps, slopes) = nmap(
        |a: NamedArray| {
            let (_, steps) = root(from_ref(&a))?;
            Ok((steps, pz::jvp(|a| Ok(vec![root(a)?.0]), &[a], &[one()])?.1.remove(0)))
        },
        squares,
    )?;
    assert_is(&steps.slice("n", ..1)?, "n:1", &[0]);
    let steps = steps.to_vec::<i32>()?;
    assert!(steps[0] < steps[1] && steps[1] < steps[2], "{steps:?}");
    // Without a step the root is the number itself, whose slope is 1.
    let wanted = [1.0, 0.5 / 2f64.sqrt(), 0.5 / 1e3];
    for (found, wanted) in slopes.to_vec::<f64>()?.into_iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-12, "{found} is not {wanted}");
    }
    Ok(())
}
