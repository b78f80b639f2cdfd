//! Windows that slide along axes: their sums, their largest and smallest elements.
//!
//! A sum's derivative is a sum over windows again, that slide the other way. That of a largest element goes to the
//! first one in the window, as in JAX: its number is a primitive, and the rest is picking and dealing by number.

use super::infer;
use super::reduce::places_dtype;
use crate::array::Array;
use crate::array::kernels::window::{Fold, Slide, reduce_window, window_places};
use crate::array::params::Params;
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive, Spec};
use crate::error::{Report, Result};

macro_rules! over_windows {
    ($($(#[$doc:meta])* $NAME:ident, $name:literal, $fold:expr, $backward:expr;)*) => {
        $($(#[$doc])*
        pub(crate) static $NAME: Primitive = Primitive {
            name: $name,
            infer: |params, inputs| {
                infer::number(params, inputs)?;
                windows_spec($name, params, inputs)
            },
            kernel: Kernel::Whole(|params, spec, inputs| {
                Ok(reduce_window($fold, params.slides(), &inputs[0], &spec.dims))
            }),
            derivative: Derivative::Rule($backward),
        };)*
    };
}

over_windows! {
    /// The sum over each window.
    WINDOW_SUM, "window_sum", Fold::Sum, sum_backward;
    /// The largest in each window; NaN if there is one, and of no elements the least value.
    WINDOW_MAX, "window_max", Fold::Max, |b| extreme_backward(b, &WINDOW_ARGMAX);
    /// The smallest in each window; NaN if there is one, and of no elements the greatest value.
    WINDOW_MIN, "window_min", Fold::Min, |b| extreme_backward(b, &WINDOW_ARGMIN);
}

macro_rules! places_in_windows {
    ($($(#[$doc:meta])* $NAME:ident, $name:literal, $fold:expr;)*) => {
        $($(#[$doc])*
        pub(crate) static $NAME: Primitive = Primitive {
            name: $name,
            infer: |params, inputs| {
                let count = inputs[0].dims.iter().fold(1usize, |count, &dim| count.saturating_mul(dim));
                Ok(windows_spec($name, params, inputs)?.of(places_dtype(count)))
            },
            kernel: Kernel::Whole(|params, spec, inputs| {
                Ok(window_places($fold, params.slides(), &inputs[0], &spec.dims, spec.dtype))
            }),
            derivative: Derivative::Zero,
        };)*
    };
}

places_in_windows! {
    /// The number in row-major order of the first largest element of each window.
    WINDOW_ARGMAX, "window_argmax", Fold::Max;
    /// The number in row-major order of the first smallest element of each window.
    WINDOW_ARGMIN, "window_argmin", Fold::Min;
}

fn windows_spec(op: &str, params: &Params, inputs: &[Spec]) -> Result<Spec> {
    let (slides, dims) = (params.slides(), &inputs[0].dims);
    if slides.len() != dims.len() {
        let problem = format!("{} windows were given for {} axes", slides.len(), dims.len());
        return Err(Report::new(op, problem).shape());
    }
    let mut spec = inputs[0].clone();
    for (axis, slide) in slides.iter().enumerate() {
        spec.dims[axis] = count_windows(op, axis, slide, dims[axis])?;
    }
    Ok(spec)
}

/// The number of windows along an axis of `len` elements, where they can be counted.
pub(crate) fn count_windows(op: &str, axis: usize, slide: &Slide, len: usize) -> Result<usize> {
    slide.windows(len).ok_or_else(|| {
        Report::new(
            op,
            format!("the windows along axis {axis} of {len} elements cannot be counted: {slide:?}"),
        )
        .shape()
    })
}

/// Each element gets the cotangents of all windows that saw it.
fn sum_backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let (from, to) = (b.inputs[0].dims(), b.output.dims());
    if from.contains(&0) {
        return Ok(vec![None]);
    }
    let slides = b.params.slides().iter().enumerate();
    let back = slides.map(|(axis, slide)| slide.back(from[axis], to[axis])).collect::<Option<Box<[Slide]>>>();
    let Some(back) = back else { return Err(Report::new("window_sum", "too many places to count").shape()) };
    Ok(vec![Some(Array::apply(&WINDOW_SUM, Params::Slides(back), &[b.cotangent])?)])
}

/// The cotangent of each window goes to its first extreme; that of a window that sees nothing, nowhere.
fn extreme_backward(b: &Backward<'_>, places: &'static Primitive) -> Result<Vec<Option<Array>>> {
    let (x, windows) = (&b.inputs[0], b.output.dims().iter().product::<usize>());
    let count: usize = x.dims().iter().product();
    let places = Array::apply(places, b.params.clone(), &[x])?.reshape(&[windows])?;
    let cotangent = b.cotangent.reshape(&[windows])?;
    let sees = places.less(&places.full_like(count as f64)?)?;
    let cotangent = sees.select(&cotangent, &cotangent.full_like(0.0)?)?;
    Ok(vec![Some(cotangent.deal(0, count, &places)?.reshape(x.dims())?)])
}
