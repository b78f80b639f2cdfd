use pz::prelude::*;

model! {
    Net<const W: usize>: { ..batch, emb: W } -> { ..batch, emb: W } {
        b1: nn::Linear { emb => mid: W },
        b2: nn::Linear { mid: 2 * W => emb: W },
    }
}

fn main() {}
