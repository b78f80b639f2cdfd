//! What operations compute, written once more: scalar loops over index vectors, in `f64` and `i128`.
//!
//! Bounds: movement, comparisons, extremes, integers (which wrap), sign changes, `+ - * /` and square roots are exact,
//! for IEEE's `f32` results are the rounded `f64` ones; `exp`, `log` and `tanh` are within 4 ULP; a sum of n terms is
//! within n ULP of the sum of their sizes, whatever its order (its error is at most that in any), and so are products
//! of matrices and running sums. `wider` has the others; an operation that is in neither is held to nothing, and a test
//! lists those.

mod wider;

use std::cell::RefCell;
use std::collections::BTreeSet;

use half::{bf16, f16};

use super::single::numbers;
use crate::array::buffer::Buffer;
use crate::array::dtype::DType;
use crate::array::params::{Beyond, Params};

/// The elements of an array, without their type.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Numbers {
    Floats(Vec<f64>),
    Whole(Vec<i128>),
}
use Numbers::{Floats, Whole};

/// An operand: elements and dimensions.
struct Operand {
    values: Numbers,
    dims: Vec<usize>,
    dtype: DType,
}

/// What must come out, and by how much each element may be off.
struct Wanted {
    values: Numbers,
    bounds: Vec<f64>,
}

