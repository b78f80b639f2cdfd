use pz::{NamedArray, Result, nx};

fn main() -> Result<()> {
    let x = NamedArray::arange("a", 4);
    let y = nx::einsum!("ab, bc -> ac", x, x)?;
    y.eval()
}
