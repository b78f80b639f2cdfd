//! Which instructions this machine has, asked once at run time.
//!
//! A default `cargo build` compiles for the oldest CPU of its target; the loops that matter are therefore compiled
//! several times from one body, and [`level`] says which copy to run. Bodies use `f32::mul_add` where they fuse and
//! keep the order of every sum fixed, so that all copies give the same bits and the level is only about speed.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::array::setting;

/// The instruction sets that kernels are compiled for, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Level {
    /// What the compiler may assume of the target without asking.
    Baseline = 1,
    /// x86-64 with AVX2, FMA and F16C, which come together.
    Avx2Fma = 2,
    /// x86-64 with the AVX-512 subsets F, VL, BW and DQ.
    Avx512 = 3,
}

static LEVEL: AtomicU8 = AtomicU8::new(0);

/// The best level of this machine. The environment variable `PZ_CPU` (`baseline` or `avx2`) lowers it.
#[inline]
pub(crate) fn level() -> Level {
    match LEVEL.load(Ordering::Relaxed) {
        1 => Level::Baseline,
        2 => Level::Avx2Fma,
        3 => Level::Avx512,
        _ => first_asked(),
    }
}

#[cold]
fn first_asked() -> Level {
    static ASKED: LazyLock<Level> = LazyLock::new(|| {
        let parse = |text: &str| match text {
            "baseline" => Some(Level::Baseline),
            "avx2" => Some(Level::Avx2Fma),
            _ => None,
        };
        setting::read("PZ_CPU", "`baseline` or `avx2`", parse, || {
            (Level::Avx512, "using all that this machine has".to_owned())
        })
    });
    let level = detected().min(*ASKED);
    LEVEL.store(level as u8, Ordering::Relaxed);
    level
}

#[cfg(target_arch = "x86_64")]
fn detected() -> Level {
    let avx2 = is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq");
    match (avx2, avx512) {
        (true, true) => Level::Avx512,
        (true, false) => Level::Avx2Fma,
        _ => Level::Baseline,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detected() -> Level {
    Level::Baseline
}

/// From one function, a function that runs the copy compiled for this machine's [`level`].
///
/// Type parameters are plain names, and their bounds stand in brackets after `where`:
/// `fn map<T, F>(x: &mut [T], f: F) where [T: Copy, F: Fn(T) -> T] { … }`. What the body calls must be
/// `#[inline(always)]`, or it is compiled for the baseline only.
macro_rules! multiversion {
    ($(
        $(#[$meta:meta])*
        $vis:vis fn $name:ident $(<$($gen:ident),+>)? ($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)?
        $(where [$($bounds:tt)*])?
        $body:block
    )*) => {$(
        $(#[$meta])*
        #[inline]
        $vis fn $name $(<$($gen),+>)? ($($arg: $ty),*) $(-> $ret)? $(where $($bounds)*)? {
            #[inline(always)]
            fn body $(<$($gen),+>)? ($($arg: $ty),*) $(-> $ret)? $(where $($bounds)*)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,f16c")]
            fn avx2 $(<$($gen),+>)? ($($arg: $ty),*) $(-> $ret)? $(where $($bounds)*)? { body($($arg),*) }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,f16c,avx512f,avx512vl,avx512bw,avx512dq")]
            fn avx512 $(<$($gen),+>)? ($($arg: $ty),*) $(-> $ret)? $(where $($bounds)*)? { body($($arg),*) }

            match $crate::array::kernels::cpu::level() {
                // SAFETY: `level` gives this answer only on a machine that has these features.
                #[cfg(target_arch = "x86_64")]
                $crate::array::kernels::cpu::Level::Avx2Fma => unsafe { avx2($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                $crate::array::kernels::cpu::Level::Avx512 => unsafe { avx512($($arg),*) },
                _ => body($($arg),*),
            }
        }
    )*};
}
pub(crate) use multiversion;

/// Held while a test lowers the level, shared by tests that need it to stay.
#[cfg(test)]
static LOWERED: std::sync::RwLock<()> = std::sync::RwLock::new(());

/// Runs `f` once at every level that this machine has. Tests that run meanwhile see the lowered level: those that
/// compute something that depends on it use [`hold_level`].
#[cfg(test)]
pub(crate) fn at_each_level(mut f: impl FnMut(Level)) {
    let _guard = LOWERED.write().unwrap_or_else(|poisoned| poisoned.into_inner());
    let best = detected();
    for level in [Level::Baseline, Level::Avx2Fma, Level::Avx512].into_iter().filter(|level| *level <= best) {
        LEVEL.store(level as u8, Ordering::Relaxed);
        f(level);
    }
    LEVEL.store(best as u8, Ordering::Relaxed);
}

/// While the guard lives, no other test changes the level.
#[cfg(test)]
pub(crate) fn hold_level() -> std::sync::RwLockReadGuard<'static, ()> {
    LOWERED.read().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    multiversion! {
        fn scale<T>(x: &mut [T], by: T) where [T: Copy + std::ops::Mul<Output = T>] {
            for v in x {
                *v = *v * by;
            }
        }

        fn count(x: &[f32]) -> usize {
            x.len()
        }
    }

    #[test]
    fn each_copy_computes_the_same() {
        at_each_level(|level| {
            assert_eq!(super::level(), level);
            let mut x: Vec<f32> = (0..100).map(|i| i as f32).collect();
            scale(&mut x, 0.5);
            assert!(x.iter().enumerate().all(|(i, v)| *v == i as f32 / 2.0));
            assert_eq!(count(&x), 100);
        });
    }
}
