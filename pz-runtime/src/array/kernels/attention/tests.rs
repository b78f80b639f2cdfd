//! Weighted values against the formula in `f64`, for every way in which operands can lie and masks can be.

use super::*;
use crate::array::dtype::DType;
use crate::array::kernels::{cpu, fused};
use crate::array::params::Params;

/// The bound of the module's page.
const BOUND: f64 = 1.0 / 262_144.0;

fn numbers(len: usize, salt: u32) -> Vec<f32> {
    let mut state = salt.wrapping_mul(0x9e37_79b9) | 1;
    let number = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    };
    (0..len).map(number).collect()
}

fn place(axes: &[Axis]) -> Place {
    axes.iter().map(|axis| Some(*axis)).collect()
}

/// Heads, queries, keys, depth, width.
type Sizes = [usize; 5];

/// An attention over heads whose products are its scores.
fn plain([heads, queries, keys, depth, width]: Sizes) -> Attention {
    let head = Axis::Outer(0);
    Attention {
        outer: SmallVec::from_slice(&[heads]),
        queries,
        keys,
        depth,
        width,
        places: vec![
            place(&[head, Axis::Query, Axis::Inner]),
            place(&[head, Axis::Key, Axis::Inner]),
            place(&[head, Axis::Key, Axis::Inner]),
        ],
        scores: Scores { code: Vec::new(), result: fused::Operand::Register(0) },
        out: SmallVec::from_slice(&[head, Axis::Query, Axis::Inner]),
    }
}

fn operands([heads, queries, keys, depth, width]: Sizes) -> [Buffer; 3] {
    [
        Buffer::from_vec(numbers(heads * queries * depth, 1), &[heads, queries, depth]),
        Buffer::from_vec(numbers(heads * keys * depth, 2), &[heads, keys, depth]),
        Buffer::from_vec(numbers(heads * keys * width, 3), &[heads, keys, width]),
    ]
}

/// `softmax(score(query, key, product)) · values`, and the bound on each element's error.
fn formula(
    sizes: Sizes,
    operands: &[Buffer; 3],
    score: impl Fn(usize, usize, f64) -> f64,
) -> Vec<(f64, f64)> {
    let [heads, queries, keys, depth, width] = sizes;
    let [q, k, v] = operands.each_ref().map(Buffer::to_vec::<f32>);
    let mut results = Vec::new();
    for (head, query) in (0..heads).flat_map(|head| (0..queries).map(move |query| (head, query))) {
        let scores: Vec<f64> = (0..keys)
            .map(|key| {
                let pair = |d: usize| {
                    let (q, k) =
                        (q[(head * queries + query) * depth + d], k[(head * keys + key) * depth + d]);
                    f64::from(q) * f64::from(k)
                };
                score(query, key, (0..depth).map(pair).sum())
            })
            .collect();
        let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
        let total: f64 = weights.iter().sum();
        for d in 0..width {
            let value = |key: usize| f64::from(v[(head * keys + key) * width + d]);
            let sum: f64 = (0..keys).map(|key| weights[key] * value(key)).sum();
            let largest = (0..keys).map(|key| value(key).abs()).fold(0.0, f64::max);
            results.push((sum / total, BOUND * largest));
        }
    }
    results
}

fn assert_close(what: &str, found: &Buffer, wanted: &[(f64, f64)]) {
    let found = found.to_vec::<f32>();
    assert_eq!(found.len(), wanted.len(), "{what}");
    for (place, (found, (wanted, bound))) in found.iter().zip(wanted).enumerate() {
        let error = (f64::from(*found) - wanted).abs();
        assert!(
            error <= *bound,
            "{what}: element {place} is {found}, not {wanted} (off by {error:e} > {bound:e})"
        );
    }
}

const SIZES: [Sizes; 7] = [
    [1, 1, 1, 1, 1],
    [2, 3, 5, 4, 3],
    [1, 130, 600, 8, 4],
    [3, 128, 288, 16, 16],
    [2, 257, 1000, 5, 33],
    [1, 7, 289, 64, 64],
    [1, 300, 31, 2, 1],
];

#[test]
fn weighted_values_are_those_of_the_formula() {
    for sizes in SIZES {
        let (attention, operands) = (plain(sizes), operands(sizes));
        let [heads, queries, .., width] = sizes;
        let found = run(&attention, &operands, &[heads, queries, width]);
        assert_close(&format!("{sizes:?}"), &found, &formula(sizes, &operands, |_, _, product| product));
    }
}

