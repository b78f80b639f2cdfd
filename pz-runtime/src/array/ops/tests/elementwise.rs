//! Cases of the elementwise primitives.

use super::{Case, floats, truths, values};
use crate::array::params::Params;
use crate::array::{Array, DKind, DType};

pub(super) fn case(name: &str) -> Option<Case> {
    let d: &[usize] = &[2, 3];
    let any = |salt| floats(d, -2.0, 2.0, salt);
    let positive = |salt| floats(d, 0.5, 2.0, salt);
    let inside = |salt| floats(d, -0.9, 0.9, salt);
    let whole = |values: [i32; 6]| Array::from_vec(values.to_vec(), d);
    match name {
        "neg" | "abs" | "sign" | "relu" | "exp" | "expm1" | "sin" | "cos" | "sinh" | "cosh" | "tanh"
        | "asinh" | "atan" | "sigmoid" | "erf" | "erfc" | "floor" | "ceil" | "round" | "is_finite" => {
            Case::new(Params::None, [any(1)])
        }
        "log" | "log1p" | "sqrt" | "rsqrt" | "cbrt" | "lgamma" => Case::new(Params::None, [positive(1)]),
        "tan" | "asin" | "acos" | "atanh" | "erf_inv" => Case::new(Params::None, [inside(1)]),
        "acosh" => Case::new(Params::None, [floats(d, 1.2, 3.0, 1)]),
        "polygamma" => Case::new(Params::Order(2), [positive(1)]),
        "cast" => Case::new(Params::DType(DType::F32), [any(1)]),
        "not" => Case::new(Params::None, [truths(d)]),
        "and" | "or" | "xor" => Case::new(Params::None, [truths(d), truths(d)]),
        "add" | "sub" | "mul" | "maximum" | "minimum" | "equal" | "not_equal" | "less" | "less_equal"
        | "atan2" | "logaddexp" => Case::new(Params::None, [any(1), any(2)]),
        "div" | "pow" | "rem" => Case::new(Params::None, [positive(1), positive(2)]),
        "population_count" => Case::new(Params::None, [whole([0, -1, 5, i32::MIN, 255, 6])]),
        "shift_left" | "shift_right_logical" | "shift_right_arithmetic" => {
            Case::new(Params::None, [whole([1, -1, 5, -7, 255, 6]), whole([0, 31, 2, 1, 32, -1])])
        }
        "int_div" | "int_rem" => {
            Case::new(Params::None, [whole([7, -7, 7, -7, i32::MIN, 0]), whole([2, 2, -2, -2, -1, 5])])
        }
        "int_pow" => Case::new(Params::None, [whole([7, -7, 3, 0, 2, 5]), whole([2, 3, 0, 0, 40, 1])]),
        "select" => Case::new(Params::None, [truths(d), any(1), any(2)]),
        _ => None,
    }
}

/// Every integer type, by the values that fit all.
#[test]
fn integers_of_every_width_compute_the_same() {
    let x = Array::from_vec(vec![1i64, 2, 3, 5, 7, 100], &[6]);
    let y = Array::from_vec(vec![1i64, 1, 2, 3, 2, 3], &[6]);
    let wanted: [(&str, [f64; 6]); 6] = [
        ("div", [1., 2., 1., 1., 3., 33.]),
        ("rem", [0., 0., 1., 2., 1., 1.]),
        ("left", [2., 4., 12., 40., 28., 800.]),
        ("right", [0., 1., 0., 0., 1., 12.]),
        ("ones", [1., 1., 2., 2., 3., 3.]),
        ("xor", [0., 3., 1., 6., 5., 103.]),
    ];
    for dtype in DType::ALL.into_iter().filter(|dtype| dtype.kind() == DKind::Int) {
        let (x, y) = (x.cast(dtype).unwrap(), y.cast(dtype).unwrap());
        for (op, wanted) in wanted {
            let found = match op {
                "div" => x.int_div(&y),
                "rem" => x.rem(&y),
                "left" => x.shift_left(&y),
                "right" => x.shift_right_arithmetic(&y),
                "ones" => x.population_count(),
                _ => x.xor(&y),
            };
            let found = values(&found.unwrap());
            // 800 is beyond 8 bits.
            let fits = |v: f64| if dtype.size() == 1 && v == 800.0 { f64::from(800u16 as u8) } else { v };
            let wanted =
                wanted.map(|v| if dtype == DType::I8 { f64::from(fits(v) as u8 as i8) } else { fits(v) });
            assert_eq!(found, wanted, "{op} of {dtype}");
        }
    }
}

