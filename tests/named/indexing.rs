//! Indices by name and by position, reads and updates (NX16 to NX18, NX26, NX27, NX29).

use pz::nx::{AxisIndex, OutOfRange, positions};
use pz::{AxisName, DType, NamedArray, Result, nx, slice};

use super::{assert_is, counted, error, foo_bar_baz};

type Done = Result<()>;

#[test]
fn indexing_positional() -> Done {
    let found = foo_bar_baz().untag(["baz", "bar"])?.at(positions((2, slice(..).step(-1))))?.get()?;
    assert_is(&found, "3 foo:2", &[12, 27, 7, 22, 2, 17]);
    let x = foo_bar_baz().untag("bar")?;
    assert_eq!(
        error(x.at(positions([0, 1]))),
        "at: the index has 2 places for the 1 positional axes of the array (3 | foo:2, baz:5)"
    );
    Ok(())
}

#[test]
fn indexing_by_dict() -> Done {
    let named = foo_bar_baz();
    let backwards = slice(..).step(-1);
    let found = named.at((("baz", 2), ("bar", backwards)))?.get()?;
    assert_is(&found, "foo:2 bar:3", &[12, 7, 2, 27, 22, 17]);
    let index = (("baz", 2), ("bar", backwards), ("qux", AxisIndex::New));
    let found = named.untag("foo")?.at(index)?.get()?.tag("foo")?;
    assert_is(&found, "qux:1 bar:3 foo:2", &[12, 27, 7, 22, 2, 17]);
    Ok(())
}

#[test]
fn indexing_batched() -> Done {
    let table = counted(&[("vocab", 100), ("features", 3)]);
    let places = [2, 61, 3, 10, 40];
    let indices = NamedArray::from_vec(places.to_vec(), [("batch", 5)])?;
    let wanted: Vec<i32> = (0..3).flat_map(|f| places.map(|place| place * 3 + f)).collect();
    assert_is(&table.untag("vocab")?.at(positions([&indices]))?.get()?, "features:3 batch:5", &wanted);
    assert_is(&table.at([("vocab", &indices)])?.get()?, "features:3 batch:5", &wanted);
    Ok(())
}

#[test]
fn indexed_update_at() -> Done {
    let array = NamedArray::arange("foo", 5).add(NamedArray::arange("bar", 4))?;
    let wanted = |change: &dyn Fn(i32, i32) -> i32| -> Vec<i32> {
        (0..4).flat_map(|bar| (0..5).map(move |foo| (foo, bar))).map(|(foo, bar)| change(foo, bar)).collect()
    };
    let by_position = array.untag("foo")?.at(positions([3]))?.set(100)?.tag("foo")?;
    let by_name = array.at([("foo", 3)])?.set(100)?;
    for found in [by_position, by_name] {
        let set = wanted(&|foo, bar| if foo == 3 { 100 } else { foo + bar });
        assert_is(&found.canonicalize()?, "bar:4 foo:5", &set);
    }
    let hundreds = NamedArray::arange("foo", 5).mul(100)?;
    let by_position = array.untag("bar")?.at(positions([2]))?.add(&hundreds)?.tag("bar")?;
    let by_name = array.at([("bar", 2)])?.add(&hundreds)?;
    for found in [by_position, by_name] {
        let added = wanted(&|foo, bar| foo + bar + if bar == 2 { 100 * foo } else { 0 });
        assert_is(&found.canonicalize()?, "bar:4 foo:5", &added);
    }
    // A new name in index and values: a copy of the array for each of its places.
    let (places, values) =
        (NamedArray::arange("qux", 2).add(1)?, NamedArray::arange("qux", 2).mul(100)?.add(100)?);
    let by_position = array.untag("bar")?.at(positions([&places]))?.add(&values)?.tag("bar")?;
    let by_name = array.at([("bar", &places)])?.add(&values)?;
    for found in [by_position, by_name] {
        for qux in 0..2 {
            let part = found.index("qux", qux as usize)?.canonicalize()?;
            let added = wanted(&|foo, bar| foo + bar + if bar == qux + 1 { 100 + 100 * qux } else { 0 });
            assert_is(&part, "bar:4 foo:5", &added);
        }
    }
    // What is out of range reads as the smallest number of integers.
    let places = NamedArray::from_positional(vec![1, 1, 2, 100], &[4])?;
    let at = array.untag("foo")?.at(positions([&places]))?.out_of_range(OutOfRange::Fill);
    let low = i32::MIN;
    assert_is(
        &at.get()?.tag("baz")?,
        "bar:4 baz:4",
        &[1, 1, 2, low, 2, 2, 3, low, 3, 3, 4, low, 4, 4, 5, low],
    );
    Ok(())
}

