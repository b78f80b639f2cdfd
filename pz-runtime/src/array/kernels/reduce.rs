//! Reductions.
//!
//! The operand is seen as rows of elements to be reduced: kept axes first, reduced axes last. Rows that lie
//! contiguously are read in place, others are copied together first. A row is summed in runs of sixteen lanes, and
//! the sums of runs pairwise: an order that depends on the row's length alone, so the bits are the same for any
//! number of threads, and errors stay small in long rows. Running sums of floats are carried in `f64`.

use smallvec::SmallVec;

use super::pool;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, sealed::Stored, with_type};
use crate::array::layout::{Dims, Layout};
use crate::array::storage::take_vec;

/// What is computed of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reduction {
    Sum,
    Max,
    Min,
}

const LANES: usize = 16;
/// Elements that one task reduces, about.
const TASK: usize = 1 << 15;

/// Reduces `axes`; the result has the dimensions `dims`.
pub(crate) fn reduce(reduction: Reduction, input: &Buffer, axes: &[usize], dims: &[usize]) -> Buffer {
    macro_rules! arms {
        ($($variant:ident $T:ty),*) => {
            match input.dtype() {
                $(DType::$variant => rows::<$T>(input, axes, dims, <$T as Reduce>::of(reduction)),)*
                DType::F16 | DType::BF16 => half(reduction, input, axes, dims),
                DType::Bool => unreachable!("the shape rule admits numbers"),
            }
        };
    }
    arms!(U8 u8, U16 u16, U32 u32, U64 u64, I8 i8, I16 i16, I32 i32, I64 i64, F32 f32, F64 f64)
}

/// Half precision is reduced in `f32` and rounded once.
fn half(reduction: Reduction, input: &Buffer, axes: &[usize], dims: &[usize]) -> Buffer {
    fn narrow<H: Element>(reduction: Reduction, input: &Buffer, axes: &[usize], dims: &[usize]) -> Buffer {
        let wide: Vec<f32> = input.to_vec::<H>().into_iter().map(|v| v.to_f64() as f32).collect();
        let wide = reduce(reduction, &Buffer::from_vec(wide, &input.layout.dims), axes, dims);
        let values: Vec<H> = wide.to_vec::<f32>().into_iter().map(|v| H::from_f64(f64::from(v))).collect();
        Buffer::from_vec(values, dims)
    }
    if input.dtype() == DType::F16 {
        narrow::<half::f16>(reduction, input, axes, dims)
    } else {
        narrow::<half::bf16>(reduction, input, axes, dims)
    }
}

/// Kept axes first, then `axes`.
fn rows_layout(input: &Layout, axes: &[usize]) -> (Layout, usize) {
    let order: Dims =
        (0..input.dims.len()).filter(|axis| !axes.contains(axis)).chain(axes.iter().copied()).collect();
    let row = axes.iter().map(|&axis| input.dims[axis]).product();
    (input.permuted(&order), row)
}

fn rows<T: Element>(input: &Buffer, axes: &[usize], dims: &[usize], f: fn(&[T]) -> T) -> Buffer {
    let (layout, row) = rows_layout(&input.layout, axes);
    let mut out = take_vec::<T>(dims.iter().product());
    if row == 0 {
        out.fill(T::default());
        return Buffer::from_vec(out, dims);
    }
    let input = input.with_layout(layout).to_contiguous();
    let values = input.as_slice::<T>().expect("it was made contiguous");
    let per_task = (TASK / row).max(1);
    pool::run_chunks(&mut out, per_task, &|task, out| {
        let first = task * per_task;
        for (out, row) in out.iter_mut().zip(values[first * row..].chunks_exact(row)) {
            *out = f(row);
        }
    });
    Buffer::from_vec(out, dims)
}

/// Numbers with the reductions of a row.
trait Reduce: Element {
    fn of(reduction: Reduction) -> fn(&[Self]) -> Self;
}

/// Elements that are summed in lanes, before such sums are added pairwise: a rounding error then grows with the
/// logarithm of a row's length.
const RUN: usize = 512;

/// The sum of a row: runs in lanes, then neighbouring sums, and sums of sums, as in a binary counter.
fn pairwise<T: Element>(row: &[T], add: impl Fn(T, T) -> T + Copy) -> T {
    let mut sums: SmallVec<[(u32, T); 64]> = SmallVec::new();
    for run in row.chunks(RUN) {
        let (mut level, mut sum) = (0, lanes(run, T::default(), add));
        while let Some(&(known, left)) = sums.last()
            && known == level
        {
            sums.pop();
            (level, sum) = (level + 1, add(left, sum));
        }
        sums.push((level, sum));
    }
    sums.iter().rev().map(|(_, sum)| *sum).reduce(|right, left| add(left, right)).unwrap_or_default()
}

