//! `nmap` of an operation is a loop of it over slices, whatever the operation.
//!
//! The table in `slices/table.rs` has every operation of arrays; what has none there and could have one is found in the
//! sources. Arguments differ along different axes, some not at all along some of them; the loop indexes each along
//! those that it has, and calls the function on plain arrays. Axes are also given to two calls, one inside the other,
//! and have sizes 0 and 1.

#[path = "slices/control.rs"]
mod control;
#[path = "slices/table.rs"]
mod table;

use std::collections::BTreeSet;

use pz::nx::nmap;
use pz::random::Key;
use pz::{DType, NamedArray, Random, Result};

/// What an operation is given: a slice of each argument.
pub struct Slice {
    /// `f32`, of two positional axes, 3 and 4 long.
    pub x: NamedArray,
    /// As `x`, of other numbers.
    pub y: NamedArray,
    /// An `f32` without axes, at least 1.
    pub s: NamedArray,
    /// An `i32` without axes, from -1 to 4.
    pub i: NamedArray,
    /// `i32` of one positional axis of 4, from 0 to 2.
    pub n: NamedArray,
    /// A truth value without axes.
    pub t: NamedArray,
    /// A random key without axes.
    pub key: NamedArray,
}

/// What an operation gives: an array or several.
pub enum Operation {
    One(fn(&Slice) -> Result<NamedArray>),
    Several(fn(&Slice) -> Result<Vec<NamedArray>>),
    Unary(fn(&NamedArray) -> Result<NamedArray>),
    Binary(fn(&NamedArray, &NamedArray) -> Result<NamedArray>),
}

impl Operation {
    fn run(&self, arrays: Vec<NamedArray>) -> Result<Vec<NamedArray>> {
        let [x, y, s, i, n, t, key]: [NamedArray; 7] = arrays.try_into().expect("there are seven");
        let slice = Slice { x, y, s, i, n, t, key };
        match self {
            Operation::One(f) => Ok(vec![f(&slice)?]),
            Operation::Several(f) => f(&slice),
            // With another array that differs along other axes, both ways, and with a number of its own for each slice.
            Operation::Unary(f) => Ok(vec![f(&slice.x)?, f(&slice.s)?]),
            Operation::Binary(f) => {
                Ok(vec![f(&slice.x, &slice.y)?, f(&slice.y, &slice.s)?, f(&slice.s, &slice.x)?])
            }
        }
    }
}

/// Some numbers that come again the same.
fn numbers(count: usize, seed: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |at| ((at + 1) * (2 * seed + 7919) * 104_729) >> 5)
}

/// Sizes of the axes `a`, `b` and `c`.
type Sizes = [usize; 3];

const AXES: [&str; 3] = ["a", "b", "c"];

/// The axes along which each argument differs.
const DIFFERS: [&[usize]; 7] = [&[0, 1], &[1], &[0], &[0, 2], &[2, 0], &[1, 0], &[0]];

