//! The rest of what operations compute: windows and kernels that slide, running results, orders, updates that combine,
//! bits, and the functions of one number and of two.
//!
//! Bounds: what is combined of n terms is within some n ULP of the sizes that went into it, whatever the order; the
//! functions are within the 4 ULP that vector loops promise at most.

use std::collections::HashMap;

use super::Numbers::{Floats, Whole};
use super::{Operand, Wanted, count, epsilon, exact, folded, ravel, rounded, sums, tiny, unravel, wrapped};
use crate::array::dtype::DType;
use crate::array::kernels::window::Slide;
use crate::array::params::{Beyond, Params};

/// A float or an integer less than 2^53, of either kind of numbers.
fn at(operand: &Operand, place: usize) -> f64 {
    match &operand.values {
        Floats(values) => values[place],
        Whole(values) => values[place] as f64,
    }
}

pub(super) fn compute(
    name: &str,
    params: &Params,
    x: &[Operand],
    dims: &[usize],
    dtype: DType,
) -> Option<Wanted> {
    match (name, params) {
        ("pad", Params::Pad(pads)) => {
            let element = |flat: usize| {
                let mut from = Vec::new();
                for ((pad, i), &size) in pads.iter().zip(unravel(flat, dims)).zip(&x[0].dims) {
                    let (at, step) = (i as i128 - pad.low as i128, pad.interior as i128 + 1);
                    if at < 0 || at % step != 0 || at / step >= size as i128 {
                        return None;
                    }
                    from.push((at / step) as usize);
                }
                Some(ravel(&from, &x[0].dims))
            };
            let places = (0..count(dims)).map(element);
            exact(match (&x[0].values, &x[1].values) {
                (Floats(v), Floats(fill)) => {
                    Floats(places.map(|at| at.map_or(fill[0], |at| v[at])).collect())
                }
                (Whole(v), Whole(fill)) => Whole(places.map(|at| at.map_or(fill[0], |at| v[at])).collect()),
                _ => return None,
            })
        }
        ("prod" | "all" | "any", Params::Axes(axes)) => {
            let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count(dims)];
            for flat in 0..count(&x[0].dims) {
                let index = unravel(flat, &x[0].dims);
                let kept: Vec<usize> =
                    (0..index.len()).filter(|axis| !axes.contains(axis)).map(|axis| index[axis]).collect();
                rows[ravel(&kept, dims)].push(flat);
            }
            combined(name, &x[0], rows, dtype)
        }
        ("cumprod" | "cummax" | "cummin" | "cumlogsumexp", &Params::Axis(axis)) => {
            let name = name.trim_start_matches("cum").replace("logsumexp", "log sum exp");
            combined(&name, &x[0], (0..count(dims)).map(|flat| up_to(flat, dims, axis)).collect(), dtype)
        }
        ("recurrence", &Params::Axis(axis)) => {
            let steps = |flat: usize| {
                up_to(flat, dims, axis).into_iter().fold((0.0, 0.0), |(sum, size): (f64, f64), place| {
                    let (a, b) = (at(&x[0], place), at(&x[1], place));
                    (a * sum + b, (a * size).abs() + b.abs() + tiny(dtype))
                })
            };
            let (values, sizes): (Vec<f64>, Vec<f64>) = (0..count(dims)).map(steps).unzip();
            let most = if dtype == DType::F64 { 1e300 } else { 1e37 };
            let bound = |size: &f64| match *size < most && (dtype != DType::F16 || *size < 6e4) {
                true => 8.0 * dims[axis] as f64 * epsilon(dtype) * size + tiny(dtype),
                false => f64::INFINITY,
            };
            let bounds = sizes.iter().map(bound).collect();
            Some(Wanted { values: Floats(values.into_iter().map(|v| rounded(v, dtype)).collect()), bounds })
        }
        ("argsort", Params::Sort(sort)) => {
            let mut orders: HashMap<Vec<usize>, Vec<usize>> = HashMap::new();
            let place = |flat: usize| {
                let mut index = unravel(flat, dims);
                let at = std::mem::take(&mut index[sort.axis]);
                let order = orders.entry(index).or_insert_with_key(|row| {
                    let along = |i: usize| {
                        let mut from = row.clone();
                        from[sort.axis] = i;
                        ravel(&from, &x[0].dims)
                    };
                    let places: Vec<usize> = (0..x[0].dims[sort.axis]).map(along).collect();
                    let mut order: Vec<usize> = (0..places.len()).collect();
                    order.sort_by(|&a, &b| {
                        let way = match &x[0].values {
                            Floats(v) => {
                                let (a, b) = (v[places[a]], v[places[b]]);
                                a.partial_cmp(&b).unwrap_or(a.is_nan().cmp(&b.is_nan()))
                            }
                            Whole(v) => v[places[a]].cmp(&v[places[b]]),
                        };
                        if sort.descending { way.reverse() } else { way }
                    });
                    order
                });
                order[at] as i128
            };
            exact(Whole((0..count(dims)).map(place).collect()))
        }
        ("deal", &Params::Along { axis, .. }) => {
            let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count(dims)];
            for flat in 0..count(&x[0].dims) {
                let mut to = unravel(flat, &x[0].dims);
                to[axis] = x[1].whole(flat) as usize;
                rows[ravel(&to, dims)].push(flat);
            }
            Some(folded("sum", &x[0], &rows, dtype))
        }
        (
            "scatter_mul" | "scatter_min" | "scatter_max",
            Params::Places { axes, beyond: Beyond::Zero, .. },
        ) if axes.len() == 1 => {
            let (axis, places, updates) = (axes[0], &x[1], &x[2]);
            let mut out = x[0].values.clone();
            for flat in 0..count(&updates.dims) {
                let index = unravel(flat, &updates.dims);
                let (from, rest) = index.split_at(places.dims.len());
                let (place, size) = (places.whole(ravel(from, &places.dims)), dims[axis] as i128);
                let place = if place < 0 { place + size } else { place };
                if !(0..size).contains(&place) {
                    continue;
                }
                let mut to = rest.to_vec();
                to.insert(axis, place as usize);
                let to = ravel(&to, dims);
                match (&mut out, &updates.values) {
                    (Floats(out), Floats(new)) => {
                        out[to] = match name {
                            "scatter_mul" => rounded(out[to] * new[flat], dtype),
                            _ if out[to].is_nan() || new[flat].is_nan() => f64::NAN,
                            "scatter_min" => out[to].min(new[flat]),
                            _ => out[to].max(new[flat]),
                        }
                    }
                    (Whole(out), Whole(new)) => {
                        out[to] = match name {
                            "scatter_mul" => wrapped(out[to].wrapping_mul(new[flat]), dtype),
                            "scatter_min" => out[to].min(new[flat]),
                            _ => out[to].max(new[flat]),
                        }
                    }
                    _ => return None,
                }
            }
            // Which of two zeros is the smaller is not said.
            Some(Wanted { values: out, bounds: vec![f64::from_bits(1); count(dims)] })
        }
        ("window_sum" | "window_max" | "window_min", Params::Slides(slides)) => {
            let rows: Vec<Vec<usize>> =
                (0..count(dims)).map(|flat| seen(flat, dims, slides, &x[0].dims)).collect();
            match name {
                "window_sum" => Some(folded("sum", &x[0], &rows, dtype)),
                // Of padding alone there is no element.
                _ if rows.iter().any(Vec::is_empty) => None,
                _ => combined(name.trim_start_matches("window_"), &x[0], rows, dtype),
            }
        }
        ("conv", Params::Slides(slides)) => {
            let (rank, spatial) = (dims.len(), slides.len());
            // What is beside the array is a zero, which NaN and infinity of the kernel meet.
            let terms = |flat: usize| -> Vec<(Option<usize>, usize)> {
                let index = unravel(flat, dims);
                let kernel = &x[1].dims;
                let term = |k: usize| {
                    let inner = unravel(k, &kernel[1..rank - 1]);
                    let place = |axis: usize| {
                        element(&slides[axis], index[2 + axis], inner[axis], x[0].dims[2 + axis])
                    };
                    let places = (0..spatial).map(place).collect::<Option<Vec<usize>>>();
                    let left = places.map(|places| [&index[..2], &places, &inner[spatial..]].concat());
                    let right = [&[index[0]][..], &inner, &[index[rank - 1]]].concat();
                    (left.map(|left| ravel(&left, &x[0].dims)), ravel(&right, kernel))
                };
                (0..count(&kernel[1..rank - 1])).map(term).collect()
            };
            let rows = (0..count(dims)).map(terms);
            match (&x[0].values, &x[1].values) {
                (Floats(a), Floats(b)) => {
                    let term = |(l, r): (Option<usize>, usize)| l.map_or(0.0, |l| a[l]) * b[r];
                    Some(sums(rows.map(|row| row.into_iter().map(term).collect()), dtype))
                }
                (Whole(a), Whole(b)) => {
                    let term = |(l, r): (Option<usize>, usize)| {
                        wrapped(l.map_or(0, |l| a[l]).wrapping_mul(b[r]), dtype)
                    };
                    let sum = |row: Vec<(Option<usize>, usize)>| row.into_iter().map(term).sum::<i128>();
                    exact(Whole(rows.map(|row| wrapped(sum(row), dtype)).collect()))
                }
                _ => None,
            }
        }
        _ => functions(name, x, dtype),
    }
}

