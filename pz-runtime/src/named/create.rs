//! Making arrays, and reading them.

use std::sync::Arc;

use smallvec::SmallVec;

use super::{NamedArray, Role, Roles, hidden};
use crate::array::buffer::Buffer;
use crate::array::dtype::{sealed::Stored, with_type};
use crate::array::layout::{Dims, Layout, checked_len};
use crate::array::primitive::Spec;
use crate::array::storage::{Data, Foreign, has_room};
use crate::array::trace::{abstract_like, is_abstract};
use crate::array::{Array, DKind, DType, Element, caller, plan};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// Names, roles and sizes of a shape, judged: no name twice, no overflow.
fn judged<N: Into<AxisName>>(op: &str, shape: impl IntoIterator<Item = (N, usize)>) -> Result<(Roles, Dims)> {
    let (mut roles, mut dims) = (Roles::new(), Dims::new());
    for (name, size) in shape {
        let role = Role::Named(name.into());
        if roles.contains(&role) {
            return Err(Report::new(op, format!("the axis `{role:?}` is given twice")).shape());
        }
        roles.push(role);
        dims.push(size);
    }
    has_size(op, &dims)?;
    Ok((roles, dims))
}

fn has_size(op: &str, dims: &[usize]) -> Result<()> {
    match checked_len(dims) {
        Some(_) => Ok(()),
        None => Err(Report::new(op, format!("an array of shape {dims:?} is too large")).shape()),
    }
}

/// The number of steps from `start` to before `stop`.
fn steps<T: Element>(start: T, stop: T, step: T) -> Result<usize> {
    let refused = |problem: String, help: &str| Err(Report::new("arange_by", problem).help(help).value());
    let count = match T::DTYPE.kind() {
        DKind::Int => {
            let whole = |value: T| match T::DTYPE {
                DType::U64 => i128::from(value.to_bits64() as u64),
                _ => i128::from(value.to_bits64()),
            };
            let (way, step) = (whole(stop) - whole(start), whole(step));
            // Upwards: a part of a step leads to an element too.
            let part = i128::from(step != 0 && way % step != 0);
            (step != 0).then(|| if (way > 0) == (step > 0) { way / step + part } else { 0 })
        }
        DKind::Float => {
            let rounded = |value: f64| if T::DTYPE == DType::F64 { value } else { f64::from(value as f32) };
            let (start, stop, step) = (start.to_f64(), stop.to_f64(), step.to_f64());
            if ![start, stop, step].iter().all(|value| value.is_finite()) {
                return refused(
                    format!("from {start:?} to {stop:?} by {step:?} is no range of numbers"),
                    "give it finite numbers",
                );
            }
            let count = rounded(rounded(stop - start) / step).ceil();
            (step != 0.0).then_some(count.max(0.0) as i128)
        }
        DKind::Bool | DKind::Key => {
            let problem = format!("{} is no type to count in", T::DTYPE);
            return refused(problem, "count in numbers: `NamedArray::arange_by(\"n\", 0, 10, 2)`");
        }
    };
    match count.map(usize::try_from) {
        None => refused("the step is 0".into(), "a step goes forwards or backwards"),
        Some(Ok(count)) if count <= isize::MAX.unsigned_abs() => Ok(count),
        Some(_) => refused("the elements are too many to count".into(), "take a larger step"),
    }
}

fn count_fits(op: &str, len: usize, dims: &[usize]) -> Result<()> {
    match checked_len(dims) {
        Some(wanted) if wanted == len => Ok(()),
        wanted => {
            let wanted = wanted.map_or("too many".into(), |wanted| wanted.to_string());
            Err(Report::new(op, format!("{len} elements were given, and the shape {dims:?} has {wanted}"))
                .shape())
        }
    }
}

impl NamedArray {
    /// An array of `values`, in row-major order of the axes given.
    ///
    /// # Errors
    /// The number of values is not the product of the sizes; a name is given twice.
    #[track_caller]
    pub fn from_vec<T: Element, N: Into<AxisName>>(
        values: Vec<T>,
        shape: impl IntoIterator<Item = (N, usize)>,
    ) -> Result<Self> {
        let _call = caller::enter("from_vec");
        let (roles, dims) = judged("from_vec", shape)?;
        count_fits("from_vec", values.len(), &dims)?;
        Ok(NamedArray::new(Array::from_vec(values, &dims), roles))
    }

