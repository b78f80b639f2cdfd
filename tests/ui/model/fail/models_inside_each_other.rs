use pz::prelude::*;

model! {
    Hen: { ..batch, size: 2 } -> { ..batch, size: 2 } {
        inner: residual {
            egg: Egg,
        },
    }
}

model! {
    Egg: { ..batch, size: 2 } -> { ..batch, size: 2 } {
        hen: Hen,
    }
}

fn main() {}
