use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 => classes: 10 } {
        up: nn::Affine { pixels => classes: 10 },
    }
}

fn main() {}
