use pz::prelude::*;

const WIDTH: usize = 48;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        mid: nn::Affine { pixels => features: WIDTH },
        out: nn::Affine { features: WIDTH => classes: 64 / WIDTH },
    }
}

fn main() {}
