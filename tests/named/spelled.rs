//! What may be written for a number, a name, a place: whatever Rust has for it.

use pz::nx::{AxisIndex, positions};
use pz::random::Key;
use pz::{AxisName, DType, NamedArray, Random, Result, nx, slice};

use super::{assert_is, counted, error};

type Done = Result<()>;

/// The same sum with numbers of each type, on either side.
macro_rules! each {
    ($x:expr, $wanted:expr, $($T:ty)*) => {$({
        let number = 2 as $T;
        for found in [&$x * number, number * &$x, $x.clone() * number, number * $x.clone()] {
            assert_eq!((found.dtype(), found.to_vec::<f32>()?), (DType::F32, $wanted.to_vec()));
        }
    })*};
}

#[test]
fn numbers_of_every_type_are_operands() -> Done {
    let x = NamedArray::from_vec(vec![1f32, -0.5], [("a", 2)])?;
    each!(x, [2.0, -1.0], i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64);
    for half in [x.mul(half::f16::from_f32(2.0))?, half::bf16::from_f32(2.0) * &x] {
        assert_eq!((half.dtype(), half.to_vec::<f32>()?), (DType::F32, vec![2.0, -1.0]));
    }
    // They take the array's dtype, and never make it wider.
    assert_eq!((counted(&[("a", 2)]).cast(DType::U8)? + 3u64).to_vec::<u8>()?, [3, 4]);
    assert_eq!((x.len() - counted(&[("a", 2)])).to_vec::<i32>()?, [2, 1]);
    let large = counted(&[("a", 2)]).cast(DType::U64)?;
    assert_eq!(large.maximum(u64::MAX)?.to_vec::<u64>()?, [u64::MAX; 2]);
    assert_eq!(x.maximum(u64::MAX)?.to_vec::<f32>()?, [u64::MAX as f32; 2]);
    assert_eq!((7u8 & counted(&[("a", 2)])).to_vec::<i32>()?, [0, 1]);
    assert_eq!(
        error(counted(&[("a", 2)]).add(u64::MAX)),
        "add: the number 18446744073709551615 is out of bounds for i32, the other side's dtype\n  help: cast the array \
         to a dtype that holds the number: `x.cast(DType::I64)`"
    );
    Ok(())
}

#[test]
fn names_made_at_run_time_are_names() -> Done {
    let x = counted(&[("a", 2), ("b", 3)]);
    let names: Vec<String> = ["a", "b"].map(String::from).into();
    let (a, b) = (&names[0], names[1].clone());
    assert_is(&x.sum(a)?, "b:3", &[3, 5, 7]);
    assert_is(&x.sum(b.clone())?, "a:2", &[3, 12]);
    for all in [x.sum(&names)?, x.sum(names.clone())?, x.sum(names.as_slice())?, x.sum([a, &b])?] {
        assert_is(&all, "", &[15]);
    }
    assert_is(&x.sum([a.clone(), b.clone()])?, "", &[15]);
    assert_is(&x.untag(&names)?, "2 3", &[0, 1, 2, 3, 4, 5]);
    assert_is(&x.untag([&b])?.tag(a.clone() + "2")?, "a:2 a2:3", &[0, 1, 2, 3, 4, 5]);
    assert_is(&x.order_as(vec![&b, a])?, "b:3 a:2", &[0, 3, 1, 4, 2, 5]);
    assert_is(&x.rename(a, format!("{a}2"))?, "a2:2 b:3", &[0, 1, 2, 3, 4, 5]);
    assert_is(&x.slice(a, 1..)?.index(&b, 0)?, "a:1", &[3]);
    assert_is(&x.at([(a, 1)])?.get()?, "b:3", &[3, 4, 5]);
    assert_is(&x.take(&b, &NamedArray::scalar(2))?, "a:2", &[2, 5]);
    assert_is(&NamedArray::arange(a, 2), "a:2", &[0, 1]);
    assert_is(&NamedArray::full([(a, 1), (&b, 2)], 7)?, "a:1 b:2", &[7, 7]);
    assert_is(&nx::contract(&names, &x, &x)?, "", &[55]);
    assert_is(&nx::stack(&[&x.index(a, 0)?, &x.index(a, 1)?], a)?, "b:3 a:2", &[0, 3, 1, 4, 2, 5]);
    assert_eq!(AxisName::from(a), AxisName::from("a"));
    Ok(())
}

