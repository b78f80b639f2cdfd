use pz::prelude::*;

model! {
    Net: { ..batch, pixels: 64 } => { ..batch, classes: 10 } {
        out: nn::Affine { pixels => classes: 10 },
    }
}

fn main() -> pz::Result<()> {
    let net = Net::init("net", Key::new(0))?;
    println!("{} {}", Net::signature().name, net.cost([])?);
    net.clone().check()
}
