use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        out: { nn::Affine::from_config(name, init, &nn::LinearConfig::new([("pixels", 64)], [("classes", 10)])) }
            as { ..batch, pixels: 64 } -> { ..batch, classes: 10 },
    }
}

fn main() {}
