//! Ways to write a list of axis names: `"seq"`, `["batch", "seq"]`, a vector.

use smallvec::SmallVec;

use super::{NamedArray, Role};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// One axis name or several.
pub trait Axes {
    /// The names, in order.
    fn names(&self) -> SmallVec<[AxisName; 6]>;
}

impl Axes for &'static str {
    fn names(&self) -> SmallVec<[AxisName; 6]> {
        SmallVec::from_slice(&[AxisName::new(self)])
    }
}

impl Axes for AxisName {
    fn names(&self) -> SmallVec<[AxisName; 6]> {
        SmallVec::from_slice(&[*self])
    }
}

impl Axes for [AxisName] {
    fn names(&self) -> SmallVec<[AxisName; 6]> {
        self.into()
    }
}

impl Axes for [&'static str] {
    fn names(&self) -> SmallVec<[AxisName; 6]> {
        self.iter().map(|name| AxisName::new(name)).collect()
    }
}

macro_rules! lists {
    ($($T:ty)*) => {
        $(
            impl<const N: usize> Axes for [$T; N] {
                fn names(&self) -> SmallVec<[AxisName; 6]> {
                    self.as_slice().names()
                }
            }
            impl Axes for Vec<$T> {
                fn names(&self) -> SmallVec<[AxisName; 6]> {
                    self.as_slice().names()
                }
            }
        )*
    };
}
lists!(AxisName &'static str);

impl<A: Axes + ?Sized> Axes for &A {
    fn names(&self) -> SmallVec<[AxisName; 6]> {
        (**self).names()
    }
}

impl NamedArray {
    /// The axis numbers of names, all problems in one report: names that are not there, names given twice.
    pub(crate) fn numbers(&self, op: &str, names: &[AxisName]) -> Result<SmallVec<[usize; 6]>> {
        let mut problems = Vec::new();
        let mut numbers = SmallVec::new();
        for (place, name) in names.iter().enumerate() {
            if names[..place].contains(name) {
                problems.push(format!("the axis `{name}` is given twice"));
            }
            match self.axis_of(name.as_str()) {
                Some(number) => numbers.push(number),
                None => {
                    problems.push(format!("there is no axis `{name}`; the array has ({})", self.axes_text()))
                }
            }
        }
        match Report::of(op, problems) {
            Some(report) => Err(report.shape()),
            None => Ok(numbers),
        }
    }

    /// Refuses positional axes, for operations that bind by name alone.
    pub(crate) fn refuse_positional(&self, op: &str) -> Result<()> {
        if self.roles.iter().all(|role| matches!(role, Role::Named(_))) {
            return Ok(());
        }
        let problem = format!(
            "the array has positional axes ({}), and the operation takes named ones",
            self.axes_text()
        );
        Err(Report::new(op, problem).help("name them first: `x.tag([\"…\"])`").shape())
    }
}
