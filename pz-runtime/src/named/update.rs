//! Updating parts of an array by an index: `x.at([("b", &i)])?.add(&values)`.
//!
//! The values are brought to the form of the part: axes of slices are positional in front for a while, as lists of
//! places are. All of the array's own axes are there again in the result.

use super::arithmetic::Operand;
use super::at::{At, Out, OutOfRange, Placed};
use super::axes::{POSITION, position_of};
use super::indexer::Span;
use super::picked::Picked;
use super::{NamedArray, Role, Roles, positional};
use crate::array::layout::Dims;
use crate::array::ops::scatter::{SCATTER_ADD, SCATTER_MAX, SCATTER_MIN, SCATTER_MUL, SCATTER_SET};
use crate::array::primitive::Primitive;
use crate::array::storage::has_room;
use crate::array::{Array, DType, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

impl At {
    fn update(&self, op: &str, primitive: &'static Primitive, values: Operand) -> Result<NamedArray> {
        self.judge_places()?;
        // An index that leaves all axes as they are means the whole array, which is all of any of its axes: of the
        // last named one, since what is indexed comes last in the result.
        if self.sliced.is_empty() && self.indexed.is_empty() {
            let axes = self.array.roles.iter().zip(self.array.array.dims());
            let mut named = axes.filter_map(|(role, &count)| Some((role.name()?, count)));
            if let Some((name, count)) = named.next_back() {
                let whole = vec![(name, Span { start: 0, count, step: 1 })];
                return At { sliced: whole, ..self.clone() }.update(op, primitive, values);
            }
        }
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
            has_room(op, &[span.count], DType::I64)?;
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
            return Err(Report::new(op, "the array is one number, which has no part")
                .help("compute with the number itself")
                .shape());
        }
        let axes = self.array.numbers(op, &names)?.to_vec();
        let (out_of_range, window) = (self.out_of_range, self.window());
        let picked = Picked { array: &self.array, axes, places, out_of_range, window };
        let updated = picked.update(op, primitive, values)?;
        // All of the array's own axes are there again.
        let own = At { order: Some(self.own_order()), ..self.clone() };
        if self.order.is_some() { own.back(updated) } else { Ok(updated) }
    }

    /// The first place of each slice and the place of each single index, where all are there and slices have no gaps.
    fn window(&self) -> Option<Vec<usize>> {
        let whole = |span: &Span| (span.step == 1 && span.count > 0).then_some(span.start);
        let there = |name: AxisName, placed: &Placed| {
            let Placed::One(place) = *placed else { return None };
            let size = self.array.size(name)?;
            let from_start = if place < 0 { place.checked_add_unsigned(size)? } else { place };
            usize::try_from(from_start).ok().filter(|place| *place < size)
        };
        let slices = self.sliced.iter().map(|(_, span)| whole(span));
        slices.chain(self.indexed.iter().map(|(name, placed)| there(*name, placed))).collect()
    }

    /// The array's own positional axes, by the names that stand for them.
    fn own_order(&self) -> Vec<Out> {
        let names = self.array.roles.iter().filter_map(|role| role.name());
        let mut own: Vec<AxisName> = names.filter(|name| name.mark() == POSITION).collect();
        own.sort_by_key(position_of);
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
        let own = self.sliced.iter().map(|(name, _)| values.axis_of(name));
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
                    let _call = caller::enter(concat!("at(..).", stringify!($name)));
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
        let _call = caller::enter("at(..).divide");
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
        let _call = caller::enter("at(..).power");
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
        let _call = caller::enter("at(..).apply");
        let part = self.get()?;
        let made = caller::suspended(|| f(part))?;
        self.set(made)
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
