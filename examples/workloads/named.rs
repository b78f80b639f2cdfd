//! What names cost: operations on small arrays with named axes, against the same on positional ones.
//!
//! Only making the nodes is timed, since evaluation knows no names.

use pz::{NamedArray, Result};

use crate::best;

const STEPS: usize = 20_000;

/// Nanoseconds of one operation.
fn one(op: impl Fn() -> Result<NamedArray>) -> Result<f64> {
    let time = best(|_| (0..STEPS).try_for_each(|_| op().map(drop)))?;
    Ok(time.as_secs_f64() * 1e9 / STEPS as f64)
}

/// Sums, products of arrays whose axes are in one order and in another, reductions and softmax.
pub fn named() -> Result<()> {
    let x = NamedArray::full([("batch", 2), ("seq", 3), ("embed", 4)], 0.5f32)?;
    x.eval()?;
    let turned = x.order_as(["embed", "batch", "seq"])?;
    turned.eval()?;
    let p = x.unwrap(["batch", "seq", "embed"])?;
    let row = (x.index("batch", 0)?, p.index(0, 0)?);
    pz::eval([&row.0, &row.1])?;
    let pairs = [
        ("add", one(|| x.add(&x))?, one(|| p.add(&p))?),
        ("add_broadcast", one(|| x.add(&row.0))?, one(|| p.add(&row.1))?),
        ("sum", one(|| x.sum("embed"))?, one(|| p.sum(2))?),
        ("softmax", one(|| x.softmax("embed"))?, one(|| p.softmax(2))?),
        ("index", one(|| x.index("seq", 1))?, one(|| p.index(1, 1))?),
    ];
    for (name, named, positional) in pairs {
        println!("named_{name} {named:.0} ns");
        println!("named_{name}_over_positional {:.0} ns", named - positional);
    }
    println!("named_add_other_order {:.0} ns", one(|| x.add(&turned))?);
    println!("named_untag_tag {:.0} ns", one(|| x.untag("seq")?.tag("time"))?);
    Ok(())
}
