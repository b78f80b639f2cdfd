//! In and out of named axes as a whole: an array wrapped and unwrapped, ordered like another, judged.
//!
//! As [`structure`](super::structure), nothing here moves an element.

use super::{NamedArray, Names, Role, positional};
use crate::array::caller;
use crate::array::layout::Dims;
use crate::error::{Report, Result};
use crate::shape::AxisName;
use crate::tree::{PyTree, same_structure, select};

/// An array with names for all of its axes, which are positional; with `()` for the names they stay so.
///
/// # Errors
/// As [`tag`](NamedArray::tag).
///
/// ```
/// use pz::nx;
/// let x = nx::wrap(ndarray::arr2(&[[1f32, 2.], [3., 4.]]), ["row", "col"])?;
/// assert_eq!(x.named_shape(), [("row".into(), 2), ("col".into(), 2)]);
/// assert_eq!(nx::wrap(x.unwrap(["row", "col"])?, ())?.positional_shape(), [2, 2]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn wrap(array: impl Into<NamedArray>, names: impl Names) -> Result<NamedArray> {
    let _call = caller::enter("wrap");
    let (array, names) = (array.into(), names.names());
    if names.is_empty() { Ok(array) } else { array.tag(names.as_slice()) }
}

impl NamedArray {
    /// The array with positional axes alone: its named ones, in the order given, or its positional ones where `()` is
    /// given. (`to_vec`, `elements` and `to_ndarray` read.)
    ///
    /// # Errors
    /// Names are given and there are positional axes; a name is left out, not there, or given twice.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3, 4, 5, 6], [("a", 2), ("b", 3)])?;
    /// assert_eq!(x.unwrap(["b", "a"])?.to_vec::<i32>()?, [1, 4, 2, 5, 3, 6]);
    /// assert!(x.untag("a")?.unwrap(()).is_err());
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn unwrap(&self, names: impl Names) -> Result<Self> {
        let _call = caller::enter("unwrap");
        let names = names.names();
        if !names.is_empty() && self.has_positional() {
            let problem = format!("the array already has positional axes ({})", self.axes_text());
            return Err(Report::new("unwrap", problem).help("name them first, with `tag`").shape());
        }
        let numbers = self.numbers("unwrap", &names)?;
        let named = self.named_shape().into_iter().filter(|(name, _)| !names.contains(name));
        let problems =
            named.map(|(name, size)| format!("the axis `{name}` of size {size} was given no place"));
        if let Some(report) = Report::of("unwrap", problems.collect()) {
            return Err(report.help(format!("give every name of ({}) a place", self.axes_text())).shape());
        }
        let hidden = (0..self.roles.len())
            .filter(|&axis| !self.roles[axis].is_positional() && !numbers.contains(&axis));
        let order: Dims =
            hidden.chain(positional(&self.roles).iter().copied()).chain(numbers.iter().copied()).collect();
        let mut array = self.permuted(&order)?;
        let first = order.len() - positional(&self.roles).len() - numbers.len();
        let last = array.roles[first..].iter_mut();
        last.enumerate().for_each(|(number, role)| *role = Role::Positional(number));
        Ok(array)
    }

    /// The named axes in alphabetical order, after the positional ones.
    ///
    /// # Errors
    /// None today; the result says so as all changes of order do.
    #[track_caller]
    pub fn canonicalize(&self) -> Result<Self> {
        let _call = caller::enter("canonicalize");
        let mut names: Vec<AxisName> = self.named_shape().into_iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        self.order_as(names)
    }

