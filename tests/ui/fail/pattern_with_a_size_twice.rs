use pz::{NamedArray, Result, nx};

fn main() -> Result<()> {
    let (x, w) = (NamedArray::arange("a", 4), NamedArray::arange("b", 4));
    let _ = (&x, &w);
    let y = nx::rearrange!("c (a b) -> a b c", x, a = 2, a = 3)?;
    y.eval()
}
