//! Wrapping, tagging, ordering, broadcasting, operators, constructors (NX1 to NX14, NX19 to NX25).

use pz::{DType, NamedArray, Result, nx};

use super::{assert_is, counted, error, foo_bar_baz};

type Done = Result<()>;

#[test]
fn wrap() -> Done {
    let data = NamedArray::from_positional((0..30).collect::<Vec<i32>>(), &[2, 3, 5])?;
    let named = nx::wrap(data, ())?;
    assert_eq!((named.positional_shape(), named.named_shape().len()), (vec![2, 3, 5], 0));
    assert_eq!(named.dtype(), DType::I32);
    Ok(())
}

#[test]
fn named_array_tag_and_wrap_named() -> Done {
    let data = NamedArray::from_positional((0..30).collect::<Vec<i32>>(), &[2, 3, 5])?;
    let all: Vec<i32> = (0..30).collect();
    assert_is(&data.tag(["foo", "bar", "baz"])?, "foo:2 bar:3 baz:5", &all);
    assert_is(&nx::wrap(data, ["foo", "bar", "baz"])?, "foo:2 bar:3 baz:5", &all);
    Ok(())
}

#[test]
fn named_array_untag() -> Done {
    let named = foo_bar_baz().untag("bar")?;
    assert_eq!(named.positional_shape(), [3]);
    assert_eq!(named.named_shape(), [("foo".into(), 2), ("baz".into(), 5)]);
    assert_is(&foo_bar_baz().untag(())?, "foo:2 bar:3 baz:5", &(0..30).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn untag_then_tag() -> Done {
    let named = foo_bar_baz().untag(["bar", "foo"])?.tag(["bar2", "foo2"])?;
    let all: Vec<i32> = (0..30).collect();
    assert_is(&named, "foo2:2 bar2:3 baz:5", &all);
    assert_is(&named.tag(())?, "foo2:2 bar2:3 baz:5", &all);
    // An operation in between moves the positional axes behind the named ones.
    assert_eq!((foo_bar_baz().untag("foo")? + 0).tag("foo")?.named_shape()[2].0, "foo");
    Ok(())
}

#[test]
fn untag_then_tag_prefix() -> Done {
    let c = counted(&[("a", 2), ("b", 3), ("c", 5), ("d", 7)]).untag("c")?;
    assert_eq!(c.positional_shape(), [5]);
    let abc = c.untag_prefix(["a", "b"])?;
    assert_eq!((abc.positional_shape(), abc.named_shape()), (vec![2, 3, 5], vec![("d".into(), 7)]));
    let tagged = abc.tag_prefix(["aa", "bb"])?;
    assert_eq!(tagged.positional_shape(), [5]);
    assert_eq!(tagged.named_shape(), [("aa".into(), 2), ("bb".into(), 3), ("d".into(), 7)]);
    Ok(())
}

const TURNED: [i32; 30] = [
    0, 1, 2, 3, 4, 15, 16, 17, 18, 19, 5, 6, 7, 8, 9, 20, 21, 22, 23, 24, 10, 11, 12, 13, 14, 25, 26, 27, 28,
    29,
];

#[test]
fn positional_prefix() -> Done {
    let named = foo_bar_baz().untag(["bar", "foo"])?.with_positional_prefix()?;
    assert_is(&named, "3 2 baz:5", &TURNED);
    assert_is(&named.with_positional_prefix()?, "3 2 baz:5", &TURNED);
    Ok(())
}

#[test]
fn unwrap() -> Done {
    let x = foo_bar_baz();
    assert_is(&x.untag(["foo", "bar", "baz"])?.unwrap(())?, "2 3 5", &(0..30).collect::<Vec<_>>());
    assert_is(&x.unwrap(["bar", "foo", "baz"])?, "3 2 5", &TURNED);
    assert_eq!(
        error(x.untag("foo")?.unwrap(())),
        "unwrap: 2 problems\n  - the axis `bar` of size 3 was given no place\n  - the axis `baz` of size 5 was given \
         no place\n  help: give every name of (2 | bar:3, baz:5) a place"
    );
    assert_eq!(
        error(x.untag("foo")?.unwrap(["bar", "baz"])),
        "unwrap: the array already has positional axes (2 | bar:3, baz:5)\n  help: name them first, with `tag`"
    );
    Ok(())
}

#[test]
fn ordered_as() -> Done {
    let named = counted(&[("a", 2), ("b", 3), ("c", 5)]).untag("b")?;
    assert_is(&named.order_as(["a", "c"])?, "3 a:2 c:5", &TURNED);
    assert_is(&counted(&[("b", 1), ("a", 2)]).canonicalize()?, "a:2 b:1", &[0, 1]);
    assert_eq!(
        error(named.order_as("a")),
        "order_as: the axis `c` has no place in the order given\n  help: give every axis of the array"
    );
    Ok(())
}

#[test]
fn bad_untag() -> Done {
    let x = foo_bar_baz();
    assert_eq!(
        error(x.untag("bar")?.untag("foo")),
        "untag: the array already has positional axes (3 | foo:2, baz:5)\n  help: use `untag_prefix` to add more in front"
    );
    assert_eq!(error(x.untag("bar")?.untag(())), error(x.untag("bar")?.untag("foo")));
    assert_eq!(error(x.untag(["bar", "baz", "bar"])), "untag: the axis `bar` is given twice");
    assert_eq!(
        error(x.untag(["bar", "bad"])),
        "untag: there is no axis `bad`; the array has (foo:2, bar:3, baz:5)"
    );
    Ok(())
}

#[test]
fn bad_tag() -> Done {
    let x = NamedArray::from_positional((0..30).collect::<Vec<i32>>(), &[2, 3, 5])?;
    assert_eq!(
        error(x.tag(["a", "b", "c", "d"])),
        "tag: 4 names were given for 3 positional axes [2, 3, 5]\n  help: `tag_prefix` names the first axes and leaves \
         the others positional"
    );
    assert_eq!(
        error(x.tag(["foo", "bar", "foo"])),
        "tag: the name `foo` would be there twice\n  help: the array has (2, 3, 5)"
    );
    assert_eq!(
        error(foo_bar_baz().untag("bar")?.tag("foo")),
        "tag: the name `foo` would be there twice\n  help: the array has (3 | foo:2, baz:5)"
    );
    Ok(())
}

#[test]
fn wrapped_instance_methods() -> Done {
    let (a, b) = (counted(&[("foo", 2), ("bar", 3)]), counted(&[("baz", 5), ("foo", 2)]));
    assert_is(&a.cast(DType::I32)?, "foo:2 bar:3", &[0, 1, 2, 3, 4, 5]);
    assert_is(&-&a, "foo:2 bar:3", &[0, -1, -2, -3, -4, -5]);
    let (mut sum, mut difference, mut greater) = (Vec::new(), Vec::new(), Vec::new());
    for foo in 0..2 {
        for bar in 0..3 {
            for baz in 0..5 {
                let (a, b) = (foo * 3 + bar, baz * 2 + foo);
                sum.push(a + b);
                difference.push(a - b);
                greater.push(a > b);
            }
        }
    }
    assert_is(&(&a + &b), "foo:2 bar:3 baz:5", &sum);
    assert_is(&(&a - &b), "foo:2 bar:3 baz:5", &difference);
    assert_eq!(a.greater(&b)?.to_vec::<bool>()?, greater);
    // A sum over no axes, over named ones, over positional ones.
    assert_is(&a.sum(())?, "foo:2 bar:3", &[0, 1, 2, 3, 4, 5]);
    assert_is(&a.sum("bar")?, "foo:2", &[3, 12]);
    assert_is(&a.untag("bar")?.sum(0)?, "foo:2", &[3, 12]);
    assert_is(&a.untag(["bar", "foo"])?.sum(1)?, "3", &[3, 5, 7]);
    assert_eq!(
        error(i32::try_from(&a)),
        "try_from: the number was asked for of an array that has axes (foo:2, bar:3)\n  help: index the axes away, \
         `x.index(\"axis\", 0)`, or reduce them, `x.all(\"axis\")`"
    );
    assert!(bool::try_from(&a).is_err() && f64::try_from(&counted(&[("one", 1)])).is_err());
    let three = NamedArray::scalar(3);
    assert_eq!((i32::try_from(&three)?, f64::try_from(&three)?, bool::try_from(&three)?), (3, 3.0, true));
    Ok(())
}

/// What JAX 0.10.2 gives for the same.
#[test]
fn plain_numbers_go_around_or_are_refused() -> Done {
    let u = NamedArray::from_vec(vec![0u8, 1], [("a", 2)])?;
    let bytes = |array: Result<NamedArray>| array?.to_vec::<u8>();
    for (found, also, wanted) in [
        (u.add(-1), u.add(-1i64), [255, 0]),
        (u.add(300), u.add(300i64), [44, 45]),
        (u.bitwise_or(-2), u.bitwise_or(-2i64), [254, 255]),
        (u.rem(-1), u.rem(-1i64), [0, 1]),
        (u.less(256)?.select(&u, 7), u.less(256i64)?.select(&u, 7), [7, 7]),
    ] {
        assert_eq!((bytes(found)?, bytes(also)?), (wanted.to_vec(), wanted.to_vec()));
    }
    let x = NamedArray::from_vec(vec![3, 4], [("a", 2)])?;
    let refused = error(x.less(3_000_000_000i64));
    assert!(refused.contains("the number 3000000000 is out of bounds for i32"), "{refused}");
    let wide = NamedArray::from_vec(vec![3u32, 4], [("a", 2)])?;
    assert_eq!(wide.add(3_000_000_000i64)?.to_vec::<u32>()?, [3_000_000_003, 3_000_000_004]);
    assert_eq!(x.cast(DType::F32)?.add(3_000_000_000i64)?.to_vec::<f32>()?, [3e9, 3e9]);
    Ok(())
}

#[test]
fn numbers_that_do_not_fit_are_told() -> Done {
    let refused = "\n  help: ask for a wider type: `i64::try_from(&x)`, `f64::try_from(&x)`";
    assert_eq!(
        error(u8::try_from(&NamedArray::scalar(256))),
        format!("try_from: the number is 256, which no u8 is{refused}")
    );
    assert_eq!(
        error(i32::try_from(&NamedArray::scalar(3e9f64))),
        format!("try_from: the number is 3000000000.0, which no i32 is{refused}")
    );
    // The fraction goes first, as in Python's `int`.
    assert_eq!(i8::try_from(&NamedArray::scalar(-128.9f32))?, -128);
    assert_eq!(u8::try_from(&NamedArray::scalar(-0.9f32))?, 0);
    assert_eq!(u64::try_from(&NamedArray::scalar(u64::MAX))?, u64::MAX);
    assert_eq!(i64::try_from(&NamedArray::scalar(-(2f64.powi(63))))?, i64::MIN);
    assert_eq!(u8::try_from(&NamedArray::scalar(true))?, 1);
    assert_eq!(f32::try_from(&NamedArray::scalar(f64::INFINITY))?, f32::INFINITY);
    assert!(bool::try_from(&NamedArray::scalar(f32::NAN))?);
    for found in [
        i64::try_from(&NamedArray::scalar(u64::MAX)).err(),
        i64::try_from(&NamedArray::scalar(2f64.powi(63))).err(),
        u64::try_from(&NamedArray::scalar(2f64.powi(64)))
            .err()
            .and(u64::try_from(&NamedArray::scalar(-1)).err()),
        i8::try_from(&NamedArray::scalar(-129.0f32))
            .err()
            .and(i8::try_from(&NamedArray::scalar(128.0f32)).err()),
        i32::try_from(&NamedArray::scalar(f32::NAN))
            .err()
            .and(u8::try_from(&NamedArray::scalar(f32::INFINITY)).err()),
        f32::try_from(&NamedArray::scalar(1e300)).err(),
        i32::try_from(&NamedArray::from(pz::random::Key::new(0))).err(),
    ] {
        let text = found.expect("it does not fit").to_string();
        assert!(text.starts_with("try_from: "), "{text}");
    }
    Ok(())
}

#[test]
fn ranges_with_a_step() -> Done {
    assert_is(&NamedArray::arange_by("n", 2, 9, 3)?, "n:3", &[2, 5, 8]);
    assert_eq!(NamedArray::arange_by("n", i8::MIN, i8::MAX, 100)?.to_vec::<i8>()?, [-128, -28, 72]);
    assert_eq!(
        NamedArray::arange_by("n", u64::MAX - 2, u64::MAX, 1)?.to_vec::<u64>()?,
        [u64::MAX - 2, u64::MAX - 1]
    );
    assert_eq!(NamedArray::arange_by("n", i64::MIN, i64::MAX, i64::MAX)?.len(), 3);
    assert!(NamedArray::arange_by("n", 5, 0u8, 1)?.is_empty());
    let step = "\n  help: a step goes forwards or backwards";
    assert_eq!(error(NamedArray::arange_by("n", 0, 5, 0)), format!("arange_by: the step is 0{step}"));
    assert_eq!(error(NamedArray::arange_by("n", 0.0, 1.0, -0.0)), format!("arange_by: the step is 0{step}"));
    assert_eq!(
        error(NamedArray::arange_by("n", 0.0, f32::INFINITY, 1.0)),
        "arange_by: from 0.0 to inf by 1.0 is no range of numbers\n  help: give it finite numbers"
    );
    assert_eq!(
        error(NamedArray::arange_by("n", 0.0, 1e300, 1e-300)),
        "arange_by: the elements are too many to count\n  help: take a larger step"
    );
    assert!(error(NamedArray::arange_by("n", false, true, true)).contains("bool is no type to count in"));
    assert!(NamedArray::arange_by("n", i64::MIN, i64::MAX, 1).is_err());
    Ok(())
}

#[test]
fn binop_lifts() -> Done {
    let x = counted(&[("foo", 2), ("bar", 3)]);
    for other in [NamedArray::scalar(100), NamedArray::from_positional(vec![100], &[])?] {
        assert_is(&(&x - &other), "foo:2 bar:3", &[-100, -99, -98, -97, -96, -95]);
        assert_eq!((&other - &x).to_vec::<i32>()?, [100, 99, 98, 97, 96, 95]);
    }
    assert_is(&(&x - 100), "foo:2 bar:3", &[-100, -99, -98, -97, -96, -95]);
    assert_is(&(100 - &x), "foo:2 bar:3", &[100, 99, 98, 97, 96, 95]);
    Ok(())
}

#[test]
fn named_array_equality() -> Done {
    let equal = counted(&[("foo", 2), ("bar", 3)]).equal(counted(&[("baz", 5), ("foo", 2)]))?;
    assert_eq!(equal.named_shape(), [("foo".into(), 2), ("bar".into(), 3), ("baz".into(), 5)]);
    Ok(())
}

#[test]
fn convenience_constructors() -> Done {
    assert_is(&NamedArray::zeros([("foo", 2), ("bar", 1)], DType::I32)?, "foo:2 bar:1", &[0, 0]);
    assert_is(&NamedArray::ones([("foo", 2), ("bar", 1)], DType::I32)?, "foo:2 bar:1", &[1, 1]);
    assert_is(&NamedArray::full([("foo", 2), ("bar", 1)], 3)?, "foo:2 bar:1", &[3, 3]);
    assert_is(&NamedArray::arange("foo", 3), "foo:3", &[0, 1, 2]);
    let (ones, zeros) = (NamedArray::full([("bar", 2)], 1)?, NamedArray::full([("bar", 2)], 0)?);
    assert_is(&nx::concatenate(&[&ones, &zeros], "bar")?, "bar:4", &[1, 1, 0, 0]);
    assert_is(&nx::stack(&[&ones, &zeros], "foo")?, "bar:2 foo:2", &[1, 0, 1, 0]);
    let (short, long) = (counted(&[("a", 2), ("b", 3)]), counted(&[("a", 4), ("b", 5)]));
    assert_eq!(
        error(nx::concatenate(&[&short, &long], "a")),
        "concatenate: the axis `b` has size 3 in array 0, and 5 in array 1\n  help: arrays may differ along `a` alone: \
         `slice` what is longer, `pad` what is shorter"
    );
    assert_eq!(
        error(nx::concatenate(&[&short, &counted(&[("b", 3)])], "a")),
        "concatenate: array 1 has no axis `a`; it has (b:3)\n  help: name an axis that all have, or join along a new one: \
         `nx::stack(&arrays, \"new\")`"
    );
    assert_eq!(
        error(nx::stack(&[&counted(&[("a", 2)]), &counted(&[("a", 4)])], "n")),
        "stack: the axis `a` has size 2 in array 0, and 4 in array 1\n  help: stack arrays of the same sizes: `slice` what \
         is longer, `pad` what is shorter"
    );
    let parts = counted(&[("foo", 2), ("bar", 3)]).unstack("foo")?;
    assert_is(&parts[0], "bar:3", &[0, 1, 2]);
    assert_is(&parts[1], "bar:3", &[3, 4, 5]);
    let slices: Vec<NamedArray> = counted(&[("foo", 2), ("bar", 2)]).untag("bar")?.iter()?.collect();
    assert_is(&slices[1], "foo:2", &[1, 3]);
    assert_eq!(
        error(ones.iter()),
        "iter: the array has no positional axis to go along (bar:2)\n  help: make an axis positional, \
         `x.untag_prefix(\"a\")`, or take it apart, `x.unstack(\"a\")`"
    );
    Ok(())
}

/// Two positional axes and two named ones, in another order of memory for each.
fn laid_out() -> Result<[NamedArray; 3]> {
    let x = counted(&[("p", 5), ("q", 6), ("foo", 3), ("bar", 2)]);
    Ok([
        x.untag(["p", "q"])?,
        x.order_as(["bar", "p", "q", "foo"])?.untag(["p", "q"])?,
        x.order_as(["q", "bar", "p", "foo"])?.untag(["p", "q"])?,
    ])
}

#[test]
fn order_like() -> Done {
    for left in laid_out()? {
        for right in laid_out()? {
            let ordered = left.order_like(&right)?;
            assert_eq!(ordered.named_shape(), right.named_shape());
            assert_eq!(ordered.canonicalize()?.to_vec::<i32>()?, left.canonicalize()?.to_vec::<i32>()?);
            // The same places for positional axes too: names that are given to them go there.
            let names = |x: &NamedArray| x.tag(["p", "q"]).map(|tagged| tagged.named_shape());
            assert_eq!(names(&ordered)?, names(&right)?);
        }
    }
    let x = counted(&[("foo", 2), ("bar", 3)]);
    assert_eq!(
        error(x.order_like(&counted(&[("foo", 2), ("qux", 3)]))),
        "order_like: 2 problems\n  - the axis `qux` of the other array is not there\n  - the other array has no axis \
         `bar`\n  help: the array has (foo:2, bar:3), the other (foo:2, qux:3)"
    );
    Ok(())
}

#[test]
fn broadcast_to() -> Done {
    for x in laid_out()? {
        let same = x.broadcast_to([("foo", 3), ("bar", 2)])?.broadcast_positional(&[5, 6])?;
        assert_eq!((same.positional_shape(), same.named_shape()), (x.positional_shape(), x.named_shape()));
        let one = x.index(0, 0)?.untag_prefix("foo")?;
        let more = one.broadcast_to([("bar", 2), ("baz", 7)])?.broadcast_positional(&[4, 3, 6])?;
        assert_eq!(more.positional_shape(), [4, 3, 6]);
        assert_eq!(more.named_shape(), [("bar".into(), 2), ("baz".into(), 7)]);
        more.check_valid()?;
        assert_eq!(one.broadcast_like(&more)?.named_shape(), more.named_shape());
    }
    assert_eq!(
        error(counted(&[("one", 1)]).broadcast_to([("one", 3)])),
        "broadcast_to: the axis `one` has size 1 and cannot be broadcast to 3\n  help: a named axis is not stretched; \
         repeat it: `x.repeat(\"a\", 3)`"
    );
    assert_eq!(
        error(counted(&[("one", 1)]).broadcast_to([("two", 2), ("two", 3)])),
        "broadcast_to: the axis `two` is given twice, with sizes 2 and 3\n  help: give each axis once"
    );
    assert_eq!(
        error(counted(&[("a", 2)]).untag("a")?.broadcast_positional(&[3])),
        "broadcast_positional: the positional shape [2] does not broadcast to [3]"
    );
    Ok(())
}

#[test]
fn tree_order_like() -> Done {
    let values = (1.0f32, counted(&[("foo", 2), ("bar", 3)]), counted(&[("baz", 5), ("p", 4)]).untag("p")?);
    let target = (
        2.0f32,
        NamedArray::zeros([("bar", 3), ("foo", 2)], DType::F32)?,
        NamedArray::zeros([("p", 4), ("baz", 5)], DType::F32)?.untag("p")?,
    );
    let like = nx::order_like(&values, &target)?;
    assert_eq!((like.0, like.1.named_shape()), (1.0, target.1.named_shape()));
    assert_eq!(like.2.tag("p")?.named_shape(), target.2.tag("p")?.named_shape());
    assert_eq!(like.1.canonicalize()?.to_vec::<i32>()?, values.1.canonicalize()?.to_vec::<i32>()?);
    Ok(())
}

#[test]
fn hosts_arrays_come_and_go() -> Done {
    let host = ndarray::Array3::from_shape_fn((2, 3, 4), |(a, b, c)| (a * 12 + b * 4 + c) as i32);
    let turned = host.clone().permuted_axes([2, 0, 1]);
    let x = nx::wrap(turned.clone(), ["c", "a", "b"])?;
    assert_eq!(x.to_ndarray::<i32>()?, turned.into_dyn());
    assert_eq!(x.order_as(["a", "b", "c"])?.to_ndarray::<i32>()?, host.clone().into_dyn());
    let mut back = host.clone();
    back.invert_axis(ndarray::Axis(1));
    let y = nx::wrap(back.clone(), ["a", "b", "c"])?;
    assert_eq!(y.to_ndarray::<i32>()?, back.clone().into_dyn());
    // Views, also of repeated, reversed, and no elements.
    assert_eq!(y.elements::<i32>()?.view(), back.into_dyn());
    let wide = x.index("c", 1)?.broadcast_to([("d", 2)])?;
    assert_eq!(wide.elements::<i32>()?.view(), wide.to_ndarray::<i32>()?);
    assert_eq!(x.slice("a", 1..1)?.elements::<i32>()?.view().len(), 0);
    assert_eq!(x.untag("a")?.elements::<i32>()?.view().shape(), [2, 4, 3]);
    assert!(error(x.elements::<f32>()).contains("i32"));
    Ok(())
}

#[test]
fn arrays_are_text_and_back() -> Done {
    let x = NamedArray::from_vec(vec![1.5f32, f32::NAN, f32::INFINITY, -0.25], [("a", 2), ("b", 2)])?;
    let text = serde_json::to_string(&x.untag("b")?).expect("it can be written");
    assert_eq!(text, r#"{"dtype":"f32","axes":[[null,2],["a",2]],"data":[1.5,"inf","nan",-0.25]}"#);
    let back: NamedArray = serde_json::from_str(&text).expect("it was written so");
    assert_eq!((back.positional_shape(), back.named_shape()), (vec![2], vec![("a".into(), 2)]));
    for dtype in DType::ALL.into_iter().filter(|dtype| *dtype != DType::Key) {
        let x = NamedArray::arange("n", 3).sub(1)?.cast(dtype)?;
        let text = serde_json::to_string(&x).expect("it can be written");
        let back: NamedArray = serde_json::from_str(&text).expect("it was written so");
        assert_eq!(back.dtype(), dtype);
        assert_eq!(serde_json::to_string(&back).expect("it can be written"), text);
    }
    let keys = NamedArray::from(pz::random::Key::new(7)).broadcast_to([("n", 2)])?;
    let text = serde_json::to_string(&keys).expect("it can be written");
    let back: NamedArray = serde_json::from_str(&text).expect("it was written so");
    assert_eq!(back.to_vec::<pz::random::Key>()?, keys.to_vec::<pz::random::Key>()?);
    let large = NamedArray::from_vec(vec![u64::MAX], [("n", 1)])?;
    let text = serde_json::to_string(&large).expect("it can be written");
    let back: NamedArray = serde_json::from_str(&text).expect("it was written so");
    assert_eq!(back.to_vec::<u64>()?, [u64::MAX]);
    for (text, says) in [
        (r#"{"dtype":"f31","axes":[],"data":[1]}"#, "`f31` is no dtype"),
        (r#"{"dtype":"f32","axes":[["a",2]],"data":[1]}"#, "1 elements are there for the sizes [2]"),
        (r#"{"dtype":"u8","axes":[],"data":[256]}"#, "an element is no `u8`"),
        (r#"{"dtype":"i32","axes":[],"data":[0.5]}"#, "an element is no `i32`"),
        (r#"{"dtype":"f32","axes":[["a",1],["a",1]],"data":[1]}"#, "`a` is there twice"),
        (r#"{"dtype":"f32","axes":[["a",9223372036854775807],["b",4]],"data":[1]}"#, "1 elements are there"),
        (r#"{"dtype":"f32","axes":[]}"#, "missing field `data`"),
        (r#"{"dtype":"f32","axes":[],"data":[1],"data":[2]}"#, "duplicate field `data`"),
        (r#"{"dtype":"f32","dtype":"f32","axes":[],"data":[1]}"#, "duplicate field `dtype`"),
        (r#"{"axes":[],"dtype":"f32","data":[1],"axes":[]}"#, "duplicate field `axes`"),
        (r#"{"dtype":"f32","axes":[],"data":[1],"names":[]}"#, "unknown field `names`"),
        (r#"{"dtype":"f32","axes":[],"data":[1e300]}"#, "an element is no `f32`"),
        (r#"{"dtype":"f16","axes":[],"data":[65520]}"#, "an element is no `f16`"),
    ] {
        let said = serde_json::from_str::<NamedArray>(text).expect_err("it cannot be").to_string();
        assert!(said.contains(says), "{said}");
    }
    Ok(())
}
