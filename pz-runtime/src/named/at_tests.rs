//! Places that are out of range, sizes of 0, updates in place, threads, and what the errors say.

use crate::DType;
use crate::array::{set_threads, threads};
use crate::named::{NamedArray, OutOfRange, grad, slice};

fn list(values: &[i32]) -> NamedArray {
    NamedArray::from_positional(values.to_vec(), &[values.len()]).unwrap()
}

fn floats(len: usize, name: &'static str) -> NamedArray {
    NamedArray::from_vec((0..len).map(|i| (i as f32 * 0.37).sin()).collect(), [(name, len)]).unwrap()
}

#[test]
fn a_place_out_of_range_fails_at_the_read_where_that_is_asked_for() {
    let x = floats(5, "v");
    let at = x.at([("v", &list(&[0, 4, -6, 9]))]).unwrap().out_of_range(OutOfRange::Fail);
    let (read, added) = (at.get().unwrap(), at.add(1.0).unwrap());
    for failed in [read.eval(), added.eval()] {
        let text = failed.unwrap_err().to_string();
        assert!(text.contains("the place -6 is out of range for the axis `v`, whose size is 5"), "{text}");
        assert!(text.contains("at_tests.rs"), "{text}");
    }
    let within = x.at([("v", &list(&[0, 4, -5]))]).unwrap().out_of_range(OutOfRange::Fail);
    assert!(within.get().unwrap().eval().is_ok());
}

#[test]
fn an_axis_of_size_zero_has_nothing_to_take() {
    let x = NamedArray::zeros([("v", 0), ("e", 2)], DType::F32).unwrap();
    let text = x.take("v", &list(&[0])).unwrap_err().to_string();
    assert!(text.contains("the axis `v` has size 0"), "{text}");
    assert_eq!(x.take("v", &list(&[])).unwrap().len(), 0);
    let at = x.at([("v", &list(&[0, -1]))]).unwrap().out_of_range(OutOfRange::Fill);
    let filled = at.get().unwrap().to_vec::<f32>().unwrap();
    assert!(filled.len() == 4 && filled.iter().all(|v| v.is_nan()));
    assert!(at.set(1.0).unwrap().is_empty());
    let none = NamedArray::zeros([("v", 3), ("e", 0)], DType::F32).unwrap();
    assert!(none.take("v", &list(&[7, 1])).unwrap().to_vec::<f32>().unwrap().is_empty());
}

#[test]
fn unsigned_places_beyond_the_signed_ones_are_not_from_the_end() {
    let x = floats(3, "v");
    let far = NamedArray::from_positional(vec![u64::MAX, 1], &[2]).unwrap();
    let read = x.take("v", &far).unwrap().to_vec::<f32>().unwrap();
    let all = x.to_vec::<f32>().unwrap();
    assert_eq!(read, [all[2], all[1]]);
}

#[test]
fn updates_of_the_last_holder_are_in_place() {
    let mut x = NamedArray::from_vec(vec![0f32; 6], [("v", 6)]).unwrap();
    let before = x.array.read().unwrap().storage::<f32>().as_ptr();
    for at in 0..4 {
        x = x.at([("v", &NamedArray::scalar(at))]).unwrap().add(at as f32).unwrap();
        x.eval().unwrap();
    }
    assert_eq!(x.to_vec::<f32>().unwrap(), [0., 1., 2., 3., 0., 0.]);
    assert_eq!(x.array.read().unwrap().storage::<f32>().as_ptr(), before);
    let held = x.clone();
    x.at([("v", &list(&[0]))]).unwrap().set(9.0).unwrap().eval().unwrap();
    assert_eq!(held.to_vec::<f32>().unwrap()[0], 0.0);
}

#[test]
fn a_block_is_set_as_one() {
    let x = NamedArray::from_vec((0..24).collect::<Vec<i32>>(), [("a", 2), ("b", 3), ("c", 4)]).unwrap();
    let scatters = |x: &NamedArray| {
        let mut queue = vec![x.array.as_node().clone()];
        let mut names = Vec::new();
        while let Some(node) = queue.pop() {
            names.extend(node.op.map(|op| op.name));
            queue.extend(node.inputs());
        }
        names.iter().any(|name| name.starts_with("scatter"))
    };
    let block = x.at((("b", slice(1..)), ("c", -1))).unwrap();
    let values = NamedArray::from_vec(vec![-1, -2], [("b", 2)]).unwrap();
    let set = block.set(&values).unwrap();
    assert!(!scatters(&set));
    let mut wanted: Vec<i32> = (0..24).collect();
    [(7, -1), (11, -2), (19, -1), (23, -2)].iter().for_each(|&(at, value)| wanted[at] = value);
    assert_eq!(set.order_as(["a", "b", "c"]).unwrap().to_vec::<i32>().unwrap(), wanted);
    // Gaps, places that are not there, and sums are no blocks.
    for index in [(slice(..).step(2), 0), (slice(..), 4), (slice(..), -5)] {
        assert!(scatters(&x.at((("b", index.0), ("c", index.1))).unwrap().set(0).unwrap()));
    }
    assert!(scatters(&block.add(1).unwrap()));
    // The last holder is written in place, here too.
    let mut x = NamedArray::from_vec(vec![0f32; 6], [("v", 6)]).unwrap();
    let before = x.array.read().unwrap().storage::<f32>().as_ptr();
    for at in 0..6 {
        x = x.at([("v", at)]).unwrap().set(at as f32).unwrap();
        x.eval().unwrap();
    }
    assert_eq!(x.to_vec::<f32>().unwrap(), [0., 1., 2., 3., 4., 5.]);
    assert_eq!(x.array.read().unwrap().storage::<f32>().as_ptr(), before);
}

