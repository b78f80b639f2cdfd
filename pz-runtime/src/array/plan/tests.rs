//! Fused programs give the bits of the single operations: the same graph is computed one operation at a time, with every
//! intermediate value held until the end, and with none.

use crate::array::dtype::DType;
use crate::array::kernels::{cpu, pool};
use crate::array::{Array, plan};
use crate::error::Result;
use crate::grad::Scope;

/// What becomes of a graph's intermediate values.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Between {
    /// They are computed at once, each by itself.
    Computed,
    /// They are held, and so are results of what they are fused into.
    Held,
    /// Nobody wants them.
    Dropped,
}

/// A graph in the making.
struct Recorder {
    values: Vec<Array>,
    between: Between,
}

impl Recorder {
    fn keep(&mut self, value: Result<Array>) -> Array {
        let value = value.unwrap();
        if self.between == Between::Computed {
            value.eval();
        }
        if self.between != Between::Dropped {
            self.values.push(value.clone());
        }
        value
    }
}

/// Numbers from -1 to 1 that look random.
pub(super) fn numbers(dims: &[usize], salt: u32) -> Array {
    let mut state = salt.wrapping_mul(0x9e37_79b9) | 1;
    let values = (0..dims.iter().product()).map(|_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    });
    Array::from_vec(values.collect::<Vec<f32>>(), dims)
}

/// Softmax along the last `count` axes.
fn softmax(x: &Array, count: usize, r: &mut Recorder) -> Array {
    let axes: Vec<usize> = (x.dims().len() - count..x.dims().len()).collect();
    let max = r.keep(x.max(&axes));
    let max = r.keep(max.broadcast_reduced(x.dims(), &axes));
    let shifted = r.keep(x.sub(&max));
    let exps = r.keep(shifted.exp());
    let sum = r.keep(exps.sum(&axes));
    let sum = r.keep(sum.broadcast_reduced(x.dims(), &axes));
    r.keep(exps.div(&sum))
}

/// A norm over the last axis, its result scaled by `scale` and passed through `tanh`.
fn norm(x: &Array, scale: &Array, r: &mut Recorder) -> Array {
    let axis = x.dims().len() - 1;
    let count = x.dims()[axis] as f64;
    let square = r.keep(x.mul(x));
    let sum = r.keep(square.sum(&[axis]));
    let mean = r.keep(sum.mul_scalar(1.0 / count));
    let root = r.keep(mean.rsqrt());
    let spread = r.keep(root.broadcast_reduced(x.dims(), &[axis]));
    let scaled = r.keep(x.mul(&spread));
    let source: Vec<Option<usize>> = (0..=axis).map(|a| (a == axis).then_some(0)).collect();
    let scale = r.keep(scale.broadcast(x.dims(), &source));
    let scaled = r.keep(scaled.mul(&scale));
    r.keep(scaled.tanh())
}

/// Computes with and without fusion, with one thread and with several, and compares bits.
fn same_bits(what: &str, graph: impl Fn(&mut Recorder) -> Array) {
    let _level = cpu::hold_level();
    let threads = pool::threads();
    let mut results: Vec<Vec<(Vec<usize>, Vec<u32>)>> = Vec::new();
    let ways = [
        (Between::Computed, threads),
        (Between::Held, threads),
        (Between::Held, 3),
        (Between::Dropped, threads),
        (Between::Dropped, 1),
    ];
    for (between, count) in ways {
        pool::set_threads(count);
        let mut recorder = Recorder { values: Vec::new(), between };
        let root = graph(&mut recorder);
        root.eval();
        let bits = |array: &Array| {
            let values = array.cast(DType::F32).unwrap().read().unwrap().to_vec::<f32>();
            (array.dims().to_vec(), values.into_iter().map(f32::to_bits).collect())
        };
        results.push(std::iter::once(&root).chain(&recorder.values).map(bits).collect());
    }
    pool::set_threads(threads);
    for (other, way) in results[1..].iter().zip(&ways[1..]) {
        assert!(results[0][..other.len()] == *other, "{what} {way:?}");
    }
}

#[test]
fn fused_rows_have_the_bits_of_single_operations() {
    for dims in [
        [1, 1, 1],
        [2, 3, 5],
        [1, 7, 1024],
        [3, 1, 1025],
        [2, 2, 5000],
        [5, 40, 96],
        [0, 3, 4],
        [700, 1, 3],
        [1, 1, 33000],
    ] {
        let x = numbers(&dims, 1);
        let scale = numbers(&dims[2..], 2);
        same_bits(&format!("softmax {dims:?}"), |r| softmax(&x, 1, r));
        same_bits(&format!("softmax over two axes {dims:?}"), |r| softmax(&x, 2, r));
        same_bits(&format!("norm {dims:?}"), |r| norm(&x, &scale, r));
        same_bits(&format!("softmax of a norm {dims:?}"), |r| {
            let normed = norm(&x, &scale, r);
            softmax(&normed, 1, r)
        });
        same_bits(&format!("a mean of squares {dims:?}"), |r| {
            let square = r.keep(x.mul(&x));
            let sum = r.keep(square.sum(&[2]));
            r.keep(sum.mul_scalar(0.25))
        });
    }
}

