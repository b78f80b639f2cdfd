//! `dot_general`: sums of products over paired axes, for every pair of batch axes.
//!
//! The result's axes are the batch axes, the left's other axes, the right's other axes. Both operands are
//! seen as batches of matrices through their strides, so a transpose costs nothing, nor does a batch of several axes;
//! only rows or columns of several axes that one stride cannot join are copied together first.

use half::{bf16, f16};

use super::infer;
use crate::array::Array;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, Element, with_type};
use crate::array::kernels::matmul::wide::Wide;
use crate::array::kernels::matmul::{self, Mat};
use crate::array::layout::{Dims, Layout, checked_len};
use crate::array::params::{Pairs, Params};
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive, Spec};
use crate::array::storage::take_vec;
use crate::error::{Report, Result};

/// The contraction of two arrays.
pub(crate) static DOT: Primitive = Primitive {
    name: "dot",
    infer: infer_dot,
    kernel: Kernel::Whole(|params, spec, inputs| Ok(dot(params, spec, &inputs[0], &inputs[1]))),
    derivative: Derivative::Rule(backward),
};

fn pairs(params: &Params) -> (&Pairs, &Pairs) {
    match params {
        Params::Dot { batch, contract } => (batch, contract),
        _ => unreachable!("a dot has dot parameters"),
    }
}

fn infer_dot(params: &Params, inputs: &[Spec]) -> Result<Spec> {
    let (batch, contract) = pairs(params);
    let [left, right] = inputs else { return Err(Report::new("dot", "two operands are needed").shape()) };
    let mut problems = Vec::new();
    for &(l, r) in batch.iter().chain(contract) {
        infer::axis_exists("dot", l, &left.dims)?;
        infer::axis_exists("dot", r, &right.dims)?;
        if left.dims[l] != right.dims[r] {
            let (a, b) = (left.dims[l], right.dims[r]);
            problems.push(format!("axis {l} of the left has size {a}, axis {r} of the right has size {b}"));
        }
    }
    if left.dtype != right.dtype {
        problems.push(format!("the dtypes {} and {} differ", left.dtype, right.dtype));
    }
    if left.dtype == DType::Bool {
        problems.push("the operands are bool, and products are of numbers".into());
    }
    if let Some(report) = Report::of("dot", problems) {
        return Err(report.shape());
    }
    let used =
        |pick: fn(&(usize, usize)) -> usize| -> Dims { batch.iter().chain(contract).map(pick).collect() };
    let mut dims: Dims = batch.iter().map(|&(l, _)| left.dims[l]).collect();
    dims.extend(infer::without(&left.dims, &used(|pair| pair.0)));
    dims.extend(infer::without(&right.dims, &used(|pair| pair.1)));
    Ok(Spec::new(dims, left.dtype))
}

/// An operand as a batch of matrices: rows and columns by one stride each.
struct Matrices {
    buffer: Buffer,
    /// The axes of the batch.
    batch: Layout,
    rows: (usize, isize),
    cols: (usize, isize),
}

/// Joins the second and the third of three groups of axes to one axis each, by strides where they can say it.
fn matrices(operand: &Buffer, groups: [&[usize]; 3]) -> Matrices {
    let part = |layout: &Layout, axes: std::ops::Range<usize>| Layout {
        dims: layout.dims[axes.clone()].into(),
        strides: layout.strides[axes].into(),
        offset: layout.offset,
    };
    let joined = |layout: &Layout, axes: std::ops::Range<usize>| -> Option<(usize, isize)> {
        let part = part(layout, axes);
        // Of no elements the sizes still count, whatever the strides.
        if layout.len() == 0 {
            return Some((checked_len(&part.dims).unwrap_or(0), 0));
        }
        let part = part.collapsed();
        match (part.dims.as_slice(), part.strides.as_slice()) {
            ([], _) => Some((1, 0)),
            ([dim], [stride]) if *stride >= 0 => Some((*dim, *stride)),
            _ => None,
        }
    };
    let order: Dims = groups.iter().flat_map(|group| group.iter().copied()).collect();
    let ends = [groups[0].len(), groups[0].len() + groups[1].len(), order.len()];
    let permuted = operand.with_layout(operand.layout.permuted(&order));
    let join = |buffer: &Buffer| {
        Some((joined(&buffer.layout, ends[0]..ends[1])?, joined(&buffer.layout, ends[1]..ends[2])?))
    };
    let (buffer, (rows, cols)) = match join(&permuted) {
        Some(joined) => (permuted, joined),
        None => {
            let copy = permuted.to_contiguous();
            let joined = join(&copy).unwrap_or(((0, 0), (0, 0)));
            (copy, joined)
        }
    };
    let batch = part(&buffer.layout, 0..ends[0]);
    Matrices { buffer, batch, rows, cols }
}

impl Matrices {
    fn mat<T: Element>(&self, batch: usize) -> Mat<'_, T> {
        let empty = self.rows.0 == 0 || self.cols.0 == 0;
        let data = if empty { &[] } else { &self.buffer.storage::<T>()[self.batch.offset_of(batch)..] };
        Mat { data, rows: self.rows.0, cols: self.cols.0, row_stride: self.rows.1, col_stride: self.cols.1 }
    }
}

