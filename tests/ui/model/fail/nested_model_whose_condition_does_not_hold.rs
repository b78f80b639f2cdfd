use pz::prelude::*;

model! {
    Inner<const H: usize, const D: usize, const E: usize>: { ..batch, emb: E } -> { ..batch, emb: E } where H * D == E {
        up: nn::Linear { emb => heads: H, dim: D },
        down: nn::Linear { heads, dim => emb: H * D },
    }
}

model! {
    Net: { ..batch, seq, emb: 16 } -> { ..batch, seq, emb: 16 } {
        inner: Inner<3, 4, 16>,
    }
}

fn main() {}
