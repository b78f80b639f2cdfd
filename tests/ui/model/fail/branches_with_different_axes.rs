use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        product: multiply {
            left: nn::Linear { pixels => classes: 10 },
            right: nn::Linear { pixels => scores: 10 },
        },
    }
}

fn main() {}
