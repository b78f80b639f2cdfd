use pz::prelude::*;

model! {
    Net<const MID: usize = 8>: { ..batch, pixels: 64 } -> { ..batch, mid: MID } {
        up: nn::Affine { pixels => mid: MID },
    }
}

fn main() {}
