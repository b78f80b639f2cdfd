//! Shapes that cannot be, told at the call with its line and with everything that is wrong; arrays that no memory holds,
//! told at the read.

use std::sync::Arc;

use pz::named::{Conv, Pad, PadMode, Slide};
use pz::{AxisName, DType, Error, NamedArray, Result, nx};

fn wide(size: usize) -> NamedArray {
    NamedArray::ones([("n", size)], DType::F32).expect("a number that is repeated needs no memory")
}

#[track_caller]
fn told<T>(outcome: Result<T>, parts: &[&str]) -> String {
    let Err(error) = outcome else { panic!("there is a value where {parts:?} should be told") };
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{text}\n  should name: {part}");
    }
    text
}

#[test]
fn shapes_whose_product_overflows_are_refused_at_the_call() {
    let beyond = ["too large"];
    told(NamedArray::zeros([("a", 1 << 40), ("b", 1 << 40)], DType::U8), &beyond);
    told(NamedArray::full([("a", usize::MAX), ("b", usize::MAX)], 1), &beyond);
    told(NamedArray::zeros([("a", isize::MAX as usize + 1)], DType::Bool), &beyond);
    // As in numpy, beside an axis of size 0 too.
    told(NamedArray::zeros([("a", 1 << 40), ("b", 1 << 40), ("c", 0)], DType::U8), &beyond);
    told(NamedArray::from_vec(Vec::<u8>::new(), [("a", 0), ("b", 1 << 62), ("c", 4)]), &beyond);
    told(NamedArray::from_positional(Vec::<u8>::new(), &[1 << 40, 1 << 40, 0]), &["0 elements"]);
    told(wide(1 << 40).broadcast_to([("m", 1 << 40)]), &beyond);
    told(nx::outer(&wide(1 << 40), &wide(1 << 40).rename("n", "m").unwrap()), &beyond);
    told(wide(1 << 40).tile("n", 1 << 40), &[]);
    told(wide(1 << 40).repeat("n", usize::MAX), &[]);
    told(NamedArray::arange("n", 3).one_hot("class", isize::MAX as usize, DType::F32), &beyond);
    told(nx::concatenate(&[&wide(1 << 62), &wide(1 << 62), &wide(1 << 62)], "n"), &beyond);
    told(wide(3).pad([("n", Pad { low: isize::MAX, high: isize::MAX, interior: 0 })], 0), &[]);
    told(wide(3).pad([("n", Pad { low: 0, high: 0, interior: usize::MAX })], 0), &[]);
    told(wide(3).pad([("n", (isize::MIN, isize::MIN))], 0), &["cut off"]);
    told(wide(3).pad_by(PadMode::Wrap, [("n", (isize::MAX, 1))]), &[]);
}

#[test]
fn arrays_that_no_memory_holds_are_errors_when_they_are_read() {
    // 2^62 bytes, and 10^12 elements.
    for (dtype, size) in [(DType::U8, 1 << 62), (DType::F64, 1 << 59), (DType::F32, 1_000_000_000_000)] {
        let ones = NamedArray::ones([("n", size)], dtype).unwrap();
        let held = NamedArray::scalar(1.5f32).exp().unwrap();
        let more = ones.add(1).unwrap();
        told(pz::eval([&more, &held]), &["no memory", &size.to_string()]);
        assert_eq!(held.item::<f32>().unwrap(), 1.5f32.exp());
        told(more.cumsum("n").unwrap().eval(), &["no memory"]);
        told(more.sum("n").unwrap().eval(), &["no memory"]);
        told(ones.max("n").unwrap().eval(), &["no memory"]);
        told(ones.sort("n").and_then(|sorted| sorted.eval()), &["no memory"]);
        told(ones.pad([("n", (1, 1))], 0).unwrap().eval(), &["no memory"]);
        told(ones.cast(DType::F16).unwrap().exp().unwrap().eval(), &["no memory"]);
        told(ones.flip("n").unwrap().add(&ones).unwrap().eval(), &["no memory"]);
    }
    told(NamedArray::arange("n", isize::MAX as usize).eval(), &["no memory"]);
    told(NamedArray::arange("n", usize::MAX).eval(), &["too large"]);
    told(NamedArray::scalar(1).one_hot("class", 1 << 61, DType::F32).unwrap().eval(), &["no memory"]);
    let slide = Slide::along("n").size(2).pad(1 << 50, 1 << 50);
    told(wide(4).window_sum([slide]).and_then(|sums| sums.eval()), &[]);
    // What is small is there, however large it was made from.
    let corner = wide(1 << 60).slice("n", 5..7).unwrap();
    assert_eq!(corner.to_vec::<f32>().unwrap(), [1.0, 1.0]);
    assert_eq!(wide(1 << 60).index("n", (1 << 60) - 1).unwrap().item::<f32>().unwrap(), 1.0);
}

#[test]
fn parts_that_are_too_many_are_refused() {
    told(wide(1 << 50).unstack("n"), &["parts"]);
    told(wide(1 << 50).split("n", 1 << 50), &["parts"]);
}

