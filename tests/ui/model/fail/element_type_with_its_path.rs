use pz::prelude::*;

model! {
    Net: DType::I32 { ..batch, seq } -> { ..batch, seq, emb: 8 } {
        embed: nn::EmbeddingLookup { words: 50 => emb: 8 },
    }
}

fn main() {}