#[test]
fn large_scores_stay_in_range() {
    let sizes = [1, 40, 700, 8, 4];
    let mut operands = operands(sizes);
    let large: Vec<f32> = operands[0].to_vec::<f32>().iter().map(|x| (x * 1024.0).round()).collect();
    let whole: Vec<f32> = operands[1].to_vec::<f32>().iter().map(|x| (x * 1024.0).round()).collect();
    operands[0] = Buffer::from_vec(large, &[1, 40, 8]);
    operands[1] = Buffer::from_vec(whole, &[1, 700, 8]);
    let found = run(&plain(sizes), &operands, &[1, 40, 4]);
    assert_close("large scores", &found, &formula(sizes, &operands, |_, _, product| product));
}

#[test]
fn layouts_and_threads_do_not_change_a_bit() {
    let _level = cpu::hold_level();
    let bits = |buffer: &Buffer| buffer.to_vec::<f32>().into_iter().map(f32::to_bits).collect::<Vec<_>>();
    for sizes in SIZES {
        let (mut attention, operands) = (plain(sizes), operands(sizes));
        let [heads, queries, .., width] = sizes;
        let dims = [heads, queries, width];
        let threads = pool::threads();
        let results: Vec<Vec<u32>> = [1, 3]
            .into_iter()
            .map(|threads| {
                pool::set_threads(threads);
                bits(&run(&attention, &operands, &dims))
            })
            .collect();
        pool::set_threads(threads);
        assert!(results[0] == results[1], "threads {sizes:?}");
        // Rows of all heads side by side, as layers make them, and values backwards in memory.
        let moved = |buffer: &Buffer, order: [usize; 3], back: [usize; 3]| {
            let copy = buffer.with_layout(buffer.layout.permuted(&order)).to_contiguous();
            copy.with_layout(copy.layout.permuted(&back))
        };
        let backwards = |buffer: &Buffer| {
            let last = buffer.layout.dims[1];
            let turned = buffer.with_layout(buffer.layout.sliced(1, last - 1, -1, last));
            let copy = turned.to_contiguous();
            copy.with_layout(copy.layout.sliced(1, last - 1, -1, last))
        };
        let others = [
            moved(&operands[0], [1, 0, 2], [1, 0, 2]),
            moved(&operands[1], [2, 0, 1], [1, 2, 0]),
            backwards(&operands[2]),
        ];
        assert!(results[0] == bits(&run(&attention, &others, &dims)), "layouts {sizes:?}");
        // The result's axes in another order.
        attention.out.reverse();
        let turned = run(&attention, &others, &[width, queries, heads]);
        let turned = turned.with_layout(turned.layout.permuted(&[2, 1, 0]));
        assert!(results[0] == bits(&turned), "the result's axes {sizes:?}");
    }
}

/// What a score becomes by the position of its query and its key: `masked` where the key is after the query.
fn causal(
    attention: &mut Attention,
    operands: &[Buffer; 3],
    positions: [Vec<i32>; 2],
    masked: f32,
) -> Vec<Buffer> {
    let function = |op: &'static crate::array::primitive::Primitive| match op.kernel {
        crate::array::primitive::Kernel::Elementwise(function) => function,
        _ => panic!("{} is not elementwise", op.name),
    };
    use crate::array::ops::elementwise::compare::{LESS_EQUAL, SELECT};
    use fused::Operand::{Input, Register};
    let operation = |op, args: &[fused::Operand], dtype, meaning| Operation {
        op: function(op),
        name: "",
        params: Params::None,
        args: SmallVec::from_slice(args),
        dtype,
        meaning,
    };
    attention.scores = Scores {
        code: vec![
            operation(&LESS_EQUAL, &[Input(1), Input(0)], DType::Bool, Meaning::LessEqual),
            operation(&SELECT, &[Register(1), Register(0), Input(2)], DType::F32, Meaning::Select),
        ],
        result: Register(2),
    };
    attention.places.extend([place(&[Axis::Query]), place(&[Axis::Key]), place(&[])]);
    let [queries, keys] = positions.map(|positions| Buffer::from_vec(positions.clone(), &[positions.len()]));
    let masked = Buffer::from_vec(vec![masked], &[]);
    operands.iter().cloned().chain([queries, keys, masked]).collect()
}

