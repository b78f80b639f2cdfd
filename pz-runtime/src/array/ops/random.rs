//! Random keys as elements: deriving keys, bits, and the functions that make numbers of bits.
//!
//! All but two are elementwise, so that what is drawn is fused with what is made of it: a normal number is its bits, a
//! uniform number, an inverse error function and a product in one pass, and none of that is stored. Bits do not change a
//! little, so derivatives go to the bounds of what is drawn, and nowhere else. Keys are opaque: [`admits_keys`] says
//! which operations they pass through.

use half::{bf16, f16};
use smallvec::SmallVec;

use super::elementwise::compare;
use super::elementwise::special::{bell, inverse_bell};
use super::{control, gather, index, infer, movement, repeat, scatter, sort};
use crate::array::Array;
use crate::array::buffer::Buffer;
use crate::array::dtype::{DType, sealed::Stored, with_type};
use crate::array::kernels::block::{Slice, SliceMut};
use crate::array::kernels::random::{self, COLUMNS};
use crate::array::kernels::{loops, math};
use crate::array::layout::Dims;
use crate::array::params::Params;
use crate::array::primitive::{Derivative, Kernel, Primitive, Spec};
use crate::error::{Report, Result};
use crate::random::Key;

/// Operations that arrays of keys pass through, beside those of this file.
static FOR_KEYS: &[&Primitive] = &[
    &movement::IDENTITY,
    &movement::STOP_GRADIENT,
    &movement::BROADCAST,
    &movement::PERMUTE,
    &movement::RESHAPE,
    &movement::SLICE,
    &movement::CONCATENATE,
    &gather::GATHER,
    &scatter::SCATTER_SET,
    &index::DYNAMIC_SLICE,
    &index::DYNAMIC_UPDATE_SLICE,
    &sort::PICK,
    &compare::EQUAL,
    &compare::NOT_EQUAL,
    &compare::SELECT,
    &control::PART,
    &control::SWITCH,
    &control::CHECKPOINT,
    &control::CUSTOM,
    &repeat::SCAN,
    &repeat::WHILE,
    &FOLD_IN,
    &RANDOM_BITS,
    &KEY_DATA,
];

/// Refuses operations that keys have no meaning for.
#[cold]
pub(crate) fn admits_keys(op: &'static Primitive) -> Result<()> {
    if FOR_KEYS.contains(&op) {
        return Ok(());
    }
    Err(Report::new(op.name, "an operand has random keys (dtype key), and keys are no numbers")
        .help("draw numbers from them: `keys.uniform([(\"n\", 3)], DType::F32)`; or take their words: `keys.key_data()`")
        .dtype())
}

/// An error unless operands have these dtypes and one shape.
fn judged(op: &str, inputs: &[Spec], wanted: &[DType]) -> Result<()> {
    let found: Vec<DType> = inputs.iter().map(|input| input.dtype).collect();
    if found != wanted {
        return Err(Report::new(op, format!("the operands are {found:?}, and must be {wanted:?}")).dtype());
    }
    match inputs.iter().find(|input| input.dims != inputs[0].dims) {
        Some(other) => Err(infer::shapes(op, &inputs[0].dims, &other.dims)),
        None => Ok(()),
    }
}

fn dtype(params: &Params) -> DType {
    match params {
        Params::DType(dtype) => *dtype,
        _ => DType::F32,
    }
}

/// A key that rests on a key and a `u32`.
pub(crate) static FOLD_IN: Primitive = Primitive {
    name: "fold_in",
    infer: |_, inputs| {
        judged("fold_in", inputs, &[DType::Key, DType::U32])?;
        Ok(inputs[0].clone())
    },
    kernel: Kernel::Elementwise(|_, args, out| match (args[0], args[1], out) {
        (Slice::Key(keys), Slice::U32(numbers), SliceMut::Key(out)) => random::fold_in(keys, numbers, out),
        _ => unreachable!("the shape rule asks for keys and numbers"),
    }),
    derivative: Derivative::Zero,
};

/// Bits of a key at the counter of a row and a column, as `u32` or `u64`.
pub(crate) static RANDOM_BITS: Primitive = Primitive {
    name: "random_bits",
    infer: |params, inputs| {
        judged("random_bits", inputs, &[DType::Key, DType::I32, DType::I32])?;
        Ok(inputs[0].of(dtype(params)))
    },
    kernel: Kernel::Elementwise(|_, args, out| match (args[0], args[1], args[2], out) {
        (Slice::Key(keys), Slice::I32(rows), Slice::I32(columns), SliceMut::U32(out)) => {
            random::bits_32(keys, rows, columns, out);
        }
        (Slice::Key(keys), Slice::I32(rows), Slice::I32(columns), SliceMut::U64(out)) => {
            random::bits_64(keys, rows, columns, out);
        }
        _ => unreachable!("the shape rule asks for keys and counters"),
    }),
    derivative: Derivative::Zero,
};

