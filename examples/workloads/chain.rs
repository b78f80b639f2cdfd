//! A long chain of elementwise operations, against a copy of the array it reads.
//!
//! Fused, the chain reads and writes memory once, as the copy does; what it takes beyond is arithmetic. The copy is
//! the fastest of one thread's and two threads', into memory that is there already.

use std::time::{Duration, Instant};

use pz::{NamedArray, Result};

use crate::best;

/// 30 operations on 2^24 numbers.
pub fn chain() -> Result<()> {
    const LEN: usize = 1 << 24;
    const ROUNDS: usize = 6;
    let values: Vec<f32> = (0..LEN).map(|i| (i % 1000) as f32 * 0.01).collect();
    let copy = fastest_copy(&values);
    let x = NamedArray::from_vec(values, [("x", LEN)])?;
    let time = best(|run| {
        let step = run as f32 * 0.001;
        let mut y = x.clone();
        for _ in 0..ROUNDS {
            y = y.mul(0.75)?.add(&x)?.abs()?.minimum(8.0)?.sub(step)?;
        }
        y.eval()
    })?;
    println!("copy_2e24_f32 {:.2} ms", copy.as_secs_f64() * 1e3);
    println!("chain_30_ops_2e24_f32 {:.2} ms", time.as_secs_f64() * 1e3);
    println!("chain_over_copy {:.2}", time.as_secs_f64() / copy.as_secs_f64());
    Ok(())
}

fn fastest_copy(values: &[f32]) -> Duration {
    let mut out = vec![1f32; values.len()];
    let mut shortest = Duration::MAX;
    for run in 0..20 {
        let begin = Instant::now();
        if run % 2 == 0 {
            out.copy_from_slice(values);
        } else {
            let half = values.len() / 2;
            let (first, second) = out.split_at_mut(half);
            std::thread::scope(|scope| {
                scope.spawn(|| first.copy_from_slice(&values[..half]));
                second.copy_from_slice(&values[half..]);
            });
        }
        std::hint::black_box(&mut out);
        shortest = shortest.min(begin.elapsed());
    }
    shortest
}
