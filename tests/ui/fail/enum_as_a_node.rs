use pz::nn::AnyLayer;
use pz::pytree_dataclass;

#[pytree_dataclass]
enum Activation {
    Plain,
    Gated(AnyLayer),
}

fn is_node(node: &dyn pz::PyTree) -> bool {
    node.is_leaf()
}

fn _uses(activation: &Activation) -> bool {
    is_node(activation)
}

fn main() {}
