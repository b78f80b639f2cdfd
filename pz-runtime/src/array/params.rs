//! The parameters of primitives: all that a node says beyond its operation and its inputs.
//!
//! They are part of a plan's key, so they hold structure only; numbers that change from call to call are
//! inputs. Every node carries one, so the large variants keep their lists elsewhere.

use std::sync::Arc;

use smallvec::SmallVec;

use super::control::Control;
use super::dtype::DType;
use super::kernels::sort::Sort;
use super::kernels::window::Slide;
use super::layout::Dims;
use super::primitive::Spec;

/// Axis numbers.
pub(crate) type AxisList = SmallVec<[usize; 6]>;

/// Pairs of axes: of the left operand, of the right.
pub(crate) type Pairs = Box<[(usize, usize)]>;

/// What a primitive is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Params {
    /// Nothing.
    #[default]
    None,
    /// The dtype of the result.
    DType(DType),
    /// Axes: those reduced, an order, those a start is given for.
    Axes(AxisList),
    /// One axis.
    Axis(usize),
    /// The dimensions of the result.
    Dims(Dims),
    /// The dimensions of the result, and for each the axis of the operand that it repeats or keeps.
    Broadcast { dims: Dims, source: Box<[Option<usize>]> },
    /// Elements `start, start + step, …`, `count` of them, along an axis of size `len`.
    Slice { axis: usize, start: usize, step: isize, count: usize, len: usize },
    /// Pairs of axes, left and right.
    Dot { batch: Pairs, contract: Pairs },
    /// The order of a derivative.
    Order(u32),
    /// An axis, and its size before elements were picked from it.
    Along { axis: usize, len: usize },
    /// How windows slide along each axis.
    Slides(Box<[Slide]>),
    /// How rows are sorted.
    Sort(Sort),
    /// The place of an array among several, and what it is.
    Part { index: usize, spec: Box<Spec> },
    /// The bodies of control flow, or a user's own derivative.
    Control(Arc<Control>),
    /// Axes, and the length of a window along each.
    Windows { axes: AxisList, lens: Box<[usize]> },
    /// Axes that index arrays go along, one each, and what an index out of range means. Where that is an error, how
    /// it calls each of the axes.
    Places { axes: AxisList, beyond: Beyond, called: Arc<[String]> },
    /// For each axis the elements added before, after and between neighbours.
    Pad(Box<[Padding]>),
}

/// Elements added along an axis; below 0, cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Padding {
    pub(crate) low: isize,
    pub(crate) high: isize,
    /// Between any two neighbours.
    pub(crate) interior: usize,
}

/// What becomes of an index that is out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Beyond {
    /// A gather reads the nearest element, to which no derivative goes.
    Nearest,
    /// The nearest element is meant.
    Clip,
    /// A gather reads NaN, or what stands for it: the smallest signed integer, the largest unsigned one, `true`.
    Fill,
    /// A gather reads 0, a scatter leaves the update out.
    Zero,
    /// The operation fails.
    Fail,
}

impl Params {
    /// [`Params::Places`] that cannot fail, or that call axes by their numbers.
    pub(crate) fn places(axes: &[usize], beyond: Beyond) -> Self {
        Params::Places { axes: AxisList::from_slice(axes), beyond, called: Arc::new([]) }
    }

    /// The axes of [`Params::Axes`].
    pub(crate) fn axes(&self) -> &[usize] {
        match self {
            Params::Axes(axes) => axes,
            _ => &[],
        }
    }

    /// The axis of [`Params::Axis`].
    pub(crate) fn axis(&self) -> usize {
        match self {
            Params::Axis(axis) | Params::Along { axis, .. } | Params::Slice { axis, .. } => *axis,
            _ => 0,
        }
    }

    /// The windows of [`Params::Slides`].
    pub(crate) fn slides(&self) -> &[Slide] {
        match self {
            Params::Slides(slides) => slides,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn parameters_are_small() {
        assert!(size_of::<super::Params>() <= 80, "{}", size_of::<super::Params>());
    }
}
