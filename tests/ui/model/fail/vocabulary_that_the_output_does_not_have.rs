use pz::prelude::*;

model! {
    Net: i32 { ..batch, vocabulary: 50 } -> { ..batch, emb: 8 } {
        embed: nn::EmbeddingLookup { vocabulary: 50 => emb: 8 },
    }
}

fn main() {}
