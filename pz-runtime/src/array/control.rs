//! Control flow as data: which bodies, and which of an operation's operands are for what.
//!
//! These are the parameters of the primitives in `ops::control` and `ops::repeat`, judged here against the operands.
//! Such an operation has several results; its node has no elements, and each result is a node of its own that takes
//! one part out of it.

use std::any::Any;
use std::hash::{Hash, Hasher};
use std::panic::RefUnwindSafe;
use std::sync::Arc;

use super::Array;
use super::body::Body;
use super::ops::control::PART;
use super::params::Params;
use super::primitive::{Primitive, Spec};
use crate::error::{Report, Result};

/// The parameters of an operation that runs bodies.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) enum Control {
    /// One of several bodies, on the same operands. Where there is more than one, its number is the first operand.
    Switch(Vec<Arc<Body>>),
    Scan(Scan),
    While(While),
    WhileTransposed(WhileTransposed),
    Custom(Custom),
}

/// A body over the rows of arrays. Operands: those held, the first carried ones, the arrays to take rows of.
/// Results: the last carried ones, the rows that the body made; and with `saves` what was carried into each step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scan {
    pub(crate) body: Arc<Body>,
    pub(crate) held: usize,
    pub(crate) carried: usize,
    pub(crate) length: usize,
    pub(crate) reverse: bool,
    pub(crate) saves: bool,
    /// Whether what was carried is never saved, but computed again for a gradient.
    pub(crate) checkpoint: bool,
}

/// A body for as long as a condition holds. Operands: those held, for both; the first carried ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct While {
    pub(crate) condition: Arc<Body>,
    pub(crate) body: Arc<Body>,
    pub(crate) held: usize,
}

/// The pull-back of a loop whose number of steps nobody knows: it cannot be evaluated, but transposed, which is the
/// derivative forwards. Operands: the loop's, and the cotangents of what it carries. Results: the cotangents of
/// those of the loop's operands that are `needed`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WhileTransposed {
    pub(crate) looped: While,
    pub(crate) needed: Vec<bool>,
}

/// Results with a derivative of the user's. Operands: inputs, results, and what the derivative needs beside them.
#[derive(Clone)]
pub(crate) struct Custom {
    pub(crate) inputs: usize,
    pub(crate) results: usize,
    pub(crate) rule: Arc<dyn CustomRule>,
}

/// A user's derivative.
pub(crate) trait CustomRule: Any + Send + Sync + RefUnwindSafe {
    /// The cotangents of the inputs, from the residuals and the cotangents of the results; none for inputs that are no
    /// floats.
    fn pull(&self, residuals: &[Array], cotangents: &[Option<Array>]) -> Result<Vec<Option<Array>>>;
    /// Whether the other does the same.
    fn same(&self, other: &dyn CustomRule) -> bool;
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        (self.inputs, self.results) == (other.inputs, other.results) && self.rule.same(&*other.rule)
    }
}

impl Eq for Custom {}

impl Hash for Custom {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.inputs, self.results).hash(state);
    }
}

impl std::fmt::Debug for Custom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Custom({} inputs, {} results)", self.inputs, self.results)
    }
}

impl While {
    /// Which of the carried arrays move when operands do.
    pub(crate) fn moved_carried(&self, operands: &[bool]) -> Vec<bool> {
        moved_carried(&self.body, self.held, self.body.outputs.len(), operands)
    }
}

/// Which of the carried arrays move when operands do: a step may move what the next one is given.
fn moved_carried(body: &Body, held: usize, carried: usize, operands: &[bool]) -> Vec<bool> {
    let mut operands = operands.to_vec();
    loop {
        let after = body.moved(&operands);
        let carried = &mut operands[held..][..carried];
        let mut grew = false;
        for (before, after) in carried.iter_mut().zip(after) {
            grew |= after && !*before;
            *before |= after;
        }
        if !grew {
            return carried.to_vec();
        }
    }
}

impl Scan {
    /// The specs of what is stacked: the rows that the body makes, and what is saved.
    pub(crate) fn stacks(&self) -> Vec<Spec> {
        let carried = if self.saves { &self.body.operands[self.held..][..self.carried] } else { &[] };
        let rows = self.body.results().split_off(self.carried);
        rows.iter().chain(carried).map(|row| stacked(row, self.length)).collect()
    }

    /// Which of the carried arrays move when operands do.
    pub(crate) fn moved_carried(&self, operands: &[bool]) -> Vec<bool> {
        moved_carried(&self.body, self.held, self.carried, operands)
    }
}

/// A spec with an axis of this length in front.
pub(crate) fn stacked(row: &Spec, length: usize) -> Spec {
    let mut dims = row.dims.clone();
    dims.insert(0, length);
    Spec::new(dims, row.dtype)
}

