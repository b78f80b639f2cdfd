use pz::prelude::*;

model! {
    Net: i32 { ..batch, seq } -> { ..batch, seq, vocabulary: 50 } {
        embed: nn::EmbeddingLookup { vocabulary: 50 => emb: 8 },
        logits: shared embed as nn::EmbeddingDecode { vocabulary => emb },
    }
}

fn main() {}