/// The elements along an axis up to and with this one.
fn up_to(flat: usize, dims: &[usize], axis: usize) -> Vec<usize> {
    let mut index = unravel(flat, dims);
    let last = index[axis];
    let mut to = |i: usize| {
        index[axis] = i;
        ravel(&index, dims)
    };
    (0..=last).map(&mut to).collect()
}

/// The element of an axis that a window sees at one of its places.
fn element(slide: &Slide, window: usize, place: usize, len: usize) -> Option<usize> {
    let at = (window * slide.stride + place * slide.dilation) as i128 - slide.low as i128;
    let spread = slide.spread as i128;
    (at >= 0 && at % spread == 0 && at / spread < len as i128).then_some((at / spread) as usize)
}

/// The elements that a window sees.
fn seen(flat: usize, dims: &[usize], slides: &[Slide], lens: &[usize]) -> Vec<usize> {
    let window = unravel(flat, dims);
    let sizes: Vec<usize> = slides.iter().map(|slide| slide.size).collect();
    let from = |k: usize| {
        let place = unravel(k, &sizes);
        let axes = (0..lens.len()).map(|a| element(&slides[a], window[a], place[a], lens[a]));
        axes.collect::<Option<Vec<usize>>>().map(|from| ravel(&from, lens))
    };
    (0..count(&sizes)).filter_map(from).collect()
}

