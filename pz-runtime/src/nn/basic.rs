//! Layers without parameters: functions of each element, softmax, casts, factors.

use std::any::Any;
use std::fmt;
use std::hash::Hasher;

use super::{ActsOver, ArrayLayer, FormAxes, KeepsShape, Layer, SideInputs, Site, Slot, Value};
use crate::AxisName;
use crate::array::DType;
use crate::error::Result;
use crate::named::NamedArray;
use crate::shape::{Elements, Types};
use crate::tree::Static;

/// A function of each element, known by its name.
///
/// Functions are structure: two trees are alike only if theirs are the same, which Rust cannot ask of a
/// closure. A [`Custom`](Activation::Custom) function therefore brings a name, and is compared by it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `x Φ(x)` in its tanh approximation (Hendrycks and Gimpel 2016), as JAX's default.
    Gelu,
    /// `x Φ(x)` by the error function.
    GeluExact,
    /// `x sigmoid(x)`, also called swish.
    Silu,
    /// `1 / (1 + e^-x)`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// Another function, by its name.
    Custom(&'static str, fn(&NamedArray) -> Result<NamedArray>),
}

impl Activation {
    /// The function's name.
    pub fn name(&self) -> &'static str {
        match self {
            Activation::Relu => "relu",
            Activation::Gelu => "gelu",
            Activation::GeluExact => "gelu_exact",
            Activation::Silu => "silu",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Custom(name, _) => name,
        }
    }

    /// Applies the function.
    ///
    /// # Errors
    /// The function cannot work on this element type.
    pub fn apply(&self, input: &NamedArray) -> Result<NamedArray> {
        match self {
            Activation::Relu => input.relu(),
            Activation::Gelu => input.gelu(),
            Activation::GeluExact => input.gelu_exact(),
            Activation::Silu => input.silu(),
            Activation::Sigmoid => input.sigmoid(),
            Activation::Tanh => input.tanh(),
            Activation::Custom(_, function) => function(input),
        }
    }

    /// The function that is so called, where it is one of those above.
    pub fn named(name: &str) -> Option<Self> {
        use Activation::{Gelu, GeluExact, Relu, Sigmoid, Silu, Tanh};
        [Relu, Gelu, GeluExact, Silu, Sigmoid, Tanh].into_iter().find(|activation| activation.name() == name)
    }

    fn is_custom(&self) -> bool {
        matches!(self, Activation::Custom(..))
    }
}

impl PartialEq for Activation {
    fn eq(&self, other: &Self) -> bool {
        self.is_custom() == other.is_custom() && self.name() == other.name()
    }
}

impl Eq for Activation {}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Static for Activation {
    fn same(&self, other: &dyn Static) -> bool {
        (other as &dyn Any).downcast_ref::<Activation>() == Some(self)
    }
    fn hash_into(&self, state: &mut dyn Hasher) {
        state.write_u8(self.is_custom().into());
        state.write(self.name().as_bytes());
    }
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Applies a function to each element.
///
/// ```
/// use pz::NamedArray;
/// use pz::nn::{Activation, ArrayLayer, Elementwise, SideInputs};
/// let relu = Elementwise { function: Activation::Relu };
/// let x = NamedArray::from_vec(vec![-1.0_f32, 2.0], [("x", 2)])?;
/// assert_eq!(relu.apply(x, &SideInputs::new())?.to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), pz::Error>(())
/// ```
#[crate::pytree_dataclass]
pub struct Elementwise {
    /// The function.
    #[pytree(static)]
    pub function: Activation,
}

impl ArrayLayer for Elementwise {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> Result<NamedArray> {
        self.function.apply(&input)
    }
}

/// `Elementwise(relu)` in a `model!`.
impl KeepsShape for Elementwise {
    type Argument = Activation;
    type Options = ();
    const TAKES: Elements = Elements::FLOAT;
    fn keeping(_: &Site<'_>, function: Activation, (): ()) -> Result<Slot<Self>> {
        Ok(Slot::new(Elementwise { function }))
    }
}

/// `exp(x) / sum(exp(x))`, the sum running over all of `axes` together. These axes come last in the result.
#[crate::pytree_dataclass]
pub struct Softmax {
    /// The axes over which the result sums to 1.
    #[pytree(static)]
    pub axes: Vec<AxisName>,
}

impl Softmax {
    /// A softmax over these axes.
    pub fn new(axes: impl IntoIterator<Item = impl Into<AxisName>>) -> Self {
        Softmax { axes: axes.into_iter().map(Into::into).collect() }
    }
}

impl ArrayLayer for Softmax {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> Result<NamedArray> {
        input.softmax(&self.axes)
    }
}

/// `Softmax { axes }` in a `model!`.
impl ActsOver for Softmax {
    type Options = ();
    const TYPES: Types = Types::Kept;
    fn over(_: &Site<'_>, axes: &FormAxes, (): ()) -> Result<Slot<Self>> {
        Ok(Slot::new(Softmax { axes: axes.names() }))
    }
}

/// Gives its input back.
#[crate::pytree_dataclass]
pub struct Identity {}

impl Layer for Identity {
    fn call(&self, input: Value, _side: &SideInputs) -> Result<Value> {
        Ok(input)
    }
}

/// `Identity()` in a `model!`.
impl KeepsShape for Identity {
    type Argument = ();
    type Options = ();
    fn keeping(_: &Site<'_>, (): (), (): ()) -> Result<Slot<Self>> {
        Ok(Slot::new(Identity {}))
    }
}

/// Converts each array of the input to another element type.
#[crate::pytree_dataclass]
pub struct CastToDType {
    /// The element type of the result.
    #[pytree(static)]
    pub dtype: DType,
}

impl Layer for CastToDType {
    fn call(&self, input: Value, _side: &SideInputs) -> Result<Value> {
        each_array(input, |array| array.cast(self.dtype))
    }
}

/// `CastToDType(bf16)` in a `model!`.
impl KeepsShape for CastToDType {
    type Argument = DType;
    type Options = ();
    const TYPES: Types = Types::Argument;
    fn keeping(_: &Site<'_>, dtype: DType, (): ()) -> Result<Slot<Self>> {
        Ok(Slot::new(CastToDType { dtype }))
    }
}

/// The options of a layer with a constant in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConstantOptions {
    /// The element type of the constant, where it is not that of the input.
    pub dtype: Option<DType>,
}

