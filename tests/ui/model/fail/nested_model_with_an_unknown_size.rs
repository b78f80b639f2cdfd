use pz::prelude::*;

model! {
    Inner<const OUT: usize>: { ..batch, pixels: 64 } -> { ..batch, classes: OUT } {
        out: nn::Affine { pixels => classes: OUT },
    }
}

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        out: Inner<TEN>,
    }
}

fn main() {}
