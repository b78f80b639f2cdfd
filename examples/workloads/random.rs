//! Random numbers: 2^24 of them, 67 MB.

use pz::random::Key;
use pz::{DType, Random, Result};

use crate::best;

const COUNT: usize = 1 << 24;

/// Evenly spread and normally distributed numbers, each run from a key of its own; one of them is read.
pub fn random() -> Result<()> {
    type Sampler = fn(&Key) -> Result<pz::NamedArray>;
    let samplers: [(&str, Sampler); 3] = [
        ("bits", |key| key.bits([("n", COUNT)], DType::U32)?.cast(DType::U32)),
        ("uniform", |key| key.uniform([("n", COUNT)], DType::F32)),
        ("normal", |key| key.normal([("n", COUNT)], DType::F32)),
    ];
    for (name, draw) in samplers {
        let time = best(|run| {
            let drawn = draw(&Key::new(run as u64))?;
            drawn.eval()?;
            drawn.index("n", run as usize)
        })?;
        println!("random_{name}_2^24 {:.1} ms", time.as_secs_f64() * 1e3);
    }
    Ok(())
}
