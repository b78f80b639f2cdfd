//! Where elements lie: a vector of their type, or bytes that somebody else owns.
//!
//! Storage is shared by `Arc` and never written while shared; a kernel that is handed the last reference
//! writes in place. Freed vectors of some size are kept for the next array of that size: fresh memory costs a
//! page fault for each 4 KiB, which for a large result is more than computing it.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::buffer::Buffer;
use super::dtype::{DType, Element, for_each_dtype, with_type};
use super::layout::checked_len;
use crate::error::{Report, Result};

macro_rules! data {
    ($(($variant:ident, $T:ty))*) => {
        /// The elements of an array, by type.
        pub enum Data {
            $(#[doc = stringify!($T)] $variant(Vec<$T>),)*
            /// Bytes owned elsewhere: a memory map, another library's buffer.
            Foreign(Foreign),
            /// The results of an operation that has several. No elements: its node has the shape of an empty array.
            Several(Results),
        }

        impl Data {
            /// The dtype of the elements.
            pub(crate) fn dtype(&self) -> DType {
                match self {
                    $(Data::$variant(_) => DType::$variant,)*
                    Data::Foreign(foreign) => foreign.dtype,
                    Data::Several(_) => DType::U8,
                }
            }
        }
    };
}
for_each_dtype!(data);

/// What an operation with several results gives.
pub struct Results(pub(crate) Vec<Buffer>);

/// Elements in bytes that somebody else owns. The owner lives as long as any array that views it.
pub struct Foreign {
    owner: Arc<dyn AsRef<[u8]> + Send + Sync>,
    start: usize,
    len: usize,
    dtype: DType,
}

impl Foreign {
    /// `len` elements from byte `start` on; `None` when the owner's bytes end before, or do not lie on the
    /// alignment of the elements (such bytes are to be copied).
    pub(crate) fn new(
        owner: Arc<dyn AsRef<[u8]> + Send + Sync>,
        start: usize,
        len: usize,
        dtype: DType,
    ) -> Option<Self> {
        let foreign = Foreign { owner, start, len, dtype };
        // Truth values may hold bytes other than 0 and 1, which `bool` may not.
        let usable = dtype != DType::Bool && with_type!(dtype, T => foreign.cast::<T>().is_some());
        usable.then_some(foreign)
    }

    /// The dtype of the elements.
    pub(crate) fn dtype(&self) -> DType {
        self.dtype
    }

    /// The elements as a slice of their type.
    pub(crate) fn typed<T: Castable>(&self) -> Option<&[T]> {
        self.cast()
    }

    fn cast<T: Castable>(&self) -> Option<&[T]> {
        let bytes = self.len.checked_mul(self.dtype.size())?;
        let end = self.start.checked_add(bytes)?;
        T::cast((*self.owner).as_ref().get(self.start..end)?)
    }
}

/// Types that any bytes are a value of.
pub(crate) trait Castable: Sized {
    fn cast(bytes: &[u8]) -> Option<&[Self]>;
}

macro_rules! castable {
    ($($T:ty)*) => {
        $(impl Castable for $T {
            fn cast(bytes: &[u8]) -> Option<&[Self]> {
                bytemuck::try_cast_slice(bytes).ok()
            }
        })*
    };
}
castable!(u8 u16 u32 u64 i8 i16 i32 i64 half::f16 half::bf16 f32 f64);

/// Types whose bytes are always copied.
macro_rules! not_castable {
    ($($T:ty)*) => {
        $(impl Castable for $T {
            fn cast(_: &[u8]) -> Option<&[Self]> {
                None
            }
        })*
    };
}
not_castable!(bool crate::random::Key);

/// A vector of `len` elements of any value, from the recycled ones where one fits.
pub(crate) fn take_vec<T: Element>(len: usize) -> Vec<T> {
    if len >= RECYCLE_FROM {
        let mut kept = KEPT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(mut vector) = kept.take::<T>(len, len + len / 8) {
            vector.truncate(len);
            REUSES.fetch_add(1, Ordering::Relaxed);
            return vector;
        }
    }
    vec![T::default(); len]
}

/// Refuses an array for which there is no memory, before `op` allocates it. Rust aborts the process when memory
/// runs out, so large requests are tried first.
pub(crate) fn has_room(op: &str, dims: &[usize], dtype: DType) -> Result<()> {
    let bytes = checked_len(dims).and_then(|len| len.checked_mul(dtype.size()));
    let fits = |bytes: usize| bytes < ALWAYS_THERE || Vec::<u8>::new().try_reserve_exact(bytes).is_ok();
    if bytes.is_some_and(fits) {
        return Ok(());
    }
    let bytes = bytes.map_or("too many".into(), |bytes| bytes.to_string());
    let problem = format!("no memory for an array of shape {dims:?} and dtype {dtype} ({bytes} bytes)");
    Err(Report::new(op, problem).value())
}

const ALWAYS_THERE: usize = 64 << 20;
const RECYCLE_FROM: usize = 1 << 12;
/// A training step frees the values of a whole model at once, and wants as many in the next.
const KEPT_VECTORS: usize = 4096;
const KEPT_BYTES: usize = 512 << 20;

/// The type of a vector's elements, its length, when it was freed.
type Key = (TypeId, usize, u64);

/// Freed vectors.
struct Kept {
    vectors: BTreeMap<Key, Box<dyn Any + Send>>,
    /// By the time of their freeing: their keys and how many bytes they hold.
    ages: BTreeMap<u64, (Key, usize)>,
    bytes: usize,
    clock: u64,
}

impl Kept {
    /// The shortest vector of `least` to `most` elements, and of these the one that was freed last.
    fn take<T: Element>(&mut self, least: usize, most: usize) -> Option<Vec<T>> {
        let id = TypeId::of::<T>();
        let (&(_, len, _), _) = self.vectors.range((id, least, 0)..=(id, most, u64::MAX)).next()?;
        let (&key, _) = self.vectors.range((id, len, 0)..=(id, len, u64::MAX)).next_back()?;
        self.remove(key)?.downcast::<Vec<T>>().ok().map(|vector| *vector)
    }

    fn put<T: Element>(&mut self, vector: Vec<T>) {
        self.clock += 1;
        let (key, bytes) = ((TypeId::of::<T>(), vector.len(), self.clock), bytes_of(&vector));
        self.ages.insert(self.clock, (key, bytes));
        self.vectors.insert(key, Box::new(vector));
        self.bytes += bytes;
    }

    fn remove(&mut self, key: Key) -> Option<Box<dyn Any + Send>> {
        let (_, bytes) = self.ages.remove(&key.2)?;
        self.bytes -= bytes;
        self.vectors.remove(&key)
    }

    /// The vector that was freed first.
    fn remove_oldest(&mut self) -> Option<Box<dyn Any + Send>> {
        let (_, &(key, _)) = self.ages.first_key_value()?;
        self.remove(key)
    }
}

/// How many vectors were recycled ones.
static REUSES: AtomicU64 = AtomicU64::new(0);

/// How many arrays so far lie in memory that others left behind.
pub(crate) fn reuses() -> u64 {
    REUSES.load(Ordering::Relaxed)
}

static KEPT: Mutex<Kept> =
    Mutex::new(Kept { vectors: BTreeMap::new(), ages: BTreeMap::new(), bytes: 0, clock: 0 });

fn recycle<T: Element>(vector: Vec<T>) {
    let bytes = bytes_of(&vector);
    // A vector that was cut short before would be cut shorter at each turn, its memory held all the same.
    let is_cut = vector.len() < vector.capacity() - vector.capacity() / 8;
    if vector.len() < RECYCLE_FROM || is_cut || bytes > KEPT_BYTES {
        return;
    }
    let mut kept = KEPT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut dropped = Vec::new();
    while kept.vectors.len() >= KEPT_VECTORS || kept.bytes + bytes > KEPT_BYTES {
        match kept.remove_oldest() {
            Some(oldest) => dropped.push(oldest),
            None => break,
        }
    }
    kept.put(vector);
    drop(kept);
    drop(dropped);
}

fn bytes_of<T>(vector: &Vec<T>) -> usize {
    vector.capacity() * size_of::<T>()
}

impl Drop for Data {
    fn drop(&mut self) {
        macro_rules! give_back {
            ($(($variant:ident, $T:ty))*) => {
                match self {
                    $(Data::$variant(values) => recycle(std::mem::take(values)),)*
                    Data::Foreign(_) | Data::Several(_) => {}
                }
            };
        }
        for_each_dtype!(give_back);
    }
}