#[test]
fn operands_in_any_layout_are_fused_alike() {
    let x = numbers(&[6, 50, 8], 3);
    same_bits("permuted", |r| {
        let turned = r.keep(x.permute(&[2, 0, 1]));
        softmax(&turned, 1, r)
    });
    same_bits("reversed", |r| {
        let back = r.keep(x.reverse(2));
        softmax(&back, 1, r)
    });
    let row = numbers(&[8], 4);
    same_bits("a row, repeated", |r| {
        let repeated = r.keep(row.broadcast(&[6, 50, 8], &[None, None, Some(0)]));
        let sum = r.keep(x.add(&repeated));
        softmax(&sum, 1, r)
    });
    let column = numbers(&[6, 50], 5);
    same_bits("a column, repeated", |r| {
        let repeated = r.keep(column.broadcast(&[6, 50, 8], &[Some(0), Some(1), None]));
        let sum = r.keep(x.mul(&repeated));
        softmax(&sum, 1, r)
    });
    same_bits("one number", |r| {
        let one = r.keep(Array::full(1.5, &[6, 50, 8], DType::F32));
        let exps = r.keep(one.exp());
        let sums = r.keep(exps.sum(&[2]));
        let spread = r.keep(sums.broadcast_reduced(&[6, 50, 8], &[2]));
        r.keep(x.div(&spread))
    });
}

#[test]
fn doubles_integers_and_halves_are_fused_alike() {
    for dtype in [DType::F64, DType::I32, DType::BF16, DType::F16] {
        for dims in [[9, 33], [700, 3], [3, 5000], [1, 33000]] {
            let x = numbers(&dims, 6).mul_scalar(20.0).unwrap().cast(dtype).unwrap();
            same_bits(&format!("{dtype} {dims:?}"), |r| {
                let largest = r.keep(x.max(&[1]));
                let spread = r.keep(largest.broadcast_reduced(&dims, &[1]));
                let below = r.keep(spread.sub(&x));
                let sum = r.keep(below.sum(&[1]));
                r.keep(sum.add(&largest))
            });
            if dtype.is_float() {
                same_bits(&format!("softmax of {dtype} {dims:?}"), |r| softmax(&x, 1, r));
            }
        }
    }
}

#[test]
fn a_softmax_is_one_step() {
    let x = numbers(&[4, 100], 7);
    let mut recorder = Recorder { values: Vec::new(), between: Between::Dropped };
    for dtype in [DType::F32, DType::F64, DType::BF16, DType::F16] {
        let x = x.cast(dtype).unwrap();
        x.eval();
        assert_eq!(plan::steps(&softmax(&x, 1, &mut recorder)), 1, "of {dtype}");
    }
    let scale = numbers(&[100], 8);
    let root = norm(&x, &scale, &mut recorder);
    // The scale's repetition is a view; all else is one program.
    assert_eq!(plan::steps(&root), 2);
}

#[test]
fn what_is_computed_twice_is_computed_once() {
    let x = numbers(&[4, 100], 9);
    let twice = |r: &mut Recorder| {
        let (left, right) = (softmax(&x, 1, r), softmax(&x, 1, r));
        let turned = r.keep(right.permute(&[1, 0]));
        let turned = r.keep(turned.reshape(&[400]));
        let flat = r.keep(left.reshape(&[400]));
        r.keep(flat.add(&turned))
    };
    same_bits("a softmax twice", twice);
    let mut recorder = Recorder { values: Vec::new(), between: Between::Dropped };
    // The softmax, its transpose, both reshapes, the sum.
    assert_eq!(plan::steps(&twice(&mut recorder)), 5);
    // Who holds a value gets it, whatever is equal to it: one program gives all three.
    let (first, second) = (x.exp().unwrap(), x.exp().unwrap());
    let sum = first.add(&second).unwrap();
    assert_eq!(plan::steps(&sum), 1);
    sum.eval();
    assert!(!first.is_pending() && !second.is_pending());
}

