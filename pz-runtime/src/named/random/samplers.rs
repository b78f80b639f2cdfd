//! The distributions.

use std::cmp::Ordering;
use std::f64::consts::SQRT_2;
use std::ops::Range;

use super::bounds::{extremes, integers};
use super::{Bounds, Choice, Draw, DrawShape, choice, keys};
use crate::array::kernels::math::xla;
use crate::array::ops::random::{
    ERF, ERF_INV, NEG_LOG, NEG_LOG1P_NEG, NEXT_UP, OFFSET, UNIFORM, bits_for, next_up, rounded,
};
use crate::array::params::Params;
use crate::array::primitive::Primitive;
use crate::array::{Array, DKind, DType, caller};
use crate::error::{Report, Result};
use crate::named::Axis;
use crate::named::{NamedArray, Operand, Roles};
use crate::random::Key;

/// What can be drawn from: a [`Key`], or an array of keys.
///
/// Of an array, each key draws by itself; its axes, which are to be named, come first in the result.
///
/// # Errors
/// Those that all methods have in common: an array that holds no keys, or has positional axes; an axis that is given
/// twice or that the keys have; a dtype that the distribution has not; more elements than can be counted.
///
/// ```
/// use pz::prelude::*;
/// let keys = Key::new(0).random_split([("batch", 3)])?;
/// let noise = keys.normal([("seq", 4)], DType::F32)?;
/// assert_eq!(noise.named_shape(), [("batch".into(), 3), ("seq".into(), 4)]);
/// let alone = Key::new(0).split(3)[1].normal([("seq", 4)], DType::F32)?;
/// assert_eq!(noise.index("batch", 1)?.to_vec::<f32>()?, alone.to_vec::<f32>()?);
/// # Ok::<(), pz::Error>(())
/// ```
pub trait Random {
    /// The keys as an array.
    fn to_keys(&self) -> NamedArray;

    /// New keys: one flat split into as many as the shape has, in its order (`pz.nx.random_split`). For the order of
    /// a Python mapping, give a `BTreeMap`.
    ///
    /// ```
    /// use pz::prelude::*;
    /// let keys = Key::new(3).random_split([("a", 2), ("b", 2)])?;
    /// assert_eq!(keys.to_vec::<Key>()?, Key::new(3).split(4));
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    fn random_split(&self, shape: impl Into<DrawShape>) -> Result<NamedArray> {
        let _call = caller::enter("random_split");
        keys::split(Draw::new("random_split", self.to_keys(), shape.into())?)
    }

    /// Random bits, of the dtype `u8`, `u16`, `u32` or `u64`.
    #[track_caller]
    fn bits(&self, shape: impl Into<DrawShape>, dtype: DType) -> Result<NamedArray> {
        let _call = caller::enter("bits");
        bits(self.to_keys(), shape.into(), dtype)
    }

    /// Numbers spread evenly over `0.0..1.0`.
    ///
    /// ```
    /// use pz::prelude::*;
    /// let x = Key::new(0).uniform([("n", 1000)], DType::F32)?;
    /// assert!(x.to_vec::<f32>()?.iter().all(|x| (0.0..1.0).contains(x)));
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    fn uniform(&self, shape: impl Into<DrawShape>, dtype: DType) -> Result<NamedArray> {
        let _call = caller::enter("uniform");
        self.uniform_range(shape, 0.0..1.0, dtype)
    }

    /// Numbers spread evenly over a range, or between [`Bounds`] in arrays, to which derivatives go. Where the upper bound
    /// is not above the lower one, all are the lower.
    ///
    /// # Errors
    /// A bound that is a plain number, or the distance of two, is not finite; bounds have an axis along which nothing is
    /// drawn.
    #[track_caller]
    fn uniform_range(
        &self,
        shape: impl Into<DrawShape>,
        bounds: impl Into<Bounds>,
        dtype: DType,
    ) -> Result<NamedArray> {
        let _call = caller::enter("uniform_range");
        let (keys, shape, bounds) = (self.to_keys(), shape.into(), bounds.into());
        match bounds.numbers() {
            Some(range) => numbers("uniform", keys, shape, dtype, range, Ok),
            None => uniform_within("uniform", bounds.widen(keys)?, shape, dtype, &bounds, Ok),
        }
    }

