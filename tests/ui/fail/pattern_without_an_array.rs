use pz::{NamedArray, Result, nx};

fn main() -> Result<()> {
    let x = NamedArray::arange("a", 4);
    let y = nx::rearrange!("a b -> b a")?;
    y.eval()
}
