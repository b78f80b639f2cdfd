use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        up: nn::Affine { emb => mid: 4 },
        down: shared up as nn::EmbeddingDecode { mid => emb: 8 },
    }
}

fn main() {}
