use pz::{NamedArray, Result, nx};

fn main() -> Result<()> {
    let (x, w) = (NamedArray::arange("a", 4), NamedArray::arange("b", 4));
    let _ = (&x, &w);
    let y = nx::rearrange!("batch seq emb -> batch seq", x)?;
    y.eval()
}
