use pz::prelude::*;

model! {
    Net: float32 { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        out: nn::Affine { pixels => classes: 10 },
    }
}

fn main() {}
