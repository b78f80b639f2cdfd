//! What an operation costs besides its arithmetic: building graph, planning, finding the plan again.

use std::time::Instant;

use pz::{NamedArray, Result};

use crate::best;

/// `x = x + 1` on a scalar, in a loop.
pub fn eager() -> Result<()> {
    const STEPS: i32 = 100_000;
    let time = best(|run| {
        let mut x = NamedArray::scalar(run as f32);
        for _ in 0..STEPS {
            x = x + 1.0;
        }
        x.item::<f32>()
    })?;
    println!("eager_scalar_add {:.0} ns/op", time.as_secs_f64() * 1e9 / f64::from(STEPS));
    Ok(())
}

/// A graph of 2000 nodes on small arrays: the first reading plans it, the others find the plan.
pub fn plan() -> Result<()> {
    const NODES: usize = 2000;
    let graph = |value: f32| -> Result<NamedArray> {
        let mut x = NamedArray::full([("x", 4)], value)?;
        for step in 0..NODES / 4 {
            let turned = if step % 2 == 0 { x.sin()? } else { x.cos()? };
            let mean = turned.sum("x")?;
            x = x.add(&mean)?;
        }
        Ok(x)
    };
    let first = graph(0.5)?;
    let begin = Instant::now();
    first.eval()?;
    let planned = begin.elapsed();
    let mut number = 0;
    let mut built = std::time::Duration::MAX;
    let replayed = best(|run| {
        number += 1;
        let begin = Instant::now();
        let x = graph(run as f32)?;
        built = built.min(begin.elapsed());
        x.eval()
    })?;
    let per_node = |time: std::time::Duration| time.as_secs_f64() * 1e9 / NODES as f64;
    println!("plan_2000_nodes_first {:.2} ms", planned.as_secs_f64() * 1e3);
    println!("plan_2000_nodes_build {:.0} ns/node", per_node(built));
    println!("plan_2000_nodes_replay {:.0} ns/node", per_node(replayed.saturating_sub(built)));
    Ok(())
}
