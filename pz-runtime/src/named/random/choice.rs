//! What is drawn of what is there: classes, orders, slices.

use super::samplers::{bits, gumbel, numbers, randint};
use super::{Draw, DrawShape, keys};
use crate::array::DType;
use crate::array::layout::Dims;
use crate::error::{Report, Result};
use crate::named::hidden::is_hidden;
use crate::named::lookup::Side;
use crate::named::{NamedArray, Role};
use crate::shape::AxisName;

/// Stand for axes of the same name as one that is drawn.
const FROM: AxisName = AxisName::new("(what is chosen from)");
const DRAWN: AxisName = AxisName::new("(what is chosen)");

#[track_caller]
pub(super) fn categorical(keys: NamedArray, logits: &NamedArray, axis: AxisName) -> Result<NamedArray> {
    logits.numbers("categorical", &[axis])?;
    logits.refuse_empty("categorical", &[axis])?;
    if keys.axis_of(axis).is_some() {
        let problem = format!("the keys have the axis `{axis}`, along which classes are drawn");
        return Err(Report::new("categorical", problem).help("rename that axis of the keys").shape());
    }
    let sized = logits.roles.iter().copied().zip(logits.array.dims().iter().copied());
    // Slices under `nmap` that are given one key are given one noise, as all of a loop would be.
    let is_drawn = |role: &Role| match role.name() {
        Some(name) => !keys.roles.contains(role) && !is_hidden(name),
        None => true,
    };
    let (roles, dims) = sized.filter(|(role, _)| is_drawn(role)).unzip();
    let noise = gumbel("categorical", keys, DrawShape { roles, dims }, logits.dtype())?;
    noise.add(logits)?.argmax(axis)
}

/// Sorts by random numbers, as often as it takes that no two elements are likely to have had the same ones each time.
#[track_caller]
pub(super) fn permutation(mut keys: NamedArray, x: &NamedArray, axis: AxisName) -> Result<NamedArray> {
    let size = x.array.dims()[x.numbers("permutation", &[axis])?[0]];
    let rounds = (3.0 * (size.max(1) as f64).ln() / f64::from(u32::MAX).ln()).ceil() as usize;
    let mut x = x.clone();
    // Of one element there is one order, in which it stands once for each key.
    for _ in 0..rounds.max(1) {
        let order = bits(keys::folded(&keys, 1)?, DrawShape::axis(axis, size), DType::U32)?;
        keys = keys::folded(&keys, 0)?;
        x = x.sort_by(axis, &order)?;
    }
    Ok(x)
}

/// From which slices to choose, and how.
///
/// ```
/// use pz::{nx::Choice, prelude::*};
/// let x = NamedArray::arange("n", 3);
/// let p = NamedArray::from_vec(vec![0.5f32, 0.0, 0.5], [("n", 3)])?;
/// let drawn = Key::new(0).choice(&x, Choice::along("n").weighted(&p), [("draw", 20)])?;
/// assert!(!drawn.to_vec::<i32>()?.contains(&1));
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a choice is made by `key.choice`"]
pub struct Choice {
    axis: AxisName,
    is_replaced: bool,
    weights: Option<NamedArray>,
}

impl<N: Into<AxisName>> From<N> for Choice {
    fn from(axis: N) -> Self {
        Choice::along(axis)
    }
}

impl Choice {
    /// Each time from all slices along `axis`, which are equally probable.
    pub fn along(axis: impl Into<AxisName>) -> Self {
        Choice { axis: axis.into(), is_replaced: true, weights: None }
    }

    /// Every slice at most once.
    pub fn without_replacement(mut self) -> Self {
        self.is_replaced = false;
        self
    }

    /// With probabilities along the axis, which add up to 1. Slices chosen without replacement must not include any of
    /// probability 0.
    pub fn weighted(mut self, p: &NamedArray) -> Self {
        self.weights = Some(p.clone());
        self
    }

