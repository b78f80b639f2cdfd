//! Ways to say which axes are meant: by name (`"seq"`, `["batch", "seq"]`, a vector) or by position (`0`, `[-2, -1]`).
//!
//! An operation that runs along axes takes [`Axes`], so that the same method serves named axes and code that counts
//! positions. Where only a name makes sense (`tag`, `rename`, `contract`) it takes [`Names`].

use std::fmt;

use smallvec::SmallVec;

use super::{NamedArray, Role, positional};
use crate::array::layout::Dims;
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// One axis of an array: by its name, or by its place among the positional axes, from the end where it is below 0.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1, 2, 3, 4], [("a", 2), ("b", 2)])?;
/// assert_eq!(x.sum("a")?.to_vec::<i32>()?, x.untag("a")?.sum(0)?.to_vec::<i32>()?);
/// assert_eq!(x.untag(["a", "b"])?.sum(-1)?.to_vec::<i32>()?, [3, 7]);
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// The axis of that name.
    Named(AxisName),
    /// The positional axis of that number.
    Position(isize),
}

impl Axis {
    /// The name, where it is one.
    pub fn name(self) -> Option<AxisName> {
        match self {
            Axis::Named(name) => Some(name),
            Axis::Position(_) => None,
        }
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Axis::Named(name) => write!(f, "{name}"),
            Axis::Position(number) => write!(f, "{number}"),
        }
    }
}

macro_rules! names {
    ($($T:ty)*) => {$(
        impl From<$T> for Axis {
            fn from(name: $T) -> Self {
                Axis::Named(name.into())
            }
        }
    )*};
}
names!(AxisName &AxisName &'static str String &String);

macro_rules! positions {
    ($($T:ty)*) => {$(
        impl From<$T> for Axis {
            fn from(number: $T) -> Self {
                // A number beyond the range is no axis of any array, and is told so.
                Axis::Position(isize::try_from(number).unwrap_or(isize::MAX))
            }
        }
    )*};
}
positions!(i32 isize usize);

/// What stands at a place of a list; below 0 it counts from the end.
pub(super) fn at_position(positions: &[usize], number: isize) -> Option<usize> {
    let from_start = if number < 0 { number.checked_add_unsigned(positions.len())? } else { number };
    positions.get(usize::try_from(from_start).ok()?).copied()
}

/// The names by which positional axes go for a while.
pub(super) const POSITION: u64 = 1;
/// The names by which new positional axes go for a while.
pub(super) const NEW_POSITION: u64 = 2;
/// The names by which the positional axes of a second array go for a while.
pub(super) const OTHER_POSITION: u64 = 3;

/// A name for the positional axis of a number that no user can write, of one of the kinds above. It prints as the
/// number.
pub(super) fn position_name(kind: u64, number: usize) -> AxisName {
    AxisName::intern(&number.to_string()).marked(kind)
}

/// The number that such a name stands for.
pub(super) fn position_of(name: &AxisName) -> usize {
    name.as_str().parse().unwrap_or(usize::MAX)
}

/// Axes, mostly few.
pub(crate) type AxisList = SmallVec<[Axis; 4]>;
/// Names, mostly few.
pub(crate) type NameList = SmallVec<[AxisName; 6]>;

/// One axis or several, each by name or by position.
pub trait Axes {
    /// The axes, in order.
    fn axes(&self) -> AxisList;
}

/// One axis name or several.
pub trait Names {
    /// The names, in order.
    fn names(&self) -> NameList;
}

impl Names for AxisName {
    fn names(&self) -> NameList {
        NameList::from_slice(&[*self])
    }
}

impl Names for &'static str {
    fn names(&self) -> NameList {
        NameList::from_slice(&[AxisName::new(self)])
    }
}

/// A name made at run time: [`AxisName::intern`].
impl Names for String {
    fn names(&self) -> NameList {
        NameList::from_slice(&[self.into()])
    }
}

/// Several, one after another.
impl<N: Names> Names for [N] {
    fn names(&self) -> NameList {
        let mut names = NameList::new();
        self.iter().for_each(|some| names.extend_from_slice(&some.names()));
        names
    }
}

/// Several, one after another.
impl<N: Names, const K: usize> Names for [N; K] {
    fn names(&self) -> NameList {
        self.as_slice().names()
    }
}

/// Several, one after another.
impl<N: Names> Names for Vec<N> {
    fn names(&self) -> NameList {
        self.as_slice().names()
    }
}

impl Axes for Axis {
    fn axes(&self) -> AxisList {
        AxisList::from_slice(&[*self])
    }
}

