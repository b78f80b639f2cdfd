//! Control flow and derivatives on a slice.

use std::slice::from_ref;

use pz::{NamedArray, Result, Scan, nx};

use super::Operation::{self, One, Several};
use super::Slice;

type Pair = (NamedArray, NamedArray);

fn several(arrays: impl IntoIterator<Item = NamedArray>) -> Result<Vec<NamedArray>> {
    Ok(arrays.into_iter().collect())
}

fn zero() -> NamedArray {
    NamedArray::scalar(0f32)
}

/// A number of a slice's numbers, with a weight.
fn loss(s: &Slice, w: &NamedArray) -> Result<NamedArray> {
    s.x.mul(w)?.add(&s.y)?.sin()?.mul(&s.s)?.sum([0, 1])
}

pub fn operations() -> Vec<(&'static str, Operation)> {
    [loops(), choices(), derivatives()].into_iter().flatten().collect()
}

fn loops() -> Vec<(&'static str, Operation)> {
    vec![
        // What is carried differs from slice to slice after one step, after two, and never.
        ("fori_loop", One(|s| nx::fori_loop(0..3, zero(), |i, sum| sum.mul(&s.s)?.add(&i)?.add(&s.s)))),
        (
            "fori_loop",
            Several(|s| {
                let init = (zero(), (zero(), NamedArray::scalar(1)));
                let (a, (b, c)) = nx::fori_loop(0..4, init, |_, (_, (b, c)): (NamedArray, Pair)| {
                    Ok((b.add(1.0)?, (b.add(&s.s)?, c.add(&c)?)))
                })?;
                several([a, b, c])
            }),
        ),
        ("fori_loop", One(|s| nx::fori_loop(0..0, zero(), |_, sum| sum.add(&s.s)))),
        (
            "scan",
            Several(|s| {
                let (last, made) =
                    nx::scan("t", zero(), s.x.tag(["t", "q"])?, |sum: NamedArray, row: NamedArray| {
                        let sum = sum.add(&row.sum("q")?)?;
                        Ok((sum.clone(), sum.add(&row)?))
                    })?;
                several([last, made.untag(["t", "q"])?])
            }),
        ),
        (
            "run checkpoint",
            Several(|s| {
                let numbers = NamedArray::arange("t", 4);
                let how = Scan::along("t").reverse().checkpoint();
                let (last, made) = how.run(zero(), numbers, |sum: NamedArray, t: NamedArray| {
                    let sum = sum.mul(0.5)?.add(&t.mul(&s.s)?)?;
                    Ok((sum.clone(), sum))
                })?;
                several([last, made.untag("t")?])
            }),
        ),
        // One loop in another.
        (
            "fori_loop",
            One(|s| {
                nx::fori_loop(0..2, zero(), |i, sum| {
                    nx::fori_loop(0..2, sum, |j, sum| sum.add(&i.mul(&s.i)?.add(&j)?))
                })
            }),
        ),
        // The number of steps is the same for all slices, what is carried is not.
        (
            "while_loop",
            Several(|s| {
                let init = (NamedArray::scalar(0), zero());
                let (steps, sum) = nx::while_loop(
                    |(steps, _): &Pair| steps.less(3),
                    |(steps, sum)| Ok((steps.add(1)?, sum.add(&s.s)?)),
                    init,
                )?;
                several([steps, sum])
            }),
        ),
        // It differs; slices that are done keep what they have.
        (
            "while_loop",
            Several(|s| {
                let (steps, left) = nx::while_loop(
                    |(_, left): &Pair| left.greater(0.0),
                    |(steps, left)| Ok((steps.add(1)?, left.sub(0.4)?)),
                    (NamedArray::scalar(0), s.s.mul(&s.i)?),
                )?;
                several([steps, left])
            }),
        ),
        // Euclid's: the divisor is 0 where it is done.
        (
            "while_loop",
            One(|s| {
                let pair = (s.i.add(30)?, s.n.sum(0)?.mul(4)?);
                let (divisor, _) = nx::while_loop(
                    |(_, b): &Pair| b.not_equal(0),
                    |(a, b)| Ok((b.clone(), a.rem(&b)?)),
                    pair,
                )?;
                Ok(divisor)
            }),
        ),
        // One in another, whose condition would hold for ever for slices that are done.
        (
            "while_loop",
            Several(|s| {
                let (outer, inner) = nx::while_loop(
                    |(left, _): &Pair| left.greater(0),
                    |(left, sum)| {
                        let (_, sum) = nx::while_loop(
                            |(at, _): &Pair| at.not_equal(&left),
                            |(at, sum)| Ok((at.add(1)?, sum.add(&at)?)),
                            (NamedArray::scalar(0), sum),
                        )?;
                        Ok((left.sub(1)?, sum))
                    },
                    (s.i.clone(), NamedArray::scalar(0)),
                )?;
                several([outer, inner])
            }),
        ),
    ]
}

