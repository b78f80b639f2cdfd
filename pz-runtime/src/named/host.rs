//! Arrays of other kinds in and out: `ndarray`'s, numbers, and text (`serde`).
//!
//! An owned `ndarray` array keeps its memory and its strides on the way in. On the way out, [`Elements`] looks at the
//! memory where it is, whatever its order; [`to_ndarray`](NamedArray::to_ndarray) copies it into an array of its own.

use std::marker::PhantomData;

use ndarray::{Array as HostArray, ArrayD, ArrayViewD, Axis as HostAxis, Dimension, IxDyn, ShapeBuilder};

use super::{NamedArray, Role};
use crate::array::buffer::Buffer;
use crate::array::layout::{Dims, Layout};
use crate::array::{Array, DKind, DType, Element, caller};
use crate::error::{Error, Report, Result};

/// All axes are positional. Nothing is copied, in whatever order the elements lie.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::from(ndarray::arr2(&[[1f32, 2., 3.], [4., 5., 6.]]).reversed_axes());
/// assert_eq!(x.positional_shape(), [3, 2]);
/// assert_eq!(x.tag(["row", "col"])?.sum("row")?.to_vec::<f32>()?, [6., 15.]);
/// # Ok::<(), pz::Error>(())
/// ```
impl<T: Element, D: Dimension> From<HostArray<T, D>> for NamedArray {
    fn from(array: HostArray<T, D>) -> Self {
        let (dims, strides) = (Dims::from_slice(array.shape()), array.strides().into());
        let (values, offset) = array.into_raw_vec_and_offset();
        let roles = (0..dims.len()).map(Role::Positional).collect();
        let layout = Layout { dims, strides, offset: offset.unwrap_or(0) };
        let data = std::sync::Arc::new(T::wrap(values));
        NamedArray::new(Array::from_buffer(Buffer { data, layout }), roles)
    }
}

/// The elements of an array where they are in memory: what [`NamedArray::elements`] gives.
pub struct Elements<T> {
    buffer: Buffer,
    element: PhantomData<T>,
}

impl<T: Element> Elements<T> {
    /// The elements, the positional axes before the named ones. Nothing is copied.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3, 4, 5, 6], [("a", 2), ("b", 3)])?.flip("b")?;
    /// let elements = x.order_as(["b", "a"])?.elements::<i32>()?;
    /// assert_eq!(elements.view(), ndarray::arr2(&[[3, 6], [2, 5], [1, 4]]).into_dyn());
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn view(&self) -> ArrayViewD<'_, T> {
        let Layout { dims, strides, offset } = &self.buffer.layout;
        if dims.contains(&0) {
            return ArrayViewD::from_shape(IxDyn(dims), &[]).expect("no elements take no memory");
        }
        // The lowest element, from which all strides go forwards; then the axes that go backwards are turned round.
        let backwards = |axis: &usize| strides[*axis] < 0;
        let lowest = (0..dims.len())
            .filter(backwards)
            .fold(*offset, |lowest, axis| lowest - strides[axis].unsigned_abs() * (dims[axis] - 1));
        let forwards: Vec<usize> = strides.iter().map(|stride| stride.unsigned_abs()).collect();
        let memory = &self.buffer.storage::<T>()[lowest..];
        let shape = IxDyn(dims).strides(IxDyn(&forwards));
        let mut view = ArrayViewD::from_shape(shape, memory).expect("a layout stays within its storage");
        (0..dims.len()).filter(backwards).for_each(|axis| view.invert_axis(HostAxis(axis)));
        view
    }
}

impl NamedArray {
    /// The elements in memory, to be looked at. Evaluates the array.
    ///
    /// # Errors
    /// `T` is not the type of the elements, or computing them failed.
    #[track_caller]
    pub fn elements<T: Element>(&self) -> Result<Elements<T>> {
        let _call = caller::enter("elements");
        let buffer = self.prefixed::<T>("elements")?;
        Ok(Elements { buffer, element: PhantomData })
    }

    /// The elements in an `ndarray` array, the positional axes before the named ones. Evaluates the array.
    ///
    /// # Errors
    /// `T` is not the type of the elements, or computing them failed.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3, 4], [("a", 2), ("b", 2)])?;
    /// assert_eq!(x.to_ndarray::<i32>()?, ndarray::arr2(&[[1, 2], [3, 4]]).into_dyn());
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn to_ndarray<T: Element>(&self) -> Result<ArrayD<T>> {
        let _call = caller::enter("to_ndarray");
        let dims: Vec<usize> = self.with_positional_prefix()?.array.dims().to_vec();
        let values = self.to_vec::<T>()?;
        ArrayD::from_shape_vec(IxDyn(&dims), values).map_err(|error| {
            Report::new("to_ndarray", format!("{dims:?} is no shape of ndarray's: {error}")).shape()
        })
    }
}

