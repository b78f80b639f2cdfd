//! The part of the graph that an evaluation needs, in an order in which it can be computed.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use smallvec::SmallVec;

use crate::array::graph::{Node, drop_node};
use crate::array::mixer::Mixer;
use crate::array::params::Params;
use crate::array::primitive::{Primitive, Spec};

/// The nodes of an evaluation, each after all that it is computed from.
pub(super) struct Graph {
    pub(super) entries: Vec<Entry>,
    /// A hash of all that a plan depends on.
    pub(super) hash: u64,
}

/// A node in an evaluation.
pub(super) struct Entry {
    pub(super) node: Arc<Node>,
    /// Indices of the entries it is computed from.
    pub(super) inputs: SmallVec<[u32; 3]>,
    /// Whether it has its value already.
    pub(super) is_leaf: bool,
    /// Whether somebody will ask for its value after this evaluation. (Until all nodes are numbered: whether a tracked
    /// node uses it.)
    pub(super) is_wanted: bool,
    /// How often the other nodes use it.
    pub(super) uses: u32,
}

/// What a plan depends on of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    op: usize,
    params: Params,
    spec: Spec,
    inputs: SmallVec<[u32; 3]>,
    is_leaf: bool,
    is_wanted: bool,
}

impl Entry {
    /// The entry as a plan sees it.
    pub(super) fn shape(&self) -> Shape {
        Shape {
            op: address(self.node.op),
            params: self.node.params.clone(),
            spec: self.node.spec.clone(),
            inputs: self.inputs.clone(),
            is_leaf: self.is_leaf,
            is_wanted: self.is_wanted,
        }
    }

    /// Whether a plan made for `shape` fits this entry.
    pub(super) fn matches(&self, shape: &Shape) -> bool {
        self.is_leaf == shape.is_leaf
            && self.is_wanted == shape.is_wanted
            && self.inputs == shape.inputs
            && self.node.spec == shape.spec
            && (self.is_leaf || (address(self.node.op) == shape.op && self.node.params == shape.params))
    }

    /// Hashes all that a plan depends on but whether the value is wanted.
    fn hash_into(&self, state: &mut Mixer) {
        state.write_usize(usize::from(self.is_leaf));
        self.node.spec.hash(state);
        if !self.is_leaf {
            state.write_usize(address(self.node.op));
            self.node.params.hash(state);
            self.inputs.hash(state);
        }
    }
}

/// A primitive is a static value, so its address names it.
fn address(op: Option<&'static Primitive>) -> usize {
    op.map_or(0, |op| std::ptr::from_ref(op).addr())
}

/// The memory that evaluations work in, one after another: fresh memory of some size costs page faults.
#[derive(Default)]
pub(super) struct Workspace {
    entries: Vec<Entry>,
    stack: Vec<(Arc<Node>, bool)>,
}

impl Workspace {
    /// No memory yet.
    pub(super) const fn new() -> Self {
        Workspace { entries: Vec::new(), stack: Vec::new() }
    }

    /// Lets the nodes of an evaluation go, the last first, so that each dies by itself; keeps memory for the next.
    pub(super) fn take_back(&mut self, graph: Graph) {
        self.entries = graph.entries;
        while let Some(entry) = self.entries.pop() {
            drop_node(entry.node);
        }
        self.entries.shrink_to(KEPT_ENTRIES);
        self.stack.shrink_to(KEPT_ENTRIES);
    }
}

/// Entries whose memory is kept.
const KEPT_ENTRIES: usize = 1 << 14;

/// Walks back from `roots` through all that waits. Depth first, by a stack of its own, on which a node stands once
/// to be entered and, below all that it needs, once more to be numbered.
pub(super) fn collect(roots: &[Arc<Node>], visit: u64, workspace: &mut Workspace) -> Graph {
    let Workspace { entries, stack } = workspace;
    // Empty already, unless an evaluation was ended by a panic.
    entries.clear();
    stack.clear();
    let mut state = Mixer::default();
    for root in roots {
        stack.push((root.clone(), false));
        while let Some((node, is_entered)) = stack.pop() {
            // A node can be on the stack several times, reached by several ways before it was numbered.
            if index_of(&node, visit).is_some() {
                continue;
            }
            let is_leaf = !node.is_pending();
            let mut inputs: SmallVec<[u32; 3]> = SmallVec::new();
            if !is_leaf {
                let first = stack.len();
                node.with_inputs(|given| {
                    inputs.extend(given.iter().filter_map(|input| index_of(input, visit)));
                    if inputs.len() < given.len() && !is_entered {
                        // The first input is entered first.
                        let unknown = given.iter().rev().filter(|input| index_of(input, visit).is_none());
                        stack.extend(unknown.map(|input| (input.clone(), false)));
                    }
                });
                if stack.len() > first {
                    stack.insert(first, (node, true));
                    continue;
                }
            }
            set_index(&node, visit, entries.len());
            let is_tracked = node.is_tracked();
            for &input in &inputs {
                let used = &mut entries[input as usize];
                used.uses += 1;
                used.is_wanted |= is_tracked;
            }
            let entry = Entry { node, inputs, is_leaf, is_wanted: false, uses: 0 };
            // While the node is in the caches.
            entry.hash_into(&mut state);
            entries.push(entry);
        }
    }
    for entry in entries.iter_mut() {
        // A gradient may walk back to an operand of a tracked node and ask for its value. A tracked operand can
        // be computed again from its own; any other must be kept now, for its operands may be overwritten.
        let is_kept = entry.is_wanted && (entry.is_leaf || !entry.node.is_tracked());
        // Beside the nodes that use it here, only this entry holds it.
        entry.is_wanted = is_kept || Arc::strong_count(&entry.node) > entry.uses as usize + 1;
    }
    for root in roots {
        if let Some(index) = index_of(root, visit) {
            entries[index as usize].is_wanted = true;
        }
    }
    let wanted = entries.iter().enumerate().filter(|(_, entry)| entry.is_wanted);
    wanted.for_each(|(index, _)| state.write_usize(index));
    Graph { entries: std::mem::take(entries), hash: state.finish() }
}

/// Marks hold the visit's number above and the index below.
fn index_of(node: &Node, visit: u64) -> Option<u32> {
    let mark = node.mark.load(Ordering::Relaxed);
    (mark >> 32 == visit & 0xffff_ffff).then_some(mark as u32)
}

fn set_index(node: &Node, visit: u64, index: usize) {
    node.mark.store(visit << 32 | index as u64, Ordering::Relaxed);
}