impl Control {
    /// The specs of the results.
    pub(crate) fn results(&self) -> Vec<Spec> {
        match self {
            Control::Switch(branches) => branches.first().map_or_else(Vec::new, |body| body.results()),
            Control::Scan(scan) => {
                let mut specs = scan.body.results();
                specs.truncate(scan.carried);
                specs.extend(scan.stacks());
                specs
            }
            Control::While(looped) => looped.body.results(),
            Control::WhileTransposed(transposed) => {
                let operands = transposed.looped.body.operands.iter().zip(&transposed.needed);
                operands.filter(|(_, needed)| **needed).map(|(spec, _)| spec.clone()).collect()
            }
            Control::Custom(_) => Vec::new(),
        }
    }

    /// Whether these can be the operands.
    pub(crate) fn judge(&self, op: &str, operands: &[Spec]) -> Result<()> {
        let fits = match self {
            Control::Switch(branches) => {
                let operands = if branches.len() > 1 { operands.get(1..).unwrap_or(&[]) } else { operands };
                let same = |body: &Arc<Body>| body.operands == operands && body.results() == self.results();
                !branches.is_empty() && branches.iter().all(same)
            }
            Control::Scan(scan) => {
                let (body, whole) = (&scan.body, scan.held + scan.carried);
                let row = |spec: &Spec| {
                    (!spec.dims.is_empty() && spec.dims[0] == scan.length).then(|| row_of(spec))
                };
                operands.len() == body.operands.len()
                    && whole <= operands.len()
                    && operands[..whole] == body.operands[..whole]
                    && operands[whole..]
                        .iter()
                        .zip(&body.operands[whole..])
                        .all(|(x, r)| row(x).as_ref() == Some(r))
                    && body.results().get(..scan.carried) == Some(&operands[scan.held..whole])
            }
            Control::While(looped) => {
                let holds = looped.condition.results();
                looped.held <= operands.len()
                    && looped.condition.operands == operands
                    && looped.body.operands == operands
                    && looped.body.results() == operands[looped.held..]
                    && matches!(holds.as_slice(), [spec] if spec.dims.is_empty() && spec.dtype == super::DType::Bool)
            }
            Control::WhileTransposed(transposed) => {
                operands.get(..transposed.looped.body.operands.len())
                    == Some(&transposed.looped.body.operands[..])
            }
            Control::Custom(custom) => operands.len() >= custom.inputs + custom.results,
        };
        if fits {
            return Ok(());
        }
        Err(Report::new(op, "the operands do not fit the body".to_string()).shape())
    }

    /// Which results move when operands do.
    pub(crate) fn moved(&self, operands: &[bool]) -> Vec<bool> {
        match self {
            Control::Switch(branches) => {
                let operands = if branches.len() > 1 { &operands[1..] } else { operands };
                let all = branches.iter().map(|body| body.moved(operands));
                all.reduce(|a, b| a.iter().zip(&b).map(|(a, b)| a | b).collect()).unwrap_or_default()
            }
            Control::Scan(scan) => {
                let carried = scan.moved_carried(operands);
                let mut operands = operands.to_vec();
                operands[scan.held..][..scan.carried].copy_from_slice(&carried);
                let rows = scan.body.moved(&operands).split_off(scan.carried);
                let saved: &[bool] = if scan.saves { &carried } else { &[] };
                carried.iter().chain(&rows).chain(saved).copied().collect()
            }
            Control::While(looped) => looped.moved_carried(operands),
            Control::WhileTransposed(transposed) => {
                vec![operands.contains(&true); transposed.needed.iter().filter(|needed| **needed).count()]
            }
            Control::Custom(custom) => vec![operands[..custom.inputs].contains(&true); custom.results],
        }
    }
}

fn row_of(spec: &Spec) -> Spec {
    Spec::new(super::layout::Dims::from_slice(&spec.dims[1..]), spec.dtype)
}

/// The node of an operation with several results. A scan that a gradient may be asked of saves what it carries.
#[track_caller]
pub(crate) fn apply(op: &'static Primitive, control: Arc<Control>, operands: &[&Array]) -> Result<Array> {
    let wants_gradient =
        || operands.iter().any(|operand| operand.as_node().trackers.iter().any(|t| t.wants_gradient()));
    let control = match &*control {
        Control::Scan(scan) if !scan.saves && !scan.checkpoint && wants_gradient() => {
            Arc::new(Control::Scan(Scan { saves: true, ..scan.clone() }))
        }
        _ => control,
    };
    Array::apply(op, Params::Control(control), operands)
}

/// One result of an operation that has several.
#[track_caller]
pub(crate) fn part(several: &Array, index: usize, spec: &Spec) -> Result<Array> {
    Array::apply(&PART, Params::Part { index, spec: Box::new(spec.clone()) }, &[several])
}

/// The first results of an operation that has several.
#[track_caller]
pub(crate) fn parts(several: &Array, specs: &[Spec]) -> Result<Vec<Array>> {
    specs.iter().enumerate().map(|(index, spec)| part(several, index, spec)).collect()
}
