//! Body graphs: closed functions of arrays, the parameters of control flow.
//!
//! A body is a list of operations over numbered operands; it holds no arrays, so it says nothing of where it came
//! from. Two bodies are equal by structure, and equal ones are one: [`Body::interned`] finds the first of them again,
//! with the plan that it already has. So a loop in a function that is called again costs a comparison, not a plan.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock};

use smallvec::SmallVec;

use super::Array;
use super::caller::{self, Call};
use super::control;
use super::params::Params;
use super::plan::BodyPlan;
use super::primitive::{Derivative, Primitive, Spec};
use crate::error::Result;

/// A closed graph. Places are numbered: operands first, then steps.
pub(crate) struct Body {
    pub(crate) operands: Vec<Spec>,
    pub(crate) steps: Vec<Step>,
    /// The places of the results.
    pub(crate) outputs: Vec<u32>,
    hash: u64,
    plan: OnceLock<BodyPlan>,
}

/// One operation of a body.
#[derive(PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) op: &'static Primitive,
    pub(crate) params: Params,
    pub(crate) inputs: SmallVec<[u32; 3]>,
    pub(crate) spec: Spec,
    pub(crate) call: Call,
}

/// Bodies kept for those that are equal to them.
const KEPT: usize = 512;

static BODIES: Mutex<Option<HashMap<u64, Arc<Body>>>> = Mutex::new(None);

impl Body {
    /// The body of these steps: the one that is there, if there is one.
    pub(crate) fn interned(operands: Vec<Spec>, steps: Vec<Step>, outputs: Vec<u32>) -> Arc<Body> {
        let mut state = DefaultHasher::new();
        (&operands, &outputs).hash(&mut state);
        for step in &steps {
            (std::ptr::from_ref(step.op).addr(), &step.params, &step.inputs).hash(&mut state);
        }
        let body = Body { operands, steps, outputs, hash: state.finish(), plan: OnceLock::new() };
        let mut bodies = BODIES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let bodies = bodies.get_or_insert_default();
        if let Some(known) = bodies.get(&body.hash).filter(|known| ***known == body) {
            return known.clone();
        }
        if bodies.len() >= KEPT {
            bodies.retain(|_, body| Arc::strong_count(body) > 1);
            if bodies.len() >= KEPT {
                bodies.clear();
            }
        }
        let body = Arc::new(body);
        bodies.insert(body.hash, body.clone());
        body
    }

    /// The plan, made when the body first runs.
    pub(crate) fn plan(&self) -> &BodyPlan {
        self.plan.get_or_init(|| BodyPlan::new(self))
    }

    /// The spec at a place.
    pub(crate) fn spec(&self, place: u32) -> &Spec {
        let place = place as usize;
        self.operands.get(place).unwrap_or_else(|| &self.steps[place - self.operands.len()].spec)
    }

    /// The specs of the results.
    pub(crate) fn results(&self) -> Vec<Spec> {
        self.outputs.iter().map(|&place| self.spec(place).clone()).collect()
    }

    /// The body's operations as nodes of the graph, on these operands. They keep the lines they were written on.
    pub(crate) fn instantiate(&self, operands: &[Array]) -> Result<Vec<Array>> {
        let mut arrays: Vec<Array> = operands.to_vec();
        for step in &self.steps {
            let array = {
                let _call = caller::at(step.call);
                let inputs: SmallVec<[&Array; 3]> =
                    step.inputs.iter().map(|&place| &arrays[place as usize]).collect();
                match &step.params {
                    Params::Control(control) => control::apply(step.op, control.clone(), &inputs)?,
                    params => Array::apply(step.op, params.clone(), &inputs)?,
                }
            };
            arrays.push(array);
        }
        Ok(self.outputs.iter().map(|&place| arrays[place as usize].clone()).collect())
    }

    /// Which results move when operands do.
    pub(crate) fn moved(&self, operands: &[bool]) -> Vec<bool> {
        // Of an operation with several results, which of them.
        let mut several: HashMap<usize, Vec<bool>> = HashMap::new();
        let mut moved = operands.to_vec();
        for step in &self.steps {
            let inputs: Vec<bool> = step.inputs.iter().map(|&place| moved[place as usize]).collect();
            let any = inputs.contains(&true);
            let moves = match (step.op.derivative, &step.params) {
                (Derivative::Part, Params::Part { index, .. }) => {
                    any && several.get(&(step.inputs[0] as usize)).is_some_and(|parts| parts[*index])
                }
                (Derivative::Bodies, Params::Control(control)) => {
                    several.insert(moved.len(), control.moved(&inputs));
                    any
                }
                (Derivative::Zero, _) => false,
                _ => any && step.spec.dtype.is_float(),
            };
            moved.push(moves);
        }
        let is_float = |place: u32| self.spec(place).dtype.is_float();
        self.outputs.iter().map(|&place| moved[place as usize] && is_float(place)).collect()
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        let parts = |body: &Self| (body.hash, body.steps.len());
        std::ptr::eq(self, other)
            || parts(self) == parts(other)
                && self.operands == other.operands
                && self.outputs == other.outputs
                && self.steps == other.steps
    }
}

impl Eq for Body {}

impl Hash for Body {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "body({} operands, {} steps)", self.operands.len(), self.steps.len())
    }
}
