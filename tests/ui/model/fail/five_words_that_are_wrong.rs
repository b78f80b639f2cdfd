use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        a: nn::Affine { pixels, pixels => f: 8 },
        b: residul { norm: nn::LayerNorm { f } },
        c: shared d,
        c: nn::LayerNorm { f },
        e: nn::Affine { ..batch, f => classes: 10 },
    }
}

fn main() {}
