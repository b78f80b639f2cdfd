use pz::prelude::*;

model! {
    Net: { ..batch, a: 4 } -> { ..batch, a: 4 } {
        outer: stack 2 as layer {
            inner: stack 3 as layer { linear: nn::Linear { a => a: 4 } },
        },
    }
}

fn main() {}
