//! Error bounds over the range, special values, and the same bits at every CPU level.
//!
//! The reference is the standard library's f64 function (erf: a series and a continued fraction, written here), whose
//! own error is far below one ULP of f32. A sweep steps through the bit patterns of f32, so that every binade has its
//! share of the samples.

use super::super::cpu::at_each_level;
use super::*;

type Slices = fn(&[f32], &mut [f32]);
/// Arguments and the results wanted.
type Pairs = &'static [(f32, f32)];

/// Some 400,000 floats from `low` to `high`, evenly spaced by bit pattern, and the dense middle around ±1.
fn sweep(low: f32, high: f32) -> Vec<f32> {
    let order = |x: f32| {
        if x.is_sign_negative() { -((x.to_bits() & 0x7fff_ffff) as i64) } else { x.to_bits() as i64 }
    };
    let (low, high) = (order(low), order(high));
    let step = ((high - low) / 400_000).max(1) | 1;
    let float = |k: i64| f32::from_bits(k.unsigned_abs() as u32 | if k < 0 { 0x8000_0000 } else { 0 });
    let even = (0..).map(|i| low + i * step).take_while(|k| *k <= high).map(float);
    let middle = (-200_000..200_000).map(|i| i as f32 * 1.000_3e-4);
    let middle = middle.filter(|x| (low..=high).contains(&order(*x)));
    even.chain(middle).collect()
}

/// The distance of `got` from `exact` in units in the last place of `exact` as an f32.
fn ulps(got: f32, exact: f64) -> f64 {
    let nearest = exact as f32;
    if nearest.is_infinite() || got.is_infinite() || got.is_nan() || nearest.is_nan() {
        return if got == nearest || (got.is_nan() && nearest.is_nan()) { 0.0 } else { f64::INFINITY };
    }
    let exponent = exact.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor();
    (f64::from(got) - exact).abs() / (exponent - 23.0).exp2()
}

fn worst(name: &str, f: Slices, x: &[f32], exact: impl Fn(f64) -> f64, bound: f64) {
    let mut got = vec![0.0; x.len()];
    f(x, &mut got);
    let mut worst = (0.0, 0.0, 0.0);
    for (x, got) in x.iter().zip(&got) {
        let error = ulps(*got, exact(f64::from(*x)));
        if error > worst.0 {
            worst = (error, *x, *got);
        }
    }
    println!("{name}: {:.3} ULP at {:e} (got {:e})", worst.0, worst.1, worst.2);
    assert!(worst.0 <= bound, "{name}({:e}) = {:e} is off by {} ULP", worst.1, worst.2, worst.0);
}