    /// Numbers of the normal distribution with mean 0 and variance 1.
    ///
    /// ```
    /// use pz::prelude::*;
    /// let x = Key::new(0).normal([("n", 10_000)], DType::F32)?;
    /// assert!(x.mean("n")?.item::<f32>()?.abs() < 0.05);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    fn normal(&self, shape: impl Into<DrawShape>, dtype: DType) -> Result<NamedArray> {
        let _call = caller::enter("normal");
        let range = next_up(-1.0, dtype)..1.0;
        numbers("normal", self.to_keys(), shape.into(), dtype, range, |x| quantile(&x))
    }

    /// Numbers of the normal distribution, given that they lie between the ends of a range, or between [`Bounds`] in
    /// arrays, to which derivatives go. An end may be infinite.
    ///
    /// # Errors
    /// The range is empty; bounds have an axis along which nothing is drawn.
    #[track_caller]
    fn truncated_normal(
        &self,
        shape: impl Into<DrawShape>,
        bounds: impl Into<Bounds>,
        dtype: DType,
    ) -> Result<NamedArray> {
        let _call = caller::enter("truncated_normal");
        let (keys, shape, bounds) = (self.to_keys(), shape.into(), bounds.into());
        match bounds.numbers() {
            Some(range) => truncated_normal(keys, shape, range, dtype),
            None => truncated_within(bounds.widen(keys)?, shape, &bounds, dtype),
        }
    }

    /// Numbers of the Gumbel distribution: `argmax(gumbel + logits)` is a sample of `softmax(logits)`.
    #[track_caller]
    fn gumbel(&self, shape: impl Into<DrawShape>, dtype: DType) -> Result<NamedArray> {
        let _call = caller::enter("gumbel");
        gumbel("gumbel", self.to_keys(), shape.into(), dtype)
    }

    /// Numbers of the exponential distribution of rate 1.
    #[track_caller]
    fn exponential(&self, shape: impl Into<DrawShape>, dtype: DType) -> Result<NamedArray> {
        let _call = caller::enter("exponential");
        numbers("exponential", self.to_keys(), shape.into(), dtype, 0.0..1.0, |x| apply(&NEG_LOG1P_NEG, &x))
    }

    /// Truth values that are true with probability `p`, a number or an array of floats that is broadcast by name.
    ///
    /// ```
    /// use pz::prelude::*;
    /// let keep = Key::new(0).bernoulli([("n", 1000)], 0.9)?;
    /// assert!(keep.cast(DType::F32)?.mean("n")?.item::<f32>()? > 0.8);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    fn bernoulli(&self, shape: impl Into<DrawShape>, p: impl Into<Operand>) -> Result<NamedArray> {
        let _call = caller::enter("bernoulli");
        let p = p.into();
        let dtype = match &p {
            Operand::Array(p) => p.dtype(),
            _ => DType::F32,
        };
        numbers("bernoulli", self.to_keys(), shape.into(), dtype, 0.0..1.0, Ok)?.less(p)
    }

    /// Integers spread evenly over a range (a little unevenly where its length is no power of two, as in JAX), or between
    /// [`Bounds`] in arrays of integers. Where the upper bound is not above the lower one, all are the lower; a bound that
    /// the dtype has not is its nearest.
    ///
    /// # Errors
    /// A bound is no integer; bounds have an axis along which nothing is drawn.
    ///
    /// ```
    /// use pz::prelude::*;
    /// let dice = Key::new(0).randint([("n", 100)], 1..7, DType::U8)?;
    /// assert!(dice.to_vec::<u8>()?.iter().all(|n| (1..7).contains(n)));
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    fn randint(
        &self,
        shape: impl Into<DrawShape>,
        bounds: impl Into<Bounds>,
        dtype: DType,
    ) -> Result<NamedArray> {
        let _call = caller::enter("randint");
        let bounds = bounds.into();
        randint(bounds.widen(self.to_keys())?, shape.into(), &bounds, dtype)
    }

    /// Classes along `axis`, each with probability `softmax(logits)`, as `i32`: one for each element of the logits'
    /// other axes. Along axes that the keys have too, each key draws with its own logits.
    ///
    /// As in JAX, a logit that is NaN is taken.
    ///
    /// # Errors
    /// The axis is not there, has size 0, or is one of the keys'; the logits are no floats.
    ///
    /// ```
    /// use pz::prelude::*;
    /// let logits = NamedArray::from_vec(vec![0f32, f32::NEG_INFINITY], [("class", 2)])?;
    /// assert_eq!(Key::new(1).categorical(&logits, "class")?.item::<i32>()?, 0);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    fn categorical(&self, logits: &NamedArray, axis: impl Into<Axis>) -> Result<NamedArray> {
        let _call = caller::enter("categorical");
        let keys = self.to_keys();
        logits.by_name("categorical", &[axis.into()], &|logits, axes| {
            choice::categorical(keys.clone(), logits, axes[0])
        })
    }

    /// The array in a random order along `axis`. Every key of an array of keys makes an order of its own.
    ///
    /// # Errors
    /// The axis is not there.
    ///
    /// ```
    /// use pz::prelude::*;
    /// let order = Key::new(0).permutation(&NamedArray::arange("n", 5), "n")?;
    /// assert_eq!(order.sort("n")?.to_vec::<i32>()?, [0, 1, 2, 3, 4]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    fn permutation(&self, x: &NamedArray, axis: impl Into<Axis>) -> Result<NamedArray> {
        let _call = caller::enter("permutation");
        let keys = self.to_keys();
        x.by_name("permutation", &[axis.into()], &|x, axes| choice::permutation(keys.clone(), x, axes[0]))
    }

    /// Slices of an array along an axis, chosen at random, as many as the shape has. The axes that are drawn come behind
    /// the array's others. A name alone chooses each time from all slices.
    ///
    /// # Errors
    /// The axis is not there, or has fewer slices than are to be chosen; probabilities have another axis; an axis of
    /// the shape is one of the array's others.
    ///
    /// ```
    /// use pz::{nx::Choice, prelude::*};
    /// let x = NamedArray::from_vec(vec![1f32, 2., 3.], [("n", 3)])?;
    /// let all = Key::new(0).choice(&x, Choice::along("n").without_replacement(), [("draw", 3)])?;
    /// assert_eq!(all.sum("draw")?.item::<f32>()?, 6.0);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    fn choice(
        &self,
        x: &NamedArray,
        choice: impl Into<Choice>,
        shape: impl Into<DrawShape>,
    ) -> Result<NamedArray> {
        let _call = caller::enter("choice");
        choice.into().draw(self.to_keys(), x, shape.into())
    }
}