#[test]
fn whole_numbers_ranges_and_lists_are_places() -> Done {
    let x = counted(&[("a", 2), ("b", 3)]);
    let one: [AxisIndex; 10] = [
        1i8.into(),
        1i16.into(),
        1i32.into(),
        1i64.into(),
        1isize.into(),
        1u8.into(),
        1u16.into(),
        1u32.into(),
        1u64.into(),
        1usize.into(),
    ];
    for place in one {
        assert_is(&x.at([("a", place)])?.get()?, "b:3", &[3, 4, 5]);
    }
    let last_two: [AxisIndex; 5] =
        [(1..).into(), (1..3u32).into(), (1..=2usize).into(), (-2..).into(), slice(1..).into()];
    for places in last_two {
        assert_is(&x.at([("b", places)])?.get()?, "a:2 b:2", &[1, 2, 4, 5]);
    }
    let x_once = x.at((("a", ..-1), ("b", ..=1)))?.get()?;
    assert_is(&x_once, "a:1 b:2", &[0, 1]);
    assert_is(&x.at([("b", ..)])?.get()?, "a:2 b:3", &[0, 1, 2, 3, 4, 5]);
    // A list is an array with a positional axis.
    let lists: [AxisIndex; 3] = [[2, 0].into(), vec![2u8, 0].into(), (&[-1i64, -3][..]).into()];
    for places in lists {
        assert_is(&x.at([("b", places)])?.get()?, "2 a:2", &[2, 5, 0, 3]);
    }
    assert_is(&x.at([("b", [2, 0])])?.set(9)?, "a:2 b:3", &[9, 1, 9, 9, 4, 9]);
    let p = x.untag(["a", "b"])?;
    assert_is(&p.at(positions((.., [2, 0])))?.get()?, "2 2", &[2, 0, 5, 3]);
    assert_is(&p.at(positions((1u8, 1..)))?.get()?, "2", &[4, 5]);
    // An item alone is for the first axis.
    let rows = NamedArray::from_positional(vec![1, 1], &[2])?;
    assert_is(&p.at(positions(-1))?.get()?, "3", &[3, 4, 5]);
    assert_is(&p.at(positions(1..))?.get()?, "1 3", &[3, 4, 5]);
    assert_is(&p.at(positions(slice(..).step(-1)))?.get()?, "2 3", &[3, 4, 5, 0, 1, 2]);
    assert_is(&p.at(positions(&rows))?.get()?, "2 3", &[3, 4, 5, 3, 4, 5]);
    Ok(())
}

#[test]
fn an_array_that_is_a_number_is_one_of_every_type() -> Done {
    let seven = NamedArray::scalar(7.5f64);
    assert_eq!((usize::try_from(&seven)?, isize::try_from(&seven)?, u8::try_from(&seven)?), (7, 7, 7));
    assert_eq!(usize::try_from(&NamedArray::scalar(u64::MAX))?, u64::MAX as usize);
    let below = error(usize::try_from(&NamedArray::scalar(-1)));
    assert!(below.starts_with("try_from: the number is -1, which no usize is"), "{below}");
    Ok(())
}

#[test]
fn the_first_positional_axis_is_gone_along() -> Done {
    let x = counted(&[("a", 2), ("b", 3)]).untag("b")?;
    let mut rows = Vec::new();
    for row in &x {
        rows.push(row.to_vec::<i32>()?);
    }
    assert_eq!(rows, [[0, 3], [1, 4], [2, 5]]);
    let panic =
        std::panic::catch_unwind(|| (&counted(&[("a", 2)])).into_iter().count()).expect_err("it has no axis");
    let text = panic.downcast_ref::<String>().expect("a panic of ours is text");
    assert!(text.starts_with("iter: the array has no positional axis to go along (a:2)"), "{text}");
    Ok(())
}

