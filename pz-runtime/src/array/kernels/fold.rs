//! The operations of reductions, and their one order.
//!
//! A row is folded in runs of [`RUN`] elements, a run in [`LANES`] lanes that are then joined pairwise, and the
//! results of runs as a binary counter carries: neighbours first. The order rests on the length alone, a rounding
//! error grows with its logarithm, and rows and columns can follow it alike: many columns at once, or one row.

use smallvec::SmallVec;

use super::cpu::multiversion;
use crate::array::dtype::Element;

pub(crate) const LANES: usize = 16;
/// Elements of a run.
pub(crate) const RUN: usize = 512;

/// Rows that are folded side by side: a sum is ready some cycles after it is begun, and others can begin meanwhile.
const SIDE_BY_SIDE: usize = 4;

/// How two elements become one.
pub(crate) trait Join<W>: Copy + Send + Sync + 'static {
    /// What changes nothing.
    const NONE: W;
    /// Whether rows are folded by [`quick`](Join::quick) first.
    const IS_QUICK: bool = false;

    fn join(a: W, b: W) -> W;

    /// A simpler `join`: in any order it gives the bits of `join` in the one order, unless the row has an odd element
    /// or the result is unsure.
    fn quick(a: W, b: W) -> W {
        Self::join(a, b)
    }

    fn is_odd(_: W) -> bool {
        false
    }

    fn is_unsure(_: W) -> bool {
        false
    }
}

/// Addition; integers wrap.
#[derive(Clone, Copy)]
pub(crate) struct Sum;
/// Multiplication; integers wrap.
#[derive(Clone, Copy)]
pub(crate) struct Product;
/// The larger; NaN if there is one.
#[derive(Clone, Copy)]
pub(crate) struct Larger;
/// The smaller; NaN if there is one.
#[derive(Clone, Copy)]
pub(crate) struct Smaller;

macro_rules! joins {
    ($($W:ty: $Op:ident, $none:expr, |$a:ident, $b:ident| $join:expr;)*) => {
        $(impl Join<$W> for $Op {
            const NONE: $W = $none;
            #[inline(always)]
            fn join($a: $W, $b: $W) -> $W { $join }
        })*
    };
}
macro_rules! integer_joins {
    ($($W:ident)*) => {
        $(joins! {
            $W: Sum, 0, |a, b| a.wrapping_add(b);
            $W: Product, 1, |a, b| a.wrapping_mul(b);
            $W: Larger, $W::MIN, |a, b| a.max(b);
            $W: Smaller, $W::MAX, |a, b| a.min(b);
        })*
    };
}
integer_joins!(u32 u64 i32 i64);
macro_rules! float_joins {
    ($($W:ident)*) => {
        $(joins! {
            $W: Sum, 0.0, |a, b| a + b;
            $W: Product, 1.0, |a, b| a * b;
        }
        extremes! {
            // Equal numbers have equal bits, but for zeros: as in JAX 0 is larger than -0, whatever the order.
            $W: Larger, $W::NEG_INFINITY, |a, b| if b > a { b } else { a }, |a, b| a & b;
            $W: Smaller, $W::INFINITY, |a, b| if b < a { b } else { a }, |a, b| a | b;
        })*
    };
}
/// Of floats: what takes the more extreme of two, neither NaN nor equal, and the bits of two equal ones.
macro_rules! extremes {
    ($($W:ident: $Op:ident, $none:expr, |$a:ident, $b:ident| $quick:expr, |$x:ident, $y:ident| $equal:expr;)*) => {
        $(impl Join<$W> for $Op {
            const NONE: $W = $none;
            const IS_QUICK: bool = true;

            #[inline(always)]
            fn join(a: $W, b: $W) -> $W {
                let extreme = if b.is_nan() { b } else { Self::quick(a, b) };
                let ($x, $y) = (a.to_bits(), b.to_bits());
                if a == b { $W::from_bits($equal) } else { extreme }
            }

            #[inline(always)]
            fn quick($a: $W, $b: $W) -> $W {
                $quick
            }

            #[inline(always)]
            fn is_odd(value: $W) -> bool {
                value.is_nan()
            }

            // There may be zeros of both signs.
            #[inline(always)]
            fn is_unsure(result: $W) -> bool {
                result == 0.0
            }
        })*
    };
}
float_joins!(f32 f64);

