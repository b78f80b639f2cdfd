//! Windows that slide along axes: pooling, and the sums and extremes that it rests on.
//!
//! A [`Slide`] says how a window goes along one axis; a convolution's kernel slides by the same. Axes without a slide
//! stay as they are, so batches and features need no mention.

use super::{Axis, NamedArray};
use crate::array::kernels::window;
use crate::array::ops::window::{WINDOW_MAX, WINDOW_MIN, WINDOW_SUM};
use crate::array::params::Params;
use crate::array::primitive::Primitive;
use crate::array::{Array, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// How a window, or a kernel, slides along an axis: from one end to the other, one step at a time, unless it is told
/// otherwise. `("h", 2)` is a window of two elements along `h`, `"h"` alone is for kernels, whose size is their own.
///
/// ```
/// use pz::{NamedArray, nx::Slide};
/// let x = NamedArray::from_vec(vec![1f32, 5., 2., 4., 3.], [("n", 5)])?;
/// assert_eq!(x.window_max([("n", 2)])?.to_vec::<f32>()?, [5., 5., 4., 4.]);
/// let apart = Slide::along("n").size(2).dilation(2).stride(2);
/// assert_eq!(x.window_sum([apart])?.to_vec::<f32>()?, [3., 5.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Slide {
    pub(super) axis: Axis,
    pub(super) kernel: Option<Axis>,
    size: Option<usize>,
    stride: Option<usize>,
    dilation: usize,
    spread: usize,
    padding: Padding,
}

#[derive(Clone, Copy, Debug)]
enum Padding {
    Places(isize, isize),
    Same,
}

impl Slide {
    /// Along this axis of the array.
    pub fn along(axis: impl Into<Axis>) -> Self {
        Slide {
            axis: axis.into(),
            kernel: None,
            size: None,
            stride: None,
            dilation: 1,
            spread: 1,
            padding: Padding::Places(0, 0),
        }
    }

    /// The axis of the kernel that slides there; without this, the one of the same name or position.
    #[must_use]
    pub fn by(mut self, kernel: impl Into<Axis>) -> Self {
        self.kernel = Some(kernel.into());
        self
    }

    /// The number of elements that a window sees. A kernel has its own.
    #[must_use]
    pub fn size(mut self, size: usize) -> Self {
        self.size = Some(size);
        self
    }

    /// From one window to the next; without this 1, and for pools the window's size.
    #[must_use]
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = Some(stride);
        self
    }

    /// From one element that a window sees to the next.
    #[must_use]
    pub fn dilation(mut self, dilation: usize) -> Self {
        self.dilation = dilation;
        self
    }

    /// Puts the elements of the axis so far apart before anything slides over them. With the stride of a convolution
    /// this makes the transposed one.
    #[must_use]
    pub fn spread(mut self, spread: usize) -> Self {
        self.spread = spread;
        self
    }

    /// Places in front of the axis and behind it, at which nothing is seen (a convolution sees zeros). Below 0, that
    /// many places are cut off.
    #[must_use]
    pub fn pad(mut self, low: isize, high: isize) -> Self {
        self.padding = Padding::Places(low, high);
        self
    }

    /// As much padding as gives one window for each element (with a stride, for each so many elements): evenly on
    /// both sides, one more behind, as JAX's "SAME".
    #[must_use]
    pub fn same(mut self) -> Self {
        self.padding = Padding::Same;
        self
    }

    /// What slides along an axis of `len` elements, if that can be; else what is wrong.
    pub(super) fn over(
        &self,
        len: usize,
        kernel: Option<usize>,
        pool: bool,
    ) -> Result<(window::Slide, usize), String> {
        let axis = self.axis;
        let Some(size) = kernel.or(self.size) else {
            return Err(format!("the window along `{axis}` has no size: `Slide::along(…).size(2)`"));
        };
        let stride = self.stride.unwrap_or(if pool { size } else { 1 });
        let numbers =
            [("size", size), ("stride", stride), ("dilation", self.dilation), ("spread", self.spread)];
        if let Some((what, _)) = numbers.iter().find(|(_, number)| *number == 0) {
            return Err(format!("the {what} of the window along `{axis}` is 0, and must be 1 at least"));
        }
        let slide =
            window::Slide { size, dilation: self.dilation, stride, spread: self.spread, low: 0, high: 0 };
        let uncounted = || format!("the places of the window along `{axis}` are too many to count");
        let (low, high) = match self.padding {
            Padding::Places(low, high) => (low, high),
            Padding::Same => {
                let places = slide.padded(len).ok_or_else(uncounted)?;
                let reach = (size - 1).checked_mul(self.dilation).ok_or_else(uncounted)?;
                let wanted = places.div_ceil(stride).saturating_sub(1).checked_mul(stride);
                let wanted = wanted.and_then(|wanted| wanted.checked_add(reach + 1)).ok_or_else(uncounted)?;
                let missing = wanted.saturating_sub(places);
                let low = isize::try_from(missing / 2).map_err(|_| uncounted())?;
                (low, isize::try_from(missing - missing / 2).map_err(|_| uncounted())?)
            }
        };
        let slide = window::Slide { low, high, ..slide };
        let (places, windows) = slide.padded(len).zip(slide.windows(len)).ok_or_else(uncounted)?;
        if windows == 0 {
            let reach = (size - 1).saturating_mul(self.dilation).saturating_add(1);
            return Err(format!(
                "the window along `{axis}` reaches over {reach} places, and the axis has {places} with its padding"
            ));
        }
        Ok((slide, windows))
    }
}

