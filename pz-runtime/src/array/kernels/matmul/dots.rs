//! The inner loop over a right side whose columns are contiguous: dot products.
//!
//! A dot product has sixteen partial sums, lane by lane, which are then added in a fixed tree: one or two registers
//! on each CPU, and the same bits. Four of them run side by side, so that loads of the shared side are shared and
//! enough additions are under way.

use crate::array::kernels::cpu::multiversion;

/// Partial sums of one dot product.
const LANES: usize = 16;

type Lanes = [f32; LANES];

#[inline(always)]
fn lanes(x: &[f32], at: usize) -> &Lanes {
    x[at..].first_chunk().expect("checked by the caller")
}

/// Adds the partial sums, neighbours at distance 8, 4, 2, 1.
#[inline(always)]
fn total(mut sums: Lanes) -> f32 {
    for half in [8, 4, 2, 1] {
        for l in 0..half {
            sums[l] += sums[l + half];
        }
    }
    sums[0]
}

/// Dot products of each of `X` vectors with each of `Y` vectors, all of length `depth`.
#[inline(always)]
fn tile<const X: usize, const Y: usize>(x: [&[f32]; X], y: [&[f32]; Y], depth: usize) -> [[f32; Y]; X] {
    let mut sums = [[[0.0_f32; LANES]; Y]; X];
    let whole = depth / LANES * LANES;
    let mut at = 0;
    while at < whole {
        for i in 0..X {
            for j in 0..Y {
                let (x, y) = (lanes(x[i], at), lanes(y[j], at));
                for l in 0..LANES {
                    sums[i][j][l] = x[l].mul_add(y[l], sums[i][j][l]);
                }
            }
        }
        at += LANES;
    }
    for i in 0..X {
        for j in 0..Y {
            for l in 0..depth - whole {
                sums[i][j][l] = x[i][whole + l].mul_add(y[j][whole + l], sums[i][j][l]);
            }
        }
    }
    sums.map(|sums| sums.map(total))
}

multiversion! {
    /// `out[j] = Σₖ x[k] y[j][k]`, where the vectors `y` are `stride` apart.
    pub(super) fn with_each(x: &[f32], y: &[f32], stride: usize, out: &mut [f32]) {
        let depth = x.len();
        // Each of the four walks through its own quarter of the memory: four plain streams for the prefetcher, where
        // four neighbours would make it start anew at each vector (a third of the speed, measured).
        let quarter = out.len() / 4;
        for j in 0..quarter {
            let y = std::array::from_fn::<_, 4, _>(|c| &y[(j + c * quarter) * stride..]);
            let [sums] = tile([x], y, depth);
            for (c, sum) in sums.into_iter().enumerate() {
                out[j + c * quarter] = sum;
            }
        }
        for j in 4 * quarter..out.len() {
            [[out[j]]] = tile([x], [&y[j * stride..]], depth);
        }
    }

    /// `out[i] = Σₖ x[i][k] y[k]`, where the vectors `x` are `y.len()` apart.
    pub(super) fn of_each(x: &[f32], y: &[f32], out: &mut [f32]) {
        let depth = y.len();
        let mut i = 0;
        while i + 4 <= out.len() {
            let sums = tile(std::array::from_fn::<_, 4, _>(|r| &x[(i + r) * depth..]), [y], depth);
            for [sum] in sums {
                out[i] = sum;
                i += 1;
            }
        }
        while i < out.len() {
            [[out[i]]] = tile([&x[i * depth..]], [y], depth);
            i += 1;
        }
    }
}