thread_local! {
    /// The operations that were held to the scalar loops.
    pub(super) static JUDGED: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Holds what a kernel gave to the scalar loops.
pub(in crate::array) fn judge(
    name: &str,
    params: &Params,
    operands: &[Buffer],
    found: &Buffer,
) -> Result<(), String> {
    let operand = |buffer: &Buffer| Operand {
        values: numbers(buffer),
        dims: buffer.layout.dims.to_vec(),
        dtype: buffer.dtype(),
    };
    let operands: Vec<Operand> = operands.iter().map(operand).collect();
    let dims = found.layout.dims.to_vec();
    let Some(wanted) = compute(name, params, &operands, &dims, found.dtype()) else { return Ok(()) };
    JUDGED.with_borrow_mut(|judged| judged.insert(name.to_owned()));
    let tell = |at: usize, wanted: &dyn std::fmt::Debug, found: &dyn std::fmt::Debug| {
        let operands: Vec<String> =
            operands.iter().map(|operand| format!("{}{:?}", operand.dtype, operand.dims)).collect();
        Err(format!("{name} of {operands:?}, {params:?}: element {at} is {found:?}, not {wanted:?}"))
    };
    match (&wanted.values, &numbers(found)) {
        (Floats(wanted_values), Floats(found)) if wanted_values.len() == found.len() => {
            for (at, (&w, &f)) in wanted_values.iter().zip(found).enumerate() {
                let bound = wanted.bounds.get(at).copied().unwrap_or(0.0);
                let same =
                    if bound == 0.0 { w.to_bits() == f.to_bits() } else { w == f || (w - f).abs() <= bound };
                let are_nan = w.is_nan() && f.is_nan();
                if !(same || are_nan || bound == f64::INFINITY) {
                    return tell(at, &w, &f);
                }
            }
            Ok(())
        }
        (Whole(wanted), Whole(found)) if wanted.len() == found.len() => {
            match wanted.iter().zip(found).position(|(w, f)| w != f) {
                Some(at) => tell(at, &wanted[at], &found[at]),
                None => Ok(()),
            }
        }
        _ => tell(0, &"another count or kind", &"what it is"),
    }
}

fn exact(values: Numbers) -> Option<Wanted> {
    Some(Wanted { values, bounds: Vec::new() })
}

/// The distance between neighbouring numbers of a dtype near 1.
fn epsilon(dtype: DType) -> f64 {
    match dtype {
        DType::F16 => 2f64.powi(-10),
        DType::BF16 => 2f64.powi(-7),
        DType::F32 => f64::from(f32::EPSILON),
        _ => f64::EPSILON,
    }
}

/// The smallest normal number of a dtype.
fn tiny(dtype: DType) -> f64 {
    match dtype {
        DType::F16 => 2f64.powi(-14),
        DType::F64 => f64::MIN_POSITIVE,
        _ => f64::from(f32::MIN_POSITIVE),
    }
}

/// The nearest number of a dtype; halves by way of `f32`, in which they are computed.
fn rounded(value: f64, dtype: DType) -> f64 {
    match dtype {
        DType::F16 => f64::from(f16::from_f32(value as f32)),
        DType::BF16 => f64::from(bf16::from_f32(value as f32)),
        DType::F32 => f64::from(value as f32),
        _ => value,
    }
}

/// An integer's low bits as an integer of the dtype.
fn wrapped(value: i128, dtype: DType) -> i128 {
    match dtype {
        DType::Bool => i128::from(value != 0),
        DType::U8 => i128::from(value as u8),
        DType::U16 => i128::from(value as u16),
        DType::U32 => i128::from(value as u32),
        DType::U64 => i128::from(value as u64),
        DType::I8 => i128::from(value as i8),
        DType::I16 => i128::from(value as i16),
        DType::I32 => i128::from(value as i32),
        _ => i128::from(value as i64),
    }
}

fn saturated(value: f64, dtype: DType) -> i128 {
    match dtype {
        DType::Bool => i128::from(value != 0.0),
        DType::U8 => i128::from(value as u8),
        DType::U16 => i128::from(value as u16),
        DType::U32 => i128::from(value as u32),
        DType::U64 => i128::from(value as u64),
        DType::I8 => i128::from(value as i8),
        DType::I16 => i128::from(value as i16),
        DType::I32 => i128::from(value as i32),
        _ => i128::from(value as i64),
    }
}

/// The index vector of the element that is `flat`-th in row-major order.
fn unravel(mut flat: usize, dims: &[usize]) -> Vec<usize> {
    let mut index = vec![0; dims.len()];
    for axis in (0..dims.len()).rev() {
        index[axis] = flat % dims[axis];
        flat /= dims[axis];
    }
    index
}

fn ravel(index: &[usize], dims: &[usize]) -> usize {
    index.iter().zip(dims).fold(0, |flat, (i, dim)| flat * dim + i)
}

fn count(dims: &[usize]) -> usize {
    dims.iter().product()
}

impl Operand {
    /// The elements at these places of this array.
    fn at(&self, places: impl Iterator<Item = usize>) -> Numbers {
        match &self.values {
            Floats(values) => Floats(places.map(|place| values[place]).collect()),
            Whole(values) => Whole(places.map(|place| values[place]).collect()),
        }
    }

    /// Elements moved: for each index of the result, the index here.
    fn moved(&self, dims: &[usize], from: impl Fn(&[usize]) -> Vec<usize>) -> Numbers {
        self.at((0..count(dims)).map(|flat| ravel(&from(&unravel(flat, dims)), &self.dims)))
    }

    fn whole(&self, place: usize) -> i128 {
        match &self.values {
            Whole(values) => values[place],
            Floats(_) => unreachable!("places are integers"),
        }
    }

    /// A place along an axis of this size, negative ones counted from the end, clamped to `0..=last`.
    fn place(&self, place: usize, size: usize, last: usize) -> usize {
        let place = self.whole(place);
        let place = if place < 0 { place + size as i128 } else { place };
        place.clamp(0, last as i128) as usize
    }
}

fn compute(name: &str, params: &Params, x: &[Operand], dims: &[usize], dtype: DType) -> Option<Wanted> {
    match (name, params) {
        ("identity" | "stop_gradient" | "softmax" | "reshape", _) => exact(x[0].values.clone()),
        ("broadcast", Params::Broadcast { source, .. }) => exact(x[0].moved(dims, |index| {
            let mut from = vec![0; x[0].dims.len()];
            for (axis, source) in source.iter().enumerate() {
                if let Some(source) = source {
                    from[*source] = if x[0].dims[*source] == 1 { 0 } else { index[axis] };
                }
            }
            from
        })),
        ("permute", Params::Axes(order)) => exact(x[0].moved(dims, |index| {
            let mut from = vec![0; index.len()];
            order.iter().zip(index).for_each(|(axis, i)| from[*axis] = *i);
            from
        })),
        ("slice", &Params::Slice { axis, start, step, .. }) => exact(x[0].moved(dims, |index| {
            let mut from = index.to_vec();
            from[axis] = (start as isize + step * index[axis] as isize) as usize;
            from
        })),
        ("concatenate", &Params::Axis(axis)) => {
            let mut all = match x[0].values {
                Floats(_) => Floats(Vec::new()),
                Whole(_) => Whole(Vec::new()),
            };
            for flat in 0..count(dims) {
                let mut index = unravel(flat, dims);
                let mut operands = x.iter();
                let mut operand = operands.next()?;
                while index[axis] >= operand.dims[axis] {
                    index[axis] -= operand.dims[axis];
                    operand = operands.next()?;
                }
                match (&mut all, operand.at(std::iter::once(ravel(&index, &operand.dims)))) {
                    (Floats(all), Floats(one)) => all.extend(one),
                    (Whole(all), Whole(one)) => all.extend(one),
                    _ => return None,
                }
            }
            exact(all)
        }
        ("gather", Params::Places { axes, beyond: Beyond::Nearest, .. }) => {
            let rank = x[1].dims.len();
            exact(x[0].moved(dims, |index| {
                let place = ravel(&index[..rank], &x[1].dims);
                let mut rest = index[rank..].iter().copied();
                let along = axes.iter().zip(&x[1..]);
                let from =
                    |(axis, &size): (usize, &usize)| match along.clone().find(|(other, _)| **other == axis) {
                        Some((_, places)) => places.place(place, size, size.saturating_sub(1)),
                        None => rest.next().unwrap_or(0),
                    };
                x[0].dims.iter().enumerate().map(from).collect()
            }))
        }
        ("scatter" | "scatter_add", Params::Places { axes, beyond: Beyond::Zero, .. }) if axes.len() == 1 => {
            let (axis, places, updates) = (axes[0], &x[1], &x[2]);
            let mut out = x[0].values.clone();
            for flat in 0..count(&updates.dims) {
                let index = unravel(flat, &updates.dims);
                let (at, rest) = index.split_at(places.dims.len());
                let place = places.whole(ravel(at, &places.dims));
                let size = dims[axis] as i128;
                let place = if place < 0 { place + size } else { place };
                if !(0..size).contains(&place) {
                    continue;
                }
                let mut to = rest.to_vec();
                to.insert(axis, place as usize);
                let to = ravel(&to, dims);
                match (&mut out, &updates.values) {
                    (Floats(out), Floats(new)) if name == "scatter" => out[to] = new[flat],
                    (Floats(out), Floats(new)) => out[to] = rounded(out[to] + new[flat], dtype),
                    (Whole(out), Whole(new)) if name == "scatter" => out[to] = new[flat],
                    (Whole(out), Whole(new)) => out[to] = wrapped(out[to] + new[flat], dtype),
                    _ => return None,
                }
            }
            exact(out)
        }
        ("dynamic_slice", Params::Windows { axes, lens }) if axes.len() == 1 => {
            let (axis, len) = (axes[0], lens[0]);
            let start = x[1].place(0, x[0].dims[axis], x[0].dims[axis] - len);
            exact(x[0].moved(dims, |index| {
                let mut from = index.to_vec();
                from[axis] += start;
                from
            }))
        }
        ("dynamic_update_slice", Params::Axes(axes)) if axes.len() == 1 => {
            let axis = axes[0];
            let len = x[1].dims[axis];
            let start = x[2].place(0, x[0].dims[axis], x[0].dims[axis] - len);
            let inside = |flat: &usize| (start..start + len).contains(&unravel(*flat, dims)[axis]);
            let mut out = x[0].values.clone();
            for flat in (0..count(dims)).filter(inside) {
                let mut from = unravel(flat, dims);
                from[axis] -= start;
                let from = ravel(&from, &x[1].dims);
                match (&mut out, &x[1].values) {
                    (Floats(out), Floats(new)) => out[flat] = new[from],
                    (Whole(out), Whole(new)) => out[flat] = new[from],
                    _ => return None,
                }
            }
            exact(out)
        }
        ("select", _) => {
            let pick = |place: usize| if x[0].whole(place) != 0 { 1 } else { 2 };
            let all = 0..count(dims);
            match (&x[1].values, &x[2].values) {
                (Floats(a), Floats(b)) => {
                    exact(Floats(all.map(|i| if pick(i) == 1 { a[i] } else { b[i] }).collect()))
                }
                (Whole(a), Whole(b)) => {
                    exact(Whole(all.map(|i| if pick(i) == 1 { a[i] } else { b[i] }).collect()))
                }
                _ => None,
            }
        }
        ("sum" | "max" | "min", Params::Axes(axes)) => {
            let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count(dims)];
            for flat in 0..count(&x[0].dims) {
                let index = unravel(flat, &x[0].dims);
                let kept: Vec<usize> =
                    (0..index.len()).filter(|axis| !axes.contains(axis)).map(|axis| index[axis]).collect();
                rows[ravel(&kept, dims)].push(flat);
            }
            Some(folded(name, &x[0], &rows, dtype))
        }
        ("cumsum", &Params::Axis(axis)) => {
            let row = |flat: usize| -> Vec<usize> {
                let index = unravel(flat, dims);
                let to = |i: usize| {
                    let mut index = index.clone();
                    index[axis] = i;
                    ravel(&index, dims)
                };
                (0..=index[axis]).map(to).collect()
            };
            let rows: Vec<Vec<usize>> = (0..count(dims)).map(row).collect();
            Some(folded("sum", &x[0], &rows, dtype))
        }
        ("argmax" | "argmin", &Params::Axis(axis)) => {
            let places = (0..count(dims)).map(|flat| {
                let index = unravel(flat, dims);
                let at = |i: usize| {
                    let mut from = index.clone();
                    from.insert(axis, i);
                    ravel(&from, &x[0].dims)
                };
                (1..x[0].dims[axis]).fold(0, |best, i| {
                    let better = match &x[0].values {
                        Floats(v) if v[at(best)].is_nan() => false,
                        Floats(v) if name == "argmax" => v[at(i)].is_nan() || v[at(i)] > v[at(best)],
                        Floats(v) => v[at(i)].is_nan() || v[at(i)] < v[at(best)],
                        Whole(v) if name == "argmax" => v[at(i)] > v[at(best)],
                        Whole(v) => v[at(i)] < v[at(best)],
                    };
                    if better { i } else { best }
                }) as i128
            });
            exact(Whole(places.collect()))
        }
        ("dot", Params::Dot { batch, contract }) => {
            let free = |operand: &Operand, used: &dyn Fn(usize) -> bool| -> Vec<usize> {
                (0..operand.dims.len()).filter(|&axis| !used(axis)).collect()
            };
            let pairs = || batch.iter().chain(contract);
            let left_free = free(&x[0], &|axis| pairs().any(|pair| pair.0 == axis));
            let right_free = free(&x[1], &|axis| pairs().any(|pair| pair.1 == axis));
            let inner: Vec<usize> = contract.iter().map(|pair| x[0].dims[pair.0]).collect();
            let row = |flat: usize| -> Vec<(usize, usize)> {
                let index = unravel(flat, dims);
                let (mut l, mut r) = (vec![0; x[0].dims.len()], vec![0; x[1].dims.len()]);
                let mut index = index.into_iter();
                let mut next = || index.next().unwrap_or(0);
                for pair in batch {
                    l[pair.0] = next();
                    r[pair.1] = l[pair.0];
                }
                left_free.iter().for_each(|&axis| l[axis] = next());
                right_free.iter().for_each(|&axis| r[axis] = next());
                let term = |k: usize| {
                    for (pair, i) in contract.iter().zip(unravel(k, &inner)) {
                        l[pair.0] = i;
                        r[pair.1] = i;
                    }
                    (ravel(&l, &x[0].dims), ravel(&r, &x[1].dims))
                };
                (0..count(&inner)).map(term).collect()
            };
            let rows = (0..count(dims)).map(row);
            match (&x[0].values, &x[1].values) {
                (Floats(a), Floats(b)) => {
                    let terms =
                        rows.map(|row| row.into_iter().map(|(l, r)| a[l] * b[r]).collect::<Vec<f64>>());
                    Some(sums(terms, dtype))
                }
                (Whole(a), Whole(b)) => {
                    let sum = |row: Vec<(usize, usize)>| {
                        row.into_iter().map(|(l, r)| wrapped(a[l].wrapping_mul(b[r]), dtype)).sum()
                    };
                    exact(Whole(rows.map(|row| wrapped(sum(row), dtype)).collect()))
                }
                _ => None,
            }
        }
        ("pick", &Params::Axis(axis)) => exact(x[0].moved(dims, |index| {
            let mut from = index.to_vec();
            from[axis] = x[1].whole(ravel(index, dims)) as usize;
            from
        })),
        ("iota", _) => exact(Whole((0..count(dims) as i128).collect())),
        _ => elementwise(name, x, dtype).or_else(|| wider::compute(name, params, x, dims, dtype)),
    }
}