macro_rules! numbers {
    ($($T:ty)*) => {$(
        /// The number that the array is. Of a float the fraction is cut off, as in Rust's `as` and Python's `int`.
        ///
        /// # Errors
        /// The array has axes, of whatever sizes; the number is beyond the type's, or NaN; computing it failed.
        impl TryFrom<&NamedArray> for $T {
            type Error = Error;
            #[track_caller]
            fn try_from(array: &NamedArray) -> Result<Self> {
                let _call = caller::enter("try_from");
                match array.known_number()? {
                    Number::Whole(whole) => <$T>::try_from(whole).map_err(|_| beyond(whole, stringify!($T))),
                    Number::Float(float) => {
                        // The bounds as floats: the upper one may be rounded up to what is just beyond.
                        let fits = float.trunc() >= <$T>::MIN as f64 && float.trunc() < <$T>::MAX as f64 + 1.0;
                        // Of 64 bits adding 1 changes nothing, and the bound itself is beyond.
                        if fits { Ok(float as $T) } else { Err(beyond(float, stringify!($T))) }
                    }
                }
            }
        }
    )*};
}
numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

/// The number that the array is.
///
/// # Errors
/// The array has axes, of whatever sizes; computing it failed.
impl TryFrom<&NamedArray> for f64 {
    type Error = Error;
    #[track_caller]
    fn try_from(array: &NamedArray) -> Result<Self> {
        let _call = caller::enter("try_from");
        Ok(match array.known_number()? {
            Number::Whole(whole) => whole as f64,
            Number::Float(float) => float,
        })
    }
}

/// The number that the array is, rounded to the nearest `f32`.
///
/// # Errors
/// The array has axes, of whatever sizes; a finite number is beyond all of `f32`; computing it failed.
impl TryFrom<&NamedArray> for f32 {
    type Error = Error;
    #[track_caller]
    fn try_from(array: &NamedArray) -> Result<Self> {
        let _call = caller::enter("try_from");
        let number = f64::try_from(array)?;
        let rounded = number as f32;
        if rounded.is_infinite() && number.is_finite() { Err(beyond(number, "f32")) } else { Ok(rounded) }
    }
}

/// What a number is before it is of the type that was asked for.
enum Number {
    Whole(i128),
    Float(f64),
}

fn beyond(number: impl std::fmt::Debug, wanted: &str) -> Error {
    Report::new("try_from", format!("the number is {number:?}, which no {wanted} is"))
        .help("ask for a wider type: `i64::try_from(&x)`, `f64::try_from(&x)`")
        .value()
}

/// Whether the number that the array is differs from 0.
///
/// # Errors
/// The array has axes, of whatever sizes; computing it failed.
impl TryFrom<&NamedArray> for bool {
    type Error = Error;
    #[track_caller]
    fn try_from(array: &NamedArray) -> Result<Self> {
        let _call = caller::enter("try_from");
        Ok(match array.known_number()? {
            Number::Whole(whole) => whole != 0,
            Number::Float(float) => float != 0.0,
        })
    }
}

impl NamedArray {
    fn known_number(&self) -> Result<Number> {
        self.refuse_hidden("try_from")?;
        if !self.roles.is_empty() {
            let problem =
                format!("the number was asked for of an array that has axes ({})", self.axes_text());
            return Err(Report::new("try_from", problem)
                .help("index the axes away, `x.index(\"axis\", 0)`, or reduce them, `x.all(\"axis\")`")
                .shape());
        }
        Ok(match (self.dtype().kind(), self.dtype()) {
            (DKind::Key, _) => {
                return Err(Report::new("try_from", "a random key (dtype key) is no number")
                    .help("draw one from it: `key.uniform(())`")
                    .dtype());
            }
            (_, DType::U64) => Number::Whole(self.item::<u64>()?.into()),
            (DKind::Float, _) => Number::Float(self.cast(DType::F64)?.item()?),
            _ => Number::Whole(self.cast(DType::I64)?.item::<i64>()?.into()),
        })
    }
}
