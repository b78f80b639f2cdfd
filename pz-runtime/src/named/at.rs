//! A part of an array by an index, and reading it: `x.at((("a", slice(1..3)), ("b", &i)))?.get()`.
//!
//! Penzai's rules, which rest on one idea: the axes that the index names become positional in front, are indexed as
//! numpy does, and those that are left get their names back. So the result has the names that the index does not touch,
//! those that only arrays of places have, new axes, and slices; an update has new names, slices and indexed axes last.
//! A positional index is the same after the positional axes were given names that no user can write.
//!
//! Places and slices that are known are views; only arrays of places gather and scatter. What a place out of range means
//! is said by [`OutOfRange`], or is JAX's custom.

use super::arithmetic::{Operand, help_for_integers, one_number};
use super::axes::{NEW_POSITION, POSITION, position_name};
use super::indexer::{AxisIndex, Index, Indexer, Span};
use super::picked::Picked;
use super::{Axis, NamedArray, Role, positional, positions, slice};
use crate::array::{Array, DKind, DType, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// What an index means that is out of range. In all cases one below 0 counts from the end, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutOfRange {
    /// JAX's custom for indexing, on which Penzai relies: a read gives the nearest element, and an update is left out.
    /// The gradient of a read goes back to the nearest element where all places are named, and is lost where there
    /// is a list of them.
    #[default]
    Lenient,
    /// The nearest element is meant, in reads, updates and gradients.
    Clip,
    /// A read gives NaN (the smallest signed integer, the largest unsigned one, `true`), an update is left out.
    Fill,
    /// An error that names the place, the axis and its size, and the call: at once where the place is a number, else
    /// when the result is read.
    Fail,
}

/// A part of an array: what [`NamedArray::at`] gives.
#[derive(Clone, Debug)]
pub struct At {
    pub(super) array: NamedArray,
    pub(super) introduced: Vec<AxisName>,
    pub(super) sliced: Vec<(AxisName, Span)>,
    pub(super) indexed: Vec<(AxisName, Placed)>,
    /// For a positional index, the order of the axes that the result has as positional ones.
    pub(super) order: Option<Vec<Out>>,
    pub(super) out_of_range: OutOfRange,
    /// What a read gives in place of elements that are not there.
    pub(super) fill: Option<Operand>,
}

/// The place or places along an axis.
#[derive(Clone, Debug)]
pub(super) enum Placed {
    One(isize),
    Many(NamedArray),
}

/// A positional axis of a result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Out {
    /// One that goes by this name meanwhile.
    Hidden(AxisName),
    /// Those of the arrays of places.
    Places,
}

impl NamedArray {
    /// A part of the array, to be read or updated: places, slices, new axes and arrays of places, by name or by
    /// position. Arrays of places belong together: they broadcast against each other by name, along axes that the
    /// array has too they are walked together with it, and their positional axes are a list. See [`Indexer`] for
    /// how an index is written.
    ///
    /// # Errors
    /// An axis is not there, given twice, or new and there already; places are not integers; a step is 0.
    ///
    /// ```
    /// use pz::{NamedArray, slice};
    /// let x = NamedArray::from_vec(vec![1f32, 2., 3., 4., 5., 6.], [("a", 2), ("b", 3)])?;
    /// assert_eq!(x.at((("a", 1), ("b", slice(..2))))?.get()?.to_vec::<f32>()?, [4., 5.]);
    /// let (i, j) = (NamedArray::from_vec(vec![0, 1], [("k", 2)])?, NamedArray::from_vec(vec![2, -3], [("k", 2)])?);
    /// assert_eq!(x.at([("a", &i), ("b", &j)])?.get()?.to_vec::<f32>()?, [3., 4.]);
    /// // A list of places, to one array: positional axes.
    /// let counts = NamedArray::zeros([("bin", 4)], pz::DType::I32)?;
    /// let bins = NamedArray::from_positional(vec![3, 1, 3], &[3])?;
    /// assert_eq!(counts.at([("bin", &bins)])?.add(1)?.to_vec::<i32>()?, [0, 1, 0, 2]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn at(&self, index: impl Indexer) -> Result<At> {
        let _call = caller::enter("at");
        match index.index() {
            Index::Named(items) => At::named(self.clone(), items),
            Index::Positional(items) => At::positional(self, items),
        }
    }

    /// The elements at computed places of an axis: [`at`](NamedArray::at) one axis. The result has this array's
    /// other axes, then those of `places` that this array has not; along an axis that both have, each place is
    /// looked up in its own part of the array, as numpy's `take_along_axis` does.
    ///
    /// As in Penzai, negative places count from the end and all are clamped to the axis. Of a positional axis, the
    /// positional axes of the places take its place, as in numpy.
    ///
    /// # Errors
    /// The axis is not there or has size 0; places are not integers; a shared axis has two sizes.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1f32, 2., 3., 4., 5., 6.], [("a", 2), ("b", 3)])?;
    /// let best = NamedArray::from_vec(vec![2, 0], [("a", 2)])?;
    /// assert_eq!(x.take("b", &best)?.to_vec::<f32>()?, [3., 4.]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn take(&self, axis: impl Into<Axis>, places: &NamedArray) -> Result<NamedArray> {
        let _call = caller::enter("take");
        let axis = axis.into();
        let Axis::Position(_) = axis else {
            let names: Vec<AxisName> = axis.name().into_iter().collect();
            return self.at(names.into_iter().map(|name| (name, places)).collect::<Vec<_>>())?.get();
        };
        let number = self.number("take", axis)?;
        let before = positional(&self.roles).into_iter().take_while(|&axis| axis != number).count();
        let mut items = vec![AxisIndex::from(slice(..)); before];
        items.push(places.into());
        self.at(positions(items))?.get()
    }
}

