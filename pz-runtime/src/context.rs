//! Values that depend on where in the program one is: a default, which a scope changes for the calls inside it.
//!
//! A setting that many functions read and few calls change is a parameter that nobody wants to pass on. A
//! [`ContextualValue`] is such a setting as a `static`: who reads it sees what the innermost scope of the thread has
//! set, else what the program has set for all threads, else the value that it was made with.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use crate::error::{Report, Result};

/// A value with a default, which scopes change for the calls inside them.
///
/// ```
/// use pz::ContextualValue;
/// static INDENT: ContextualValue<usize> = ContextualValue::new(2);
///
/// assert_eq!(INDENT.get(), 2);
/// {
///     let _wide = INDENT.set_scoped(8);
///     assert_eq!(INDENT.get(), 8);
///     std::thread::spawn(|| assert_eq!(INDENT.get(), 2)).join().unwrap();
/// }
/// assert_eq!(INDENT.get(), 2);
/// INDENT.set_globally(4);
/// assert_eq!(INDENT.get(), 4);
/// ```
pub struct ContextualValue<T: 'static> {
    initial: T,
    global: RwLock<Option<T>>,
    /// Given at the first scope; 0 before.
    id: AtomicU64,
}

/// What scopes have set, on one thread: of which value, by which scope, to what.
type Scopes = Vec<(u64, u64, Rc<dyn Any>)>;

thread_local! {
    static SCOPES: RefCell<Scopes> = const { RefCell::new(Vec::new()) };
}

/// Numbers of values and of scopes.
static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// What puts a value back.
type Restore = Box<dyn FnOnce() + Send>;

/// What puts the values back that were set interactively; `None` where nobody may set them so.
static INTERACTIVE: Mutex<Option<Vec<Restore>>> = Mutex::new(None);

fn interactive() -> MutexGuard<'static, Option<Vec<Restore>>> {
    INTERACTIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Clone + Send + Sync> ContextualValue<T> {
    /// A value that is `initial` until it is set.
    pub const fn new(initial: T) -> Self {
        ContextualValue { initial, global: RwLock::new(None), id: AtomicU64::new(0) }
    }

    /// The value here: what the innermost scope of this thread has set, else what was set for all threads, else the
    /// initial one.
    pub fn get(&self) -> T {
        let id = self.id.load(Ordering::Relaxed);
        // Cloned outside of the borrow: a value's own code may have scopes.
        let scoped = SCOPES.with_borrow(|scopes| {
            let mine = scopes.iter().rev().find(|(of, ..)| id != 0 && *of == id);
            mine.map(|(.., value)| Rc::clone(value))
        });
        let scoped = scoped.and_then(|value| value.downcast_ref::<T>().cloned());
        scoped.or_else(|| self.global()).unwrap_or_else(|| self.initial.clone())
    }

    fn global(&self) -> Option<T> {
        self.global.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a value in; gives what was there, to be dropped where no lock is held.
    fn put(&self, value: Option<T>) -> Option<T> {
        std::mem::replace(&mut *self.global.write().unwrap_or_else(PoisonError::into_inner), value)
    }

    /// Sets the value on this thread, until what this gives is dropped. Scopes may end in any order.
    pub fn set_scoped(&self, value: T) -> ScopedValue<'_> {
        let fresh = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let id = match self.id.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh,
            Err(earlier) => earlier,
        };
        let scope = NUMBERS.fetch_add(1, Ordering::Relaxed);
        SCOPES.with_borrow_mut(|scopes| scopes.push((id, scope, Rc::new(value))));
        ScopedValue { scope, of: PhantomData }
    }

    /// Sets the value for all threads, where no scope has set another. It stays set.
    pub fn set_globally(&self, value: T) {
        drop(self.put(Some(value)));
    }

    /// Sets the value for all threads, as [`set_globally`](Self::set_globally) does, until
    /// [`disable_interactive_context`] puts it back: for a notebook, whose cells are no scopes.
    ///
    /// # Errors
    /// [`enable_interactive_context`] was not called.
    pub fn set_interactive(&'static self, value: T) -> Result<()> {
        let mut enabled = interactive();
        let Some(restore) = &mut *enabled else {
            let report =
                Report::new("ContextualValue::set_interactive", "the interactive context is not enabled");
            let help = "in a notebook, call `pz::enable_interactive_context()` first; in a program, write \
                        `let _scope = value.set_scoped(..)`";
            return Err(report.help(help).value());
        };
        let before = self.global();
        restore.push(Box::new(move || drop(self.put(before))));
        let old = self.put(Some(value));
        drop(enabled);
        drop(old);
        Ok(())
    }
}

