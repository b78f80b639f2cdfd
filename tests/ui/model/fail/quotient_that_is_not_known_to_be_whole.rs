use pz::prelude::*;

model! {
    Net<const E: usize, const H: usize>: { ..batch, emb: E } -> { ..batch, heads: H, dim: 4 } {
        up: nn::Linear { emb => heads: H, dim: E / H },
    }
}

fn main() {}