#[test]
fn complicated_dict_indexed_update() -> Done {
    // All kinds of index at once, against a loop.
    let array = counted(&[("a", 3), ("b", 4), ("c", 5), ("d", 2)]).untag("d")?;
    let rows = NamedArray::from_vec(vec![2, 0], [("r", 2)])?;
    let at = array.at((("a", &rows), ("b", slice(1..).step(2)), ("n", AxisIndex::New), ("c", -1)))?;
    let part = at.get()?;
    assert_eq!(
        (part.positional_shape(), part.named_shape()),
        (vec![2], vec![("r".into(), 2), ("n".into(), 1), ("b".into(), 2)])
    );
    let place = |a: i32, b: i32, c: i32, d: i32| ((a * 4 + b) * 5 + c) * 2 + d;
    let mut wanted = Vec::new();
    for d in 0..2 {
        for row in [2, 0] {
            wanted.extend([1, 3].map(|b| place(row, b, 4, d)));
        }
    }
    assert_is(&part, "2 r:2 n:1 b:2", &wanted);
    let values = NamedArray::from_vec(vec![1000, 2000], [("b", 2)])?;
    let added = at.add(&values)?.tag("d")?.order_as(["r", "a", "b", "c", "d"])?;
    let mut wanted = Vec::new();
    for row in [2, 0] {
        for (a, b, c, d) in (0..120).map(|at| (at / 40, at / 10 % 4, at / 2 % 5, at % 2)) {
            let there = a == row && c == 4;
            let more = if there && b == 1 {
                1000
            } else if there && b == 3 {
                2000
            } else {
                0
            };
            wanted.push(place(a, b, c, d) + more);
        }
    }
    assert_eq!(added.to_vec::<i32>()?, wanted);
    Ok(())
}

#[test]
fn every_update_has_its_place() -> Done {
    let x = counted(&[("a", 4)]).cast(DType::F32)?;
    let at = x.at([("a", slice(1..3))])?;
    for (found, wanted) in [
        (at.set(9.0)?, [0., 9., 9., 3.]),
        (at.add(1.0)?, [0., 2., 3., 3.]),
        (at.multiply(3.0)?, [0., 3., 6., 3.]),
        (at.divide(2.0)?, [0., 0.5, 1., 3.]),
        (at.power(3.0)?, [0., 1., 8., 3.]),
        (at.min(1.0)?, [0., 1., 1., 3.]),
        (at.max(1.5)?, [0., 1.5, 2., 3.]),
        (at.apply(|part| part.mul(10.0)?.flip("a"))?, [0., 20., 10., 3.]),
    ] {
        assert_eq!(found.to_vec::<f32>()?, wanted);
    }
    Ok(())
}

