use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        both: nn::Affine { pixels => features: 8 },
        sum: add {
            left: nn::Linear { features => classes: 10 },
            right: nn::Linear { features => classes: 12 },
        },
    }
}

fn main() {}
