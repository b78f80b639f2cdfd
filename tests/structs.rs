//! What `#[pytree_dataclass]` gives a type beside being a tree: fields by name, typed paths, enums, `Debug`.

#[path = "structs/enums.rs"]
mod enums;
#[path = "structs/groups.rs"]
mod groups;
#[path = "structs/hostile.rs"]
mod hostile;
#[path = "structs/paths.rs"]
mod paths;
#[path = "structs/penzai.rs"]
mod penzai;
