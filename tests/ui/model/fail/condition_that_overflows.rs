use pz::prelude::*;

const LARGE: usize = 1 << 40;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } where LARGE * LARGE == LARGE {
        out: nn::Affine { pixels => classes: 10 },
    }
}

fn main() {}
