//! A machine whose one register holds many numbers, for runs of operations on `f32`.
//!
//! Operation by operation over blocks, each loads its operands from the first-level cache and stores its result there,
//! which for most costs more than the arithmetic. Here a *piece* of [`VECTORS`] vectors stays in the registers of the
//! CPU: a step takes it as one operand, reads the other from memory, and leaves its result in the registers. Only
//! what is used twice is stored, into a slot of one piece. A piece is short, so steps are decoded often, which takes as
//! long as most of them: common neighbours are one step.
//!
//! The last piece of a row overlaps the one before. What is computed twice has the same bits, for a run never writes
//! what it also reads from elsewhere.

#[cfg(target_arch = "x86_64")]
use std::mem::MaybeUninit;

#[cfg(target_arch = "x86_64")]
use super::vector::{Eight, Sixteen, Vector};
use crate::array::kernels::cpu::{Level, level};
#[cfg(target_arch = "x86_64")]
use crate::array::kernels::lane;
use crate::array::kernels::math;

/// Vectors of a piece.
#[cfg(target_arch = "x86_64")]
const VECTORS: usize = 8;
/// Vectors of which a function is computed step by step.
#[cfg(target_arch = "x86_64")]
const SIDE_BY_SIDE: usize = 4;
/// Numbers in the longest piece that any machine has. Rows are at least as long.
pub(super) const LONGEST: usize = 128;

/// One piece of memory.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Slot(pub(super) [f32; LONGEST]);

/// What the machine is told to do: with which operation, and where its operand or result is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) op: Op,
    /// The number of the place; not used by operations on the register alone.
    pub(super) place: u8,
    /// The same for the second half of what is two operations.
    pub(super) second: u8,
}

/// The same code with fewer steps: neighbours that the machine does in one.
pub(super) fn paired(code: &[Step]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::with_capacity(code.len());
    for step in code {
        match steps.last_mut().map(|last| (last.op.before(step.op), last)) {
            Some((Some(op), last)) => *last = Step { op, place: last.place, second: step.place },
            _ => steps.push(*step),
        }
    }
    steps
}

/// Where the numbers of a row are.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) start: *mut f32,
    /// All ones where the row's numbers follow one another; 0 where a piece is the same for each piece.
    pub(super) moves: usize,
    /// From here to the same place of the next tile; 0 where that is nothing new.
    pub(super) ahead: usize,
    /// From a row to the next.
    pub(super) step: usize,
}

/// A slot that holds one number for each row.
pub(super) struct Spread {
    pub(super) slot: *mut f32,
    /// The numbers, a row's each.
    pub(super) values: *const f32,
}

/// A run, and what it goes over.
pub(super) struct Rows<'a> {
    pub(super) code: &'a [Step],
    /// Where the first row has its operands.
    pub(super) places: &'a mut [Place],
    pub(super) spreads: &'a [Spread],
    pub(super) count: usize,
    /// Numbers of a row.
    pub(super) len: usize,
}

#[cfg(target_arch = "x86_64")]
macro_rules! by_itself {
    ($V:ident, $features:literal: $($name:ident $lane:path;)*) => {
        impl Functions for $V {
            $(
                #[inline(always)]
                unsafe fn $name(numbers: *mut f32) {
                    #[target_feature(enable = $features)]
                    #[inline(never)]
                    unsafe fn by_itself(numbers: *mut f32) {
                        // SAFETY: as the caller promises.
                        unsafe { of_piece::<$V>(numbers, $lane) }
                    }
                    // SAFETY: as the caller promises.
                    unsafe { by_itself(numbers) }
                }
            )*
        }
    };
}

/// `f` of a piece, some vectors at a time.
///
/// # Safety
/// The CPU has the instructions of `V`, and there is a piece of numbers.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn of_piece<V: Vector>(numbers: *mut f32, f: impl Fn([V; SIDE_BY_SIDE]) -> [V; SIDE_BY_SIDE]) {
    for first in (0..VECTORS).step_by(SIDE_BY_SIDE) {
        // SAFETY: as the caller promises; a piece has so many vectors.
        unsafe {
            let at = numbers.add(first * V::LANES);
            let mut x = [V::load(at); SIDE_BY_SIDE];
            x.iter_mut().enumerate().for_each(|(k, x)| *x = V::load(at.add(k * V::LANES)));
            f(x).into_iter().enumerate().for_each(|(k, y)| y.store(at.add(k * V::LANES)));
        }
    }
}

