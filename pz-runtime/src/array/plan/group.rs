//! Which operations are computed together.
//!
//! A node joins the group of its consumers: its elements then never leave the caches. What is also wanted elsewhere is
//! *exported*, written out on the way, if all others that use it come after the group. Since consumers come after what
//! they consume, one pass from the last node to the first finds all groups. Elementwise operations always fit. A
//! reduction fits where a row of it is short enough to be kept near to the core; it gives its group a *frame*, the axes
//! that count rows, and from then on the group holds operations on elements, operations on what rows were reduced to,
//! and the repetition of such values along rows. Rows are the last axes; a sum over first axes is left to its kernel,
//! which goes through memory as it lies. An elementwise operation whose axes its consumer reads in another order joins
//! too, computed in the consumer's order.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::attention;
use super::check;
use super::collect::Entry;
use crate::array::kernels::attention::Attention;
use crate::array::kernels::fused;
use crate::array::layout::{Dims, checked_len};
use crate::array::mixer::Mixer;
use crate::array::ops::infer;
use crate::array::params::{AxisList, Params};
use crate::array::primitive::Kernel;

/// Operations in one group at most: its registers must fit into the caches.
const MAX_GROUP: usize = 32;
/// Values of a group at most that are needed outside of it, beside its last.
const MAX_EXPORTS: usize = 4;
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
    /// Whether an entry that is not the last of its group is needed outside of it.
    pub(super) is_exported: Vec<bool>,
    /// The order in which a group has the axes of an entry, where that is not the entry's own. Axis `i` of a group is axis
    /// `order[i]` of the entry.
    pub(super) orders: HashMap<usize, AxisList>,
}

/// A computation: the operation's address, its parameters, what it is computed from.
type Computed<'a> = (usize, &'a Params, SmallVec<[u32; 3]>);

/// The nodes of an evaluation, without those that are only another name for their operand, or the same computation as one
/// before: layers that all make their own mask or their own angles of the same positions make them once.
pub(super) struct Sketch<'a> {
    pub(super) entries: &'a [Entry],
    /// What each entry is computed from.
    pub(super) inputs: Vec<SmallVec<[u32; 3]>>,
    /// For an entry that repeats its operand along rows, the frame of these. Such an entry is in no group: it is a view
    /// for whoever reads it, and in a group that holds its operand an instruction.
    pub(super) spreads: Vec<Option<Box<Frame>>>,
    /// For an entry that is its operand with its axes in another order, that order. It is in no group either.
    pub(super) turns: Vec<Option<&'a AxisList>>,
    /// For the results of attention, how they are computed without scores; `inputs` says from what.
    pub(super) attentions: HashMap<usize, Arc<Attention>>,
    /// Whether an entry is not computed: read as another and wanted by nobody for itself, or inside an attention.
    is_left_out: Vec<bool>,
}

