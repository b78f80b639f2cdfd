use pz::prelude::*;

model! {
    Inner: i32 { ..batch, seq } -> { ..batch, seq, out: 4 } {
        embed: nn::EmbeddingLookup { vocabulary: 7 => out: 4 },
    }
}

model! {
    Net: { ..batch, seq } -> { ..batch, seq, out: 4 } {
        inner: Inner,
    }
}

fn main() {}
