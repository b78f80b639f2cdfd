use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        mid: nn::Affine { pixels => features },
        out: nn::Affine { features => classes: 10 },
    }
}

fn main() {}
