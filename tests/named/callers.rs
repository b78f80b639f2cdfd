//! Errors name the line of the program that called: of what is refused at once, and of what is found when it is read.

use pz::named::OutOfRange;
use pz::nx::{self, nmap};
use pz::{DType, NamedArray, Result};

use super::counted;

/// Whether an error names that line of this file.
fn names_line<T>(found: Result<T>, line: u32) {
    let text = found.err().expect("it is an error").to_string();
    let place = format!("tests/named/callers.rs:{line}");
    let said = [format!("\n  called at: {place}\n"), format!("(in the call at {place})")];
    assert!(said.iter().any(|said| format!("{text}\n").contains(said)), "line {line}: {text}");
}

#[test]
fn what_is_refused_names_the_line() -> Result<()> {
    let x = counted(&[("a", 2), ("b", 3)]);
    let p = x.untag("a")?;
    names_line(x.tag("c"), line!());
    names_line(p.tag_prefix(["c", "d"]), line!());
    names_line(x.untag("z"), line!());
    names_line(x.untag_prefix("z"), line!());
    names_line(x.order_as("z"), line!());
    names_line(x.order_like(&p), line!());
    names_line(nx::order_like(&x, &p), line!());
    names_line(x.rename("a", "b"), line!());
    names_line(x.unwrap("a"), line!());
    names_line(nx::wrap(x.clone(), "a"), line!());
    names_line(x.broadcast_to([("a", 3)]), line!());
    names_line(p.broadcast_positional(&[3]), line!());
    names_line(x.broadcast_like(&counted(&[("a", 3)])), line!());
    names_line(x.slice("a", 3..), line!());
    names_line(x.slice_by("a", .., 0), line!());
    names_line(x.index("a", 2), line!());
    names_line(x.at([("z", 0)]), line!());
    names_line(x.dynamic_slice([("a", &NamedArray::scalar(0), 3)]), line!());
    names_line(x.iter(), line!());
    names_line(x.difference(&p), line!());
    names_line(NamedArray::from_vec(vec![1], [("a", 2)]), line!());
    names_line(NamedArray::from_positional(vec![1], &[2]), line!());
    names_line(NamedArray::full([("a", 2), ("a", 2)], 1), line!());
    names_line(NamedArray::zeros([("a", usize::MAX), ("b", 2)], DType::F32), line!());
    names_line(NamedArray::ones([("a", 2), ("a", 2)], DType::F32), line!());
    names_line(NamedArray::arange_by("a", 0, 1, 0), line!());
    names_line(x.to_vec::<f32>(), line!());
    names_line(x.to_ndarray::<f32>(), line!());
    names_line(x.elements::<f32>(), line!());
    names_line(x.item::<i32>(), line!());
    names_line(nx::stack(&[], "a"), line!());
    names_line(NamedArray::from(pz::random::Key::new(0)).exp(), line!());
    Ok(())
}

#[test]
fn what_a_read_finds_names_the_line_that_asked_for_it() -> Result<()> {
    let x = counted(&[("a", 2), ("b", 3)]);
    let far = NamedArray::from_vec(vec![7], [("k", 1)])?;
    let at = x.at([("b", &far)])?.out_of_range(OutOfRange::Fail);
    let (found, line) = (at.get()?, line!());
    names_line(found.to_vec::<i32>(), line);
    // Steps behind it tell the same.
    names_line(found.order_as(["k", "a"])?.untag("k")?.sum(0)?.eval(), line);
    let (found, line) = (x.remainder(0)?, line!());
    names_line(pz::eval([&found.slice("a", 1..)?.broadcast_to([("c", 2)])?]), line);
    let (given, line) = ((counted(&[("a", 2)]), counted(&[("a", 3)])), line!() + 1);
    names_line(nmap(|(x, _): (NamedArray, NamedArray)| Ok(x), given), line);
    Ok(())
}
