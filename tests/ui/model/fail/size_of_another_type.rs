use pz::prelude::*;

const WIDTH: u32 = 48;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        mid: nn::Affine { pixels => features: WIDTH },
        out: nn::Affine { features => classes: 10 },
    }
}

fn main() {}
