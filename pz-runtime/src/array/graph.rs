//! The graph of lazy operations: nodes that know how to get their value, and handles to them.
//!
//! Making an array adds a node and computes nothing. A node is shared by the user's handles to it and by the nodes that
//! still wait for it, and by nobody else for long; so by the number of its holders a plan knows exactly which
//! intermediates somebody will want again. When a node has its value it lets its parents go, unless it belongs to a
//! live gradient scope.
//!
//! Dropping a graph is a loop: the last handle to a million-node chain must not recurse a million deep.
//!
//! A token of a text, or a turn of a loop, makes some hundred nodes and drops them, so a thread keeps the memory of some
//! of its dead nodes for the next ones.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use smallvec::SmallVec;

use super::buffer::Buffer;
use super::dtype::{DType, Element};
use super::layout::Dims;
use super::mixer::Mixer;
use super::ops::{movement, random};
use super::params::Params;
use super::plan;
use super::primitive::{Primitive, Spec};
use super::trace;
use super::tracking::Tracker;
use crate::error::{Error, Report, Result};
use crate::path::caller::{self, Call};
use crate::path::scope::{self, Scope};

/// Nodes that wait behind one another before the chain is evaluated.
const MAX_DEPTH: u32 = 4096;
/// The same where all that waits is small, as in a loop over a number: the nodes then stay in the second-level cache.
const MAX_DEPTH_OF_SMALL: u32 = 256;
/// Bytes of what is small.
const SMALL: usize = 1 << 14;
/// Bytes that a chain of waiting nodes keeps alive before it is evaluated.
const MAX_PENDING_BYTES: usize = 1 << 30;
/// How often a chain is measured: walking it at every node would cost more than computing it.
const DEPTH_BETWEEN_WALKS: u32 = 512;
/// Dead nodes whose memory a thread keeps.
const KEPT_NODES: usize = 2048;

pub(crate) type Inputs = SmallVec<[Arc<Node>; 3]>;
/// The gradient scopes that a node depends on an input of: nearly always none.
pub(crate) type Trackers = SmallVec<[Arc<Tracker>; 1]>;

/// A handle to a node: the positional array below a `NamedArray`.
#[derive(Clone)]
pub(crate) struct Array(Arc<Node>);

thread_local! {
    static READS: Cell<u64> = const { Cell::new(0) };
    static DEAD: RefCell<Vec<Arc<Node>>> = const { RefCell::new(Vec::new()) };
}

/// How often this thread has asked for the elements of an array.
pub(crate) fn reads() -> u64 {
    READS.get()
}

/// One operation, waiting or done.
pub(crate) struct Node {
    /// `None` for an array that was given its elements.
    pub(crate) op: Option<&'static Primitive>,
    pub(crate) params: Params,
    pub(crate) spec: Spec,
    pub(crate) trackers: Trackers,
    /// The call of the user's program that made it.
    pub(crate) call: Call,
    scope: Scope,
    depth: u32,
    /// Whether `inner` holds no value yet: what is asked most often is answered without its lock.
    pending: AtomicBool,
    /// At most so many bytes are kept alive by this node while it waits.
    pending_bytes: AtomicUsize,
    /// Scratch of the planner, which holds the evaluation lock: visit number and index in the plan.
    pub(crate) mark: AtomicU64,
    inner: Mutex<Inner>,
}

struct Inner {
    inputs: Inputs,
    value: Held,
}

/// As [`Value`], and small, for most nodes never hold one.
enum Held {
    Pending,
    Ready(Box<Buffer>),
    Failed(Error),
}

/// How far a node has come.
pub(crate) enum Value {
    Pending,
    Ready(Buffer),
    Failed(Error),
}

impl Node {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The node's value as far as it is known.
    pub(crate) fn value(&self) -> Value {
        match &self.inner().value {
            Held::Pending => Value::Pending,
            Held::Ready(buffer) => Value::Ready((**buffer).clone()),
            Held::Failed(error) => Value::Failed(error.clone()),
        }
    }

    /// Whether the node still waits to be computed.
    pub(crate) fn is_pending(&self) -> bool {
        self.pending.load(Ordering::Acquire)
    }

    /// The nodes this one is computed from. None once it has its value, but in a gradient scope.
    pub(crate) fn inputs(&self) -> Inputs {
        self.inner().inputs.clone()
    }

