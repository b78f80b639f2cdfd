//! The one error type, and how its messages are built.
//!
//! Every message says what was found, what was wanted, where, and what to type. The *where* comes for free:
//! an error made while a model runs keeps the layer [`Scope`] it was made in, and one made by a method of an array the
//! line of the program that called it.
//! Variants hold a boxed [`Report`], so a `Result` stays two words wide.

use std::fmt;
use std::panic::Location;

use crate::path::scope::{self, Scope};
use crate::path::{KeyPath, caller};

/// The result of everything in pz that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. The variants are the kinds of mistake; the text is in the [`Report`].
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Axes are missing, repeated, unexpected, or differ in size.
    #[error("{0}")]
    Shape(Box<Report>),
    /// An operation cannot work on this element type.
    #[error("{0}")]
    DType(Box<Report>),
    /// A failure that only the values could show: an index out of range, a full cache.
    #[error("{0}")]
    Value(Box<Report>),
    /// A tree does not have the form that was asked for.
    #[error("{0}")]
    Tree(Box<Report>),
    /// A variable is unbound, or two variables conflict.
    #[error("{0}")]
    Variable(Box<Report>),
    /// A layer needs a side input that was not given.
    #[error("{0}")]
    SideInput(Box<Report>),
    /// A file or text is not in its format.
    #[error("{0}")]
    Format(Box<Report>),
}

/// The text of an error: the operation, every problem found, the place, and the remedy.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was being done: `contract`, `tag`, `Selection::insert_after`.
    pub operation: String,
    /// Each thing that is wrong, as one sentence without a full stop.
    pub problems: Vec<String>,
    /// The tree path that the problem concerns, where there is one.
    pub path: Option<KeyPath>,
    /// The running layer in which it happened.
    pub scope: Scope,
    /// The line of the program that called the operation, where it is known and not in pz itself.
    pub caller: Option<&'static Location<'static>>,
    /// What to type instead.
    pub help: Option<String>,
}

impl Report {
    /// Begins a report with one problem, in the current layer scope. While a method of an array runs it is about that one,
    /// which is what a user called, and `operation` is a part of it.
    pub fn new(operation: impl Into<String>, problem: impl Into<String>) -> Self {
        Report {
            operation: caller::function().map_or_else(|| operation.into(), String::from),
            problems: vec![problem.into()],
            path: None,
            scope: scope::current(),
            caller: caller::outside(),
            help: None,
        }
    }

    /// Begins a report of several problems; `None` when there are none.
    pub fn of(operation: impl fmt::Display, problems: Vec<String>) -> Option<Self> {
        (!problems.is_empty()).then(|| Report { problems, ..Report::new(operation.to_string(), "") })
    }

    /// Adds the remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the tree path.
    #[must_use]
    pub fn path(mut self, path: KeyPath) -> Self {
        self.path = Some(path);
        self
    }

    /// An [`Error::Shape`] of this report.
    pub fn shape(self) -> Error {
        Error::Shape(Box::new(self))
    }

    /// An [`Error::DType`] of this report.
    pub fn dtype(self) -> Error {
        Error::DType(Box::new(self))
    }

    /// An [`Error::Value`] of this report.
    pub fn value(self) -> Error {
        Error::Value(Box::new(self))
    }

    /// An [`Error::Tree`] of this report.
    pub fn tree(self) -> Error {
        Error::Tree(Box::new(self))
    }

    /// An [`Error::Variable`] of this report.
    pub fn variable(self) -> Error {
        Error::Variable(Box::new(self))
    }

    /// An [`Error::SideInput`] of this report.
    pub fn side_input(self) -> Error {
        Error::SideInput(Box::new(self))
    }

    /// An [`Error::Format`] of this report.
    pub fn format(self) -> Error {
        Error::Format(Box::new(self))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.operation)?;
        match self.problems.as_slice() {
            [one] => f.write_str(one)?,
            many => {
                write!(f, "{} problems", many.len())?;
                many.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))?;
            }
        }
        match &self.path {
            Some(path) if path.is_empty() => f.write_str("\n  at: the root")?,
            Some(path) => write!(f, "\n  at: {path}")?,
            None => {}
        }
        if !self.scope.is_root() {
            write!(f, "\n  in: {}", self.scope)?;
        }
        if let Some(caller) = self.caller {
            write!(f, "\n  called at: {}:{}", caller.file(), caller.line())?;
        }
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// The report inside.
    pub fn report(&self) -> &Report {
        match self {
            Error::Shape(report)
            | Error::DType(report)
            | Error::Value(report)
            | Error::Tree(report)
            | Error::Variable(report)
            | Error::SideInput(report)
            | Error::Format(report) => report,
        }
    }
}