impl<'a> Sketch<'a> {
    /// The sketch of a graph.
    pub(super) fn new(entries: &'a [Entry]) -> Self {
        let mut same: Vec<u32> = Vec::with_capacity(entries.len());
        let mut inputs = Vec::with_capacity(entries.len());
        let mut is_left_out = vec![false; entries.len()];
        #[expect(
            clippy::mutable_key_type,
            reason = "what parameters are compared and hashed by does not change"
        )]
        let mut known: HashMap<Computed<'a>, u32, BuildHasherDefault<Mixer>> = HashMap::default();
        for (index, entry) in entries.iter().enumerate() {
            // Another name is that of the first operand; others are there for derivatives.
            let operands = if is_same(entry) { &entry.inputs[..1] } else { &entry.inputs };
            let read: SmallVec<[u32; 3]> = operands.iter().map(|&input| same[input as usize]).collect();
            let first = match entry.node.op {
                Some(op) if !entry.is_leaf => {
                    let computed = (std::ptr::from_ref(op).addr(), &entry.node.params, read.clone());
                    *known.entry(computed).or_insert(index as u32)
                }
                _ => index as u32,
            };
            let named = if is_same(entry) { read[0] } else { first };
            is_left_out[index] = named != index as u32 && !entry.is_wanted;
            // What somebody wants is computed where it stands, and what it names may still be read in its place.
            same.push(if is_same(entry) || !entry.is_wanted { named } else { index as u32 });
            inputs.push(read);
        }
        let mut attentions = HashMap::new();
        for (index, found) in attention::find(entries, &inputs) {
            inputs[index] = found.inputs;
            attentions.insert(index, Arc::new(found.attention));
        }
        if !attentions.is_empty() {
            leave_out_unused(entries, &inputs, &mut is_left_out);
        }
        let spreads = (0..entries.len()).map(|index| spread_frame(entries, &inputs, index)).collect();
        let turns = entries.iter().map(turn).collect();
        Sketch { entries, inputs, spreads, turns, attentions, is_left_out }
    }

    /// Whether an entry is a view of its operand for whoever reads it.
    pub(super) fn is_view(&self, index: usize) -> bool {
        self.spreads[index].is_some() || self.turns[index].is_some()
    }

    /// The operands of an entry.
    fn operands(&self, index: usize) -> impl Iterator<Item = usize> {
        self.inputs[index].iter().map(|&input| input as usize)
    }
}

/// Marks what nothing that somebody wants is computed from.
fn leave_out_unused(entries: &[Entry], inputs: &[SmallVec<[u32; 3]>], is_left_out: &mut [bool]) {
    let mut is_used: Vec<bool> = entries.iter().map(|entry| entry.is_wanted).collect();
    for index in (0..entries.len()).rev().filter(|&index| !entries[index].is_leaf) {
        match is_used[index] {
            true => inputs[index].iter().for_each(|&input| is_used[input as usize] = true),
            false => is_left_out[index] = true,
        }
    }
}

/// The groups of a graph.
pub(super) fn groups(sketch: &Sketch<'_>) -> Groups {
    let entries = sketch.entries;
    let mut groups = Groups {
        of: (0..entries.len()).collect(),
        frames: vec![None; entries.len()],
        is_exported: vec![false; entries.len()],
        orders: HashMap::new(),
    };
    let mut size = vec![1usize; entries.len()];
    let mut exports = vec![0usize; entries.len()];
    let mut members: Vec<SmallVec<[u32; 2]>> =
        (0..entries.len()).map(|index| smallvec![index as u32]).collect();
    let mut users: Vec<SmallVec<[u32; 4]>> = vec![SmallVec::new(); entries.len()];
    let mut views: Vec<SmallVec<[u32; 2]>> = vec![SmallVec::new(); entries.len()];
    let mut is_wanted: Vec<bool> = entries.iter().map(|entry| entry.is_wanted).collect();
    for (index, entry) in entries.iter().enumerate().rev() {
        if entry.is_leaf || sketch.is_left_out[index] {
            continue;
        }
        if sketch.is_view(index) {
            // Who uses a repetition uses what it repeats.
            let operand = sketch.inputs[index][0] as usize;
            let through = users[index].clone();
            users[operand].extend_from_slice(&through);
            views[operand].push(index as u32);
            is_wanted[operand] |= is_wanted[index];
            continue;
        }
        if is_same(entry) {
            // It is wanted itself, or it would be left out; who uses what it names does so directly.
            sketch.operands(index).for_each(|input| is_wanted[input] = true);
            continue;
        }
        sketch.operands(index).for_each(|input| users[input].push(index as u32));
        if check::is_on() {
            continue;
        }
        if let Some((group, is_exported)) = group_of_users(&users[index], &groups.of, is_wanted[index])
            && size[group] < MAX_GROUP
            && exports[group] + usize::from(is_exported) <= MAX_EXPORTS
            && is_group(sketch, &groups, group)
            && let Some(reading) = reading(sketch, &groups, index, &users, &views[index], group)
            && (reading.pivot.is_none() || groups.frames[group].is_none())
            && let Some(frame) = fit(sketch, index, reading.link, groups.frames[group].as_deref())
        {
            if let Some(pivot) = reading.pivot {
                groups.turn(&members[group], &infer::inverse(&pivot));
            }
            groups.of[index] = group;
            groups.frames[group] = frame.map(Box::new);
            reading.order.map(|order| groups.orders.insert(index, order));
            members[group].push(index as u32);
            groups.is_exported[index] = is_exported;
            size[group] += 1;
            exports[group] += usize::from(is_exported);
        } else if let Some(frame) = row_frame(sketch, index) {
            groups.frames[index] = Some(Box::new(frame));
        }
    }
    groups
}