/// Evenly spread numbers in `low..low + width` of bits, not below `low`. Operands: bits, low, width. As XLA computes it:
/// wide floats are rounded once, halves after the product too, and of their bits the low ones count.
pub(crate) static UNIFORM: Primitive = Primitive {
    name: "random_uniform",
    infer: |params, inputs| {
        let dtype = dtype(params);
        judged("random_uniform", inputs, &[bits_for(dtype), dtype, dtype])?;
        infer::float(params, &inputs[1..])
    },
    kernel: Kernel::Elementwise(|params, args, out| match (args[0], args[1], args[2], out) {
        (Slice::U32(bits), Slice::F32(low), Slice::F32(width), SliceMut::F32(out)) => {
            // A mantissa for a number in [1, 2).
            let one = 1f32.to_bits();
            match dtype(params) {
                DType::BF16 => loops::zip3(bits, low, width, out, |bits, low, width| {
                    let unit = f32::from_bits((bits & 0xff) >> 1 << 16 | one) - 1.0;
                    (bf16::from_f32(unit * width).to_f32() + low).max(low)
                }),
                DType::F16 => loops::zip3(bits, low, width, out, |bits, low, width| {
                    let unit = f32::from_bits((bits & 0xffff) >> 6 << 13 | one) - 1.0;
                    (f16::from_f32(unit * width).to_f32() + low).max(low)
                }),
                _ => loops::zip3(bits, low, width, out, |bits, low, width| {
                    let unit = f32::from_bits(bits >> 9 | one) - 1.0;
                    unit.mul_add(width, low).max(low)
                }),
            }
        }
        (Slice::U64(bits), Slice::F64(low), Slice::F64(width), SliceMut::F64(out)) => {
            loops::zip3(bits, low, width, out, |bits, low, width: f64| {
                let unit = f64::from_bits(bits >> 12 | 1f64.to_bits()) - 1.0;
                unit.mul_add(width, low).max(low)
            });
        }
        _ => unreachable!("the shape rule asks for bits and bounds"),
    }),
    derivative: Derivative::Rule(|b| {
        let (bits, low, width) = (&b.inputs[0], &b.inputs[1], &b.inputs[2]);
        let (zeros, ones) = (width.full_like(0.0)?, width.full_like(1.0)?);
        let share = Array::apply(&UNIFORM, b.params.clone(), &[bits, &zeros, &ones])?;
        // What is not above its lower bound was set to it.
        let moved = low.less(b.output)?.select(&b.cotangent.mul(&share)?, &zeros)?;
        Ok(vec![None, Some(b.cotangent.clone()), Some(moved)])
    }),
};

/// `-ln x` in XLA's steps: a Gumbel number is this twice, of a uniform one.
pub(crate) static NEG_LOG: Primitive = Primitive {
    name: "random_neg_log",
    infer: infer::float,
    kernel: Kernel::Elementwise(|_, args, out| match (args[0], out) {
        (Slice::F32(x), SliceMut::F32(out)) => math::xla_neg_log(x, out),
        (Slice::F64(x), SliceMut::F64(out)) => loops::map(x, out, |x: f64| -x.ln()),
        _ => unreachable!("the shape rule admits floats"),
    }),
    derivative: Derivative::Zero,
};

/// The number whose error function is x, in XLA's steps, which lose digits near ±1: a normal number is √2 times this, of
/// a uniform one.
pub(crate) static ERF_INV: Primitive = Primitive {
    name: "random_erf_inv",
    infer: infer::float,
    kernel: Kernel::Elementwise(|_, args, out| match (args[0], out) {
        (Slice::F32(x), SliceMut::F32(out)) => math::xla_erf_inv(x, out),
        (Slice::F64(x), SliceMut::F64(out)) => math::xla_erf_inv_f64(x, out),
        _ => unreachable!("the shape rule admits floats"),
    }),
    derivative: Derivative::Rule(|b| Ok(vec![Some(b.cotangent.mul(&inverse_bell(b.output)?)?)])),
};

/// The error function in XLA's steps: where the bounds of a truncated normal number lie among uniform ones.
pub(crate) static ERF: Primitive = Primitive {
    name: "random_erf",
    infer: infer::float,
    kernel: Kernel::Elementwise(|_, args, out| match (args[0], out) {
        (Slice::F32(x), SliceMut::F32(out)) => math::xla_erf(x, out),
        (Slice::F64(x), SliceMut::F64(out)) => loops::map(x, out, libm::erf),
        _ => unreachable!("the shape rule admits floats"),
    }),
    derivative: Derivative::Rule(|b| Ok(vec![Some(b.cotangent.mul(&bell(&b.inputs[0])?)?)])),
};

