use pz::{NamedArray, Result, nx};

fn main() -> Result<()> {
    let x = NamedArray::arange("a", 4);
    let y = nx::rearrange!("(a b) -> a b", x, 2)?;
    y.eval()
}
