use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        a: nn::Affine { pixels: 63 => f: 8 },
        b: nn::LayerNorm { f: 9 },
        c: residual { up: nn::Linear { f => f: 7 } },
        d: nn::Affine { f: 6 => f: 5 },
        e: nn::Affine { f => classes: 11 },
    }
}

fn main() {}
