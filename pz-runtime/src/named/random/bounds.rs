//! Between which numbers to draw: two plain ones, or arrays that hold bounds for each element.
//!
//! Bounds that are plain numbers are judged at the call, and become constants of the pass that makes numbers of bits.
//! Those in arrays are judged by nobody, as in JAX, and derivatives go to them.

use std::ops::Range;

use super::Draw;
use crate::array::layout::Dims;
use crate::array::{Array, DKind, DType};
use crate::error::{Report, Result};
use crate::named::{NamedArray, Operand, Role, Roles};

/// What is drawn between: a range of numbers, or two of which either may be an array.
///
/// An array of bounds is broadcast to what is drawn, named axes by name, positional ones from the last. Along axes that
/// an array of keys has, each key has its own bounds.
///
/// ```
/// use pz::prelude::*;
/// let widths = NamedArray::from_vec(vec![1f32, 8., 64.], [("scale", 3)])?;
/// let draw = |high: &NamedArray| Key::new(0).uniform_range([("scale", 3)], (0.0, high), DType::F32);
/// assert!(draw(&widths)?.less(&widths)?.all("scale")?.item::<bool>()?);
/// // What is drawn grows with its upper bound.
/// let slopes = pz::grad(|high| draw(&high[0])?.sum("scale"), &[widths.clone()])?;
/// assert_eq!(slopes[0].to_vec::<f32>()?, draw(&widths)?.div(&widths)?.to_vec::<f32>()?);
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bounds {
    pub(super) low: Operand,
    pub(super) high: Operand,
}

impl<B: Into<Operand>> From<Range<B>> for Bounds {
    fn from(range: Range<B>) -> Self {
        Bounds { low: range.start.into(), high: range.end.into() }
    }
}

impl<L: Into<Operand>, H: Into<Operand>> From<(L, H)> for Bounds {
    fn from((low, high): (L, H)) -> Self {
        Bounds { low: low.into(), high: high.into() }
    }
}

impl Bounds {
    /// Both, where neither is an array.
    pub(super) fn numbers(&self) -> Option<Range<f64>> {
        Some(number(&self.low)?..number(&self.high)?)
    }

    /// The keys, repeated along the axes that an `nmap` hides and only the bounds have: slices that are given one key draw
    /// the same bits, each between its own bounds.
    pub(super) fn widen(&self, keys: NamedArray) -> Result<NamedArray> {
        [&self.low, &self.high].into_iter().try_fold(keys, |keys, bound| match bound {
            Operand::Array(bound) => keys.widened(&bound.hidden_axes()),
            _ => Ok(keys),
        })
    }

    /// Both as floats of `dtype`, each with its own axes.
    #[track_caller]
    pub(super) fn floats(&self, dtype: DType) -> Result<[NamedArray; 2]> {
        Ok([self.low.clone().into_array(dtype)?, self.high.clone().into_array(dtype)?])
    }

    /// Both as whole numbers, where neither is an array.
    pub(super) fn whole(&self, op: &str) -> Result<Option<Range<i128>>> {
        let problems = [&self.low, &self.high].into_iter().filter_map(not_whole).collect();
        if let Some(report) = Report::of(op, problems) {
            return Err(report.help("round and cast an array: `x.floor()?.cast(DType::I32)?`").dtype());
        }
        Ok(self.low.as_whole().zip(self.high.as_whole()).map(|(low, high)| low..high))
    }
}

/// A plain number; none of an array.
fn number(bound: &Operand) -> Option<f64> {
    match *bound {
        Operand::Array(_) => None,
        Operand::Number(value, _) => Some(value),
        Operand::Whole(value) => Some(value as f64),
    }
}

/// What forbids a bound of integers.
fn not_whole(bound: &Operand) -> Option<String> {
    match bound {
        Operand::Array(array) if array.dtype().kind() == DKind::Int => None,
        Operand::Array(array) => {
            Some(format!("a bound is {}, and bounds of integers are integers", array.summary_text()))
        }
        other if other.as_whole().is_none() => Some(format!("the bound {other} is no whole number")),
        _ => None,
    }
}

/// A bound as numbers of an integer dtype, the nearest to those that it has not, and whether it is above them all, where
/// it may be.
#[track_caller]
pub(super) fn integers(bound: &Operand, dtype: DType) -> Result<(NamedArray, Option<NamedArray>)> {
    let (least, most) = extremes(dtype);
    let alone = |array| NamedArray::new(array, Roles::new());
    let scalar = |value: i128, dtype| Array::scalar(value as i64).cast(dtype).map(alone);
    match bound {
        Operand::Array(array) => {
            let own = array.dtype();
            let (own_least, own_most) = extremes(own);
            let (bottom, top) = (scalar(least.max(own_least), own)?, scalar(most.min(own_most), own)?);
            let is_above = if own_most > most { Some(array.greater(&top)?) } else { None };
            Ok((array.maximum(&bottom)?.minimum(&top)?.cast(dtype)?, is_above))
        }
        plain => {
            // `whole` lets no other number through.
            let value = plain.as_whole().unwrap_or_default();
            Ok((scalar(value.clamp(least, most), dtype)?, Some(alone(Array::scalar(value > most)))))
        }
    }
}

/// The smallest and the largest number of an integer dtype.
pub(super) fn extremes(dtype: DType) -> (i128, i128) {
    let width = 8 * dtype.size() as u32;
    match dtype.is_unsigned() {
        true => (0, (1i128 << width) - 1),
        false => (-(1i128 << (width - 1)), (1i128 << (width - 1)) - 1),
    }
}

impl Draw {
    /// Bounds for every element that is drawn.
    #[track_caller]
    pub(super) fn spread(&self, op: &str, bounds: &NamedArray) -> Result<Array> {
        let dims: Dims = self.keys.array.dims().iter().chain(&self.dims).copied().collect();
        let drawn = self.roles.iter().filter(|role| role.is_positional()).count();
        let own = bounds.positional_shape().len();
        let mut problems = Vec::new();
        for (role, &size) in bounds.roles.iter().zip(bounds.array.dims()) {
            // Positional axes align from the last.
            let wanted = match *role {
                Role::Positional(number) => (number + drawn).checked_sub(own).map(Role::Positional),
                named => Some(named),
            };
            let place = wanted.and_then(|wanted| self.roles.iter().position(|role| *role == wanted));
            match place.map(|place| dims[place]) {
                None => problems
                    .push(format!("the bounds have the axis `{role:?}`, along which nothing is drawn")),
                Some(drawn) if drawn != size && !(size == 1 && role.is_positional()) => {
                    problems.push(format!(
                        "the axis `{role:?}` has size {size} in the bounds, and {drawn} in what is drawn"
                    ))
                }
                Some(_) => {}
            }
        }
        match Report::of(op, problems) {
            Some(report) => Err(report.help("draw an array with all axes of its bounds").shape()),
            None => bounds.aligned(&self.roles, &dims),
        }
    }
}
