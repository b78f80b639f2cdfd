use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        mid: nn::Affine { pixels: 64 => features: 256 },
        again: nn::Affine { => features: 256 },
        out: nn::Affine { features => classes: 10 },
    }
}

fn main() {}