    /// An array of `values` in row-major order whose axes are all positional.
    ///
    /// # Errors
    /// The number of values is not the product of the sizes.
    #[track_caller]
    pub fn from_positional<T: Element>(values: Vec<T>, sizes: &[usize]) -> Result<Self> {
        let _call = caller::enter("from_positional");
        count_fits("from_positional", values.len(), sizes)?;
        let roles = (0..sizes.len()).map(Role::Positional).collect();
        Ok(NamedArray::new(Array::from_vec(values, sizes), roles))
    }

    /// An array over bytes that somebody else owns (a memory map), little-endian from byte `start` on. Bytes
    /// that do not lie on the alignment of `dtype` are copied.
    ///
    /// # Errors
    /// The owner's bytes end before the array does.
    #[track_caller]
    pub fn from_shared<N: Into<AxisName>>(
        owner: Arc<dyn AsRef<[u8]> + Send + Sync>,
        start: usize,
        dtype: DType,
        shape: impl IntoIterator<Item = (N, usize)>,
    ) -> Result<Self> {
        let _call = caller::enter("from_shared");
        let (roles, dims) = judged("from_shared", shape)?;
        if dtype == DType::Key {
            return Err(Report::new("from_shared", "random keys (dtype key) have no bytes of their own")
                .help("read their words as u32, and make keys of them: `words.wrap_key_data()`")
                .dtype());
        }
        let len: usize = dims.iter().product();
        let have = (*owner).as_ref().len();
        let end = len.checked_mul(dtype.size()).and_then(|bytes| start.checked_add(bytes));
        let Some(end) = end.filter(|&end| end <= have) else {
            let problem =
                format!("an array of {dtype}{dims:?} from byte {start} on does not fit into {have} bytes");
            return Err(Report::new("from_shared", problem).value());
        };
        let data = match Foreign::new(owner.clone(), start, len, dtype) {
            Some(foreign) => Data::Foreign(foreign),
            None => with_type!(dtype, T => T::wrap(copied::<T>(&(*owner).as_ref()[start..end]))),
        };
        let buffer = Buffer { data: Arc::new(data), layout: Layout::contiguous(&dims) };
        Ok(NamedArray::new(Array::from_buffer(buffer), roles))
    }

    /// One number, without axes.
    pub fn scalar<T: Element>(value: T) -> Self {
        NamedArray::new(Array::scalar(value), Roles::new())
    }

    /// An array that holds `value` everywhere. It takes the memory of one element.
    ///
    /// # Errors
    /// A name is given twice, or the size is beyond what can be counted.
    #[track_caller]
    pub fn full<T: Element, N: Into<AxisName>>(
        shape: impl IntoIterator<Item = (N, usize)>,
        value: T,
    ) -> Result<Self> {
        let _call = caller::enter("full");
        let (roles, dims) = judged("full", shape)?;
        Ok(NamedArray::new(Array::full_of(Array::scalar(value), &dims)?, roles))
    }

    /// An array with positional and named axes of these sizes and no value, to run a function on for its shapes alone.
    ///
    /// # Errors
    /// A name is given twice, or the size is beyond what can be counted.
    #[track_caller]
    pub(crate) fn without_value(
        positional: &[usize],
        named: impl IntoIterator<Item = (AxisName, usize)>,
        dtype: DType,
    ) -> Result<Self> {
        let (names, sizes) = judged("without_value", named)?;
        let roles = (0..positional.len()).map(Role::Positional).chain(names).collect();
        let dims: Dims = positional.iter().copied().chain(sizes).collect();
        has_size("without_value", &dims)?;
        Ok(NamedArray::new(abstract_like(&Spec { dims, dtype })?, roles))
    }

    /// An array with the axes and element type of this one, and no value.
    #[track_caller]
    pub(crate) fn like_without_value(&self) -> Result<Self> {
        Ok(NamedArray::new(abstract_like(self.array.spec())?, self.roles.clone()))
    }

    /// Whether this array waits to be computed.
    pub(crate) fn is_pending(&self) -> bool {
        self.array.is_pending()
    }

    /// Whether this array waits for one that has no value.
    pub(crate) fn is_abstract(&self) -> bool {
        is_abstract(&self.array)
    }

