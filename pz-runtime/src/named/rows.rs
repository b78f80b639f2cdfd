//! The elements of an array as text: rows in brackets, as numpy prints them.
//!
//! Columns stand below one another, a long row goes on in the next line, and of a large array only the first and the
//! last places along each axis are shown, with `...` for those between. So the text stays short whatever the array is,
//! and only what is shown is read.

use std::fmt::Write;

use smallvec::SmallVec;

use crate::array::buffer::Buffer;
use crate::array::dtype::with_type;
use crate::array::layout::Layout;
use crate::array::{DKind, Element};

/// How elements are written.
pub(super) struct Style {
    /// Of an array with more elements not all are shown.
    pub(super) most: usize,
    /// Places shown at either end of an axis then.
    pub(super) edge: usize,
    /// Characters in a line; none where all is one line, and numbers are written as Rust writes them.
    pub(super) line: Option<usize>,
    /// Digits behind the point; none for as many as tell the numbers apart, up to [`DIGITS`].
    pub(super) digits: Option<usize>,
}

/// Digits behind the point at most, where nobody asks for more.
const DIGITS: usize = 8;

/// The places along an axis that are shown: the first, then the last.
#[derive(Clone, Copy)]
struct Shown {
    first: usize,
    last: usize,
    size: usize,
}

impl Shown {
    fn count(self) -> usize {
        self.first + self.last
    }

    fn is_cut(self) -> bool {
        self.count() < self.size
    }

    /// The place along the axis that is shown as number `number`.
    fn place(self, number: usize) -> usize {
        if number < self.first { number } else { self.size - self.count() + number }
    }
}

/// What is shown of each axis. Where the ends of all are too much, outer axes show less.
fn shown(dims: &[usize], style: &Style) -> Vec<Shown> {
    let mut shown: Vec<Shown> = dims.iter().map(|&size| Shown { first: size, last: 0, size }).collect();
    let count = |shown: &[Shown]| shown.iter().fold(1usize, |count, axis| count.saturating_mul(axis.count()));
    if count(&shown) <= style.most {
        return shown;
    }
    for axis in shown.iter_mut().filter(|axis| axis.size > 2 * style.edge) {
        (axis.first, axis.last) = (style.edge, style.edge);
    }
    for (first, last) in [(1, 1), (1, 0)] {
        for axis in 0..dims.len() {
            if count(&shown) <= style.most {
                return shown;
            }
            if shown[axis].count() > first + last {
                (shown[axis].first, shown[axis].last) = (first, last);
            }
        }
    }
    shown
}

/// The elements in brackets, or the only one without.
pub(super) fn rows(buffer: &Buffer, style: &Style) -> String {
    let axes = shown(&buffer.layout.dims, style);
    if axes.iter().any(|axis| axis.size == 0) {
        return "[]".into();
    }
    let one_line = Page { axes: &axes, line: None };
    let exact = style.line.is_none() && style.digits.is_none();
    let texts = with_type!(buffer.dtype(), T => {
        let values = values::<T>(buffer, &axes);
        if exact || axes.is_empty() && style.digits.is_none() {
            values.iter().map(|value| format!("{value:?}")).collect()
        } else {
            texts(&values, style.digits)
        }
    });
    let row = || one_line.text(&texts);
    match style.line {
        None => row(),
        Some(line) if axes.len() <= 1 && texts.len() <= line && row().len() <= line => row(),
        Some(line) => Page { line: Some(line), axes: &axes }.text(&aligned(&texts)),
    }
}

/// The elements that are shown.
fn values<T: Element>(buffer: &Buffer, axes: &[Shown]) -> Vec<T> {
    let Layout { strides, offset, .. } = &buffer.layout;
    let storage = buffer.storage::<T>();
    let mut at: SmallVec<[usize; 6]> = SmallVec::from_elem(0, axes.len());
    let mut values = Vec::new();
    loop {
        let steps = axes.iter().zip(&at).zip(strides);
        let offset = steps.fold(*offset, |offset, ((axis, &number), &stride)| {
            offset.wrapping_add_signed(axis.place(number) as isize * stride)
        });
        values.push(storage[offset]);
        if next(&mut at, axes).is_none() {
            return values;
        }
    }
}

