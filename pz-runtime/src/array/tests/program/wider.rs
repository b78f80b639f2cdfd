//! The rarer half of what programs are made of: windows and kernels that slide, padding, running results, orders,
//! updates that combine, bits, and all functions of one number and of two.

use super::{Maker, Values, match_up};
use crate::array::kernels::sort::Sort;
use crate::array::kernels::window::Slide;
use crate::array::ops::{cumulative, movement, scatter, sort, window};
use crate::array::params::{Beyond, Padding, Params};
use crate::array::primitive::Primitive;
use crate::array::{Array, DKind, DType};
use crate::error::Result;

pub(in crate::array::tests) type Function = fn(&Array) -> Result<Array>;
pub(in crate::array::tests) type Pairwise = fn(&Array, &Array) -> Result<Array>;

pub(in crate::array::tests) const FUNCTIONS: [Function; 25] = [
    Array::expm1,
    Array::log1p,
    Array::rsqrt,
    Array::cbrt,
    Array::sigmoid,
    Array::sin,
    Array::cos,
    Array::tan,
    Array::asin,
    Array::acos,
    Array::atan,
    Array::sinh,
    Array::cosh,
    Array::asinh,
    Array::acosh,
    Array::atanh,
    Array::erfc,
    Array::erf_inv,
    Array::lgamma,
    Array::floor,
    Array::ceil,
    Array::round,
    Array::sign,
    Array::relu,
    Array::erf,
];
/// Those that are smooth everywhere and grow no faster than their argument.
const SMOOTH: [Function; 6] =
    [Array::cbrt_of_more, Array::sigmoid, Array::cos, Array::atan, Array::asinh, Array::erfc];
pub(in crate::array::tests) const PAIRS: [Pairwise; 4] =
    [Array::float_rem, Array::float_pow, Array::atan2, Array::logaddexp];
const WHOLE_PAIRS: [Pairwise; 6] = [
    Array::shift_left,
    Array::shift_right_logical,
    Array::shift_right_arithmetic,
    Array::xor,
    Array::int_rem,
    Array::int_pow,
];

impl Array {
    /// The cube root of a number above 1.
    fn cbrt_of_more(&self) -> Result<Array> {
        self.mul(self)?.add(&self.full_like(1.0)?)?.cbrt()
    }
}

/// With one derivative, as `named` has it.
fn softmax(x: &Array, axis: usize) -> Result<Array> {
    let known = x.stop_gradient()?;
    let greatest = known.max(&[axis])?.broadcast_reduced(x.dims(), &[axis])?;
    let exps = known.sub(&greatest)?.exp()?;
    let softmax = exps.div(&exps.sum(&[axis])?.broadcast_reduced(x.dims(), &[axis])?)?;
    Array::apply(&movement::SOFTMAX, Params::Axes([axis].as_slice().into()), &[&softmax, x])
}

impl Maker {
    /// The operation of a kind beyond those of `operation`.
    pub(super) fn wider(
        &self,
        kind: usize,
        x: &Array,
        y: &Array,
        b: usize,
        c: usize,
    ) -> Option<Result<Array>> {
        let rank = x.dims().len();
        let axis = if rank > 0 { c % rank } else { 0 };
        let size = x.dims().get(axis).copied().unwrap_or(1);
        let (is_smooth, is_bool) = (self.values == Values::Smooth, x.dtype() == DType::Bool);
        Some(match kind {
            256..268 | 336.. => return self.function(x, y, b, c),
            268..276 => self.padded(x, axis, b)?,
            276..286 if rank > 0 && size > 0 && !is_bool => {
                self.running(x, y, axis, b).and_then(|sums| self.damped(&sums))
            }
            286..294 if rank > 0 && size > 0 && !is_smooth => {
                // The largest or the smallest few, and what they are dealt back to.
                let sorted = Sort { axis, descending: b.is_multiple_of(2), count: 1 + b / 2 % size };
                let places = Array::apply(&sort::ARGSORT, Params::Sort(sorted), &[x]);
                places.and_then(|places| match b % 3 {
                    0 => Ok(places),
                    1 => x.pick(axis, &places),
                    _ if is_bool => Ok(places),
                    _ => x.pick(axis, &places)?.deal(axis, size + b % 2, &places),
                })
            }
            294..302 if rank > 0 && size > 0 && !is_smooth && !is_bool => {
                let places: Vec<i32> =
                    (0..1 + b % 4).map(|i| ((b + i * 5) % (size + 2)) as i32 - 1).collect();
                let places = Array::from_vec(places, &[1 + b % 4]);
                let updates = match_up(x, y).and_then(|y| y.gather(&[axis], Beyond::Nearest, &[&places]));
                let op: &'static Primitive =
                    [&scatter::SCATTER_MUL, &scatter::SCATTER_MIN, &scatter::SCATTER_MAX][b / 4 % 3];
                updates.and_then(|updates| x.scatter(op, &[axis], Beyond::Zero, &[&places], &updates))
            }
            302..308 if rank > 1 && !x.dims().contains(&0) => {
                // Two axes at once, by a table of places.
                let table = |salt: usize, size: usize| {
                    let places: Vec<i32> = (0..6).map(|i| ((b + i * salt) % size) as i32).collect();
                    Array::from_vec(places, &[2, 3])
                };
                let other = (axis + 1) % rank;
                let (rows, columns) = (table(5, size), table(11, x.dims()[other]));
                x.gather(&[axis, other], Beyond::Nearest, &[&rows, &columns])
            }
            308..316 if rank > 0 && !is_bool => self.windows(x, axis, b)?,
            316..322 if !is_bool && !x.dims().contains(&0) => self.slid(x, y, b)?,
            322..328 => {
                let axes: Vec<usize> = (0..rank).filter(|axis| c >> axis & 1 == 1).collect();
                match is_bool {
                    true if b.is_multiple_of(2) => x.all(&axes),
                    true => x.any(&axes),
                    false => self.damped(x).and_then(|x| x.prod(&axes)),
                }
            }
            328 if !is_smooth => Array::apply(&movement::IDENTITY, Params::None, &[x]),
            329 if !is_smooth => x.stop_gradient(),
            330 if !is_smooth => Ok(Array::iota(b % 50)),
            331..336 if rank > 0 && size > 0 && x.dtype().is_float() => softmax(x, axis),
            _ => return None,
        })
    }

