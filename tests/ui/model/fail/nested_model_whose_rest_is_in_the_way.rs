use pz::prelude::*;

model! {
    Inner: { ..rest, emb: 16 } -> { ..rest, emb: 16 } {
        up: nn::Linear { emb => hid: 4 },
        down: nn::Linear { hid => emb: 16 },
    }
}

model! {
    Net: { hid: 3, emb: 16 } -> { hid: 3, emb: 16 } {
        inner: Inner,
    }
}

fn main() {}
