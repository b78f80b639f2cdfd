//! How far apart two arrays are, in numbers: what a person wants to know who compares two models.

use std::collections::BTreeSet;

use half::{bf16, f16};

use super::NamedArray;
use crate::array::DType;
use crate::array::caller;
use crate::error::Result;

/// How two arrays with the same axes and dtype differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArrayDifference {
    /// How many elements differ in their bits.
    pub count: usize,
    /// The largest `|a - b|`.
    pub max_abs: f64,
    /// The largest `|a - b| / max(|a|, |b|)`; infinite where the difference is.
    pub max_rel: f64,
    /// The largest number of steps from one representable value to the next between two elements; none for integers.
    pub max_ulp: Option<u64>,
    /// The cosine of the angle between the arrays as vectors; none where one of them is zero, or has an element that is not
    /// finite.
    pub cosine: Option<f64>,
}

impl NamedArray {
    /// How the values differ from those of `other`; `None` where no bit does. Axes are matched by name.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let a = NamedArray::from_vec(vec![1f32, 2.], [("x", 2)])?;
    /// let b = NamedArray::from_vec(vec![1f32, 2.5], [("x", 2)])?;
    /// let difference = a.difference(&b)?.unwrap();
    /// assert_eq!((difference.count, difference.max_abs, difference.max_rel), (1, 0.5, 0.2));
    /// assert_eq!(a.difference(&a)?, None);
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// Other axes or another dtype; values that cannot be computed.
    #[track_caller]
    pub fn difference(&self, other: &NamedArray) -> Result<Option<ArrayDifference>> {
        let _call = caller::enter("difference");
        if let Some(text) = self.form_difference(other) {
            return Err(crate::error::Report::new("difference", text).shape());
        }
        self.refuse_hidden("difference")?;
        other.refuse_hidden("difference")?;
        let names: Vec<_> = self.named_shape().into_iter().map(|(name, _)| name).collect();
        let same_order = self.roles == other.roles;
        let other = if same_order { other.clone() } else { other.order_as(names.clone())? };
        let this = if same_order { self.clone() } else { self.order_as(names)? };
        let (left, right) =
            (this.cast(DType::F64)?.to_vec::<f64>()?, other.cast(DType::F64)?.to_vec::<f64>()?);
        let mut found = ArrayDifference {
            count: 0,
            max_abs: 0.0,
            max_rel: 0.0,
            max_ulp: None,
            cosine: cosine(&left, &right),
        };
        let floats = left.iter().zip(&right).map(|(a, b)| (*a, *b));
        match self.dtype() {
            // Large integers are not all numbers of `f64`.
            DType::I64 => found.add_integers(this.to_vec::<i64>()?, other.to_vec()?),
            DType::U64 => found.add_integers(this.to_vec::<u64>()?, other.to_vec()?),
            DType::F64 => found.add(floats, Some(&|x| in_order(x.to_bits().cast_signed(), 64))),
            DType::F32 => {
                found.add(floats, Some(&|x| in_order((x as f32).to_bits().cast_signed().into(), 32)));
            }
            DType::F16 => {
                found.add(floats, Some(&|x| in_order(f16::from_f64(x).to_bits().cast_signed().into(), 16)));
            }
            DType::BF16 => {
                found.add(floats, Some(&|x| in_order(bf16::from_f64(x).to_bits().cast_signed().into(), 16)));
            }
            _ => found.add(floats, None),
        }
        Ok((found.count > 0).then_some(found))
    }

    /// How axes and dtype differ from those of `other`, in words.
    pub(crate) fn form_difference(&self, other: &NamedArray) -> Option<String> {
        let axes = |array: &NamedArray| array.named_shape().into_iter().collect::<BTreeSet<_>>();
        let same = axes(self) == axes(other) && self.positional_shape() == other.positional_shape();
        (!same || self.dtype() != other.dtype())
            .then(|| format!("{} against {}", self.summary_text(), other.summary_text()))
    }
}

