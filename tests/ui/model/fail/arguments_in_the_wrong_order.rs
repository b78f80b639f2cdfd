use pz::prelude::*;

model! {
    Inner<const A: usize, const B: usize>: { ..batch, a: A } -> { ..batch, b: B } {
        map: nn::Linear { a => b: B },
    }
}

model! {
    Net<const X: usize, const Y: usize>: { ..batch, a: X } -> { ..batch, b: Y } {
        inner: Inner<Y, X>,
    }
}

fn main() {}