#[test]
fn operations_join_across_a_change_of_axes() {
    type Case = (&'static str, usize, fn(&mut Recorder, &Array) -> Array);
    let cases: [Case; 9] = [
        ("a softmax of turned exponentials", 1, |r, x| {
            let exps = r.keep(x.exp());
            let turned = r.keep(exps.permute(&[2, 0, 1]));
            softmax(&turned, 1, r)
        }),
        // The view, the softmax.
        ("rows in another order", 2, |r, x| {
            let turned = r.keep(x.permute(&[1, 0, 2]));
            softmax(&turned, 1, r)
        }),
        ("turned twice", 1, |r, x| {
            let exps = r.keep(x.exp());
            let turned = r.keep(exps.permute(&[2, 0, 1]));
            let sines = r.keep(turned.sin());
            let back = r.keep(sines.permute(&[1, 2, 0]));
            r.keep(back.add(x))
        }),
        ("read in one order twice", 1, |r, x| {
            let exps = r.keep(x.exp());
            let turned = r.keep(exps.permute(&[2, 0, 1]));
            let sines = r.keep(turned.sin());
            r.keep(sines.mul(&turned))
        }),
        // The slices, the exponentials, the view of them, the difference.
        ("read in two orders", 5, |r, x| {
            let square = r.keep(x.slice(1, 0, 1, 6).and_then(|x| x.slice(2, 0, 1, 6)));
            let square = r.keep(square.add(&square));
            let exps = r.keep(square.exp());
            let turned = r.keep(exps.permute(&[0, 2, 1]));
            r.keep(exps.sub(&turned))
        }),
        ("a repetition along rows that are turned", 1, |r, x| {
            let sums = r.keep(x.sum(&[2]));
            let spread = r.keep(sums.broadcast_reduced(x.dims(), &[2]));
            let scaled = r.keep(x.mul(&spread));
            let turned = r.keep(scaled.permute(&[2, 1, 0]));
            r.keep(turned.exp())
        }),
        ("rows that are turned, and what they were reduced to", 1, |r, x| {
            let exps = r.keep(x.exp());
            let sums = r.keep(exps.sum(&[2]));
            let spread = r.keep(sums.broadcast_reduced(x.dims(), &[2]));
            let scaled = r.keep(exps.mul(&spread));
            let turned = r.keep(scaled.permute(&[2, 1, 0]));
            let sines = r.keep(turned.sin());
            let turned = r.keep(sines.permute(&[0, 2, 1]));
            r.keep(turned.exp())
        }),
        ("sums that are turned", 1, |r, x| {
            let exps = r.keep(x.exp());
            let sums = r.keep(exps.sum(&[2]));
            let roots = r.keep(sums.sqrt());
            let turned = r.keep(roots.permute(&[1, 0]));
            r.keep(turned.log())
        }),
        ("a number that is turned", 1, |r, x| {
            let half = r.keep(Array::full(0.5, x.dims(), DType::F32));
            let scaled = r.keep(x.mul(&half));
            let turned = r.keep(scaled.permute(&[1, 2, 0]));
            softmax(&turned, 2, r)
        }),
    ];
    for dims in [[6, 50, 8], [7, 6, 300], [6, 6, 6]] {
        let x = numbers(&dims, 11);
        for (what, steps, graph) in cases {
            same_bits(&format!("{what} {dims:?}"), |r| graph(r, &x));
            let mut recorder = Recorder { values: Vec::new(), between: Between::Dropped };
            // Slices of whole axes are no steps.
            if dims == [6, 50, 8] {
                assert_eq!(plan::steps(&graph(&mut recorder, &x)), steps, "{what}");
            }
        }
    }
}

/// A softmax that a gradient will go back through is another name of its quotient. What it is the softmax of is not
/// written out for its sake, and whoever reads it is still computed with it.
#[test]
fn another_name_takes_nothing_out_of_its_group() {
    let x = numbers(&[64, 32], 3);
    let known = |x: &Array| {
        let mut recorder = Recorder { values: Vec::new(), between: Between::Dropped };
        softmax(&x.stop_gradient().unwrap(), 1, &mut recorder)
    };
    let steps_and_memory = |is_whole: bool, is_held: bool| {
        let scope = Scope::open();
        let x = scope.input(&x).unwrap().mul_scalar(2.0).unwrap();
        let mut y = known(&x);
        if is_whole {
            y = y.softmax_of(&x, &[1]).unwrap();
        }
        drop(x);
        let z = y.mul_scalar(3.0).unwrap();
        let held = is_held.then(|| y.clone());
        drop(y);
        let memory = plan::cost(std::slice::from_ref(&z)).memory.into_iter().map(|(_, bytes)| bytes).max();
        let steps = plan::steps(&z);
        drop(held);
        (steps, memory)
    };
    assert_eq!(steps_and_memory(true, false), steps_and_memory(false, false));
    // Held, the name is one step more, which does nothing.
    let (steps, memory) = steps_and_memory(false, true);
    assert_eq!(steps_and_memory(true, true), (steps + 1, memory));
}