multiversion! {
    /// Joins to each element of `into` the one of `with`.
    pub(crate) fn join_each<W, J>(into: &mut [W], with: &[W], op: J) where [W: Element, J: Join<W>] {
        let _ = op;
        for (into, with) in into.iter_mut().zip(with) {
            *into = J::join(*into, *with);
        }
    }

    /// Folds at most [`RUN`] elements.
    fn run<W, J>(row: &[W], op: J) -> W where [W: Element, J: Join<W>] {
        let _ = op;
        let mut lanes = [J::NONE; LANES];
        let (chunks, rest) = row.as_chunks::<LANES>();
        for chunk in chunks {
            // By index: of an iterator over both, the compiler makes vectors of half the width.
            for lane in 0..LANES {
                lanes[lane] = J::join(lanes[lane], chunk[lane]);
            }
        }
        for (lane, value) in lanes.iter_mut().zip(rest) {
            *lane = J::join(*lane, *value);
        }
        joined(lanes, op)
    }

    /// As [`run`], for rows of `len` elements each, which begin `stride` apart.
    fn runs<W, J>(rows: &[W], stride: usize, len: usize, op: J) -> [W; SIDE_BY_SIDE] where [W: Element, J: Join<W>] {
        let rows: [_; SIDE_BY_SIDE] = std::array::from_fn(|row| rows[row * stride..][..len].as_chunks::<LANES>());
        let mut lanes = [[J::NONE; LANES]; SIDE_BY_SIDE];
        for chunk in 0..len / LANES {
            for (lanes, (chunks, _)) in lanes.iter_mut().zip(&rows) {
                for lane in 0..LANES {
                    lanes[lane] = J::join(lanes[lane], chunks[chunk][lane]);
                }
            }
        }
        for (lanes, (_, rest)) in lanes.iter_mut().zip(&rows) {
            for (lane, value) in lanes.iter_mut().zip(*rest) {
                *lane = J::join(*lane, *value);
            }
        }
        lanes.map(|lanes| joined(lanes, op))
    }

    /// Folds a row by [`Join::quick`], if that is sure to give what [`Join::join`] gives.
    fn quickly<W, J>(row: &[W], op: J) -> Option<W> where [W: Element, J: Join<W>] {
        let _ = op;
        let (mut lanes, mut odd) = ([J::NONE; LANES], [0_u32; LANES]);
        let (chunks, rest) = row.as_chunks::<LANES>();
        for chunk in chunks {
            for lane in 0..LANES {
                lanes[lane] = J::quick(lanes[lane], chunk[lane]);
                odd[lane] |= u32::from(J::is_odd(chunk[lane]));
            }
        }
        let mut width = LANES / 2;
        while width > 0 {
            for lane in 0..width {
                lanes[lane] = J::quick(lanes[lane], lanes[lane + width]);
            }
            width /= 2;
        }
        let (mut result, mut is_odd) = (lanes[0], odd.iter().fold(0, |all, odd| all | odd));
        for value in rest {
            result = J::quick(result, *value);
            is_odd |= u32::from(J::is_odd(*value));
        }
        (is_odd == 0 && !J::is_unsure(result)).then_some(result)
    }
}

/// Joins lanes pairwise.
#[inline(always)]
fn joined<W: Element, J: Join<W>>(mut lanes: [W; LANES], _: J) -> W {
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] = J::join(lanes[lane], lanes[lane + width]);
        }
        width /= 2;
    }
    lanes[0]
}

/// Folds rows of `width` elements, one to each element of `out`.
pub(crate) fn rows<W: Element, J: Join<W>>(rows: &[W], width: usize, out: &mut [W], op: J) {
    let mut done = 0;
    if !J::IS_QUICK {
        let (groups, _) = out.as_chunks_mut::<SIDE_BY_SIDE>();
        done = groups.len() * SIDE_BY_SIDE;
        for (group, out) in rows.chunks_exact((SIDE_BY_SIDE * width).max(1)).zip(groups) {
            if width <= RUN {
                *out = runs_from(group, 0, width, op);
                continue;
            }
            let runs = (0..width).step_by(RUN);
            let parts = runs.map(|first| runs_from(group, first, width, op));
            let join = |a: [W; SIDE_BY_SIDE], b: [W; SIDE_BY_SIDE]| {
                std::array::from_fn(|row| J::join(a[row], b[row]))
            };
            *out = counted(parts, join).unwrap_or([J::NONE; SIDE_BY_SIDE]);
        }
    }
    let rest = rows.chunks_exact(width.max(1)).skip(done).zip(&mut out[done..]);
    rest.for_each(|(values, out)| *out = row(values, op));
}

/// The run that begins at `first` of each of some rows.
fn runs_from<W: Element, J: Join<W>>(rows: &[W], first: usize, width: usize, op: J) -> [W; SIDE_BY_SIDE] {
    runs(&rows[first..], width, RUN.min(width - first), op)
}

