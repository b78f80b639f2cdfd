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

/// How two elements become one.
pub(crate) trait Join<W>: Copy + Send + Sync + 'static {
    /// What changes nothing.
    const NONE: W;

    fn join(a: W, b: W) -> W;
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
            // Equal numbers have equal bits, but for zeros: as in JAX 0 is larger than -0, whatever the order.
            $W: Larger, $W::NEG_INFINITY, |a, b| {
                let larger = if (b > a) | b.is_nan() { b } else { a };
                if a == b { $W::from_bits(a.to_bits() & b.to_bits()) } else { larger }
            };
            $W: Smaller, $W::INFINITY, |a, b| {
                let smaller = if (b < a) | b.is_nan() { b } else { a };
                if a == b { $W::from_bits(a.to_bits() | b.to_bits()) } else { smaller }
            };
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
        let mut width = LANES / 2;
        while width > 0 {
            for lane in 0..width {
                lanes[lane] = J::join(lanes[lane], lanes[lane + width]);
            }
            width /= 2;
        }
        lanes[0]
    }
}

/// Folds a row.
pub(crate) fn row<W: Element, J: Join<W>>(row: &[W], op: J) -> W {
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
