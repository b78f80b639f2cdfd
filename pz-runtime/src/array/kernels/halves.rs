//! Half precision to `f32` and back, a slice at a time.
//!
//! IEEE halves go through the `half` crate, which asks for the machine's own instruction at run time. A `bf16` is the
//! upper half of an `f32`: widening is a shift, and narrowing rounds to the nearest, of two to the even one, by an
//! addition that carries.

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::cpu::multiversion;

/// The numbers of `x` as `f32`; as many as both slices have.
pub(crate) fn widen_f16(x: &[f16], out: &mut [f32]) {
    x.convert_to_f32_slice(&mut out[..x.len()]);
}

/// The nearest halves of `x`.
pub(crate) fn narrow_f16(x: &[f32], out: &mut [f16]) {
    out.convert_from_f32_slice(x);
}

multiversion! {
    /// The numbers of `x` as `f32`.
    pub(crate) fn widen_bf16(x: &[bf16], out: &mut [f32]) {
        for (x, out) in x.iter().zip(out) {
            *out = f32::from_bits(u32::from(x.to_bits()) << 16);
        }
    }

    /// The nearest `bf16` of `x`.
    pub(crate) fn narrow_bf16(x: &[f32], out: &mut [bf16]) {
        for (x, out) in x.iter().zip(out) {
            let bits = x.to_bits();
            let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
            // A NaN keeps its upper bits, and one that says that it is NaN.
            let nan = bits >> 16 | 0x40;
            *out = bf16::from_bits(if x.is_nan() { nan } else { rounded } as u16);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_comes_back_and_every_number_rounds_to_the_nearest() {
        let all: Vec<u16> = (0..=u16::MAX).collect();
        let x: Vec<bf16> = all.iter().map(|&bits| bf16::from_bits(bits)).collect();
        let mut wide = vec![0.0; x.len()];
        widen_bf16(&x, &mut wide);
        assert!(x.iter().zip(&wide).all(|(x, wide)| wide.to_bits() == u32::from(x.to_bits()) << 16));
        // Between two neighbours: below, at and above the middle, and at the ends.
        for low in [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff] {
            let between: Vec<f32> = wide.iter().map(|v| f32::from_bits(v.to_bits() | low)).collect();
            let mut narrow = vec![bf16::ZERO; x.len()];
            narrow_bf16(&between, &mut narrow);
            for (v, found) in between.iter().zip(&narrow) {
                assert_eq!(found.to_bits(), bf16::from_f32(*v).to_bits(), "{v:e}");
            }
        }
        let x: Vec<f16> = all.iter().map(|&bits| f16::from_bits(bits)).collect();
        widen_f16(&x, &mut wide);
        let mut narrow = vec![f16::ZERO; x.len()];
        narrow_f16(&wide, &mut narrow);
        assert!(
            x.iter()
                .zip(&narrow)
                .all(|(x, back)| x.to_bits() == back.to_bits() || x.is_nan() && back.is_nan())
        );
    }
}