/// Rows of elements made one each.
fn folded(name: &str, x: &Operand, rows: &[Vec<usize>], dtype: DType) -> Wanted {
    match &x.values {
        Floats(v) if name == "sum" => {
            sums(rows.iter().map(|row| row.iter().map(|&at| v[at]).collect()), dtype)
        }
        Floats(v) => {
            let extreme = |row: &Vec<usize>| {
                let row = || row.iter().map(|&at| v[at]);
                let larger = |a: f64, b: f64| if a > b || (a == b && a.is_sign_positive()) { a } else { b };
                match name {
                    _ if row().any(f64::is_nan) => f64::NAN,
                    "max" => row().fold(f64::NEG_INFINITY, larger),
                    _ => -row().map(|v| -v).fold(f64::NEG_INFINITY, larger),
                }
            };
            Wanted { values: Floats(rows.iter().map(extreme).collect()), bounds: Vec::new() }
        }
        Whole(v) => {
            let fold = |row: &Vec<usize>| {
                let row = row.iter().map(|&at| v[at]);
                match name {
                    "sum" => wrapped(row.sum(), dtype),
                    "max" => row.max().unwrap_or(0),
                    _ => row.min().unwrap_or(0),
                }
            };
            Wanted { values: Whole(rows.iter().map(fold).collect()), bounds: Vec::new() }
        }
    }
}

