use pz::{NamedArray, Result, nx};

fn main() -> Result<()> {
    let x = NamedArray::arange("a", 4);
    let y = nx::rearrange!(x, "(a b) -> a b", a = 2)?;
    y.eval()
}