    /// The nodes this one is computed from, for who holds it alone.
    fn take_inputs(&mut self) -> Inputs {
        let inner = self.inner.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut inner.inputs)
    }

    /// Drops what a dead node holds beside its inputs.
    fn empty(&mut self) {
        (self.params, self.scope) = (Params::None, Scope::default());
        self.trackers.clear();
        self.inner.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).value = Held::Pending;
    }

    /// Shows the nodes this one is computed from.
    pub(crate) fn with_inputs<R>(&self, f: impl FnOnce(&[Arc<Node>]) -> R) -> R {
        f(&self.inner().inputs)
    }

    /// Moves the buffer out of a node that nobody can ask for any more.
    pub(crate) fn take_buffer(&self) -> Option<Buffer> {
        let mut inner = self.inner();
        match std::mem::replace(&mut inner.value, Held::Pending) {
            Held::Ready(buffer) => {
                self.pending.store(true, Ordering::Release);
                Some(*buffer)
            }
            other => {
                inner.value = other;
                None
            }
        }
    }

    /// Gives the node its value; its parents are let go, unless a gradient may still need them.
    pub(crate) fn finish(&self, value: Result<Buffer>) {
        let mut inner = self.inner();
        // From now on others see the memory of this value alone.
        self.pending_bytes.store(bytes(&self.spec), Ordering::Relaxed);
        inner.value = match value {
            Ok(buffer) => Held::Ready(Box::new(buffer)),
            Err(error) => Held::Failed(error),
        };
        self.pending.store(false, Ordering::Release);
        let parents = if self.is_tracked() { Inputs::new() } else { std::mem::take(&mut inner.inputs) };
        drop(inner);
        release(parents);
    }

    /// Whether a live gradient scope may walk back through this node.
    pub(crate) fn is_tracked(&self) -> bool {
        self.trackers.iter().any(|tracker| tracker.is_live())
    }

    /// Whether too many nodes wait behind one another.
    fn is_long(&self) -> bool {
        let is_small = || self.pending_bytes.load(Ordering::Relaxed) <= SMALL;
        self.depth > MAX_DEPTH_OF_SMALL && (self.depth > MAX_DEPTH || is_small())
    }

    /// Whether the waiting nodes behind this one, and the values that they are computed from, take more memory than
    /// is to be kept alive. The sum over inputs counts what is shared several times, so where it is too large the
    /// graph is walked now and then, and the true count remembered.
    fn keeps_too_much(&self) -> bool {
        if !self.depth.is_multiple_of(DEPTH_BETWEEN_WALKS)
            || self.pending_bytes.load(Ordering::Relaxed) <= MAX_PENDING_BYTES
        {
            return false;
        }
        let room = DEPTH_BETWEEN_WALKS as usize * 2;
        let mut seen: HashSet<*const Node, BuildHasherDefault<Mixer>> =
            HashSet::with_capacity_and_hasher(room, BuildHasherDefault::default());
        let mut total = bytes(&self.spec);
        let mut queue = Vec::new();
        let mut see = |node: &Arc<Node>, queue: &mut Vec<Arc<Node>>| {
            if seen.insert(Arc::as_ptr(node)) {
                total = total.saturating_add(bytes(&node.spec));
                if node.is_pending() {
                    queue.push(node.clone());
                }
            }
        };
        self.with_inputs(|inputs| inputs.iter().for_each(|input| see(input, &mut queue)));
        while let Some(node) = queue.pop() {
            node.with_inputs(|inputs| inputs.iter().for_each(|input| see(input, &mut queue)));
        }
        self.pending_bytes.store(total, Ordering::Relaxed);
        total > MAX_PENDING_BYTES
    }

    /// Lets the parents of a node go that has its value and is in no live gradient scope any more.
    pub(crate) fn forget_parents(&self) {
        let mut inner = self.inner();
        if matches!(inner.value, Held::Pending) || self.is_tracked() {
            return;
        }
        let parents = std::mem::take(&mut inner.inputs);
        drop(inner);
        release(parents);
    }

    /// An error that is about this node's values, naming the call and the layer that made it.
    pub(crate) fn value_error(&self, error: Error) -> Error {
        let Error::Value(mut report) = error else { return error };
        report.scope = self.scope.clone();
        // What happened to run when the value was computed is not what asked for it.
        report.operation = self.call.function.unwrap_or(self.name()).into();
        report.caller = Some(self.call.place);
        Error::Value(report)
    }

    /// The layer that made it.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The operation's name.
    pub(crate) fn name(&self) -> &'static str {
        self.op.map_or("array", |op| op.name)
    }
}

