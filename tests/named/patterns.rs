//! `einsum!` and `rearrange!` at run time: results, and what is told of arrays that do not fit. (What the compiler tells
//! of patterns is in `tests/ui`.)

use pz::{NamedArray, Result, nx};

use super::{assert_is, counted, error};

type Done = Result<()>;

#[test]
fn einsum_binds_by_name_whatever_the_order() -> Done {
    let (x, w) =
        (counted(&[("batch", 2), ("seq", 2), ("embed", 3)]), counted(&[("embed", 3), ("hidden", 2)]));
    let wanted = nx::contract("embed", &x, &w)?;
    let turned = x.order_as(["embed", "batch", "seq"])?;
    for found in [
        nx::einsum!("batch seq embed, embed hidden -> batch seq hidden", x, w)?,
        nx::einsum!("embed seq batch, embed hidden -> batch seq hidden", &turned, &w)?,
        nx::einsum!(".. embed, embed hidden -> .. hidden", x, w)?,
    ] {
        assert_is(&found, "batch:2 seq:2 hidden:2", &wanted.to_vec::<i32>()?);
    }
    let v = counted(&[("k", 3)]);
    assert_is(&nx::einsum!("k, k ->", v, v)?, "", &[5]);
    assert_is(&nx::einsum!(", k -> k", NamedArray::scalar(2), v,)?, "k:3", &[0, 2, 4]);
    assert_is(&nx::einsum!(".., k -> k ..", counted(&[("a", 2)]), v)?, "k:3 a:2", &[0, 0, 0, 1, 0, 2]);
    Ok(())
}

#[test]
fn einsum_tells_the_pattern_with_what_does_not_fit() -> Done {
    let (x, w) = (counted(&[("batch", 2), ("embed", 3)]), counted(&[("embed", 4), ("out", 2)]));
    assert_eq!(
        error(nx::einsum!("batch embed, embed hidden -> batch hidden", x, w)),
        "einsum!: 3 problems\n  - array 1 has no axis `hidden`; it has (embed:4, out:2)\n  - the axis `embed` has size 4 \
         in array 1, and 3 in one before it\n  - array 1 has an axis `out` of size 2 that the pattern has not\n  help: \
         the pattern is `batch embed, embed hidden -> batch hidden`"
    );
    assert_eq!(
        error(nx::einsum!(".. embed, batch -> .. batch embed", x, counted(&[("batch", 2)]))),
        "einsum!: the axis `batch` is under `..` in one array and named in another\n  help: the pattern is `.. embed, \
         batch -> .. batch embed`"
    );
    assert!(error(nx::einsum!("a -> a", x.untag("batch")?)).contains("positional axes (2 | embed:3)"));
    Ok(())
}

#[test]
fn rearrange_splits_joins_and_orders() -> Done {
    let x = counted(&[("batch", 2), ("embed", 6)]);
    let all: Vec<i32> = (0..12).collect();
    let split = nx::rearrange!("batch (heads dim) -> batch heads dim", x, heads = 2)?;
    assert_is(&split, "batch:2 heads:2 dim:3", &all);
    assert_is(
        &nx::rearrange!("batch embed=(heads dim) -> batch heads dim", &x, dim = 3)?,
        "batch:2 heads:2 dim:3",
        &all,
    );
    // The group is the axis that no name of the pattern is, wherever it stands.
    let turned = x.order_as(["embed", "batch"])?;
    assert_is(
        &nx::rearrange!("batch (heads dim) -> batch heads dim", turned, heads = 2)?,
        "batch:2 heads:2 dim:3",
        &all,
    );
    let turned = nx::rearrange!("batch heads dim -> embed=(dim heads) batch", split)?;
    assert_is(&turned, "embed:6 batch:2", &[0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11]);
    assert_is(
        &nx::rearrange!(".. embed=(a b c) -> c all=(a b) ..", x, a = 3, b = 1,)?,
        "c:2 all:3 batch:2",
        &[0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11],
    );
    assert_is(
        &nx::rearrange!("(a b) (c d) -> d c b a", x, a = 2, c = 6)?.canonicalize()?,
        "a:2 b:1 c:6 d:1",
        &all,
    );
    let none = NamedArray::zeros([("a", 0), ("b", 4)], pz::DType::I32)?;
    assert_eq!(nx::rearrange!("a (c d) -> c a d", none, c = 2)?.named_shape()[2], ("d".into(), 2));
    Ok(())
}

