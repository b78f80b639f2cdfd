//! Attention in graphs: found where it can be, left alone where somebody looks, and close to the single operations.

use super::tests::numbers;
use crate::array::dtype::DType;
use crate::array::kernels::{cpu, pool};
use crate::array::{Array, plan};
use crate::error::Result;

/// Values held to the end of an evaluation.
type Held = Vec<Array>;

/// Scores, their softmax along the last axis.
fn softmax(x: &Array) -> Result<Array> {
    let last = [x.dims().len() - 1];
    let top = x.stop_gradient()?.max(&last)?.broadcast_reduced(x.dims(), &last)?;
    let exps = x.sub(&top)?.exp()?;
    exps.div(&exps.sum(&last)?.broadcast_reduced(x.dims(), &last)?)
}

fn dot(left: &Array, right: &Array, batch: &[(usize, usize)], contract: (usize, usize)) -> Result<Array> {
    left.dot(right, batch.into(), [contract].into())
}

const QUERIES: usize = 300;
const KEYS: usize = 500;

/// Positions along an axis of `[queries, keys]`.
fn positions(axis: usize, dims: &[usize], first: i32) -> Result<Array> {
    let numbers = Array::from_vec((first..first + dims[axis] as i32).collect::<Vec<_>>(), &[dims[axis]]);
    let source: Vec<Option<usize>> = (0..dims.len()).map(|place| (place == axis).then_some(0)).collect();
    numbers.broadcast(dims, &source)
}

/// The queries are after the keys with the same number by this many: some are after all keys.
const AHEAD: i32 = 100;

/// Of scores `[heads, queries, keys]`, those of keys that are not after the query; others are `masked`.
fn causal(scores: &Array, masked: f64) -> Result<Array> {
    let dims = scores.dims();
    let is_seen = positions(2, dims, 0)?.less_equal(&positions(1, dims, AHEAD)?)?;
    is_seen.select(scores, &scores.full_like(masked)?)
}

/// Sees to it that a graph is `steps` steps, and gives what the single operations give, within the stated bound of
/// values no larger than 1, whatever the number of threads. The graph is made with what it would like to be held.
fn is_attention(what: &str, steps: usize, graph: impl Fn(&mut Held) -> Result<Array>) {
    let _level = cpu::hold_level();
    let read = |array: &Array| array.read().unwrap().to_vec::<f32>();
    let bits = |array: &Array| read(array).into_iter().map(f32::to_bits).collect::<Vec<_>>();
    let fused = graph(&mut Held::new()).unwrap();
    assert_eq!(plan::steps(&fused), steps, "{what}");
    let mut held = Held::new();
    let exact = graph(&mut held).unwrap();
    assert!(!held.is_empty() && held.iter().all(Array::is_pending), "{what}");
    let threads = pool::threads();
    pool::set_threads(3);
    let again = graph(&mut Held::new()).unwrap();
    assert!(bits(&fused) == bits(&again), "{what}: threads");
    pool::set_threads(threads);
    let errors = read(&fused).into_iter().zip(read(&exact)).map(|(a, b)| (a - b).abs());
    let largest = errors.fold(0f32, f32::max);
    assert!(largest <= 1.0 / 262_144.0, "{what}: off by {largest:e}");
    drop(held);
}

