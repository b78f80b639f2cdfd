use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        mid: residual {
            up: nn::Linear { pixels => },
        },
        out: nn::Affine { pixels => classes: 10 },
    }
}

fn main() {}
