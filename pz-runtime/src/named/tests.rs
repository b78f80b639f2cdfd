//! Behaviour of named arrays that rests on the engine: laziness, sharing, errors.

use super::{NamedArray, concatenate, contract, stack};
use crate::array::DType;

fn abc() -> NamedArray {
    NamedArray::from_vec((0..24).collect::<Vec<i32>>(), [("a", 2), ("b", 3), ("c", 4)]).unwrap()
}

#[test]
fn addition_binds_by_name_and_not_by_place() {
    let x = abc();
    let y = x.order_as(["c", "a", "b"]).unwrap();
    let sum = &x + &y;
    assert_eq!(sum.to_vec::<i32>().unwrap(), (0..24).map(|v| 2 * v).collect::<Vec<_>>());
    let sum = &y + &x;
    assert_eq!(sum.named_shape(), [("c".into(), 4), ("a".into(), 2), ("b".into(), 3)]);
    let back = sum.order_as(["a", "b", "c"]).unwrap();
    assert_eq!(back.to_vec::<i32>().unwrap(), (0..24).map(|v| 2 * v).collect::<Vec<_>>());
}

#[test]
fn positional_axes_broadcast_from_the_right() {
    let x = NamedArray::from_positional(vec![1f32, 2., 3.], &[3]).unwrap();
    let y = NamedArray::from_positional(vec![10f32, 20.], &[2, 1]).unwrap();
    let sum = &x + &y;
    assert_eq!(sum.positional_shape(), [2, 3]);
    assert_eq!(sum.to_vec::<f32>().unwrap(), [11., 12., 13., 21., 22., 23.]);
}

#[test]
fn untag_and_tag_are_inverse() {
    let x = abc();
    let y = x.untag(["c", "a"]).unwrap();
    assert_eq!(y.positional_shape(), [4, 2]);
    let z = y.tag(["c", "a"]).unwrap().order_as(["a", "b", "c"]).unwrap();
    assert_eq!(z.to_vec::<i32>().unwrap(), x.to_vec::<i32>().unwrap());
}

#[test]
fn layouts_that_cannot_be_are_found() {
    use super::{Role, Roles};
    let says = |roles: &[Role], problem: &str| {
        let broken = NamedArray { array: abc().array, roles: Roles::from_slice(roles) };
        let text = broken.check_valid().unwrap_err().to_string();
        assert!(text.contains(problem), "{text}");
    };
    let (a, b) = (Role::Named("a".into()), Role::Named("b".into()));
    says(&[a, b], "3 axes have 2 names or positions");
    says(&[a, b, a], "the axis `a` is there twice");
    says(&[Role::Positional(0), b, Role::Positional(0)], "the axis `0` is there twice");
    says(&[Role::Positional(0), b, Role::Positional(2)], "there is a positional axis 2 among 2");
    assert!(abc().untag(["c", "a"]).unwrap().check_valid().is_ok());
}

#[test]
fn positions_stand_for_names() {
    let x = abc();
    let y = x.untag(["c", "a"]).unwrap();
    for (named, positional) in [
        (x.sum("c"), y.sum(0)),
        (x.max("a"), y.max(-1)),
        (x.sum(["c", "a"]), y.sum([0, 1])),
        (x.sum(["b", "c"]), y.sum([crate::named::Axis::from("b"), 0.into()])),
        (x.argmax("a"), y.argmax(1)),
        (x.var("c", 0), y.var(0, 0)),
        (x.index("a", 1), y.index(-1, 1)),
    ] {
        let (named, positional) = (named.unwrap(), positional.unwrap());
        let left: Vec<_> = ["c", "a"].into_iter().filter(|name| named.size(*name).is_some()).collect();
        let positional = positional.tag(left).unwrap();
        let order: Vec<_> = named.named_shape().into_iter().map(|(name, _)| name).collect();
        let (a, b) = (named, positional.order_as(order).unwrap());
        assert_eq!(
            a.cast(DType::F64).unwrap().to_vec::<f64>().unwrap(),
            b.cast(DType::F64).unwrap().to_vec::<f64>().unwrap()
        );
    }
    let same = |named: NamedArray, positional: NamedArray| {
        let order: Vec<_> = named.named_shape().into_iter().map(|(name, _)| name).collect();
        let positional = positional.tag(["c", "a"]).unwrap().order_as(order).unwrap();
        let wide = |x: &NamedArray| x.cast(DType::F64).unwrap().to_vec::<f64>().unwrap();
        assert_eq!(wide(&named), wide(&positional));
    };
    same(x.cumsum("c").unwrap(), y.cumsum(0).unwrap());
    same(x.softmax("a").unwrap(), y.softmax(1).unwrap());
    same(x.standardize("a", 0.1).unwrap(), y.standardize(-1, 0.1).unwrap());
    same(x.slice("c", 1..3).unwrap(), y.slice(0, 1..3).unwrap());
    same(x.sort("a").unwrap(), y.sort(1).unwrap());
    same(x.roll("c", 1).unwrap(), y.roll(0, 1).unwrap());
    let text = y.sum([0, 2]).unwrap_err().to_string();
    assert!(text.contains("there is no positional axis 2; the array has 2 (4, 2 | b:3)"), "{text}");
    assert!(y.sum([0, -2]).unwrap_err().to_string().contains("`-2` is given twice"));
}

