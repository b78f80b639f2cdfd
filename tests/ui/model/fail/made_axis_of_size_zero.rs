use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        mid: nn::Affine { pixels => features: 0 },
        out: nn::Affine { features => classes: 10 },
    }
}

fn main() {}
