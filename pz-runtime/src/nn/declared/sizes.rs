//! Sizes by the names of axes, for `model.cost(..)` and `model.check_with(..)`.
//!
//! A type of its own, so that an empty list needs no words: `[]` could be a list of anything, and is one of names here.

use crate::AxisName;

/// Sizes by the names of their axes: an array of pairs, `[]` for none, or a `Vec`.
///
/// ```
/// use pz::nn::Sizes;
/// assert_eq!(Sizes::from([]), Sizes::default());
/// let given = Sizes::from([("batch", 32), ("seq", 128)]);
/// assert_eq!(given.into_iter().map(|(_, size)| size).sum::<usize>(), 160);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sizes(Vec<(AxisName, usize)>);

impl<const N: usize> From<[(&'static str, usize); N]> for Sizes {
    fn from(sizes: [(&'static str, usize); N]) -> Self {
        sizes.into_iter().collect()
    }
}

impl<A: Into<AxisName>> From<Vec<(A, usize)>> for Sizes {
    fn from(sizes: Vec<(A, usize)>) -> Self {
        sizes.into_iter().collect()
    }
}

impl From<&[(AxisName, usize)]> for Sizes {
    fn from(sizes: &[(AxisName, usize)]) -> Self {
        sizes.iter().copied().collect()
    }
}

impl<A: Into<AxisName>> FromIterator<(A, usize)> for Sizes {
    fn from_iter<I: IntoIterator<Item = (A, usize)>>(sizes: I) -> Self {
        Sizes(sizes.into_iter().map(|(axis, size)| (axis.into(), size)).collect())
    }
}

impl IntoIterator for Sizes {
    type Item = (AxisName, usize);
    type IntoIter = std::vec::IntoIter<(AxisName, usize)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
