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