fn arguments(sizes: Sizes) -> Result<Vec<NamedArray>> {
    let array = |place: usize, own: &[usize], dtype: DType, value: fn(usize) -> f64| {
        let named = DIFFERS[place].iter().map(|&axis| (AXES[axis], sizes[axis]));
        let positions = ["p", "q"].into_iter().zip(own.iter().copied());
        let shape: Vec<(&'static str, usize)> = named.chain(positions).collect();
        let count = shape.iter().map(|(_, size)| size).product();
        let values: Vec<f64> = numbers(count, place).map(value).collect();
        NamedArray::from_vec(values, shape)?.cast(dtype)?.untag(&["p", "q"][..own.len()])
    };
    Ok(vec![
        array(0, &[3, 4], DType::F32, |n| (n % 1201) as f64 / 400.0 - 1.5)?,
        array(1, &[3, 4], DType::F32, |n| (n % 1021) as f64 / 500.0 - 1.0)?,
        array(2, &[], DType::F32, |n| 1.0 + (n % 7) as f64 / 8.0)?,
        array(3, &[], DType::I32, |n| (n % 6) as f64 - 1.0)?,
        array(4, &[4], DType::I32, |n| (n % 3) as f64)?,
        array(5, &[], DType::Bool, |n| (n % 2) as f64)?,
        Key::new(3).random_split([("a", sizes[0])])?,
    ])
}

/// The elements, positional axes first, whatever their dtype.
fn elements(array: &NamedArray) -> Result<Vec<f64>> {
    let numbers = if array.dtype() == DType::Key { array.key_data()? } else { array.clone() };
    numbers.cast(DType::F64)?.to_vec()
}

fn near(found: &NamedArray, wanted: &NamedArray, what: &str) -> Result<()> {
    assert_eq!(found.positional_shape(), wanted.positional_shape(), "{what}");
    assert_eq!(found.dtype(), wanted.dtype(), "{what}");
    let (found, wanted) = (elements(found)?, elements(wanted)?);
    for (a, b) in found.iter().zip(&wanted) {
        let is_near = (a - b).abs() <= 1e-5 * b.abs().max(1.0) || a == b || a.is_nan() && b.is_nan();
        assert!(is_near, "{what}: {found:?} is not {wanted:?}");
    }
    Ok(())
}

/// The slice of an array along those of the axes that it has.
fn part(array: &NamedArray, places: Sizes) -> Result<NamedArray> {
    AXES.iter().zip(places).try_fold(array.clone(), |array, (&axis, place)| match array.size(axis) {
        Some(_) => array.index(axis, place),
        None => Ok(array),
    })
}

/// The mapped results, against a loop.
fn is_loop(name: &str, operation: &Operation, sizes: Sizes, mapped: &[NamedArray]) -> Result<()> {
    let arguments = arguments(sizes)?;
    let [a, b, c] = sizes;
    for places in (0..a * b * c).map(|at| [at / (b * c), at / c % b, at % c]) {
        let slices = arguments.iter().map(|array| part(array, places)).collect::<Result<Vec<_>>>()?;
        let wanted = operation.run(slices)?;
        assert_eq!(mapped.len(), wanted.len(), "{name}");
        for (number, (found, wanted)) in mapped.iter().zip(&wanted).enumerate() {
            let what = format!("{name}, result {number}, slice {places:?} of {sizes:?}");
            near(&part(found, places)?, wanted, &what)?;
        }
    }
    Ok(())
}

/// One call for `a`, and one in it for `b` and `c`.
fn nested(operation: &Operation, arguments: Vec<NamedArray>) -> Result<Vec<NamedArray>> {
    let names = |place: usize| DIFFERS[place].iter().filter(|axis| **axis > 0).map(|&axis| AXES[axis]);
    let names: Vec<Vec<&'static str>> = (0..DIFFERS.len()).map(|place| names(place).collect()).collect();
    let moved = arguments.iter().zip(&names).map(|(array, names)| array.untag_prefix(names));
    let outer = nmap(
        |inside: Vec<NamedArray>| {
            let tagged = inside.iter().zip(&names).map(|(array, names)| array.tag_prefix(names));
            let inner = nmap(|slices| operation.run(slices), tagged.collect::<Result<Vec<_>>>()?)?;
            inner.iter().map(|array| array.untag_prefix(["b", "c"])).collect::<Result<Vec<_>>>()
        },
        moved.collect::<Result<Vec<_>>>()?,
    )?;
    outer.iter().map(|array| array.tag_prefix(["b", "c"])).collect()
}

fn every_operation() -> impl Iterator<Item = (&'static str, Operation)> {
    table::operations().into_iter().chain(control::operations())
}

#[test]
fn nmap_of_every_operation_is_a_loop() {
    let mut wrong = Vec::new();
    for (name, operation) in every_operation() {
        let case = || -> Result<()> {
            let sizes = [2, 3, 2];
            let mapped = nmap(|slices| operation.run(slices), arguments(sizes)?)?;
            is_loop(name, &operation, sizes, &mapped)?;
            is_loop(name, &operation, sizes, &nested(&operation, arguments(sizes)?)?)?;
            let one = [1, 1, 1];
            is_loop(name, &operation, one, &nmap(|slices| operation.run(slices), arguments(one)?)?)?;
            // Of no slices there are none, and they have the axes and the dtype of any.
            let none = nmap(|slices| operation.run(slices), arguments([2, 0, 1])?)?;
            for (none, some) in none.iter().zip(&mapped) {
                assert_eq!(none.positional_shape(), some.positional_shape(), "{name}");
                assert_eq!(none.dtype(), some.dtype(), "{name}");
                assert_eq!(elements(none)?.len(), 0, "{name}");
            }
            Ok(())
        };
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(case)) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => wrong.push(format!("{name}: {error}")),
            Err(_) => wrong.push(format!("{name}: panicked, as above")),
        }
    }
    assert!(wrong.is_empty(), "{} of the operations:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is public in `pz-runtime/src/named` and is no operation on a slice: it makes arrays of nothing, reads them, says
/// what they are like, or sets an option of an operation.
const NO_OPERATIONS: &str = "from_vec from_positional from_shared scalar full zeros ones arange arange_by eye to_vec item \
    eval view elements to_ndarray difference dtype len is_empty named_shape positional_shape size summary_text \
    is_namedarray nmap along from_end descending by stride dilation spread same over contracting groups \
    without_replacement weighted reverse length out_of_range fill_value step positions name at run by_einsum \
    by_rearrange wrong_pattern";

/// The public functions and methods of the sources, and those that macros make.
fn surface() -> BTreeSet<String> {
    let (mut names, mut folders) =
        (BTreeSet::new(), vec![format!("{}/pz-runtime/src/named", env!("CARGO_MANIFEST_DIR"))]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the sources are there") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path.display().to_string());
                continue;
            }
            let source = std::fs::read_to_string(&path).expect("a source");
            let (mut in_macro, mut in_random) = (false, false);
            for line in source.lines() {
                in_macro = if line == "}" { false } else { in_macro || line.ends_with("s! {") };
                in_random = line != "}" && (in_random || line.starts_with("pub trait Random"));
                let own = line.strip_prefix("    ").filter(|_| in_macro && !line.starts_with("     "));
                let function = line.trim_start().strip_prefix("pub fn ");
                let function =
                    function.or_else(|| line.trim_start().strip_prefix("fn ").filter(|_| in_random));
                let text = function.or(own).unwrap_or("");
                let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
                let is_name = function.is_some() || text[end..].starts_with(' ');
                let name = &text[..end];
                if is_name && name.starts_with(|c: char| c.is_ascii_lowercase()) {
                    names.insert(name.to_string());
                }
            }
        }
    }
    names
}

#[test]
fn no_operation_is_left_out() {
    let known: BTreeSet<String> = every_operation()
        .flat_map(|(names, _)| names.split(' ').map(String::from).collect::<Vec<_>>())
        .chain(NO_OPERATIONS.split_whitespace().map(String::from))
        .collect();
    let surface = surface();
    assert!(surface.len() > 200, "the surface was read: {surface:?}");
    let missing: Vec<&String> = surface.difference(&known).collect();
    assert!(missing.is_empty(), "give each a case in tests/named/slices/table.rs: {missing:?}");
    let gone: Vec<&String> = known.difference(&surface).collect();
    assert!(gone.is_empty(), "these are in no source any more: {gone:?}");
}
