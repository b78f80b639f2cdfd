//! Where a program finds the elements of an input: in place, or gathered into a block of its own.

use smallvec::SmallVec;

use super::room::Room;
use crate::array::buffer::Buffer;
use crate::array::dtype::{Element, with_type};
use crate::array::kernels::copy;
use crate::array::layout::Layout;

/// How the elements of an input lie.
pub(super) enum Source {
    /// Element `i` lies at `offset + i`.
    Contiguous(usize),
    /// Every element is the one at `offset`.
    Uniform(usize),
    /// Every row is the same; where its elements follow one another, from this offset on.
    Repeated(Layout, Option<usize>),
    Strided(Layout),
}

impl Source {
    /// The source of a layout whose first `outer` axes count rows.
    pub(super) fn new(layout: &Layout, outer: usize) -> Source {
        let collapsed = layout.collapsed();
        if let Some(source) = plain(&collapsed) {
            return source;
        }
        let mut rows = layout.dims.iter().zip(&layout.strides).take(outer);
        if outer == 0 || !rows.all(|(&dim, &stride)| dim == 1 || stride == 0) {
            return Source::Strided(collapsed);
        }
        let row = Layout {
            dims: layout.dims.iter().skip(outer).copied().collect(),
            strides: layout.strides.iter().skip(outer).copied().collect(),
            offset: layout.offset,
        };
        match plain(&row.collapsed()) {
            Some(Source::Contiguous(offset)) => Source::Repeated(collapsed, Some(offset)),
            _ => Source::Repeated(collapsed, None),
        }
    }
}

fn plain(collapsed: &Layout) -> Option<Source> {
    match (collapsed.dims.as_slice(), collapsed.strides.as_slice()) {
        ([], []) | ([_], [0]) => Some(Source::Uniform(collapsed.offset)),
        ([_], [1]) => Some(Source::Contiguous(collapsed.offset)),
        _ => None,
    }
}

/// The order in which an input without repetition lies in memory; `None` where that is its own. Only the first `kept` axes
/// may change places: the others are those of a row.
pub(super) fn shared_memory_order(
    inputs: &[Buffer],
    dims: &[usize],
    kept: usize,
) -> Option<SmallVec<[usize; 6]>> {
    let full = |input: &&Buffer| {
        let layout = &input.layout;
        layout.dims.len() == dims.len()
            && layout.strides.iter().zip(dims).all(|(&stride, &dim)| stride != 0 || dim == 1)
    };
    for input in inputs.iter().filter(full) {
        if input.layout.is_contiguous() {
            return None;
        }
        let order = input.layout.memory_order();
        if order[kept..].iter().copied().eq(kept..dims.len()) {
            return Some(order);
        }
    }
    None
}

/// Fills a block with `len` elements of a collapsed layout, from the one numbered `start` on.
pub(super) fn gather(input: &Buffer, layout: &Layout, start: usize, block: &mut Room, len: usize) {
    fn typed<T: Element>(input: &Buffer, layout: &Layout, start: usize, block: &mut Room, len: usize) {
        copy::gather_from(input.storage::<T>(), layout, start, block.typed::<T>(len));
    }
    with_type!(input.dtype(), T => typed::<T>(input, layout, start, block, len));
}
