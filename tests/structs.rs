//! What `#[pytree_dataclass]` gives a type beside being a tree: fields by name, typed paths, enums, `Debug`.

#[path = "structs/enums.rs"]
mod enums;
#[path = "numerics/fixture.rs"]
#[allow(dead_code)]
mod fixture;
#[path = "structs/groups.rs"]
mod groups;
#[path = "structs/hostile.rs"]
mod hostile;
#[path = "structs/paths.rs"]
mod paths;
#[path = "structs/penzai.rs"]
mod penzai;
#[path = "structs/table.rs"]
mod table;
