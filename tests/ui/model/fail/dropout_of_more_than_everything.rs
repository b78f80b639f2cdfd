use pz::prelude::*;

model! {
    Net: { ..batch, a: 4 } -> { ..batch, a: 4 } with (random_stream) {
        drop: nn::StochasticDropout(1.5),
    }
}

fn main() {}