impl At {
    /// The index of an array by names, judged.
    fn named(array: NamedArray, items: Vec<(AxisName, AxisIndex)>) -> Result<At> {
        let is_new = |index: &AxisIndex| matches!(index, AxisIndex::New);
        let there: Vec<AxisName> =
            items.iter().filter(|(_, index)| !is_new(index)).map(|(name, _)| *name).collect();
        let numbers = array.numbers("at", &there)?;
        let mut problems = Vec::new();
        let (mut introduced, mut sliced, mut indexed) = (Vec::new(), Vec::new(), Vec::new());
        let mut help = None;
        let size = |name: AxisName| {
            let at = there.iter().position(|known| *known == name);
            at.map_or(0, |at| array.array.dims()[numbers[at]])
        };
        for (name, index) in items {
            match index {
                AxisIndex::New if array.axis_of(name).is_some() || introduced.contains(&name) => {
                    problems
                        .push(format!("the new axis `{name}` would be there twice ({})", array.axes_text()));
                }
                AxisIndex::New => introduced.push(name),
                AxisIndex::Range(slice) => sliced.push((name, slice.on(name, size(name))?)),
                AxisIndex::Place(place) => indexed.push((name, Placed::One(place))),
                AxisIndex::Array(places) => {
                    if places.dtype().kind() != DKind::Int {
                        let dtype = places.dtype();
                        problems.push(format!("the places along `{name}` are {dtype}, and must be integers"));
                        help = Some(match dtype {
                            DType::Bool => "a mask chooses among elements: `mask.select(&new, &x)`".into(),
                            _ => help_for_integers("places", dtype),
                        });
                    }
                    indexed.push((name, Placed::Many(places)));
                }
                AxisIndex::Ellipsis => {
                    problems
                        .push(format!("`{name}` has an ellipsis, which stands in positional indices only"));
                }
            }
        }
        let stays = sliced.iter().map(|(name, _)| *name).chain(introduced.iter().copied());
        for name in stays {
            let has_it =
                |placed: &Placed| matches!(placed, Placed::Many(places) if places.size(name).is_some());
            if indexed.iter().any(|(_, placed)| has_it(placed)) {
                problems
                    .push(format!("the name `{name}` would be there twice: of the axis, and of the places"));
            }
        }
        match (Report::of("at", problems), help) {
            (Some(report), Some(help)) => Err(report.help(help).dtype()),
            (Some(report), None) => Err(report.shape()),
            (None, _) => Ok(At {
                array,
                introduced,
                sliced,
                indexed,
                order: None,
                out_of_range: OutOfRange::default(),
                fill: None,
            }),
        }
    }

