use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        up: "nn::Affine" { emb => emb: 8 },
    }
}

fn main() {}
