//! Named axes as Penzai's own tests see them: each test here has the name of one there.
//!
//! `tests/core/named_axes_test.py` in Penzai says what is checked; where it compares the text of an error, the text here
//! is ours, and kept whole. Expected numbers are those of that file, or counted by hand.

#[path = "named/callers.rs"]
mod callers;
#[path = "named/indexing.rs"]
mod indexing;
#[path = "named/inside.rs"]
mod inside;
#[path = "named/mapping.rs"]
mod mapping;
#[path = "named/patterns.rs"]
mod patterns;
#[path = "named/positions.rs"]
mod positions;
#[path = "named/printed.rs"]
mod printed;
#[path = "named/properties.rs"]
mod properties;
#[path = "named/slices.rs"]
mod slices;
#[path = "named/spelled.rs"]
mod spelled;
#[path = "named/structure.rs"]
mod structure;

use pz::NamedArray;

/// `0, 1, 2, …` in an array of that shape.
fn counted(shape: &[(&'static str, usize)]) -> NamedArray {
    let len: usize = shape.iter().map(|(_, size)| size).product();
    NamedArray::from_vec((0..len as i32).collect(), shape.iter().copied()).expect("as many as the shape has")
}

/// Penzai's example: `foo: 2, bar: 3, baz: 5`.
fn foo_bar_baz() -> NamedArray {
    counted(&[("foo", 2), ("bar", 3), ("baz", 5)])
}

/// Axes and elements: `a:2 b:3`, positional sizes first.
#[track_caller]
fn assert_is(found: &NamedArray, axes: &str, elements: &[i32]) {
    let positional = found.positional_shape().into_iter().map(|size| size.to_string());
    let named = found.named_shape().into_iter().map(|(name, size)| format!("{name}:{size}"));
    let text: Vec<String> = positional.chain(named).collect();
    assert_eq!(text.join(" "), axes);
    assert_eq!(found.to_vec::<i32>().expect("the elements are i32"), elements, "of ({axes})");
}

/// The text of an error, without the line that names the call.
#[track_caller]
fn error<T>(found: pz::Result<T>) -> String {
    match found {
        Ok(_) => panic!("it is no error"),
        Err(error) => {
            let text = error.to_string();
            let lines = text.lines().filter(|line| !line.starts_with("  called at: "));
            lines.collect::<Vec<_>>().join("\n")
        }
    }
}
