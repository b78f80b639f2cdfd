//! Loops over blocks of keys and counters.
//!
//! An element's counter is `COLUMNS * row + column`, its number in the stream of its key: with two small counts that
//! repeat along one another, no array of all numbers is ever made.

use super::cpu::multiversion;
use crate::random::{Key, threefry};

/// Counters of one row.
pub(crate) const COLUMNS: usize = 1 << COLUMN_BITS;
const COLUMN_BITS: u32 = 12;

/// A counter's two words.
#[inline(always)]
fn counter(row: i32, column: i32) -> [u32; 2] {
    [row as u32 >> (32 - COLUMN_BITS), (row as u32) << COLUMN_BITS | column as u32]
}

multiversion! {
    /// 32 random bits of each key at each counter.
    pub(crate) fn bits_32(keys: &[Key], rows: &[i32], columns: &[i32], out: &mut [u32]) {
        for (((key, row), column), out) in keys.iter().zip(rows).zip(columns).zip(out) {
            let [first, second] = threefry::block(key.words(), counter(*row, *column));
            *out = first ^ second;
        }
    }

    /// 64 random bits of each key at each counter.
    pub(crate) fn bits_64(keys: &[Key], rows: &[i32], columns: &[i32], out: &mut [u64]) {
        for (((key, row), column), out) in keys.iter().zip(rows).zip(columns).zip(out) {
            let [first, second] = threefry::block(key.words(), counter(*row, *column));
            *out = u64::from(first) << 32 | u64::from(second);
        }
    }

    /// The key that rests on each key and each number.
    pub(crate) fn fold_in(keys: &[Key], numbers: &[u32], out: &mut [Key]) {
        for ((key, number), out) in keys.iter().zip(numbers).zip(out) {
            *out = Key::from_words(threefry::block(key.words(), [0, *number]));
        }
    }
}

/// An offset below `span` from twice as many random bits, so that numbers are nearly equally frequent; the steps of
/// `jax.random.randint`. A span of 0 stands for one more than the largest number.
macro_rules! offsets {
    ($($(#[$doc:meta])* $name:ident $T:ty;)*) => {
        $($(#[$doc])*
        pub(crate) fn $name(high: &[$T], low: &[$T], spans: &[$T], out: &mut [$T]) {
            let rem = |x: $T, span: $T| if span == 0 { x } else { x % span };
            // 2^bits modulo the span, in two steps that do not overflow: half of the bits, squared.
            let multiplier = |span: $T| {
                let root = rem(1 << (<$T>::BITS / 2), span);
                rem(root.wrapping_mul(root), span)
            };
            let mut known = (0, multiplier(0));
            for (((high, low), &span), out) in high.iter().zip(low).zip(spans).zip(out) {
                if known.0 != span {
                    known = (span, multiplier(span));
                }
                let offset = rem(*high, span).wrapping_mul(known.1).wrapping_add(rem(*low, span));
                *out = rem(offset, span);
            }
        }
        )*
    };
}
offsets! {
    /// Offsets of 32 bits.
    offsets_32 u32;
    /// Offsets of 64 bits.
    offsets_64 u64;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::kernels::cpu;

    #[test]
    fn counters_cross_the_32_bit_boundary_at_every_level() {
        let key = Key::from_words([1, 2]);
        let rows = [0, (1 << 20) - 1, 1 << 20, i32::MAX];
        let columns = [5, 4095, 0, 4095];
        let wanted = [[0, 5], [0, u32::MAX], [1, 0], [0x7ff, u32::MAX]].map(|counter| {
            let [first, second] = threefry::block([1, 2], counter);
            (first ^ second, u64::from(first) << 32 | u64::from(second))
        });
        cpu::at_each_level(|level| {
            let (mut short, mut long) = ([0; 4], [0; 4]);
            bits_32(&[key; 4], &rows, &columns, &mut short);
            bits_64(&[key; 4], &rows, &columns, &mut long);
            assert_eq!(short, wanted.map(|bits| bits.0), "{level:?}");
            assert_eq!(long, wanted.map(|bits| bits.1), "{level:?}");
        });
    }
}
