use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        out: nn::Affine { classes => pixels: 64 },
    }
}

fn main() {}
