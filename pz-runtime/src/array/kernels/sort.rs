//! Sorting: the places of elements in their order along an axis, and elements at places along an axis.
//!
//! A key is an unsigned integer in the order of the elements: numbers from the smallest, zeros of both signs equal,
//! NaN of all kinds equal and last. Key and place together are one number, so equal elements keep their order
//! however they are sorted, and two sorts, of 64 and of 128 bits, serve every dtype. Whole rows of 64 bits that are long
//! enough are sorted by digits (`radix`), and all others by comparing.

use super::pool::{self, Shards};
use super::radix;
use super::wide::load;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, sealed::Stored, with_type};
use crate::array::kernels::wide::{narrowed, with_wide};
use crate::array::layout::{Dims, Layout, Rows};
use crate::array::storage::take_vec;

/// Elements that one task goes over, about.
const TASK: usize = 1 << 14;

/// How rows are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sort {
    pub(crate) axis: usize,
    /// From the largest; NaN first.
    pub(crate) descending: bool,
    /// How many of the first are wanted.
    pub(crate) count: usize,
}

/// The key of an element of a wide type, in 64 bits.
fn key<W: Element>(value: W) -> u64 {
    match W::DTYPE {
        DType::F32 | DType::F64 => {
            let value = value.to_f64();
            if value.is_nan() {
                return u64::MAX;
            }
            // The bits of -0 and 0 differ; those of -0 + 0 are 0's.
            let bits = (value + 0.0).to_bits();
            if bits >> 63 == 1 { !bits } else { bits | (1 << 63) }
        }
        DType::U32 | DType::U64 => value.to_bits64() as u64,
        _ => value.to_bits64() as u64 ^ (1 << 63),
    }
}

/// The key of an element of a wide type of 32 bits, in as many.
fn short_key<W: Element>(value: W) -> u32 {
    match W::DTYPE {
        DType::F32 => {
            let value = value.to_f64() as f32;
            if value.is_nan() {
                return u32::MAX;
            }
            let bits = (value + 0.0).to_bits();
            if bits >> 31 == 1 { !bits } else { bits | (1 << 31) }
        }
        DType::U32 => value.to_bits64() as u32,
        _ => value.to_bits64() as u32 ^ (1 << 31),
    }
}

/// The places of the first `count` elements in order, along an axis; the result has the dimensions `dims`.
pub(crate) fn argsort(sort: Sort, input: &Buffer, dims: &[usize], places: DType) -> Buffer {
    let rank = input.layout.dims.len();
    let order: Dims = (0..rank).filter(|&axis| axis != sort.axis).chain([sort.axis]).collect();
    let moved = input.layout.permuted(&order);
    let (layout, len) = (moved.collapsed(), input.layout.dims[sort.axis]);
    let rows = input.layout.len().checked_div(len).unwrap_or(0);
    let mut found = take_vec::<i64>(rows * sort.count);
    let group = TASK.div_ceil(len.max(1));
    if sort.count > 0 {
        with_wide!(input.dtype(), W => {
            pool::run_chunks(&mut found, group * sort.count, &|task, found| {
                let mut values = vec![W::default(); len];
                for (number, found) in found.chunks_exact_mut(sort.count).enumerate() {
                    load(input, &layout, (task * group + number) * len, &mut values);
                    in_order(&values, sort.descending, found);
                }
            });
        });
    }
    let mut moved_dims: Dims = order.iter().map(|&axis| dims[axis]).collect();
    if let Some(last) = moved_dims.last_mut() {
        *last = sort.count;
    }
    let sorted = narrowed(found, places, &moved_dims);
    let mut back: Dims = order.clone();
    order.iter().enumerate().for_each(|(place, &axis)| back[axis] = place);
    sorted.with_layout(sorted.layout.permuted(&back))
}

fn in_order<W: Element>(values: &[W], descending: bool, found: &mut [i64]) {
    if size_of::<W>() == 4 && u32::try_from(values.len()).is_ok() {
        let flip = if descending { u32::MAX } else { 0 };
        let keyed = values.iter().enumerate();
        let mut keyed: Vec<u64> =
            keyed.map(|(place, value)| (u64::from(short_key(*value) ^ flip) << 32) | place as u64).collect();
        match found.len() == keyed.len() && keyed.len() >= radix::FROM {
            true => radix::sort(&mut keyed),
            false => first_in_order(&mut keyed, found.len()),
        }
        found.iter_mut().zip(keyed).for_each(|(found, keyed)| *found = i64::from(keyed as u32));
    } else {
        let flip = if descending { u64::MAX } else { 0 };
        let keyed = values.iter().enumerate();
        let mut keyed: Vec<u128> =
            keyed.map(|(place, value)| (u128::from(key(*value) ^ flip) << 64) | place as u128).collect();
        first_in_order(&mut keyed, found.len());
        found.iter_mut().zip(keyed).for_each(|(found, keyed)| *found = keyed as u64 as i64);
    }
}

/// Sorts so that the first `count` are in their places.
fn first_in_order<K: Ord>(keyed: &mut [K], count: usize) {
    if count < keyed.len() {
        keyed.select_nth_unstable(count);
    }
    keyed[..count].sort_unstable();
}