#[test]
fn repeated_places_add_in_order_whatever_the_threads() {
    // Wide enough that slices are cut between threads, with sums that depend on their order.
    let (rows, width, count) = (7usize, 300usize, 500usize);
    let places: Vec<i32> = (0..count).map(|i| ((i * i) % 9) as i32).collect();
    let values: Vec<f32> =
        (0..count * width).map(|i| (i as f32).sin() * 10f32.powi((i % 9) as i32 - 4)).collect();
    let mut wanted = vec![0f32; rows * width];
    for (row, &place) in places.iter().enumerate().filter(|(_, place)| (**place as usize) < rows) {
        for e in 0..width {
            wanted[place as usize * width + e] += values[row * width + e];
        }
    }
    let x = NamedArray::zeros([("v", rows), ("e", width)], DType::F32).unwrap();
    let values = NamedArray::from_vec(values, [("k", count), ("e", width)]).unwrap().untag("k").unwrap();
    let before = threads();
    for n in [1, 2, 3] {
        set_threads(n);
        let sum = x.at([("v", &list(&places))]).unwrap().add(&values).unwrap();
        let sum = sum.order_as(["v", "e"]).unwrap().to_vec::<f32>().unwrap();
        assert!(sum.iter().zip(&wanted).all(|(a, b)| a.to_bits() == b.to_bits()), "{n} threads");
    }
    set_threads(before);
}

#[test]
fn second_derivatives_of_updates() {
    // d/du d/dx of sum over k of (x[p_k] u_k)^2, by gathers and scatters.
    let (x, u) = (floats(3, "v"), floats(2, "k"));
    let places = list(&[2, 2]);
    let second = grad(
        |x| {
            let inner = grad(
                |x| {
                    let read = x[0].at([("v", &places)])?.get()?.tag("k")?;
                    read.mul(&u)?.square()?.sum("k")
                },
                &[x[0].clone()],
            )?;
            inner[0].sum("v")
        },
        &[x],
    );
    let u = u.to_vec::<f32>().unwrap();
    let found = second.unwrap()[0].to_vec::<f32>().unwrap();
    assert_eq!(found, [0.0, 0.0, 2.0 * u[0] * u[0] + 2.0 * u[1] * u[1]]);
}

#[test]
fn mismatches_are_all_in_the_report() {
    let x = NamedArray::zeros([("a", 2), ("b", 3)], DType::F32).unwrap();
    let says = |error: crate::Error, parts: &[&str]| {
        let text = error.to_string();
        parts.iter().for_each(|part| assert!(text.contains(part), "{text}"));
    };
    says(x.take("b", &floats(2, "k")).unwrap_err(), &["along `b` are f32", "cast(DType::I32)"]);
    says(x.at([("z", &list(&[0]))]).unwrap_err(), &["no axis `z`", "a:2, b:3"]);
    let places = NamedArray::zeros([("a", 3), ("k", 4)], DType::I32).unwrap();
    says(x.take("b", &places).unwrap_err(), &["the axis `a` has size 2 in the array and 3", "along `b`"]);
    let two = x.at([("a", &list(&[0, 1])), ("b", &list(&[0, 1, 2]))]).unwrap();
    says(two.get().unwrap_err(), &["[3]", "[2]", "along `b`"]);
    let at = x.at([("b", &list(&[0, 1]))]).unwrap();
    says(at.set(floats(3, "b")).unwrap_err(), &["the values have the axis `b`, which is indexed"]);
    says(at.set(floats(3, "a")).unwrap_err(), &["size 2 in the array", "3 in the values"]);
    says(at.add(list(&[1, 2, 3])).unwrap_err(), &["[3] does not broadcast to [2]", "untag"]);
    let whole = NamedArray::zeros([("b", 3)], DType::I32).unwrap();
    says(whole.at([("b", &list(&[0]))]).unwrap().add(0.5).unwrap_err(), &["the array is i32"]);
}
