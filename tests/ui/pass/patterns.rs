//! Patterns in all the places where they may stand: owned arrays and references, commas at the end, other names around.
use pz::{NamedArray, Result};

#[allow(dead_code)]
enum Option {
    Some,
    None,
}

fn run() -> Result<()> {
    let (x, w) = (NamedArray::arange("a", 4), NamedArray::arange("b", 4));
    let size = 2;
    let split = pz::nx::rearrange!("(i j) -> i j", x, i = size)?;
    let joined = pz::nx::rearrange!("i j -> a=(i j)", &split,)?;
    pz::nx::einsum!("a, b -> b a", joined, &w,)?.eval()?;
    pz::nx::einsum!(r"a, .. -> a ..", x.clone(), (&w))?.eval()
}

fn main() {
    assert!(run().is_ok());
}
