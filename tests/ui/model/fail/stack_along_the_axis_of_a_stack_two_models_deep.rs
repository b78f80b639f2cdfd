use pz::prelude::*;

model! {
    Inner: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        blocks: stack 2 as layer { mix: nn::Linear { emb => emb: 8 } },
    }
}

model! {
    Middle: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        inner: Inner,
    }
}

model! {
    Outer: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        blocks: stack 3 as layer { middle: Middle },
    }
}

fn main() {}
