use pz::prelude::*;

model! {
    Inner<const A: usize, const B: usize>: { ..batch, a: A } -> { ..batch, b: B } {
        map: nn::Linear { a => b: B },
    }
}

model! {
    Net<const X: usize>: { ..batch, a: X } -> { ..batch, b: 2 * X } {
        inner: Inner<X, { 2 * X }>,
    }
}

fn main() {}
