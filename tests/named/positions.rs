//! Axes by position: what an operation does along an axis that is called so it does along one that is counted.
//!
//! By name the operations are held to JAX's numbers in `tests/numerics`. Here each is done both ways, on an array whose
//! positional axes lie apart, and must give the same bits under the same axes.

use pz::named::{PadMode, Side};
use pz::nx::{self, Conv, Slide};
use pz::prelude::*;
use pz::{DType, NamedArray, Result, nx::Choice};

use super::{assert_is, counted, error};

type Done = Result<()>;
type Op = fn(&NamedArray) -> Result<NamedArray>;

/// An operation by name on `(p:3, a:2, q:4)`, by position on the same with `p` and `q` positional, and the names of the
/// result's positional axes.
const BOTH: &[(&str, Op, Op, &[&str])] = &[
    (
        "pad",
        |x| x.pad([("p", (1, 0)), ("q", (-1, 2))], 9),
        |x| x.pad([(0, (1, 0)), (-1, (-1, 2))], 9),
        &["p", "q"],
    ),
    (
        "pad_by",
        |x| x.pad_by(PadMode::Reflect, [("q", (2, 1))]),
        |x| x.pad_by(PadMode::Reflect, [(1, (2, 1))]),
        &["p", "q"],
    ),
    ("diagonal", |x| x.diagonal("q", "p", "d", -1), |x| x.diagonal(1, 0, -1, -1), &["d"]),
    (
        "diagonal by name to position",
        |x| x.diagonal("a", "p", "d", 0),
        |x| x.diagonal("a", 0, 0, 0),
        &["d", "q"],
    ),
    ("diagonal to a name", |x| x.diagonal("p", "q", "d", 1), |x| x.diagonal(0, 1, "d", 1), &[]),
    ("trace", |x| x.trace("p", "q", 1), |x| x.trace(0, -1, 1), &[]),
    ("tril", |x| x.tril("q", "p", 1), |x| x.tril(1, 0, 1), &["p", "q"]),
    ("triu", |x| x.triu("p", "a", 0), |x| x.triu(0, "a", 0), &["p", "q"]),
    ("window_sum", |x| x.window_sum([("p", 2), ("q", 3)]), |x| x.window_sum([(0, 2), (1, 3)]), &["p", "q"]),
    (
        "window_max",
        |x| x.window_max([Slide::along("q").size(2).stride(2).pad(1, 0)]),
        |x| x.window_max([Slide::along(-1).size(2).stride(2).pad(1, 0)]),
        &["p", "q"],
    ),
    (
        "window_min",
        |x| x.window_min([("p", 3), ("a", 2)]),
        |x| x.window_min([Slide::from((0, 3)), ("a", 2).into()]),
        &["p", "q"],
    ),
    ("max_pool", |x| x.max_pool([("q", 2)]), |x| x.max_pool([(1usize, 2)]), &["p", "q"]),
    ("avg_pool", |x| x.avg_pool([("q", 2)]), |x| x.avg_pool([(-1isize, 2)]), &["p", "q"]),
    ("one_hot", |x| x.one_hot("c", 25, DType::I32), |x| x.one_hot(-1, 25, DType::I32), &["p", "q", "c"]),
    ("one_hot between", |x| x.one_hot("c", 3, DType::F32), |x| x.one_hot(1, 3, DType::F32), &["p", "c", "q"]),
    (
        "dynamic_slice",
        |x| x.dynamic_slice([("q", &NamedArray::scalar(9), 2), ("p", &NamedArray::scalar(1), 1)]),
        |x| x.dynamic_slice([(1, &NamedArray::scalar(9), 2), (0, &NamedArray::scalar(1), 1)]),
        &["p", "q"],
    ),
    (
        "dynamic_update_slice",
        |x| {
            x.dynamic_update_slice(&counted(&[("q", 2), ("a", 2), ("p", 3)]), [("q", &NamedArray::scalar(1))])
        },
        |x| {
            let update = counted(&[("q", 2), ("a", 2), ("p", 3)]).untag(["p", "q"])?;
            x.dynamic_update_slice(&update, [(1, &NamedArray::scalar(1))])
        },
        &["p", "q"],
    ),
    ("take", |x| x.take("q", &places("k")?), |x| x.take(1, &places("k")?.untag("k")?), &["p", "k"]),
    ("take to a name", |x| x.take("p", &places("k")?), |x| x.take(-2, &places("k")?), &["q"]),
    (
        "take along",
        |x| x.take("p", &places("a")?.slice("a", ..2)?),
        |x| x.take(0, &places("a")?.slice("a", ..2)?),
        &["q"],
    ),
    (
        "concatenate",
        |x| nx::concatenate(&[x, &x.neg()?], "p"),
        |x| nx::concatenate(&[x, &x.neg()?], 0),
        &["p", "q"],
    ),
    ("stack", |x| nx::stack(&[x, &x.neg()?], "s"), |x| nx::stack(&[x, &x.neg()?], 1), &["p", "s", "q"]),
    (
        "stack behind",
        |x| nx::stack(&[x, &x.neg()?], "s"),
        |x| nx::stack(&[x, &x.neg()?], -1),
        &["p", "q", "s"],
    ),
    ("bincount", |x| x.bincount("q", "v", 6), |x| x.bincount(1, -1, 6), &["p", "v"]),
    ("unique", |x| Ok(x.rem(5)?.unique("p", 3)?.values), |x| Ok(x.rem(5)?.unique(0, 3)?.values), &["p", "q"]),
    (
        "unique's counts",
        |x| Ok(x.rem(3)?.unique("q", 4)?.counts),
        |x| Ok(x.rem(3)?.unique(1, 4)?.counts),
        &["p", "q"],
    ),
    (
        "searchsorted",
        |x| x.searchsorted("q", &NamedArray::arange("v", 30), Side::Left),
        |x| x.searchsorted(1, &NamedArray::arange("v", 30).untag("v")?, Side::Left),
        &["v", "p"],
    ),
    (
        "tensordot",
        |x| nx::tensordot(x, &counted(&[("k", 2), ("j", 4)]), [("q", "j")]),
        |x| nx::tensordot(x, &counted(&[("k", 2), ("j", 4)]).untag(["k", "j"])?, [(1, 1)]),
        &["p", "k"],
    ),
    (
        "outer",
        |x| nx::outer(x, &NamedArray::arange("k", 2)),
        |x| nx::outer(x, &NamedArray::arange("k", 2).untag("k")?),
        &["p", "q", "k"],
    ),
    (
        "conv",
        |x| x.conv(&kernel()?, &Conv::over(["q"]).contracting("p")),
        |x| x.conv(&kernel()?.untag(["p", "q"])?, &Conv::over([1]).contracting(0)),
        &["q"],
    ),
    (
        "conv by another",
        |x| {
            x.conv(
                &kernel()?.rename("q", "tap")?,
                &Conv::over([Slide::along("q").by("tap").same()]).contracting("p"),
            )
        },
        |x| {
            let kernel = kernel()?.untag(["p", "new", "q"])?;
            x.conv(&kernel, &Conv::over([Slide::along(-1).by(2).same()]).contracting(0))
        },
        &["q", "new"],
    ),
    (
        "conv in groups",
        |x| x.conv(&kernel()?.slice("p", ..1)?, &Conv::over(["q"]).contracting("p").groups(3, "new")),
        |x| {
            let kernel = kernel()?.slice("p", ..1)?.untag(["p", "q", "new"])?;
            x.conv(&kernel, &Conv::over([1]).contracting(0).groups(3, 2))
        },
        &["q", "new"],
    ),
    ("permutation", |x| Key::new(3).permutation(x, "q"), |x| Key::new(3).permutation(x, -1), &["p", "q"]),
    (
        "categorical",
        |x| Key::new(3).categorical(&x.cast(DType::F32)?.mul(0.1)?.order_as(["a", "p", "q"])?, "q"),
        |x| {
            Key::new(3).categorical(
                &x.cast(DType::F32)?
                    .mul(0.1)?
                    .with_positional_prefix()?
                    .tag(["p", "q"])?
                    .order_as(["a", "p", "q"])?
                    .untag(["p", "q"])?,
                1,
            )
        },
        &["p"],
    ),
    (
        "cross_entropy of labels",
        |x| x.cast(DType::F32)?.cross_entropy(&NamedArray::arange("p", 3), "q"),
        |x| x.cast(DType::F32)?.cross_entropy(&NamedArray::arange("p", 3).untag("p")?, 1),
        &["p"],
    ),
    (
        "cross_entropy of probabilities",
        |x| x.cast(DType::F32)?.cross_entropy(&x.softmax("p")?, "p"),
        |x| x.cast(DType::F32)?.cross_entropy(&x.softmax(0)?, 0),
        &["q"],
    ),
    (
        "cross_entropy by name",
        |x| x.cast(DType::F32)?.cross_entropy(&counted(&[("p", 3), ("q", 4)]).rem(2)?, "a"),
        |x| {
            x.cast(DType::F32)?.cross_entropy(&counted(&[("p", 3), ("q", 4)]).rem(2)?.untag(["p", "q"])?, "a")
        },
        &["p", "q"],
    ),
    (
        "smooth_labels",
        |x| x.cast(DType::F32)?.smooth_labels("q", 0.5),
        |x| x.cast(DType::F32)?.smooth_labels(1, 0.5),
        &["p", "q"],
    ),
];

