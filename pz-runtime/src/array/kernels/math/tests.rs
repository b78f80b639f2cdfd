//! Error bounds over the range, special values, and the same bits at every CPU level.
//!
//! The reference is the standard library's f64 function (erf: a series and a continued fraction, written here), whose
//! own error is far below one ULP of f32. A sweep steps through the bit patterns of f32, so that every binade has its
//! share of the samples.

use super::super::cpu::at_each_level;
use super::*;

type Slices = fn(&[f32], &mut [f32]);
type Pairwise = fn(&[f32], &[f32], &mut [f32]);
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
    worst("tanh", tanh, &sweep(-30.0, 30.0), f64::tanh, 2.6);
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
        worst("tan", tan, x, f64::tan, 0.6);
    }
    // Beyond its reach it is the standard library's, however the elements are mixed.
    let far: Vec<f32> = (0..300).map(|i| 1.7_f32.powi(i % 150) * 0.1).collect();
    worst("sin", sin, &far, f64::sin, 1.6);
    worst("cos", cos, &far, f64::cos, 1.6);
    worst("tan", tan, &far, f64::tan, 1.6);
}

#[test]
fn the_inverse_functions_and_exponentials_are_within_their_bounds() {
    worst("expm1", expm1, &sweep(-110.0, 95.0), f64::exp_m1, 1.5);
    worst("log1p", log1p, &sweep(-0.999_999_94, f32::MAX), f64::ln_1p, 1.5);
    worst("erfc", erfc, &sweep(-6.0, 12.0), libm::erfc, 0.6);
    worst("sinh", sinh, &sweep(-95.0, 95.0), f64::sinh, 0.6);
    worst("cosh", cosh, &sweep(-95.0, 95.0), f64::cosh, 0.6);
    worst("asin", asin, &sweep(-1.0, 1.0), f64::asin, 0.6);
    worst("acos", acos, &sweep(-1.0, 1.0), f64::acos, 0.6);
    worst("atan", atan, &sweep(f32::MIN, f32::MAX), f64::atan, 0.6);
    worst("cbrt", cbrt, &sweep(f32::MIN, f32::MAX), f64::cbrt, 0.501);
    worst("erf_inv", erf_inv, &sweep(-1.0, 1.0), special::erf_inv, 0.6);
    worst("lgamma", lgamma::lgamma, &sweep(f32::MIN, f32::MAX), libm::lgamma, 0.6);
    worst("lgamma", lgamma::lgamma, &sweep(0.5, 40.0), libm::lgamma, 0.6);
}

/// As [`worst`], for every third with every fifth of a few hundred numbers of all sizes and both signs.
fn worst_of_pairs(name: &str, f: Pairwise, points: &[f32], exact: impl Fn(f64, f64) -> f64, bound: f64) {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for a in points.iter().step_by(3) {
        for b in points.iter().step_by(5) {
            x.push(*a);
            y.push(*b);
        }
    }
    let mut got = vec![0.0; x.len()];
    f(&x, &y, &mut got);
    let mut most = (0.0, 0.0, 0.0);
    for ((x, y), got) in x.iter().zip(&y).zip(&got) {
        let error = ulps(*got, exact(f64::from(*x), f64::from(*y)));
        if error > most.0 {
            most = (error, *x, *y);
        }
    }
    println!("{name}: {:.3} ULP at {:e}, {:e}", most.0, most.1, most.2);
    assert!(most.0 <= bound, "{name}({:e}, {:e}) is off by {} ULP", most.1, most.2, most.0);
}

