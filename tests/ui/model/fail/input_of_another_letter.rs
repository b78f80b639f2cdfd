use pz::prelude::*;

model! {
    Net: (x: { ..batch, a: 4 }, y: { ..batch, b: 4 }) -> { ..batch, a: 4 } {
        sum: add {
            one: nn::Identity(),
            two: from z {
                mix: nn::Linear { b => a: 4 },
            },
        },
    }
}

fn main() {}
