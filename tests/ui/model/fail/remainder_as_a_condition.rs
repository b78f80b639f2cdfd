use pz::prelude::*;

model! {
    Net<const E: usize, const H: usize>: { ..batch, emb: E } -> { ..batch, emb: E } where E % H == 0 {
        up: nn::Linear { emb => heads: H, dim: E / H },
        down: nn::Linear { heads, dim => emb: E },
    }
}

fn main() {}
