//! The methods in which all leaves are alike: no parts, and a copy of a leaf is its clone.
//!
//! They are no defaults of the trait, because a node written by hand that forgets its parts would then pass as a
//! leaf, and no selection would find what is in it.

/// Within `impl PyTree for …` of a type that is `Clone`: what a leaf says of its parts and copies.
macro_rules! leaf_methods {
    () => {
        fn parts<'a>(&'a self, _: &mut Vec<$crate::tree::Part<'a>>) {}
        fn rebuild(&self, _: &mut $crate::tree::Edits) -> $crate::error::Result<$crate::tree::Node> {
            Ok(self.clone_node())
        }
        fn clone_node(&self) -> $crate::tree::Node {
            Box::new(self.clone())
        }
        fn into_slot(
            self: Box<Self>,
            _: std::any::TypeId,
        ) -> std::result::Result<Box<dyn std::any::Any>, $crate::tree::Node> {
            Err(self)
        }
    };
}
pub(crate) use leaf_methods;
