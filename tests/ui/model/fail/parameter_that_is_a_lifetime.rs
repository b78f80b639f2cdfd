use pz::prelude::*;

model! {
    Net<'a, const MID: usize>: { ..batch, pixels: 64 } -> { ..batch, mid: MID } {
        up: nn::Affine { pixels => mid: MID },
    }
}

fn main() {}
