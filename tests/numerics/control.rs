//! Control flow against JAX: what it computes, tangents forwards, cotangents back, and second derivatives.

use pz::named::contract;
use pz::{DType, NamedArray, Result, Scan};
use serde_json::Value;

use crate::fixture::{FORWARD, GRADIENT, Verdict, agrees, arrays, cases, list, text};

type Outputs = Result<Vec<NamedArray>>;

/// tanh((h + x) w): a step of a recurrent network.
fn cell(w: &NamedArray, h: &NamedArray, x: &NamedArray) -> Result<NamedArray> {
    contract("f", &h.add(x)?, w)?.rename("g", "f")?.tanh()
}

fn rnn(how: Scan, a: &[NamedArray]) -> Outputs {
    let (last, made) = how.run(a[1].clone(), a[2].clone(), |h, x: NamedArray| {
        let h = cell(&a[0], &h, &x)?;
        Ok((h.clone(), h.mul(2.0)?))
    })?;
    Ok(vec![last, made])
}

fn counted(a: &[NamedArray]) -> Outputs {
    let init = (a[0].clone(), NamedArray::scalar(0i32));
    let ((h, i), (hs, places)) = pz::scan("t", init, a[1].clone(), |(h, i), x: NamedArray| {
        let h = h.mul(&x.sin()?)?.add(&i.cast(DType::F32)?)?;
        Ok(((h.clone(), i.add(1)?), (h, i)))
    })?;
    Ok(vec![h, hs, i, places])
}

fn running(a: &[NamedArray]) -> Outputs {
    let start = (NamedArray::full([("f", 2)], -30f32)?, NamedArray::full([("f", 2)], 0f32)?);
    let (_, all) = pz::scan("t", start, a[0].clone(), |(top, total), x: NamedArray| {
        let new = top.maximum(&x)?;
        let total = total.mul(&top.sub(&new)?.exp()?)?.add(&x.sub(&new)?.exp()?)?;
        let so_far = new.add(&total.log()?)?;
        Ok(((new, total), so_far))
    })?;
    Ok(vec![all])
}

fn nested(a: &[NamedArray]) -> Outputs {
    let (last, made) = pz::scan("t", a[1].clone(), a[2].clone(), |h, x: NamedArray| {
        let h = pz::fori_loop(0..2, h, |_, h| cell(&a[0], &h, &x))?;
        Ok((h.clone(), h))
    })?;
    Ok(vec![last, made])
}

fn newton(a: &[NamedArray]) -> Outputs {
    let init = (a[0].clone(), NamedArray::scalar(0i32));
    let (x, steps) = pz::while_loop(
        |(x, steps): &(NamedArray, NamedArray)| {
            let far = x.square()?.sub(&a[0])?.abs()?.greater(1e-3)?.index("n", 0)?;
            far.logical_and(&steps.less(20)?)
        },
        |(x, steps)| Ok((x.add(&a[0].div(&x)?)?.mul(0.5)?, steps.add(1)?)),
        init,
    )?;
    Ok(vec![x, steps])
}

fn powers(a: &[NamedArray]) -> Outputs {
    let last = pz::fori_loop(1..5, a[1].clone(), |i, v| {
        let v = contract("f", &v, &a[0])?.rename("g", "f")?;
        v.div(&v.square()?.sum("f")?.add(&i.cast(DType::F32)?)?.sqrt()?)
    })?;
    Ok(vec![last])
}

