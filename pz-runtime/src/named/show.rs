//! How an array prints: its dtype and axes always, its values when they are there.
//!
//! `{}` computes what is not there yet, and shows rows in brackets as numpy does; `{:.3}` gives the digits behind the
//! point. `{:?}` computes nothing and is one line, in which a large array is no more than its corners.

use std::fmt;

use super::rows::{Style, rows};
use super::{NamedArray, hidden};
use crate::array::dtype::with_type;
use crate::array::graph::Value;

/// As numpy's `threshold`, `edgeitems` and `linewidth`.
const PAGE: Style = Style { most: 1000, edge: 3, line: Some(75), digits: None };
/// A part of a larger text.
const LINE: Style = Style { most: 16, edge: 1, line: None, digits: None };

impl NamedArray {
    /// The value of a scalar, as Rust writes it, if it is there already.
    pub(super) fn known_scalar(&self) -> Option<String> {
        if !self.array.dims().is_empty() {
            return None;
        }
        let Value::Ready(buffer) = self.array.as_node().value() else { return None };
        with_type!(self.dtype(), T => buffer.to_vec::<T>().first().map(|value| format!("{value:?}")))
    }

    /// `f32(batch:2, seq:3)`: what an array says of itself without being computed.
    pub fn summary_text(&self) -> String {
        format!("{}({})", self.dtype(), self.axes_text())
    }

    /// Whether the array stands for each slice of one that a function under `nmap` was given.
    fn is_slice(&self) -> bool {
        self.roles.iter().filter_map(|role| role.name()).any(hidden::is_hidden)
    }

    fn show(&self, f: &mut fmt::Formatter<'_>, style: &Style) -> fmt::Result {
        write!(f, "{}", self.summary_text())?;
        if self.is_slice() {
            return f.write_str(" for each slice under `nmap`");
        }
        match self.array.as_node().value() {
            Value::Pending => f.write_str(" pending"),
            Value::Failed(error) => write!(f, " failed: {error}"),
            Value::Ready(buffer) => {
                let buffer = buffer.with_layout(buffer.layout.permuted(&self.prefix_order()));
                let style = &Style { digits: f.precision(), ..*style };
                let rows = rows(&buffer, style);
                let own_lines = style.line.is_some() && (self.roles.len() > 1 || rows.contains('\n'));
                write!(f, "{}{rows}", if own_lines { '\n' } else { ' ' })
            }
        }
    }
}

/// Evaluates nothing: an array that waits to be computed says so. `{:#?}` has rows in lines of their own.
impl fmt::Debug for NamedArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f, if f.alternate() { &PAGE } else { &LINE })
    }
}

/// Evaluates the array, and prints an error in place of values that cannot be had. Of more than a thousand elements the
/// first and the last three along each axis are shown.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from_vec(vec![1f32, 0.5, -2.25, 10., 0., 7.], [("row", 2), ("col", 3)])?;
/// assert_eq!(x.to_string(), "f32(row:2, col:3)\n[[ 1.0 ,  0.5 , -2.25],\n [10.0 ,  0.0 ,  7.0 ]]");
/// assert_eq!(format!("{:.1}", x.index("row", 1)?), "f32(col:3) [10.0, 0.0, 7.0]");
/// let many = NamedArray::arange("n", 5000);
/// assert_eq!(many.to_string(), "i32(n:5000) [0, 1, 2, ..., 4997, 4998, 4999]");
/// # Ok::<(), pz::Error>(())
/// ```
impl fmt::Display for NamedArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match if self.is_slice() { Ok(()) } else { self.eval() } {
            Ok(()) => self.show(f, &PAGE),
            Err(error) => write!(f, "{} failed: {error}", self.summary_text()),
        }
    }
}
