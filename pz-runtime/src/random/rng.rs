//! A key as a generator of the crate `rand`: for shuffling a `Vec`, or for a crate that wants an `Rng`.

use std::convert::Infallible;

use rand_core::{SeedableRng, TryRng, utils};

use super::{Key, threefry};

/// A generator with `rand`'s traits (`rand_core` 0.10) that goes through a key's stream.
///
/// The words that it gives one after the other are those of [`bits`](crate::named::Random::bits) of the key: all 32-bit
/// ones are an array of `u32`, all 64-bit ones one of `u64`. Each call goes on by one element of the stream.
///
/// ```
/// use pz::random::{Key, KeyRng};
/// use rand_core::Rng;
/// let mut rng = KeyRng::new(Key::new(0));
/// assert_eq!([rng.next_u32(), rng.next_u32()], [4070199207, 4202968722]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRng {
    key: Key,
    next: u64,
}

impl KeyRng {
    /// The generator that begins with the first word of the key's stream.
    pub const fn new(key: Key) -> Self {
        KeyRng { key, next: 0 }
    }

    fn block(&mut self) -> [u32; 2] {
        let counter = [(self.next >> 32) as u32, self.next as u32];
        self.next = self.next.wrapping_add(1);
        threefry::block(self.key.words(), counter)
    }
}

impl From<Key> for KeyRng {
    fn from(key: Key) -> Self {
        KeyRng::new(key)
    }
}

impl TryRng for KeyRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [first, second] = self.block();
        Ok(first ^ second)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let [first, second] = self.block();
        Ok(u64::from(first) << 32 | u64::from(second))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(bytes, || self.try_next_u64())
    }
}

/// A seed is the two words of a key, the first first, each little-endian.
impl SeedableRng for KeyRng {
    type Seed = [u8; 8];

    fn from_seed(seed: Self::Seed) -> Self {
        KeyRng::new(Key::from_words(utils::read_words(&seed)))
    }

    /// As [`Key::new`].
    fn seed_from_u64(seed: u64) -> Self {
        KeyRng::new(Key::new(seed))
    }
}
