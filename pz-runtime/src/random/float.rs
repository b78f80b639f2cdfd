//! Special functions in f32, rounded exactly as XLA's CPU backend rounds them.
//!
//! The formulas are public: logarithms by Cephes (Moshier), the inverse error function by Giles (2010,
//! "Approximating the erfinv function"), the error function as an odd rational minimax fit. What makes the bits
//! agree is which products are fused with a sum ([`fused`]) and which are not; every step below says so.
//! None of these branches, so a loop over them becomes vector code.

/// `a * b + c`, rounded once.
///
/// The product of two f32 is exact in f64, so a plain f64 sum does it on every machine at the speed of vector
/// code; the double rounding shows in about one of 2^29 results.
#[inline(always)]
pub(super) fn fused(a: f32, b: f32, c: f32) -> f32 {
    (f64::from(a) * f64::from(b) + f64::from(c)) as f32
}

/// A polynomial by Horner's rule, highest coefficient first, each step fused.
#[inline(always)]
fn horner<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[0];
    for coefficient in &coefficients[1..] {
        sum = fused(sum, x, *coefficient);
    }
    sum
}

/// The natural logarithm (Cephes `logf`); -inf at zero, NaN below.
#[inline(always)]
pub(super) fn log(x: f32) -> f32 {
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
    let series = fused(fused(high, cube, middle), cube, rest);
    // ln 2 in two parts, the smaller first, so that the sum keeps its last bits.
    let tail = fused(series, cube, exponent * -0.000_212_194_44);
    let value = fused(exponent, 0.693_359_4, fused(-square, 0.5, t) + tail);

    let value = if x == f32::INFINITY { x } else { value };
    let value = if x > 0.0 { value } else { f32::NAN };
    if x == 0.0 { f32::NEG_INFINITY } else { value }
}

/// `ln(1 + x)`, precise near zero (Cephes `log1p`).
#[inline(always)]
fn log_1p(x: f32) -> f32 {
    let square = x * x;
    let numerator =
        horner(x, [4.527e-05, 0.498_541_03, 6.578_732_5, 29.911_919, 60.949_67, 57.112_965, 20.039_553]);
    let denominator = horner(x, [1.0, 15.062_909, 83.047_57, 221.762_4, 309.098_72, 216.427_89, 60.118_66]);
    let series = x * square * (numerator / denominator);
    let near = x + fused(square, -0.5, series);
    let far = log(x + 1.0);
    if x.abs() < std::f32::consts::SQRT_2 - 1.0 { near } else { far }
}

/// The inverse of the error function (Giles, single precision); ±inf at ±1, NaN outside.
#[inline(always)]
pub(super) fn erf_inv(x: f32) -> f32 {
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
pub(super) fn erf(x: f32) -> f32 {
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