/// erf by its Taylor series below 3, by the continued fraction of erfc above.
fn erf_exact(x: f64) -> f64 {
    let a = x.abs();
    let value = if a < 3.0 {
        let (mut term, mut sum, mut n) = (a, a, 0.0);
        while term.abs() > 1e-18 * sum.abs() {
            n += 1.0;
            term *= -a * a / n;
            sum += term / (2.0 * n + 1.0);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    } else {
        let fraction = (1..=60).rev().fold(a, |below, k| a + f64::from(k) / 2.0 / below);
        1.0 - (-a * a).exp() / fraction / std::f64::consts::PI.sqrt()
    };
    value.copysign(x)
}

#[test]
fn the_reference_for_erf_has_known_values() {
    // Abramowitz and Stegun, table 7.1.
    for (x, erf) in [(0.5, 0.520_499_877_8), (1.0, 0.842_700_792_9), (2.0, 0.995_322_265_0)] {
        assert!((erf_exact(x) - erf).abs() < 1e-10);
        assert_eq!(erf_exact(-x), -erf_exact(x));
    }
    assert!((erf_exact(2.999_999_999) - erf_exact(3.0)).abs() < 1e-12);
}

#[test]
fn exp_is_within_its_bound() {
    worst("exp", exp, &sweep(-110.0, 95.0), f64::exp, 1.1);
}

#[test]
fn log_is_within_its_bound() {
    worst("log", log, &sweep(0.0, f32::MAX), f64::ln, 1.0);
}

#[test]
fn tanh_is_within_its_bound() {
    worst("tanh", tanh, &sweep(-30.0, 30.0), f64::tanh, 1.5);
}

#[test]
fn sigmoid_is_within_its_bound() {
    worst("sigmoid", sigmoid, &sweep(-110.0, 110.0), |x| 1.0 / (1.0 + (-x).exp()), 2.5);
}

#[test]
fn erf_is_within_its_bound() {
    worst("erf", erf, &sweep(-6.0, 6.0), erf_exact, 1.5);
}

#[test]
fn sin_and_cos_are_within_their_bounds() {
    // Multiples of π/2 and their neighbours, where the reduction cancels, are the hard ones.
    let mut hard = Vec::new();
    for n in -63_662..=63_662 {
        let x = (f64::from(n) * std::f64::consts::FRAC_PI_2) as f32;
        hard.extend([x, x.next_up(), x.next_down()].into_iter().filter(|x| x.abs() <= trig::REACH));
    }
    for x in [&sweep(-trig::REACH, trig::REACH), &hard] {
        worst("sin", sin, x, f64::sin, 1.6);
        worst("cos", cos, x, f64::cos, 1.6);
    }
    // Beyond its reach it is the standard library's, however the elements are mixed.
    let far: Vec<f32> = (0..300).map(|i| 1.7_f32.powi(i % 150) * 0.1).collect();
    worst("sin", sin, &far, f64::sin, 1.6);
    worst("cos", cos, &far, f64::cos, 1.6);
}

#[test]
fn special_values() {
    const INF: f32 = f32::INFINITY;
    const NAN: f32 = f32::NAN;
    const TINY: f32 = f32::from_bits(1);
    #[rustfmt::skip]
    let cases: &[(&str, Slices, Pairs)] = &[
        ("exp", exp, &[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (NAN, NAN), (TINY, 1.0), (1e30, INF), (-1e30, 0.0)]),
        ("log", log, &[(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (INF, INF), (-INF, NAN), (-1.0, NAN), (-TINY, NAN), (NAN, NAN)]),
        ("tanh", tanh, &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (NAN, NAN), (TINY, TINY), (-1e30, -1.0)]),
        ("sigmoid", sigmoid, &[(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (NAN, NAN), (1e30, 1.0), (-1e30, 0.0)]),
        ("erf", erf, &[(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (NAN, NAN), (TINY, TINY), (-1e30, -1.0)]),
        ("sin", sin, &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (NAN, NAN), (TINY, TINY), (-TINY, -TINY)]),
        ("cos", cos, &[(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN), (NAN, NAN), (TINY, 1.0)]),
    ];
    for (name, f, pairs) in cases {
        for (x, want) in *pairs {
            // In the vector loop and in the loop that is left over.
            for len in [1, 37] {
                let mut got = vec![0.5; len];
                f(&vec![*x; len], &mut got);
                let same = |got: &f32| got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan());
                assert!(got.iter().all(same), "{name}({x}) = {got:?}, wanted {want}");
            }
        }
    }
}

#[test]
fn every_level_gives_the_same_bits() {
    let x: Vec<f32> =
        sweep(f32::MIN, f32::MAX).into_iter().step_by(7).chain([f32::NAN, f32::INFINITY]).collect();
    let bits =
        |x: &[f32]| x.iter().map(|v| if v.is_nan() { u32::MAX } else { v.to_bits() }).collect::<Vec<_>>();
    for f in [exp, log, tanh, sigmoid, erf, sin, cos] as [Slices; 7] {
        let mut first: Option<Vec<u32>> = None;
        at_each_level(|level| {
            let mut out = vec![0.0; x.len()];
            f(&x, &mut out);
            assert!(*first.get_or_insert_with(|| bits(&out)) == bits(&out), "{level:?}");
        });
    }
}
