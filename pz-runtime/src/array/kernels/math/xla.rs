//! Logarithms and error functions rounded exactly as XLA's CPU backend rounds them: random numbers that are to be JAX's
//! pass through these.
//!
//! The formulas are public: logarithms by Cephes (Moshier), the inverse error function by Giles (2010, "Approximating
//! the erfinv function", both precisions), the error function as an odd rational minimax fit. What makes the bits agree
//! is which products are fused with a sum and which are not; every step below says so. None of those for f32 branches,
//! so a loop over them becomes vector code. The functions for users, which are more precise, are the other files here.

/// A polynomial by Horner's rule, highest coefficient first, each step fused.
#[inline(always)]
fn horner<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[0];
    for coefficient in &coefficients[1..] {
        sum = sum.mul_add(x, *coefficient);
    }
    sum
}

/// The natural logarithm (Cephes `logf`); -inf at zero, NaN below.
#[inline(always)]
pub(crate) fn log(x: f32) -> f32 {
    // x = 2^exponent · fraction, with the fraction in [sqrt(1/2), sqrt(2)).
    let bits = x.max(f32::MIN_POSITIVE).to_bits();
    let fraction = f32::from_bits(bits & 0x007f_ffff | 0.5f32.to_bits());
    let low = fraction < std::f32::consts::FRAC_1_SQRT_2;
    let exponent = (bits >> 23) as i32 as f32 - 126.0 - if low { 1.0 } else { 0.0 };
    let t = (fraction - 1.0) + if low { fraction } else { 0.0 };

    let (square, cube) = (t * t, t * t * t);
    let high = horner(t, [0.070_376_836, -0.115_146_1, 0.116_769_984]);
    let middle = horner(t, [-0.124_201_41, 0.142_493_23, -0.166_680_57]);
    let rest = horner(t, [0.200_007_14, -0.249_999_94, 0.333_333_3]);
    let series = high.mul_add(cube, middle).mul_add(cube, rest);
    // ln 2 in two parts, the smaller first, so that the sum keeps its last bits.
    let tail = series.mul_add(cube, exponent * -0.000_212_194_44);
    let value = exponent.mul_add(0.693_359_4, (-square).mul_add(0.5, t) + tail);

    let value = if x == f32::INFINITY { x } else { value };
    let value = if x > 0.0 { value } else { f32::NAN };
    if x == 0.0 { f32::NEG_INFINITY } else { value }
}

/// `ln(1 + x)`, precise near zero (Cephes `log1p`).
#[inline(always)]
pub(crate) fn log_1p(x: f32) -> f32 {
    let square = x * x;
    let numerator =
        horner(x, [4.527e-05, 0.498_541_03, 6.578_732_5, 29.911_919, 60.949_67, 57.112_965, 20.039_553]);
    let denominator = horner(x, [1.0, 15.062_909, 83.047_57, 221.762_4, 309.098_72, 216.427_89, 60.118_66]);
    let series = x * square * (numerator / denominator);
    let near = x + square.mul_add(-0.5, series);
    let far = log(x + 1.0);
    if x.abs() < std::f32::consts::SQRT_2 - 1.0 { near } else { far }
}

/// The number whose error function is `x` (Giles, single precision); ±inf at ±1, NaN outside.
#[inline(always)]
pub(crate) fn erf_inv(x: f32) -> f32 {
    let w = -log_1p(x * -x);
    let central = horner(
        w - 2.5,
        [
            2.810_226_4e-08,
            3.432_739_4e-07,
            -3.523_387_7e-06,
            -4.391_506_5e-06,
            0.000_218_580_87,
            -0.001_253_725,
            -0.004_177_681_6,
            0.246_640_73,
            1.501_409_4,
        ],
    );
    let tail = horner(
        w.sqrt() - 3.0,
        [
            -0.000_200_214_26,
            0.000_100_950_56,
            0.001_349_343_2,
            -0.003_673_428_4,
            0.005_739_507_7,
            -0.007_622_461_3,
            0.009_438_870_5,
            1.001_674,
            2.832_976_8,
        ],
    );
    let slope = if w < 5.0 { central } else { tail };
    x * if x.abs() == 1.0 { f32::INFINITY } else { slope }
}

/// The error function.
#[expect(clippy::approx_constant, reason = "the fit's first coefficient is one ULP below 2/sqrt(pi)")]
pub(crate) fn erf(x: f32) -> f32 {
    if x.abs() >= 3.832_507 {
        return 1.0f32.copysign(x);
    }
    let square = x * x;
    let odd = x * horner(square, [0.000_229_050_65, 0.003_408_291, 0.050_955_694, 0.185_208_32, 1.128_379_1]);
    let even = horner(
        square,
        [-1.179_160_3e-07, 2.354_796_6e-05, 0.001_017_962_6, 0.014_070_47, 0.110_985_05, 0.497_469_25, 1.0],
    );
    odd / even
}

