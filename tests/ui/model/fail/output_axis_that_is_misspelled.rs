use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        out: nn::Affine { pixels => clases: 10 },
    }
}

fn main() {}
