use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        up: nn::Affine { "pixels" => mid: 8 },
        out: nn::Affine { mid => classes: 10 },
    }
}

fn main() {}