impl Groups {
    /// Gives members of a group another order: its axis `i` is now what its axis `order[i]` was.
    fn turn(&mut self, members: &[u32], order: &[usize]) {
        for &member in members {
            let turned = match self.orders.remove(&(member as usize)) {
                Some(known) => order.iter().map(|&axis| known[axis]).collect(),
                None => AxisList::from_slice(order),
            };
            if turned.iter().enumerate().any(|(place, &axis)| place != axis) {
                self.orders.insert(member as usize, turned);
            }
        }
    }
}

/// How a group reads a value.
#[derive(Default)]
struct Reading<'a> {
    /// The frame of the repetitions by which it does.
    link: Option<&'a Frame>,
    /// The order in which it has the value's axes, where that is not their own.
    order: Option<AxisList>,
    /// The order in which it has the axes of the rows that the value is reduced from or repeated along, where that is not
    /// their own. Rows have their own order: all else in the group has to turn.
    pivot: Option<AxisList>,
}

/// How the members of `group` read an entry, of which there are `views`; no answer where they read it in several ways that
/// do not go together.
fn reading<'a>(
    sketch: &'a Sketch<'_>,
    groups: &Groups,
    index: usize,
    users: &[SmallVec<[u32; 4]>],
    views: &[u32],
    group: usize,
) -> Option<Reading<'a>> {
    let members =
        |of: usize| users[of].iter().map(|&user| user as usize).filter(|&user| groups.of[user] == group);
    let reads = |user: usize, value: usize| sketch.operands(user).any(|operand| operand == value);
    let agree = |known: &mut Option<Option<AxisList>>, wanted: Option<AxisList>| {
        *known.get_or_insert_with(|| wanted.clone()) == wanted
    };
    let (mut link, mut along, mut order) = (None, None, None);
    for &view in views {
        let view = view as usize;
        for user in members(view) {
            let has = groups.orders.get(&user);
            let agrees = match (sketch.turns[view], sketch.spreads[view].as_deref()) {
                // Through a view of a view.
                _ if !reads(user, view) => false,
                (Some(turn), _) => {
                    let turned = has
                        .map_or_else(|| turn.clone(), |order| order.iter().map(|&axis| turn[axis]).collect());
                    agree(&mut order, Some(turned))
                }
                (None, frame) => *link.get_or_insert(frame) == frame && agree(&mut along, has.cloned()),
            };
            if !agrees {
                return None;
            }
        }
    }
    for user in members(index).filter(|&user| reads(user, index)) {
        if !agree(&mut order, groups.orders.get(&user).cloned()) {
            return None;
        }
    }
    let reading = Reading { link: link.flatten(), order: order.flatten(), pivot: along.flatten() };
    match reading {
        Reading { order: Some(_), link: Some(_), .. } => None,
        Reading { order, link, .. } if !is_elementwise(&sketch.entries[index]) && order.is_some() => {
            Some(Reading { link, order: None, pivot: order })
        }
        reading => Some(reading),
    }
}

/// Of the groups of an entry's users the one that ends first, if every user outside of it comes later; and whether there
/// is one, or somebody else who wants the value.
fn group_of_users(users: &[u32], of: &[usize], is_wanted: bool) -> Option<(usize, bool)> {
    let group = users.iter().map(|&user| of[user as usize]).min()?;
    let mut outside = users.iter().map(|&user| user as usize).filter(|&user| of[user] != group).peekable();
    let is_exported = is_wanted || outside.peek().is_some();
    outside.all(|user| user > group).then_some((group, is_exported))
}

