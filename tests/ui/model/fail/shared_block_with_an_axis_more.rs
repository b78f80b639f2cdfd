use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        first: residual {
            up: nn::Affine { emb => emb: 8 },
        },
        wide: nn::Affine { => extra: 2 },
        again: shared first,
    }
}

fn main() {}