#[test]
fn patterns_at_their_extremes() -> Done {
    // Nothing at all, and everything as it is.
    assert_is(&nx::rearrange!("->", NamedArray::scalar(7))?, "", &[7]);
    let x = counted(&[("a", 2), ("b", 3)]);
    assert_is(&nx::rearrange!(".. -> ..", x)?, "a:2 b:3", &[0, 1, 2, 3, 4, 5]);
    assert_is(&nx::rearrange!(".. -> ..", NamedArray::scalar(7))?, "", &[7]);
    assert_eq!(
        error(nx::rearrange!("->", x)),
        "rearrange!: 2 problems\n  - the array has an axis `a` of size 2 that the pattern has not\n  - the array has an \
         axis `b` of size 3 that the pattern has not\n  help: the pattern is `->`"
    );
    // Groups of one: other names, and names that change places.
    assert_is(&nx::rearrange!("(n) b -> b n", x)?, "b:3 n:2", &[0, 3, 1, 4, 2, 5]);
    assert_is(&nx::rearrange!("a b -> a=(b) b=(a)", x)?, "a:3 b:2", &[0, 3, 1, 4, 2, 5]);
    assert_is(&nx::rearrange!("a=(b) b=(a) -> a b", x)?, "a:3 b:2", &[0, 3, 1, 4, 2, 5]);
    assert_eq!(
        error(nx::rearrange!("(n) b -> b n", x, n = 3)),
        "rearrange!: the axis `a` of size 2 does not divide into (n) with `n` = 3\n  help: the pattern is `(n) b -> b n`"
    );
    // No elements: joined, split with a size that follows, and with one that is 0 itself.
    let none = NamedArray::zeros([("a", 0), ("b", 4)], pz::DType::I32)?;
    assert_is(&nx::rearrange!("a b -> all=(b a)", none)?, "all:0", &[]);
    assert_is(&nx::rearrange!("a=(c d) b -> c b d", none, c = 2)?, "c:2 b:4 d:0", &[]);
    assert_is(&nx::rearrange!("a=(c d) b -> c b d", none, c = 0, d = 9)?, "c:0 b:4 d:9", &[]);
    assert!(error(nx::rearrange!("a=(c d) b -> c b d", none, c = 0)).contains("does not divide"));
    let one = NamedArray::full([("a", 1), ("b", 1)], 3)?;
    assert_is(&nx::rearrange!("a b=(c d e) -> a=(d a) e=(e) c", one, c = 1, d = 1)?, "a:1 e:1 c:1", &[3]);
    // Sixteen axes of two, turned round: each place has its bits the other way round.
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"];
    let many = counted(&names.map(|name| (name, 2)));
    let wanted: Vec<i32> =
        (0..1u16 << 15).chain(1 << 15..=u16::MAX).map(|at| at.reverse_bits().into()).collect();
    let all =
        nx::rearrange!("a b c d e f g h i j k l m n o p -> all=(p o n m l k j i h g f e d c b a)", many)?;
    assert_is(&all, "all:65536", &wanted);
    let back = nx::rearrange!(
        "(p o n m l k j i h g f e d c b a) -> a b c d e f g h i j k l m n o p",
        all,
        p = 2,
        o = 2,
        n = 2,
        m = 2,
        l = 2,
        k = 2,
        j = 2,
        i = 2,
        h = 2,
        g = 2,
        f = 2,
        e = 2,
        d = 2,
        c = 2,
        b = 2
    )?;
    assert_eq!(back.named_shape(), many.named_shape());
    assert_eq!(back.to_vec::<i32>()?, many.to_vec::<i32>()?);
    // Einsums of nothing, and of axes without elements: a sum of nothing is 0.
    assert_is(&nx::einsum!("->", NamedArray::scalar(7))?, "", &[7]);
    assert_is(
        &nx::einsum!("a b, a -> b", none, NamedArray::zeros([("a", 0)], pz::DType::I32)?)?,
        "b:4",
        &[0; 4],
    );
    assert_eq!(
        error(nx::einsum(&[], ())),
        "einsum: no arrays were given\n  help: give at least one array: `nx::einsum(&[&x, &y], \"a\")`"
    );
    Ok(())
}

#[test]
fn rearrange_tells_the_pattern_with_what_does_not_fit() -> Done {
    let x = counted(&[("batch", 2), ("embed", 6)]);
    assert_eq!(
        error(nx::rearrange!("batch (heads dim) -> batch heads dim", x, heads = 4)),
        "rearrange!: the axis `embed` of size 6 does not divide into (heads dim) with `heads` = 4\n  help: the pattern \
         is `batch (heads dim) -> batch heads dim`"
    );
    assert_eq!(
        error(nx::rearrange!("seq (heads dim) -> seq heads dim", x, heads = 0)),
        "rearrange!: 3 problems\n  - there is no axis `seq`; the array has (batch:2, embed:6)\n  - the axis `batch` of \
         size 2 does not divide into (heads dim) with `heads` = 0\n  - the array has an axis `embed` of size 6 that the \
         pattern has not\n  help: the pattern is `seq (heads dim) -> seq heads dim`"
    );
    let huge = usize::MAX;
    assert!(
        error(nx::rearrange!("batch (a b c) -> batch a b c", x, a = huge, b = 2)).contains("does not divide")
    );
    assert!(error(nx::rearrange!("batch .. -> .. batch", x.untag("embed")?)).contains("positional axes"));
    assert!(
        error(nx::rearrange!(".. batch=(a b) -> a embed=(b) ..", x, a = 2))
            .contains("`embed` would be there twice")
    );
    Ok(())
}
