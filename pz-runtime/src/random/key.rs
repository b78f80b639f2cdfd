//! The key: 64 bits of state that is never changed, only derived from.

use super::threefry::{self, LANES};

/// A key of the generator Threefry-2x32.
///
/// Whatever is drawn from a key is a function of the key alone: draw twice, get the same numbers twice. To get
/// other numbers, derive other keys with [`split`](Key::split) or [`fold_in`](Key::fold_in).
///
/// ```
/// use pz::random::Key;
/// let key = Key::new(0);
/// assert_eq!(key.uniform(3), key.uniform(3));
/// assert_ne!(key.uniform(3), key.fold_in(1).uniform(3));
/// // The same bits as `jax.random.bits(jax.random.key(0), (4,))`.
/// assert_eq!(key.bits(4), [4070199207, 4202968722, 1427181096, 2012915765]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key([u32; 2]);

impl Key {
    /// The key of a seed, as `jax.random.key` makes it where 64-bit types are off (JAX's default): the low 32
    /// bits of the seed are the second word, and the first is zero.
    pub const fn new(seed: u64) -> Self {
        Key([0, seed as u32])
    }

    /// A key from its two words (`jax.random.wrap_key_data`).
    pub const fn from_words(words: [u32; 2]) -> Self {
        Key(words)
    }

    /// The key's two words (`jax.random.key_data`).
    pub const fn words(self) -> [u32; 2] {
        self.0
    }

    /// `count` independent keys. The `i`-th is that of [`fold_in(i)`](Key::fold_in).
    pub fn split(self, count: usize) -> Vec<Key> {
        self.map_blocks(count, |first, second| Key([first, second]))
    }

    /// A key that depends on this one and on a number.
    #[must_use]
    pub fn fold_in(self, data: u32) -> Key {
        Key(threefry::block(self.0, [0, data]))
    }

    /// `count` random words, each bit as likely to be set as not.
    pub fn bits(self, count: usize) -> Vec<u32> {
        self.map_bits(count, |bits| bits)
    }

    /// `count` samples, each a function of one random word. All samplers are this, with their function inlined.
    #[inline(always)]
    pub(super) fn map_bits<T: Copy>(self, count: usize, sample: impl Fn(u32) -> T) -> Vec<T> {
        self.map_blocks(count, |first, second| sample(first ^ second))
    }

    #[inline(always)]
    fn map_blocks<T: Copy>(self, count: usize, sample: impl Fn(u32, u32) -> T) -> Vec<T> {
        let mut out = Vec::with_capacity(count);
        let mut start = 0;
        while start < count {
            let (first, second) = threefry::counters(self.0, start as u64);
            // All lanes, also past the end: a loop of known length becomes vector code.
            let mut samples = [sample(first[0], second[0]); LANES];
            for ((out, first), second) in samples.iter_mut().zip(&first).zip(&second) {
                *out = sample(*first, *second);
            }
            let wanted = LANES.min(count - start);
            out.extend_from_slice(&samples[..wanted]);
            start += wanted;
        }
        out
    }
}