#[test]
fn functions_of_two_are_within_their_bounds() {
    let points: Vec<f32> = sweep(f32::MIN, f32::MAX).into_iter().step_by(271).collect();
    let near: Vec<f32> = sweep(-100.0, 100.0).into_iter().step_by(271).collect();
    worst_of_pairs("atan2", atan2, &points, f64::atan2, 0.6);
    worst_of_pairs("atan2", atan2, &near, f64::atan2, 0.6);
    worst_of_pairs("pow", pow, &points, f64::powf, 0.6);
    worst_of_pairs("pow", pow, &near, f64::powf, 0.6);
    // Bases near 1, whose powers are large and small but finite.
    let close: Vec<f32> = (-2000..2000).map(|i| 1.0 + i as f32 * 3e-4).collect();
    for y in [2.0, 0.5, -3.0, 17.5, 150.0, -90.25, 1e4] {
        let (mut got, y32) = (vec![0.0; close.len()], vec![y; close.len()]);
        pow(&close, &y32, &mut got);
        for (x, got) in close.iter().zip(&got) {
            let error = ulps(*got, f64::from(*x).powf(f64::from(y)));
            assert!(error <= 0.6, "pow({x:e}, {y}) = {got:e} is off by {error} ULP");
        }
    }
    let exact = |x: f64, y: f64| x.max(y) + (-(x - y).abs()).exp().ln_1p();
    let positive: Vec<f32> = near.iter().map(|x| x.abs()).collect();
    worst_of_pairs("logaddexp", logaddexp, &positive, exact, 2.0);
}

#[test]
fn special_values_of_functions_of_two() {
    const INF: f32 = f32::INFINITY;
    const NAN: f32 = f32::NAN;
    let points =
        [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1e30, -1e30, 16_777_217.0];
    // The standard library follows IEEE 754 in these.
    for (name, f, exact) in
        [("pow", pow as Pairwise, f32::powf as fn(f32, f32) -> f32), ("atan2", atan2, f32::atan2)]
    {
        for x in points {
            for y in points {
                let mut got = [0.5];
                f(&[x], &[y], &mut got);
                let wanted = exact(x, y);
                let same = got[0] == wanted && got[0].is_sign_negative() == wanted.is_sign_negative()
                    || got[0].is_nan() && wanted.is_nan()
                    || wanted.is_normal() && ulps(got[0], f64::from(wanted)) <= 1.6;
                assert!(same, "{name}({x}, {y}) = {}, wanted {wanted}", got[0]);
            }
        }
    }
    for (x, y, wanted) in [
        (INF, INF, INF),
        (-INF, -INF, -INF),
        (INF, -INF, INF),
        (-INF, 3.0, 3.0),
        (NAN, 1.0, NAN),
        (1.0, NAN, NAN),
    ] {
        let mut got = [0.5];
        logaddexp(&[x], &[y], &mut got);
        assert!(got[0] == wanted || got[0].is_nan() && wanted.is_nan(), "logaddexp({x}, {y}) = {}", got[0]);
    }
}

