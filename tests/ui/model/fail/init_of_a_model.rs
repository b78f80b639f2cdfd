use pz::prelude::*;

model! {
    Inner: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        mix: nn::Linear { emb => emb: 8 },
    }
}

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        inner: Inner::init("inner", Key::new(0)),
    }
}

fn main() {}