/// Rows of elements made one each, by what [`folded`] does not know.
fn combined(name: &str, x: &Operand, rows: Vec<Vec<usize>>, dtype: DType) -> Option<Wanted> {
    let inner = if dtype == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
    match &x.values {
        Whole(v) => {
            let fold = |row: &Vec<usize>| {
                let row = || row.iter().map(|&at| v[at]);
                match name {
                    "prod" => row().fold(1i128, |product, v| wrapped(product.wrapping_mul(v), dtype)),
                    "all" => i128::from(row().all(|v| v != 0)),
                    "any" => i128::from(row().any(|v| v != 0)),
                    "max" => row().max().unwrap_or(0),
                    _ => row().min().unwrap_or(0),
                }
            };
            exact(Whole(rows.iter().map(fold).collect()))
        }
        Floats(_) if matches!(name, "max" | "min") => {
            let mut wanted = folded(name, x, &rows, dtype);
            // Which of two zeros is the smaller is not said.
            wanted.bounds = vec![f64::from_bits(1); rows.len()];
            Some(wanted)
        }
        Floats(v) => {
            let (mut values, mut bounds) = (Vec::new(), Vec::new());
            for row in rows {
                let terms: Vec<f64> = row.iter().map(|&at| v[at]).collect();
                let n = terms.len() as f64;
                let (value, bound) = if name == "prod" {
                    let product: f64 = terms.iter().product();
                    let most: f64 = terms.iter().map(|v| v.abs().max(1.0)).product();
                    let least: f64 = terms.iter().map(|v| v.abs().min(1.0)).product();
                    // On the way it may overflow, or vanish before it grows.
                    let limit = if dtype == DType::F64 { 1e300 } else { 1e37 };
                    let is_wild = most > limit || (least < 1.0 / limit && most > 1.0 && least > 0.0);
                    let is_wild = is_wild || (least == 0.0 && most > 1.0 && !terms.contains(&0.0));
                    let is_narrow = dtype == DType::F16 && most > 6e4;
                    match product.is_nan() {
                        true => (product, 0.0),
                        false if is_wild || is_narrow => (product, f64::INFINITY),
                        false => (product, 2.0 * n * inner * product.abs()),
                    }
                } else {
                    let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let sum: f64 = terms.iter().map(|v| (v - most).exp()).sum();
                    let is_nan = terms.iter().any(|v| v.is_nan());
                    match most {
                        _ if is_nan => (f64::NAN, 0.0),
                        most if most.is_infinite() => (most, 0.0),
                        most => (most + sum.ln(), 8.0 * n * inner * (most.abs() + n.ln() + 1.0)),
                    }
                };
                values.push(rounded(value, dtype));
                bounds.push(bound + epsilon(dtype) * value.abs() + tiny(dtype));
            }
            // NaN and infinity have no distance from anything.
            bounds.iter_mut().zip(&values).for_each(|(bound, value)| {
                if value.is_nan() {
                    *bound = 0.0;
                }
            });
            Some(Wanted { values: Floats(values), bounds })
        }
    }
}

/// The bits of an integer type.
fn width(dtype: DType) -> u32 {
    8 * dtype.size() as u32
}