    #[track_caller]
    pub(super) fn draw(self, keys: NamedArray, x: &NamedArray, shape: DrawShape) -> Result<NamedArray> {
        let at = x.numbers("choice", &[self.axis])?[0];
        let size = x.array.dims()[at];
        let keys = match &self.weights {
            Some(weights) => keys.widened(&weights.hidden_axes())?,
            None => keys,
        };
        let draw = Draw::new("choice", keys, shape)?;
        self.check(&draw, x, at)?;
        let places = match &self.weights {
            Some(weights) => self.weighted_places(&draw, weights)?,
            None if self.is_replaced => {
                let shape = DrawShape::axis(DRAWN, draw.count);
                randint(draw.keys.clone(), shape, &(0..size as i128).into(), DType::I32)?
            }
            None => {
                let all = permutation(draw.keys.clone(), &NamedArray::arange(DRAWN, size), DRAWN)?;
                all.slice(DRAWN, ..draw.count)?
            }
        };
        let order: Vec<AxisName> =
            draw.keys.sized_names().into_iter().map(|(name, _)| name).chain([DRAWN]).collect();
        let dims: Dims = draw.keys.array.dims().iter().chain(&draw.dims).copied().collect();
        let places = NamedArray::new(places.order_as(order)?.array.reshape(&dims)?, draw.roles);
        let mut roles = x.roles.clone();
        roles[at] = Role::Named(FROM);
        NamedArray::new(x.array.clone(), roles).take(FROM, &places)
    }

    /// All that forbids a choice.
    fn check(&self, draw: &Draw, x: &NamedArray, at: usize) -> Result<()> {
        let size = x.array.dims()[at];
        let mut problems = Vec::new();
        if size == 0 && draw.count > 0 {
            problems.push(format!("the axis `{}` has size 0, so there is nothing to choose", self.axis));
        }
        if i32::try_from(size).is_err() {
            problems.push(format!("the axis `{}` of size {size} has places beyond i32", self.axis));
        }
        if !self.is_replaced && draw.count > size {
            problems.push(format!(
                "{} slices were to be chosen without replacement, and the axis `{}` has {size}",
                draw.count, self.axis
            ));
        }
        let drawn = &draw.roles[draw.keys.roles.len()..];
        for (axis, role) in x.roles.iter().enumerate().filter(|(_, role)| drawn.contains(role)) {
            if axis != at && role.name().is_some() {
                problems.push(format!("the axis `{role:?}` is to be drawn, and the array has it already"));
            }
        }
        if let Some(weights) = &self.weights
            && (weights.named_shape() != [(self.axis, size)] || weights.has_positional())
        {
            problems.push(format!(
                "the probabilities have the axes ({}), and need `{}:{size}` alone",
                weights.axes_text(),
                self.axis
            ));
        }
        Report::of("choice", problems).map_or(Ok(()), |report| Err(report.shape()))
    }

    /// Places along `DRAWN`, for each key.
    #[track_caller]
    fn weighted_places(&self, draw: &Draw, weights: &NamedArray) -> Result<NamedArray> {
        let weights = weights.rename(self.axis, FROM)?;
        let weights = weights.cast(weights.dtype().to_float())?;
        let (size, dtype) = (weights.len(), weights.dtype());
        if size == 0 {
            // Nothing is to be drawn, for `check` lets nothing else through.
            return bits(draw.keys.clone(), DrawShape::axis(DRAWN, 0), DType::U32)?.cast(DType::I32);
        }
        if self.is_replaced {
            let sums = weights.cumsum(FROM)?;
            let shape = DrawShape::axis(DRAWN, draw.count);
            let part = numbers("choice", draw.keys.clone(), shape, dtype, 0.0..1.0, Ok)?;
            let part = NamedArray::scalar(1f32).cast(dtype)?.sub(&part)?;
            return sums.searchsorted(FROM, &sums.index(FROM, size - 1)?.mul(&part)?, Side::Left);
        }
        let scores =
            gumbel("choice", draw.keys.clone(), DrawShape::axis(FROM, size), dtype)?.add(weights.log()?)?;
        let (_, places) = scores.top_k(FROM, draw.count)?;
        let renamed = |role: &Role| if *role == Role::Named(FROM) { Role::Named(DRAWN) } else { *role };
        Ok(NamedArray::new(places.array.clone(), places.roles.iter().map(renamed).collect()))
    }
}
