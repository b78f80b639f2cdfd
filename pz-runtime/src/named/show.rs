//! How an array prints: its dtype and axes always, its values when they are there and few.

use std::fmt;

use super::NamedArray;
use crate::array::dtype::with_type;
use crate::array::graph::Value;

/// Values shown at most.
const SHOWN: usize = 16;

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
}

/// Evaluates nothing: an array that waits to be computed says so.
impl fmt::Debug for NamedArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.summary_text())?;
        match self.array.as_node().value() {
            Value::Pending => f.write_str(" pending"),
            Value::Failed(error) => write!(f, " failed: {error}"),
            Value::Ready(buffer) => with_type!(self.dtype(), T => {
                if self.len() > SHOWN {
                    return Ok(());
                }
                let values = buffer.with_layout(buffer.layout.permuted(&self.prefix_order())).to_vec::<T>();
                f.write_str(" [")?;
                for (place, value) in values.into_iter().enumerate() {
                    let comma = if place == 0 { "" } else { ", " };
                    write!(f, "{comma}{value:?}")?;
                }
                f.write_str("]")
            }),
        }
    }
}

/// Evaluates the array, and prints an error in place of values that cannot be had.
impl fmt::Display for NamedArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.eval() {
            Ok(()) => fmt::Debug::fmt(self, f),
            Err(error) => write!(f, "{} failed: {error}", self.summary_text()),
        }
    }
}
