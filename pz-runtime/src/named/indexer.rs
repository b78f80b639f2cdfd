//! What stands between the brackets of an index: places, slices, new axes, arrays of places.
//!
//! An index says for each axis that it names what is wanted of it (Penzai's dict style), or goes along the positional
//! axes in order (numpy's style, [`positions`]). Rust's ranges stand for themselves, with Python's negative bounds;
//! [`slice()`] gives one a step. A list of numbers is an array of places.

use std::ops::{Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use super::{NamedArray, Role, Roles};
use crate::array::Array;
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// Every `step`-th element of a range along an axis: what [`slice()`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    start: Option<isize>,
    stop: Option<isize>,
    /// Whether the element at `stop` is in the range.
    inclusive: bool,
    step: isize,
}

/// A range along an axis for an index, which can have a [step](Slice::step); without one a range stands for itself,
/// `("a", 1..3)`. As in Python a bound below 0 counts from the end, and bounds beyond the axis are drawn in.
///
/// ```
/// use pz::{NamedArray, slice};
/// let x = NamedArray::arange("a", 6);
/// assert_eq!(x.at([("a", slice(-2..))])?.get()?.to_vec::<i32>()?, [4, 5]);
/// assert_eq!(x.at([("a", slice(4..1).step(-1))])?.get()?.to_vec::<i32>()?, [4, 3, 2]);
/// assert_eq!(x.at([("a", slice(..).step(-2))])?.get()?.to_vec::<i32>()?, [5, 3, 1]);
/// # Ok::<(), pz::Error>(())
/// ```
pub fn slice(range: impl RangeBounds<isize>) -> Slice {
    let start = match range.start_bound() {
        Bound::Included(&start) => Some(start),
        Bound::Excluded(&before) => Some(before.saturating_add(1)),
        Bound::Unbounded => None,
    };
    let (stop, inclusive) = match range.end_bound() {
        Bound::Unbounded => (None, false),
        Bound::Included(&last) => (Some(last), true),
        Bound::Excluded(&stop) => (Some(stop), false),
    };
    Slice { start, stop, inclusive, step: 1 }
}

impl Slice {
    /// With another step; below 0, backwards from the first bound to before the second.
    #[must_use]
    pub fn step(self, step: isize) -> Self {
        Slice { step, ..self }
    }

    /// The first element, the distance to the next, and their number, on the axis `name` of `size`.
    pub(super) fn on(self, name: AxisName, size: usize) -> Result<Span> {
        let step = self.step;
        if step == 0 {
            return Err(Report::new("at", format!("the step along `{name}` is 0"))
                .help("a step goes forwards or backwards")
                .shape());
        }
        let size = size as isize;
        let (least, most) = if step > 0 { (0, size) } else { (-1, size - 1) };
        let bound = |given: Option<isize>, further: isize, otherwise: isize| {
            let from_start = |at: isize| if at < 0 { at.saturating_add(size) } else { at };
            given.map_or(otherwise, |at| from_start(at).saturating_add(further).clamp(least, most))
        };
        let (first, last) = if step > 0 { (least, most) } else { (most, least) };
        let start = bound(self.start, 0, first);
        let stop = bound(self.stop, if self.inclusive { step.signum() } else { 0 }, last);
        let distance = if step > 0 { stop - start } else { start - stop };
        let count = usize::try_from(distance).unwrap_or(0).div_ceil(step.unsigned_abs());
        // Without elements there is no first one, and a single one has no step.
        let start = if count == 0 { 0 } else { start as usize };
        Ok(Span { start, step: if count > 1 { step } else { 1 }, count })
    }
}

/// A [`Slice`] on an axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) step: isize,
    pub(super) count: usize,
}

/// What an index wants of one axis.
#[derive(Clone, Debug)]
pub enum AxisIndex {
    /// One place, and the axis is gone. Below 0 it counts from the end.
    Place(isize),
    /// A range, and the axis stays.
    Range(Slice),
    /// The places that an array of integers says.
    Array(NamedArray),
    /// A new axis of size 1.
    New,
    /// In a positional index: all axes that the others leave.
    Ellipsis,
}

