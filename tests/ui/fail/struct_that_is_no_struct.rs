// Penzai's `undecorated_struct_is_abstract`: a struct that says nothing is no tree, also where all that it holds is one.
use pz::{pytree_dataclass, select};

#[pytree_dataclass]
struct Base {
    foo: f32,
}

struct Derived {
    base: Base,
}

fn main() {
    let derived = Derived { base: Base { foo: 1.0 } };
    let _ = select(&derived);
    let _ = derived.base;
}
