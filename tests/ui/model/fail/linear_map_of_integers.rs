use pz::prelude::*;

model! {
    Net: i32 { ..batch, seq } -> { ..batch, seq, vocabulary: 50 } {
        embed: nn::Linear { => emb: 8 },
        logits: nn::Linear { emb => vocabulary: 50 },
    }
}

fn main() {}
