use pz::prelude::*;

model! {
    Net<const A: usize>: { ..batch, a: A } -> { ..batch, b: 2 } where A = 4 {
        up: nn::Linear { a => b: 2 },
    }
}

fn main() {}