    /// An array of zeros.
    ///
    /// # Errors
    /// As [`full`](NamedArray::full).
    #[track_caller]
    pub fn zeros<N: Into<AxisName>>(
        shape: impl IntoIterator<Item = (N, usize)>,
        dtype: DType,
    ) -> Result<Self> {
        let _call = caller::enter("zeros");
        let (roles, dims) = judged("zeros", shape)?;
        Ok(NamedArray::new(Array::full(0.0, &dims, dtype)?, roles))
    }

    /// An array of ones.
    ///
    /// # Errors
    /// As [`full`](NamedArray::full).
    #[track_caller]
    pub fn ones<N: Into<AxisName>>(
        shape: impl IntoIterator<Item = (N, usize)>,
        dtype: DType,
    ) -> Result<Self> {
        let _call = caller::enter("ones");
        let (roles, dims) = judged("ones", shape)?;
        Ok(NamedArray::new(Array::full(1.0, &dims, dtype)?, roles))
    }

    /// `0, 1, …, size - 1` along the axis `name`, as `i32` (`i64` where that is too small).
    #[track_caller]
    pub fn arange(name: impl Into<AxisName>, size: usize) -> Self {
        let _call = caller::enter("arange");
        NamedArray::new(Array::iota(size), SmallVec::from_slice(&[Role::Named(name.into())]))
    }

    /// `start, start + step, …` up to and without `stop` along the axis `name`, in the dtype of the numbers.
    /// As in JAX, element `i` of floats is `start + i · step`, rounded twice.
    ///
    /// # Errors
    /// The step is 0; a number is infinite or NaN; the numbers are truth values or keys; there are too many elements
    /// to count.
    ///
    /// ```
    /// use pz::NamedArray;
    /// assert_eq!(NamedArray::arange_by("n", 2, 9, 3)?.to_vec::<i32>()?, [2, 5, 8]);
    /// assert_eq!(NamedArray::arange_by("n", 1.0, 0.0, -0.5)?.to_vec::<f64>()?, [1.0, 0.5]);
    /// assert!(NamedArray::arange_by("n", 0, 5, 0).is_err());
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn arange_by<T: Element>(name: impl Into<AxisName>, start: T, stop: T, step: T) -> Result<Self> {
        let _call = caller::enter("arange_by");
        let count = steps(start, stop, step)?;
        // In half precision places would be rounded before they are multiplied.
        let working = if T::DTYPE.is_half() { DType::F32 } else { T::DTYPE };
        let places = Array::iota(count).cast(working)?;
        let one = |value: T| Array::full_of(Array::scalar(value).cast(working)?, &[count]);
        let values = places.mul(&one(step)?)?.add(&one(start)?)?.cast(T::DTYPE)?;
        Ok(NamedArray::new(values, SmallVec::from_slice(&[Role::Named(name.into())])))
    }

