use pz::pytree_dataclass;

#[pytree_dataclass]
enum Never {}

fn is_node(node: &impl pz::Struct) -> bool {
    node.info().fields.is_empty()
}

fn _uses(never: &Never) -> bool {
    println!("{never:?}");
    is_node(never)
}

fn main() {}
