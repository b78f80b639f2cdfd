use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        out: nn::Affine { 64 => 10 },
    }
}

fn main() {}