fn run(program: &str, a: &[NamedArray]) -> Outputs {
    let along = Scan::along("t");
    match program {
        "rnn" => rnn(along, a),
        "rnn_reverse" => rnn(along.reverse(), a),
        "counted" => counted(a),
        "running" => running(a),
        "nested" => nested(a),
        "newton" => newton(a),
        "powers" => powers(a),
        "cond" => {
            let either = pz::cond(
                &a[0],
                |(x, y): (NamedArray, NamedArray)| x.mul(&y),
                |(x, y)| x.sin()?.add(&y.square()?),
                (a[1].clone(), a[2].clone()),
            )?;
            Ok(vec![either])
        }
        "switch" => {
            let all: [&dyn Fn(NamedArray) -> Result<NamedArray>; 3] =
                [&|x| x.square(), &|x| x.exp(), &|x| x.square()?.mul(&x)];
            Ok(vec![pz::switch(&a[0], &all, a[1].clone())?])
        }
        "checkpoint" => Ok(vec![pz::checkpoint(|x: NamedArray| x.exp()?.sin(), a[0].clone())?]),
        "stop_gradient" => Ok(vec![a[0].square()?.mul(&a[0].stop_gradient()?)?]),
        "custom" => pz::custom_vjp(
            |x| Ok((vec![x[0].exp()?.add(1.0)?.log()?], vec![x[0].clone()])),
            |x, cotangents| Ok(vec![cotangents[0].mul(&x[0].sigmoid()?)?]),
        )
        .call(a),
        "custom_of_two" => pz::custom_vjp(
            |x| Ok((vec![x[0].mul(&x[1])?], x.to_vec())),
            |x, cotangents| {
                let twice = cotangents[0].mul(2.0)?;
                Ok(vec![twice.mul(&x[1])?, twice.mul(&x[0])?])
            },
        )
        .call(a),
        other => panic!("the program `{other}` is not known"),
    }
}

/// The program as a function of its floats, to those of its results that are floats.
fn of_floats<'a>(
    program: &'a str,
    inputs: &'a [NamedArray],
) -> impl Fn(&[NamedArray]) -> Result<Vec<NamedArray>> + 'a {
    move |floats: &[NamedArray]| {
        let mut floats = floats.iter();
        let filled =
            inputs.iter().map(|input| if is_float(input) { floats.next().unwrap_or(input) } else { input });
        let mut outputs = run(program, &filled.cloned().collect::<Vec<_>>())?;
        outputs.retain(is_float);
        Ok(outputs)
    }
}

fn is_float(array: &NamedArray) -> bool {
    array.dtype() == DType::F32
}

fn all_agree(what: &str, found: &[NamedArray], wanted: &Value, tolerance: f64) -> Result<(), String> {
    if found.len() != list(wanted).len() {
        return Err(format!("{what}: {} arrays, and should be {}", found.len(), list(wanted).len()));
    }
    let mut each = found.iter().zip(list(wanted)).enumerate();
    each.try_for_each(|(at, (found, wanted))| {
        agrees(found, wanted, tolerance).map_err(|e| format!("{what} {at}: {e}"))
    })
}

fn of_case(case: &Value) -> Result<(), String> {
    let say = |error: pz::Error| error.to_string();
    let (program, inputs) = (text(&case["program"]), arrays(&case["in"]));
    all_agree("out", &run(program, &inputs).map_err(say)?, &case["out"], FORWARD)?;
    let floats: Vec<NamedArray> = inputs.iter().filter(|input| is_float(input)).cloned().collect();
    let (tangents, cotangents) = (arrays(&case["tangents"]), arrays(&case["cotangents"]));
    let function = of_floats(program, &inputs);
    if !case["jvp"].is_null() {
        let (_, moved) = pz::jvp(&function, &floats, &tangents).map_err(say)?;
        all_agree("jvp", &moved, &case["jvp"], GRADIENT)?;
    }
    if !case["vjp"].is_null() {
        let (_, pull) = pz::vjp(&function, &floats).map_err(say)?;
        all_agree("vjp", &pull(&cotangents).map_err(say)?, &case["vjp"], GRADIENT)?;
        let loss = |floats: &[NamedArray]| {
            let outputs = function(floats)?;
            let mut total = NamedArray::scalar(0f32);
            for (output, cotangent) in outputs.iter().zip(&cotangents) {
                let axes: Vec<_> = output.named_shape().into_iter().map(|(name, _)| name).collect();
                total = total.add(&output.mul(cotangent)?.sum(axes)?)?;
            }
            Ok(total)
        };
        let (_, product) = pz::hvp(loss, &floats, &tangents).map_err(say)?;
        all_agree("hvp", &product, &case["hvp"], GRADIENT)?;
    }
    Ok(())
}

#[test]
fn control_flow_and_its_derivatives_are_those_of_jax() {
    let mut verdict = Verdict::default();
    for case in cases("control") {
        verdict.record(text(&case["case"]), of_case(&case));
    }
    verdict.finish(22);
}
