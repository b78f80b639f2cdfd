use pz::prelude::*;

model! {
    Net: i32 { ..batch, seq, emb: 8 } -> i32 { ..batch, seq, emb: 8 } {
        act: nn::Elementwise(relu),
    }
}

fn main() {}
