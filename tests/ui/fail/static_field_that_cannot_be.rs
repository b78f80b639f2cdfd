use pz::{pytree_dataclass, static_by_eq};

#[derive(Clone, Debug, PartialEq, Hash)]
struct Range<T> {
    from: T,
    to: T,
}

static_by_eq!(Range<usize>);

#[pytree_dataclass]
struct Mlp {
    #[pytree(static)]
    range: Range<f32>,
}

fn main() {}
