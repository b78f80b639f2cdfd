//! Copies of an operand in the order in which the tile kernel reads it.
//!
//! An operand is cut into slivers of as many rows (left side) or columns (right side) as the tile has; a sliver holds,
//! for each step of the sum, those elements side by side, with zeros beyond the edge. Both sides are packed by the
//! same code: `along` is the stride from one element of a step to the next, `deep` the stride from step to step.

use std::cell::Cell;

/// One cache line, so that packed data starts at one.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// Memory for packed data, which each thread keeps.
#[derive(Default)]
pub(super) struct Scratch(Vec<Line>);

impl Scratch {
    /// No memory yet.
    pub(super) const EMPTY: Scratch = Scratch(Vec::new());

    /// At least `len` floats, of any values.
    pub(super) fn floats(&mut self, len: usize) -> &mut [f32] {
        let lines = len.div_ceil(16);
        if self.0.len() < lines {
            self.0.resize(lines, Line([0.0; 16]));
        }
        // SAFETY: a line is sixteen floats and nothing else, and there are enough lines.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), len) }
    }

    /// Lends `f` the scratch that this thread keeps in `slot`.
    pub(super) fn lend<R>(
        slot: &'static std::thread::LocalKey<Cell<Scratch>>,
        f: impl FnOnce(&mut Scratch) -> R,
    ) -> R {
        let mut scratch = slot.take();
        let result = f(&mut scratch);
        slot.set(scratch);
        result
    }
}

/// The part of an operand to pack: `count` elements in each of `depth` steps, from the start of `data`.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) data: &'a [f32],
    pub(super) along: usize,
    pub(super) deep: usize,
    pub(super) count: usize,
    pub(super) depth: usize,
}

/// Packs a part into slivers of `width`, which is 6, 12, 16 or 32.
pub(super) fn pack(part: Part<'_>, width: usize, out: &mut [f32]) {
    match width {
        6 => slivers::<6>(part, out),
        12 => slivers::<12>(part, out),
        16 => slivers::<16>(part, out),
        _ => slivers::<32>(part, out),
    }
}

fn slivers<const WIDTH: usize>(part: Part<'_>, out: &mut [f32]) {
    let Part { data, along, deep, count, depth } = part;
    let (out, _) = out.as_chunks_mut::<WIDTH>();
    let whole = count / WIDTH;
    if along == 1 {
        // Step by step: long reads, and writes to several slivers.
        for step in 0..depth {
            let (groups, _) = data[step * deep..][..whole * WIDTH].as_chunks::<WIDTH>();
            for (sliver, group) in groups.iter().enumerate() {
                out[sliver * depth + step] = *group;
            }
        }
    } else {
        for (sliver, out) in out.chunks_exact_mut(depth).take(whole).enumerate() {
            transposed(&data[sliver * WIDTH * along..], along, deep, out);
        }
    }
    if whole * WIDTH < count {
        let (rest, data) = (count - whole * WIDTH, &data[whole * WIDTH * along..]);
        for (step, out) in out[whole * depth..][..depth].iter_mut().enumerate() {
            *out = std::array::from_fn(|i| if i < rest { data[i * along + step * deep] } else { 0.0 });
        }
    }
}

/// Steps that are turned over together, within the first cache.
const BLOCK: usize = 16;

fn transposed<const WIDTH: usize>(data: &[f32], along: usize, deep: usize, out: &mut [[f32; WIDTH]]) {
    let (blocks, rest) = if deep == 1 { out.as_chunks_mut::<BLOCK>() } else { (&mut [][..], out) };
    let mut step = 0;
    for block in &mut *blocks {
        let lines: [&[f32; BLOCK]; WIDTH] =
            std::array::from_fn(|i| data[i * along + step..].first_chunk().expect("whole blocks only"));
        for (s, out) in block.iter_mut().enumerate() {
            *out = std::array::from_fn(|i| lines[i][s]);
        }
        step += BLOCK;
    }
    for out in rest {
        *out = std::array::from_fn(|i| data[i * along + step * deep]);
        step += 1;
    }
}
