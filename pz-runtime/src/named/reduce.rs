//! Reductions over named axes, and the composites that rest on them.

use smallvec::SmallVec;

use super::{Axes, NamedArray};
use crate::array::{Array, DType, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

impl NamedArray {
    #[track_caller]
    fn reduced(
        &self,
        op: &str,
        names: &[AxisName],
        f: impl Fn(&Array, &[usize]) -> Result<Array>,
    ) -> Result<NamedArray> {
        let _place = caller::enter();
        let axes = self.numbers(op, names)?;
        let roles =
            (0..self.roles.len()).filter(|axis| !axes.contains(axis)).map(|axis| self.roles[axis]).collect();
        Ok(NamedArray::new(f(&self.array, &axes)?, roles))
    }

    /// The sum over axes. Truth values are counted, and small integers added, in 32 bits.
    ///
    /// # Errors
    /// An axis is not there.
    #[track_caller]
    pub fn sum(&self, axes: impl Axes) -> Result<NamedArray> {
        let dtype = match self.dtype() {
            DType::Bool | DType::I8 | DType::I16 => DType::I32,
            DType::U8 | DType::U16 => DType::U32,
            other => other,
        };
        self.cast(dtype)?.reduced("sum", &axes.names(), Array::sum)
    }

    /// The mean over axes; of integers, as `f32`.
    ///
    /// # Errors
    /// An axis is not there.
    #[track_caller]
    pub fn mean(&self, axes: impl Axes) -> Result<NamedArray> {
        let _place = caller::enter();
        let names = axes.names();
        let count: usize = names.iter().filter_map(|name| self.size(name.as_str())).product();
        let floats = self.cast(self.dtype().to_float())?;
        floats.reduced("mean", &names, |array, axes| {
            let sum = array.sum(axes)?;
            sum.div(&sum.full_like(count as f64)?)
        })
    }

    /// The largest element over axes; NaN if there is one.
    ///
    /// # Errors
    /// An axis is not there or has size 0.
    #[track_caller]
    pub fn max(&self, axes: impl Axes) -> Result<NamedArray> {
        self.reduced("max", &axes.names(), Array::max)
    }

    /// The smallest element over axes; NaN if there is one.
    ///
    /// # Errors
    /// An axis is not there or has size 0.
    #[track_caller]
    pub fn min(&self, axes: impl Axes) -> Result<NamedArray> {
        self.reduced("min", &axes.names(), Array::min)
    }

    /// The place of the first largest element along an axis, as `i32`; of the first NaN if there is one.
    ///
    /// # Errors
    /// The axis is not there or has size 0.
    #[track_caller]
    pub fn argmax(&self, axis: impl Into<AxisName>) -> Result<NamedArray> {
        self.reduced("argmax", &[axis.into()], |array, axes| array.argmax(axes[0]))
    }

    /// The sum of the elements up to and with each place along an axis. Truth values are counted.
    ///
    /// # Errors
    /// The axis is not there.
    #[track_caller]
    pub fn cumsum(&self, axis: impl Into<AxisName>) -> Result<NamedArray> {
        let _place = caller::enter();
        let numbers = if self.dtype() == DType::Bool { self.cast(DType::I32)? } else { self.clone() };
        let axis = numbers.numbers("cumsum", &[axis.into()])?[0];
        Ok(NamedArray::new(numbers.array.cumsum(axis)?, numbers.roles.clone()))
    }

    /// `exp(x - max) / sum(exp(x - max))` over axes together, which come last in the result. The maximum is
    /// taken as a constant in derivatives, where it cancels.
    ///
    /// # Errors
    /// An axis is not there or has size 0.
    #[track_caller]
    pub fn softmax(&self, axes: impl Axes) -> Result<NamedArray> {
        let _place = caller::enter();
        let names = axes.names();
        let floats = self.cast(self.dtype().to_float())?;
        let numbers = floats.numbers("softmax", &names)?;
        if let Some(axis) = numbers.iter().find(|&&axis| floats.array.dims()[axis] == 0) {
            return Err(
                Report::new("softmax", format!("the axis `{:?}` has size 0", floats.roles[*axis])).shape()
            );
        }
        let rest = (0..floats.roles.len()).filter(|axis| !numbers.contains(axis));
        let order: SmallVec<[usize; 6]> = rest.chain(numbers.iter().copied()).collect();
        let x = floats.permuted(&order)?;
        let last: SmallVec<[usize; 6]> = (order.len() - numbers.len()..order.len()).collect();
        let (array, dims) = (&x.array, x.array.dims());
        let max = array.max(&last)?.broadcast_reduced(dims, &last)?;
        let exps = array.sub(&max)?.exp()?;
        let sum = exps.sum(&last)?.broadcast_reduced(dims, &last)?;
        Ok(NamedArray::new(exps.div(&sum)?, x.roles.clone()))
    }
}
