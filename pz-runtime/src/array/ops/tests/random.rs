//! Cases of the primitives about random keys, and which operations keys pass through.

use super::super::random::{ERF_INV, admits_keys};
use super::super::{PRIMITIVES, sort};
use super::{Case, case as case_of, floats};
use crate::array::kernels::pool;
use crate::array::params::{Beyond, Params};
use crate::array::{Array, DType};
use crate::random::Key;

fn keys(dims: &[usize]) -> Array {
    Array::from_vec(Key::new(9).split(dims.iter().product()), dims)
}

fn whole<T: crate::array::Element + From<u8>>(dims: &[usize], salt: usize) -> Array {
    let len = dims.iter().product::<usize>();
    Array::from_vec((0..len).map(|i| T::from((i * 37 + salt * 11) as u8 % 128)).collect::<Vec<T>>(), dims)
}

pub(super) fn case(name: &str) -> Option<Case> {
    let d: &[usize] = &[2, 3];
    match name {
        "fold_in" => Case::new(Params::None, [keys(d), whole::<u32>(d, 1)]),
        "random_bits" => {
            Case::new(Params::DType(DType::U32), [keys(d), whole::<i32>(d, 1), whole::<i32>(d, 2)])
        }
        "random_uniform" => {
            let bounds = |salt| floats(d, 0.5, 1.5, salt);
            Case::new(Params::DType(DType::F64), [whole::<u64>(d, 1), bounds(1), bounds(2)])
        }
        "random_next_up" => Case::new(Params::DType(DType::F64), [floats(d, -0.9, 0.9, 1)]),
        "random_erf_inv" | "random_erf" | "random_neg_log" | "random_exponential" => {
            Case::new(Params::None, [floats(d, 0.1, 0.9, 1)])
        }
        "random_offset" => {
            Case::new(Params::None, [whole::<u32>(d, 1), whole::<u32>(d, 2), whole::<u32>(d, 3)])
        }
        "key_data" => Case::new(Params::None, [keys(d)]),
        "wrap_key_data" => Case::new(Params::None, [whole::<u32>(&[3, 2], 1)]),
        _ => None,
    }
}

/// Every primitive either takes keys in place of its elements, as it takes floats, or refuses them in words.
#[test]
fn keys_pass_through_or_are_refused_in_words() {
    let mut admitted = Vec::new();
    for op in PRIMITIVES {
        let Some(first) = case_of(op).inputs.first().cloned() else { continue };
        let error = Array::apply(op, case_of(op).params, &[&keys(first.dims())]);
        match admits_keys(op) {
            Ok(()) => admitted.push(op.name),
            Err(_) => {
                let error = error.err().unwrap_or_else(|| panic!("{} took keys", op.name)).to_string();
                assert!(error.contains("random keys (dtype key)"), "{}: {error}", op.name);
            }
        }
    }
    assert_eq!(admitted.len(), 24, "{admitted:?}");
}

#[test]
fn keys_move_like_any_elements() {
    let all = Key::new(9).split(6);
    let x = keys(&[2, 3]);
    let read = |array: &Array| array.read().unwrap().to_vec::<Key>();
    assert_eq!(read(&x.permute(&[1, 0]).unwrap()), [0, 3, 1, 4, 2, 5].map(|i| all[i]));
    assert_eq!(read(&x.reverse(1).unwrap().slice(0, 1, 1, 1).unwrap()), [5, 4, 3].map(|i| all[i]));
    assert_eq!(read(&Array::concatenate(&[&x, &x], 0).unwrap())[6..], all[..]);
    let places = Array::from_vec(vec![2i32, 0], &[2]);
    assert_eq!(read(&x.gather(&[1], Beyond::Clip, &[&places]).unwrap()), [2, 5, 0, 3].map(|i| all[i]));
    let picked = Array::apply(&sort::PICK, Params::Axis(1), &[&x, &Array::from_vec(vec![1i32, 0], &[2, 1])]);
    assert_eq!(read(&picked.unwrap()), [all[1], all[3]]);
    let is_first = x.equal(&Array::full_of(Array::scalar(all[0]), &[2, 3]).unwrap()).unwrap();
    assert_eq!(is_first.read().unwrap().to_vec::<bool>(), [true, false, false, false, false, false]);
    let other = keys(&[2, 3]).reverse(1).unwrap();
    assert_eq!(read(&is_first.select(&other, &x).unwrap())[..2], [all[2], all[1]]);
}

#[test]
fn any_number_of_threads_draws_the_same() {
    let draw = || {
        let bits = keys(&[3]).random_bits(50_001, DType::U32).unwrap();
        let numbers = bits
            .map(|bits| {
                Array::apply(&ERF_INV, Params::None, &[&bits.uniform_between(-1.0, 1.0, DType::F32)?])
            })
            .unwrap();
        numbers.cut(&[50_001]).unwrap().read().unwrap().to_vec::<f32>()
    };
    let before = pool::threads();
    pool::set_threads(1);
    let alone = draw();
    for threads in [2, 5] {
        pool::set_threads(threads);
        assert_eq!(draw(), alone);
    }
    pool::set_threads(before);
}