#[test]
fn a_value_in_place_of_what_is_not_there() -> Done {
    let x = counted(&[("a", 2), ("b", 3)]);
    let places = NamedArray::from_vec(vec![1, 7, -3, -4], [("k", 4)])?;
    assert_is(&x.at([("b", &places)])?.fill_value(-9).get()?, "a:2 k:4", &[1, -9, 0, -9, 4, -9, 3, -9]);
    assert_is(&x.at((("b", 5), ("a", slice(1..))))?.fill_value(-9).get()?, "a:1", &[-9]);
    assert_is(&x.at([("b", 2)])?.fill_value(-9).get()?, "a:2", &[2, 5]);
    // Of an axis without elements too; `out_of_range` afterwards means something else again.
    let none = NamedArray::zeros([("b", 0)], DType::I32)?;
    assert_is(&none.at([("b", &places)])?.fill_value(7).get()?, "k:4", &[7; 4]);
    assert_is(&x.at([("b", 5)])?.fill_value(-9).out_of_range(OutOfRange::Clip).get()?, "a:2", &[2, 5]);
    // What is not there has no gradient.
    let y = NamedArray::from_vec(vec![1f32, 2., 3.], [("b", 3)])?;
    let read = |y: &[NamedArray]| y[0].at([("b", &places)])?.fill_value(5.0).get()?.square()?.sum("k");
    assert_eq!(pz::grad(read, &[y])?[0].to_vec::<f32>()?, [2.0, 4.0, 0.0]);
    assert_eq!(
        error(x.at([("b", 5)])?.fill_value(0.5).get()),
        "at(..).get: the array is i32, and cannot hold a value of a higher kind\n  help: cast the array first: `x.cast(…)`"
    );
    assert_eq!(
        error(x.at([("b", 5)])?.fill_value(&x).get()),
        "at(..).get: the value must be one number, and has axes (a:2, b:3)"
    );
    Ok(())
}

#[test]
fn mistakes_are_told_by_name() -> Done {
    let x = counted(&[("a", 2), ("b", 3)]);
    let k = NamedArray::arange("k", 2);
    assert_eq!(
        error(x.at((("a", 0), ("b", AxisIndex::New)))),
        "at: the new axis `b` would be there twice (a:2, b:3)"
    );
    assert_eq!(error(x.at([("z", 0)])), "at: there is no axis `z`; the array has (a:2, b:3)");
    assert_eq!(error(x.at([("a", 0), ("a", 1)])), "at: the axis `a` is given twice");
    assert_eq!(
        error(x.at([("a", k.cast(DType::F32)?)])),
        "at: the places along `a` are f32, and must be integers\n  help: cast them: `places.cast(DType::I32)`"
    );
    assert_eq!(
        error(x.at([("a", slice(..).step(0))])),
        "at: the step along `a` is 0\n  help: a step goes forwards or backwards"
    );
    let b = NamedArray::arange("b", 2);
    assert_eq!(
        error(x.at((("a", &b), ("b", slice(..))))),
        "at: the name `b` would be there twice: of the axis, and of the places"
    );
    let at = x.at([("b", slice(1..))])?;
    assert_eq!(
        error(at.set(counted(&[("b", 3)]))),
        "at(..).set: the slice of `b` has 2 elements, and the values have 3\n  help: the part has (a:2, b:2)"
    );
    assert_eq!(
        error(at.set(counted(&[("p", 3)]).untag("p")?)),
        "at(..).set: the values have the positional shape [3], and the part [], to which it does not broadcast\n  help: the \
         part has (a:2, b:2)"
    );
    assert_eq!(
        error(x.untag("a")?.at(positions((AxisIndex::Ellipsis, AxisIndex::Ellipsis)))),
        "at: the index has more than one ellipsis"
    );
    Ok(())
}

#[test]
fn captured_slice_index_is_a_number() -> Done {
    // Penzai's test of a slice whose bound is an array: bounds are numbers here.
    let stop = NamedArray::scalar(3);
    let x = NamedArray::ones([("a", 5)], DType::F32)?;
    let part = x.at([("a", slice(..i32::try_from(&stop)? as isize))])?.get()?;
    assert_eq!(nx::wrap(part.unwrap("a")?, ())?.to_vec::<f32>()?, [1.0; 3]);
    Ok(())
}

