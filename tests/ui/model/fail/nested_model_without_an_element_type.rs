use pz::prelude::*;

model! {
    Inner: { ..batch, a: 4 } -> { ..batch, a: 4 } {
        linear: nn::Linear { a => a: 4 },
    }
}

model! {
    Net: bf16 { ..batch, a: 4 } -> bf16 { ..batch, a: 4 } {
        inner: Inner,
    }
}

fn main() {}