/// Elements of `input` along `axis` at `places`, whose other axes are the input's. Places are clamped to the axis.
pub(crate) fn pick(input: &Buffer, places: &Buffer, axis: usize) -> Buffer {
    let dims = &places.layout.dims;
    let size = input.layout.dims[axis] as i64;
    let stride = input.layout.strides[axis];
    let places = Places::new(places, axis);
    with_type!(input.dtype(), T => {
        let from = input.storage::<T>();
        let starts = input.layout.sliced(axis, 0, 1, 1);
        let mut out = take_vec::<T>(dims.iter().product());
        let shards = Shards::new(&mut out);
        places.each_line(&starts, |start, place, to| {
            let value = from[start.wrapping_add_signed(place.clamp(0, size - 1) as isize * stride)];
            // SAFETY: each place of the result is written once.
            unsafe { shards.part(to, 1)[0] = value };
        });
        Buffer::from_vec(out, dims)
    })
}

/// Zeros of the dimensions `dims`, to which `values` are added along `axis` at `places`: what [`pick`] is the
/// transpose of. Places outside are left out.
pub(crate) fn deal(values: &Buffer, places: &Buffer, axis: usize, dims: &[usize]) -> Buffer {
    let size = dims[axis] as i64;
    let apart: usize = dims[axis + 1..].iter().product();
    let places = Places::new(places, axis);
    with_wide!(values.dtype(), W => {
        let mut given = vec![W::default(); values.layout.len()];
        load(values, &values.layout.collapsed(), 0, &mut given);
        let mut out = take_vec::<W>(dims.iter().product());
        out.fill(W::default());
        let shards = Shards::new(&mut out);
        let starts = Layout::contiguous(dims).sliced(axis, 0, 1, 1);
        places.each_line(&starts, |start, place, from| {
            if (0..size).contains(&place) {
                // SAFETY: a line of the result is the work of one task.
                let to = unsafe { &mut shards.part(start + place as usize * apart, 1)[0] };
                *to = added(*to, given[from]);
            }
        });
        narrowed(out, values.dtype(), dims)
    })
}

fn added<W: Element>(a: W, b: W) -> W {
    match W::DTYPE.is_float() {
        true => W::from_f64(a.to_f64() + b.to_f64()),
        false => W::from_bits64(Stored::to_bits64(a).wrapping_add(b.to_bits64())),
    }
}

/// Places in row-major order, as lines along an axis.
struct Places {
    values: Vec<i64>,
    len: usize,
    apart: usize,
}

impl Places {
    fn new(places: &Buffer, axis: usize) -> Self {
        let values = with_type!(places.dtype(), T => places.to_vec::<T>().into_iter().map(Stored::to_bits64).collect());
        let dims = &places.layout.dims;
        Places { values, len: dims[axis], apart: dims[axis + 1..].iter().product() }
    }

    /// Calls `f` for each place: with where its line starts by the layout `starts`, in which the axis has size 1,
    /// with the place, and with its number. Lines are shared out; within one, the order is that of the axis.
    fn each_line(&self, starts: &Layout, f: impl Fn(usize, i64, usize) + Sync) {
        let &Places { ref values, len, apart } = self;
        let lines = values.len().checked_div(len).unwrap_or(0);
        let mut ends = starts.clone();
        ends.dims.push(1);
        ends.strides.push(0);
        let group = TASK.div_ceil(len.max(1));
        pool::run(lines.div_ceil(group), &|task| {
            let first = task * group;
            let mut rows = Rows::starting_at(&ends, first);
            for line in first..lines.min(first + group) {
                let start = rows.advance();
                let at = line / apart * len * apart + line % apart;
                (0..len).for_each(|number| f(start, values[at + number * apart], at + number * apart));
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order_of<T: Element>(values: &[T], descending: bool, count: usize) -> Vec<i32> {
        let input = Buffer::from_vec(values.to_vec(), &[values.len()]);
        argsort(Sort { axis: 0, descending, count }, &input, &[count], DType::I32).to_vec::<i32>()
    }

    #[test]
    fn every_wide_type_is_ordered_by_its_values() {
        assert_eq!(order_of(&[3u64, u64::MAX, 0, 1 << 63], false, 4), [2, 0, 3, 1]);
        assert_eq!(order_of(&[3i64, i64::MIN, -1, i64::MAX], false, 4), [1, 2, 0, 3]);
        assert_eq!(order_of(&[3u32, u32::MAX, 0, 1 << 31], true, 3), [1, 3, 0]);
        assert_eq!(order_of(&[3i32, i32::MIN, -1, i32::MAX], true, 4), [3, 0, 2, 1]);
        assert_eq!(order_of(&[1.0f64, -f64::NAN, -0.0, 0.0, f64::NEG_INFINITY], false, 5), [4, 2, 3, 0, 1]);
        assert_eq!(order_of(&[1.0f64, f64::NAN, -0.0, 0.0, f64::INFINITY], true, 5), [1, 4, 0, 2, 3]);
        assert_eq!(order_of(&[-1.5f32, -1.0, 1.0, 1.5, -f32::NAN], false, 5), [0, 1, 2, 3, 4]);
    }
}