/// A whole number of any of Rust's types, as a place along an axis: below 0 it counts from the end.
pub trait Place: Copy {
    /// The place. A number beyond all axes is the last of any.
    fn place(self) -> isize;
}

macro_rules! places {
    ($($T:ty)*) => {$(
        impl Place for $T {
            fn place(self) -> isize {
                isize::try_from(self).unwrap_or(isize::MAX)
            }
        }

        impl From<$T> for AxisIndex {
            fn from(place: $T) -> Self {
                AxisIndex::Place(place.place())
            }
        }
    )*};
}
places!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl<P: Place> From<Range<P>> for AxisIndex {
    fn from(range: Range<P>) -> Self {
        AxisIndex::Range(slice(range.start.place()..range.end.place()))
    }
}

impl<P: Place> From<RangeInclusive<P>> for AxisIndex {
    fn from(range: RangeInclusive<P>) -> Self {
        AxisIndex::Range(slice(range.start().place()..=range.end().place()))
    }
}

impl<P: Place> From<RangeFrom<P>> for AxisIndex {
    fn from(range: RangeFrom<P>) -> Self {
        AxisIndex::Range(slice(range.start.place()..))
    }
}

impl<P: Place> From<RangeTo<P>> for AxisIndex {
    fn from(range: RangeTo<P>) -> Self {
        AxisIndex::Range(slice(..range.end.place()))
    }
}

impl<P: Place> From<RangeToInclusive<P>> for AxisIndex {
    fn from(range: RangeToInclusive<P>) -> Self {
        AxisIndex::Range(slice(..=range.end.place()))
    }
}

impl From<RangeFull> for AxisIndex {
    fn from(range: RangeFull) -> Self {
        AxisIndex::Range(slice(range))
    }
}

/// Places along one positional axis, which the result has in front.
impl<P: Place> From<&[P]> for AxisIndex {
    fn from(places: &[P]) -> Self {
        let places: Vec<i64> = places.iter().map(|place| place.place() as i64).collect();
        let (count, role) = (places.len(), Role::Positional(0));
        AxisIndex::Array(NamedArray::new(Array::from_vec(places, &[count]), Roles::from_slice(&[role])))
    }
}

/// Places along one positional axis, which the result has in front.
impl<P: Place> From<Vec<P>> for AxisIndex {
    fn from(places: Vec<P>) -> Self {
        places.as_slice().into()
    }
}

/// Places along one positional axis, which the result has in front.
impl<P: Place, const K: usize> From<[P; K]> for AxisIndex {
    fn from(places: [P; K]) -> Self {
        places.as_slice().into()
    }
}

impl From<Slice> for AxisIndex {
    fn from(slice: Slice) -> Self {
        AxisIndex::Range(slice)
    }
}

impl From<NamedArray> for AxisIndex {
    fn from(places: NamedArray) -> Self {
        AxisIndex::Array(places)
    }
}

impl From<&NamedArray> for AxisIndex {
    fn from(places: &NamedArray) -> Self {
        AxisIndex::Array(places.clone())
    }
}

/// An index, read.
#[derive(Clone, Debug)]
pub enum Index {
    /// What is wanted of each axis named.
    Named(Vec<(AxisName, AxisIndex)>),
    /// What is wanted of the positional axes, in order.
    Positional(Vec<AxisIndex>),
}

/// What [`NamedArray::at`] takes: a list of names with what is wanted of their axes, or [`positions`].
///
/// ```
/// use pz::{NamedArray, nx, nx::AxisIndex};
/// let x = NamedArray::from_vec((0..6).collect::<Vec<i32>>(), [("a", 2), ("b", 3)])?;
/// // All alike: an array. Of several kinds: a tuple, or `.into()`.
/// assert_eq!(x.at([("a", 1), ("b", -1)])?.get()?.item::<i32>()?, 5);
/// let y = x.at((("a", 1), ("b", 1..), ("c", AxisIndex::New)))?.get()?;
/// assert_eq!(y.named_shape(), [("c".into(), 1), ("b".into(), 2)]);
/// let y = x.untag("b")?.at(nx::positions((0, AxisIndex::New)))?.get()?;
/// assert_eq!(y.positional_shape(), [1]);
/// // A list of places is an array with a positional axis.
/// assert_eq!(x.at((("a", 1), ("b", [0, -1])))?.get()?.to_vec::<i32>()?, [3, 5]);
/// # Ok::<(), pz::Error>(())
/// ```
pub trait Indexer {
    /// The index.
    fn index(self) -> Index;
}