macro_rules! operations {
    (
        pairs { $($Pair:ident $pair_name:literal |$x:ident, $y:ident| $pair:expr;)* }
        turned { $($Turned:ident of $Of:ident |$a:ident, $b:ident| $turned:expr;)* }
        doubles { $($Double:ident of $First:ident $Second:ident |$p:ident, $q:ident, $r:ident| $double:expr;)* }
        singles { $($Single:ident $single_name:literal |$v:ident| $single:expr;)* }
        formulas { $($Formula:ident $formula_name:ident $lane:path;)* }
        functions { $($Function:ident $function_name:literal $function:path;)* }
    ) => {
        /// An operation of the machine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Op {
            /// From a place to the register.
            Load,
            /// From the register to a place.
            Store,
            /// The same, past the caches.
            Stream,
            /// Brings into the caches what the next tile reads of a place, if that is something else.
            Ahead,
            $($Pair,)* $($Turned,)* $($Double,)* Square, $($Single,)* $($Formula,)* $($Function,)*
        }

        impl Op {
            /// The operation of the primitive of this name, if the machine has it.
            pub(super) fn named(name: &str) -> Option<Op> {
                match name {
                    $($pair_name => Some(Op::$Pair),)*
                    $($single_name => Some(Op::$Single),)*
                    $(stringify!($formula_name) => Some(Op::$Formula),)*
                    $($function_name => Some(Op::$Function),)*
                    _ => None,
                }
            }

            /// This operation and the next in one, if the machine has that.
            fn before(self, next: Op) -> Option<Op> {
                match (self, next) {
                    $((Op::$First, Op::$Second) => Some(Op::$Double),)*
                    _ => None,
                }
            }

            /// About how long it takes, against the shortest.
            pub(super) fn weight(self) -> usize {
                match self {
                    $(Op::$Formula => 10,)*
                    $(Op::$Function => 10,)*
                    Op::Div => 10,
                    _ => 1,
                }
            }

            /// The operation with its two operands exchanged.
            pub(super) fn turned(self) -> Op {
                match self {
                    $(Op::$Of => Op::$Turned,)*
                    symmetric => symmetric,
                }
            }
        }

        /// See [`Machine`].
        ///
        /// # Safety
        /// As there, and the CPU has the instructions of `V`.
        #[cfg(target_arch = "x86_64")]
        #[inline(always)]
        unsafe fn run_with<V: Functions>(rows: Rows<'_>) {
            let Rows { code, places, spreads, count, len } = rows;
            // Of `numbers` nothing is read before it was written: calls are so short that filling it would be felt.
            let (mut numbers, mut results) = (MaybeUninit::<Slot>::uninit(), Slot([0.0; LONGEST]));
            let (numbers, results) = (numbers.as_mut_ptr().cast::<f32>(), results.0.as_mut_ptr());
            for row in 0..count {
                for spread in spreads {
                    // SAFETY: as the caller promises.
                    unsafe {
                        let value = V::all(*spread.values.add(row));
                        (0..VECTORS).for_each(|k| value.store(spread.slot.add(k * V::LANES)));
                    }
                }
                // SAFETY: as the caller promises.
                unsafe { run_row::<V>(code, places, len, [numbers, results]) };
                for place in &mut *places {
                    place.start = place.start.wrapping_add(place.step);
                }
            }
        }

        /// One row. Functions need room for two pieces of numbers.
        ///
        /// # Safety
        /// As of [`Machine`], the CPU has the instructions of `V`, and the room is that.
        #[cfg(target_arch = "x86_64")]
        #[inline(always)]
        unsafe fn run_row<V: Functions>(code: &[Step], places: &[Place], len: usize, [numbers, results]: [*mut f32; 2]) {
            use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
            let piece = VECTORS * V::LANES;
            let mut held = [V::all(0.0); VECTORS];
            let mut from = 0;
            loop {
                for step in code {
                    let place = places[usize::from(step.place)];
                    let at = place.start.wrapping_add(from & place.moves);
                    // SAFETY: as the caller promises: `from` is at most `len` less a piece. What is brought ahead is
                    // not read, and may be anywhere.
                    unsafe {
                        match step.op {
                            Op::Load => for k in 0..VECTORS { held[k] = V::load(at.add(k * V::LANES)); },
                            Op::Store => for k in 0..VECTORS { held[k].store(at.add(k * V::LANES)); },
                            Op::Stream => for k in 0..VECTORS { held[k].stream(at.add(k * V::LANES)); },
                            Op::Ahead => if place.ahead > 0 {
                                for k in 0..piece / 16 {
                                    _mm_prefetch::<_MM_HINT_T1>(at.wrapping_add(place.ahead + 16 * k).cast());
                                }
                            },
                            $(Op::$Pair => for k in 0..VECTORS {
                                let ($x, $y) = (held[k], V::load(at.add(k * V::LANES)));
                                held[k] = $pair;
                            },)*
                            $(Op::$Turned => for k in 0..VECTORS {
                                let ($a, $b) = (held[k], V::load(at.add(k * V::LANES)));
                                held[k] = $turned;
                            },)*
                            $(Op::$Double => {
                                let second = places[usize::from(step.second)];
                                let other = second.start.wrapping_add(from & second.moves);
                                for k in 0..VECTORS {
                                    let $p = held[k];
                                    let $q = V::load(at.add(k * V::LANES));
                                    let $r = V::load(other.add(k * V::LANES));
                                    held[k] = $double;
                                }
                            })*
                            Op::Square => for k in 0..VECTORS { held[k] = held[k].mul(held[k]); },
                            $(Op::$Single => for k in 0..VECTORS {
                                let $v = held[k];
                                held[k] = $single;
                            },)*
                            $(Op::$Formula => {
                                for k in 0..VECTORS {
                                    held[k].store(numbers.add(k * V::LANES));
                                }
                                V::$formula_name(numbers);
                                for k in 0..VECTORS {
                                    held[k] = V::load(numbers.add(k * V::LANES));
                                }
                            })*
                            $(Op::$Function => {
                                for k in 0..VECTORS {
                                    held[k].store(numbers.add(k * V::LANES));
                                }
                                let x = std::slice::from_raw_parts(numbers, piece);
                                $function(x, std::slice::from_raw_parts_mut(results, piece));
                                for k in 0..VECTORS {
                                    held[k] = V::load(results.add(k * V::LANES));
                                }
                            })*
                        }
                    }
                }
                if from + piece >= len {
                    return;
                }
                from = (from + piece).min(len - piece);
            }
        }

        /// Functions of a piece, in code of their own: within the loop over steps they would take its registers.
        #[cfg(target_arch = "x86_64")]
        trait Functions: Vector {
            $(
                /// # Safety
                /// The CPU has the instructions of this vector, and there is a piece of numbers.
                unsafe fn $formula_name(numbers: *mut f32);
            )*
        }

        #[cfg(target_arch = "x86_64")]
        by_itself! { Eight, "avx2,fma": $($formula_name $lane;)* }
        #[cfg(target_arch = "x86_64")]
        by_itself! { Sixteen, "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq": $($formula_name $lane;)* }

        /// The primitives that the machine has.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$($pair_name,)* $($single_name,)* $(stringify!($formula_name),)* $($function_name,)*];
        /// Those of two operands.
        #[cfg(test)]
        pub(super) const PAIRS: &[&str] = &[$($pair_name,)*];
    };
}

