//! `nmap` and `scan` (NX15, NX28), and what `nmap` hides.

use std::collections::BTreeMap;

use pz::nx::{self, AxisIndex, nmap};
use pz::{DType, NamedArray, Result};

use super::{assert_is, counted, error, foo_bar_baz};

type Done = Result<()>;
type Pair = (NamedArray, NamedArray);

#[test]
fn nmap_sees_positional_axes_alone() -> Done {
    // Trees of arguments, numbers among them, positional axes in any order.
    let one = foo_bar_baz().untag("baz")?;
    let two = NamedArray::full([("bar", 3), ("baz", 2), ("data1", 3), ("data2", 4)], 100f32)?
        .untag(["data2", "data1"])?;
    let structure = BTreeMap::from([("a named array".to_string(), NamedArray::arange("foo", 2))]);
    let ordinary = NamedArray::from_positional(vec![1f32; 7], &[7])?;
    let found = nmap(
        |((one, structure), number, two, ordinary): (
            (NamedArray, BTreeMap<String, NamedArray>),
            i32,
            NamedArray,
            NamedArray,
        )| {
            assert_eq!((one.positional_shape(), one.named_shape().len()), (vec![5], 0));
            assert!(structure["a named array"].positional_shape().is_empty());
            assert_eq!(structure["a named array"].summary_text(), "i32()");
            assert_eq!(
                (number, two.positional_shape(), ordinary.positional_shape()),
                (3, vec![4, 3], vec![7])
            );
            one.slice(0, ..3)?.add(&two.index(0, 0)?)?.add(&ordinary.slice(0, ..3)?)
        },
        ((one, structure), 3, two, ordinary),
    )?;
    assert_eq!(found.positional_shape(), [3]);
    assert_eq!(found.named_shape(), [("foo".into(), 2), ("bar".into(), 3), ("baz".into(), 2)]);
    let mut wanted = Vec::new();
    for position in 0..3 {
        for foo in 0..2 {
            for bar in 0..3 {
                wanted.extend([(101 + position + 15 * foo + 5 * bar) as f32; 2]);
            }
        }
    }
    assert_eq!(found.to_vec::<f32>()?, wanted);
    Ok(())
}

#[test]
fn results_are_trees_and_constants_have_all_names() -> Done {
    let x = counted(&[("b", 2), ("p", 3)]).untag("p")?;
    let (sum, (constant, kept)) = nmap(|x: NamedArray| Ok((x.sum(0)?, (NamedArray::scalar(7), x))), x)?;
    assert_is(&sum, "b:2", &[3, 12]);
    assert_is(&constant, "b:2", &[7, 7]);
    assert_is(&kept, "3 b:2", &[0, 3, 1, 4, 2, 5]);
    // No names, no arrays.
    assert_is(&nmap(|x: NamedArray| x.add(1), NamedArray::scalar(1))?, "", &[2]);
    assert_is(&nmap(|n: i32| Ok(NamedArray::scalar(n)), 4)?, "", &[4]);
    Ok(())
}

#[test]
fn hidden_names_do_not_collide() -> Done {
    let x = counted(&[("a", 2), ("p", 3)]).untag("p")?;
    let y = counted(&[("q", 2)]).untag("q")?;
    // Inside, the name of a hidden axis can be given again, and mapped over.
    let found = nmap(
        |(x, y): Pair| {
            let again = y.tag("a")?;
            let mapped = nmap(|(x, one): Pair| x.sum(0)?.add(&one), (x, again))?;
            assert_eq!(mapped.named_shape(), [("a".into(), 2)]);
            mapped.untag("a")
        },
        (x.clone(), y),
    )?;
    assert_is(&found, "2 a:2", &[3, 12, 4, 13]);
    // Arrays from outside are used; their named axes are not those of the slices.
    let weights = NamedArray::from_positional(vec![1, 10, 100], &[3])?;
    assert_is(&nmap(|x: NamedArray| x.mul(&weights)?.sum(0), x.clone())?, "a:2", &[210, 543]);
    let outer = counted(&[("a", 2)]);
    assert_eq!(
        error(nmap(|x: NamedArray| x.sum(0)?.add(&outer), x.clone())),
        "nmap: the function returned result with named axes, i32(a:2)\n  help: make them positional: `x.untag(…)`; \
         `nmap` gives back the names that the arguments had"
    );
    // A failure inside leaves nothing behind.
    assert!(nmap(|x: NamedArray| x.sum(9), x.clone()).is_err());
    assert_is(&nmap(|x: NamedArray| x.sum(0), x)?, "a:2", &[3, 12]);
    Ok(())
}

#[test]
fn products_and_patterns_carry_hidden_axes() -> Done {
    let x = counted(&[("a", 2), ("p", 2), ("q", 2)]).untag(["p", "q"])?;
    let found = nmap(
        |x: NamedArray| {
            let x = x.tag(["i", "k"])?;
            let square = nx::einsum!("i k, k j -> i j", x, x.rename(["i", "k"], ["k", "j"])?)?;
            nx::rearrange!("i j -> all=(i j)", square)?.untag("all")
        },
        x.clone(),
    )?;
    // [[0, 1], [2, 3]]^2 and [[4, 5], [6, 7]]^2.
    assert_is(&found, "4 a:2", &[2, 46, 3, 55, 6, 66, 11, 79]);
    let outer = nmap(
        |(x, y): Pair| nx::outer(&x.tag("i")?, &y.tag("j")?)?.untag(["i", "j"]),
        (x.index(0, 0)?, x.index(0, 1)?),
    )?;
    assert_is(&outer, "2 2 a:2", &[0, 24, 0, 28, 2, 30, 3, 35]);
    Ok(())
}

