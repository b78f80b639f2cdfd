//! Reading and updating parts of an array by an index: `x.at((("a", slice(1..3)), ("b", &i)))?.add(&values)`.
//!
//! Penzai's rules, which rest on one idea: the axes that the index names become positional in front, are indexed as
//! numpy does, and those that are left get their names back. So the result has the names that the index does not touch,
//! those that only arrays of places have, new axes, and slices; an update has new names, slices and indexed axes last.
//! A positional index is the same after the positional axes were given names that no user can write.
//!
//! Places and slices that are known are views; only arrays of places gather and scatter. What a place out of range means
//! is said by [`OutOfRange`], or is JAX's custom.

use super::arithmetic::Operand;
use super::indexer::{AxisIndex, Index, Indexer, Span};
use super::picked::Picked;
use super::{NamedArray, Role, Roles, positional};
use crate::array::layout::Dims;
use crate::array::ops::scatter::{SCATTER_ADD, SCATTER_MAX, SCATTER_MIN, SCATTER_MUL, SCATTER_SET};
use crate::array::primitive::Primitive;
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
    /// Reading the result is an error that names the index, the size of the axis, and the call.
    Fail,
}

/// A part of an array: what [`NamedArray::at`] gives.
#[derive(Clone, Debug)]
pub struct At {
    array: NamedArray,
    introduced: Vec<AxisName>,
    sliced: Vec<(AxisName, Span)>,
    indexed: Vec<(AxisName, Placed)>,
    /// For a positional index, the order of the axes that the result has as positional ones.
    order: Option<Vec<Out>>,
    out_of_range: OutOfRange,
}

/// The place or places along an axis.
#[derive(Clone, Debug)]
enum Placed {
    One(isize),
    Many(NamedArray),
}

