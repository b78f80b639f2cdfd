//! A variable as the rest of pz sees it that does not know what it holds.
//!
//! A variable is a leaf, and what it holds is a tree of a type that only the variable knows. Who gives each layer of a
//! stack its part of a state, or runs a model on copies of its state, asks through this trait.

use std::sync::Arc;

use super::{Node, PyTree, Static};
use crate::error::Result;

/// What can be done to a variable whatever it holds.
pub trait Variable: PyTree {
    /// What it is called, as it prints.
    fn name(&self) -> String;

    /// The remark called `name`.
    fn remark(&self, name: &str) -> Option<Arc<dyn Static>>;

    /// Shows each leaf of the value.
    fn each_leaf(&self, see: &mut dyn FnMut(&dyn PyTree));

    /// A variable of its own with the same label and remarks, its value's leaves exchanged for what `change` makes of
    /// them; and with one remark more.
    ///
    /// # Errors
    /// Those of `change`; a leaf that cannot be where the old one was.
    fn copy_with(
        &self,
        change: &mut dyn FnMut(&dyn PyTree) -> Result<Node>,
        remark: Option<(&'static str, Arc<dyn Static>)>,
    ) -> Result<Node>;

    /// Gives this variable the value of another of its type; says whether it is one.
    fn take_over(&self, other: &dyn PyTree) -> bool;
}
