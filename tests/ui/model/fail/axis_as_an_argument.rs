use pz::prelude::*;

model! {
    Net: { ..batch, seq: 8 } -> { ..batch, seq: 8 } {
        weights: nn::Softmax(seq),
    }
}

fn main() {}