/// Whether the entry is the last of what can be a group.
fn is_group(sketch: &Sketch<'_>, groups: &Groups, last: usize) -> bool {
    is_elementwise(&sketch.entries[last]) || groups.frames[last].is_some()
}

/// A group's frame with this entry in it, which the group repeats along the rows of `link`; `None` where it does not fit.
fn fit(
    sketch: &Sketch<'_>,
    index: usize,
    link: Option<&Frame>,
    frame: Option<&Frame>,
) -> Option<Option<Frame>> {
    let own = match is_elementwise(&sketch.entries[index]) {
        true => None,
        false => Some(row_frame(sketch, index)?),
    };
    // What is repeated without a reduction behind it does not show what rows are.
    let shown = own.as_ref().or(frame);
    match (link, shown) {
        (Some(link), None) if !reduces(sketch, index, link) => return None,
        (Some(link), Some(shown)) if link != shown => return None,
        _ => {}
    }
    match (own.as_ref().or(link), frame) {
        (Some(own), Some(frame)) => (own == frame).then(|| Some(frame.clone())),
        (own, frame) => Some(own.or(frame).cloned()),
    }
}

/// The frame of a reduction whose rows can be folded in a program.
fn row_frame(sketch: &Sketch<'_>, index: usize) -> Option<Frame> {
    let entry = &sketch.entries[index];
    let (false, Some(Kernel::Reduce(_))) = (entry.is_leaf, entry.node.op.map(|op| op.kernel)) else {
        return None;
    };
    let input = &sketch.entries[sketch.operands(index).next()?].node.spec;
    let axes = entry.node.params.axes();
    let kept = input.dims.len().checked_sub(axes.len())?;
    let are_last = axes.iter().copied().eq(kept..input.dims.len());
    let frame = Frame { dims: input.dims.clone(), kept };
    (are_last && fused::folds(input.dtype) && is_short(&frame)).then_some(frame)
}

/// The frame of a repetition along rows: the operand's axes, and new ones behind them.
fn spread_frame(entries: &[Entry], inputs: &[SmallVec<[u32; 3]>], index: usize) -> Option<Box<Frame>> {
    let entry = &entries[index];
    let (false, Params::Broadcast { dims, source }) = (entry.is_leaf, &entry.node.params) else {
        return None;
    };
    let input = &entries[*inputs[index].first()? as usize].node.spec;
    let kept = input.dims.len();
    let is_spread = kept < dims.len()
        && source.iter().enumerate().all(|(axis, from)| *from == (axis < kept).then_some(axis))
        && input.dims[..] == dims[..kept];
    let frame = Frame { dims: dims.clone(), kept };
    (is_spread && is_short(&frame)).then(|| Box::new(frame))
}

/// The order in which an entry has its operand's axes, if it is that.
fn turn(entry: &Entry) -> Option<&AxisList> {
    match (entry.node.op.map(|op| op.name), &entry.node.params) {
        (Some("permute"), Params::Axes(order)) if !entry.is_leaf => Some(order),
        _ => None,
    }
}

/// Whether a value comes of a reduction of this frame's rows, by operations on what rows were reduced to.
fn reduces(sketch: &Sketch<'_>, from: usize, frame: &Frame) -> bool {
    let mut queue = vec![from];
    for _ in 0..REACH {
        let Some(index) = queue.pop() else { return false };
        if row_frame(sketch, index).is_some_and(|own| own == *frame) {
            return true;
        }
        if is_elementwise(&sketch.entries[index]) {
            queue.extend(sketch.operands(index));
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

/// Whether an entry is its operand under another name.
fn is_same(entry: &Entry) -> bool {
    !entry.is_leaf && matches!(entry.node.op.map(|op| op.kernel), Some(Kernel::Same))
}
