use pz::prelude::*;

model! {
    Net: i32 { ..batch, seq } -> { ..batch, seq, emb: 8 } {
        embed: nn::EmbeddingLookup { vocabulary => emb: 8 },
    }
}

fn main() {}
