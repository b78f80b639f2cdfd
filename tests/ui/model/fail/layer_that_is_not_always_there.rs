use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        #[cfg(unix)]
        norm: nn::LayerNorm { emb },
    }
}

fn main() {}
