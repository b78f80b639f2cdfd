//! Numbers in programs, kept as arrays.
//!
//! `x + 1.0` needs an array that holds `1.0`. Programs say the same few numbers over and over, so each thread keeps
//! the arrays it made last, one for each place in a small table; an operation with a number then costs one node and
//! not two. Sharing one does no harm: nobody can write to an array that has a holder.

use std::cell::RefCell;

use super::Array;
use super::dtype::{DType, sealed::Stored, with_type};

/// Numbers kept by a thread.
const PLACES: usize = 64;

thread_local! {
    static KEPT: RefCell<[Option<(u64, Array)>; PLACES]> = const { RefCell::new([const { None }; PLACES]) };
}

impl Array {
    /// A number as an array without axes, in `dtype`.
    pub(crate) fn scalar_of(value: f64, dtype: DType) -> Self {
        let bits = value.to_bits();
        let place = (bits >> 44 ^ bits >> 20 ^ bits ^ dtype as u64) as usize % PLACES;
        let known = |kept: &RefCell<[Option<(u64, Array)>; PLACES]>| match &kept.borrow()[place] {
            Some((known, array)) if *known == bits && array.dtype() == dtype => Some(array.clone()),
            _ => None,
        };
        if let Some(array) = KEPT.try_with(known).ok().flatten() {
            return array;
        }
        let array = with_type!(dtype, T => Array::scalar(<T as Stored>::from_f64(value)));
        let entry = Some((bits, array.clone()));
        // The one that stood there is dropped when the table is no longer borrowed.
        let _before = KEPT.try_with(|kept| std::mem::replace(&mut kept.borrow_mut()[place], entry));
        array
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_number_is_one_array_in_each_dtype() {
        let one = Array::scalar_of(1.5, DType::F32);
        assert!(Arc::ptr_eq(one.as_node(), Array::scalar_of(1.5, DType::F32).as_node()));
        let other = Array::scalar_of(1.5, DType::F64);
        assert_eq!(other.dtype(), DType::F64);
        let minus_zero = Array::scalar_of(-0.0, DType::F32).read().unwrap().to_vec::<f32>();
        assert!(minus_zero[0].is_sign_negative());
        assert!(!Array::scalar_of(0.0, DType::F32).read().unwrap().to_vec::<f32>()[0].is_sign_negative());
        // More numbers than the table has places.
        for number in 0..1000 {
            let array = Array::scalar_of(f64::from(number), DType::I32);
            assert_eq!(array.read().unwrap().to_vec::<i32>(), [number]);
        }
    }
}