/// Sums of terms, and how far a sum in any order may be off: n ULP of the sum of sizes, of the dtype that is summed in
/// (halves in `f32`), one of the result's, and its smallest numbers. Where the sizes could overflow on the way, no
/// bound holds.
fn sums(rows: impl Iterator<Item = Vec<f64>>, dtype: DType) -> Wanted {
    let inner = if dtype == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
    let limit = if dtype == DType::F64 { f64::MAX } else { f64::from(f32::MAX) };
    let (mut values, mut bounds) = (Vec::new(), Vec::new());
    for row in rows {
        let sum: f64 = row.iter().sum();
        let size: f64 = row.iter().filter(|v| v.is_finite()).map(|v| v.abs()).sum();
        let is_special = row.iter().any(|v| !v.is_finite());
        let bound = 2.0 * row.len() as f64 * (inner * size + tiny(dtype)) + epsilon(dtype) * sum.abs();
        let narrow = dtype == DType::F16 && size > 60000.0;
        values.push(rounded(sum, dtype));
        bounds.push(match is_special {
            _ if narrow || size >= limit * 0.99 => f64::INFINITY,
            true => tiny(dtype),
            false => bound + tiny(dtype),
        });
    }
    Wanted { values: Floats(values), bounds }
}

fn elementwise(name: &str, x: &[Operand], dtype: DType) -> Option<Wanted> {
    let truth = |truths: Vec<bool>| exact(Whole(truths.into_iter().map(i128::from).collect()));
    match (x.first().map(|x| &x.values)?, x.get(1).map(|x| &x.values)) {
        (Floats(a), None) if name == "cast" => match dtype.is_float() {
            true => exact(Floats(a.iter().map(|&v| rounded(v, dtype)).collect())),
            false => exact(Whole(a.iter().map(|&v| saturated(v, dtype)).collect())),
        },
        (Whole(a), None) if name == "cast" => match dtype.is_float() {
            // By way of f64, as the cast says.
            true => exact(Floats(a.iter().map(|&v| rounded(v as f64, dtype)).collect())),
            false => exact(Whole(a.iter().map(|&v| wrapped(v, dtype)).collect())),
        },
        (Floats(a), None) => {
            let function: fn(f64) -> f64 = match name {
                "neg" => |v| -v,
                "abs" => f64::abs,
                "relu" => |v| if v > 0.0 || v.is_nan() { v } else { 0.0 },
                "sqrt" => f64::sqrt,
                "exp" => f64::exp,
                "log" => f64::ln,
                "tanh" => f64::tanh,
                "is_finite" => return truth(a.iter().map(|v| v.is_finite()).collect()),
                _ => return None,
            };
            let values: Vec<f64> = a.iter().map(|&v| rounded(function(v), dtype)).collect();
            let is_exact = matches!(name, "neg" | "abs" | "relu" | "sqrt");
            let bound = |v: &f64| 4.0 * epsilon(dtype) * v.abs() + tiny(dtype);
            let bounds = if is_exact { Vec::new() } else { values.iter().map(bound).collect() };
            Some(Wanted { values: Floats(values), bounds })
        }
        (Whole(a), None) => {
            let function: fn(i128) -> i128 = match name {
                "neg" => |v| -v,
                "abs" => i128::abs,
                "relu" => |v| v.max(0),
                "not" if dtype == DType::Bool => |v| 1 - v,
                "not" => |v| !v,
                _ => return None,
            };
            exact(Whole(a.iter().map(|&v| wrapped(function(v), dtype)).collect()))
        }
        (Floats(a), Some(Floats(b))) => {
            let pairs = || a.iter().copied().zip(b.iter().copied());
            let zero = |v: f64| if v == 0.0 { 0.0f64.copysign(v) } else { v };
            let function: fn(f64, f64) -> f64 = match name {
                "add" => |x, y| x + y,
                "sub" => |x, y| x - y,
                "mul" => |x, y| x * y,
                "div" => |x, y| x / y,
                "maximum" => |x, y| match () {
                    () if x.is_nan() || y.is_nan() => f64::NAN,
                    () if x > y || (x == y && x.is_sign_positive()) => x,
                    () => y,
                },
                "minimum" => |x, y| match () {
                    () if x.is_nan() || y.is_nan() => f64::NAN,
                    () if x < y || (x == y && x.is_sign_negative()) => x,
                    () => y,
                },
                _ => return comparison(name, pairs()).and_then(truth),
            };
            exact(Floats(pairs().map(|(x, y)| zero(rounded(function(x, y), dtype))).collect()))
        }
        (Whole(a), Some(Whole(b))) => {
            let pairs = || a.iter().copied().zip(b.iter().copied());
            let function: fn(i128, i128) -> i128 = match name {
                "add" => |x, y| x + y,
                "sub" => |x, y| x - y,
                "mul" => i128::wrapping_mul,
                "maximum" => |x, y| x.max(y),
                "minimum" => |x, y| x.min(y),
                "and" => |x, y| x & y,
                "or" => |x, y| x | y,
                "xor" => |x, y| x ^ y,
                "int_div" => |x, y| x / y,
                "int_rem" => |x, y| x % y,
                _ => return comparison(name, pairs()).and_then(truth),
            };
            exact(Whole(pairs().map(|(x, y)| wrapped(function(x, y), dtype)).collect()))
        }
        _ => None,
    }
}

fn comparison<T: PartialOrd>(name: &str, pairs: impl Iterator<Item = (T, T)>) -> Option<Vec<bool>> {
    let holds: fn(&T, &T) -> bool = match name {
        "equal" => T::eq,
        "not_equal" => T::ne,
        "less" => T::lt,
        "less_equal" => T::le,
        _ => return None,
    };
    Some(pairs.map(|(x, y)| holds(&x, &y)).collect())
}