/// What a function that `nmap` runs keeps of its argument.
#[track_caller]
fn kept_from(x: &NamedArray) -> Result<NamedArray> {
    let mut kept = None;
    nmap(|x: NamedArray| Ok(kept.insert(x).clone()), x.clone())?;
    Ok(kept.expect("the function ran"))
}

#[test]
fn an_array_that_leaks_meets_no_other_call() -> Done {
    let x = counted(&[("a", 2), ("p", 3)]).untag("p")?;
    let leaked = kept_from(&x)?;
    let line = line!() - 1;
    let place = format!("`a` of the `nmap` at tests/named/mapping.rs:{line}");
    let wants = "\n  help: return it from the function that `nmap` was given, and use the result";
    // Read outside, alone and in a sum.
    let says = |op: &str, what: &str| {
        format!("{op}: {what} is a slice along {place}, which is not running here{wants}")
    };
    assert_eq!(error(leaked.to_vec::<i32>()), says("to_vec", "i32(3)"));
    assert_eq!(error(leaked.add(counted(&[("a", 2)]))?.sum(0)?.to_vec::<i32>()), says("to_vec", "i32(a:2)"));
    // In a later call at the same depth, over the same axis: as an argument, and as a result.
    assert_eq!(error(nmap(|x: NamedArray| x.sum(0), leaked.clone())), says("nmap", "args"));
    assert_eq!(error(nmap(|x: NamedArray| x.add(&leaked), x.clone())), says("nmap", "result"));
    let pair = nmap(|x: NamedArray| Ok((x.clone(), x.add(&leaked)?.sum(0)?)), x.clone());
    assert_eq!(error(pair), says("nmap", "result[1]"));
    // And the call itself, once more, has other axes than before.
    assert_is(&nmap(|x: NamedArray| x.sum(0), x)?, "a:2", &[3, 12]);
    Ok(())
}

#[test]
fn no_text_is_a_hidden_name() -> Done {
    // Names that begin with what has marked hidden axes, and stood for positions, are names as all others are.
    for name in ["\0nmap 1 a", "\0position 0", "\0axis 0", "\0new 0", "0", ""] {
        let x = NamedArray::arange(name, 2).add(NamedArray::arange("a", 3))?;
        assert_is(&x, &format!("{name}:2 a:3"), &[0, 1, 2, 1, 2, 3]);
        let y = nmap(
            |x: NamedArray| x.sum(0)?.add(NamedArray::arange(name, 2).untag(name)?.sum(0)?),
            x.untag("a")?,
        )?;
        assert_is(&y, &format!("{name}:2"), &[4, 7]);
        assert_eq!(x.untag("a")?.var(0, 0)?.named_shape(), [(name.into(), 2)]);
        let part = x.untag("a")?.at(nx::positions((AxisIndex::New, 1)))?.get()?;
        assert_is(&part, &format!("1 {name}:2"), &[1, 2]);
        let inside = nmap(
            |x: NamedArray| {
                assert_eq!(x.size(name), None);
                x.tag(name)?.untag(name)
            },
            NamedArray::arange(name, 2).add(NamedArray::arange("a", 3))?.untag("a")?,
        )?;
        assert_is(&inside, &format!("3 {name}:2"), &[0, 1, 1, 2, 2, 3]);
        let text = serde_json::to_string(&x).expect("it can be written");
        let back: NamedArray = serde_json::from_str(&text).expect("it was written so");
        assert_eq!(back.named_shape(), x.named_shape());
    }
    Ok(())
}

#[test]
fn sizes_that_differ_are_told_with_their_arguments() -> Done {
    let args = (counted(&[("a", 2), ("b", 3)]), vec![counted(&[("b", 4)]), counted(&[("a", 5)])]);
    assert_eq!(
        error(nmap(|(x, _): (NamedArray, Vec<NamedArray>)| Ok(x), args)),
        "nmap: 2 problems\n  - the axis `b` has size 3 in args[0], 4 in args[1][0]\n  - the axis `a` has size 2 in \
         args[0], 5 in args[1][1]\n  help: args[0] has (a:2, b:3), args[1][0] has (b:4), args[1][1] has (a:5)"
    );
    Ok(())
}

#[test]
fn scan_orders_what_it_carries() -> Done {
    let xs = counted(&[("b", 2), ("t", 3)]);
    let start = NamedArray::zeros([("b", 2), ("c", 1)], DType::I32)?;
    let (last, seen) = pz::scan("t", start, xs, |carried: NamedArray, x: NamedArray| {
        assert_eq!(x.named_shape(), [("b".into(), 2)]);
        let next = carried.add(&x)?;
        // In another order than it came.
        Ok((next.order_as(["c", "b"])?, next.index("c", 0)?))
    })?;
    assert_is(&last, "b:2 c:1", &[3, 12]);
    assert_is(&seen, "t:3 b:2", &[0, 3, 1, 7, 3, 12]);
    Ok(())
}