macro_rules! slides {
    ($($T:ty)*) => {$(
        impl From<$T> for Slide {
            fn from(axis: $T) -> Self {
                Slide::along(axis)
            }
        }
    )*};
}
slides!(Axis AxisName &'static str i32 isize usize);

impl<A: Into<Axis>> From<(A, usize)> for Slide {
    fn from((axis, size): (A, usize)) -> Self {
        Slide::along(axis).size(size)
    }
}

impl NamedArray {
    #[track_caller]
    fn windowed<S: Into<Slide>>(
        &self,
        op: &str,
        slides: impl IntoIterator<Item = S>,
        pool: bool,
        primitive: &'static Primitive,
    ) -> Result<(NamedArray, usize)> {
        let slides: Vec<Slide> = slides.into_iter().map(Into::into).collect();
        let asked: Vec<Axis> = slides.iter().map(|slide| slide.axis).collect();
        let axes = self.numbers(op, &asked)?;
        let mut all = vec![window::Slide::STILL; self.roles.len()];
        let mut problems = Vec::new();
        let mut seen = 1usize;
        for (slide, &axis) in slides.iter().zip(&axes) {
            match slide.over(self.array.dims()[axis], None, pool) {
                Ok((slide, _)) => {
                    seen = seen.saturating_mul(slide.size);
                    all[axis] = slide;
                }
                Err(problem) => problems.push(problem),
            }
        }
        if let Some(report) = Report::of(op, problems) {
            return Err(report.help(format!("the array has ({})", self.axes_text())).shape());
        }
        let array = Array::apply(primitive, Params::Slides(all.into()), &[&self.array])?;
        Ok((NamedArray::result(array, self.roles.clone())?, seen))
    }

    /// The sum over each window. Axes stay in their places and have one element for each window.
    ///
    /// # Errors
    /// An axis is not there or given twice; a window is larger than the padded axis, or has no size; a number that
    /// must be at least 1 is 0.
    #[track_caller]
    pub fn window_sum<S: Into<Slide>>(&self, slides: impl IntoIterator<Item = S>) -> Result<NamedArray> {
        let _call = caller::enter("window_sum");
        Ok(self.windowed("window_sum", slides, false, &WINDOW_SUM)?.0)
    }

    /// The largest element in each window; NaN if there is one. Of padding alone, the least value there is. In
    /// derivatives it is the first of equal ones.
    ///
    /// # Errors
    /// As [`window_sum`](NamedArray::window_sum).
    #[track_caller]
    pub fn window_max<S: Into<Slide>>(&self, slides: impl IntoIterator<Item = S>) -> Result<NamedArray> {
        let _call = caller::enter("window_max");
        Ok(self.windowed("window_max", slides, false, &WINDOW_MAX)?.0)
    }

    /// The smallest element in each window; NaN if there is one. Of padding alone, the greatest value there is. In
    /// derivatives it is the first of equal ones.
    ///
    /// # Errors
    /// As [`window_sum`](NamedArray::window_sum).
    #[track_caller]
    pub fn window_min<S: Into<Slide>>(&self, slides: impl IntoIterator<Item = S>) -> Result<NamedArray> {
        let _call = caller::enter("window_min");
        Ok(self.windowed("window_min", slides, false, &WINDOW_MIN)?.0)
    }

    /// The largest element in each of the windows that lie side by side: as [`window_max`](NamedArray::window_max),
    /// with the window's size as the stride where none is given.
    ///
    /// # Errors
    /// As [`window_sum`](NamedArray::window_sum).
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::arange("h", 4).mul(NamedArray::arange("w", 4))?;
    /// assert_eq!(x.max_pool([("h", 2), ("w", 2)])?.to_vec::<i32>()?, [1, 3, 3, 9]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn max_pool<S: Into<Slide>>(&self, slides: impl IntoIterator<Item = S>) -> Result<NamedArray> {
        let _call = caller::enter("max_pool");
        Ok(self.windowed("max_pool", slides, true, &WINDOW_MAX)?.0)
    }

    /// The mean over each of the windows that lie side by side; padding counts as zeros. Of integers, as `f32`. The
    /// stride is the window's size where none is given.
    ///
    /// # Errors
    /// As [`window_sum`](NamedArray::window_sum).
    #[track_caller]
    pub fn avg_pool<S: Into<Slide>>(&self, slides: impl IntoIterator<Item = S>) -> Result<NamedArray> {
        let _call = caller::enter("avg_pool");
        let floats = self.cast(self.dtype().to_float())?;
        let (sums, seen) = floats.windowed("avg_pool", slides, true, &WINDOW_SUM)?;
        sums.div(seen as f64)
    }
}