impl Random for Key {
    fn to_keys(&self) -> NamedArray {
        NamedArray::scalar(*self)
    }
}

impl Random for NamedArray {
    fn to_keys(&self) -> NamedArray {
        self.clone()
    }
}

#[track_caller]
fn apply(op: &'static Primitive, x: &Array) -> Result<Array> {
    Array::apply(op, Params::None, &[x])
}

/// The normally distributed number of an evenly spread one between -1 and 1.
#[track_caller]
fn quantile(x: &Array) -> Result<Array> {
    apply(&ERF_INV, x)?.mul_scalar(SQRT_2)
}

#[track_caller]
pub(super) fn bits(keys: NamedArray, shape: DrawShape, dtype: DType) -> Result<NamedArray> {
    let width = match dtype {
        DType::U8 | DType::U16 | DType::U32 => DType::U32,
        DType::U64 => DType::U64,
        _ => {
            let problem = format!("bits were asked for as {dtype}, and come as unsigned integers");
            return Err(Report::new("bits", problem).help("ask for `DType::U32`, then cast").dtype());
        }
    };
    Draw::new("bits", keys, shape)?.of_bits(width, |bits| bits.cast(dtype))
}

/// What floats are to be drawn.
fn floats(op: &str, keys: NamedArray, shape: DrawShape, dtype: DType) -> Result<Draw> {
    let draw = Draw::new(op, keys, shape)?;
    if dtype.is_float() {
        return Ok(draw);
    }
    let problem = format!("numbers of dtype {dtype} were asked for, and the distribution has floats");
    Err(Report::new(op, problem).help("ask for `DType::F32`").dtype())
}