/// Folds a row.
pub(crate) fn row<W: Element, J: Join<W>>(row: &[W], op: J) -> W {
    if J::IS_QUICK
        && let Some(result) = quickly(row, op)
    {
        return result;
    }
    if row.len() <= RUN {
        return run(row, op);
    }
    counted(row.chunks(RUN).map(|chunk| run(chunk, op)), J::join).unwrap_or(J::NONE)
}

/// Joins neighbours, and what came of neighbours, as a binary counter carries; what is left at the end from the
/// last to the first.
pub(crate) fn counted<V>(values: impl Iterator<Item = V>, join: impl Fn(V, V) -> V) -> Option<V> {
    let mut kept: SmallVec<[(u32, V); 16]> = SmallVec::new();
    for value in values {
        let (mut level, mut value) = (0, value);
        while kept.last().is_some_and(|(known, _)| *known == level)
            && let Some((_, left)) = kept.pop()
        {
            (level, value) = (level + 1, join(left, value));
        }
        kept.push((level, value));
    }
    kept.into_iter().rev().map(|(_, value)| value).reduce(|right, left| join(left, right))
}

/// Folds columns: `next` gives row after row, `rows` of them, each as wide as there are columns.
pub(crate) fn columns<W: Element, J: Join<W>>(
    rows: usize,
    width: usize,
    op: J,
    mut read: impl FnMut(usize, &mut dyn FnMut(&[W])),
) -> Vec<W> {
    let mut lanes = vec![J::NONE; LANES.min(rows) * width];
    let folded = counted(
        (0..rows).step_by(RUN).map(|first| {
            let count = RUN.min(rows - first);
            lanes.fill(J::NONE);
            for place in 0..count {
                let lane = &mut lanes[place % LANES * width..][..width];
                read(first + place, &mut |row| join_each(lane, row, op));
            }
            // Lanes beyond the rows hold what changes nothing.
            let mut half = LANES / 2;
            while half > 0 {
                let middle = (half * width).min(lanes.len());
                let (low, high) = lanes.split_at_mut(middle);
                join_each(low, high, op);
                half /= 2;
            }
            lanes[..width].to_vec()
        }),
        |mut left: Vec<W>, right| {
            join_each(&mut left, &right, op);
            left
        },
    );
    folded.unwrap_or_else(|| vec![J::NONE; width])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::kernels::cpu::at_each_level;

    /// A row folded in the one order, by nothing but `join`.
    fn plainly<J: Join<f32>>(row: &[f32]) -> f32 {
        let run = |run: &[f32]| {
            let mut lanes = [J::NONE; LANES];
            run.iter().enumerate().for_each(|(i, v)| lanes[i % LANES] = J::join(lanes[i % LANES], *v));
            for width in [8, 4, 2, 1] {
                (0..width).for_each(|lane| lanes[lane] = J::join(lanes[lane], lanes[lane + width]));
            }
            lanes[0]
        };
        counted(row.chunks(RUN).map(run), J::join).unwrap_or(J::NONE)
    }

    fn check<J: Join<f32>>(values: &[f32], width: usize, count: usize, op: J) {
        let mut out = vec![7.0; count];
        rows(values, width, &mut out, op);
        let wanted: Vec<u32> = values.chunks(width).map(|row| plainly::<J>(row).to_bits()).collect();
        let found: Vec<u32> = out.iter().map(|v| v.to_bits()).collect();
        assert_eq!(found, wanted, "{count} rows of {width}");
    }

    #[test]
    fn rows_side_by_side_and_quick_ones_have_the_bits_of_plain_ones() {
        at_each_level(|_| {
            for width in [1, 2, 15, 16, 17, 100, 511, 512, 513, 768, 1300, 2048] {
                for count in 1..=9 {
                    let number = |i: usize| ((i * 7919 + 13 * i * i) % 2003) as f32 / 300.0 - 3.0;
                    let plain: Vec<f32> = (0..width * count).map(number).collect();
                    let odd = |i: usize, v: f32| match (i * 31 + width) % 97 {
                        0 => f32::NAN,
                        1 => -f32::NAN,
                        2 => f32::INFINITY,
                        3 => f32::NEG_INFINITY,
                        4..50 => 0.0,
                        50..90 => -0.0,
                        _ => v,
                    };
                    let odd: Vec<f32> = plain.iter().enumerate().map(|(i, v)| odd(i, *v)).collect();
                    let zeros: Vec<f32> = plain.iter().map(|v| if *v > 0.0 { 0.0 } else { -0.0 }).collect();
                    for values in [&plain, &odd, &zeros] {
                        check(values, width, count, Larger);
                        check(values, width, count, Smaller);
                    }
                    check(&plain, width, count, Sum);
                    check(&plain, width, count, Product);
                }
            }
        });
    }
}
