use pz::prelude::*;

model! {
    Net: { ..batch, a: 4 } -> { ..batch, a: 4 } {
        blocks: stack 2 as hidden {
            up: nn::Linear { a => hidden: 8 },
            down: nn::Linear { hidden => a: 4 },
        },
    }
}

fn main() {}
