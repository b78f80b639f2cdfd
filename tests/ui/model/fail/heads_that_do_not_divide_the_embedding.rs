use pz::prelude::*;

model! {
    Inner<const H: usize, const E: usize>: { ..batch, emb: E } -> { ..batch, emb: E } where H divides E {
        up: nn::Linear { emb => heads: H, dim: E / H },
        down: nn::Linear { heads: H, dim: E / H => emb: E },
    }
}

model! {
    Net: { ..batch, seq, emb: 16 } -> { ..batch, seq, emb: 16 } {
        inner: Inner<3, 16>,
    }
}

fn main() {}
