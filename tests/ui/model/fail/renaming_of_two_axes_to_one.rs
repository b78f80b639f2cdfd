use pz::prelude::*;

model! {
    Net: { ..batch, seq, emb: 8 } -> { ..batch, seq, emb: 8 } {
        rename: nn::RenameAxes { emb, seq => all },
        back: nn::RenameAxes { all => emb },
    }
}

fn main() {}