/// The next number of a dtype above each.
pub(crate) static NEXT_UP: Primitive = Primitive {
    name: "random_next_up",
    infer: |params, inputs| {
        judged("random_next_up", inputs, &[dtype(params)])?;
        infer::float(params, inputs)
    },
    kernel: Kernel::Elementwise(|params, args, out| match (args[0], out) {
        (Slice::F32(x), SliceMut::F32(out)) => {
            let dtype = dtype(params);
            loops::map(x, out, |x| next_up(f64::from(x), dtype) as f32);
        }
        (Slice::F64(x), SliceMut::F64(out)) => loops::map(x, out, f64::next_up),
        _ => unreachable!("the shape rule admits floats"),
    }),
    derivative: Derivative::Zero,
};

/// `-ln(1 - x)` in XLA's steps, which makes an exponentially distributed number of a uniform one.
pub(crate) static NEG_LOG1P_NEG: Primitive = Primitive {
    name: "random_exponential",
    infer: infer::float,
    kernel: Kernel::Elementwise(|_, args, out| match (args[0], out) {
        (Slice::F32(x), SliceMut::F32(out)) => math::xla_neg_log1p_neg(x, out),
        (Slice::F64(x), SliceMut::F64(out)) => math::xla_neg_log1p_neg_f64(x, out),
        _ => unreachable!("the shape rule admits floats"),
    }),
    derivative: Derivative::Zero,
};

/// Offsets below a span. Operands: two lots of bits, and the span, all `u32` or all `u64`.
pub(crate) static OFFSET: Primitive = Primitive {
    name: "random_offset",
    infer: |params, inputs| {
        let spec = infer::integer(params, inputs)?;
        if !matches!(spec.dtype, DType::U32 | DType::U64) {
            let problem = format!("the operands are {}, and must be u32 or u64", spec.dtype);
            return Err(Report::new("random_offset", problem).dtype());
        }
        Ok(spec)
    },
    kernel: Kernel::Elementwise(|_, args, out| match (args[0], args[1], args[2], out) {
        (Slice::U32(high), Slice::U32(low), Slice::U32(span), SliceMut::U32(out)) => {
            random::offsets_32(high, low, span, out);
        }
        (Slice::U64(high), Slice::U64(low), Slice::U64(span), SliceMut::U64(out)) => {
            random::offsets_64(high, low, span, out);
        }
        _ => unreachable!("the shape rule asks for these"),
    }),
    derivative: Derivative::Zero,
};

/// The two words of each key, along a new last axis.
pub(crate) static KEY_DATA: Primitive = Primitive {
    name: "key_data",
    infer: |_, inputs| {
        judged("key_data", inputs, &[DType::Key])?;
        let mut dims = inputs[0].dims.clone();
        dims.push(2);
        Ok(Spec::new(dims, DType::U32))
    },
    kernel: Kernel::Whole(|_, spec, inputs| {
        let words = inputs[0].to_vec::<Key>().into_iter().flat_map(Key::words).collect();
        Ok(Buffer::from_vec::<u32>(words, &spec.dims))
    }),
    derivative: Derivative::Zero,
};

/// Keys of two words each, which lie along the last axis.
pub(crate) static WRAP_KEY_DATA: Primitive = Primitive {
    name: "wrap_key_data",
    infer: |_, inputs| {
        judged("wrap_key_data", inputs, &[DType::U32])?;
        match inputs[0].dims.split_last() {
            Some((2, dims)) => Ok(Spec::new(dims, DType::Key)),
            _ => {
                let problem = format!("the words have the shape {:?}, and a key has two", inputs[0].dims);
                Err(Report::new("wrap_key_data", problem).help("give a last axis of size 2").shape())
            }
        }
    },
    kernel: Kernel::Whole(|_, spec, inputs| {
        let words = inputs[0].to_vec::<u32>();
        let keys = words.chunks_exact(2).map(|words| Key::from_words([words[0], words[1]])).collect();
        Ok(Buffer::from_vec::<Key>(keys, &spec.dims))
    }),
    derivative: Derivative::Zero,
};

/// The dtype of the bits that a number of a float dtype is made of.
pub(crate) const fn bits_for(dtype: DType) -> DType {
    if matches!(dtype, DType::F64) { DType::U64 } else { DType::U32 }
}

/// What is drawn from keys while it is computed: rows of [`COLUMNS`] elements, of which the last may be too long.
pub(crate) struct Stream {
    /// The keys' axes, then the rows and their elements; or a single axis where one row is enough.
    values: Array,
    keys: Dims,
    count: usize,
}

