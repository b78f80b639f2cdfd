//! What copies nothing, what cannot be, and what the errors say.

use crate::DType;
use crate::named::pattern::{PatternTerm, RearrangePattern};
use crate::named::{AxisIndex, NamedArray, PadMode, Side, einsum, outer, positions, slice, tensordot};

fn counted(shape: &[(&'static str, usize)]) -> NamedArray {
    let len: usize = shape.iter().map(|(_, size)| size).product();
    NamedArray::from_vec((0..len).map(|i| i as f32).collect(), shape.iter().copied()).unwrap()
}

/// Where the storage of an array lies in memory.
fn address(x: &NamedArray) -> *const f32 {
    x.array.read().unwrap().storage::<f32>().as_ptr()
}

#[test]
fn views_copy_nothing() {
    let x = counted(&[("a", 4), ("b", 6)]);
    let one = counted(&[("a", 1), ("b", 6)]);
    let split = RearrangePattern {
        text: "a (heads dim) -> heads dim a",
        left: &[PatternTerm::Axis("a"), PatternTerm::Group(None, &["heads", "dim"])],
        right: &[PatternTerm::Axis("heads"), PatternTerm::Axis("dim"), PatternTerm::Axis("a")],
    };
    let views = [
        x.slice("b", 1..4).unwrap(),
        x.slice_by("b", 1..6, 2).unwrap(),
        x.slice_by("a", .., -2).unwrap(),
        x.flip(["a", "b"]).unwrap(),
        x.index("a", 2).unwrap(),
        x.order_as(["b", "a"]).unwrap(),
        x.broadcast_to([("c", 3)]).unwrap(),
        x.split("b", 3).unwrap()[1].clone(),
        x.split_at("b", &[1, 2]).unwrap()[2].clone(),
        x.unstack("b").unwrap()[5].clone(),
        x.diagonal("a", "b", "d", 1).unwrap(),
        x.dynamic_slice([("a", &NamedArray::scalar(1), 2)]).unwrap(),
        x.flip("a").unwrap().slice_by("b", 2.., -1).unwrap().broadcast_to([("c", 2)]).unwrap(),
        x.untag("b").unwrap(),
        x.untag(["b", "a"]).unwrap().tag(["c", "d"]).unwrap(),
        x.untag("a").unwrap().untag_prefix("b").unwrap().tag_prefix("c").unwrap(),
        x.untag("b").unwrap().with_positional_prefix().unwrap(),
        x.unwrap(["b", "a"]).unwrap(),
        x.order_like(&x.order_as(["b", "a"]).unwrap()).unwrap(),
        x.untag("b").unwrap().broadcast_positional(&[2, 6]).unwrap(),
        x.rename("a", "c").unwrap(),
        x.at((("a", 1), ("b", slice(..).step(-2)), ("c", AxisIndex::New))).unwrap().get().unwrap(),
        x.untag("b").unwrap().at(positions((AxisIndex::New, slice(1..)))).unwrap().get().unwrap(),
        super::pattern::by_rearrange(&split, &x, &[("heads", 2)]).unwrap(),
    ];
    for (number, view) in views.iter().enumerate() {
        assert_eq!(address(view), address(&x), "view {number}");
    }
    assert_eq!(address(&one.squeeze("a").unwrap()), address(&one));
    // Nor does an array that comes from ndarray, in whatever order it lies.
    let host = ndarray::Array2::<f32>::zeros((4, 6)).reversed_axes();
    let before = host.as_ptr();
    assert_eq!(address(&NamedArray::from(host)), before);
    // And a copy is one.
    assert_ne!(address(&x.roll("a", 1).unwrap()), address(&x));
}

#[test]
fn mistakes_are_refused_by_name() {
    let x = counted(&[("a", 4), ("b", 6)]);
    let says = |error: crate::Error, parts: &[&str]| {
        let text = error.to_string();
        parts.iter().for_each(|part| assert!(text.contains(part), "`{part}` is not in: {text}"));
    };
    says(x.pad([("z", (1, 1))], 0.0).unwrap_err(), &["no axis `z`", "a:4, b:6"]);
    says(x.pad([("a", (-3, -2))], 0.0).unwrap_err(), &["-3 before and -2 after", "`a`", "4 elements"]);
    says(x.pad([("a", (1, 1))], &x).unwrap_err(), &["one number", "a:4, b:6"]);
    says(x.cast(DType::I32).unwrap().pad([("a", (1, 1))], 0.5).unwrap_err(), &["i32", "x.cast"]);
    says(x.pad_by(PadMode::Wrap, [("a", (-1, 1))]).unwrap_err(), &["along `a`", "x.pad"]);
    says(x.slice_by("a", 0..9, 2).unwrap_err(), &["0..9", "`a` has size 4"]);
    says(x.slice_by("a", .., 0).unwrap_err(), &["step along `a` is 0"]);
    says(x.squeeze("a").unwrap_err(), &["`a` has size 4, not 1", "index"]);
    says(x.split("b", 4).unwrap_err(), &["`b` of size 6", "4 equal parts", "split_at"]);
    says(x.split_at("b", &[3, 2]).unwrap_err(), &["[3, 2]", "6"]);
    says(x.diagonal("a", "a", "d", 0).unwrap_err(), &["`a` is given twice"]);
    says(x.repeat("a", usize::MAX).unwrap_err(), &["`a` of size 4"]);
    says(x.tril("a", "q", 0).unwrap_err(), &["no axis `q`"]);
    says(x.one_hot("c", 3, DType::F32).unwrap_err(), &["labels are f32", "cast(DType::I32)"]);
    says(NamedArray::eye([("r", 2), ("r", 2)], 0, DType::F32).unwrap_err(), &["`r` is given twice"]);
    says(x.bincount("a", "v", 3).unwrap_err(), &["f32", "integers"]);
    says(x.unique("z", 3).unwrap_err(), &["no axis `z`"]);
    let window = [("a", &NamedArray::scalar(0), 5)];
    says(x.dynamic_slice(window).unwrap_err(), &["window of 5", "`a`, whose size is 4"]);
    let update = counted(&[("a", 5), ("b", 6)]);
    let start = NamedArray::scalar(0);
    says(x.dynamic_update_slice(&update, [("a", &start)]).unwrap_err(), &["5 elements along `a`", "only 4"]);
    let y = counted(&[("a", 3), ("c", 2)]);
    says(
        einsum(&[&x, &y], "b").unwrap_err(),
        &["`a` has size 3 in array 1, and 4", "(a:4, b:6), (a:3, c:2)"],
    );
    says(
        einsum(&[&x], ["b", "b", "k"]).unwrap_err(),
        &["`b` of the output is given twice", "`k` of the output"],
    );
    says(tensordot(&x, &y, [("b", "c")]).unwrap_err(), &["size 6", "size 2", "`a` is in both", "rename"]);
    says(outer(&x, &y).unwrap_err(), &["`a` is in both"]);
    let labels = NamedArray::from_vec(vec![0, 1, 2, 3], [("a", 4)]).unwrap();
    assert!(x.cross_entropy(&labels, "b").is_ok());
    says(x.cross_entropy(&labels, "a").unwrap_err(), &["labels have the axis of the classes", "one_hot"]);
    says(x.cross_entropy(&y, "b").unwrap_err(), &["no axis `b`", "a:3, c:2"]);
}

#[test]
fn axes_of_size_zero_and_far_offsets_are_arrays_too() {
    let none = NamedArray::zeros([("a", 0), ("b", 3)], DType::F32).unwrap();
    assert_eq!(none.pad([("a", (2, 1))], 1.0).unwrap().to_vec::<f32>().unwrap(), [1.0; 9]);
    assert!(none.flip("a").unwrap().roll("a", 5).unwrap().tile("b", 2).unwrap().is_empty());
    assert!(none.slice_by("a", .., -3).unwrap().is_empty());
    assert!(none.diagonal("a", "b", "d", 0).unwrap().is_empty());
    assert_eq!(none.trace("a", "b", 0).unwrap().item::<f32>().unwrap(), 0.0);
    assert!(none.pad_by(PadMode::Edge, [("a", (1, 0))]).is_err());
    let x = counted(&[("r", 2), ("c", 2)]);
    assert_eq!(x.tril("r", "c", isize::MAX).unwrap().to_vec::<f32>().unwrap(), [0., 1., 2., 3.]);
    assert_eq!(x.triu("r", "c", isize::MAX).unwrap().to_vec::<f32>().unwrap(), [0.; 4]);
    assert!(x.diagonal("r", "c", "d", isize::MIN).unwrap().is_empty());
    let table = NamedArray::zeros([("n", 0), ("b", 3)], DType::F32).unwrap();
    let found = table.searchsorted("n", &counted(&[("k", 2)]), Side::Left).unwrap();
    assert_eq!(found.named_shape(), [("k".into(), 2), ("b".into(), 3)]);
    assert!(x.pad([("r", (isize::MAX, isize::MAX))], 0.0).is_err());
    let beyond_memory = x.pad([("r", (1 << 50, 0))], 0.0).and_then(|padded| padded.eval());
    assert!(beyond_memory.is_err());
}

#[test]
fn a_label_that_is_no_class_has_no_loss() {
    let logits = counted(&[("n", 3), ("class", 2)]);
    let labels = NamedArray::from_vec(vec![0, 2, -3], [("n", 3)]).unwrap();
    let loss = logits.cross_entropy(&labels, "class").unwrap().to_vec::<f32>().unwrap();
    assert!(loss[0].is_finite() && loss[1].is_nan() && loss[2].is_nan(), "{loss:?}");
}

#[test]
fn einsum_takes_the_cheap_way() {
    // From the left this chain would multiply 1000 x 1000 matrices; from the right, vectors only.
    let big = |a, b| NamedArray::full([(a, 1000), (b, 1000)], 0.001f32).unwrap();
    let (x, y, v) = (big("a", "b"), big("b", "c"), NamedArray::full([("c", 1000)], 1f32).unwrap());
    let found = einsum(&[&x, &y, &v], "a").unwrap();
    let widest = {
        let mut widest = 0;
        let mut queue = vec![found.array.as_node().clone()];
        while let Some(node) = queue.pop() {
            if node.op.is_some_and(|op| op.name == "dot") {
                widest = widest.max(node.spec.dims.iter().product());
            }
            queue.extend(node.inputs());
        }
        widest
    };
    assert_eq!(widest, 1000usize, "the largest product is a vector");
    let close = found.to_vec::<f32>().unwrap();
    assert!(close.iter().all(|value| (value - 1.0).abs() < 1e-4), "{}", close[0]);
}
