use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        norm: nn::LayerNorm { emb },,
        act: nn::Elementwise(relu),
    }
}

fn main() {}