#[test]
fn every_mismatch_is_in_the_report() {
    let x = NamedArray::zeros([("a", 2), ("b", 3)], DType::F32).unwrap();
    let y = NamedArray::zeros([("b", 4), ("a", 5)], DType::F32).unwrap();
    let text = x.add(&y).unwrap_err().to_string();
    assert!(text.contains("the axis `a` has size 2 on the left and 5 on the right"), "{text}");
    assert!(text.contains("the axis `b` has size 3 on the left and 4 on the right"), "{text}");
}

#[test]
fn contraction_batches_shared_names() {
    let x =
        NamedArray::from_vec((0..12).map(|v| v as f32).collect(), [("h", 2), ("s", 3), ("d", 2)]).unwrap();
    let w = NamedArray::from_vec((0..8).map(|v| v as f32).collect(), [("d", 2), ("h", 2), ("o", 2)]).unwrap();
    let y = contract("d", &x, &w).unwrap();
    assert_eq!(y.named_shape(), [("h".into(), 2), ("s".into(), 3), ("o".into(), 2)]);
    let mut wanted = Vec::new();
    for h in 0..2 {
        for s in 0..3 {
            for o in 0..2 {
                wanted.push(
                    (0..2).map(|d| ((h * 3 + s) * 2 + d) as f32 * ((d * 2 + h) * 2 + o) as f32).sum::<f32>(),
                );
            }
        }
    }
    assert_eq!(y.to_vec::<f32>().unwrap(), wanted);
}

#[test]
fn take_clamps_and_orders_as_penzai() {
    let table = NamedArray::from_vec((0..6).collect::<Vec<i32>>(), [("v", 3), ("e", 2)]).unwrap();
    let places = NamedArray::from_vec(vec![2, -1, 7, -9], [("t", 4)]).unwrap();
    let taken = table.take("v", &places).unwrap();
    assert_eq!(taken.named_shape(), [("e".into(), 2), ("t".into(), 4)]);
    assert_eq!(taken.to_vec::<i32>().unwrap(), [4, 4, 4, 0, 5, 5, 5, 1]);
}

#[test]
fn joining_broadcasts_other_axes() {
    let x = NamedArray::from_vec(vec![1, 2], [("a", 2)]).unwrap();
    let y = NamedArray::from_vec(vec![3, 4, 5, 6, 7, 8], [("b", 3), ("a", 2)]).unwrap();
    let joined = concatenate(&[&x, &y], "a").unwrap();
    assert_eq!(joined.named_shape(), [("b".into(), 3), ("a".into(), 4)]);
    assert_eq!(joined.to_vec::<i32>().unwrap(), [1, 2, 3, 4, 1, 2, 5, 6, 1, 2, 7, 8]);
    let stacked = stack(&[&x, &x], "n").unwrap();
    assert_eq!(stacked.to_vec::<i32>().unwrap(), [1, 1, 2, 2]);
}

