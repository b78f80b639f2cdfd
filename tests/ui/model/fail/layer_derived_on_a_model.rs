use pz::prelude::*;

model! {
    #[derive(Clone, Layer)]
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        out: nn::Affine { pixels => classes: 10 },
    }
}

fn main() {}
