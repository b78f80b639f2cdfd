use pz::prelude::*;

model! {
    Net: i32 { ..batch, seq } -> { ..batch, seq, vocabulary: 40 } {
        embed: nn::EmbeddingLookup { vocabulary: 40 => emb: 8 },
        logits: shared embed as nn::EmbeddingDecode { emb: 9 => vocabulary },
    }
}

fn main() {}
