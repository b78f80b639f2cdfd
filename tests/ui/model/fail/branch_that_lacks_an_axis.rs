use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        product: multiply {
            left: nn::Linear { pixels => classes: 10, extra: 2 },
            right: nn::Linear { pixels => classes: 10 },
        },
        end: nn::Linear { extra => },
    }
}

fn main() {}