/// Folds a row in lanes, then the lanes pairwise.
fn lanes<T: Copy>(row: &[T], start: T, f: impl Fn(T, T) -> T) -> T {
    let mut acc = [start; LANES];
    let mut chunks = row.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (acc, value) in acc.iter_mut().zip(chunk) {
            *acc = f(*acc, *value);
        }
    }
    for (acc, value) in acc.iter_mut().zip(chunks.remainder()) {
        *acc = f(*acc, *value);
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            acc[lane] = f(acc[lane], acc[lane + width]);
        }
        width /= 2;
    }
    acc[0]
}

macro_rules! reduce {
    ($($T:ty: |$a:ident, $b:ident| $add:expr, $max:expr, $min:expr;)*) => {
        $(impl Reduce for $T {
            fn of(reduction: Reduction) -> fn(&[Self]) -> Self {
                match reduction {
                    Reduction::Sum => |row| pairwise(row, |$a: Self, $b: Self| $add),
                    Reduction::Max => |row| lanes(row, row[0], |$a: Self, $b: Self| $max),
                    Reduction::Min => |row| lanes(row, row[0], |$a: Self, $b: Self| $min),
                }
            }
        })*
    };
}
reduce! {
    u8: |a, b| a.wrapping_add(b), a.max(b), a.min(b);
    u16: |a, b| a.wrapping_add(b), a.max(b), a.min(b);
    u32: |a, b| a.wrapping_add(b), a.max(b), a.min(b);
    u64: |a, b| a.wrapping_add(b), a.max(b), a.min(b);
    i8: |a, b| a.wrapping_add(b), a.max(b), a.min(b);
    i16: |a, b| a.wrapping_add(b), a.max(b), a.min(b);
    i32: |a, b| a.wrapping_add(b), a.max(b), a.min(b);
    i64: |a, b| a.wrapping_add(b), a.max(b), a.min(b);
    f32: |a, b| a + b, if b > a || b.is_nan() { b } else { a }, if b < a || b.is_nan() { b } else { a };
    f64: |a, b| a + b, if b > a || b.is_nan() { b } else { a }, if b < a || b.is_nan() { b } else { a };
}

/// The place of the first largest element along `axis`.
pub(crate) fn argmax(input: &Buffer, axis: usize, dims: &[usize]) -> Buffer {
    fn typed<T: Element>(input: &Buffer, axis: usize, dims: &[usize]) -> Buffer {
        let (layout, row) = rows_layout(&input.layout, &[axis]);
        let values = input.with_layout(layout).to_contiguous();
        let values = values.as_slice::<T>().expect("it was made contiguous");
        let mut out = vec![0i32; dims.iter().product()];
        let per_task = (TASK / row).max(1);
        pool::run_chunks(&mut out, per_task, &|task, out| {
            let first = task * per_task;
            for (out, row) in out.iter_mut().zip(values[first * row..].chunks_exact(row)) {
                *out = place_of_largest(row) as i32;
            }
        });
        Buffer::from_vec(out, dims)
    }
    with_type!(input.dtype(), T => typed::<T>(input, axis, dims))
}

fn place_of_largest<T: PartialOrd>(row: &[T]) -> usize {
    let mut best = 0;
    for (place, value) in row.iter().enumerate() {
        let is_nan = value.partial_cmp(value).is_none();
        if is_nan {
            return place;
        }
        if *value > row[best] {
            best = place;
        }
    }
    best
}

/// Running sums along `axis`, in row-major order of the operand.
pub(crate) fn cumsum(input: &Buffer, axis: usize) -> Buffer {
    if input.dtype().is_float() {
        with_type!(input.dtype(), T => running::<T, f64>(input, axis, T::to_f64, T::from_f64, |a, b| a + b))
    } else {
        with_type!(input.dtype(), T => running::<T, i64>(input, axis, T::to_bits64, T::from_bits64, i64::wrapping_add))
    }
}

fn running<T: Element, W: Copy + Default>(
    input: &Buffer,
    axis: usize,
    widen: fn(T) -> W,
    narrow: fn(W) -> T,
    add: fn(W, W) -> W,
) -> Buffer {
    let mut values = input.to_vec::<T>();
    let dims = &input.layout.dims;
    let inner: usize = dims[axis + 1..].iter().product();
    let mut sums = vec![W::default(); inner];
    for block in values.chunks_exact_mut((inner * dims[axis]).max(1)) {
        sums.fill(W::default());
        for row in block.chunks_exact_mut(inner) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum = add(*sum, widen(*value));
                *value = narrow(*sum);
            }
        }
    }
    Buffer::from_vec(values, dims)
}