#[test]
fn keys_stand_for_keys_and_for_nothing_else() -> Done {
    let keys = Key::new(1).random_split([("n", 3)])?;
    let all = keys.to_vec::<Key>()?;
    let places = NamedArray::from_vec(vec![2, 7], [("k", 2)])?;
    let found = keys.at([("n", &places)])?.fill_value(Key::new(9)).get()?;
    assert_eq!(found.to_vec::<Key>()?, [all[2], Key::new(9)]);
    let set = keys.at([("n", 1)])?.set(Key::new(9))?;
    assert_eq!(set.to_vec::<Key>()?, [all[0], Key::new(9), all[2]]);
    let draw = "draw integers from the keys: `keys.randint((), 0..10, DType::I32)`";
    for (said, of) in [
        (error(keys.one_hot("c", 3, DType::F32)), "one_hot: the labels are key, and must be integers"),
        (error(places.take("k", &keys)), "take: the places along `k` are key, and must be integers"),
        (error(keys.bincount("n", "m", 3)), "bincount: the elements are key, and must be integers"),
        (error(keys.fold_in(&keys)), "fold_in: what is folded in is key(n:3), and must be integers"),
    ] {
        assert_eq!(said, format!("{of}\n  help: {draw}"));
    }
    assert_eq!(
        error(places.at([("k", &places.greater(3)?)])),
        "at: the places along `k` are bool, and must be integers\n  help: a mask chooses among elements: \
         `mask.select(&new, &x)`"
    );
    Ok(())
}

#[test]
fn positional_axes_that_cannot_be_are_told() -> Done {
    let p = counted(&[("a", 2), ("b", 3), ("c", 4)]).untag(["c", "a"])?;
    for (found, wanted) in [
        (
            p.reshape([3, -1]),
            "reshape: 8 elements do not come out even; the positional shape is [4, 2], and [3, -1] was asked for\n  \
             help: one size can be -1, which is what the others leave",
        ),
        (
            p.reshape([-1, -1]),
            "reshape: one size at most is -1, and none is below that; the positional shape is [4, 2], and [-1, -1] was \
             asked for\n  help: one size can be -1, which is what the others leave",
        ),
        (
            p.transpose("b"),
            "transpose: `b` is a name\n  help: give each of the 2 positional axes of (4, 2 | b:3) by number; \
             `x.order_as([…])` is for names",
        ),
        (
            p.transpose(0),
            "transpose: the positional axis 1 has no place in the order\n  help: give each of the 2 positional axes of \
             (4, 2 | b:3) by number; `x.order_as([…])` is for names",
        ),
        (p.transpose([0, 0]), "transpose: the axis `0` is given twice"),
        (
            p.swapaxes(0, 2),
            "swapaxes: there is no positional axis 2; the array has 2 (4, 2 | b:3)\n  help: `x.untag([…])` makes named \
             axes positional",
        ),
        (
            p.expand_dims(-4),
            "expand_dims: there is no place -4 for a new positional axis; the result has 3 with it",
        ),
        (
            nx::stack(&[&p.untag_prefix("b")?, &p.index(0, 0)?], "s"),
            "stack: array 1 has another number of positional axes than the first (3)\n  help: `expand_dims` gives an array \
             one more positional axis",
        ),
        (
            nx::stack(&[&p, &p, &p.slice("b", 1..)?], "s"),
            "stack: the axis `b` has size 3 in array 0, and 2 in array 2\n  help: stack arrays of the same sizes: `slice` \
             what is longer, `pad` what is shorter",
        ),
    ] {
        assert_eq!(error(found), wanted);
    }
    // Nothing that is asked for is too much to be refused.
    assert!(p.reshape([isize::MAX, isize::MAX, -1]).is_err() && p.reshape([isize::MIN]).is_err());
    assert!(p.moveaxis(isize::MIN, isize::MAX).is_err() && p.expand_dims(isize::MIN).is_err());
    Ok(())
}
