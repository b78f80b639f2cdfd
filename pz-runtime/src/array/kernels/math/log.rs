//! The natural logarithm.
//!
//! x = 2^e m with m between √½ and √2, so that results near 0 come from m alone, without cancellation; ln m is a
//! polynomial in m - 1, which is exact.

const LN_2: f32 = std::f32::consts::LN_2;
/// ln 2 less its nearest f32.
const LN_2_REST: f32 = -1.904_654_2e-9;
const SQRT_HALF_BITS: u32 = std::f32::consts::FRAC_1_SQRT_2.to_bits();

/// ln x, within 1.0 ULP, subnormal arguments included; -∞ at ±0, ∞ at ∞, NaN below 0 and at NaN.
#[inline(always)]
pub(crate) fn lane(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let bits = if subnormal { x * 8_388_608.0 } else { x }.to_bits();
    let e = (bits.wrapping_sub(SQRT_HALF_BITS) as i32) >> 23;
    let f = f32::from_bits(bits.wrapping_sub((e << 23) as u32)) - 1.0;
    let e = e as f32 - if subnormal { 23.0 } else { 0.0 };
    let p = 0.069_153_37_f32
        .mul_add(f, -0.117_897_324)
        .mul_add(f, 0.118_729_46)
        .mul_add(f, -0.123_843_59)
        .mul_add(f, 0.142_186_64)
        .mul_add(f, -0.166_692_51)
        .mul_add(f, 0.200_022_27)
        .mul_add(f, -0.249_999_87)
        .mul_add(f, 0.333_333_1);
    let square = f * f;
    let rest = e.mul_add(LN_2_REST, f * square * p);
    let ln = e.mul_add(LN_2, f + square.mul_add(-0.5, rest));
    let ln = if x == 0.0 { f32::NEG_INFINITY } else { ln };
    let ln = if x == f32::INFINITY { f32::INFINITY } else { ln };
    if x >= 0.0 { ln } else { f32::NAN }
}
