//! Random programs: numbers that any list of makes a valid graph.
//!
//! An instruction is a kind and three numbers, which choose operands among the values that are alive and parameters
//! that fit them; what cannot be made to fit makes nothing. So every list is a program, any part of a list is one too,
//! and proptest can shrink a failing program to its shortest.

pub(super) mod wider;

use proptest::prelude::Strategy;

use crate::array::kernels::sort::Sort;
use crate::array::ops::{cumulative, scatter, sort};
use crate::array::params::{Beyond, Params};
use crate::array::{Array, DKind, DType};
use crate::error::Result;

/// A step of a program.
#[derive(Clone, Copy)]
pub(super) struct Instruction {
    pub(super) kind: u16,
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) c: u32,
}

impl std::fmt::Debug for Instruction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "({}, {}, {}, {})", self.kind, self.a, self.b, self.c)
    }
}

/// The kinds of instructions, with how often each comes.
pub(super) const KINDS: u16 = 360;

/// Programs of so many instructions at most.
pub(super) fn instructions(most: usize) -> impl Strategy<Value = Vec<Instruction>> {
    let one = (0..KINDS, 0u32..4096, 0u32..4096, 0u32..4096);
    proptest::collection::vec(one.prop_map(|(kind, a, b, c)| Instruction { kind, a, b, c }), 1..=most)
}

/// The program as operations, for a message.
pub(super) fn show(mut maker: Maker, program: &[Instruction]) -> String {
    let made =
        program.iter().filter_map(|instruction| maker.make(instruction).map(|array| (instruction, array)));
    let line = |(instruction, array): (&Instruction, Array)| {
        let node = array.as_node();
        let inputs: Vec<String> =
            node.inputs().iter().map(|input| format!("{}{:?}", input.name(), input.spec.dims)).collect();
        let (name, params) = (node.name(), &node.params);
        format!(
            "{instruction:?}: {name} {}{:?} <- {} {params:?}",
            array.dtype(),
            array.dims(),
            inputs.join(", ")
        )
    };
    made.map(line).collect::<Vec<_>>().join("\n")
}

/// What values a program is made of.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Values {
    /// Of every dtype, NaN and infinity among them.
    #[default]
    All,
    /// `f64` within a few units of zero, and functions without a kink.
    Smooth,
}

/// Makes the graph of a program.
#[derive(Default)]
pub(super) struct Maker {
    pub(super) values: Values,
    pub(super) alive: Vec<Array>,
}

/// Elements of an array at most.
const MOST: usize = 24_000;
const RANK: usize = 5;
const SHAPES: [&[usize]; 16] = [
    &[],
    &[1],
    &[5],
    &[3, 4],
    &[0, 3],
    &[3, 1, 5],
    &[2, 3, 4],
    &[7, 33],
    &[1030],
    &[2, 1, 1, 3],
    &[40, 500],
    &[3, 0, 2],
    &[17, 17],
    &[4, 3],
    &[1, 2100],
    &[600, 9],
];
const DTYPES: [DType; 8] =
    [DType::F32, DType::F64, DType::I32, DType::F32, DType::BF16, DType::F16, DType::I64, DType::Bool];

impl Maker {
    /// The last so many values that are alive.
    pub(super) fn results(&self, most: usize) -> Vec<Array> {
        self.alive.iter().rev().take(most).cloned().collect()
    }

    /// Makes the value of an instruction; `None` where it makes none.
    pub(super) fn make(&mut self, instruction: &Instruction) -> Option<Array> {
        let Instruction { kind, a, b, c } = *instruction;
        let (a, b, c) = (a as usize, b as usize, c as usize);
        let made = if self.alive.is_empty() || kind < 28 {
            Ok(self.leaf(a, b, c))
        } else if kind < 40 && self.alive.len() > 2 {
            self.alive.remove(a % self.alive.len());
            return None;
        } else {
            // Recent values more often than old ones.
            let back = |n: usize, len: usize| len - 1 - (n % len).min(n / 64 % len);
            let x = self.alive[back(a, self.alive.len())].clone();
            let y = self.alive[back(b, self.alive.len())].clone();
            let fits =
                |array: &Array| array.dims().iter().product::<usize>() <= MOST && array.dims().len() <= RANK;
            match self.operation(usize::from(kind), &x, &y, b, c)? {
                Ok(array) if !fits(&array) => return None,
                made => made,
            }
        };
        let array = made.unwrap_or_else(|error| panic!("{instruction:?}: {error}"));
        self.alive.push(array.clone());
        Some(array)
    }

