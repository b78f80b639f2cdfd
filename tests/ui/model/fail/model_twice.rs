use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        mix: nn::Linear { emb => emb: 8 },
    }
}

mod apart {
    use pz::prelude::*;

    model! {
        pub Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
            mix: nn::Linear { emb => emb: 8 },
        }
    }
}

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        mix: nn::Linear { emb => emb: 8 },
    }
}

fn main() {
    model! {
        Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
            mix: nn::Linear { emb => emb: 8 },
        }
    }
    let _ = (Net::with_slots(), apart::Net::with_slots());
}
