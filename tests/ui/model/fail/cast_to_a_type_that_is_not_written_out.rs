use pz::prelude::*;

const HALF: DType = DType::BF16;

model! {
    Net: { ..batch, a: 4 } -> bf16 { ..batch, a: 4 } {
        half: nn::CastToDType(HALF),
    }
}

fn main() {}
