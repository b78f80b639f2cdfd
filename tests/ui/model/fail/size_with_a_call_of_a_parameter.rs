use pz::prelude::*;

const fn double(size: usize) -> usize {
    2 * size
}

model! {
    Net<const E: usize>: { ..batch, emb: E } -> { ..batch, emb: E } {
        up: nn::Linear { emb => hid: double(E) },
        down: nn::Linear { hid => emb: E },
    }
}

fn main() {}