impl Indexer for Index {
    fn index(self) -> Index {
        self
    }
}

impl<N: Into<AxisName>, I: Into<AxisIndex>> Indexer for Vec<(N, I)> {
    fn index(self) -> Index {
        Index::Named(self.into_iter().map(|(name, index)| (name.into(), index.into())).collect())
    }
}

impl<N: Into<AxisName>, I: Into<AxisIndex>, const K: usize> Indexer for [(N, I); K] {
    fn index(self) -> Index {
        Vec::from(self).index()
    }
}

/// An index of the positional axes, in order, as numpy's `x[2, ::-1]`: see [`Indexer`]. Axes that are left are whole.
///
/// ```
/// use pz::{NamedArray, nx::positions};
/// let x = NamedArray::from_positional(vec![1, 2, 3, 4, 5, 6], &[2, 3])?;
/// assert_eq!(x.at(positions((.., 1)))?.get()?.to_vec::<i32>()?, [2, 5]);
/// assert_eq!(x.at(positions(-1))?.get()?.to_vec::<i32>()?, [4, 5, 6]);
/// // A list stands for one place along each axis; one of places is an item.
/// assert_eq!(x.at(positions([0, 2]))?.get()?.item::<i32>()?, 3);
/// assert_eq!(x.at(positions((.., [0, 2])))?.get()?.to_vec::<i32>()?, [1, 3, 4, 6]);
/// # Ok::<(), pz::Error>(())
/// ```
pub fn positions(items: impl Positions) -> Index {
    Index::Positional(items.items())
}

/// What [`positions`] takes: a tuple, an array or a vector, with an item for each of the first axes; or one item alone.
pub trait Positions {
    /// What is wanted of the axes, in order.
    fn items(self) -> Vec<AxisIndex>;
}

impl<I: Into<AxisIndex>> Positions for Vec<I> {
    fn items(self) -> Vec<AxisIndex> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<I: Into<AxisIndex>, const K: usize> Positions for [I; K] {
    fn items(self) -> Vec<AxisIndex> {
        Vec::from(self).items()
    }
}

/// One item alone, for the first axis.
impl<P: Place> Positions for P {
    fn items(self) -> Vec<AxisIndex> {
        vec![AxisIndex::Place(self.place())]
    }
}

/// The same for items of other kinds.
macro_rules! alone {
    ($([$($P:ident)?] $T:ty;)*) => {$(
        impl$(<$P: Place>)? Positions for $T {
            fn items(self) -> Vec<AxisIndex> {
                vec![self.into()]
            }
        }
    )*};
}
alone! {
    [] AxisIndex;
    [] NamedArray;
    [] &NamedArray;
    [] Slice;
    [] RangeFull;
    [P] Range<P>;
    [P] RangeInclusive<P>;
    [P] RangeFrom<P>;
    [P] RangeTo<P>;
    [P] RangeToInclusive<P>;
}

macro_rules! tuples {
    ($(($($N:ident $I:ident $at:tt),+))*) => {$(
        impl<$($I: Into<AxisIndex>),+> Positions for ($($I,)+) {
            fn items(self) -> Vec<AxisIndex> {
                vec![$(self.$at.into()),+]
            }
        }
        impl<$($N: Into<AxisName>, $I: Into<AxisIndex>),+> Indexer for ($(($N, $I),)+) {
            fn index(self) -> Index {
                Index::Named(vec![$((self.$at.0.into(), self.$at.1.into())),+])
            }
        }
    )*};
}
tuples! {
    (A I 0)
    (A I 0, B J 1)
    (A I 0, B J 1, C K 2)
    (A I 0, B J 1, C K 2, D L 3)
    (A I 0, B J 1, C K 2, D L 3, E M 4)
    (A I 0, B J 1, C K 2, D L 3, E M 4, F O 5)
}