    /// The index of an array's positional axes in order.
    fn positional(array: &NamedArray, items: Vec<AxisIndex>) -> Result<At> {
        let axes = positional(&array.roles);
        let is_ellipsis = |item: &AxisIndex| matches!(item, AxisIndex::Ellipsis);
        let used = items.iter().filter(|item| !matches!(item, AxisIndex::New | AxisIndex::Ellipsis)).count();
        let Some(left) = axes.len().checked_sub(used) else {
            let problem = format!(
                "the index has {used} places for the {} positional axes of the array ({})",
                axes.len(),
                array.axes_text()
            );
            return Err(Report::new("at", problem).shape());
        };
        if items.iter().filter(|item| is_ellipsis(item)).count() > 1 {
            return Err(Report::new("at", "the index has more than one ellipsis").shape());
        }
        let names: Vec<AxisName> = (0..axes.len()).map(|number| position_name(POSITION, number)).collect();
        let named = array.positions_named(POSITION)?;
        let (mut left_names, mut entries, mut order) = (names.into_iter(), Vec::new(), Vec::new());
        // Arrays, and places where there are arrays, are numpy's advanced indices: side by side they leave their axes
        // where the first of them was, apart they put them in front.
        let has_arrays = items.iter().any(|item| matches!(item, AxisIndex::Array(_)));
        let is_advanced =
            |item: &AxisIndex| has_arrays && matches!(item, AxisIndex::Array(_) | AxisIndex::Place(_));
        let first = items.iter().position(is_advanced);
        let last = items.iter().rposition(is_advanced);
        let together =
            first.zip(last).is_some_and(|(first, last)| items[first..=last].iter().all(is_advanced));
        if has_arrays && !together {
            order.push(Out::Places);
        }
        let ends_open = !items.iter().any(is_ellipsis);
        for (place, item) in items.into_iter().enumerate() {
            match item {
                AxisIndex::Ellipsis => order.extend(left_names.by_ref().take(left).map(Out::Hidden)),
                AxisIndex::New => {
                    let name = position_name(NEW_POSITION, place);
                    order.push(Out::Hidden(name));
                    entries.push((name, AxisIndex::New));
                }
                item => {
                    let Some(name) = left_names.next() else { continue };
                    if matches!(item, AxisIndex::Range(_)) {
                        order.push(Out::Hidden(name));
                    } else if together && first == Some(place) {
                        order.push(Out::Places);
                    }
                    entries.push((name, item));
                }
            }
        }
        if ends_open {
            order.extend(left_names.map(Out::Hidden));
        }
        Ok(At { order: Some(order), ..At::named(named, entries)? })
    }

    /// Says what an index out of range means.
    #[must_use]
    pub fn out_of_range(mut self, what: OutOfRange) -> Self {
        self.out_of_range = what;
        self
    }

