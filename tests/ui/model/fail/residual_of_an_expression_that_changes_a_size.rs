use pz::prelude::*;

model! {
    Net: { ..batch, a: 4 } -> { ..batch, a: 4 } {
        mid: residual {
            halves: { nn::Identity {} } as { ..rest, a: 4 } -> { ..rest, a: 2 },
        },
    }
}

fn main() {}
