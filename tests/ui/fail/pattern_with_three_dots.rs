use pz::{NamedArray, Result, nx};

fn main() -> Result<()> {
    let x = NamedArray::arange("a", 4);
    let y = nx::einsum!("... a -> .. a", x)?;
    y.eval()
}