    /// Has a read give `value`, one number, for places out of range, which are then [`OutOfRange::Fill`].
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1f32, 2.], [("a", 2)])?;
    /// let places = NamedArray::from_vec(vec![1, 5, -1, -3], [("k", 4)])?;
    /// let found = x.at([("a", &places)])?.fill_value(-9.0).get()?;
    /// assert_eq!(found.to_vec::<f32>()?, [2.0, -9.0, 2.0, -9.0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[must_use]
    pub fn fill_value(mut self, value: impl Into<Operand>) -> Self {
        self.out_of_range = OutOfRange::Fill;
        self.fill = Some(value.into());
        self
    }

    /// The elements. The result has the array's named axes that are not indexed, those that only arrays of places have,
    /// new ones and slices; its positional axes are those of the places, then the array's.
    ///
    /// # Errors
    /// An axis has two sizes; an indexed axis has size 0; the value that [fills](At::fill_value) is no number of the
    /// array's kind; a place that [must not](OutOfRange::Fail) be is out of range.
    #[track_caller]
    pub fn get(&self) -> Result<NamedArray> {
        let _call = caller::enter("at(..).get");
        self.judge_places()?;
        match self.fill.clone().filter(|_| self.out_of_range == OutOfRange::Fill) {
            Some(value) => self.filled(value),
            None => self.read(),
        }
    }

    fn filled(&self, value: Operand) -> Result<NamedArray> {
        let dtype = self.array.dtype();
        let value = one_number("at", value, dtype)?;
        // Of zeros that cannot be below 0, the largest number is what is not there.
        let zeros = Array::full(0.0, self.array.array.dims(), DType::U8)?;
        let zeros = NamedArray::new(zeros, self.array.roles.clone());
        let outside = At { array: zeros, fill: None, ..self.clone() }.read()?.not_equal(0)?;
        outside.select(value, self.read()?)
    }

    fn read(&self) -> Result<NamedArray> {
        let mut x = self.array.clone();
        for (name, span) in &self.sliced {
            let axis = x.number("at", *name)?;
            x.array = x.array.slice(axis, span.start, span.step, span.count)?;
        }
        let (mut axes, mut places) = (Vec::new(), Vec::new());
        for (name, placed) in &self.indexed {
            match placed {
                Placed::One(place) => match self.known(*name, *place)? {
                    Some(place) => x = x.index(*name, place)?,
                    None => {
                        axes.push(*name);
                        places.push(NamedArray::scalar(*place as i64));
                    }
                },
                Placed::Many(many) => {
                    axes.push(*name);
                    places.push(many.clone());
                }
            }
        }
        if !axes.is_empty() {
            let axes = x.numbers("at", &axes)?.to_vec();
            x = Picked { array: &x, axes, places, out_of_range: self.out_of_range, window: None }.get()?;
        }
        let x = x.broadcast_to(self.introduced.iter().map(|name| (*name, 1)))?;
        let last: Vec<AxisName> =
            self.introduced.iter().copied().chain(self.sliced.iter().map(|(name, _)| *name)).collect();
        let axes = x.numbers("at", &last)?;
        self.back(NamedArray::along(x.array, &x.roles, &axes)?)
    }

    /// Refuses numbers that are no places, where that is an error.
    pub(super) fn judge_places(&self) -> Result<()> {
        if self.out_of_range != OutOfRange::Fail {
            return Ok(());
        }
        let mut problems = Vec::new();
        for (name, placed) in &self.indexed {
            let Placed::One(place) = *placed else { continue };
            let axis = self.array.number("at", *name)?;
            let size = self.array.array.dims()[axis];
            let from_start = if place < 0 { place.saturating_add_unsigned(size) } else { place };
            if !usize::try_from(from_start).is_ok_and(|place| place < size) {
                let axis = self.array.roles[axis].called();
                problems.push(format!("the place {place} is out of range for {axis}, whose size is {size}"));
            }
        }
        match Report::of("at", problems) {
            Some(report) => Err(report
                .help(
                    "check the place, or say what one out of range means: `.out_of_range(OutOfRange::Clip)`",
                )
                .value()),
            None => Ok(()),
        }
    }

    /// A place that is known now, where nothing has to be looked up to read it.
    fn known(&self, name: AxisName, place: isize) -> Result<Option<usize>> {
        let size = self.array.array.dims()[self.array.number("at", name)?] as isize;
        let from_start = if place < 0 { place.saturating_add(size) } else { place };
        let is_there = (0..size).contains(&from_start);
        let nearest = matches!(self.out_of_range, OutOfRange::Lenient | OutOfRange::Clip) && size > 0;
        Ok((is_there || nearest).then(|| from_start.clamp(0, size - 1) as usize))
    }

    /// Positional axes for the names that stand for them.
    pub(super) fn back(&self, x: NamedArray) -> Result<NamedArray> {
        let Some(order) = &self.order else { return Ok(x) };
        let count = x.roles.iter().filter(|role| role.is_positional()).count();
        let number = |role: Role| -> Option<usize> {
            let before =
                |at: usize| order[..at].iter().map(|out| if *out == Out::Places { count } else { 1 }).sum();
            match role {
                Role::Named(name) => order.iter().position(|out| *out == Out::Hidden(name)).map(before),
                Role::Positional(number) => {
                    let first: usize = order.iter().position(|out| *out == Out::Places).map_or(0, before);
                    Some(first + number)
                }
            }
        };
        let roles = x.roles.iter().map(|&role| number(role).map_or(role, Role::Positional)).collect();
        NamedArray::result(x.array, roles)
    }
}
