//! The shared part of a variable: what it is called, and what it holds now.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use super::{Metadata, VariableLabel};
use crate::error::{Report, Result};

#[derive(Debug)]
pub(super) struct Cell<T> {
    pub(super) label: VariableLabel,
    pub(super) metadata: Metadata,
    held: RwLock<Held<T>>,
}

#[derive(Debug)]
struct Held<T> {
    value: T,
    /// Counts the changes, so that an update can tell that it was overtaken.
    version: u64,
}

impl<T: Clone> Cell<T> {
    pub(super) fn new(label: VariableLabel, metadata: Metadata, value: T) -> Self {
        Cell { label, metadata, held: RwLock::new(Held { value, version: 0 }) }
    }

    /// A lock that was held during a panic guards nothing half-done: values are only ever exchanged whole.
    fn read(&self) -> RwLockReadGuard<'_, Held<T>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn value(&self) -> T {
        self.read().value.clone()
    }

    pub(super) fn set(&self, value: T) {
        let old = {
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            held.version += 1;
            std::mem::replace(&mut held.value, value)
        };
        // Only now that the lock is free: dropping a value may take long, and may drop other variables.
        drop(old);
    }

    /// Exchanges the value for what `change` makes of it, unless it fails or another change comes between.
    ///
    /// No lock is held while `change` runs, so it may read this variable and any other.
    pub(super) fn update(&self, kind: &str, change: impl FnOnce(T) -> Result<T>) -> Result<T> {
        let (value, version) = {
            let held = self.read();
            (held.value.clone(), held.version)
        };
        let new = change(value)?;
        let replaced = {
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            (held.version == version).then(|| {
                held.version += 1;
                std::mem::replace(&mut held.value, new.clone())
            })
        };
        match replaced {
            Some(old) => {
                drop(old);
                Ok(new)
            }
            None => {
                let problem = format!("{kind} `{}` was given another value while the update ran", self.label);
                let help =
                    "run models that share state one after the other, or give each its own state variables";
                Err(Report::new("update", problem).help(help).variable())
            }
        }
    }
}
