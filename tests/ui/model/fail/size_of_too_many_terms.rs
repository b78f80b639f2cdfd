use pz::prelude::*;

model! {
    Net<const A: usize, const B: usize, const C: usize, const D: usize, const E: usize, const F: usize, const G: usize>: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        up: nn::Linear { emb => mid: A + B + C + D + E + F + G },
        down: nn::Linear { mid => emb: 8 },
    }
}

fn main() {}
