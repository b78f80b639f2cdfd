use pz::prelude::*;

model! {
    Net: { ..batch, a: 4 } -> { ..batch, b: 2 } {
        out: nn::Linear { a => b: 2 } (dtype = bf17),
    }
}

fn main() {}