    fn leaf(&self, a: usize, b: usize, c: usize) -> Array {
        let dims = SHAPES[a % SHAPES.len()];
        let mut state = (c as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let is_wild = c.is_multiple_of(8) && self.values == Values::All;
        let values = (0..dims.iter().product()).map(|_| match next() % 64 {
            0 if is_wild => f64::NAN,
            1 if is_wild => f64::INFINITY,
            2 if is_wild => f64::NEG_INFINITY,
            3 if is_wild => -0.0,
            4 if is_wild => 1e30,
            5 if is_wild => 1e-40,
            _ => (next() >> 11) as f64 / (1u64 << 51) as f64 - 2.0,
        });
        let values: Vec<f64> = values.collect();
        if self.values == Values::Smooth {
            return Array::from_vec(values, dims);
        }
        let dtype = DTYPES[b % DTYPES.len()];
        let wide =
            if dtype.is_float() { values } else { values.into_iter().map(|v| (v * 6.0).round()).collect() };
        let array = Array::from_vec(wide, dims).cast(dtype);
        // A leaf has its value.
        Array::from_buffer(array.and_then(|array| array.read()).unwrap_or_else(|error| panic!("{error}")))
    }

    fn operation(&self, kind: usize, x: &Array, y: &Array, b: usize, c: usize) -> Option<Result<Array>> {
        let rank = x.dims().len();
        let axis = if rank > 0 { c % rank } else { 0 };
        let size = x.dims().get(axis).copied().unwrap_or(1);
        Some(match kind {
            40..75 => self.unary(x, c),
            75..115 => match_up(x, y).and_then(|y| self.binary(x, &y, c)),
            115..125 => match_up(x, y).and_then(|y| self.choice(x, &y, b, c)),
            125..132 if self.values == Values::All => x.cast(DType::ALL[c % 13]),
            125..145 => {
                let axes: Vec<usize> = (0..rank).filter(|axis| c >> axis & 1 == 1).collect();
                self.reduce(x, &axes, b)?
            }
            145..165 => {
                // A row's sum or largest element, spread again: what softmax and norms are made of.
                let axes: Vec<usize> = (rank - (1 + b % 2).min(rank)..rank).collect();
                let spread = self
                    .reduce(x, &axes, b)?
                    .and_then(|row| self.damped(&row)?.broadcast_reduced(x.dims(), &axes));
                spread.and_then(|spread| self.binary(x, &spread, c))
            }
            165..176 => {
                let mut order: Vec<usize> = (0..rank).collect();
                order.rotate_left(axis);
                if b.is_multiple_of(2) {
                    order.reverse();
                }
                x.permute(&order)
            }
            176..186 => {
                let mut dims = x.dims().to_vec();
                match b % 4 {
                    0 => dims = vec![dims.iter().product()],
                    1 => dims.insert(axis, 1),
                    2 if rank > 1 && axis > 0 => {
                        let joined = dims.remove(axis);
                        dims[axis - 1] *= joined;
                    }
                    _ => {
                        let factor = [2, 3, 5, 7].into_iter().find(|f| size % f == 0 && rank > 0)?;
                        dims[axis] = factor;
                        dims.insert(axis, size / factor);
                    }
                }
                x.reshape(&dims)
            }
            186..198 if rank > 0 && size > 0 => match b % 3 {
                0 => x.reverse(axis),
                1 => x.slice(axis, c / 8 % size, 1, size - c / 8 % size),
                _ => {
                    let step = 2 + c / 8 % 2;
                    x.slice(axis, size - 1, -(step as isize), size.div_ceil(step))
                }
            },
            198..206 if rank < RANK => {
                let mut dims = x.dims().to_vec();
                let place = c % (rank + 1);
                dims.insert(place, [0, 1, 2, 5][b % 4]);
                let source: Vec<Option<usize>> =
                    (0..=rank).map(|a| (a != place).then(|| if a < place { a } else { a - 1 })).collect();
                x.broadcast(&dims, &source)
            }
            206..214 if rank > 0 => {
                let y = match_up(x, y).and_then(|y| y.slice(axis, 0, 1, size - size / 3));
                y.and_then(|y| Array::concatenate(&[x, &y, x], axis))
            }
            214..224 => return self.product(x, y, c),
            224..232 if rank > 0 && size > 0 => self.indexed(x, y, axis, b),
            232..240 if rank > 0 => {
                let start = Array::scalar((b % (2 * size + 5)) as i32 - size as i32);
                let len = (c / 8 % (size + 1)).max(usize::from(size > 0));
                match b % 3 {
                    0 => x.dynamic_slices(&[axis], &[&start], &[len]),
                    _ => match_up(x, y)
                        .and_then(|y| y.slice(axis, size - len, 1, len))
                        .and_then(|window| x.dynamic_update_slices(&[axis], &window, &[&start])),
                }
            }
            240..247 if rank > 0 && x.dtype() != DType::Bool => {
                x.cumsum(axis).and_then(|sums| self.damped(&sums))
            }
            247..252 if rank > 0 && size > 0 && self.values == Values::All => match b % 4 {
                0 => x.argmax(axis),
                1 => x.argmin(axis),
                2 if x.dtype() != DType::Bool => Array::apply(&cumulative::CUMMAX, Params::Axis(axis), &[x]),
                _ => {
                    let order = Sort { axis, descending: b % 8 > 3, count: size };
                    let places = Array::apply(&sort::ARGSORT, Params::Sort(order), &[x]);
                    places.and_then(|places| Array::apply(&sort::PICK, Params::Axis(axis), &[x, &places]))
                }
            },
            _ => return self.wider(kind, x, y, b, c),
        })
    }

    /// Kept small, where a derivative is asked for.
    fn damped(&self, x: &Array) -> Result<Array> {
        if self.values == Values::Smooth { x.mul_scalar(0.2)?.tanh() } else { Ok(x.clone()) }
    }

    fn unary(&self, x: &Array, c: usize) -> Result<Array> {
        if self.values == Values::Smooth {
            return match c % 8 {
                0 => x.tanh(),
                1 => x.sin(),
                2 => x.sigmoid(),
                3 => x.tanh()?.exp(),
                4 => x.mul(x)?.add(&x.full_like(1.0)?)?.log(),
                5 => x.mul(x)?.add(&x.full_like(0.5)?)?.sqrt()?.tanh(),
                6 => x.erf(),
                _ => x.neg(),
            };
        }
        match x.dtype().kind() {
            DKind::Float => match c % 10 {
                0 => x.neg(),
                1 => x.abs(),
                2 => x.exp(),
                3 => x.log(),
                4 | 5 => x.tanh(),
                6 => x.sqrt(),
                7 => x.erf(),
                8 => x.sin(),
                _ => x.is_finite(),
            },
            DKind::Int => match c % 4 {
                0 => x.abs(),
                1 => x.not(),
                2 => x.sign(),
                _ => x.neg(),
            },
            DKind::Bool => x.not(),
            DKind::Key => unreachable!("programs make no keys"),
        }
    }

    fn binary(&self, x: &Array, y: &Array, c: usize) -> Result<Array> {
        if self.values == Values::Smooth {
            return match c % 5 {
                0 => x.add(y)?.mul_scalar(0.7),
                1 => x.sub(y)?.tanh(),
                2 => self.damped(&x.mul(y)?),
                3 => x.div(&y.sin()?.add(&y.full_like(2.0)?)?),
                _ => x.logaddexp(y)?.tanh(),
            };
        }
        match (x.dtype().kind(), c % 8) {
            (DKind::Bool, 0..=2) => x.and(y),
            (DKind::Bool, 3..=5) => x.or(y),
            (DKind::Bool, _) => x.xor(y),
            (DKind::Float, 3) => x.div(y),
            // Fails where the divisor is zero, with all that depends on it.
            (DKind::Int, 3) => x.int_div(y),
            (DKind::Int, 6) => x.and(y),
            (_, 0 | 6) => x.add(y),
            (_, 1) => x.sub(y),
            (_, 2) => x.mul(y),
            (_, 4) => x.maximum(y),
            (_, 5) => x.minimum(y),
            _ => x.less(y),
        }
    }

    fn choice(&self, x: &Array, y: &Array, b: usize, c: usize) -> Result<Array> {
        if self.values == Values::Smooth {
            let truths =
                (0..x.dims().iter().product()).map(|i| (i * 7 + c).is_multiple_of(3)).collect::<Vec<bool>>();
            return Array::from_vec(truths, x.dims()).select(x, y);
        }
        let compared = match b % 4 {
            0 => x.equal(y),
            1 => x.not_equal(y),
            2 => x.less(y),
            _ => x.less_equal(y),
        }?;
        if c.is_multiple_of(3) { Ok(compared) } else { compared.select(x, y) }
    }

    fn reduce(&self, x: &Array, axes: &[usize], b: usize) -> Option<Result<Array>> {
        let is_empty = axes.iter().any(|&axis| x.dims()[axis] == 0);
        Some(match (b % 4, x.dtype()) {
            (_, DType::Bool) => x.any(axes),
            _ if self.values == Values::Smooth => x.sum(axes).and_then(|sum| self.damped(&sum)),
            (0 | 1, _) => x.sum(axes),
            _ if is_empty => return None,
            (2, _) => x.max(axes),
            _ => x.min(axes),
        })
    }

    /// Reads or writes at places along an axis, some of them twice, some outside of it.
    fn indexed(&self, x: &Array, y: &Array, axis: usize, b: usize) -> Result<Array> {
        let size = x.dims()[axis];
        // A read outside of the axis is that of the nearest element, which has no part in the derivative.
        let beyond = usize::from(self.values == Values::All);
        let place = |i: usize| ((b * 7 + i * 13) % (2 * (size + beyond))) as i32 - (size + beyond) as i32;
        let places: Vec<i32> = (0..1 + b % 5).map(place).collect();
        let len = places.len();
        let places = Array::from_vec(places, &[len]);
        let places = if b.is_multiple_of(3) { places.reverse(0)? } else { places };
        if (b / 5).is_multiple_of(3) || x.dtype() == DType::Bool {
            return x.gather(&[axis], Beyond::Nearest, &[&places]);
        }
        let updates = match_up(x, y)?.gather(&[axis], Beyond::Nearest, &[&places])?;
        // Which of several updates at one place remains has no derivative.
        let sets = b / 5 % 3 == 1 && self.values == Values::All;
        let op = if sets { &scatter::SCATTER_SET } else { &scatter::SCATTER_ADD };
        self.damped(&x.scatter(op, &[axis], Beyond::Zero, &[&places], &updates)?)
    }

    /// The product over two axes of one size, with a batch axis where there is another such pair.
    fn product(&self, x: &Array, y: &Array, c: usize) -> Option<Result<Array>> {
        let y = if y.dtype() == x.dtype() { y.clone() } else { y.cast(x.dtype()).ok()? };
        if x.dtype() == DType::Bool {
            return None;
        }
        let mut pairs = Vec::new();
        for l in (0..x.dims().len()).rev() {
            for r in 0..y.dims().len() {
                pairs.extend((x.dims()[l] == y.dims()[r]).then_some((l, r)));
            }
        }
        let contract = *pairs.get(c % pairs.len().max(1))?;
        let batch = pairs
            .iter()
            .find(|pair| pair.0 != contract.0 && pair.1 != contract.1)
            .filter(|_| c.is_multiple_of(2));
        let free =
            x.dims().iter().chain(y.dims()).try_fold(1usize, |len, dim| len.checked_mul((*dim).max(1)))?;
        let inner = x.dims()[contract.0].max(1);
        if free / (inner * inner) > MOST || free / inner > 400_000 {
            return None;
        }
        let product = x.dot(&y, batch.copied().into_iter().collect(), Box::new([contract]));
        Some(product.and_then(|product| self.damped(&product)))
    }
}

/// `y` in the shape and dtype of `x`: cast, repeated where its axes are among the first or the last of them; `x`
/// itself where nothing fits.
fn match_up(x: &Array, y: &Array) -> Result<Array> {
    let (wanted, found) = (x.dims(), y.dims());
    let y = y.cast(x.dtype())?;
    if wanted == found {
        return Ok(y);
    }
    let from = wanted.len().saturating_sub(found.len());
    if found.len() < wanted.len() && wanted[from..] == *found {
        let source: Vec<Option<usize>> = (0..wanted.len()).map(|axis| axis.checked_sub(from)).collect();
        return y.broadcast(wanted, &source);
    }
    if found.len() < wanted.len() && wanted[..found.len()] == *found {
        let source: Vec<Option<usize>> =
            (0..wanted.len()).map(|axis| (axis < found.len()).then_some(axis)).collect();
        return y.broadcast(wanted, &source);
    }
    Ok(x.clone())
}
