use pz::prelude::*;

model! {
    Net: { ..batch, a: 4 } -> { ..batch, a: 4 } {
        moved: { nn::Identity {} } as { ..rest, a: 4 } -> { ..rest, a: 4 } with (offset),
    }
}

fn main() {}