fn dot(params: &Params, spec: &Spec, left: &Buffer, right: &Buffer) -> Buffer {
    let (batch, contract) = pairs(params);
    let split = |operand: &Buffer, pick: fn(&(usize, usize)) -> usize| {
        let batch: Dims = batch.iter().map(pick).collect();
        let contract: Dims = contract.iter().map(pick).collect();
        let free: Dims = (0..operand.layout.dims.len())
            .filter(|axis| !batch.contains(axis) && !contract.contains(axis))
            .collect();
        (batch, free, contract)
    };
    let (left_batch, left_free, left_contract) = split(left, |pair| pair.0);
    let (right_batch, right_free, right_contract) = split(right, |pair| pair.1);
    let a = matrices(left, [&left_batch, &left_free, &left_contract]);
    let b = matrices(right, [&right_batch, &right_contract, &right_free]);
    match spec.dtype {
        DType::F32 => Buffer::from_vec(products(spec, &a, &b, matmul::matmul::<f32>), &spec.dims),
        DType::F64 => Buffer::from_vec(products(spec, &a, &b, matmul::matmul_f64), &spec.dims),
        DType::F16 => halves::<f16>(spec, &a, &b),
        DType::BF16 => halves::<bf16>(spec, &a, &b),
        integer => with_type!(integer, T => integers::<T>(spec, &a, &b)),
    }
}

/// The products of a batch, by `product`.
fn products<'a, T: Element, O: Element>(
    spec: &Spec,
    a: &'a Matrices,
    b: &'a Matrices,
    product: fn(Mat<'a, T>, Mat<'a, T>, &mut [O]),
) -> Vec<O> {
    let mut out = take_vec::<O>(spec.dims.iter().product());
    if !out.is_empty() {
        matmul::batched(product, a.batch.len(), &|i| a.mat(i), &|i| b.mat(i), &mut out);
    }
    out
}

/// Products of halves: summed in `f32`, then rounded once.
fn halves<T: Element + Wide>(spec: &Spec, a: &Matrices, b: &Matrices) -> Buffer {
    let sums: Vec<f32> = products(spec, a, b, matmul::matmul::<T>);
    let mut out = take_vec::<T>(sums.len());
    T::narrow(&sums, &mut out);
    Buffer::from_vec(out, &spec.dims)
}

/// Products of integers, which wrap: computed in 64 bits, of which the low ones are kept.
fn integers<T: Element>(spec: &Spec, a: &Matrices, b: &Matrices) -> Buffer {
    let mut out = Vec::with_capacity(spec.dims.iter().product());
    let batch = if spec.dims.contains(&0) { 0 } else { a.batch.len() };
    for i in 0..batch {
        let (a, b) = (a.mat::<T>(i), b.mat::<T>(i));
        for row in 0..a.rows {
            for col in 0..b.cols {
                let products = (0..a.cols).map(|k| {
                    let x = a.data[row * a.row_stride as usize + k * a.col_stride as usize];
                    let y = b.data[k * b.row_stride as usize + col * b.col_stride as usize];
                    x.to_bits64().wrapping_mul(y.to_bits64())
                });
                out.push(T::from_bits64(products.fold(0, i64::wrapping_add)));
            }
        }
    }
    Buffer::from_vec(out, &spec.dims)
}

/// The same pairs from the other side.
fn flipped(pairs: &Pairs) -> Pairs {
    pairs.iter().map(|&(left, right)| (right, left)).collect()
}

/// `d left = cotangent · right` over the right's free axes, and the mirror image.
fn backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let (batch, contract) = pairs(b.params);
    let (left, right) = (&b.inputs[0], &b.inputs[1]);
    let left_free = left.dims().len() - batch.len() - contract.len();
    let right_free = right.dims().len() - batch.len() - contract.len();
    let to_left =
        side(b.cotangent, right, batch, contract, left.dims().len(), batch.len() + left_free, right_free)?;
    let to_right = side(
        b.cotangent,
        left,
        &flipped(batch),
        &flipped(contract),
        right.dims().len(),
        batch.len(),
        left_free,
    )?;
    Ok(vec![Some(to_left), Some(to_right)])
}

/// The cotangent of an operand with `rank` axes; pairs are (its axis, the other's axis). The other's free axes
/// are those of the cotangent from `other_start` on.
///
/// Of the two orders of this product the one is taken whose result has the operand's last axis as its last: it then lies
/// as the operand does, and what is computed from both, an optimizer's step, goes through memory in one line.
fn side(
    cotangent: &Array,
    other: &Array,
    batch: &Pairs,
    contract: &Pairs,
    rank: usize,
    other_start: usize,
    other_free: usize,
) -> Result<Array> {
    let used = |axis: usize, pick: fn(&(usize, usize)) -> usize| {
        batch.iter().chain(contract).any(|p| pick(p) == axis)
    };
    let free_of_other = (0..other.dims().len()).filter(|&axis| !used(axis, |pair| pair.1));
    let new_contract: Pairs = (other_start..other_start + other_free).zip(free_of_other).collect();
    let new_batch: Pairs = batch.iter().enumerate().map(|(place, &(_, o))| (place, o)).collect();
    let mut contracted: Vec<(usize, usize)> = contract.to_vec();
    contracted.sort_by_key(|&(_, o)| o);
    let own_free: Dims = (0..rank).filter(|&axis| !used(axis, |pair| pair.0)).collect();
    let own_contracted: Dims = contracted.iter().map(|&(own, _)| own).collect();
    // A product has its left operand's free axes before its right one's.
    let (product, [first, last]) = if own_free.last() > own_contracted.iter().max() {
        (other.dot(cotangent, flipped(&new_batch), flipped(&new_contract))?, [own_contracted, own_free])
    } else {
        (cotangent.dot(other, new_batch, new_contract)?, [own_free, own_contracted])
    };
    let now: Dims = batch.iter().map(|&(own, _)| own).chain(first).chain(last).collect();
    product.permute(&infer::inverse(&now))
}
