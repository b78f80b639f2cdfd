use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        mix: nn::Mixture { norm: nn::LayerNorm { emb }, up: nn::Affine { emb => emb: 8 } },
    }
}

fn main() {}