#[test]
fn masks_hide_what_they_should() {
    for sizes in SIZES {
        let [heads, queries, keys, _, width] = sizes;
        let in_order =
            |len: usize, first: i32| (0..len as i32).map(|place| place + first).collect::<Vec<_>>();
        let scattered: Vec<i32> = (0..keys).map(|key| (key * 7919 % 1009) as i32).collect();
        for (what, positions) in [
            ("causal", [in_order(queries, 0), in_order(keys, 0)]),
            ("causal after others", [in_order(queries, keys as i32 / 2), in_order(keys, 0)]),
            ("scattered", [in_order(queries, 100), scattered]),
            ("some queries see nothing", [in_order(queries, -100), in_order(keys, 0)]),
            ("nothing is seen", [vec![-1; queries], in_order(keys, 0)]),
        ] {
            let (mut attention, operands) = (plain(sizes), operands(sizes));
            let masked = -2.381_976_3e38f32;
            let inputs = causal(&mut attention, &operands, positions.clone(), masked);
            let found = run(&attention, &inputs, &[heads, queries, width]);
            let score = |query: usize, key: usize, product: f64| {
                if positions[1][key] <= positions[0][query] { product } else { f64::from(masked) }
            };
            assert_close(&format!("{what} {sizes:?}"), &found, &formula(sizes, &operands, score));
        }
    }
}

#[test]
fn a_query_that_sees_minus_infinity_alone_has_no_average() {
    let sizes = [1, 200, 700, 4, 3];
    let (mut attention, operands) = (plain(sizes), operands(sizes));
    let positions = [(-50..150).collect(), (0..700).collect()];
    let inputs = causal(&mut attention, &operands, positions, f32::NEG_INFINITY);
    let found = run(&attention, &inputs, &[1, 200, 3]).to_vec::<f32>();
    assert!(found[..150].iter().all(|value| value.is_nan()));
    assert!(found[150..].iter().all(|value| value.is_finite()));
    // A NaN among the scores is one in all that its query averages, and in nothing else.
    let mut queries = inputs[0].to_vec::<f32>();
    queries[60 * 4] = f32::NAN;
    let mut inputs = inputs;
    inputs[0] = Buffer::from_vec(queries, &[1, 200, 4]);
    let other = run(&attention, &inputs, &[1, 200, 3]).to_vec::<f32>();
    assert!(other[180..183].iter().all(|value| value.is_nan()));
    assert_eq!(other[183..], found[183..]);
}

#[test]
fn bounds_say_only_what_holds() {
    let (low, high) = (Some((0.0, 3.0)), Some((4.0, 9.0)));
    let of = |meaning: Meaning, args: &[Option<(f64, f64)>], dtype| meaning.bounds_of(args, dtype);
    let (yes, no) = (Some((1.0, 1.0)), Some((0.0, 0.0)));
    assert_eq!(of(Meaning::Less, &[low, high], DType::Bool), yes);
    assert_eq!(of(Meaning::Less, &[high, low], DType::Bool), no);
    assert_eq!(of(Meaning::Less, &[low, low], DType::Bool), None);
    assert_eq!(of(Meaning::LessEqual, &[Some((0.0, 4.0)), high], DType::Bool), yes);
    assert_eq!(of(Meaning::LessEqual, &[high, Some((0.0, 4.0))], DType::Bool), None);
    assert_eq!(of(Meaning::Less, &[None, high], DType::Bool), None);
    assert_eq!(of(Meaning::And, &[None, no], DType::Bool), no);
    assert_eq!(of(Meaning::And, &[None, yes], DType::Bool), None);
    assert_eq!(of(Meaning::Or, &[yes, None], DType::Bool), yes);
    assert_eq!(of(Meaning::Not, &[yes], DType::Bool), no);
    assert_eq!(of(Meaning::And, &[yes, yes], DType::I32), None);
    assert_eq!(of(Meaning::Sub, &[low, high], DType::I32), Some((-9.0, -1.0)));
    assert_eq!(of(Meaning::Add, &[low, high], DType::I32), Some((4.0, 12.0)));
    let end = f64::from(i32::MAX);
    assert_eq!(of(Meaning::Add, &[low, Some((end, end))], DType::I32), None);
    assert_eq!(of(Meaning::Sub, &[low, high], DType::F32), None);
}