/// Bytes of the elements of an array.
fn bytes(spec: &Spec) -> usize {
    spec.dims.iter().fold(spec.dtype.size(), |bytes, &dim| bytes.saturating_mul(dim))
}

impl Array {
    /// An array whose elements cannot be had: reading it gives `error`.
    pub(crate) fn failed(spec: Spec, error: Error) -> Self {
        let value = Held::Failed(error);
        Array::node(None, Params::None, spec, Inputs::new(), value, caller::here(), Trackers::new())
    }

    /// An array of given elements in row-major order.
    pub(crate) fn from_buffer(buffer: Buffer) -> Self {
        let spec = Spec { dims: Dims::from_slice(&buffer.layout.dims), dtype: buffer.dtype() };
        Array::node(
            None,
            Params::None,
            spec,
            Inputs::new(),
            Held::Ready(Box::new(buffer)),
            caller::here(),
            Trackers::new(),
        )
    }

    /// An array of `values` in row-major order; the count must be right.
    pub(crate) fn from_vec<T: Element>(values: Vec<T>, dims: &[usize]) -> Self {
        Array::from_buffer(Buffer::from_vec(values, dims))
    }

    /// An array without axes.
    pub(crate) fn scalar<T: Element>(value: T) -> Self {
        Array::from_vec(vec![value], &[])
    }

    /// An input of a gradient: equal to this array, and the place where walking back for `tracker` ends.
    pub(crate) fn tracked(&self, tracker: Arc<Tracker>) -> Result<Self> {
        Array::apply_tracked(&movement::IDENTITY, Params::None, &[self], Some(tracker))
    }

    /// The array that `op` makes of `inputs`. The shape is inferred here and now; nothing is computed.
    #[track_caller]
    pub(crate) fn apply(op: &'static Primitive, params: Params, inputs: &[&Array]) -> Result<Self> {
        Array::apply_tracked(op, params, inputs, None)
    }

    #[track_caller]
    fn apply_tracked(
        op: &'static Primitive,
        params: Params,
        inputs: &[&Array],
        tracker: Option<Arc<Tracker>>,
    ) -> Result<Self> {
        if inputs.iter().any(|input| input.dtype() == DType::Key) {
            random::admits_keys(op)?;
        }
        let spec = match inputs {
            [one] => (op.infer)(&params, std::slice::from_ref(one.spec())),
            [left, right] => (op.infer)(&params, &[left.spec().clone(), right.spec().clone()]),
            _ => {
                let specs: Vec<Spec> = inputs.iter().map(|input| input.spec().clone()).collect();
                (op.infer)(&params, &specs)
            }
        }?;
        if super::layout::checked_len(&spec.dims).is_none() {
            return Err(
                Report::new(op.name, format!("the result of shape {:?} is too large", spec.dims)).shape()
            );
        }
        let mut trackers: Trackers = tracker.into_iter().collect();
        trace::mark(&mut trackers);
        for tracker in inputs.iter().flat_map(|input| &input.0.trackers).filter(|tracker| tracker.is_live()) {
            if !trackers.iter().any(|known| Arc::ptr_eq(known, tracker)) {
                trackers.push(tracker.clone());
            }
        }
        let mut nodes = Inputs::new();
        for input in inputs {
            nodes.push(input.0.clone());
        }
        let array = Array::node(Some(op), params, spec, nodes, Held::Pending, caller::here(), trackers);
        if array.0.trackers.is_empty() {
            if array.0.is_long() || array.0.keeps_too_much() {
                array.eval();
            }
        } else {
            array.0.trackers.iter().for_each(|tracker| tracker.remember(&array.0));
        }
        Ok(array)
    }