/// What `make` makes of evenly spread numbers.
#[track_caller]
pub(super) fn numbers(
    op: &str,
    keys: NamedArray,
    shape: DrawShape,
    dtype: DType,
    range: Range<f64>,
    make: impl FnOnce(Array) -> Result<Array>,
) -> Result<NamedArray> {
    let draw = floats(op, keys, shape, dtype)?;
    let (low, high) = (rounded(range.start, dtype), rounded(range.end, dtype));
    if !(low.is_finite() && high.is_finite() && rounded(high - low, dtype).is_finite()) {
        let problem =
            format!("the range {}..{} has no finite bounds and length in {dtype}", range.start, range.end);
        return Err(Report::new(op, problem).help("give bounds that are closer together").value());
    }
    draw.of_bits(bits_for(dtype), |bits| make(bits.uniform_between(low, high, dtype)?))
}

/// As [`numbers`], between bounds of which one at least is an array.
#[track_caller]
fn uniform_within(
    op: &str,
    keys: NamedArray,
    shape: DrawShape,
    dtype: DType,
    bounds: &Bounds,
    make: impl FnOnce(Array) -> Result<Array>,
) -> Result<NamedArray> {
    let draw = floats(op, keys, shape, dtype)?;
    let [low, high] = bounds.floats(dtype)?;
    let low = draw.spread(op, &low)?;
    let width = draw.spread(op, &high)?.sub(&low)?;
    let bits = draw.keys.array.random_bits(draw.count, bits_for(dtype))?.cut(&draw.dims)?;
    let spread = Array::apply(&UNIFORM, Params::DType(dtype), &[&bits, &low, &width])?;
    Ok(NamedArray::new(make(spread)?, draw.roles))
}

/// Numbers that are 0 become the smallest of full precision: their logarithm is finite.
#[track_caller]
pub(super) fn gumbel(op: &str, keys: NamedArray, shape: DrawShape, dtype: DType) -> Result<NamedArray> {
    numbers(op, keys, shape, dtype, 0.0..1.0, |x| {
        let least = match dtype {
            DType::F16 => half::f16::MIN_POSITIVE.to_f64(),
            DType::F64 => f64::MIN_POSITIVE,
            _ => f64::from(f32::MIN_POSITIVE),
        };
        let above_zero = x.maximum(&x.full_like(least)?)?;
        apply(&NEG_LOG, &apply(&NEG_LOG, &above_zero)?)
    })
}

#[track_caller]
fn truncated_normal(
    keys: NamedArray,
    shape: DrawShape,
    range: Range<f64>,
    dtype: DType,
) -> Result<NamedArray> {
    let (low, high) = (rounded(range.start, dtype), rounded(range.end, dtype));
    if low.partial_cmp(&high) != Some(Ordering::Less) {
        let problem = format!("there is no number between {} and {} in {dtype}", range.start, range.end);
        return Err(Report::new("truncated_normal", problem).help("give a range like -2.0..2.0").value());
    }
    let share = |bound: f64| match dtype {
        DType::F64 => libm::erf(bound / SQRT_2),
        // XLA multiplies by the reciprocal.
        DType::F32 => xla::erf(bound as f32 * (1.0 / SQRT_2 as f32)).into(),
        _ => rounded(xla::erf(rounded(bound / rounded(SQRT_2, dtype), dtype) as f32).into(), dtype),
    };
    let (least, most) = (next_up(low, dtype), -next_up(-high, dtype));
    numbers("truncated_normal", keys, shape, dtype, share(low)..share(high), |x| {
        let drawn = quantile(&x)?;
        drawn.maximum(&drawn.full_like(least)?)?.minimum(&drawn.full_like(most)?)
    })
}

