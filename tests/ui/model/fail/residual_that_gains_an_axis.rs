use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        mid: residual {
            up: nn::Linear { => heads: 2 },
        },
        out: nn::Affine { pixels => classes: 10 },
    }
}

fn main() {}
