use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        out: nn::Affine { pixels = classes: 10 },
    }
}

fn main() {}