macro_rules! one_axis {
    ($($T:ty)*) => {$(
        impl Axes for $T {
            fn axes(&self) -> AxisList {
                AxisList::from_slice(&[Axis::from(*self)])
            }
        }
    )*};
}
one_axis!(AxisName &'static str i32 isize usize);

/// A name made at run time: [`AxisName::intern`].
impl Axes for String {
    fn axes(&self) -> AxisList {
        AxisList::from_slice(&[self.into()])
    }
}

/// Several, one after another.
impl<A: Axes> Axes for [A] {
    fn axes(&self) -> AxisList {
        let mut axes = AxisList::new();
        self.iter().for_each(|some| axes.extend_from_slice(&some.axes()));
        axes
    }
}

/// Several, one after another.
impl<A: Axes, const K: usize> Axes for [A; K] {
    fn axes(&self) -> AxisList {
        self.as_slice().axes()
    }
}

/// Several, one after another.
impl<A: Axes> Axes for Vec<A> {
    fn axes(&self) -> AxisList {
        self.as_slice().axes()
    }
}

/// No names.
impl Names for () {
    fn names(&self) -> NameList {
        NameList::new()
    }
}

/// No axes.
impl Axes for () {
    fn axes(&self) -> AxisList {
        AxisList::new()
    }
}

impl<A: Axes + ?Sized> Axes for &A {
    fn axes(&self) -> AxisList {
        (**self).axes()
    }
}

impl<A: Names + ?Sized> Names for &A {
    fn names(&self) -> NameList {
        (**self).names()
    }
}

impl NamedArray {
    /// The number of one axis.
    pub(crate) fn number(&self, op: &str, axis: impl Into<Axis>) -> Result<usize> {
        Ok(self.numbers(op, &[axis.into()])?[0])
    }

    /// The numbers of axes, all problems in one report: axes that are not there, axes given twice.
    pub(crate) fn numbers<A: Copy + Into<Axis>>(&self, op: &str, axes: &[A]) -> Result<SmallVec<[usize; 6]>> {
        let axes: AxisList = axes.iter().map(|&axis| axis.into()).collect();
        let has_positions = axes.iter().any(|axis| axis.name().is_none());
        let positions = if has_positions { positional(&self.roles) } else { Dims::new() };
        self.numbered(op, &axes, &positions)
    }

    fn numbered(&self, op: &str, axes: &[Axis], positions: &[usize]) -> Result<SmallVec<[usize; 6]>> {
        let mut problems = Vec::new();
        let mut numbers = SmallVec::new();
        for (place, axis) in axes.iter().enumerate() {
            let found = match *axis {
                Axis::Named(name) => self.axis_of(name),
                Axis::Position(number) => at_position(positions, number),
            };
            if axes[..place].contains(axis) || found.is_some_and(|found| numbers.contains(&found)) {
                problems.push(format!("the axis `{axis}` is given twice"));
            }
            match (found, axis) {
                (Some(number), _) => numbers.push(number),
                (None, Axis::Named(name)) => {
                    problems.push(format!("there is no axis `{name}`; the array has ({})", self.axes_text()));
                }
                (None, Axis::Position(number)) => problems.push(format!(
                    "there is no positional axis {number}; the array has {} ({})",
                    positions.len(),
                    self.axes_text()
                )),
            }
        }
        match Report::of(op, problems) {
            Some(report) => Err(report.shape()),
            None => Ok(numbers),
        }
    }

    /// What `f` makes of this array, given the names of `axes`: for what is written by name alone. Positional axes
    /// have names in it that no user can write, and are positional again in the result.
    pub(crate) fn by_name(
        &self,
        op: &str,
        axes: &[Axis],
        f: &dyn Fn(&NamedArray, &[AxisName]) -> Result<NamedArray>,
    ) -> Result<NamedArray> {
        let numbers = self.numbers(op, axes)?;
        let named = self.positions_named(POSITION)?;
        let names: NameList = numbers.iter().filter_map(|&axis| named.roles[axis].name()).collect();
        f(&named, &names)?.positions_back(&[POSITION])
    }

    /// The array with names of a kind for its positional axes.
    pub(super) fn positions_named(&self, kind: u64) -> Result<NamedArray> {
        if !self.has_positional() {
            return Ok(self.clone());
        }
        let count = positional(&self.roles).len();
        let names: NameList = (0..count).map(|number| position_name(kind, number)).collect();
        self.tag(names.as_slice())
    }

    /// The array with positional axes for the names that stand for them, those of the first kind in front.
    pub(super) fn positions_back(self, kinds: &[u64]) -> Result<NamedArray> {
        let mut names = NameList::new();
        for &kind in kinds {
            let mut of_kind: NameList = self.roles.iter().filter_map(|role| role.name()).collect();
            of_kind.retain(|name| name.mark() == kind);
            of_kind.sort_by_key(position_of);
            names.extend(of_kind);
        }
        if names.is_empty() {
            return Ok(self);
        }
        let NamedArray { array, roles } = self.untag(names.as_slice())?;
        NamedArray::result(array, roles)
    }

    /// The name of an axis, which stands for a position where that was asked for.
    pub(super) fn name_of(&self, op: &str, axis: Axis, kind: u64) -> Result<AxisName> {
        let number = self.number(op, axis)?;
        Ok(match self.roles[number] {
            Role::Named(name) => name,
            Role::Positional(number) => position_name(kind, number),
        })
    }

    /// The array with its named axis `name` where the user asked for it: under a name, which it has already, or at a
    /// position among all positional axes of the result.
    pub(super) fn at_axis(self, op: &str, name: AxisName, asked: Axis) -> Result<NamedArray> {
        let Axis::Position(number) = asked else { return Ok(self) };
        let axes = positional(&self.roles);
        let places: Dims = (0..=axes.len()).collect();
        let Some(place) = at_position(&places, number) else {
            let problem = format!(
                "there is no place {number} for a new positional axis; the result has {} with it",
                places.len()
            );
            return Err(Report::new(op, problem).shape());
        };
        let mut roles = self.roles;
        for (number, axis) in axes.into_iter().enumerate().skip(place) {
            roles[axis] = Role::Positional(number + 1);
        }
        let new = roles.iter_mut().filter(|role| role.name() == Some(name));
        new.for_each(|role| *role = Role::Positional(place));
        NamedArray::result(self.array, roles)
    }

    /// Refuses positional axes, for operations that bind by name alone.
    pub(crate) fn refuse_positional(&self, op: &str) -> Result<()> {
        if !self.has_positional() {
            return Ok(());
        }
        let problem = format!(
            "the array has positional axes ({}), and the operation takes named ones",
            self.axes_text()
        );
        Err(Report::new(op, problem).help("name them first: `x.tag([\"…\"])`").shape())
    }
}
