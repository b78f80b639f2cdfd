//! Memory that a task works in: kept by its thread from one task to the next.
//!
//! A program over rows needs registers of some ten kilobytes for each task. Allocating them anew costs page faults,
//! and giving them back to the storage of freed arrays would push the large ones out of it.

use std::cell::RefCell;

use crate::array::dtype::Element;
use crate::array::storage::Data;

/// Vectors that a thread keeps.
const KEPT: usize = 32;

thread_local! {
    static VECTORS: RefCell<Vec<Data>> = const { RefCell::new(Vec::new()) };
}

/// A vector of `len` elements of any value.
pub(crate) fn take<T: Element>(len: usize) -> Vec<T> {
    let mut vector = take_longer(len);
    vector.truncate(len);
    vector
}

/// A vector of `len` elements of any value or more: where long and short ones take turns, nothing is written anew.
pub(crate) fn take_longer<T: Element>(len: usize) -> Vec<T> {
    let fitting = |kept: &RefCell<Vec<Data>>| {
        let mut kept = kept.borrow_mut();
        let at = kept.iter_mut().rposition(|data| T::vec_mut(data).is_some_and(|v| v.capacity() >= len))?;
        T::vec_mut(&mut kept.swap_remove(at)).map(std::mem::take)
    };
    let mut vector: Vec<T> = VECTORS.try_with(fitting).ok().flatten().unwrap_or_default();
    if vector.len() < len {
        vector.resize(len, T::default());
    }
    vector
}

/// Keeps a vector for the tasks to come.
pub(crate) fn keep(data: Data) {
    let kept = VECTORS.try_with(|kept| {
        let mut kept = kept.borrow_mut();
        if kept.len() < KEPT {
            kept.push(data);
            return None;
        }
        Some(data)
    });
    // Too many: this one goes, after the table is free again.
    drop(kept);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::dtype::sealed::Stored;

    #[test]
    fn vectors_are_used_again_in_any_length() {
        let first = take::<f32>(5000);
        let place = first.as_ptr();
        keep(f32::wrap(first));
        let other = take::<f64>(10);
        assert_ne!(other.as_ptr().cast::<f32>(), place);
        let again = take::<f32>(100);
        assert_eq!((again.as_ptr(), again.len()), (place, 100));
        keep(f32::wrap(again));
        let whole = take_longer::<f32>(5000);
        let longer = (whole.as_ptr(), whole.len());
        keep(f32::wrap(whole));
        let part = take_longer::<f32>(10);
        assert_eq!((part.as_ptr(), part.len()), longer);
        for _ in 0..100 {
            keep(f32::wrap(vec![1.0; 8]));
        }
        assert_eq!(take::<f32>(9000).len(), 9000);
    }
}
