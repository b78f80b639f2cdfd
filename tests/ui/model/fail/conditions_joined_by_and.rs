use pz::prelude::*;

model! {
    Net<const A: usize, const B: usize>: { ..batch, a: A } -> { ..batch, b: B } where A == B && B == 2 {
        up: nn::Linear { a => b: B },
    }
}

fn main() {}