impl Stream {
    /// This stream with other elements, made of its own one by one.
    pub(crate) fn map(self, make: impl FnOnce(&Array) -> Result<Array>) -> Result<Self> {
        Ok(Stream { values: make(&self.values)?, ..self })
    }

    /// The elements as they were asked for: the keys' axes, then `dims`.
    #[track_caller]
    pub(crate) fn cut(self, dims: &[usize]) -> Result<Array> {
        let all: Dims = self.keys.iter().chain(dims).copied().collect();
        if self.values.dims().len() == self.keys.len() + 1 {
            return self.values.reshape(&all);
        }
        let mut rows = self.keys.clone();
        rows.push(self.values.dims()[self.keys.len()..].iter().product());
        self.values.reshape(&rows)?.slice(self.keys.len(), 0, 1, self.count)?.reshape(&all)
    }
}

impl Array {
    /// `count` elements of bits, `u32` or `u64`, for each of these keys.
    #[track_caller]
    pub(crate) fn random_bits(&self, count: usize, dtype: DType) -> Result<Stream> {
        let keys = Dims::from_slice(self.dims());
        let rows = (count > COLUMNS).then(|| Array::iota(count.div_ceil(COLUMNS)));
        let columns = Array::iota(if rows.is_some() { COLUMNS } else { count });
        let mut dims = keys.clone();
        dims.extend(rows.iter().chain([&columns]).map(|axis| axis.dims()[0]));
        let along = |array: &Array, first: usize| {
            let axes = array.dims().len();
            let source: SmallVec<[Option<usize>; 6]> =
                (0..dims.len()).map(|axis| axis.checked_sub(first).filter(|axis| *axis < axes)).collect();
            array.broadcast(&dims, &source)
        };
        let rows = rows.unwrap_or_else(|| Array::scalar(0i32));
        let operands = [along(self, 0)?, along(&rows, keys.len())?, along(&columns, dims.len() - 1)?];
        let values = Array::apply(&RANDOM_BITS, Params::DType(dtype), &operands.each_ref())?;
        Ok(Stream { values, keys, count })
    }

    /// The keys of each of these keys at the numbers below `count`, along a new last axis.
    #[track_caller]
    pub(crate) fn split_keys(&self, count: usize) -> Result<Array> {
        let Ok(numbers) = i32::try_from(count) else {
            let problem = format!("{count} keys were asked for, and one key gives {} at most", i32::MAX);
            return Err(Report::new("random_split", problem).help("split in several steps").value());
        };
        let mut dims = Dims::from_slice(self.dims());
        dims.push(count);
        let last = dims.len() - 1;
        let own: SmallVec<[Option<usize>; 6]> =
            (0..=last).map(|axis| (axis < last).then_some(axis)).collect();
        let new: SmallVec<[Option<usize>; 6]> = (0..=last).map(|axis| (axis == last).then_some(0)).collect();
        let numbers = Array::iota(numbers as usize).cast(DType::U32)?;
        self.broadcast(&dims, &own)?.fold_in(&numbers.broadcast(&dims, &new)?)
    }

    /// Each key with a number folded in.
    #[track_caller]
    pub(crate) fn fold_in(&self, numbers: &Array) -> Result<Array> {
        Array::apply(&FOLD_IN, Params::None, &[self, numbers])
    }

    /// Evenly spread numbers of `dtype` in `low..high`, of bits that are [`bits_for`] it.
    #[track_caller]
    pub(crate) fn uniform_between(&self, low: f64, high: f64, dtype: DType) -> Result<Array> {
        let width = rounded(high, dtype) - rounded(low, dtype);
        let low = Array::full(low, self.dims(), dtype)?;
        let width = Array::full(width, self.dims(), dtype)?;
        Array::apply(&UNIFORM, Params::DType(dtype), &[self, &low, &width])
    }
}

/// The number of a dtype that is next above one of its own.
pub(crate) fn next_up(value: f64, dtype: DType) -> f64 {
    // As bits in the order of numbers, zeros of both signs aside.
    let half = |bits: u16| match bits {
        0 | 0x8000 => 1,
        _ if bits >> 15 == 0 => bits + 1,
        _ => bits - 1,
    };
    match dtype {
        _ if value.is_nan() || value == f64::INFINITY => value,
        DType::F16 => f16::from_bits(half(f16::from_f64(value).to_bits())).to_f64(),
        DType::BF16 => bf16::from_bits(half(bf16::from_f64(value).to_bits())).to_f64(),
        DType::F32 => f64::from((value as f32).next_up()),
        _ => value.next_up(),
    }
}

/// A number as an element of `dtype`.
pub(crate) fn rounded(value: f64, dtype: DType) -> f64 {
    with_type!(dtype, T => T::from_f64(value).to_f64())
}
