//! What a pattern that matched says: a size, or several, for each of its variables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::spec::VarKey;
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// What a variable was found to be.
#[derive(Clone, Debug)]
pub enum Bound {
    /// One size.
    Size(usize),
    /// The sizes of several positional axes.
    Sizes(Vec<usize>),
    /// The sizes of several named axes.
    Axes(Vec<(AxisName, usize)>),
    /// Sizes by place.
    Places(Vec<(usize, usize)>),
    /// Sizes by place and by axis.
    Keys(Vec<(VarKey, usize)>),
}

impl Bound {
    /// The sizes of variables that belong together.
    pub(super) fn of_keys(sizes: Vec<(VarKey, usize)>) -> Self {
        let axis = |(key, size): &(VarKey, usize)| match key {
            VarKey::Axis(axis) => Some((*axis, *size)),
            VarKey::Index(_) => None,
        };
        let place = |(key, size): &(VarKey, usize)| match key {
            VarKey::Index(index) => Some((*index, *size)),
            VarKey::Axis(_) => None,
        };
        let axes = sizes.iter().map(axis).collect::<Option<_>>().map(Bound::Axes);
        axes.or_else(|| sizes.iter().map(place).collect::<Option<_>>().map(Bound::Places))
            .unwrap_or(Bound::Keys(sizes))
    }
}

impl PartialEq for Bound {
    /// The order of sizes that have keys does not matter.
    fn eq(&self, other: &Self) -> bool {
        fn same<K: Ord>(a: &[(K, usize)], b: &[(K, usize)]) -> bool {
            a.iter().collect::<BTreeSet<_>>() == b.iter().collect::<BTreeSet<_>>()
        }
        match (self, other) {
            (Bound::Size(a), Bound::Size(b)) => a == b,
            (Bound::Sizes(a), Bound::Sizes(b)) => a == b,
            (Bound::Axes(a), Bound::Axes(b)) => same(a, b),
            (Bound::Places(a), Bound::Places(b)) => same(a, b),
            (Bound::Keys(a), Bound::Keys(b)) => same(a, b),
            _ => false,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Size(size) => write!(f, "{size}"),
            Bound::Sizes(sizes) => f.write_str(&tuple(sizes.iter().map(ToString::to_string).collect())),
            Bound::Axes(axes) => {
                let axes: Vec<_> = axes.iter().map(|(axis, size)| format!("'{axis}': {size}")).collect();
                write!(f, "{{{}}}", axes.join(", "))
            }
            Bound::Places(places) => {
                let places: Vec<_> = places.iter().map(|(place, size)| format!("{place}: {size}")).collect();
                write!(f, "{{{}}}", places.join(", "))
            }
            Bound::Keys(keys) => {
                let key = |(key, size): &(VarKey, usize)| match key {
                    VarKey::Index(index) => format!("{index}: {size}"),
                    VarKey::Axis(axis) => format!("'{axis}': {size}"),
                };
                write!(f, "{{{}}}", keys.iter().map(key).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// The sizes of the variables of a pattern that matched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchResult(pub(super) BTreeMap<String, Bound>);

impl MatchResult {
    /// What the variable `name` is.
    pub fn get(&self, name: &str) -> Option<&Bound> {
        self.0.get(name)
    }

    /// Every variable, by its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Bound)> {
        self.0.iter().map(|(name, bound)| (name.as_str(), bound))
    }

    /// The size of the variable `name`.
    ///
    /// # Errors
    /// No such variable, or one of another kind.
    pub fn size(&self, name: &str) -> Result<usize> {
        match self.get(name) {
            Some(Bound::Size(size)) => Ok(*size),
            other => Err(self.no("one size", name, other)),
        }
    }

    /// The sizes of several variables at once, in the order of their names.
    ///
    /// ```
    /// use pz::chk::{Bound, MatchResult};
    /// let found: MatchResult = [("a", Bound::Size(2)), ("b", Bound::Size(3))].into_iter().collect();
    /// let [b, a] = found.size_of_each(["b", "a"])?;
    /// assert_eq!((a, b), (2, 3));
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`size`](Self::size), for all names that are wrong.
    pub fn size_of_each<const N: usize>(&self, names: [&str; N]) -> Result<[usize; N]> {
        let sizes = names.map(|name| match self.get(name) {
            Some(Bound::Size(size)) => Ok(*size),
            other => Err(self.misfit("one size", name, other)),
        });
        let problems: Vec<String> = sizes.iter().filter_map(|size| size.clone().err()).collect();
        match Report::of("MatchResult", problems) {
            Some(report) => Err(report.help(self.variables()).shape()),
            None => Ok(sizes.map(|size| size.unwrap_or_default())),
        }
    }

    /// The sizes of the positional axes that `name` stands for.
    ///
    /// # Errors
    /// As [`size`](Self::size).
    pub fn sizes(&self, name: &str) -> Result<&[usize]> {
        match self.get(name) {
            Some(Bound::Sizes(sizes)) => Ok(sizes),
            other => Err(self.no("the sizes of positional axes", name, other)),
        }
    }

    /// The named axes that `name` stands for.
    ///
    /// # Errors
    /// As [`size`](Self::size).
    pub fn axes(&self, name: &str) -> Result<&[(AxisName, usize)]> {
        match self.get(name) {
            Some(Bound::Axes(axes)) => Ok(axes),
            other => Err(self.no("the sizes of named axes", name, other)),
        }
    }

    fn no(&self, wanted: &str, name: &str, found: Option<&Bound>) -> crate::Error {
        Report::new("MatchResult", self.misfit(wanted, name, found)).help(self.variables()).shape()
    }

    fn misfit(&self, wanted: &str, name: &str, found: Option<&Bound>) -> String {
        let found =
            found.map_or_else(|| "there is no such variable".to_owned(), |bound| format!("it is {bound}"));
        format!("the variable `{name}` was asked for as {wanted}, and {found}")
    }

    fn variables(&self) -> String {
        let known: Vec<_> = self.0.keys().map(|name| format!("`{name}`")).collect();
        match known.as_slice() {
            [] => "the pattern has no variables".to_owned(),
            known => format!("the variables are: {}", known.join(", ")),
        }
    }
}

impl<N: Into<String>> FromIterator<(N, Bound)> for MatchResult {
    fn from_iter<I: IntoIterator<Item = (N, Bound)>>(bounds: I) -> Self {
        MatchResult(bounds.into_iter().map(|(name, bound)| (name.into(), bound)).collect())
    }
}

/// Items as Python writes a tuple of them.
pub(super) fn tuple(items: Vec<String>) -> String {
    if items.len() == 1 { format!("({},)", items[0]) } else { format!("({})", items.join(", ")) }
}