fn places(name: &'static str) -> Result<NamedArray> {
    NamedArray::from_vec(vec![2, 0, -1], [(name, 3)])
}

fn kernel() -> Result<NamedArray> {
    Ok(counted(&[("new", 3), ("q", 2), ("p", 3)]))
}

#[test]
fn positions_do_what_names_do() -> Done {
    let x = counted(&[("p", 3), ("a", 2), ("q", 4)]);
    let y = x.untag(["p", "q"])?;
    for (op, by_name, by_position, names) in BOTH {
        let told = |found: Result<NamedArray>| found.unwrap_or_else(|error| panic!("{op}: {error}"));
        let (wanted, found) = (told(by_name(&x)), told(by_position(&y)));
        found.check_valid()?;
        assert_eq!(found.positional_shape().len(), names.len(), "{op}");
        let found = found.tag(*names)?.canonicalize()?;
        let wanted = wanted.canonicalize()?;
        assert_eq!(found.named_shape(), wanted.named_shape(), "{op}");
        assert_eq!(found.dtype(), wanted.dtype(), "{op}");
        let (found, wanted) =
            (found.cast(DType::F64)?.to_vec::<f64>()?, wanted.cast(DType::F64)?.to_vec::<f64>()?);
        assert_eq!(found, wanted, "{op}");
    }
    Ok(())
}

