//! Convolutions: sums of products of a kernel with what it sees at each of its places.
//!
//! Operands are (groups, rows, places…, features) and (groups, places…, features, new features); the result is
//! (groups, rows, windows…, new features). As in every library for neural networks the kernel is not turned around.
//! Both derivatives are convolutions: of the cotangent with the turned kernel, whose strides are where elements were
//! spread and the reverse; and of the operand with the cotangent as a kernel, rows as features.

use super::infer;
use super::window::count_windows;
use crate::array::Array;
use crate::array::dtype::DType;
use crate::array::kernels::conv::convolve;
use crate::array::kernels::window::Slide;
use crate::array::layout::Dims;
use crate::array::params::Params;
use crate::array::primitive::{Backward, Derivative, Kernel, Primitive, Spec};
use crate::error::{Report, Result};

/// The convolution.
pub(crate) static CONVOLUTION: Primitive = Primitive {
    name: "conv",
    infer: convolution_spec,
    kernel: Kernel::Whole(|params, spec, inputs| {
        Ok(convolve(params.slides(), &inputs[0], &inputs[1], &spec.dims))
    }),
    derivative: Derivative::Rule(backward),
};

fn convolution_spec(params: &Params, inputs: &[Spec]) -> Result<Spec> {
    let ([left, right], slides) = (inputs, params.slides()) else {
        return Err(Report::new("conv", "two operands are needed").shape());
    };
    let rank = slides.len() + 3;
    if left.dims.len() != rank || right.dims.len() != rank {
        return Err(infer::shapes("conv", &left.dims, &right.dims));
    }
    let sizes = slides.iter().zip(&right.dims[1..]).all(|(slide, &size)| slide.size == size);
    if left.dims[0] != right.dims[0] || left.dims[rank - 1] != right.dims[rank - 2] || !sizes {
        return Err(infer::shapes("conv", &left.dims, &right.dims));
    }
    if left.dtype != right.dtype || left.dtype == DType::Bool {
        let problem = format!("the dtypes are {} and {}", left.dtype, right.dtype);
        return Err(Report::new("conv", problem).help("cast both to one dtype of numbers").dtype());
    }
    let mut dims: Dims = left.dims[..2].into();
    for (axis, slide) in slides.iter().enumerate() {
        dims.push(count_windows("conv", axis + 2, slide, left.dims[axis + 2])?);
    }
    dims.push(right.dims[rank - 1]);
    Ok(Spec::new(dims, left.dtype))
}

fn backward(b: &Backward<'_>) -> Result<Vec<Option<Array>>> {
    let (left, right, slides) = (&b.inputs[0], &b.inputs[1], b.params.slides());
    let spatial = slides.len();
    if [left, right, b.output].iter().any(|array| array.dims().contains(&0)) {
        return Ok(vec![None, None]);
    }
    let too_many = || Report::new("conv", "too many places to count").shape();
    let lens = &left.dims()[2..2 + spatial];
    let counts = &b.output.dims()[2..2 + spatial];
    let each = || slides.iter().zip(lens).zip(counts);

    let back = each().map(|((slide, &len), &count)| slide.back(len, count)).collect::<Option<Box<[Slide]>>>();
    let places: Vec<usize> = (1..=spatial).collect();
    let turned = places.iter().try_fold(right.clone(), |kernel, &axis| kernel.reverse(axis))?;
    let turned = turned.permute(&order(&[0], &places, &[spatial + 2, spatial + 1]))?;
    let to_left = b.cotangent.convolve(&turned, back.ok_or_else(too_many)?)?;

    let across =
        each().map(|((slide, &len), &count)| slide.across(len, count)).collect::<Option<Box<[Slide]>>>();
    let places: Vec<usize> = (2..2 + spatial).collect();
    let rows_last = left.permute(&order(&[0, spatial + 2], &places, &[1]))?;
    let kernel = b.cotangent.permute(&order(&[0], &places, &[1, spatial + 2]))?;
    let to_right = rows_last.convolve(&kernel, across.ok_or_else(too_many)?)?;
    let to_right = to_right.permute(&order(&[0], &places, &[1, spatial + 2]))?;
    Ok(vec![Some(to_left), Some(to_right)])
}

fn order(first: &[usize], places: &[usize], last: &[usize]) -> Dims {
    [first, places, last].iter().flat_map(|axes| axes.iter().copied()).collect()
}

impl Array {
    /// Slides `kernel` over this: axes as the primitive has them.
    #[track_caller]
    pub(crate) fn convolve(&self, kernel: &Array, slides: Box<[Slide]>) -> Result<Array> {
        Array::apply(&CONVOLUTION, Params::Slides(slides), &[self, kernel])
    }
}