operations! {
    pairs {
        Add "add" |x, y| x.add(y);
        Sub "sub" |x, y| x.sub(y);
        Mul "mul" |x, y| x.mul(y);
        Div "div" |x, y| x.div(y);
        Maximum "maximum" |x, y| lane::maximum(x, y);
        Minimum "minimum" |x, y| lane::minimum(x, y);
    }
    turned {
        SubFrom of Sub |x, y| y.sub(x);
        DivInto of Div |x, y| y.div(x);
    }
    doubles {
        LoadAdd of Load Add |_p, x, y| x.add(y);
        LoadSub of Load Sub |_p, x, y| x.sub(y);
        LoadMul of Load Mul |_p, x, y| x.mul(y);
        AddAdd of Add Add |x, y, z| x.add(y).add(z);
        AddSub of Add Sub |x, y, z| x.add(y).sub(z);
        AddMul of Add Mul |x, y, z| x.add(y).mul(z);
        SubAdd of Sub Add |x, y, z| x.sub(y).add(z);
        SubMul of Sub Mul |x, y, z| x.sub(y).mul(z);
        MulAdd of Mul Add |x, y, z| x.mul(y).add(z);
        MulSub of Mul Sub |x, y, z| x.mul(y).sub(z);
        MulMul of Mul Mul |x, y, z| x.mul(y).mul(z);
    }
    singles {
        Neg "neg" |x| x.neg();
        Abs "abs" |x| x.abs();
        Sqrt "sqrt" |x| x.sqrt();
    }
    formulas {
        Exp exp math::exp::lane;
        Tanh tanh math::tanh::lane;
    }
    functions {
        Log "log" math::log;
        Sigmoid "sigmoid" math::sigmoid;
        Erf "erf" math::erf;
        Erfc "erfc" math::erfc;
        Expm1 "expm1" math::expm1;
        Log1p "log1p" math::log1p;
    }
}

/// Runs code over some rows.
///
/// # Safety
/// `len` is at least [`LONGEST`], and each place has `len` numbers in each row, or a slot of them if it does not move.
/// Streamed places are at multiples of 16 bytes, and `len` is then a multiple of four. Places that are written overlap no
/// other. A spread has a value for each row.
pub(super) type Machine = unsafe fn(Rows<'_>);

/// The machine that this CPU can be, if it can be one.
pub(super) fn machine() -> Option<Machine> {
    match level() {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => Some(avx512),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2Fma => Some(avx2),
        _ => None,
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2(rows: Rows<'_>) {
    // SAFETY: as the caller promises.
    unsafe { run_with::<Eight>(rows) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn avx512(rows: Rows<'_>) {
    // SAFETY: as the caller promises.
    unsafe { run_with::<Sixteen>(rows) }
}