/// A positional axis of a result.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Out {
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
    pub fn at(&self, index: impl Indexer) -> Result<At> {
        match index.index() {
            Index::Named(items) => At::named(self.clone(), items),
            Index::Positional(items) => At::positional(self, items),
        }
    }

    /// The elements at computed places of an axis: [`at`](NamedArray::at) one axis. The result has this array's
    /// other axes, then those of `places` that this array has not; along an axis that both have, each place is
    /// looked up in its own part of the array, as numpy's `take_along_axis` does.
    ///
    /// As in Penzai, negative places count from the end and all are clamped to the axis.
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
    pub fn take(&self, axis: impl Into<AxisName>, places: &NamedArray) -> Result<NamedArray> {
        let _place = caller::enter();
        self.at([(axis, places)])?.get()
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
        let mut wrong_dtype = false;
        let size = |name: AxisName| {
            let at = there.iter().position(|known| *known == name);
            at.map_or(0, |at| array.array.dims()[numbers[at]])
        };
        for (name, index) in items {
            match index {
                AxisIndex::New if array.axis_of(name.as_str()).is_some() || introduced.contains(&name) => {
                    problems
                        .push(format!("the new axis `{name}` would be there twice ({})", array.axes_text()));
                }
                AxisIndex::New => introduced.push(name),
                AxisIndex::Range(slice) => sliced.push((name, slice.on(size(name))?)),
                AxisIndex::Place(place) => indexed.push((name, Placed::One(place))),
                AxisIndex::Array(places) => {
                    if places.dtype().kind() != DKind::Int {
                        wrong_dtype = true;
                        let dtype = places.dtype();
                        problems.push(format!("the places along `{name}` are {dtype}, and must be integers"));
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
        match Report::of("at", problems) {
            Some(report) if wrong_dtype => Err(report.help("cast them: `places.cast(DType::I32)`").dtype()),
            Some(report) => Err(report.shape()),
            None => Ok(At {
                array,
                introduced,
                sliced,
                indexed,
                order: None,
                out_of_range: OutOfRange::default(),
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
        let hidden = |what: &str, number: usize| AxisName::intern(&format!("\0{what} {number}"));
        let names: Vec<AxisName> = (0..axes.len()).map(|number| hidden("axis", number)).collect();
        let named = array.tag(names.as_slice())?;
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
                    let name = hidden("new", place);
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

    /// The elements. The result has the array's named axes that are not indexed, those that only arrays of places have,
    /// new ones and slices; its positional axes are those of the places, then the array's.
    ///
    /// # Errors
    /// An axis has two sizes; an indexed axis has size 0.
    #[track_caller]
    pub fn get(&self) -> Result<NamedArray> {
        let _place = caller::enter();
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
            x = Picked { array: &x, axes, places, out_of_range: self.out_of_range }.get()?;
        }
        let x = x.broadcast_to(self.introduced.iter().map(|name| (*name, 1)))?;
        let last: Vec<AxisName> =
            self.introduced.iter().copied().chain(self.sliced.iter().map(|(name, _)| *name)).collect();
        let axes = x.numbers("at", &last)?;
        self.back(NamedArray::along(x.array, &x.roles, &axes)?)
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
    fn back(&self, x: NamedArray) -> Result<NamedArray> {
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

    fn update(&self, op: &str, primitive: &'static Primitive, values: Operand) -> Result<NamedArray> {
        let values = match values {
            Operand::Array(values) => Operand::Array(self.values(op, &values)?),
            number => number,
        };
        let lists = self.indexed.iter().filter_map(|(_, placed)| match placed {
            Placed::Many(places) => Some(places.positional_shape().len()),
            Placed::One(_) => None,
        });
        let (count, depth) = (self.sliced.len(), lists.max().unwrap_or(0));
        // A slice is a list of places, an axis of the update of its own.
        let listed = self.sliced.iter().enumerate().map(|(number, (_, span))| {
            let places = (0..span.count as i64).map(|at| span.start as i64 + at * span.step as i64);
            let mut dims = vec![1; count + depth];
            dims[number] = span.count;
            NamedArray::from_positional(places.collect::<Vec<i64>>(), &dims)
        });
        let indexed = self.indexed.iter().map(|(_, placed)| match placed {
            Placed::One(place) => Ok(NamedArray::scalar(*place as i64)),
            Placed::Many(places) => Ok(places.clone()),
        });
        let places = listed.chain(indexed).collect::<Result<Vec<_>>>()?;
        let names =
            self.sliced.iter().map(|(name, _)| *name).chain(self.indexed.iter().map(|(name, _)| *name));
        let names: Vec<AxisName> = names.collect();
        if names.is_empty() {
            return Err(Report::new(op, "the index names no axis")
                .help("name one: `x.at([(\"a\", 0)])`")
                .shape());
        }
        let axes = self.array.numbers(op, &names)?.to_vec();
        let updated = Picked { array: &self.array, axes, places, out_of_range: self.out_of_range }
            .update(op, primitive, values)?;
        // All of the array's own axes are there again.
        let own = At { order: Some(self.own_order()), ..self.clone() };
        if self.order.is_some() { own.back(updated) } else { Ok(updated) }
    }

    /// The array's own positional axes, by the names that stand for them.
    fn own_order(&self) -> Vec<Out> {
        let names = self.array.roles.iter().filter_map(|role| role.name());
        let mut own: Vec<AxisName> = names.filter(|name| name.as_str().starts_with("\0axis ")).collect();
        own.sort_by_key(|name| name.as_str()["\0axis ".len()..].parse::<usize>().unwrap_or(usize::MAX));
        own.into_iter().map(Out::Hidden).collect()
    }

    /// The values of an update: axes of slices are positional, in front, and the others' positional axes behind them
    /// as many as the part has.
    fn values(&self, op: &str, values: &NamedArray) -> Result<NamedArray> {
        let part = NamedArray {
            array: Array::full(0.0, self.array.array.dims(), DType::Bool)?,
            ..self.array.clone()
        };
        let part = At { array: part, order: None, out_of_range: OutOfRange::Clip, ..self.clone() }.get()?;
        let values = self.named_values(op, &part, values)?;
        let mut problems = Vec::new();
        for name in &self.introduced {
            if let Some(size) = values.size(*name).filter(|&size| size != 1) {
                problems
                    .push(format!("the axis `{name}` is new with size 1, and has size {size} in the values"));
            }
        }
        for (name, span) in &self.sliced {
            if let Some(size) = values.size(*name).filter(|&size| size != span.count && size != 1) {
                let count = span.count;
                problems
                    .push(format!("the slice of `{name}` has {count} elements, and the values have {size}"));
            }
        }
        let (wanted, given) = (part.positional_shape().len(), positional(&values.roles));
        if given.len() > wanted {
            problems.push(format!(
                "the values have the positional shape {:?}, and the part {:?}, to which it does not broadcast",
                values.positional_shape(),
                part.positional_shape()
            ));
        }
        if let Some(report) = Report::of(op, problems) {
            return Err(report.help(format!("the part has ({})", part.axes_text())).shape());
        }
        let new: Vec<AxisName> =
            self.introduced.iter().copied().filter(|name| values.size(*name).is_some()).collect();
        let values = values.squeeze(new)?;
        if self.sliced.is_empty() {
            return Ok(values);
        }
        let own = self.sliced.iter().map(|(name, _)| values.axis_of(name.as_str()));
        let missing = (given.len()..wanted).map(|_| None);
        let axes = positional(&values.roles);
        let mut source: Vec<Option<usize>> =
            own.chain(missing).chain(axes.iter().map(|&axis| Some(axis))).collect();
        let mut roles: Roles = (0..source.len()).map(Role::Positional).collect();
        for (axis, role) in values.roles.iter().enumerate() {
            if !source.contains(&Some(axis)) {
                source.push(Some(axis));
                roles.push(*role);
            }
        }
        let size = |from: &Option<usize>| from.map_or(1, |axis| values.array.dims()[axis]);
        let dims: Dims = source.iter().map(size).collect();
        Ok(NamedArray::new(values.array.broadcast(&dims, &source)?, roles))
    }

    /// For a positional index, the values with the names that stand for positional axes.
    fn named_values(&self, op: &str, part: &NamedArray, values: &NamedArray) -> Result<NamedArray> {
        let Some(order) = &self.order else { return Ok(values.clone()) };
        let count = part.positional_shape().len();
        let outs: Vec<Out> = order
            .iter()
            .flat_map(|&out| std::iter::repeat_n(out, if out == Out::Places { count } else { 1 }))
            .collect();
        let axes = positional(&values.roles);
        let Some(skipped) = outs.len().checked_sub(axes.len()) else {
            let problem = format!(
                "the values have {} positional axes, and the part has {} ({})",
                axes.len(),
                outs.len(),
                values.axes_text()
            );
            return Err(Report::new(op, problem).shape());
        };
        let (mut roles, mut gone) = (Roles::from_slice(&values.roles), Vec::new());
        for (&axis, out) in axes.iter().zip(&outs[skipped..]) {
            let Out::Hidden(name) = *out else { continue };
            match values.array.dims()[axis] {
                1 => gone.push(axis),
                size if part.size(name) != Some(size) => {
                    let problem = format!(
                        "the positional shape {:?} of the values does not broadcast to that of the part: {size} does \
                         not go with {}",
                        values.positional_shape(),
                        part.size(name).unwrap_or(1)
                    );
                    return Err(Report::new(op, problem).shape());
                }
                _ => roles[axis] = Role::Named(name),
            }
        }
        let dims = values.array.dims_without(&gone);
        let kept = (0..roles.len()).filter(|axis| !gone.contains(axis)).map(|axis| roles[axis]).collect();
        NamedArray::result(values.array.reshape(&dims)?, kept)
    }
}

macro_rules! updates {
    ($($(#[$doc:meta])* $name:ident $OP:ident;)*) => {
        impl At {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// Sizes differ; the values have a named axis that is indexed, or are of a higher kind than the array.
                #[track_caller]
                pub fn $name(&self, values: impl Into<Operand>) -> Result<NamedArray> {
                    let _place = caller::enter();
                    self.update(stringify!($name), &$OP, values.into())
                }
            )*
        }
    };
}
updates! {
    /// The array with `values` in place of the elements. Of several at one place, the last stays.
    set SCATTER_SET;
    /// The array with `values` added to the elements.
    add SCATTER_ADD;
    /// The array with the elements multiplied by `values`.
    multiply SCATTER_MUL;
    /// The array with the smaller of elements and `values`.
    min SCATTER_MIN;
    /// The array with the larger of elements and `values`.
    max SCATTER_MAX;
}

impl At {
    /// The array with the elements divided by `values`; of integers, as `f32`.
    ///
    /// # Errors
    /// As [`multiply`](At::multiply).
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![6f32, 8.], [("a", 2)])?;
    /// assert_eq!(x.at([("a", 1)])?.divide(4.0)?.to_vec::<f32>()?, [6.0, 2.0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn divide(&self, values: impl Into<Operand>) -> Result<NamedArray> {
        let _place = caller::enter();
        let factors = self.factors("divide", values.into())?;
        self.array_like(&factors)?.div(&factors)
    }

    /// The array with the elements raised to the power of `values`.
    ///
    /// # Errors
    /// As [`multiply`](At::multiply).
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![3f32, 4.], [("a", 2)])?;
    /// assert_eq!(x.at([("a", 0)])?.power(2.0)?.to_vec::<f32>()?, [9.0, 4.0]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn power(&self, values: impl Into<Operand>) -> Result<NamedArray> {
        let _place = caller::enter();
        let factors = self.factors("power", values.into())?;
        self.array_like(&factors)?.pow(&factors)
    }

    /// The array with the elements as `f` makes them. Elements at one place are made once.
    ///
    /// # Errors
    /// What `f` returns, or cannot be set.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![-3, -4, 5], [("a", 3)])?;
    /// assert_eq!(x.at([("a", pz::slice(1..))])?.apply(|part| part.abs())?.to_vec::<i32>()?, [-3, 4, 5]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn apply(&self, f: impl FnOnce(NamedArray) -> Result<NamedArray>) -> Result<NamedArray> {
        let _place = caller::enter();
        self.set(f(self.get()?)?)
    }

    /// Ones, multiplied by `values` in the part: all values of one place come together, as in JAX.
    fn factors(&self, op: &str, values: Operand) -> Result<NamedArray> {
        let ones = NamedArray::new(self.array.array.full_like(1.0)?, self.array.roles.clone());
        At { array: ones, ..self.clone() }.update(op, &SCATTER_MUL, values)
    }

    /// The array with the axes of what was made of it.
    fn array_like(&self, like: &NamedArray) -> Result<NamedArray> {
        let array = match &self.order {
            Some(_) => At { order: Some(self.own_order()), ..self.clone() }.back(self.array.clone())?,
            None => self.array.clone(),
        };
        Ok(NamedArray::new(array.aligned(&like.roles, like.array.dims())?, like.roles.clone()))
    }
}
