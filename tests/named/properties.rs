//! What holds of all arrays: the order in which axes are stored is nobody's business; `tag` undoes `untag`; `nmap` is a
//! loop.

use proptest::prelude::{Just, Strategy, any, prop_assert_eq, proptest};
use proptest::test_runner::TestCaseError;
use pz::nx::{self, AxisIndex, Running, nmap, positions};
use pz::{AxisName, DType, NamedArray, Result, slice};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// An array of whole numbers, so that sums are exact in any order, with up to four axes of up to three places.
fn arrays() -> impl Strategy<Value = NamedArray> {
    (proptest::collection::vec(0usize..4, 4), any::<u64>(), Just(NAMES).prop_shuffle()).prop_map(
        |(sizes, seed, names)| {
            let len: usize = sizes.iter().product();
            let values =
                (0..len as u64).map(|at| ((at + 1).wrapping_mul(seed | 1) >> 40) as f32 % 16.0 - 8.0);
            let axes = names.into_iter().zip(sizes).map(|(name, size)| (name, size.max(1)));
            let axes: Vec<_> = axes.collect();
            let wanted: usize = axes.iter().map(|(_, size)| size).product();
            let values: Vec<f32> = values.chain(std::iter::repeat(1.0)).take(wanted).collect();
            NamedArray::from_vec(values, axes).expect("as many as there are places")
        },
    )
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

/// Named shape in alphabetical order, and elements.
type Content = (Vec<(AxisName, usize)>, Vec<f32>);

fn content(x: &NamedArray) -> Result<Content> {
    let x = x.canonicalize()?;
    Ok((x.named_shape(), x.to_vec::<f32>()?))
}

fn ok<T>(found: Result<T>) -> Result<T, TestCaseError> {
    found.map_err(|error| TestCaseError::fail(error.to_string()))
}

proptest! {
    #[test]
    fn storage_order_is_nobodys_business(x in arrays(), first in orders(), second in orders(), op in 0..OPS.len()) {
        let y = ok(ok(x.mul(0.5))?.floor())?;
        let (name, op) = OPS[op];
        let wanted = ok(op(&x, &y).and_then(|found| content(&found)))?;
        let (turned_x, turned_y) = (ok(x.order_as(first))?, ok(y.order_as(second))?);
        // In memory too: evaluated in that order.
        ok(pz::eval([&turned_x, &turned_y]))?;
        let found = ok(op(&turned_x, &turned_y).and_then(|found| content(&found)))?;
        prop_assert_eq!(found.0, wanted.0, "{}", name);
        for (a, b) in found.1.iter().zip(&wanted.1) {
            let close = (a - b).abs() <= 1e-5 * b.abs().max(1.0) || a.is_nan() && b.is_nan();
            proptest::prop_assert!(close, "{}: {} and {}", name, a, b);
        }
    }

    #[test]
    fn tag_after_untag_is_the_identity(x in arrays(), order in orders(), count in 0usize..5) {
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
    fn nmap_is_a_loop(x in arrays(), order in orders(), which in 0usize..4) {
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