/// Goes on to the next place; gives the axis that advanced.
fn next(at: &mut [usize], axes: &[Shown]) -> Option<usize> {
    let advanced = (0..at.len()).rfind(|&axis| at[axis] + 1 < axes[axis].count())?;
    at[advanced] += 1;
    at[advanced + 1..].fill(0);
    Some(advanced)
}

/// Each element by itself; of numbers, with as few digits as tell them apart, or as many as were asked for.
fn texts<T: Element>(values: &[T], digits: Option<usize>) -> Vec<String> {
    if T::DTYPE.kind() != DKind::Float {
        return values.iter().map(|value| format!("{value:?}")).collect();
    }
    let sizes =
        || values.iter().map(|value| value.to_f64().abs()).filter(|size| size.is_finite() && *size > 0.0);
    let is_scientific = sizes().any(|size| !(1e-4..1e8).contains(&size));
    let text = |value: T, digits: usize| {
        let float = value.to_f64();
        if is_scientific && float.is_finite() {
            format!("{float:.digits$e}")
        } else {
            format!("{float:.digits$}")
        }
    };
    if let Some(digits) = digits {
        return values.iter().map(|value| text(*value, digits)).collect();
    }
    // As few digits as give the number back; where numbers have an exponent, in all as many as in one.
    let needed = |value: T| {
        let is_told =
            |digits: &usize| text(value, *digits).parse().is_ok_and(|back| T::from_f64(back) == value);
        (usize::from(!is_scientific)..DIGITS).find(is_told).unwrap_or(DIGITS)
    };
    let finite = values.iter().filter(|value| value.to_f64().is_finite());
    let most = if is_scientific { finite.map(|value| needed(*value)).max() } else { None };
    values.iter().map(|value| text(*value, most.unwrap_or_else(|| needed(*value)))).collect()
}

/// Texts of one width: points stand below one another, what has none ends where the others do.
fn aligned(texts: &[String]) -> Vec<String> {
    let has_exponent = texts.iter().any(|text| text.contains('.') && text.contains('e'));
    let behind = |text: &String| text.find('.').filter(|_| !has_exponent).map(|point| text.len() - point);
    let most = texts.iter().filter_map(behind).max().unwrap_or(0);
    let filled = texts.iter().map(|text| {
        let missing = behind(text).map_or(0, |behind| most - behind);
        format!("{text}{:missing$}", "")
    });
    let filled: Vec<String> = filled.collect();
    let width = filled.iter().map(String::len).max().unwrap_or(0);
    filled.into_iter().map(|text| format!("{text:>width$}")).collect()
}

/// Elements between brackets, in one line or several.
struct Page<'a> {
    axes: &'a [Shown],
    line: Option<usize>,
}

impl Page<'_> {
    fn text(&self, texts: &[String]) -> String {
        let (rank, mut out) = (self.axes.len(), String::new());
        let mut at: SmallVec<[usize; 6]> = SmallVec::from_elem(0, rank);
        out.push_str(&"[".repeat(rank));
        let mut column = rank;
        for text in texts {
            let width = text.len();
            if self.line.is_some_and(|line| column > rank && column + width + 1 > line) {
                out.truncate(out.trim_end().len());
                let _ = write!(out, "\n{:rank$}", "");
                column = rank;
            }
            out.push_str(text);
            column += width;
            let advanced = next(&mut at, self.axes);
            let closed = advanced.map_or(0, |axis| axis + 1)..rank;
            for axis in closed.rev() {
                if self.axes[axis].is_cut() && self.axes[axis].last == 0 {
                    self.separate(&mut out, axis);
                    out.push_str("...");
                }
                out.push(']');
            }
            let Some(axis) = advanced else { break };
            self.separate(&mut out, axis);
            column += 2;
            if self.axes[axis].is_cut() && at[axis] == self.axes[axis].first {
                out.push_str("...");
                self.separate(&mut out, axis);
                column += 5;
            }
            if axis + 1 < rank {
                out.push_str(&"[".repeat(rank - axis - 1));
                column = rank;
            }
        }
        out
    }

    /// What stands between two parts along an axis.
    fn separate(&self, out: &mut String, axis: usize) {
        let breaks = self.axes.len() - axis - 1;
        if self.line.is_none() || breaks == 0 {
            out.push_str(", ");
            return;
        }
        out.push_str(if breaks == 1 { ",\n" } else { ",\n\n" });
        let _ = write!(out, "{:indent$}", "", indent = axis + 1);
    }
}
