//! The hash of a tree's structure: of types, keys, static fields and numbers of children, not of the leaves' values.
//!
//! A node's hash is made of what it is itself and of the hashes of its children, so that a shared subtree is hashed
//! once and its hash kept where it is allocated ([`Memo`]). The hasher is a multiplication for each word: nobody can
//! gain by making two structures collide, and a model has thousands of nodes.

use std::any::Any;
use std::hash::{Hash, Hasher};

use super::{Kind, Memo, Part, PyTree, Tree};

/// A hash of a tree's structure: of types, keys, static fields and numbers of children, not of the leaves' values.
///
/// It is the same for two trees of the same structure in one run of a program, and may differ in the next. The hash of
/// what an `AnyLayer` holds is kept with it, so asking again costs next to nothing, and asking of an edited tree costs
/// only what is above the edit.
pub fn structure_hash(tree: &(impl Tree + ?Sized)) -> u64 {
    let mut hashing = Hashing::default();
    hashing.enter(tree.as_tree(), None);
    loop {
        let Some(top) = hashing.open.last_mut() else { return hashing.last };
        let Some(part) = hashing.parts.get(top.cursor).copied() else {
            hashing.leave();
            continue;
        };
        top.cursor += 1;
        match part {
            Part::Static(value) => value.hash_into(&mut top.state),
            Part::Child(node, memo) => match memo.and_then(Memo::structure) {
                Some(hash) => top.state.write_u64(hash),
                None => hashing.enter(node, memo),
            },
        }
    }
}

/// The hash of each node of a tree, parents before their children, with the number of nodes in it.
pub(super) fn structure_hashes(top: &dyn PyTree) -> Vec<(u64, usize)> {
    let mut hashing = Hashing::default();
    let (mut found, mut ways) = (vec![(0, 1)], vec![0]);
    hashing.enter(top, None);
    while let Some(node) = hashing.open.last_mut() {
        let Some(part) = hashing.parts.get(node.cursor).copied() else {
            hashing.leave();
            if let Some(here) = ways.pop() {
                found[here] = (hashing.last, found.len() - here);
            }
            continue;
        };
        node.cursor += 1;
        match part {
            Part::Static(value) => value.hash_into(&mut node.state),
            Part::Child(child, _) => {
                ways.push(found.len());
                found.push((0, 1));
                hashing.enter(child, None);
            }
        }
    }
    found
}

/// The nodes that are being hashed, from the top down; the parts of all of them are in one buffer.
#[derive(Default)]
struct Hashing<'r> {
    open: Vec<Open<'r>>,
    parts: Vec<Part<'r>>,
    /// The hash of the node that was left last.
    last: u64,
}

struct Open<'r> {
    state: Words,
    memo: Option<&'r Memo>,
    /// Where its parts begin, and the one that is next.
    start: usize,
    cursor: usize,
}

impl<'r> Hashing<'r> {
    fn enter(&mut self, node: &'r dyn PyTree, memo: Option<&'r Memo>) {
        let (mut state, info) = (Words::default(), node.info());
        (node as &dyn Any).type_id().hash(&mut state);
        // The variant of an enum.
        state.write(info.type_name.as_bytes());
        if info.kind == Kind::Map {
            node.entry_keys().iter().for_each(|key| state.write(key.as_bytes()));
        }
        let start = self.parts.len();
        node.parts(&mut self.parts);
        state.write_usize(self.parts.len() - start);
        self.open.push(Open { state, memo, start, cursor: start });
    }

    fn leave(&mut self) {
        let Some(Open { state, memo, start, .. }) = self.open.pop() else { return };
        // A memo has 0 for what is not known.
        self.last = state.finish().max(1);
        if let Some(memo) = memo {
            memo.keep_structure(self.last);
        }
        self.parts.truncate(start);
        if let Some(above) = self.open.last_mut() {
            above.state.write_u64(self.last);
        }
    }
}

/// A hasher that mixes two words with the state by one multiplication, and folds the two halves of the product.
#[derive(Default)]
struct Words(u64);

impl Words {
    fn add(&mut self, left: u64, right: u64) {
        // Constants without a pattern: the first digits of the golden ratio and of the square root of two.
        let (left, right) = (self.0 ^ left ^ 0x9e37_79b9_7f4a_7c15, right ^ 0x6a09_e667_f3bc_c909);
        let product = u128::from(left) * u128::from(right);
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }
}

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        let (pairs, odd) = words.as_chunks::<2>();
        pairs
            .iter()
            .for_each(|[left, right]| self.add(u64::from_le_bytes(*left), u64::from_le_bytes(*right)));
        // What is left, up to fifteen bytes: a whole word, and up to seven bytes beside the number of all, which tells zeros
        // from nothing.
        let odd = odd.first().map_or(0, |word| u64::from_le_bytes(*word));
        let (half, few) = rest.as_chunks::<4>();
        let half = half.first().map_or(0, |half| u64::from(u32::from_le_bytes(*half)));
        let rest = few.iter().fold(half, |rest, byte| rest << 8 | u64::from(*byte));
        self.add(odd, rest | (bytes.len() as u64) << 56);
    }
    fn write_u8(&mut self, value: u8) {
        self.add(value.into(), 0);
    }
    fn write_u32(&mut self, value: u32) {
        self.add(value.into(), 0);
    }
    fn write_u64(&mut self, value: u64) {
        self.add(value, 0);
    }
    fn write_usize(&mut self, value: usize) {
        self.add(value as u64, 0);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}
