//! The key: 64 bits of state that is never changed, only derived from.

use super::threefry;

/// A key of the generator Threefry-2x32.
///
/// Whatever is drawn from a key is a function of the key alone: draw twice, get the same numbers twice. To get
/// other numbers, derive other keys with [`split`](Key::split) or [`fold_in`](Key::fold_in). Numbers are drawn by the
/// methods of [`Random`](crate::named::Random).
///
/// ```
/// use pz::prelude::*;
/// let key = Key::new(0);
/// // The same bits as `jax.random.bits(jax.random.key(0), (4,))`.
/// let bits = key.bits([("n", 4)], DType::U32)?;
/// assert_eq!(bits.to_vec::<u32>()?, [4070199207, 4202968722, 1427181096, 2012915765]);
/// assert_ne!(key.fold_in(1), key);
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    #[inline(always)]
    pub const fn words(self) -> [u32; 2] {
        self.0
    }

    /// `count` independent keys. The `i`-th is that of [`fold_in(i)`](Key::fold_in).
    pub fn split(self, count: usize) -> Vec<Key> {
        let counter = |i: usize| [(i as u64 >> 32) as u32, i as u32];
        (0..count).map(|i| Key(threefry::block(self.0, counter(i)))).collect()
    }

    /// A key that depends on this one and on a number.
    #[must_use]
    pub fn fold_in(self, data: u32) -> Key {
        Key(threefry::block(self.0, [0, data]))
    }
}
