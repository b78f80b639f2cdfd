//! Layers that branch: the residual connection, and branches joined by a sum or a product.
//!
//! The order of the operands is part of the meaning: it decides the order of the result's axes. A residual's
//! result has the order of its delta, and branches are joined from the first.

use super::{AnyLayer, Layer, SideInputs, Value, call_child, call_element};
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::tree::PyTree;

/// `delta(x) + x`.
#[crate::pytree_dataclass]
pub struct Residual {
    /// What is added to the input.
    pub delta: AnyLayer,
}

impl Residual {
    /// A residual connection around `delta`.
    pub fn new(delta: impl Layer) -> Self {
        Residual { delta: AnyLayer::new(delta) }
    }
}

impl Layer for Residual {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        let input = input.into_array("Residual")?;
        let delta =
            call_child(self, "delta", &self.delta, input.clone().into(), side)?.into_array("Residual")?;
        Ok(delta.add(&input)?.into())
    }
}

/// The sum of what its branches make of the same input.
#[crate::pytree_dataclass]
pub struct BranchAndAddTogether {
    /// The branches; at least one.
    pub branches: Vec<AnyLayer>,
}

impl Layer for BranchAndAddTogether {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        join(self, &self.branches, &input, side, |sum, branch| sum.add(branch))
    }
}

/// The product of what its branches make of the same input: a gate and a value, as a rule.
#[crate::pytree_dataclass]
pub struct BranchAndMultiplyTogether {
    /// The branches; at least one.
    pub branches: Vec<AnyLayer>,
}

impl Layer for BranchAndMultiplyTogether {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        join(self, &self.branches, &input, side, |product, branch| product.mul(branch))
    }
}

fn join(
    owner: &dyn PyTree,
    branches: &[AnyLayer],
    input: &Value,
    side: &SideInputs,
    operation: impl Fn(&NamedArray, &NamedArray) -> Result<NamedArray>,
) -> Result<Value> {
    let name = owner.info().type_name;
    let run = |index: usize| -> Result<NamedArray> {
        call_element(owner, "branches", index, &branches[index], input.clone(), side)?.into_array(name)
    };
    if branches.is_empty() {
        return Err(Report::new(name, "there are no branches, and at least one is needed")
            .help(format!("give `{name}` a branch, or put `Identity` in its place"))
            .tree());
    }
    (1..branches.len()).try_fold(run(0)?, |joined, index| operation(&joined, &run(index)?)).map(Value::from)
}
