use pz::prelude::*;

model! {
    Inner: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        up: nn::Linear { emb => hidden: 16 },
        down: nn::Linear { hidden => emb: 8 },
    }
}

model! {
    Middle: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        inner: Inner,
    }
}

model! {
    Outer: { ..batch, hidden, emb: 8 } -> { ..batch, hidden, emb: 8 } {
        middle: Middle,
    }
}

fn main() {}