#[test]
fn the_widest_unsigned_integers_have_no_sign() {
    let x = Array::from_vec(vec![u64::MAX, u64::MAX - 1], &[2]);
    let y = Array::from_vec(vec![2u64, u64::MAX], &[2]);
    let read = |array: Array| array.read().unwrap().to_vec::<u64>();
    assert_eq!(read(x.int_div(&y).unwrap()), [u64::MAX / 2, 0]);
    assert_eq!(read(x.rem(&y).unwrap()), [1, u64::MAX - 1]);
    assert_eq!(read(x.shift_right_arithmetic(&y).unwrap()), [u64::MAX >> 2, 0]);
}

#[test]
fn what_integers_cannot_do_fails_at_the_read_and_names_the_elements() {
    let x = Array::from_vec(vec![7i32, 8], &[2]);
    let y = Array::from_vec(vec![2i32, 0], &[2]);
    for result in [x.int_div(&y), x.rem(&y), x.pow(&Array::from_vec(vec![0i32, -1], &[2]))] {
        let error = result.unwrap().read().err().expect("there is no such number").to_string();
        assert!(error.contains("element 1 of the operands is 8 and ") && error.contains(file!()), "{error}");
    }
}

/// A chain that uses scalars twice, an operand in another memory order, halves and truth values; `look` is shown each
/// value on the way.
fn chain(x: &Array, turned: &Array, look: impl Fn(&Array)) -> Array {
    let y = x.mul_scalar(0.75).unwrap();
    look(&y);
    let y = y.add(turned).unwrap();
    look(&y);
    let y = y.cast(DType::BF16).unwrap().exp().unwrap().cast(DType::F32).unwrap();
    look(&y);
    let small = y.less(&y.full_like(0.75).unwrap()).unwrap();
    look(&small);
    let y = small.select(&y, x).unwrap().mul_scalar(0.75).unwrap();
    look(&y);
    y.tanh().unwrap()
}

#[test]
fn fused_operations_give_the_bits_of_single_ones() {
    for dims in [[1, 1], [3, 7], [129, 1031]] {
        let x = floats(&dims, -3.0, 3.0, 5).cast(DType::F32).unwrap();
        let turned = floats(&[dims[1], dims[0]], -3.0, 3.0, 6).cast(DType::F32).unwrap();
        let turned = Array::from_buffer(turned.read().unwrap()).permute(&[1, 0]).unwrap();
        let bits = |array: Array| {
            array.read().unwrap().to_vec::<f32>().iter().map(|v| v.to_bits()).collect::<Vec<_>>()
        };
        let single = bits(chain(&x, &turned, |value| value.eval()));
        assert_eq!(bits(chain(&x, &turned, |_| ())), single, "{dims:?}");
    }
}

#[test]
fn results_written_past_the_caches_are_whole() {
    let len = (32 << 20) / size_of::<f32>() + 3;
    let x = Array::from_vec((0..len).map(|i| (i % 1021) as f32).collect::<Vec<f32>>(), &[len]);
    let found = x.add(&x).unwrap().read().unwrap().to_vec::<f32>();
    assert!(found.iter().enumerate().all(|(i, v)| *v == 2.0 * (i % 1021) as f32));
}

/// Some functions that have no vector loop: each is rounded from `f64`, whose own functions are good to far below one
/// ULP of an `f32`; the reciprocal root is rounded twice.
#[test]
fn functions_by_way_of_f64_are_within_their_bounds() {
    type Function = fn(&Array) -> crate::Result<Array>;
    type Exact = fn(f64) -> f64;
    let all = || (0..u32::MAX).step_by(99_991).map(f32::from_bits).filter(|x| x.is_normal());
    let functions: [(&str, Function, Exact, f64); 5] = [
        ("asinh", Array::asinh, f64::asinh, 0.501),
        ("acosh", Array::acosh, f64::acosh, 0.501),
        ("atanh", Array::atanh, f64::atanh, 0.501),
        ("sqrt", Array::sqrt, f64::sqrt, 0.5),
        ("rsqrt", Array::rsqrt, |x| 1.0 / x.sqrt(), 1.5),
    ];
    for (name, function, exact, bound) in functions {
        let points: Vec<f32> = all().filter(|x| exact(f64::from(*x)).is_finite()).collect();
        let found = function(&Array::from_vec(points.clone(), &[points.len()])).unwrap();
        let found = found.read().unwrap().to_vec::<f32>();
        for (x, found) in points.into_iter().zip(found) {
            let exact = exact(f64::from(x));
            if (exact as f32).is_infinite() || exact.abs() < f64::from(f32::MIN_POSITIVE) {
                continue;
            }
            let unit = (exact.abs().log2().floor() - 23.0).exp2();
            let error = (f64::from(found) - exact).abs() / unit;
            assert!(error <= bound, "{name}({x:e}) = {found:e} is off by {error} ULP");
        }
    }
}