#[test]
fn windows_and_kernels_that_reach_beyond_every_number() {
    for slide in [
        Slide::along("n").size(usize::MAX),
        Slide::along("n").size(2).dilation(usize::MAX),
        Slide::along("n").size(3).dilation(isize::MAX as usize),
        Slide::along("n").size(2).spread(usize::MAX),
        Slide::along("n").size(2).pad(isize::MIN, isize::MIN),
        Slide::along("n").size(2).pad(isize::MAX, isize::MAX).spread(usize::MAX),
        Slide::along("n").size(0),
        Slide::along("n").size(1).stride(0),
    ] {
        let outcome = wide(4).window_sum([slide]).and_then(|sums| sums.eval());
        assert!(outcome.is_err() || wide(4).window_sum([slide]).unwrap().is_empty());
    }
    let far = wide(4).window_sum([Slide::along("n").size(1).stride(usize::MAX)]).unwrap();
    assert_eq!(far.to_vec::<f32>().unwrap(), [1.0]);
    let kernel = NamedArray::ones([("n", 2)], DType::F32).unwrap();
    for slide in [Slide::along("n").dilation(usize::MAX), Slide::along("n").pad(isize::MAX, isize::MAX)] {
        let outcome = wide(4).conv(&kernel, &Conv::over([slide])).and_then(|result| result.eval());
        assert!(outcome.is_err());
    }
}

#[test]
fn ranges_and_steps_at_the_limits() {
    let x = NamedArray::arange("n", 5);
    told(x.slice("n", 0..=usize::MAX), &["size 5"]);
    told(x.slice("n", usize::MAX..), &["size 5"]);
    told(x.index("n", usize::MAX), &["size 5"]);
    assert_eq!(x.slice_by("n", .., isize::MAX).unwrap().to_vec::<i32>().unwrap(), [0]);
    assert_eq!(x.slice_by("n", .., isize::MIN).unwrap().to_vec::<i32>().unwrap(), [4]);
    assert_eq!(x.roll("n", isize::MIN).unwrap().to_vec::<i32>().unwrap(), [3, 4, 0, 1, 2]);
    for start in [i64::MIN, -6, -5, -1, 0, 3, 4, i64::MAX] {
        // As in JAX: below 0 from the end once, then clamped.
        let wanted = if start < 0 { (start.max(-5) + 5).min(3) } else { start.min(3) } as i32;
        let window = x.dynamic_slice([("n", &NamedArray::scalar(start), 2)]).unwrap();
        assert_eq!(window.to_vec::<i32>().unwrap(), [wanted, wanted + 1], "from {start}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_with_the_line_of_the_call() {
    let x = NamedArray::zeros([("a", 2), ("b", 3)], DType::F32).unwrap();
    let y = NamedArray::zeros([("a", 4), ("b", 5)], DType::F32).unwrap();
    let here = |line: u32| format!("called at: tests/bad_arrays/sizes.rs:{line}");
    told(x.add(&y), &[&here(line!()), "`a`", "`b`", "2 problems"]);
    told(x.sum(["c", "d"]), &[&here(line!()), "`c`", "`d`"]);
    told(nx::contract(["a", "b"], &x, &y), &[&here(line!()), "2 problems"]);
    told(nx::concatenate(&[&x, &y], "c"), &[&here(line!())]);
    told(x.bitwise_not(), &[&here(line!()), "f32"]);
    told(x.one_hot("c", 2, DType::F32), &[&here(line!()), "f32"]);
    told(x.select(&x, &x), &[&here(line!()), "bool"]);
    told(x.softmax("z"), &[&here(line!()), "`z`"]);
    let error = x.rem(&y).unwrap_err();
    assert!(matches!(error, Error::Shape(_)), "{error}");
    assert_eq!(error.report().problems.len(), 2);
}

#[test]
fn bytes_that_are_not_there() {
    let owner: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(vec![0u8; 8]);
    for (start, dtype, size) in [
        (usize::MAX, DType::F32, 1),
        (usize::MAX - 3, DType::F32, 1),
        (5, DType::F32, 1),
        (0, DType::F64, 1 << 60),
        (0, DType::F64, 1 << 61),
        (9, DType::U8, 0),
    ] {
        told(NamedArray::from_shared(owner.clone(), start, dtype, [("a", size)]), &["8 bytes"]);
    }
    let last = NamedArray::from_shared(owner, 3, DType::F32, [("a", 1)]).unwrap();
    assert_eq!(last.to_vec::<f32>().unwrap(), [0.0]);
}

#[test]
fn hundreds_of_axes() {
    let names: Vec<AxisName> = (0..300).map(|axis| AxisName::intern(&format!("axis {axis}"))).collect();
    let sizes = names.iter().enumerate().map(|(at, name)| (*name, if at % 100 == 7 { 2 } else { 1 }));
    let x = NamedArray::arange(names[7], 2).add(NamedArray::ones(sizes, DType::I32).unwrap()).unwrap();
    assert_eq!(x.len(), 8);
    let turned: Vec<AxisName> = names.iter().rev().copied().collect();
    let y = x.order_as(turned.as_slice()).unwrap().mul(&x).unwrap();
    assert_eq!(y.sum(names.as_slice()).unwrap().item::<i32>().unwrap(), 4 * (1 + 4));
    assert_eq!(nx::contract(names.as_slice(), &x, &x).unwrap().item::<i32>().unwrap(), 4 * (1 + 4));
    assert_eq!(x.cumsum(names[107]).unwrap().max(names.as_slice()).unwrap().item::<i32>().unwrap(), 4);
}