/// As `x.at[...].set(9)` in JAX.
#[test]
fn an_index_that_leaves_all_axes_updates_the_whole_array() -> Done {
    let x = NamedArray::from_vec(vec![1, 2, 3, 4, 5, 6], [("a", 2), ("b", 3)])?;
    let nothing: Vec<(AxisName, AxisIndex)> = Vec::new();
    let row = NamedArray::from_vec(vec![10, 20, 30], [("b", 3)])?;
    assert_eq!(x.at(nothing.clone())?.set(9)?.to_vec::<i32>()?, [9; 6]);
    let added = x.at(nothing)?.add(&row)?.order_as(["a", "b"])?;
    assert_eq!(added.to_vec::<i32>()?, [11, 22, 33, 14, 25, 36]);
    let y = x.untag(["a", "b"])?;
    let set = y.at(positions([AxisIndex::Ellipsis]))?.multiply(2)?;
    assert_eq!((set.positional_shape(), set.to_vec::<i32>()?), (vec![2, 3], vec![2, 4, 6, 8, 10, 12]));
    Ok(())
}

#[test]
fn an_update_with_a_new_axis_does_not_rest_on_how_the_array_lies() -> Done {
    // Positional axes lie before the named one here: x[p][q][b] = 6p + 3q + b.
    let x = NamedArray::arange("all", 12).cast(DType::I32)?;
    let x = nx::rearrange!("(p q b) -> p q b", x, p = 2, q = 2)?.untag(["p", "q"])?;
    let new = NamedArray::arange("new", 2).cast(DType::I32)?;
    let places = NamedArray::arange("new", 2);
    let seen = |found: NamedArray| found.tag(["p", "q"])?.order_as(["p", "q", "new", "b"])?.to_vec::<i32>();
    // What is at the index, of x[p][q][b] and the number along the new axis.
    let wanted = |at: fn(i32, i32, i32) -> i32| -> Vec<i32> {
        let all =
            (0..4).flat_map(|rows| (0..2).flat_map(move |new| (0..3).map(move |b| (3 * rows + b, b, new))));
        all.map(|(x, b, new)| at(x, b, new)).collect()
    };
    assert_eq!(seen(x.at([("b", 2)])?.set(&new)?)?, wanted(|x, b, new| if b == 2 { new } else { x }));
    assert_eq!(seen(x.at([("b", 0)])?.add(&new)?)?, wanted(|x, b, new| if b == 0 { x + new } else { x }));
    assert_eq!(
        seen(x.at([("b", &places)])?.add(10)?)?,
        wanted(|x, b, new| if b == new { x + 10 } else { x })
    );
    let slices = x.at([("b", slice(1..))])?.set(&new)?;
    assert_eq!(seen(slices)?, wanted(|x, b, new| if b >= 1 { new } else { x }));
    Ok(())
}

#[test]
fn an_update_of_the_whole_array_leaves_its_axes_in_their_order() -> Done {
    let x = NamedArray::arange("all", 6);
    let x = nx::rearrange!("(a b) -> a b", x, a = 2)?;
    let nothing: Vec<(AxisName, AxisIndex)> = Vec::new();
    let found = x.at(nothing)?.add(1)?;
    assert_eq!(found.named_shape(), x.named_shape());
    assert_eq!(found.to_vec::<i32>()?, [1, 2, 3, 4, 5, 6]);
    Ok(())
}

#[test]
fn a_slice_too_long_for_memory_is_refused_in_words() -> Done {
    let x = NamedArray::zeros([("a", 1 << 50)], DType::U8)?;
    assert!(error(x.at([("a", slice(1..))])?.set(1)).contains("no memory for an array"));
    Ok(())
}

#[test]
fn whole_numbers_of_more_than_64_bits_are_floats_beside_floats() -> Done {
    assert_eq!(NamedArray::scalar(1f32).mul(1_i128 << 70)?.item::<f32>()?, (1_i128 << 70) as f32);
    assert_eq!(NamedArray::scalar(1f64).add(i128::MIN)?.item::<f64>()?, i128::MIN as f64 + 1.0);
    Ok(())
}
