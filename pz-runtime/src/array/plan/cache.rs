//! Plans that have been made, found again by the structure of the graph.

use std::collections::HashMap;
use std::sync::Arc;

use super::collect::{Graph, Shape};
use super::compile::{Plan, compile};

/// Plans kept; the one unused for longest goes first.
const CAPACITY: usize = 256;
/// Entries of all kept plans together.
const CAPACITY_ENTRIES: usize = 1 << 18;

/// The plan cache.
pub(super) struct Cache {
    plans: Option<HashMap<u64, Kept>>,
    entries: usize,
    clock: u64,
}

struct Kept {
    key: Vec<Shape>,
    plan: Arc<Plan>,
    last_use: u64,
}

impl Cache {
    /// An empty cache.
    pub(super) const fn new() -> Self {
        Cache { plans: None, entries: 0, clock: 0 }
    }

    /// The plan for a graph: a kept one where the structure is the same in every entry, else a new one;
    /// and whether it is new.
    pub(super) fn plan_for(&mut self, graph: &Graph) -> (Arc<Plan>, bool) {
        self.clock += 1;
        let plans = self.plans.get_or_insert_default();
        if let Some(kept) = plans.get_mut(&graph.hash) {
            let same = kept.key.len() == graph.entries.len()
                && kept.key.iter().zip(&graph.entries).all(|(shape, entry)| entry.matches(shape));
            if same {
                kept.last_use = self.clock;
                return (kept.plan.clone(), false);
            }
        }
        let plan = Arc::new(compile(graph));
        let key: Vec<Shape> = graph.entries.iter().map(super::collect::Entry::shape).collect();
        self.entries += key.len();
        if let Some(old) = plans.insert(graph.hash, Kept { key, plan: plan.clone(), last_use: self.clock }) {
            self.entries -= old.key.len();
        }
        self.shrink();
        (plan, true)
    }

    fn shrink(&mut self) {
        let Some(plans) = &mut self.plans else { return };
        while plans.len() > CAPACITY || (self.entries > CAPACITY_ENTRIES && plans.len() > 1) {
            let Some(oldest) = plans.iter().min_by_key(|(_, kept)| kept.last_use).map(|(hash, _)| *hash)
            else {
                return;
            };
            if let Some(gone) = plans.remove(&oldest) {
                self.entries -= gone.key.len();
            }
        }
    }
}