/// Multiplies each array of the input by a constant.
#[crate::pytree_dataclass]
pub struct ConstantRescale {
    /// The factor. It is no parameter: training leaves it alone.
    pub by: NamedArray,
}

impl Layer for ConstantRescale {
    fn call(&self, input: Value, _side: &SideInputs) -> Result<Value> {
        each_array(input, |array| array.mul(&self.by))
    }
}

/// `ConstantRescale(0.125)` in a `model!`.
impl KeepsShape for ConstantRescale {
    type Argument = f32;
    type Options = ConstantOptions;
    const TAKES: Elements = Elements::FLOAT;
    const TYPES: Types = Types::Promoted;
    fn keeping(site: &Site<'_>, by: f32, options: ConstantOptions) -> Result<Slot<Self>> {
        Ok(Slot::new(ConstantRescale { by: NamedArray::scalar(by).cast(site.dtype(options.dtype))? }))
    }
}

/// `tanh(x / cap) cap`: keeps `x` between `-cap` and `cap`, and small `x` nearly as they are.
#[crate::pytree_dataclass]
pub struct TanhSoftCap {
    /// The cap.
    pub soft_cap: NamedArray,
}

impl ArrayLayer for TanhSoftCap {
    fn apply(&self, input: NamedArray, _side: &SideInputs) -> Result<NamedArray> {
        let dtype = input.dtype();
        let cap = if dtype.is_float() { self.soft_cap.cast(dtype)? } else { self.soft_cap.clone() };
        input.div(&cap)?.tanh()?.mul(&cap)
    }
}

/// `TanhSoftCap(30.0)` in a `model!`.
impl KeepsShape for TanhSoftCap {
    type Argument = f32;
    type Options = ConstantOptions;
    const TAKES: Elements = Elements::FLOAT;
    fn keeping(site: &Site<'_>, cap: f32, options: ConstantOptions) -> Result<Slot<Self>> {
        Ok(Slot::new(TanhSoftCap { soft_cap: NamedArray::scalar(cap).cast(site.dtype(options.dtype))? }))
    }
}

/// Maps the arrays of a value, those in tuples within tuples included.
pub(super) fn each_array(
    value: Value,
    mut function: impl FnMut(NamedArray) -> Result<NamedArray>,
) -> Result<Value> {
    let begun = |items: Vec<Value>| (Vec::with_capacity(items.len()), items.into_iter());
    let (mut finished, mut rest) = match value {
        Value::Array(array) => return function(array).map(Value::Array),
        Value::Tuple(items) => begun(items),
    };
    let mut outer = Vec::new();
    loop {
        match rest.next() {
            Some(Value::Array(array)) => finished.push(Value::Array(function(array)?)),
            Some(Value::Tuple(items)) => {
                outer.push((finished, rest));
                (finished, rest) = begun(items);
            }
            None => {
                let done = Value::Tuple(finished);
                match outer.pop() {
                    None => return Ok(done),
                    Some(tuple) => (finished, rest) = tuple,
                }
                finished.push(done);
            }
        }
    }
}
