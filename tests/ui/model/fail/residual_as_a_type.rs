use pz::prelude::*;

model! {
    Net: { ..batch, emb: 8 } -> { ..batch, emb: 8 } {
        mix: nn::Residual { norm: nn::LayerNorm { emb }, up: nn::Affine { emb => emb: 8 } },
    }
}

fn main() -> pz::Result<()> {
    let net = Net::init("net", Key::new(0))?;
    println!("{} {}", Net::signature().name, net.cost([])?);
    net.clone().check()
}
