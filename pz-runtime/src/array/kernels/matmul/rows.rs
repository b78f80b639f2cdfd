//! The inner loop over a right side whose rows are contiguous: weighted sums of its rows.
//!
//! Eight rows at a time go into the output, so that it is loaded and stored once per eight, and the prefetcher sees
//! eight plain streams. Each element of the output is one chain of fused multiply-adds in the order of the rows; where
//! the columns are cut makes no difference to it.

use crate::array::kernels::cpu::multiversion;

/// Rows that go into the output together.
const TOGETHER: usize = 8;

multiversion! {
    /// Each of the `out.len() / width` rows of `out`, whose rows are `width` long, becomes the sum of `b`'s rows
    /// weighted by one of `x`: `out[i][j] = Σₖ x[i][k] b[k][j]`. Rows of `x` are `depth` long and `b`'s are `stride`
    /// apart.
    pub(super) fn weighted_sums(x: &[f32], depth: usize, b: &[f32], stride: usize, out: &mut [f32], width: usize) {
        out.fill(0.0);
        let mut k = 0;
        while k + TOGETHER <= depth {
            let rows: [&[f32]; TOGETHER] = std::array::from_fn(|r| &b[(k + r) * stride..][..width]);
            let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
            for (x, out) in x.chunks_exact(depth).zip(out.chunks_exact_mut(width)) {
                let w: &[f32; TOGETHER] = x[k..].first_chunk().expect("within the depth");
                for j in 0..width {
                    let sum = w[0].mul_add(r0[j], out[j]);
                    let sum = w[1].mul_add(r1[j], sum);
                    let sum = w[2].mul_add(r2[j], sum);
                    let sum = w[3].mul_add(r3[j], sum);
                    let sum = w[4].mul_add(r4[j], sum);
                    let sum = w[5].mul_add(r5[j], sum);
                    let sum = w[6].mul_add(r6[j], sum);
                    out[j] = w[7].mul_add(r7[j], sum);
                }
            }
            k += TOGETHER;
        }
        for k in k..depth {
            let row = &b[k * stride..][..width];
            for (x, out) in x.chunks_exact(depth).zip(out.chunks_exact_mut(width)) {
                for (out, b) in out.iter_mut().zip(row) {
                    *out = x[k].mul_add(*b, *out);
                }
            }
        }
    }
}
