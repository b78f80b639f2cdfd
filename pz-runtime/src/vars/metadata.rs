//! Remarks on a variable: names with values that are structure, not data.
//!
//! Optimisers and layer stacks leave notes here (which axes are stacked, what must not decay). They are compared
//! and hashed with the tree, so any [`Static`] value may be one.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hasher;
use std::sync::Arc;

use crate::tree::Static;

/// Named remarks, in the order of their names. Cloning shares them.
///
/// ```
/// use pz::vars::Metadata;
/// let metadata = Metadata::new().with("decay", false);
/// assert_eq!(metadata.get::<bool>("decay"), Some(&false));
/// assert_eq!(metadata.get::<bool>("frozen"), None);
/// ```
#[derive(Clone, Default)]
pub struct Metadata(Arc<BTreeMap<&'static str, Arc<dyn Static>>>);

impl Metadata {
    /// No remarks.
    pub fn new() -> Self {
        Self::default()
    }

    /// These remarks and one more; an older one of the same name is replaced.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Static) -> Self {
        Arc::make_mut(&mut self.0).insert(name, Arc::new(value));
        self
    }

    /// The remark called `name`, where it is there and is a `T`.
    pub fn get<T: Any>(&self, name: &str) -> Option<&T> {
        self.0.get(name).and_then(|value| (&**value as &dyn Any).downcast_ref())
    }

    /// These remarks, and one more where there is one.
    pub(super) fn and(&self, remark: Option<(&'static str, Arc<dyn Static>)>) -> Self {
        let mut all = self.clone();
        if let Some((name, value)) = remark {
            Arc::make_mut(&mut all.0).insert(name, value);
        }
        all
    }

    /// The remark called `name`, whatever its type.
    pub(super) fn shared(&self, name: &str) -> Option<Arc<dyn Static>> {
        self.0.get(name).cloned()
    }

    /// Whether there are no remarks.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Static for Metadata {
    fn same(&self, other: &dyn Static) -> bool {
        (other as &dyn Any).downcast_ref::<Metadata>().is_some_and(|other| {
            let mut pairs = self.0.iter().zip(&*other.0);
            self.0.len() == other.0.len() && pairs.all(|((a, x), (b, y))| a == b && x.same(&**y))
        })
    }

    fn hash_into(&self, state: &mut dyn Hasher) {
        state.write_usize(self.0.len());
        for (name, value) in &*self.0 {
            state.write_usize(name.len());
            state.write(name.as_bytes());
            value.hash_into(state);
        }
    }

    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(name, value)| (name, Shown(&**value)));
        f.debug_map().entries(shown).finish()
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f)
    }
}

struct Shown<'a>(&'a dyn Static);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}
