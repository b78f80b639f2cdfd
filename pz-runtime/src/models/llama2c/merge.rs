//! Merging neighbouring pieces, the best pair first.
//!
//! The rule is that of llama2.c: of all neighbours whose joint text is a piece, merge those whose piece has the
//! highest score, the leftmost on a tie, and begin anew. Looked for over the whole text each time that is quadratic,
//! which a long prompt would feel; so pairs wait in a heap, and what a merge has made stale is left there and
//! recognised when it comes up.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A pair that may be merged.
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    /// The tokens that stood there when the pair was found.
    found: [u32; 2],
    merged: u32,
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        // Scores are never NaN here; `+ 0.0` makes both zeros one.
        (self.score + 0.0).total_cmp(&(other.score + 0.0)).then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Pair {}

/// Pairs with a score that is not above this one are not merged (so llama2.c begins its search).
const NEVER: f32 = -1e10;

/// Merges until no pair is left. `join` gives the token and score of two tokens' joint text, if that is a piece.
pub(super) fn merge(tokens: Vec<u32>, join: impl Fn(u32, u32) -> Option<(u32, f32)>) -> Vec<u32> {
    let end = tokens.len();
    let mut tokens: Vec<Option<u32>> = tokens.into_iter().map(Some).collect();
    // Where the neighbours are that are still there; `end` after the last, and before the first.
    let mut next: Vec<usize> = (1..=end).collect();
    let mut previous: Vec<usize> = (0..end).map(|place| place.checked_sub(1).unwrap_or(end)).collect();
    let pair = |tokens: &[Option<u32>], left: usize, right: usize| {
        let found = [*tokens.get(left)?, *tokens.get(right)?];
        let [Some(a), Some(b)] = found else { return None };
        let (merged, score) = join(a, b)?;
        (score > NEVER).then_some(Pair { score, left, right, found: [a, b], merged })
    };
    let mut waiting: BinaryHeap<Pair> =
        (1..end).filter_map(|right| pair(&tokens, right - 1, right)).collect();
    while let Some(Pair { left, right, found, merged, .. }) = waiting.pop() {
        if [tokens[left], tokens[right]] != found.map(Some) || next[left] != right {
            continue;
        }
        tokens[left] = Some(merged);
        tokens[right] = None;
        let (before, after) = (previous[left], next[right]);
        next[left] = after;
        if after < end {
            previous[after] = left;
        }
        waiting.extend(pair(&tokens, before, left));
        waiting.extend(pair(&tokens, left, after));
    }
    tokens.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule word for word: look for the best pair, merge it, begin anew.
    fn plainly(mut tokens: Vec<u32>, join: impl Fn(u32, u32) -> Option<(u32, f32)>) -> Vec<u32> {
        loop {
            let mut best = (NEVER, None);
            for (place, pair) in tokens.windows(2).enumerate() {
                if let Some((merged, score)) = join(pair[0], pair[1])
                    && score > best.0
                {
                    best = (score, Some((place, merged)));
                }
            }
            let Some((place, merged)) = best.1 else { return tokens };
            tokens[place] = merged;
            tokens.remove(place + 1);
        }
    }

    #[test]
    fn the_heap_merges_as_the_plain_rule_does() {
        let mut state = 1_u32;
        let mut below = |bound: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % bound
        };
        let mut merges = 0;
        for _ in 0..2000 {
            // A random table of joints over few tokens, with many ties.
            let alphabet = 2 + below(6);
            let table: Vec<Option<(u32, f32)>> = (0..alphabet * alphabet)
                .map(|_| {
                    (below(3) > 0)
                        .then(|| (below(alphabet), [-1.0, -0.0, 0.0, 2.5, NEVER][below(5) as usize]))
                })
                .collect();
            let join = |a: u32, b: u32| table[(a * alphabet + b) as usize];
            let tokens: Vec<u32> = (0..below(40)).map(|_| below(alphabet)).collect();
            let merged = merge(tokens.clone(), join);
            merges += tokens.len() - merged.len();
            assert_eq!(merged, plainly(tokens.clone(), join), "{tokens:?} by {table:?}");
        }
        assert!(merges > 10_000, "the case is too tame: {merges} merges");
    }

    #[test]
    fn nothing_and_one_token_stay() {
        assert_eq!(merge(vec![], |_, _| Some((0, 1.0))), []);
        assert_eq!(merge(vec![7], |_, _| Some((0, 1.0))), [7]);
    }
}
