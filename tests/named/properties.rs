//! What holds of all arrays: the order in which axes are stored is nobody's business; `tag` undoes `untag`; `nmap` is a
//! loop.

use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;
use pz::nx::{self, AxisIndex, Running, nmap, positions};
use pz::{AxisName, DType, NamedArray, Result, slice};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// The names of axes that are positional where an array is used.
const POSITIONS: [&str; 2] = ["p", "q"];

/// Sizes of axes: up to three places, and now and then none.
fn sizes(count: usize, none: u32) -> impl Strategy<Value = Vec<usize>> {
    let one = prop_oneof![none => Just(0usize), 12 => 1usize..4];
    proptest::collection::vec(one, count)
}

/// Whole numbers, so that sums are exact in any order, along these axes in this order.
fn filled(axes: Vec<(&'static str, usize)>, seed: u64) -> NamedArray {
    let len: usize = axes.iter().map(|(_, size)| size).product();
    let values = (0..len as u64).map(|at| ((at + 1).wrapping_mul(seed | 1) >> 40) as f32 % 16.0 - 8.0);
    NamedArray::from_vec(values.collect(), axes).expect("as many as there are places")
}

/// An array with the four names in any order; of a hundred some have no elements where `none` is 1.
fn arrays(none: u32) -> impl Strategy<Value = NamedArray> {
    (sizes(4, none), any::<u64>(), Just(NAMES).prop_shuffle())
        .prop_map(|(sizes, seed, names)| filled(names.into_iter().zip(sizes).collect(), seed))
}

/// An array with the four names and two positional axes, which lie anywhere between them.
fn interleaved() -> impl Strategy<Value = NamedArray> {
    let names = ["a", "b", "c", "d", "p", "q"];
    (sizes(6, 1), any::<u64>(), Just(names).prop_shuffle()).prop_map(|(sizes, seed, names)| {
        let named = filled(names.into_iter().zip(sizes).collect(), seed);
        named.untag(POSITIONS).expect("they are there")
    })
}

/// The same array with its axes in memory in another order, `order` of all six names.
fn stored_as(x: &NamedArray, order: &[&'static str]) -> Result<NamedArray> {
    let turned = x.tag(POSITIONS)?.order_as(order)?.untag(POSITIONS)?;
    turned.eval()?;
    Ok(turned)
}

/// Orders of the four names.
fn orders() -> impl Strategy<Value = [&'static str; 4]> {
    Just(NAMES).prop_shuffle()
}

type Op = (&'static str, fn(&NamedArray, &NamedArray) -> Result<NamedArray>);

const OPS: &[Op] = &[
    ("add", |x, y| x.add(y)),
    ("sub of parts", |x, y| x.index("a", 0)?.sub(&y.index("b", 0)?)),
    ("sum", |x, _| x.sum(["c", "a"])),
    ("max", |x, _| x.max("d")),
    ("mean", |x, _| x.mean(["b"])),
    ("softmax", |x, _| x.softmax(["d"])),
    ("argmax", |x, _| x.argmax("b")?.cast(DType::F32)),
    ("cumsum", |x, _| x.cumsum(Running::from_end("c"))),
    ("sort", |x, _| x.sort("a")),
    ("top_k", |x, _| Ok(x.top_k("c", 1)?.0)),
    ("slice", |x, _| x.slice_by("b", .., -1)),
    ("flip", |x, _| x.flip(["a", "d"])),
    ("roll", |x, _| x.roll("d", 1)),
    ("repeat", |x, _| x.repeat("b", 2)),
    ("select", |x, y| x.greater(y)?.select(x, 0.0)),
    ("contract", |x, y| nx::contract("c", x, &y.index("a", 0)?)),
    ("einsum", |x, y| nx::einsum!("a b c d, a b c d -> d b", x, y)),
    ("rearrange", |x, _| nx::rearrange!("a b c d -> d ac=(a c) b", x)),
    ("take", |x, y| x.take("d", &y.index("d", 0)?.abs()?.cast(DType::I32)?)),
    ("at set", |x, y| x.at((("a", 0), ("b", slice(..).step(-1))))?.set(&y.index("a", 0)?)),
    ("at add", |x, y| x.at([("c", y.index("c", 0)?.index("a", 0)?.cast(DType::I32)?)])?.add(1.0)),
    ("concatenate", |x, y| nx::concatenate(&[x, y], "b")),
    ("stack", |x, y| nx::stack(&[&x.index("a", 0)?, &y.index("a", 0)?], "a")),
    ("standardize", |x, _| x.standardize("b", 1.0)),
    ("diagonal", |x, _| x.diagonal("a", "b", "e", 0)),
    ("pad", |x, _| x.pad([("c", (1, 0))], 2.0)),
    ("nmap", |x, y| {
        nmap(|(x, y): (NamedArray, NamedArray)| x.sum(0)?.add(&y), (x.untag("b")?, y.index("b", 0)?))
    }),
];

/// Named shape in alphabetical order, positional shape, and elements.
type Content = (Vec<(AxisName, usize)>, Vec<usize>, Vec<f32>);

fn content(x: &NamedArray) -> Result<Content> {
    let x = x.canonicalize()?;
    Ok((x.named_shape(), x.positional_shape(), x.cast(DType::F32)?.to_vec::<f32>()?))
}

fn ok<T>(found: Result<T>) -> Result<T, TestCaseError> {
    found.map_err(|error| TestCaseError::fail(error.to_string()))
}

/// One row of an array, along `new` and not `b`.
fn renamed(y: &NamedArray) -> Result<NamedArray> {
    y.sum(["a", "c", "d"])?.sum([0, 1])?.untag("b")?.tag("new")
}

/// Operations of positional axes beside named ones.
const MIXED: &[Op] = &[
    ("sum by position", |x, _| x.sum([0, -1])),
    ("sum of both kinds", |x, _| x.sum([nx::Axis::from(1), "b".into(), "d".into()])),
    ("softmax by position", |x, _| x.softmax(-1)),
    ("cumsum by position", |x, _| x.cumsum(0)),
    ("sort by position", |x, _| x.sort(1)),
    ("add turned", |x, y| x.add(&y.transpose(())?.swapaxes(0, 1)?)),
    ("transpose", |x, _| x.transpose([1, 0])),
    ("reshape", |x, _| x.reshape([1, -1])),
    ("ravel", |x, _| x.reshape([-1])),
    ("moveaxis", |x, _| x.moveaxis(0, -1)),
    ("expand_dims", |x, _| x.expand_dims(1)),
    ("index by position", |x, _| x.at(positions((slice(..).step(-1), AxisIndex::New)))?.get()),
    ("places by position", |x, y| {
        x.at(positions((slice(..), y.index("a", 0)?.max("b")?.sum([0, 1])?.cast(DType::I32)?)))?.get()
    }),
    ("set by position", |x, y| x.at(positions([slice(1..)]))?.set(y.at(positions([slice(..1)]))?.get()?)),
    ("add to places of a name", |x, y| x.at([("c", slice(1..))])?.add(&y.at([("c", slice(..1))])?.get()?)),
    ("set with a new name", |x, y| x.at([("c", 0)])?.set(&renamed(y)?)),
    ("add to a slice with a new name", |x, y| x.at([("a", slice(1..))])?.add(&renamed(y)?)),
    ("set at places with a new name", |x, y| x.at([("c", &renamed(y)?.cast(DType::I32)?)])?.set(0.5)),
    ("untag_prefix", |x, _| x.untag_prefix(["c", "a"])?.sum(1)),
    ("tag_prefix", |x, _| x.tag_prefix("z")?.max("a")),
    ("prefix", |x, y| x.with_positional_prefix()?.sub(y)),
    ("nmap", |x, y| {
        nmap(|(x, y): (NamedArray, NamedArray)| x.sum(0)?.mul(y.index(0, 0)?), (x.clone(), y.clone()))
    }),
    ("concatenate by position", |x, y| nx::concatenate(&[x, y], 1)),
    ("stack by position", |x, y| nx::stack(&[x, y], -1)),
    ("iter", |x, _| x.iter()?.try_fold(NamedArray::scalar(0f32), |sum, row| sum.add(&row))),
    ("order_like", |x, y| x.order_like(y)),
    ("broadcast_like", |x, y| x.index("a", 0)?.broadcast_like(y)),
    ("broadcast_positional", |x, _| {
        x.reshape([-1])?.expand_dims(0)?.broadcast_positional(&[3, x.positional_shape().iter().product()])
    }),
];

/// Whether two results have the same content; where one is an error the other is.
fn alike(name: &str, found: Result<NamedArray>, wanted: Result<NamedArray>) -> Result<(), TestCaseError> {
    let (found, wanted) =
        match (found.and_then(|found| content(&found)), wanted.and_then(|wanted| content(&wanted))) {
            (Ok(found), Ok(wanted)) => (found, wanted),
            (Err(_), Err(_)) => return Ok(()),
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => {
                return Err(TestCaseError::fail(format!("{name}: one of two is an error: {error}")));
            }
        };
    prop_assert_eq!(&found.0, &wanted.0, "{}", name);
    prop_assert_eq!(&found.1, &wanted.1, "{}", name);
    for (a, b) in found.2.iter().zip(&wanted.2) {
        let close = (a - b).abs() <= 1e-5 * b.abs().max(1.0) || a.is_nan() && b.is_nan();
        proptest::prop_assert!(close, "{}: {} and {}", name, a, b);
    }
    Ok(())
}

/// The operations above are no errors of an array that has elements, which would be alike always.
#[test]
fn every_operation_is_one() -> Result<()> {
    let x = filled(["p", "a", "b", "q", "c", "d"].map(|name| (name, 2)).to_vec(), 7).untag(POSITIONS)?;
    let y = x.mul(0.5)?.floor()?;
    for (name, op) in MIXED {
        content(&op(&x, &y)?).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let x = filled(NAMES.map(|name| (name, 2)).to_vec(), 7);
    let y = x.mul(0.5)?.floor()?;
    for (name, op) in OPS {
        content(&op(&x, &y)?).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    Ok(())
}

proptest! {
    #[test]
    fn storage_order_is_nobodys_business(x in arrays(1), first in orders(), second in orders(), op in 0..OPS.len()) {
        let y = ok(ok(x.mul(0.5))?.floor())?;
        let (name, op) = OPS[op];
        let (turned_x, turned_y) = (ok(x.order_as(first))?, ok(y.order_as(second))?);
        // In memory too: evaluated in that order.
        ok(pz::eval([&turned_x, &turned_y]))?;
        alike(name, op(&turned_x, &turned_y), op(&x, &y))?;
    }

    #[test]
    fn where_positional_axes_are_stored_neither(
        x in interleaved(),
        first in Just(["a", "b", "c", "d", "p", "q"]).prop_shuffle(),
        second in Just(["a", "b", "c", "d", "p", "q"]).prop_shuffle(),
        op in 0..OPS.len() + MIXED.len(),
    ) {
        let y = ok(ok(x.mul(0.5))?.floor())?;
        let (name, op) = OPS.iter().chain(MIXED).copied().nth(op).expect("a number of one");
        let (turned_x, turned_y) = (ok(stored_as(&x, &first))?, ok(stored_as(&y, &second))?);
        alike(name, op(&turned_x, &turned_y), op(&x, &y))?;
    }

    #[test]
    fn tag_after_untag_is_the_identity(x in arrays(1), order in orders(), count in 0usize..5) {
        let untagged = ok(x.untag(&order[..count]))?;
        let back = ok(untagged.tag(&order[..count]))?;
        prop_assert_eq!(back.named_shape(), x.named_shape());
        prop_assert_eq!(ok(back.to_vec::<f32>())?, ok(x.to_vec::<f32>())?);
        // And through each of the other forms, by content.
        let (first, others) = order[..count].split_at(count / 2);
        for form in [
            untagged.with_positional_prefix(),
            untagged.add(0.0),
            x.untag(others).and_then(|x| x.untag_prefix(first)),
        ] {
            let back = ok(form.and_then(|form| form.tag_prefix(first)).and_then(|form| form.tag(others)))?;
            ok(back.check_valid())?;
            prop_assert_eq!(ok(content(&back))?, ok(content(&x))?);
        }
    }

    #[test]
    fn tag_after_untag_is_the_identity_beside_positional_axes(x in interleaved(), order in orders(), count in 0usize..5) {
        let named = ok(x.tag(POSITIONS))?;
        prop_assert_eq!(ok(x.tag_prefix("p").and_then(|x| x.tag("q")))?.named_shape(), named.named_shape());
        let untagged = ok(x.untag_prefix(&order[..count]))?;
        let back = ok(untagged.tag_prefix(&order[..count]))?;
        ok(back.check_valid())?;
        prop_assert_eq!(back.named_shape(), x.named_shape());
        prop_assert_eq!(back.positional_shape(), x.positional_shape());
        prop_assert_eq!(ok(back.to_vec::<f32>())?, ok(x.to_vec::<f32>())?);
        // Through an operation, by content.
        let through = ok(untagged.add(0.0).and_then(|x| x.tag_prefix(&order[..count])))?;
        prop_assert_eq!(ok(content(&through))?, ok(content(&x))?);
    }

    #[test]
    fn nmap_is_a_loop(x in arrays(0), order in orders(), which in 0usize..4) {
        // Over the first two names, of a function of the other two.
        let (over, inside) = order.split_at(2);
        let function = |x: &NamedArray| match which {
            0 => x.cumsum(0)?.sub(&x.max(1)?.at(positions((slice(..), AxisIndex::New)))?.get()?),
            1 => x.softmax(-1)?.sum(0),
            2 => nx::contract("k", &x.tag(["i", "k"])?, &x.tag(["j", "k"])?)?.untag(["j", "i"]),
            _ => x.at(positions((0, slice(..).step(-1))))?.get(),
        };
        let mapped = ok(nmap(|x| function(&x), ok(x.untag(inside))?))?;
        let names: Vec<AxisName> = ok(x.untag(inside))?.named_shape().into_iter().map(|(name, _)| name).collect();
        prop_assert_eq!(mapped.named_shape().into_iter().map(|(name, _)| name).collect::<Vec<_>>(), names);
        for i in 0..x.size(over[0]).unwrap_or(0) {
            for j in 0..x.size(over[1]).unwrap_or(0) {
                let part = |x: &NamedArray| x.index(over[0], i)?.index(over[1], j);
                let wanted = ok(part(&x).and_then(|slice| slice.untag(inside)).and_then(|slice| function(&slice)))?;
                let found = ok(part(&mapped))?;
                prop_assert_eq!(found.positional_shape(), wanted.positional_shape());
                let (found, wanted) = (ok(found.to_vec::<f32>())?, ok(wanted.to_vec::<f32>())?);
                for (a, b) in found.iter().zip(&wanted) {
                    proptest::prop_assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0), "{} and {}", a, b);
                }
            }
        }
    }
}
