//! Labels: by what a variable is known when it is taken out of a tree and put back.
//!
//! Parameters are labelled by whoever builds the model. State variables may get a label by themselves: one that
//! no other variable has, or, within a scope, the next number of the scope, so that building a model twice
//! gives the same labels twice.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The label of a variable. Texts come before labels that were made automatically.
///
/// ```
/// use pz::vars::VariableLabel;
/// let label = VariableLabel::from("encoder.weights");
/// assert_eq!(label.to_string(), "encoder.weights");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum VariableLabel {
    /// A text.
    Text(Arc<str>),
    /// A label that no other variable has.
    Auto(AutoStateVarLabel),
    /// A number within a scope.
    Scoped(ScopedStateVarLabel),
}

crate::static_by_eq!(VariableLabel);

/// The label of a state variable that was made without one: unique in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AutoStateVarLabel {
    /// The number of the variable.
    pub var_id: u64,
}

/// The label of a state variable that was made without one, within [`scoped_auto_state_var_labels`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopedStateVarLabel {
    /// The scope's group.
    pub group: Option<Arc<str>>,
    /// How many variables the scope had labelled before.
    pub index: usize,
}

thread_local! {
    /// The innermost scope of this thread: its group, and the next index.
    static SCOPE: RefCell<Option<ScopedStateVarLabel>> = const { RefCell::new(None) };
}

/// From here to the end of the guard's life, state variables without a label get `(group, 0)`, `(group, 1)`, ….
///
/// A scope inside a scope counts from 0 again, even with the same group; the outer one goes on after it.
pub fn scoped_auto_state_var_labels(group: Option<&str>) -> StateVarLabelScope {
    let opened = ScopedStateVarLabel { group: group.map(Arc::from), index: 0 };
    StateVarLabelScope { outer: SCOPE.replace(Some(opened)), this_thread: PhantomData }
}

/// Ends a scope of labels when dropped; made by [`scoped_auto_state_var_labels`].
#[must_use = "the scope ends when the guard is dropped"]
#[derive(Debug)]
pub struct StateVarLabelScope {
    outer: Option<ScopedStateVarLabel>,
    /// The scope is the thread's, so the guard must not be sent to another.
    this_thread: PhantomData<*const ()>,
}

impl Drop for StateVarLabelScope {
    fn drop(&mut self) {
        SCOPE.set(self.outer.take());
    }
}

impl VariableLabel {
    /// A label for a state variable that was given none.
    pub(super) fn automatic() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        SCOPE.with_borrow_mut(|scope| match scope {
            Some(next) => {
                let label = next.clone();
                next.index += 1;
                VariableLabel::Scoped(label)
            }
            None => VariableLabel::Auto(AutoStateVarLabel { var_id: NEXT.fetch_add(1, Ordering::Relaxed) }),
        })
    }

    /// The label's text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            VariableLabel::Text(text) => Some(text),
            VariableLabel::Auto(_) | VariableLabel::Scoped(_) => None,
        }
    }
}

impl From<&str> for VariableLabel {
    fn from(text: &str) -> Self {
        VariableLabel::Text(text.into())
    }
}

impl From<String> for VariableLabel {
    fn from(text: String) -> Self {
        VariableLabel::Text(text.into())
    }
}

impl From<&VariableLabel> for VariableLabel {
    fn from(label: &VariableLabel) -> Self {
        label.clone()
    }
}

impl fmt::Display for VariableLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VariableLabel::Text(text) => f.write_str(text),
            VariableLabel::Auto(label) => write!(f, "auto:{}", label.var_id),
            VariableLabel::Scoped(ScopedStateVarLabel { group: Some(group), index }) => {
                write!(f, "{group}:{index}")
            }
            VariableLabel::Scoped(ScopedStateVarLabel { group: None, index }) => write!(f, "scoped:{index}"),
        }
    }
}

/// As a person would type it: a text in quotes.
impl fmt::Debug for VariableLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VariableLabel::Text(text) => fmt::Debug::fmt(text, f),
            VariableLabel::Auto(label) => fmt::Debug::fmt(label, f),
            VariableLabel::Scoped(label) => fmt::Debug::fmt(label, f),
        }
    }
}