#[test]
fn an_update_of_the_last_holder_is_in_place() {
    let mut cache = NamedArray::from_vec(vec![0f32; 8], [("s", 4), ("e", 2)]).unwrap();
    let before = cache.array.read().unwrap().storage::<f32>().as_ptr();
    for step in 0..4 {
        let new = NamedArray::full([("s", 1), ("e", 2)], step as f32).unwrap();
        let at = NamedArray::scalar(step);
        cache = cache.dynamic_update_slice(&new, [("s", &at)]).unwrap();
        cache.eval().unwrap();
    }
    let rows = cache.order_as(["s", "e"]).unwrap();
    assert_eq!(rows.to_vec::<f32>().unwrap(), [0., 0., 1., 1., 2., 2., 3., 3.]);
    assert_eq!(cache.array.read().unwrap().storage::<f32>().as_ptr(), before);
}

#[test]
fn an_update_of_a_held_array_leaves_it_alone() {
    let old = NamedArray::from_vec(vec![0f32; 4], [("s", 4)]).unwrap();
    let new = NamedArray::ones([("s", 2)], DType::F32).unwrap();
    let updated = old.dynamic_update_slice(&new, [("s", &NamedArray::scalar(9))]).unwrap();
    assert_eq!(updated.to_vec::<f32>().unwrap(), [0., 0., 1., 1.]);
    assert_eq!(old.to_vec::<f32>().unwrap(), [0.; 4]);
}

#[test]
fn a_million_nodes_evaluate_and_drop_without_recursion() {
    let mut x = NamedArray::scalar(0i32);
    for _ in 0..1_000_000 {
        x = x + 1;
    }
    assert_eq!(x.item::<i32>().unwrap(), 1_000_000);
    let mut unread = NamedArray::scalar(0i32);
    for _ in 0..4000 {
        unread = unread + 1;
    }
    drop(unread);
}

#[test]
fn fused_chains_equal_their_single_steps() {
    let x = NamedArray::from_vec((0..5000).map(|v| v as f32 * 1e-3 - 2.0).collect(), [("n", 5000)]).unwrap();
    let fused = ((&x * 2.0f32 + 1.0f32).exp().unwrap() / (&x * &x + 1.0f32)).tanh().unwrap();
    let step = |a: NamedArray| {
        a.eval().unwrap();
        a
    };
    let a = step(&x * 2.0f32);
    let b = step(&a + 1.0f32);
    let c = step(b.exp().unwrap());
    let d = step(&x * &x);
    let e = step(&d + 1.0f32);
    let f = step(&c / &e);
    let single = f.tanh().unwrap();
    let bits = |a: &NamedArray| a.to_vec::<f32>().unwrap().into_iter().map(f32::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(&fused), bits(&single));
}

#[test]
fn softmax_puts_its_axes_last_and_sums_to_one() {
    let x = abc().cast(DType::F32).unwrap();
    let y = x.softmax(["a", "b"]).unwrap();
    assert_eq!(y.named_shape().iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["c", "a", "b"]);
    for total in y.sum(["a", "b"]).unwrap().to_vec::<f32>().unwrap() {
        assert!((total - 1.0).abs() < 1e-6);
    }
}

#[test]
fn zero_sizes_are_arrays_too() {
    let x = NamedArray::zeros([("a", 0), ("b", 3)], DType::F32).unwrap();
    assert_eq!((&x + 1.0f32).to_vec::<f32>().unwrap(), Vec::<f32>::new());
    assert_eq!(x.sum("a").unwrap().to_vec::<f32>().unwrap(), [0.0; 3]);
    assert!(x.max("a").is_err());
    let w = NamedArray::zeros([("b", 3), ("c", 2)], DType::F32).unwrap();
    assert!(contract("b", &x, &w).unwrap().to_vec::<f32>().unwrap().is_empty());
    assert_eq!(contract("a", &x, &x.rename("b", "d").unwrap()).unwrap().to_vec::<f32>().unwrap(), [0.0; 9]);
}

#[test]
fn sizes_beyond_memory_are_errors() {
    assert!(NamedArray::zeros([("a", usize::MAX), ("b", 2)], DType::F32).is_err());
    let huge = NamedArray::zeros([("a", 1 << 50)], DType::F32).unwrap();
    let error = (huge + 1.0f32).to_vec::<f32>().unwrap_err().to_string();
    assert!(error.contains("no memory"), "{error}");
}

