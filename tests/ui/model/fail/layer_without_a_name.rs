use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } -> { ..batch, classes: 10 } {
        nn::Affine { pixels => mid: 8 },
        out: nn::Affine { mid => classes: 10 },
    }
}

fn main() -> pz::Result<()> {
    let net = Net::init("net", Key::new(0))?;
    println!("{} {}", Net::signature().name, net.cost([])?);
    net.clone().check()
}
