use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        narrow: nn::CastToDType(float16),
    }
}

fn main() {}