impl<T: Clone + Send + Sync + fmt::Debug> fmt::Debug for ContextualValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ContextualValue").field(&self.get()).finish()
    }
}

/// A scope in which a [`ContextualValue`] is set; its end puts back what was before.
#[must_use = "the value is put back when this is dropped"]
#[derive(Debug)]
pub struct ScopedValue<'v> {
    scope: u64,
    /// It ends on the thread on which it began.
    of: PhantomData<(&'v (), *const ())>,
}

impl Drop for ScopedValue<'_> {
    fn drop(&mut self) {
        // While the thread ends, all its scopes may be gone already. The value is dropped outside of the borrow, for it
        // may itself have scopes.
        let value = SCOPES.try_with(|scopes| {
            let mut scopes = scopes.borrow_mut();
            let place = scopes.iter().rposition(|(_, scope, _)| *scope == self.scope);
            place.map(|place| scopes.remove(place))
        });
        drop(value);
    }
}

/// Lets [`ContextualValue::set_interactive`] set values. Where it is enabled already, nothing changes.
pub fn enable_interactive_context() {
    interactive().get_or_insert_default();
}

/// Puts all values back that were set interactively, the last one first, and lets no more be set so.
pub fn disable_interactive_context() {
    // Put back outside of the lock: a value's own code runs.
    let restore = interactive().take();
    restore.into_iter().flatten().rev().for_each(|restore| restore());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_scoped() {
        static VALUE: ContextualValue<&str> = ContextualValue::new("first");
        static OTHER: ContextualValue<&str> = ContextualValue::new("other");
        assert_eq!(VALUE.get(), "first");
        let outer = VALUE.set_scoped("outer");
        let inner = VALUE.set_scoped("inner");
        assert_eq!((VALUE.get(), OTHER.get()), ("inner", "other"));
        assert_eq!(std::thread::spawn(|| VALUE.get()).join().ok(), Some("first"));
        // In the wrong order, each takes away what it has set.
        drop(outer);
        assert_eq!(VALUE.get(), "inner");
        drop(inner);
        assert_eq!(VALUE.get(), "first");
        let unwound = std::panic::catch_unwind(|| {
            let _scope = VALUE.set_scoped("lost");
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(unwound.is_err() && VALUE.get() == "first");
    }

    #[test]
    fn set_globally() {
        static VALUE: ContextualValue<i32> = ContextualValue::new(1);
        let scope = VALUE.set_scoped(2);
        VALUE.set_globally(3);
        assert_eq!(VALUE.get(), 2, "a scope comes before");
        assert_eq!(std::thread::spawn(|| VALUE.get()).join().ok(), Some(3));
        drop(scope);
        assert_eq!(VALUE.get(), 3);
    }

    #[test]
    fn set_interactive() {
        static VALUE: ContextualValue<i32> = ContextualValue::new(1);
        disable_interactive_context();
        let error = VALUE.set_interactive(2).map_or_else(|error| error.to_string(), |()| String::new());
        assert_eq!(
            error,
            "ContextualValue::set_interactive: the interactive context is not enabled\n  help: in a notebook, call \
             `pz::enable_interactive_context()` first; in a program, write `let _scope = value.set_scoped(..)`"
        );
        enable_interactive_context();
        assert!(VALUE.set_interactive(2).is_ok() && VALUE.set_interactive(3).is_ok());
        enable_interactive_context();
        assert_eq!(VALUE.get(), 3);
        let _scope = VALUE.set_scoped(4);
        assert_eq!(VALUE.get(), 4);
        disable_interactive_context();
        assert_eq!(std::thread::spawn(|| VALUE.get()).join().ok(), Some(1));
        assert!(VALUE.set_interactive(5).is_err());
    }
}
