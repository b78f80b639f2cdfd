use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8, extra: 2 } -> { ..batch, emb: 8, extra: 2 } {
        first: residual {
            up: nn::Affine { emb => emb: 8 },
        },
        narrow: nn::Linear { extra => },
        again: shared first,
    }
}

fn main() {}