/// Coefficients of the inverse error function for w below 6.25, in w - 3.125, highest first.
const CENTRAL: [f64; 23] = [
    -3.64441206401782e-21,
    -1.6850591381820166e-19,
    1.28584807152564e-18,
    1.1157877678025181e-17,
    -1.333171662854621e-16,
    2.0972767875968562e-17,
    6.637638134358324e-15,
    -4.054566272975207e-14,
    -8.151934197605472e-14,
    2.6335093153082323e-12,
    -1.2975133253453532e-11,
    -5.415412054294628e-11,
    1.0512122733215323e-09,
    -4.112633980346984e-09,
    -2.9070369957882005e-08,
    4.2347877827932404e-07,
    -1.3654692000834679e-06,
    -1.3882523362786469e-05,
    0.00018673420803405714,
    -0.000740702534166267,
    -0.006033670871430149,
    0.24015818242558962,
    1.6536545626831027,
];

/// Coefficients of the inverse error function for w below 16, in √w - 3.25, highest first.
const MIDDLE: [f64; 19] = [
    2.2137376921775787e-09,
    9.075656193888539e-08,
    -2.7517406297064545e-07,
    1.8239629214389228e-08,
    1.5027403968909828e-06,
    -4.013867526981546e-06,
    2.9234449089955446e-06,
    1.2475304481671779e-05,
    -4.7318229009055734e-05,
    6.828485145957318e-05,
    2.4031110387097894e-05,
    -0.0003550375203628475,
    0.0009532893797373805,
    -0.0016882755560235047,
    0.002491442096107851,
    -0.003751208507569241,
    0.005370914553590064,
    1.0052589676941592,
    3.0838856104922208,
];

/// Coefficients of the inverse error function beyond, in √w - 5, highest first.
const TAIL: [f64; 17] = [
    -2.7109920616438573e-11,
    -2.555641816996525e-10,
    1.5076572693500548e-09,
    -3.789465440126737e-09,
    7.61570120807834e-09,
    -1.496002662714924e-08,
    2.914795345090108e-08,
    -6.771199775845234e-08,
    2.2900482228026655e-07,
    -9.9298272942317e-07,
    4.526062597223154e-06,
    -1.968177810553167e-05,
    7.599527703001776e-05,
    -0.00021503011930044477,
    -0.00013871931833623122,
    1.0103004648645344,
    4.849906401408584,
];

/// [`horner`] in double precision.
#[inline(always)]
fn horner_f64(x: f64, coefficients: &[f64]) -> f64 {
    let mut sum = coefficients[0];
    for coefficient in &coefficients[1..] {
        sum = sum.mul_add(x, *coefficient);
    }
    sum
}

/// [`log_1p`] in double precision.
#[inline(always)]
pub(crate) fn log_1p_f64(x: f64) -> f64 {
    if x.abs() >= std::f64::consts::SQRT_2 - 1.0 {
        return (x + 1.0).ln();
    }
    let square = x * x;
    let numerator = horner_f64(
        x,
        &[
            4.527_000_086_244_52e-5,
            0.498_541_028_231_933_75,
            6.578_732_594_206_104,
            29.911_919_328_553_072,
            60.949_667_980_987_79,
            57.112_963_590_585_54,
            20.039_553_499_201_283,
        ],
    );
    let denominator = horner_f64(
        x,
        &[
            1.0,
            15.062_909_083_469_192,
            83.047_565_967_967_22,
            221.762_398_237_328_56,
            309.098_722_253_120_57,
            216.427_886_144_959_48,
            60.118_660_497_603_84,
        ],
    );
    let series = x * square * (numerator / denominator);
    x + square.mul_add(-0.5, series)
}

/// [`erf_inv`] in double precision (Giles).
#[inline(always)]
pub(crate) fn erf_inv_f64(x: f64) -> f64 {
    if x.abs() == 1.0 {
        return x * f64::INFINITY;
    }
    let w = -log_1p_f64(x * -x);
    let slope = if w < 6.25 {
        horner_f64(w - 3.125, &CENTRAL)
    } else if w < 16.0 {
        horner_f64(w.sqrt() - 3.25, &MIDDLE)
    } else {
        horner_f64(w.sqrt() - 5.0, &TAIL)
    };
    slope * x
}
