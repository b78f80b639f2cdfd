use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } with (random_stream) {
        drop: nn::StochasticDropout(p = 0.1),
    }
}

fn main() {}
