use pz::prelude::*;

model! {
    Net: (x: { ..batch, emb: 8 }, memory: { ..batch, wide: 12 }) -> { ..batch, emb: 8 } {
        both: add {
            here: nn::Linear { emb => emb: 8 },
            there: from memory { sum: nn::Linear { wide => emb: 6 } },
        },
    }
}

fn main() {}
