//! A machine whose one register holds many numbers, for runs of operations on `f32`.
//!
//! Operation by operation over blocks, each loads its operands from the first-level cache and stores its result there,
//! which for most costs more than the arithmetic. Here a *piece* of [`VECTORS`] vectors stays in the registers of the
//! CPU: a step takes it as one operand, reads the other from memory, and leaves its result in the registers. Only
//! what is used twice is stored, into a slot of one piece. A piece is short, so steps are decoded often; they are
//! two bytes each, and a piece is long enough to hide it.
//!
//! The last piece of a row overlaps the one before. What is computed twice has the same bits, for a run never writes
//! what it also reads from elsewhere.

#[cfg(target_arch = "x86_64")]
use super::vector::{Eight, Sixteen, Vector};
use crate::array::kernels::cpu::{Level, level};
#[cfg(target_arch = "x86_64")]
use crate::array::kernels::lane;
use crate::array::kernels::math;

/// Vectors of a piece.
#[cfg(target_arch = "x86_64")]
const VECTORS: usize = 8;
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
}

/// Where the numbers of a row are.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) start: *mut f32,
    /// All ones where the row's numbers follow one another; 0 where a piece is the same for each piece.
    pub(super) moves: usize,
}

macro_rules! operations {
    (
        pairs { $($Pair:ident $pair_name:literal |$x:ident, $y:ident| $pair:expr;)* }
        turned { $($Turned:ident of $Of:ident |$a:ident, $b:ident| $turned:expr;)* }
        singles { $($Single:ident $single_name:literal |$v:ident| $single:expr;)* }
        functions { $($Function:ident $function_name:literal $lane:path;)* }
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
            /// Brings into the caches what stands one tile behind a place.
            Ahead,
            $($Pair,)* $($Turned,)* $($Single,)* $($Function,)*
        }

        impl Op {
            /// The operation of the primitive of this name, if the machine has it.
            pub(super) fn named(name: &str) -> Option<Op> {
                match name {
                    $($pair_name => Some(Op::$Pair),)*
                    $($single_name => Some(Op::$Single),)*
                    $($function_name => Some(Op::$Function),)*
                    _ => None,
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
        unsafe fn run_with<V: Vector>(code: &[Step], places: &[Place], len: usize, ahead: usize) {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            let piece = VECTORS * V::LANES;
            let mut numbers = Slot([0.0; LONGEST]);
            let numbers = numbers.0.as_mut_ptr();
            // SAFETY: a slot is as long as any piece.
            let mut held: [V; VECTORS] = std::array::from_fn(|_| unsafe { V::load(numbers) });
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
                            Op::Ahead => for k in 0..piece / 16 {
                                _mm_prefetch::<_MM_HINT_T0>(at.wrapping_add(ahead + 16 * k).cast());
                            },
                            $(Op::$Pair => for k in 0..VECTORS {
                                let ($x, $y) = (held[k], V::load(at.add(k * V::LANES)));
                                held[k] = $pair;
                            },)*
                            $(Op::$Turned => for k in 0..VECTORS {
                                let ($a, $b) = (held[k], V::load(at.add(k * V::LANES)));
                                held[k] = $turned;
                            },)*
                            $(Op::$Single => for k in 0..VECTORS {
                                let $v = held[k];
                                held[k] = $single;
                            },)*
                            $(Op::$Function => {
                                for k in 0..VECTORS { held[k].store(numbers.add(k * V::LANES)); }
                                let lanes = std::slice::from_raw_parts_mut(numbers, piece);
                                lanes.iter_mut().for_each(|lane| *lane = $lane(*lane));
                                for k in 0..VECTORS { held[k] = V::load(numbers.add(k * V::LANES)); }
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

        /// The primitives that the machine has.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$($pair_name,)* $($single_name,)* $($function_name,)*];
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
    singles {
        Neg "neg" |x| x.neg();
        Abs "abs" |x| x.abs();
        Sqrt "sqrt" |x| x.sqrt();
    }
    functions {
        Exp "exp" math::exp::lane;
        Log "log" math::log::lane;
        Tanh "tanh" math::tanh::lane;
        Sigmoid "sigmoid" math::sigmoid::lane;
        Erf "erf" math::erf::lane;
        Erfc "erfc" math::erfc::lane;
        Expm1 "expm1" math::expm1::lane;
        Log1p "log1p" math::log1p::lane;
    }
}

/// `(code, places, len, ahead)`: runs code over a row of `len` numbers, `ahead` numbers before the next tile's.
///
/// # Safety
/// `len` is at least [`LONGEST`], and each place has `len` numbers, or a slot of them if it does not move. Streamed
/// places are at multiples of 16 bytes, and `len` is then a multiple of four. Places that are written overlap no other.
pub(super) type Machine = unsafe fn(&[Step], &[Place], usize, usize);

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
unsafe fn avx2(code: &[Step], places: &[Place], len: usize, ahead: usize) {
    // SAFETY: as the caller promises.
    unsafe { run_with::<Eight>(code, places, len, ahead) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq")]
unsafe fn avx512(code: &[Step], places: &[Place], len: usize, ahead: usize) {
    // SAFETY: as the caller promises.
    unsafe { run_with::<Sixteen>(code, places, len, ahead) }
}