    fn function(&self, x: &Array, y: &Array, b: usize, c: usize) -> Option<Result<Array>> {
        if self.values == Values::Smooth {
            return Some(SMOOTH[c % SMOOTH.len()](x));
        }
        let paired = b.is_multiple_of(3);
        Some(match x.dtype().kind() {
            DKind::Float if paired => match_up(x, y).and_then(|y| PAIRS[c % PAIRS.len()](x, &y)),
            DKind::Float => FUNCTIONS[c % FUNCTIONS.len()](x),
            DKind::Int if c.is_multiple_of(7) => x.population_count(),
            DKind::Int => match_up(x, y).and_then(|y| {
                let pair = c % WHOLE_PAIRS.len();
                // Powers of their own size would take the reference for ever.
                let y = if pair == 5 { y.and(&y.full_like(3.0)?)? } else { y };
                WHOLE_PAIRS[pair](x, &y)
            }),
            DKind::Bool | DKind::Key => return None,
        })
    }

    fn padded(&self, x: &Array, axis: usize, b: usize) -> Option<Result<Array>> {
        let rank = x.dims().len();
        let mut pads = vec![Padding::default(); rank];
        if rank > 0 {
            let interior = b / 25 % 3;
            let pad = Padding { low: (b % 5) as isize - 2, high: (b / 5 % 5) as isize - 2, interior };
            let size = x.dims()[axis];
            if (size + size.saturating_sub(1) * interior) as isize + pad.low + pad.high < 0 {
                return None;
            }
            pads[axis] = pad;
        }
        Some(x.pad(&pads, &Array::scalar_of((b % 2) as f64, x.dtype())))
    }

    fn running(&self, x: &Array, y: &Array, axis: usize, b: usize) -> Result<Array> {
        let is_float = x.dtype().is_float();
        match b % 5 {
            0 if is_float => x.cumlogsumexp(axis),
            1 if is_float => {
                let y = match_up(x, y)?.tanh()?;
                Array::apply(&cumulative::RECURRENCE, Params::Axis(axis), &[&y, x])
            }
            2 if self.values == Values::All => x.cummin(axis),
            3 if self.values == Values::All => x.cummax(axis),
            _ => self.damped(x)?.cumprod(axis),
        }
    }

    fn windows(&self, x: &Array, axis: usize, b: usize) -> Option<Result<Array>> {
        let slide = Slide {
            size: 1 + b % 3,
            dilation: 1 + b / 3 % 2,
            stride: 1 + b / 6 % 3,
            spread: 1 + b / 18 % 2,
            low: (b / 36 % 4) as isize - 1,
            high: (b / 144 % 4) as isize - 1,
        };
        if slide.windows(x.dims()[axis]).unwrap_or(0) == 0 {
            return None;
        }
        let mut slides = vec![Slide::STILL; x.dims().len()];
        slides[axis] = slide;
        let op: &'static Primitive = match b % 4 {
            0 if self.values == Values::All => &window::WINDOW_MAX,
            1 if self.values == Values::All => &window::WINDOW_MIN,
            _ => &window::WINDOW_SUM,
        };
        Some(Array::apply(op, Params::Slides(slides.into()), &[x]).and_then(|sums| self.damped(&sums)))
    }

    /// A kernel of one or three places that slides along all elements, in one group of features or two.
    fn slid(&self, x: &Array, y: &Array, b: usize) -> Option<Result<Array>> {
        let len: usize = x.dims().iter().product();
        let have: usize = y.dims().iter().product();
        let (features, groups) = (1 + b % 2, 1 + b / 2 % 2);
        let size = 1 + b / 4 % 3;
        let places = len / (features * groups);
        if !len.is_multiple_of(features * groups) || have < groups * size * features * 2 {
            return None;
        }
        let slide = Slide {
            size,
            dilation: 1 + b / 12 % 2,
            stride: 1 + b / 24 % 2,
            spread: 1,
            low: (b / 48 % 3) as isize,
            high: (b / 144 % 3) as isize - 1,
        };
        if slide.windows(places).unwrap_or(0) == 0 {
            return None;
        }
        let made = || {
            let left = x.reshape(&[groups, 1, places, features])?;
            let kernel = y.cast(x.dtype())?.reshape(&[have])?.slice(0, 0, 1, groups * size * features * 2)?;
            left.convolve(&kernel.reshape(&[groups, size, features, 2])?, Box::new([slide]))
        };
        Some(made().and_then(|result| self.damped(&result)))
    }
}
