use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes } {
        out: nn::Affine { pixels => classes: 10 },
    }
}

fn main() {}
