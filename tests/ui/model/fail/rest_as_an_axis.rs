use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        weights: nn::Softmax { batch },
    }
}

fn main() {}
