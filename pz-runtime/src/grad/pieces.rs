//! Sums of the cotangents of pieces.
//!
//! A slice gets its cotangent back surrounded by zeros. What is cut in pieces that are all used (queries, keys and values
//! of one product; the halves that a rotation takes) would add arrays of which most is zero, piece by piece. Pieces that
//! lie side by side are put behind one another instead.

use crate::array::Array;
use crate::array::dtype::{sealed::Stored, with_type};
use crate::array::graph::Value;
use crate::array::params::{Padding, Params};
use crate::error::Result;

/// The sum of two cotangents.
pub(super) fn sum(known: &Array, more: &Array) -> Result<Array> {
    let joined = match (Piece::of(known), Piece::of(more)) {
        (Some(left), Some(right)) => match left.before(&right) {
            None => right.before(&left),
            joined => joined,
        },
        _ => None,
    };
    joined.unwrap_or_else(|| known.add(more))
}

/// An array with zeros around it along one axis.
struct Piece {
    array: Array,
    axis: usize,
    low: isize,
    high: isize,
}

impl Piece {
    /// What `array` is a piece of, if it is that.
    fn of(array: &Array) -> Option<Piece> {
        let node = array.as_node();
        let Params::Pad(pads) = &node.params else { return None };
        let mut padded = pads.iter().enumerate().filter(|(_, pad)| **pad != Padding::default());
        let (axis, &Padding { low, high, interior }) = padded.next()?;
        let [inner, filling] = <[_; 2]>::try_from(node.inputs().into_vec()).ok()?.map(Array::from_node);
        let is_piece = padded.next().is_none() && interior == 0 && low >= 0 && high >= 0;
        (is_piece && is_zero(&filling)).then_some(Piece { array: inner, axis, low, high })
    }

    fn len(&self) -> isize {
        self.array.dims()[self.axis] as isize
    }

    /// The sum with a piece that begins where this one ends.
    fn before(&self, next: &Piece) -> Option<Result<Array>> {
        let is_next = self.axis == next.axis && self.low + self.len() == next.low;
        is_next.then(|| {
            let joined = Array::concatenate(&[&self.array, &next.array], self.axis)?;
            joined.pad_axis(self.axis, Padding { low: self.low, high: next.high, interior: 0 })
        })
    }
}

/// Whether an array is known to be zero whatever else is derived.
fn is_zero(array: &Array) -> bool {
    let node = array.as_node();
    match node.value() {
        Value::Ready(buffer) if node.trackers.is_empty() => {
            with_type!(buffer.dtype(), T => buffer.to_vec::<T>().iter().all(|value| <T as Stored>::to_f64(*value) == 0.0))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::array::{Array, DType};
    use crate::grad::{Scope, pullback};

    /// The gradient of a function by numbers 1, 2, … in two rows, and whether zeros were put around something.
    fn gradient(f: impl Fn(&Array) -> Array) -> (Vec<f64>, bool) {
        let scope = Scope::open();
        let values: Vec<f64> = (1..=12).map(f64::from).collect();
        let x = scope.input(&Array::from_vec(values, &[2, 6])).unwrap();
        let y = f(&x).sum(&[0, 1]).unwrap();
        let seed = Array::full(1.0, &[], DType::F64).unwrap();
        let found = pullback(&scope, &[(y, seed)], &[x]).unwrap().remove(0);
        let is_padded = found.as_node().op.is_some_and(|op| op.name == "pad" || op.name == "add");
        (found.read().unwrap().to_vec(), is_padded)
    }

    fn part(x: &Array, axis: usize, start: usize, count: usize) -> Array {
        x.slice(axis, start, 1, count).unwrap()
    }

    #[test]
    fn pieces_side_by_side_are_joined() {
        // Each is the others' product: of 1 to 6, then of 7 to 12.
        let thirds = |x: &Array| {
            let [a, b, c] = [0, 2, 4].map(|start| part(x, 1, start, 2));
            a.mul(&b).unwrap().mul(&c).unwrap()
        };
        let wanted = [15.0, 24.0, 5.0, 12.0, 3.0, 8.0, 99.0, 120.0, 77.0, 96.0, 63.0, 80.0];
        assert_eq!(gradient(thirds), (wanted.to_vec(), false));
        // In whatever order they arrive.
        let halves = |x: &Array| part(x, 1, 3, 3).mul(&part(x, 1, 0, 3)).unwrap();
        let wanted = [4.0, 5.0, 6.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 7.0, 8.0, 9.0];
        assert_eq!(gradient(halves), (wanted.to_vec(), false));
        let rows = |x: &Array| part(x, 0, 0, 1).mul(&part(x, 0, 1, 1)).unwrap();
        let wanted = [7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        assert_eq!(gradient(rows), (wanted.to_vec(), false));
    }

    #[test]
    fn pieces_that_overlap_or_leave_gaps_are_added() {
        let overlapping = |x: &Array| part(x, 1, 0, 4).mul(&part(x, 1, 2, 4)).unwrap();
        let wanted = [3.0, 4.0, 6.0, 8.0, 3.0, 4.0, 9.0, 10.0, 18.0, 20.0, 9.0, 10.0];
        assert_eq!(gradient(overlapping), (wanted.to_vec(), true));
        let apart = |x: &Array| part(x, 1, 0, 2).mul(&part(x, 1, 3, 2)).unwrap();
        let wanted = [4.0, 5.0, 0.0, 1.0, 2.0, 0.0, 10.0, 11.0, 0.0, 7.0, 8.0, 0.0];
        assert_eq!(gradient(apart), (wanted.to_vec(), true));
        let corners =
            |x: &Array| part(&part(x, 0, 0, 1), 1, 0, 3).mul(&part(&part(x, 0, 1, 1), 1, 3, 3)).unwrap();
        let wanted = [10.0, 11.0, 12.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0];
        assert_eq!(gradient(corners).0, wanted);
        let once = |x: &Array| part(x, 1, 1, 2);
        let wanted = [0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0];
        assert_eq!(gradient(once), (wanted.to_vec(), true));
    }
}