/// As [`truncated_normal`], between bounds of which one at least is an array.
#[track_caller]
fn truncated_within(keys: NamedArray, shape: DrawShape, bounds: &Bounds, dtype: DType) -> Result<NamedArray> {
    const OP: &str = "truncated_normal";
    let draw = floats(OP, keys.clone(), shape.clone(), dtype)?;
    let [low, high] = bounds.floats(dtype)?;
    let share = |bound: &NamedArray| -> Result<Operand> {
        let x = &bound.array;
        let scaled = match dtype {
            // As for plain numbers.
            DType::F32 => x.mul_scalar(f64::from(1.0 / SQRT_2 as f32))?,
            _ => x.div(&x.full_like(SQRT_2)?)?,
        };
        Ok(NamedArray::new(apply(&ERF, &scaled)?, bound.roles.clone()).into())
    };
    let next_up = |x: &Array| Array::apply(&NEXT_UP, Params::DType(dtype), &[x]);
    let least = next_up(&draw.spread(OP, &low)?)?;
    let most = next_up(&draw.spread(OP, &high)?.neg()?)?.neg()?;
    let shares = Bounds { low: share(&low)?, high: share(&high)? };
    uniform_within(OP, keys, shape, dtype, &shares, |x| quantile(&x)?.maximum(&least)?.minimum(&most))
}

#[track_caller]
pub(super) fn randint(
    keys: NamedArray,
    shape: DrawShape,
    bounds: &Bounds,
    dtype: DType,
) -> Result<NamedArray> {
    const OP: &str = "randint";
    if dtype.kind() != DKind::Int {
        let problem = format!("integers were asked for as {dtype}");
        return Err(Report::new(OP, problem).help("ask for an integer dtype: `DType::I32`").dtype());
    }
    // Narrow integers are drawn in 32 bits, so that their unevenness is beyond notice. A span of all numbers of a wide
    // dtype wraps to 0, which the operation takes for that.
    let bits = if dtype.size() == 8 { DType::U64 } else { DType::U32 };
    let draw = Draw::new(OP, keys.clone(), shape.clone())?;
    let (span, low) = match bounds.whole(OP)? {
        Some(range) => {
            let (least, most) = extremes(dtype);
            let (low, high) = (range.start.clamp(least, most), range.end.clamp(least, most + 1));
            let scalar = |value: i128| {
                let scalar = Array::scalar(value as i64).cast(bits)?;
                draw.spread(OP, &NamedArray::new(scalar, Roles::new()))
            };
            (scalar((high - low).max(1))?, scalar(low)?)
        }
        None => {
            let ((low, _), (high, is_above)) =
                (integers(&bounds.low, dtype)?, integers(&bounds.high, dtype)?);
            let (low, high) = (draw.spread(OP, &low)?, draw.spread(OP, &high)?);
            let (start, end) = (low.cast(bits)?, high.cast(bits)?);
            let mut span = end.sub(&start)?;
            if let Some(is_above) = is_above {
                // One more than the largest number there is.
                span = span.add(&draw.spread(OP, &is_above)?.cast(bits)?)?;
            }
            (low.less(&high)?.select(&span, &span.full_like(1.0)?)?, start)
        }
    };
    let half = |number| self::bits(keys::folded(&keys, number)?, shape.clone(), bits);
    let (upper, lower) = (half(0)?, half(1)?);
    let offsets = Array::apply(&OFFSET, Params::None, &[&upper.array, &lower.array, &span])?;
    Ok(NamedArray::new(offsets.add(&low)?.cast(dtype)?, upper.roles))
}
