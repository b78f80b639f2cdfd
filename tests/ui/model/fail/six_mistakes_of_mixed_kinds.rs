use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        hidden: nn::Affine { pixels: 63 => features: 128 },
        mix: residul { norm: nn::LayerNorm { features } },
        first: nn::Affine { => a: 3, features: 128 },
        gate: multiply {
            left: nn::Linear { features, features => b: 3 },
            right: nn::Linear { features => b: 4 },
        },
        end: shared frist,
        out: nn::Affine { b, a => classes: 11 },
    }
}

fn main() {}
