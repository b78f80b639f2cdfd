//! Which operations are computed together.
//!
//! A node whose value nobody wants, and whose consumers are all in one group, joins that group: its elements then
//! never leave the caches. Since consumers come after what they consume, one pass from the last node to the first
//! finds all groups. Elementwise operations always fit. A reduction fits where a row of it is short enough to be kept
//! near to the core; it gives its group a *frame*, the axes that count rows, and from then on the group holds operations on
//! elements, operations on what rows were reduced to, and the repetition of such values along rows. Rows are the last
//! axes; a sum over first axes is left to its kernel, which goes through memory as it lies.

use super::collect::Entry;
use crate::array::kernels::rows;
use crate::array::layout::{Dims, checked_len};
use crate::array::params::Params;
use crate::array::primitive::Kernel;

/// Operations in one group at most: its registers must fit into the caches.
const MAX_GROUP: usize = 32;
/// Elements of a row at most.
const MAX_ROW: usize = 1 << 15;
/// Nodes between a repetition along rows and the reduction that it repeats, at most.
const REACH: usize = 12;

/// The rows that a group works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// The dimensions of whole arrays.
    pub(super) dims: Dims,
    /// So many first axes count rows; the others are a row's.
    pub(super) kept: usize,
}

/// The groups of an evaluation.
pub(super) struct Groups {
    /// For each entry the index of the last entry of its group; its own where it stands alone.
    pub(super) of: Vec<usize>,
    /// At the index of a group's last entry, the frame if it has one.
    pub(super) frames: Vec<Option<Box<Frame>>>,
}

/// The groups of a graph.
pub(super) fn groups(entries: &[Entry]) -> Groups {
    #[derive(Clone, Copy, PartialEq)]
    enum Users {
        None,
        In(usize),
        Several,
    }
    let mut groups = Groups { of: (0..entries.len()).collect(), frames: vec![None; entries.len()] };
    let mut size = vec![1usize; entries.len()];
    let mut users = vec![Users::None; entries.len()];
    for index in (0..entries.len()).rev() {
        let entry = &entries[index];
        let can_join = !entry.is_leaf && !entry.is_wanted;
        if let (true, Users::In(group)) = (can_join, users[index])
            && size[group] < MAX_GROUP
            && let Some(frame) = fit(entries, index, group, groups.frames[group].as_deref())
        {
            groups.of[index] = group;
            groups.frames[group] = frame.map(Box::new);
            size[group] += 1;
        } else if let Some(frame) = row_frame(entries, index) {
            groups.frames[index] = Some(Box::new(frame));
        }
        let is_member = groups.of[index] != index || is_elementwise(entry) || groups.frames[index].is_some();
        let own = if is_member { Users::In(groups.of[index]) } else { Users::Several };
        for &input in &entry.inputs {
            let known = &mut users[input as usize];
            *known = if *known == Users::None || *known == own { own } else { Users::Several };
        }
    }
    groups
}

/// The group's frame with this entry in it; `None` where it does not fit.
fn fit(entries: &[Entry], index: usize, group: usize, frame: Option<&Frame>) -> Option<Option<Frame>> {
    let entry = &entries[index];
    if is_elementwise(entry) {
        return Some(frame.cloned());
    }
    let own = row_frame(entries, index).or_else(|| spread_frame(entries, index, frame.is_some()))?;
    match frame {
        Some(frame) => (own == *frame).then_some(Some(own)),
        // Until then the group held operations on arrays of one shape: that of its last.
        None => {
            let dims = &entries[group].node.spec.dims;
            let is_reduction = entry.node.spec.dims.len() < own.dims.len();
            (is_reduction || *dims == own.dims).then_some(Some(own))
        }
    }
}

/// The frame of a reduction whose rows can be folded in a program.
fn row_frame(entries: &[Entry], index: usize) -> Option<Frame> {
    let entry = &entries[index];
    let (false, Some(Kernel::Reduce(_))) = (entry.is_leaf, entry.node.op.map(|op| op.kernel)) else {
        return None;
    };
    let input = &entries[*entry.inputs.first()? as usize].node.spec;
    let axes = entry.node.params.axes();
    let kept = input.dims.len().checked_sub(axes.len())?;
    let are_last = axes.iter().copied().eq(kept..input.dims.len());
    let frame = Frame { dims: input.dims.clone(), kept };
    (are_last && rows::folds(input.dtype) && is_short(&frame)).then_some(frame)
}

/// The frame of a repetition along rows: the operand's axes, and new ones behind them. Where the group has no frame yet, there
/// must be a reduction behind it, or it is not rows that the repetition is about.
fn spread_frame(entries: &[Entry], index: usize, is_framed: bool) -> Option<Frame> {
    let entry = &entries[index];
    let Params::Broadcast { dims, source } = &entry.node.params else { return None };
    let input = &entries[*entry.inputs.first()? as usize].node.spec;
    let kept = input.dims.len();
    let is_spread = kept < dims.len()
        && source.iter().enumerate().all(|(axis, from)| *from == (axis < kept).then_some(axis))
        && input.dims[..] == dims[..kept];
    let frame = Frame { dims: dims.clone(), kept };
    let fits = is_spread && is_short(&frame);
    (fits && (is_framed || reduces(entries, entry.inputs[0] as usize, &frame))).then_some(frame)
}

/// Whether a value comes of a reduction of this frame's rows, by operations on what rows were reduced to.
fn reduces(entries: &[Entry], from: usize, frame: &Frame) -> bool {
    let mut queue = vec![from];
    for _ in 0..REACH {
        let Some(index) = queue.pop() else { return false };
        if row_frame(entries, index).is_some_and(|own| own == *frame) {
            return true;
        }
        if is_elementwise(&entries[index]) {
            queue.extend(entries[index].inputs.iter().map(|&input| input as usize));
        }
    }
    false
}

fn is_short(frame: &Frame) -> bool {
    frame.kept < frame.dims.len()
        && checked_len(&frame.dims[frame.kept..]).is_some_and(|width| (1..=MAX_ROW).contains(&width))
}

/// Whether an entry is computed element by element.
pub(super) fn is_elementwise(entry: &Entry) -> bool {
    !entry.is_leaf && matches!(entry.node.op.map(|op| op.kernel), Some(Kernel::Elementwise(_)))
}

/// The entries of a group in order, found by walking back from its last.
pub(super) fn members(entries: &[Entry], groups: &[usize], last: usize) -> Vec<usize> {
    let mut members = vec![last];
    let mut next = 0;
    while next < members.len() {
        for &input in &entries[members[next]].inputs {
            let input = input as usize;
            if groups[input] == last && !entries[input].is_leaf && !members.contains(&input) {
                members.push(input);
            }
        }
        next += 1;
    }
    members.sort_unstable();
    members
}
