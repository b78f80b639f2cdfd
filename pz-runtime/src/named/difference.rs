//! How far apart two arrays are, in numbers: what a person wants to know who compares two models.

use std::collections::BTreeSet;

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
    /// The largest `|a - b| / max(|a|, |b|)`.
    pub max_rel: f64,
    /// The largest number of representable values between two elements, for float32 and float64.
    pub max_ulp: Option<u64>,
    /// The cosine of the angle between the arrays as vectors; none where one of them is zero.
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
        let exact = match self.dtype() {
            DType::I64 => Some(this.to_vec::<i64>()? == other.to_vec::<i64>()?),
            DType::U64 => Some(this.to_vec::<u64>()? == other.to_vec::<u64>()?),
            _ => None,
        };
        if exact == Some(true) {
            return Ok(None);
        }
        let ulp = self.dtype() == DType::F32;
        let (left, right) =
            (this.cast(DType::F64)?.to_vec::<f64>()?, other.cast(DType::F64)?.to_vec::<f64>()?);
        let difference = compare(&left, &right, ulp, self.dtype() == DType::F64);
        Ok((difference.count > 0 || exact == Some(false)).then_some(difference))
    }

    /// How axes and dtype differ from those of `other`, in words.
    pub(crate) fn form_difference(&self, other: &NamedArray) -> Option<String> {
        let axes = |array: &NamedArray| array.named_shape().into_iter().collect::<BTreeSet<_>>();
        let same = axes(self) == axes(other) && self.positional_shape() == other.positional_shape();
        (!same || self.dtype() != other.dtype())
            .then(|| format!("{} against {}", self.summary_text(), other.summary_text()))
    }
}

fn compare(left: &[f64], right: &[f64], single: bool, double: bool) -> ArrayDifference {
    let mut found = ArrayDifference { count: 0, max_abs: 0.0, max_rel: 0.0, max_ulp: None, cosine: None };
    let (mut dot, mut left_square, mut right_square) = (0.0, 0.0, 0.0);
    for (&a, &b) in left.iter().zip(right) {
        dot += a * b;
        left_square += a * a;
        right_square += b * b;
        if a.to_bits() == b.to_bits() {
            continue;
        }
        found.count += 1;
        let apart = if a == b { 0.0 } else { (a - b).abs() };
        // A NaN on one side is as far away as can be.
        let apart = if apart.is_nan() { f64::INFINITY } else { apart };
        found.max_abs = found.max_abs.max(apart);
        let scale = a.abs().max(b.abs());
        found.max_rel = found.max_rel.max(if apart == 0.0 { 0.0 } else { apart / scale });
        let ulp = match (single, double) {
            (true, _) => Some(i64::from(ordered32(a as f32)).abs_diff(i64::from(ordered32(b as f32)))),
            (_, true) => Some(ordered64(a).abs_diff(ordered64(b))),
            _ => None,
        };
        found.max_ulp = found.max_ulp.max(ulp);
    }
    let norms = f64::sqrt(left_square) * f64::sqrt(right_square);
    found.cosine = (norms > 0.0).then(|| dot / norms);
    found
}

/// The bits of a number as an integer that grows with the number.
fn ordered32(x: f32) -> i32 {
    let bits = x.to_bits().cast_signed();
    if bits < 0 { i32::MIN.wrapping_sub(bits) } else { bits }
}

fn ordered64(x: f64) -> i64 {
    let bits = x.to_bits().cast_signed();
    if bits < 0 { i64::MIN.wrapping_sub(bits) } else { bits }
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
            let found = compare(&[a.into()], &[b.into()], true, false);
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
