//! What an operation costs besides its arithmetic: building graph, planning, finding the plan again.

use std::time::{Duration, Instant};

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
///
/// `first` is the first evaluation, which makes the plan. `build` is making the graph. `evaluate` is an evaluation whose
/// plan is found, the graph there and not counted; `steps` is what of that is spent in the steps themselves, measured as
/// the time of the same graph as the body of a loop, where nothing is collected, looked up or given to nodes. The
/// difference is the overhead of a `replay`.
pub fn plan() -> Result<()> {
    const NODES: usize = 2000;
    const TURNS: i32 = 500;
    let more = |mut x: NamedArray| -> Result<NamedArray> {
        for step in 0..NODES / 4 {
            let turned = if step % 2 == 0 { x.sin()? } else { x.cos()? };
            let mean = turned.sum("x")?;
            x = x.add(&mean)?;
        }
        Ok(x)
    };
    let graph = |value: f32| more(NamedArray::full([("x", 4)], value)?);
    let first = graph(0.5)?;
    let begin = Instant::now();
    first.eval()?;
    let planned = begin.elapsed();
    let (mut built, mut evaluated) = (Duration::MAX, Duration::MAX);
    best(|run| {
        let begin = Instant::now();
        let x = graph(run as f32)?;
        built = built.min(begin.elapsed());
        let begin = Instant::now();
        x.eval()?;
        evaluated = evaluated.min(begin.elapsed());
        Ok(())
    })?;
    let mut looped = Duration::MAX;
    best(|run| {
        let out = pz::fori_loop(0..TURNS, NamedArray::full([("x", 4)], run as f32)?, |_, x| more(x))?;
        let begin = Instant::now();
        out.eval()?;
        looped = looped.min(begin.elapsed() / TURNS as u32);
        Ok(())
    })?;
    let per_node = |time: Duration| time.as_secs_f64() * 1e9 / NODES as f64;
    println!("plan_2000_nodes_first {:.2} ms", planned.as_secs_f64() * 1e3);
    println!("plan_2000_nodes_build {:.0} ns/node", per_node(built));
    println!("plan_2000_nodes_evaluate {:.0} ns/node", per_node(evaluated));
    println!("plan_2000_nodes_steps {:.0} ns/node", per_node(looped));
    println!("plan_2000_nodes_replay {:.0} ns/node", per_node(evaluated.saturating_sub(looped)));
    Ok(())
}
