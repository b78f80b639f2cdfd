//! Loops over the elements of blocks, compiled for each CPU level.
//!
//! A closure says what happens to one element. A short one is inlined into the copies of the loop, and the compiler
//! makes vector instructions of both. A long one, or a function of several steps that is given by its name, would be
//! called instead, compiled for the oldest CPU: those have loops of their own, in `math`. Since nothing is added up here,
//! the copies give the same bits. Code for three levels is worth its size for the types that models are made of; for the
//! others the plain loops of `ops` do.

use super::cpu::multiversion;

multiversion! {
    /// `f` of each element.
    pub(crate) fn map<A, B, F>(x: &[A], out: &mut [B], f: F)
    where [A: Copy, F: Fn(A) -> B]
    {
        for (x, out) in x.iter().zip(out) {
            *out = f(*x);
        }
    }

    /// `f` of each pair of elements.
    pub(crate) fn zip<A, B, F>(x: &[A], y: &[A], out: &mut [B], f: F)
    where [A: Copy, F: Fn(A, A) -> B]
    {
        for ((x, y), out) in x.iter().zip(y).zip(out) {
            *out = f(*x, *y);
        }
    }

    /// `f` of each three elements.
    pub(crate) fn zip3<A, B, F>(x: &[A], y: &[B], z: &[B], out: &mut [B], f: F)
    where [A: Copy, B: Copy, F: Fn(A, B, B) -> B]
    {
        for (((x, y), z), out) in x.iter().zip(y).zip(z).zip(out) {
            *out = f(*x, *y, *z);
        }
    }
}