#[test]
fn scores_between_two_products_are_never_there() {
    let (q, k, v) = (numbers(&[2, QUERIES, 16], 1), numbers(&[2, KEYS, 16], 2), numbers(&[2, KEYS, 24], 3));
    let plain = |held: &mut Held| {
        let scores = dot(&q, &k, &[(0, 0)], (2, 2))?;
        held.push(scores.clone());
        dot(&softmax(&scores)?, &v, &[(0, 0)], (2, 1))
    };
    is_attention("plain", 1, plain);
    is_attention("scaled and causal", 1, |held| {
        let scores = dot(&q, &k, &[(0, 0)], (2, 2))?.mul_scalar(0.25)?;
        held.push(scores.clone());
        dot(&softmax(&causal(&scores, -2.381_976_3e38)?)?, &v, &[(0, 0)], (2, 1))
    });
    is_attention("capped", 1, |held| {
        let scores = dot(&q, &k, &[(0, 0)], (2, 2))?;
        held.push(scores.clone());
        let capped = scores.mul_scalar(0.2)?.tanh()?.mul_scalar(5.0)?;
        dot(&softmax(&causal(&capped, -1e30)?)?, &v, &[(0, 0)], (2, 1))
    });
    is_attention("an added mask", 1, |held| {
        let scores = dot(&q, &k, &[(0, 0)], (2, 2))?;
        held.push(scores.clone());
        let mask = causal(&Array::full(0.0, scores.dims(), DType::F32)?, -1e9)?;
        dot(&softmax(&scores.add(&mask)?)?, &v, &[(0, 0)], (2, 1))
    });
    let mask = Array::from_vec((0..QUERIES * KEYS).map(|i| i % 7 != 3).collect(), &[QUERIES, KEYS]);
    is_attention("an explicit mask", 1, |held| {
        let scores = dot(&q, &k, &[(0, 0)], (2, 2))?;
        held.push(scores.clone());
        let mask = mask.broadcast(scores.dims(), &[None, Some(0), Some(1)])?;
        let scores = mask.select(&scores, &scores.full_like(-1e30)?)?;
        dot(&softmax(&scores)?, &v, &[(0, 0)], (2, 1))
    });
    is_attention("keys first, weights on the right", 1, |held| {
        let scores = dot(&k, &q, &[(0, 0)], (2, 2))?;
        held.push(scores.clone());
        let weights = softmax(&scores.permute(&[0, 2, 1])?)?.permute(&[2, 1, 0])?;
        dot(&v, &weights, &[(0, 2)], (1, 0))
    });
}

#[test]
fn heads_may_share_keys_and_values() {
    // Axes of queries: token, group, head of the group, feature.
    let q = numbers(&[QUERIES, 2, 3, 8], 4);
    let (k, v) = (numbers(&[KEYS, 2, 8], 5), numbers(&[KEYS, 2, 8], 6));
    is_attention("grouped heads", 1, |held| {
        let scores = dot(&q, &k, &[(1, 1)], (3, 2))?;
        held.push(scores.clone());
        // Group, token, head, key; the softmax is taken with the tokens first.
        let scores = scores.permute(&[1, 0, 2, 3])?;
        let dims = scores.dims().to_vec();
        let is_seen = positions(3, &dims, 0)?.less_equal(&positions(0, &dims, AHEAD)?)?;
        let weights = softmax(&is_seen.select(&scores, &scores.full_like(-1e30)?)?)?;
        dot(&weights, &v, &[(1, 1)], (3, 0))
    });
}

#[test]
fn who_looks_gets_the_single_operations() {
    let (q, k, v) = (numbers(&[QUERIES, 8], 7), numbers(&[KEYS, 8], 8), numbers(&[KEYS, 8], 9));
    let scores = dot(&q, &k, &[], (1, 1)).unwrap();
    let weights = softmax(&scores).unwrap();
    let out = dot(&weights, &v, &[], (1, 0)).unwrap();
    // The weights are held: the product with values is a step by itself.
    assert_eq!(plan::steps(&out), 3);
    drop(weights);
    assert_eq!(plan::steps(&out), 3, "the scores are held");
    drop(scores);
    assert_eq!(plan::steps(&out), 1);
    // Something else is computed of the weights.
    let weights = softmax(&dot(&q, &k, &[], (1, 1)).unwrap()).unwrap();
    let both = dot(&weights, &v, &[], (1, 0)).unwrap().sum(&[0, 1]).unwrap();
    let both = both.add(&weights.mul(&weights).unwrap().sum(&[0, 1]).unwrap()).unwrap();
    drop(weights);
    assert!(plan::steps(&both) > 3);
    // Few scores stay in the caches: single operations are as fast, and exact.
    let (few, keys) = (numbers(&[4, 8], 10), numbers(&[4, 8], 11));
    let out = dot(&softmax(&dot(&few, &keys, &[], (1, 1)).unwrap()).unwrap(), &keys, &[], (1, 0)).unwrap();
    assert!(plan::steps(&out) > 1);
}

#[test]
fn a_query_that_sees_nothing_averages_all() {
    let (q, k, v) = (numbers(&[1, QUERIES, 8], 12), numbers(&[1, KEYS, 8], 13), numbers(&[1, KEYS, 8], 14));
    is_attention("nothing is seen", 1, |held| {
        let scores = dot(&q, &k, &[(0, 0)], (2, 2))?;
        held.push(scores.clone());
        let dims = scores.dims().to_vec();
        let is_seen = positions(2, &dims, 0)?.less_equal(&positions(1, &dims, -(QUERIES as i32) / 2)?)?;
        let scores = is_seen.select(&scores, &scores.full_like(-2.381_976_3e38)?)?;
        dot(&softmax(&scores)?, &v, &[(0, 0)], (2, 1))
    });
}
