use pz::prelude::*;

model! {
    Inner: { ..batch, a: 4 } -> { ..batch, a: 4 } {
        blocks: stack 2 as layer { linear: nn::Linear { a => a: 4 } },
    }
}

model! {
    Net: { ..batch, a: 4 } -> { ..batch, a: 4 } {
        outer: stack 3 as layer { inner: Inner },
    }
}

fn main() {}