    fn node(
        op: Option<&'static Primitive>,
        params: Params,
        spec: Spec,
        inputs: Inputs,
        value: Held,
        call: Call,
        trackers: Trackers,
    ) -> Self {
        let (mut depth, mut pending_bytes) = (1, bytes(&spec));
        for input in &inputs {
            let kept = input.pending_bytes.load(Ordering::Relaxed);
            pending_bytes = pending_bytes.saturating_add(kept);
            if input.is_pending() {
                depth = depth.max(input.depth + 1);
            }
        }
        let node = Node {
            op,
            params,
            spec,
            trackers,
            call,
            scope: scope::current(),
            depth,
            pending: AtomicBool::new(matches!(value, Held::Pending)),
            pending_bytes: AtomicUsize::new(pending_bytes),
            mark: AtomicU64::new(0),
            inner: Mutex::new(Inner { inputs, value }),
        };
        let dead = DEAD.try_with(|dead| dead.borrow_mut().pop()).ok().flatten();
        if let Some(mut memory) = dead
            && let Some(dead) = Arc::get_mut(&mut memory)
        {
            *dead = node;
            return Array(memory);
        }
        Array(Arc::new(node))
    }

    /// A node that is never computed itself: what a body's plan knows of an operation.
    pub(crate) fn template(op: &'static Primitive, params: Params, spec: Spec, call: Call) -> Arc<Node> {
        Array::node(Some(op), params, spec, Inputs::new(), Held::Pending, call, Trackers::new()).0
    }

    /// The node.
    pub(crate) fn as_node(&self) -> &Arc<Node> {
        &self.0
    }

    /// A handle to a node.
    pub(crate) fn from_node(node: Arc<Node>) -> Self {
        Array(node)
    }

    /// Shape and dtype.
    pub(crate) fn spec(&self) -> &Spec {
        &self.0.spec
    }

    /// The sizes of the axes.
    pub(crate) fn dims(&self) -> &[usize] {
        &self.0.spec.dims
    }

    /// The dtype of the elements.
    pub(crate) fn dtype(&self) -> DType {
        self.0.spec.dtype
    }

    /// Whether the elements have not been computed yet.
    pub(crate) fn is_pending(&self) -> bool {
        self.0.is_pending()
    }

    /// Computes the elements, and those of all that is needed on the way.
    pub(crate) fn eval(&self) {
        plan::evaluate(std::slice::from_ref(&self.0));
    }

    /// The elements, computed now if need be.
    ///
    /// # Errors
    /// What could fail only with values in hand did: the error names the call that made it.
    pub(crate) fn read(&self) -> Result<Buffer> {
        READS.set(READS.get().wrapping_add(1));
        if self.is_pending() {
            self.eval();
        }
        match self.0.value() {
            Value::Ready(buffer) => Ok(buffer),
            Value::Failed(error) => Err(error),
            Value::Pending => Err(Report::new(self.0.name(), "the array has no value to read").value()),
        }
    }
}

/// Lets inputs go. Nodes that die of it let theirs go in turn: a loop, not a recursion.
fn release(inputs: Inputs) {
    let mut queue = inputs;
    while let Some(input) = queue.pop() {
        // Mostly nothing, or the first of a chain.
        match let_go(input) {
            more if queue.is_empty() => queue = more,
            more if more.is_empty() => {}
            more => queue.extend(more),
        }
    }
}

/// Lets a node go; gives the nodes that it was computed from, if it died of it. Its memory is kept for another.
fn let_go(mut node: Arc<Node>) -> Inputs {
    // Most often somebody else holds it too, and that is cheaper to ask than whether nobody does.
    if Arc::strong_count(&node) == 1
        && let Some(dead) = Arc::get_mut(&mut node)
    {
        let inputs = dead.take_inputs();
        dead.empty();
        let _ = DEAD.try_with(|kept| {
            let mut kept = kept.borrow_mut();
            if kept.len() < KEPT_NODES {
                kept.push(node);
            }
        });
        return inputs;
    }
    // Somebody else may let go of it at this moment.
    Arc::into_inner(node).map(|mut dead| dead.take_inputs()).unwrap_or_default()
}

/// Lets a node go that an evaluation has held.
pub(crate) fn drop_node(node: Arc<Node>) {
    release(let_go(node));
}

impl Drop for Node {
    fn drop(&mut self) {
        let inputs = self.take_inputs();
        if !inputs.is_empty() {
            release(inputs);
        }
    }
}
