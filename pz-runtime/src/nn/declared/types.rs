//! Element types of a declared model at run time, where shapes know them by name.

use crate::array::DType;
use crate::shape::{Elements, Kind};

/// The type as the rules for shapes know it.
pub const fn elements_of(dtype: DType) -> Elements {
    match Elements::named(dtype.name()) {
        Some(elements) => elements,
        None => Elements { kind: Kind::Any, name: dtype.name() },
    }
}

/// The type that is so called; of a kind alone, the one that is taken where nobody says.
pub(super) fn dtype_of(elements: &Elements) -> DType {
    let known = DType::ALL.into_iter().find(|dtype| dtype.name() == elements.name);
    known.unwrap_or(match elements.kind {
        Kind::Bool => DType::Bool,
        Kind::Int => DType::I32,
        Kind::Float | Kind::Any => DType::F32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::DKind;

    /// What is said of two types is what the arrays do.
    #[test]
    fn types_are_promoted_as_arrays_are() {
        let known: Vec<DType> = DType::ALL.into_iter().filter(|dtype| *dtype != DType::Key).collect();
        for left in &known {
            for right in &known {
                let found = elements_of(*left).promoted(&elements_of(*right));
                let wanted = left.promote(*right);
                // Of two types of integers, no more is said than that they give integers.
                let integers = [left, right].iter().all(|dtype| dtype.kind() == DKind::Int);
                if integers && left != right {
                    assert!(!found.is_exact() && found.kind == Kind::Int, "{left} and {right}: {found:?}");
                } else {
                    assert!(found.is_exact() && dtype_of(&found) == wanted, "{left} and {right}: {found:?}");
                }
            }
        }
    }
}