    /// The elements in row-major order, the positional axes before the named ones. Evaluates the array.
    ///
    /// # Errors
    /// `T` is not the type of the elements, or computing them failed.
    #[track_caller]
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        let _call = caller::enter("to_vec");
        let buffer = self.prefixed::<T>("to_vec")?;
        has_room("to_vec", self.array.dims(), self.dtype())?;
        Ok(buffer.to_vec())
    }

    /// The elements, computed, the positional axes before the named ones.
    pub(super) fn prefixed<T: Element>(&self, op: &str) -> Result<Buffer> {
        if T::DTYPE != self.dtype() {
            let problem = format!("the elements are {}, and were asked for as {}", self.dtype(), T::DTYPE);
            return Err(Report::new(op, problem)
                .help(format!("cast first: `x.cast(DType::{:?})`", Shouted(T::DTYPE)))
                .dtype());
        }
        self.refuse_hidden(op)?;
        self.with_positional_prefix()?.array.read()
    }

    /// Refuses to read the slice of an array that a function under `nmap` is given: it stands for all slices.
    pub(super) fn refuse_hidden(&self, op: &str) -> Result<()> {
        if self.roles.iter().filter_map(|role| role.name()).any(hidden::is_hidden) {
            let slices = self.summary_text();
            if let Some(axes) = hidden::leaked(self) {
                let problem = format!("{slices} is a slice along {axes}, which is not running here");
                return Err(Report::new(op, problem)
                    .help("return it from the function that `nmap` was given, and use the result")
                    .value());
            }
            let axes = self.hidden_text();
            let problem =
                format!("{slices} stands for each slice along {axes}, and no single one has a value here");
            return Err(Report::new(op, problem)
                .help("read it outside of the function that `nmap` was given")
                .value());
        }
        Ok(())
    }

    /// The only element. Evaluates the array.
    ///
    /// # Errors
    /// The array has axes; or as [`to_vec`](NamedArray::to_vec).
    #[track_caller]
    pub fn item<T: Element>(&self) -> Result<T> {
        let _call = caller::enter("item");
        self.refuse_hidden("item")?;
        if !self.roles.is_empty() {
            let problem = format!(
                "the array has axes ({}), and only an array without axes is one item",
                self.axes_text()
            );
            return Err(Report::new("item", problem)
                .help("index the axes away: `x.index(\"axis\", 0)`")
                .shape());
        }
        Ok(self.to_vec::<T>()?[0])
    }

    /// The only element, of any integer dtype.
    ///
    /// # Errors
    /// As [`item`](NamedArray::item).
    #[track_caller]
    pub(crate) fn whole(&self) -> Result<i64> {
        // Nearly always that of an `i32` that is there already. To cast it would be an evaluation.
        if self.dtype() == DType::I32 {
            return self.item::<i32>().map(i64::from);
        }
        self.cast(DType::I64)?.item::<i64>()
    }

    /// Computes the elements now.
    ///
    /// # Errors
    /// Computing them failed.
    #[track_caller]
    pub fn eval(&self) -> Result<()> {
        let _call = caller::enter("eval");
        self.array.read().map(drop)
    }
}

/// Computes the elements of several arrays in one evaluation: what they have in common is computed once, and nothing in
/// between is kept. The updated parameters of a training step are read like this.
///
/// # Errors
/// Computing an array failed; all others have their elements.
///
/// ```
/// use pz::NamedArray;
/// let x = NamedArray::scalar(2f32).exp()?;
/// let (double, half) = (x.mul(2.0)?, x.div(2.0)?);
/// pz::eval([&double, &half])?;
/// assert_eq!(double.item::<f32>()?, 4.0 * half.item::<f32>()?);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn eval<'a>(arrays: impl IntoIterator<Item = &'a NamedArray>) -> Result<()> {
    let _call = caller::enter("eval");
    let arrays: Vec<&NamedArray> = arrays.into_iter().collect();
    let nodes: Vec<_> = arrays.iter().map(|array| array.array.as_node().clone()).collect();
    plan::evaluate(&nodes);
    arrays.into_iter().try_for_each(NamedArray::eval)
}

/// The variant's name of a dtype, for help texts.
struct Shouted(DType);

impl std::fmt::Debug for Shouted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = self.0.to_string();
        if self.0 == DType::Bool { f.write_str("Bool") } else { f.write_str(&name.to_uppercase()) }
    }
}

/// Elements out of unaligned little-endian bytes; a truth value is any byte but 0.
fn copied<T: Element>(bytes: &[u8]) -> Vec<T> {
    let size = T::DTYPE.size();
    let word = |chunk: &[u8]| {
        let mut word = [0u8; 8];
        word[..size].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    };
    bytes
        .chunks_exact(size)
        .map(|chunk| match T::DTYPE {
            DType::F16 => T::from_f64(half::f16::from_bits(word(chunk) as u16).to_f64()),
            DType::BF16 => T::from_f64(half::bf16::from_bits(word(chunk) as u16).to_f64()),
            DType::F32 => T::from_f64(f64::from(f32::from_bits(word(chunk) as u32))),
            DType::F64 => T::from_f64(f64::from_bits(word(chunk))),
            _ => T::from_bits64(word(chunk) as i64),
        })
        .collect()
}

macro_rules! from_scalars {
    ($($T:ty)*) => {
        $(impl From<$T> for NamedArray {
            fn from(value: $T) -> Self {
                NamedArray::scalar(value)
            }
        })*
    };
}
from_scalars!(bool u8 u16 u32 u64 i8 i16 i32 i64 half::f16 half::bf16 f32 f64);