#[test]
fn numpys_examples_by_position() -> Done {
    let x = NamedArray::from_positional((0..6).collect::<Vec<i32>>(), &[2, 3])?;
    assert_is(&x.pad([(1, (0, 1))], 7)?, "2 4", &[0, 1, 2, 7, 3, 4, 5, 7]);
    assert_is(&x.diagonal(0, 1, -1, 0)?, "2", &[0, 4]);
    assert_is(&x.trace(0, 1, 1)?, "", &[6]);
    assert_is(&x.tril(0, 1, 0)?, "2 3", &[0, 0, 0, 3, 4, 0]);
    assert_is(&x.triu(-2, -1, 0)?, "2 3", &[0, 1, 2, 0, 4, 5]);
    assert_is(&x.take(1, &NamedArray::from_positional(vec![2, 0], &[2])?)?, "2 2", &[2, 0, 5, 3]);
    assert_is(&x.window_sum([(1, 2)])?, "2 2", &[1, 3, 7, 9]);
    assert_is(&nx::tensordot(&x, &x, [(1, 1)])?, "2 2", &[5, 14, 14, 50]);
    Ok(())
}

#[test]
fn positions_that_are_not_there_are_told() -> Done {
    let x = NamedArray::from_positional((0..6).collect::<Vec<i32>>(), &[2, 3])?;
    let zero = NamedArray::scalar(0);
    for (found, says) in [
        (x.pad([(2, (0, 1))], 7), "pad: there is no positional axis 2; the array has 2 (2, 3)"),
        (x.pad([(0, (0, 1)), (-2, (0, 1))], 7), "pad: the axis `-2` is given twice"),
        (x.diagonal(0, 0, -1, 0), "diagonal: the axis `0` is given twice"),
        (
            x.diagonal(0, 1, 1, 0),
            "diagonal: there is no place 1 for a new positional axis; the result has 1 with it",
        ),
        (x.tril(0, 5, 0), "tril: there is no positional axis 5; the array has 2 (2, 3)"),
        (
            x.one_hot(-4, 3, DType::I32),
            "one_hot: there is no place -4 for a new positional axis; the result has 3",
        ),
        (
            x.dynamic_slice([(1, &zero, 9)]),
            "dynamic_slice: a window of 9 was asked for along `1`, whose size is 3",
        ),
        (
            x.window_sum([(1, 4)]),
            "window_sum: the window along `1` reaches over 4 places, and the axis has 3",
        ),
        (x.conv(&zero, &Conv::over([0])), "conv: there is no positional axis 0; the array has 0 ()"),
        (
            x.conv(&x, &Conv::over([0]).contracting(0)),
            "conv: 2 problems\n  - the axis `0` of the array is given twice\n  - the axis `0` of the kernel is given twice",
        ),
        (x.conv(&x, &Conv::over(["h"; 0]).contracting([0, -2])), "conv: the axis `-2` is given twice"),
        (
            x.pad([(0, (isize::MAX, 1))], 0),
            "pad: the axis `0` of size 2 would have 9223372036854775810 elements, too many",
        ),
        (nx::concatenate(&[&x, &zero], 0), "concatenate: array 1 has 0 positional axes, and the first has 2"),
        (nx::stack(&[&x], 7), "stack: there is no place 7 for a new positional axis; the result has 3"),
        (nx::stack(&[], 0), "stack: no arrays were given"),
        (nx::stack(&[], "a"), "stack: no arrays were given"),
        (x.take(usize::MAX, &zero), "take: there is no positional axis 9223372036854775807"),
        (x.take(isize::MIN, &zero), "take: there is no positional axis -9223372036854775808"),
        (x.cross_entropy(&zero, 1), "cross_entropy: what is wanted has 0 positional axes and not 1"),
    ] {
        let text = error(found);
        assert!(text.starts_with(says), "{text}");
    }
    // What binds by name alone says what to do.
    assert!(error(nx::contract("a", &x, &x)).contains("`x.tag"));
    assert!(Key::new(0).choice(&x, Choice::along("n"), [("draw", 2)]).is_err());
    Ok(())
}