fn choices() -> Vec<(&'static str, Operation)> {
    vec![
        ("cond", One(|s| nx::cond(&s.t, |x: NamedArray| x.sin(), |x| x.mul(&s.s), s.x.clone()))),
        // All slices choose alike, and what one function gives is the same for all.
        (
            "cond",
            One(|s| nx::cond(&NamedArray::scalar(true), |_| Ok(zero()), |s: NamedArray| Ok(s), s.s.clone())),
        ),
        (
            "cond",
            One(|s| nx::cond(&NamedArray::scalar(false), |_| Ok(zero()), |s: NamedArray| Ok(s), s.s.clone())),
        ),
        (
            "cond",
            Several(|s| {
                let (a, b) = nx::cond(
                    &s.t,
                    |()| Ok((NamedArray::scalar(1f32), s.n.clone())),
                    |()| Ok((s.s.clone(), NamedArray::zeros([("n", 4)], pz::DType::I32)?.untag("n")?)),
                    (),
                )?;
                several([a, b])
            }),
        ),
        // The function that is not taken would divide by 0, and is taken for some.
        (
            "cond",
            One(|s| {
                let is_there = s.i.not_equal(0)?;
                nx::cond(&is_there, |i: NamedArray| NamedArray::scalar(12).floor_div(&i), Ok, s.i.clone())
            }),
        ),
        (
            "switch",
            One(|s| {
                let all: [&dyn Fn(NamedArray) -> Result<NamedArray>; 3] =
                    [&|x| x.neg(), &|_| Ok(zero()), &|x| x.add(&s.s)];
                nx::switch(&s.i, &all, s.s.clone())
            }),
        ),
        (
            "switch",
            One(|s| {
                let all: [&dyn Fn(NamedArray) -> Result<NamedArray>; 2] = [&|_| Ok(zero()), &|x| x.add(&s.s)];
                nx::switch(&NamedArray::scalar(1), &all, s.s.clone())
            }),
        ),
        // Keys are chosen too.
        (
            "cond",
            One(|s| {
                let other = pz::Random::to_keys(&pz::random::Key::new(1));
                nx::cond(&s.t, |()| Ok(s.key.clone()), |()| Ok(other), ())
            }),
        ),
        ("checkpoint", One(|s| nx::checkpoint(|x: NamedArray| x.mul(&s.s)?.exp(), s.x.clone()))),
    ]
}

fn derivatives() -> Vec<(&'static str, Operation)> {
    vec![
        ("grad", One(|s| Ok(nx::grad(|w| loss(s, &w[0]), from_ref(&s.s))?.remove(0)))),
        // With respect to what all slices share.
        (
            "value_and_grad",
            Several(|s| {
                let shared = NamedArray::from_vec(vec![0.5f32, -1.0, 0.25, 2.0], [("q", 4)])?.untag("q")?;
                let (value, grads) = nx::value_and_grad(|w| loss(s, &w[0]), &[shared])?;
                several([value, grads[0].clone()])
            }),
        ),
        (
            "value_and_grad_aux",
            Several(|s| {
                let shared = NamedArray::scalar(0.3f32);
                let both = |w: &[NamedArray]| Ok((loss(s, &w[0])?, w[0].add(&s.i)?));
                let (value, beside, grads) = nx::value_and_grad_aux(both, &[shared])?;
                several([value, beside, grads[0].clone()])
            }),
        ),
        ("grad", One(|s| Ok(nx::grad(|w| w[0].mul(3.0), &[zero().add(&s.s)?])?.remove(0)))),
        // Second derivatives, each slice's own.
        (
            "grad",
            One(|s| {
                let shared = NamedArray::scalar(0.3f32);
                let slope = |w: &[NamedArray]| Ok(nx::grad(|w| loss(s, &w[0]), w)?.remove(0));
                Ok(nx::grad(slope, &[shared])?.remove(0))
            }),
        ),
        (
            "jvp",
            Several(|s| {
                let (out, moved) =
                    nx::jvp(|x| Ok(vec![x[0].square()?]), &[NamedArray::scalar(3f32)], from_ref(&s.s))?;
                several([out[0].clone(), moved[0].clone()])
            }),
        ),
        (
            "linearize vjp",
            Several(|s| {
                let function = |x: &[NamedArray]| Ok(vec![x[0].mul(&s.y)?.exp()?, NamedArray::scalar(1f32)]);
                let shared = NamedArray::scalar(0.5f32);
                let (_, push) = nx::linearize(function, from_ref(&shared))?;
                let (_, pull) = nx::vjp(function, &[shared])?;
                let pushed = push(from_ref(&s.s))?;
                several([pushed, pull(&[s.x.clone(), s.s.clone()])?].concat())
            }),
        ),
        (
            "hvp",
            Several(|s| {
                let (gradient, product) =
                    nx::hvp(|w| loss(s, &w[0]), &[NamedArray::scalar(0.5f32)], from_ref(&s.s))?;
                several([gradient, product].concat())
            }),
        ),
        (
            "grad",
            One(|s| {
                // Through a loop, a choice and a window that differ from slice to slice.
                let through = |w: &[NamedArray]| {
                    let looped = nx::fori_loop(0..3, w[0].clone(), |_, v| v.mul(&s.s)?.sin())?;
                    let chosen = nx::cond(&s.t, |v: NamedArray| v.square(), |v| v.neg(), looped)?;
                    s.x.dynamic_slice([(1, &s.i, 2)])?.mul(&chosen)?.sum([0, 1])
                };
                Ok(nx::grad(through, &[NamedArray::scalar(0.7f32)])?.remove(0))
            }),
        ),
        (
            "custom_vjp call",
            Several(|s| {
                let softplus = nx::custom_vjp(
                    |x| Ok((vec![x[0].mul(&x[1])?.exp()?.log1p()?], vec![x[0].clone(), x[1].clone()])),
                    |x, c| {
                        let slope = c[0].mul(&x[0].mul(&x[1])?.sigmoid()?)?;
                        Ok(vec![slope.mul(&x[1])?, slope.mul(&x[0])?])
                    },
                );
                let function = |w: &[NamedArray]| {
                    softplus.call(&[w[0].clone(), w[1].clone()])?.remove(0).mul(&s.x)?.sum([0, 1])
                };
                nx::grad(function, &[NamedArray::scalar(0.5f32), s.s.clone()])
            }),
        ),
    ]
}
