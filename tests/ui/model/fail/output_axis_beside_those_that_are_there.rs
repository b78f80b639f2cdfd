use pz::prelude::*;

model! {
    Net: { ..batch, a: 4 } -> { ..batch, b: 4, c: 5 } {
        mix: nn::Linear { a => b: 4 },
    }
}

fn main() {}
