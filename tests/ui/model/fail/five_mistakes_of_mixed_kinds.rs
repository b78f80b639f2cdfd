use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        hidden: nn::Affine { pixels: 63 => features: 128 },
        norm: nn::LayerNorm { features, features },
        mix: residul { norm: nn::LayerNorm { features } },
        end: shared hiden,
        out: nn::Affine { features => classes: 11 },
    }
}

fn main() {}
