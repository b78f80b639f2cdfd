//! Structs that a macro of the user's writes.

use pz::nn::{AnyLayer, Layer};
use pz::pytree_dataclass;

macro_rules! pair {
    ($name:ident, $t:ty, $color:literal, $($option:tt)*) => {
        #[pytree_dataclass]
        #[derive(Layer)]
        #[pytree(color = $color)]
        #[layer($($option)*)]
        pub struct $name<L: Layer + Clone> {
            pub left: $t,
            pub right: L,
        }
    };
}

pair!(Sum, AnyLayer, "#fff", add);
pair!(Product, Option<AnyLayer2>, "red", call = Self::run);

/// A child that is no layer, which `call` allows.
#[pytree_dataclass]
pub struct AnyLayer2 {
    pub layer: AnyLayer,
}

impl<L: Layer + Clone> Product<L> {
    fn run(&self, input: pz::nn::Value, side: &pz::nn::SideInputs) -> pz::Result<pz::nn::Value> {
        self.right.call(input, side)
    }
}

fn main() {}
