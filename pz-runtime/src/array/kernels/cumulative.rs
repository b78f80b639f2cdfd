//! Running results along an axis, and the linear recurrence that their derivatives are.
//!
//! Sums and products of floats are carried in `f64`, so that the result does not drift from that of a reduction.
//! A line along the axis is one chain of operations; lines are independent, and are shared out: whole lines where
//! the axis is the last, else blocks of neighbouring lines, which go forward together through memory.

use super::pool::{self, Shards};
use super::wide::{load, narrowed, with_wide};
use crate::array::buffer::Buffer;
use crate::array::dtype::Element;
use crate::array::storage::take_vec;

/// What is computed of the elements up to each place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Running {
    Sum,
    Product,
    Max,
    Min,
    LogSumExp,
}

/// Neighbouring lines that one task takes.
const LINES: usize = 256;
/// Elements that one task goes over, about.
const TASK: usize = 1 << 15;

/// An element type with its running results: a start, and how an element changes what is carried and what it gives.
trait Carried: Element {
    fn along(running: Running, lines: Lines<'_, Self>);
}

/// The array in which lines are replaced by their running results.
struct Lines<'a, W> {
    values: &'a mut [W],
    /// Elements of a line, and how far apart they lie: so many lines lie side by side.
    len: usize,
    apart: usize,
}

impl<W: Element> Lines<'_, W> {
    /// Replaces each element by what `step` makes of it, of its place in the array, and of what its line carries.
    fn run<C: Copy + Send + Sync>(self, start: C, step: impl Fn(&mut C, usize, W) -> W + Sync) {
        let Lines { values, len, apart } = self;
        if values.is_empty() {
            return;
        }
        let blocks = apart.div_ceil(LINES);
        let units = values.len() / (len * apart) * blocks;
        let group = TASK.div_ceil(len.saturating_mul(apart.min(LINES)));
        let shards = Shards::new(values);
        let unit = |unit: usize| {
            let first = unit / blocks * len * apart + unit % blocks * LINES;
            let width = LINES.min(apart - unit % blocks * LINES);
            let mut carried = [start; LINES];
            for place in 0..len {
                let at = first + place * apart;
                // SAFETY: each unit has lines of its own, and takes one part at a time.
                let row = unsafe { shards.part(at, width) };
                for (number, (value, carried)) in row.iter_mut().zip(&mut carried).enumerate() {
                    *value = step(carried, at + number, *value);
                }
            }
        };
        pool::run(units.div_ceil(group), &|task| {
            (task * group..units.min((task + 1) * group)).for_each(unit)
        });
    }
}

macro_rules! carried {
    (floats $($W:ident)*) => {
        $(impl Carried for $W {
            fn along(running: Running, lines: Lines<'_, Self>) {
                match running {
                    Running::Sum => lines.run(0f64, |sum, _, value| {
                        *sum += value as f64;
                        *sum as $W
                    }),
                    Running::Product => lines.run(1f64, |product, _, value| {
                        *product *= value as f64;
                        *product as $W
                    }),
                    Running::Max => lines.run($W::NEG_INFINITY, |most, _, value| {
                        *most = if value > *most || value.is_nan() { value } else { *most };
                        *most
                    }),
                    Running::Min => lines.run($W::INFINITY, |least, _, value| {
                        *least = if value < *least || value.is_nan() { value } else { *least };
                        *least
                    }),
                    Running::LogSumExp => lines.run((f64::NEG_INFINITY, 0f64), |carried, _, value| {
                        log_sum_exp(carried, value as f64) as $W
                    }),
                }
            }
        })*
    };
    (integers $($W:ident)*) => {
        $(impl Carried for $W {
            fn along(running: Running, lines: Lines<'_, Self>) {
                let (start, join): ($W, fn($W, $W) -> $W) = match running {
                    Running::Sum => (0, $W::wrapping_add),
                    Running::Product => (1, $W::wrapping_mul),
                    Running::Max => ($W::MIN, $W::max),
                    Running::Min => ($W::MAX, $W::min),
                    Running::LogSumExp => unreachable!("the shape rule admits floats"),
                };
                lines.run(start, |carried, _, value| {
                    *carried = join(*carried, value);
                    *carried
                });
            }
        })*
    };
}
carried!(floats f32 f64);
carried!(integers u32 u64 i32 i64);

/// The largest so far, and the sum of the exponentials of all less it.
fn log_sum_exp((most, sum): &mut (f64, f64), value: f64) -> f64 {
    if value.is_nan() || most.is_nan() {
        *most = f64::NAN;
    } else if value > *most {
        *sum = *sum * (*most - value).exp() + 1.0;
        *most = value;
    } else if value > f64::NEG_INFINITY {
        *sum += (value - *most).exp();
    }
    if most.is_finite() { *most + sum.ln() } else { *most }
}

/// Running results along `axis`.
pub(crate) fn running(running: Running, input: &Buffer, axis: usize) -> Buffer {
    let dims = &input.layout.dims;
    with_wide!(input.dtype(), W => {
        let mut values = brought::<W>(input);
        let (len, apart) = (dims[axis], dims[axis + 1..].iter().product());
        W::along(running, Lines { values: &mut values, len, apart });
        narrowed(values, input.dtype(), dims)
    })
}

/// The elements in row-major order, widened.
fn brought<W: Element>(input: &Buffer) -> Vec<W> {
    let mut values = take_vec::<W>(input.layout.len());
    let layout = input.layout.collapsed();
    pool::run_chunks(&mut values, TASK, &|task, chunk| load(input, &layout, task * TASK, chunk));
    values
}

/// `s[i] = a[i] s[i-1] + b[i]` along `axis`, from `s[-1] = 0`.
pub(crate) fn recurrence(factors: &Buffer, terms: &Buffer, axis: usize) -> Buffer {
    let dims = &terms.layout.dims;
    let (len, apart) = (dims[axis], dims[axis + 1..].iter().product());
    macro_rules! typed {
        ($W:ident) => {{
            let (factors, mut values) = (brought::<$W>(factors), brought::<$W>(terms));
            Lines { values: &mut values, len, apart }.run(0f64, |sum, at, value| {
                *sum = *sum * factors[at] as f64 + value as f64;
                *sum as $W
            });
            narrowed(values, terms.dtype(), dims)
        }};
    }
    match terms.dtype() {
        crate::array::DType::F64 => typed!(f64),
        _ => typed!(f32),
    }
}