impl ArrayDifference {
    /// Adds pairs of numbers. `place` gives the place of a number among those that the dtype can represent.
    fn add(&mut self, pairs: impl Iterator<Item = (f64, f64)>, place: Option<&dyn Fn(f64) -> i64>) {
        for (a, b) in pairs.filter(|(a, b)| a.to_bits() != b.to_bits()) {
            let apart = if a == b { 0.0 } else { (a - b).abs() };
            // A NaN on one side is as far away as can be.
            let apart = if apart.is_nan() { f64::INFINITY } else { apart };
            self.add_one(apart, a.abs().max(b.abs()));
            self.max_ulp = self.max_ulp.max(place.map(|place| place(a).abs_diff(place(b))));
        }
    }

    fn add_integers<T: Into<i128>>(&mut self, left: Vec<T>, right: Vec<T>) {
        for (a, b) in left.into_iter().zip(right) {
            let (a, b): (i128, i128) = (a.into(), b.into());
            if a != b {
                self.add_one(a.abs_diff(b) as f64, a.unsigned_abs().max(b.unsigned_abs()) as f64);
            }
        }
    }

    /// Adds an element by how far apart the two values are, and the larger of them.
    fn add_one(&mut self, apart: f64, scale: f64) {
        self.count += 1;
        self.max_abs = self.max_abs.max(apart);
        let relative = if apart == 0.0 || apart.is_infinite() { apart } else { apart / scale };
        self.max_rel = self.max_rel.max(relative);
    }
}

/// The cosine of the angle between two vectors. Both are scaled, so that the squares of large numbers are finite.
fn cosine(left: &[f64], right: &[f64]) -> Option<f64> {
    let scale = |values: &[f64]| {
        let largest = values.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        (largest > 0.0 && values.iter().all(|x| x.is_finite())).then_some(largest)
    };
    let (left_scale, right_scale) = (scale(left)?, scale(right)?);
    let (mut dot, mut left_square, mut right_square) = (0.0, 0.0, 0.0);
    for (a, b) in left.iter().zip(right) {
        let (a, b) = (a / left_scale, b / right_scale);
        dot += a * b;
        left_square += a * a;
        right_square += b * b;
    }
    Some(dot / (f64::sqrt(left_square) * f64::sqrt(right_square)))
}

/// The bits of a floating number of some width as an integer that grows with the number.
fn in_order(bits: i64, width: u32) -> i64 {
    let least = i64::MIN >> (64 - width);
    if bits < 0 { least.wrapping_sub(bits) } else { bits }
}

impl std::fmt::Display for ArrayDifference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = if self.count == 1 { "element differs" } else { "elements differ" };
        write!(f, "{} {plural}, by at most {:.3e} ({:.3e} relative", self.count, self.max_abs, self.max_rel)?;
        if let Some(ulp) = self.max_ulp {
            write!(f, ", {ulp} ULP")?;
        }
        f.write_str(")")?;
        match self.cosine {
            Some(cosine) => write!(f, "; the cosine is {cosine:.6}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_ulp_apart_across_zero_too() {
        for (a, b, ulp) in [
            (1.0_f32, 1.0_f32.next_up(), 1),
            (0.0, 0.0_f32.next_up(), 1),
            (-0.0, 0.0, 0),
            (-f32::MIN_POSITIVE, f32::MIN_POSITIVE, 2 << 23),
        ] {
            let found = NamedArray::scalar(a).difference(&NamedArray::scalar(b)).unwrap().unwrap();
            assert_eq!((found.count, found.max_ulp), (1, Some(ulp)), "{a} {b}");
        }
    }

    #[test]
    fn axes_are_matched_by_name_and_nan_equals_itself() {
        let a = NamedArray::from_vec(vec![1f32, 2., 3., f32::NAN], [("x", 2), ("y", 2)]).unwrap();
        let b = NamedArray::from_vec(vec![1f32, 3., 2., f32::NAN], [("y", 2), ("x", 2)]).unwrap();
        assert_eq!(a.difference(&b).unwrap(), None);
        let c = NamedArray::from_vec(vec![1f32, 3., 2., 4.], [("y", 2), ("x", 2)]).unwrap();
        assert_eq!(a.difference(&c).unwrap().unwrap().max_abs, f64::INFINITY);
        assert!(a.difference(&NamedArray::scalar(1f32)).is_err());
    }
}
