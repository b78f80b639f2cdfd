use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, vocabulary: 50 } {
        mix: nn::Linear { emb => emb: 8 },
        logits: shared mix as nn::EmbeddingDecode { emb => vocabulary: 50 },
    }
}

fn main() {}