#[test]
fn long_sums_keep_their_precision() {
    let len = 1 << 20;
    let x = NamedArray::from_vec(vec![0.1f32; len], [("n", len)]).unwrap();
    let ones = NamedArray::from_vec(vec![1f32; len], [("n", len)]).unwrap();
    let rows = NamedArray::from_vec(vec![0.1f32; 3 * len], [("m", 3), ("n", len)]).unwrap();
    let wanted = f64::from(0.1f32) * len as f64;
    let close = |name: &str, found: f32| {
        let error = (f64::from(found) / wanted - 1.0).abs();
        assert!(error < 1e-5, "{name}: {found} against {wanted}, relative error {error:e}");
    };
    close("sum", x.sum("n").unwrap().item().unwrap());
    close("cumsum", x.cumsum("n").unwrap().index("n", len - 1).unwrap().item().unwrap());
    close("a row times a column", contract("n", &x, &ones).unwrap().item().unwrap());
    close("rows times a column", contract("n", &rows, &ones).unwrap().to_vec::<f32>().unwrap()[1]);
    let two = stack(&[&ones, &ones], "o").unwrap();
    close("rows times columns", contract("n", &rows, &two).unwrap().to_vec::<f32>().unwrap()[3]);
}

#[test]
fn sizes_that_only_a_copy_would_need_are_errors_too() {
    let wide = NamedArray::scalar(1f32).broadcast_to([("n", 1 << 44)]).unwrap();
    for error in [
        wide.sum("n").unwrap().item::<f32>().unwrap_err(),
        wide.argmax("n").unwrap().item::<i64>().unwrap_err(),
        contract("n", &wide, &wide).unwrap().item::<f32>().unwrap_err(),
        wide.to_vec::<f32>().unwrap_err(),
        NamedArray::arange("n", usize::MAX).to_vec::<i64>().unwrap_err(),
    ] {
        assert!(error.to_string().contains("memory") || error.to_string().contains("too large"), "{error}");
    }
}

#[test]
fn an_error_at_the_read_names_the_line_that_made_it_once() {
    let huge = NamedArray::zeros([("a", 1 << 50)], DType::F32).unwrap();
    let line = line!() + 1;
    let failing = huge.exp().unwrap();
    let mut after = failing.sum("a").unwrap();
    for _ in 0..10 {
        after = after + 1.0f32;
    }
    let error = after.item::<f32>().unwrap_err().to_string();
    assert!(error.contains(&format!("tests.rs:{line}")), "{error}");
    assert_eq!(error.matches("called at: ").count(), 1, "{error}");
}

#[test]
fn arrays_in_thread_locals_drop_when_the_thread_ends() {
    thread_local! {
        static KEPT: std::cell::RefCell<Vec<NamedArray>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    let thread = std::thread::spawn(|| {
        let pending = NamedArray::arange("n", 3) + 1;
        KEPT.with_borrow_mut(|kept| kept.push(pending.clone()));
        pending.to_vec::<i32>().unwrap()
    });
    assert_eq!(thread.join().unwrap(), [1, 2, 3]);
}

#[test]
fn an_operator_counts_what_is_wrong_and_nothing_else() {
    let a = NamedArray::zeros([("x", 2), ("y", 3)], DType::F32).unwrap();
    let b = NamedArray::zeros([("y", 4), ("z", 5)], DType::F32).unwrap();
    let panic = std::panic::catch_unwind(|| &a + &b).unwrap_err();
    assert_eq!(
        panic.downcast_ref::<String>().unwrap(),
        "add: the axis `y` has size 3 on the left and 4 on the right\n  \
         help: left has (x:2, y:3), right has (y:4, z:5); an axis has one size in an operation: slice one side, or \
         rename its axis"
    );
    let b = NamedArray::zeros([("y", 4), ("x", 5)], DType::F32).unwrap();
    let report = a.add(&b).unwrap_err();
    assert_eq!(report.report().problems.len(), 2, "{report}");
}