/// Just beside the middle of two halves, where a way of rounding that drops some of the fraction sees the middle. What is
/// wanted is what JAX 0.10.2 gives with `JAX_ENABLE_X64=1`: `jnp.asarray(numbers).astype(dtype)`, and `jnp.sum`.
#[test]
fn halves_are_rounded_as_xla_rounds_them() {
    let (b, f) = (2f64.powi(-8), 2f64.powi(-11));
    let end = |power| 2f64.powi(power);
    let numbers = Array::from_vec(
        vec![1.0 + b + end(-22), 1.0 + b, 1.0 + b + end(-30), 1.0 + f + end(-23), 1.0 + f + end(-30), 1e300],
        &[6],
    );
    // The last is beside the middle of two `f32`s too, where one that was an `f64` before does not see it.
    let large = (1i64 << 60) + (1 << 52) + (1 << 36) + 1;
    let integers = vec![(1 << 30) + (1 << 22) + (1 << 7), (1 << 30) + (1 << 22) + 1, -2051, large];
    let integers = Array::from_vec(integers, &[4]);
    let terms = [[1.0, b, end(-22)], [1.0, b, 0.0], [1.0, f, end(-23)]];
    let terms = Array::from_vec(terms.as_flattened().to_vec(), &[3, 3]);
    type Bits<'a> = (DType, &'a [u16], &'a [u16], &'a [u16]);
    let wanted: [Bits<'_>; 2] = [
        (
            DType::BF16,
            &[0x3f81, 0x3f80, 0x3f80, 0x3f80, 0x3f80, 0x7f80],
            &[0x4e81, 0x4e80, 0xc500, 0x5d81],
            &[0x3f81, 0x3f80, 0x3f80],
        ),
        (
            DType::F16,
            &[0x3c04, 0x3c04, 0x3c04, 0x3c01, 0x3c00, 0x7c00],
            &[0x7c00, 0x7c00, 0xe802, 0x7c00],
            &[0x3c04, 0x3c04, 0x3c01],
        ),
    ];
    let single = integers.cast(DType::F32).unwrap().read().unwrap().to_vec::<f32>();
    assert_eq!(single[3].to_bits(), 0x5d80_8001, "an integer as f32");
    let unsigned = Array::from_vec(vec![(1u64 << 63) + (1 << 55) + (1 << 39) + 1], &[1]);
    let single = unsigned.cast(DType::F32).unwrap().read().unwrap().to_vec::<f32>();
    assert_eq!(single[0].to_bits(), 0x5f00_8001, "an unsigned integer as f32");
    for (dtype, of_numbers, of_integers, of_sums) in wanted {
        let bits = |array: Array| -> Vec<u16> {
            let halves = array.read().unwrap();
            match dtype {
                DType::BF16 => halves.to_vec::<half::bf16>().into_iter().map(half::bf16::to_bits).collect(),
                _ => halves.to_vec::<half::f16>().into_iter().map(half::f16::to_bits).collect(),
            }
        };
        assert_eq!(bits(numbers.cast(dtype).unwrap()), of_numbers, "numbers as {dtype}");
        assert_eq!(bits(integers.cast(dtype).unwrap()), of_integers, "integers as {dtype}");
        let sums = terms.cast(dtype).unwrap();
        sums.eval();
        // By the kernel of reductions: of the first axis.
        let turned = sums.permute(&[1, 0]).unwrap();
        assert_eq!(bits(sums.sum(&[1]).unwrap()), of_sums, "sums of {dtype}");
        assert_eq!(bits(turned.sum(&[0]).unwrap()), of_sums, "sums of columns of {dtype}");
    }
}