fn functions(name: &str, x: &[Operand], dtype: DType) -> Option<Wanted> {
    match (x.first().map(|x| &x.values)?, x.get(1).map(|x| &x.values)) {
        (Floats(a), None) => {
            let function: fn(f64) -> f64 = match name {
                "floor" => f64::floor,
                "ceil" => f64::ceil,
                "round" => f64::round_ties_even,
                "sign" => |v| if v == 0.0 || v.is_nan() { v } else { v.signum() },
                "expm1" => f64::exp_m1,
                "log1p" => f64::ln_1p,
                "rsqrt" => |v| 1.0 / v.sqrt(),
                "cbrt" => f64::cbrt,
                "sigmoid" => |v| 1.0 / (1.0 + (-v).exp()),
                "sin" => f64::sin,
                "cos" => f64::cos,
                "tan" => f64::tan,
                "asin" => f64::asin,
                "acos" => f64::acos,
                "atan" => f64::atan,
                "sinh" => f64::sinh,
                "cosh" => f64::cosh,
                // The standard library's doubles its argument, which overflows.
                "asinh" => libm::asinh,
                // The standard library's adds 1 to what is small near 1, and loses its digits.
                "acosh" => |v| if v < 1.0 { f64::NAN } else { libm::acosh(v) },
                "atanh" => f64::atanh,
                "erf" => libm::erf,
                "erfc" => libm::erfc,
                _ => return None,
            };
            let bound = match name {
                "floor" | "ceil" | "round" | "sign" => 0.0,
                _ => 4.0,
            };
            Some(within(a.iter().map(|&v| function(v)), bound, dtype))
        }
        (Floats(a), Some(Floats(b))) => {
            let function: fn(f64, f64) -> f64 = match name {
                "rem" => |x, y| x % y,
                "pow" => f64::powf,
                "atan2" => f64::atan2,
                "logaddexp" => |x, y| match x.max(y) {
                    _ if x.is_nan() || y.is_nan() => f64::NAN,
                    most if most.is_infinite() => most,
                    most => most + (-(x - y).abs()).exp().ln_1p(),
                },
                _ => return None,
            };
            let values = a.iter().zip(b).map(|(&x, &y)| function(x, y));
            let mut wanted = within(values, if name == "rem" { 0.0 } else { 4.0 }, dtype);
            if name == "logaddexp" {
                // Near 0 it is the difference of two numbers.
                let sizes = a.iter().zip(b).map(|(x, y)| x.abs().max(y.abs()));
                let sizes: Vec<f64> = sizes.map(|size| if size.is_finite() { size } else { 0.0 }).collect();
                wanted.bounds.iter_mut().zip(sizes).for_each(|(bound, size)| {
                    if *bound > 0.0 {
                        *bound += 4.0 * epsilon(dtype) * (size + 1.0);
                    }
                });
            }
            Some(wanted)
        }
        (Whole(a), None) => {
            let bits = width(dtype);
            let function = |v: i128| match name {
                "sign" => Some(v.signum()),
                "population_count" => Some(i128::from((v as u128 & ((1u128 << bits) - 1)).count_ones())),
                _ => None,
            };
            exact(Whole(a.iter().map(|&v| function(v)).collect::<Option<_>>()?))
        }
        (Whole(a), Some(Whole(b))) => {
            let bits = width(dtype);
            let mask = (1u128 << bits) - 1;
            let function = |x: i128, y: i128| -> Option<i128> {
                let by = u32::try_from(y as u128 & mask).unwrap_or(u32::MAX);
                let is_far = by >= bits;
                Some(match name {
                    "shift_left" => {
                        if is_far {
                            0
                        } else {
                            x << by
                        }
                    }
                    "shift_right_logical" => {
                        if is_far {
                            0
                        } else {
                            ((x as u128 & mask) >> by) as i128
                        }
                    }
                    "shift_right_arithmetic" => x >> by.min(bits - 1 + u32::from(x >= 0)),
                    "int_pow" => (0..y).fold(1i128, |power, _| wrapped(power.wrapping_mul(x), dtype)),
                    _ => return None,
                })
            };
            let values: Option<Vec<i128>> = a.iter().zip(b).map(|(&x, &y)| function(x, y)).collect();
            exact(Whole(values?.into_iter().map(|v| wrapped(v, dtype)).collect()))
        }
        _ => None,
    }
}

/// The numbers nearest to these, and so many ULP around them; NaN and infinities as they are.
fn within(values: impl Iterator<Item = f64>, bound: f64, dtype: DType) -> Wanted {
    let values: Vec<f64> = values.map(|v| rounded(v, dtype)).collect();
    let around = |v: &f64| match v.is_finite() && bound > 0.0 {
        true => bound * epsilon(dtype) * v.abs() + tiny(dtype),
        false => 0.0,
    };
    let bounds = values.iter().map(around).collect();
    Wanted { values: Floats(values), bounds }
}