    /// The array with its axes in the places that `other`'s have: positional ones before, behind or between named
    /// ones, and names in the same order. Sizes may differ.
    ///
    /// # Errors
    /// The names are not the same; `other`'s positional axes do not all come first, and their numbers differ.
    ///
    /// ```
    /// use pz::{DType, NamedArray};
    /// let x = NamedArray::zeros([("a", 2), ("b", 3)], DType::F32)?;
    /// let y = NamedArray::zeros([("b", 1), ("a", 1)], DType::F32)?;
    /// assert_eq!(x.order_like(&y)?.named_shape(), [("b".into(), 3), ("a".into(), 2)]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn order_like(&self, other: &NamedArray) -> Result<Self> {
        let _call = caller::enter("order_like");
        let mut problems = Vec::new();
        for (name, _) in other.named_shape() {
            if self.axis_of(name).is_none() {
                problems.push(format!("the axis `{name}` of the other array is not there"));
            }
        }
        for (name, _) in self.named_shape() {
            if other.axis_of(name).is_none() {
                problems.push(format!("the other array has no axis `{name}`"));
            }
        }
        let (own, wanted) = (positional(&self.roles), positional(&other.roles));
        let in_front = wanted.iter().enumerate().all(|(number, &axis)| number == axis);
        if own.len() != wanted.len() && !in_front {
            problems.push(format!(
                "there are {} positional axes, and {} among the other's named ones",
                own.len(),
                wanted.len()
            ));
        }
        if let Some(report) = Report::of("order_like", problems) {
            let (own, other) = (self.axes_text(), other.axes_text());
            return Err(report.help(format!("the array has ({own}), the other ({other})")).shape());
        }
        let named = |role: Role| role.name().and_then(|name| self.axis_of(name));
        let order: Dims = if in_front {
            own.iter().copied().chain(other.roles.iter().filter_map(|&role| named(role))).collect()
        } else {
            let axis = |role: &Role| match *role {
                Role::Positional(number) => own.get(number).copied(),
                role @ Role::Named(_) => named(role),
            };
            other.roles.iter().filter_map(axis).collect()
        };
        // Axes that an `nmap` hides may be this array's alone.
        let alone = (0..self.roles.len()).filter(|axis| !order.contains(axis));
        self.permuted(&alone.chain(order.iter().copied()).collect::<Dims>())
    }

    /// This array: one type has its axes in any place, and Penzai's two are the same here.
    #[must_use]
    pub fn as_namedarrayview(&self) -> Self {
        self.clone()
    }

    /// Judges the array's axes. An array that was made by this library passes.
    ///
    /// # Errors
    /// Axes without a role, a name twice, positional axes that are not numbered from 0.
    #[track_caller]
    pub fn check_valid(&self) -> Result<()> {
        let _call = caller::enter("check_valid");
        let mut problems = Vec::new();
        let (axes, roles) = (self.array.dims().len(), self.roles.len());
        if axes != roles {
            problems.push(format!("{axes} axes have {roles} names or positions"));
        }
        for (place, role) in self.roles.iter().enumerate() {
            if self.roles[..place].contains(role) {
                problems.push(format!("the axis `{role:?}` is there twice"));
            }
        }
        let count = self.roles.iter().filter(|role| role.is_positional()).count();
        let beyond =
            self.roles.iter().filter(|role| matches!(role, Role::Positional(number) if *number >= count));
        problems.extend(beyond.map(|role| format!("there is a positional axis {role:?} among {count}")));
        match Report::of("check_valid", problems) {
            Some(report) => Err(report.shape()),
            None => Ok(()),
        }
    }

    /// The slices along the first positional axis, from the first to the last.
    ///
    /// # Errors
    /// There is no positional axis.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3, 4], [("a", 2), ("b", 2)])?.untag("b")?;
    /// let sums = x.iter()?.map(|slice| slice.sum("a")?.item::<i32>());
    /// assert_eq!(sums.collect::<Result<Vec<_>, _>>()?, [4, 6]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn iter(&self) -> Result<std::vec::IntoIter<NamedArray>> {
        let _call = caller::enter("iter");
        if !self.has_positional() {
            let problem = format!("the array has no positional axis to go along ({})", self.axes_text());
            return Err(Report::new("iter", problem)
                .help(
                    "make an axis positional, `x.untag_prefix(\"a\")`, or take it apart, `x.unstack(\"a\")`",
                )
                .shape());
        }
        Ok(self.unstack(0)?.into_iter())
    }
}

/// Whether a node of a tree is a named array.
///
/// ```
/// use pz::{NamedArray, nx};
/// assert!(nx::is_namedarray(&NamedArray::scalar(1.0)) && !nx::is_namedarray(&1.0f32));
/// ```
pub fn is_namedarray(node: &dyn PyTree) -> bool {
    node.downcast_ref::<NamedArray>().is_some()
}

/// The tree with each of its arrays [ordered like](NamedArray::order_like) the one at the same place of `reference`.
/// What is no array stays.
///
/// # Errors
/// The trees differ in structure; two arrays have not the same names.
///
/// ```
/// use pz::{DType, NamedArray, nx};
/// let x = NamedArray::zeros([("a", 2), ("b", 3)], DType::F32)?;
/// let y = NamedArray::zeros([("b", 3), ("a", 2)], DType::I32)?;
/// let (ordered, number) = nx::order_like(&(x, 1.0f32), &(y, 2.0f32))?;
/// assert_eq!((ordered.named_shape()[0].0.as_str(), number), ("b", 1.0));
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn order_like<T: PyTree>(tree: &T, reference: &T) -> Result<T> {
    let _call = caller::enter("order_like");
    if !same_structure(tree, reference) {
        return Err(Report::new("order_like", "the two trees differ in structure").tree());
    }
    let like = select(reference).at_instances_of::<NamedArray>().allow_empty().get_sequence()?;
    let own = select(tree).at_instances_of::<NamedArray>().allow_empty().get_sequence()?;
    let ordered = own.iter().zip(like).map(|(own, like)| own.order_like(like));
    let mut ordered = ordered.collect::<Result<Vec<_>>>()?.into_iter();
    select(tree)
        .at_instances_of::<NamedArray>()
        .allow_empty()
        .apply(|old| ordered.next().unwrap_or_else(|| old.clone()))
}