#[test]
fn functions_of_single_elements_have_known_values() {
    // Abramowitz and Stegun: tables 6.1, 6.2 and 7.1, and the values of ζ.
    let euler = 0.577_215_664_901_532_9;
    let pi2 = std::f64::consts::PI.powi(2);
    #[rustfmt::skip]
    let known = [
        (special::polygamma(0, 1.0), -euler), (special::polygamma(0, 0.5), -euler - 4f64.ln()),
        (special::polygamma(0, -0.5), 2.0 - euler - 4f64.ln()), (special::polygamma(0, 10.0), 2.251_752_589_066_721),
        (special::polygamma(1, 1.0), pi2 / 6.0), (special::polygamma(1, 0.5), pi2 / 2.0),
        (special::polygamma(1, -0.5), pi2 / 2.0 + 4.0), (special::polygamma(2, 1.0), -2.404_113_806_319_188_6),
        (special::polygamma(3, 1.0), pi2 * pi2 / 15.0), (special::polygamma(5, -0.5), 8.0 * pi2.powi(3) + 7680.0),
        (special::erf_inv(0.520_499_877_813_046_5), 0.5), (special::erf_inv(-0.842_700_792_949_714_9), -1.0),
        (special::erf_inv(0.999_977_909_503_001_4), 3.0), (special::erf_inv(0.0), 0.0),
    ];
    for (place, (found, wanted)) in known.into_iter().enumerate() {
        assert!((found - wanted).abs() <= 1e-12 * wanted.abs().max(1.0), "{place}: {found}, wanted {wanted}");
    }
    for k in 1..4000 {
        let x = f64::from(k) * 1.4e-3;
        let back =
            if x < 1.0 { special::erf_inv(libm::erf(x)) } else { special::erf_inv(1.0 - libm::erfc(x)) };
        // Beyond, the nearest f64 to erf x stands for many x.
        assert!((back - x).abs() <= 1e-9 * x || x > 4.0, "erf_inv(erf({x})) = {back}");
    }
    assert!(special::erf_inv(1.0 + 1e-16) == f64::INFINITY && special::erf_inv(1.1).is_nan());
    assert!(special::polygamma(0, -3.0).is_nan() && special::polygamma(1, -3.0) == f64::INFINITY);
    assert!(
        special::polygamma(0, f64::NEG_INFINITY).is_nan()
            && special::polygamma(5, f64::NEG_INFINITY).is_nan()
    );
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
        ("tan", tan, &[(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (NAN, NAN), (TINY, TINY)]),
        ("erfc", erfc, &[(0.0, 1.0), (-0.0, 1.0), (INF, 0.0), (-INF, 2.0), (NAN, NAN), (TINY, 1.0), (1e30, 0.0)]),
        ("expm1", expm1, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (NAN, NAN), (TINY, TINY), (1e30, INF), (-1e30, -1.0)]),
        ("log1p", log1p, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-1.0, -INF), (-2.0, NAN), (-INF, NAN), (NAN, NAN), (TINY, TINY)]),
        ("sinh", sinh, &[(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (NAN, NAN), (TINY, TINY), (1e30, INF), (-1e30, -INF)]),
        ("cosh", cosh, &[(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, INF), (NAN, NAN), (TINY, 1.0), (-1e30, INF)]),
        ("asin", asin, &[(0.0, 0.0), (-0.0, -0.0), (1.5, NAN), (-INF, NAN), (NAN, NAN), (TINY, TINY)]),
        ("acos", acos, &[(1.0, 0.0), (1.5, NAN), (-1.5, NAN), (INF, NAN), (NAN, NAN)]),
        ("cbrt", cbrt, &[(0.0, 0.0), (-0.0, -0.0), (27.0, 3.0), (-8.0, -2.0), (INF, INF), (-INF, -INF), (NAN, NAN), (TINY, 1.119_034_7e-15)]),
        ("erf_inv", erf_inv, &[(0.0, 0.0), (-0.0, -0.0), (1.0, INF), (-1.0, -INF), (1.5, NAN), (-INF, NAN), (NAN, NAN), (TINY, TINY)]),
        ("lgamma", lgamma::lgamma, &[(1.0, 0.0), (2.0, 0.0), (0.0, INF), (-0.0, INF), (-3.0, INF), (INF, INF), (-INF, INF), (NAN, NAN), (3e38, INF)]),
        ("atan", atan, &[(0.0, 0.0), (-0.0, -0.0), (NAN, NAN), (TINY, TINY), (INF, std::f32::consts::FRAC_PI_2)]),
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
    #[rustfmt::skip]
    let all: [Slices; 19] = [
        exp, log, tanh, sigmoid, erf, sin, cos, tan, erfc, expm1, log1p, sinh, cosh, asin, acos, atan, cbrt, erf_inv,
        lgamma::lgamma,
    ];
    let turned: Vec<f32> = x.iter().rev().copied().collect();
    for f in [pow, atan2, logaddexp] as [Pairwise; 3] {
        let mut first: Option<Vec<u32>> = None;
        at_each_level(|level| {
            let mut out = vec![0.0; x.len()];
            f(&x, &turned, &mut out);
            assert!(*first.get_or_insert_with(|| bits(&out)) == bits(&out), "{level:?}");
        });
    }
    for f in all {
        let mut first: Option<Vec<u32>> = None;
        at_each_level(|level| {
            let mut out = vec![0.0; x.len()];
            f(&x, &mut out);
            assert!(*first.get_or_insert_with(|| bits(&out)) == bits(&out), "{level:?}");
        });
    }
}
