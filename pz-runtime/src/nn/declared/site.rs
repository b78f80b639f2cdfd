//! Where a layer is built: its name, where its parameters come from, and the sizes of the model.

use super::types::dtype_of;
use crate::AxisName;
use crate::array::DType;
use crate::error::{Report, Result};
use crate::nn::Init;
use crate::shape::{Axes, Axis, Signature, Size};

/// Models inside one another at most: a model that contains itself would be built without end.
const MOST_NESTED: usize = 100;

/// The place of a layer in a model that is being built.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    name: String,
    init: Init<'a>,
    signature: &'static Signature,
    values: Vec<Option<usize>>,
    /// The element type that reaches the layer, where it is known.
    reached: Option<DType>,
}

/// Gives the symbols of quotients their values, where the values of the others have them.
pub(super) fn set_quotients(signature: &Signature, values: &mut [Option<usize>]) {
    for (above, below, symbol) in signature.quotients {
        let quotient = match (above.value(values), below.value(values)) {
            (Some(above), Some(below)) if below > 0 && above % below == 0 => Some(above / below),
            _ => None,
        };
        if let Some(value) = values.get_mut(usize::from(*symbol)) {
            *value = quotient;
        }
    }
}

impl<'a> Site<'a> {
    /// The place of a whole model: `parameters` are the values of its const generics, `conditions` the texts of those that
    /// it states.
    ///
    /// # Errors
    /// A condition that does not hold; a model that contains itself.
    pub fn new(
        signature: &'static Signature,
        name: &str,
        init: impl Into<Init<'a>>,
        parameters: &[usize],
        conditions: &[&str],
    ) -> Result<Self> {
        if name.split('/').count() > MOST_NESTED {
            let problem = format!("models are nested more than {MOST_NESTED} deep");
            return Err(Report::new(signature.name, problem).help("does a model contain itself?").shape());
        }
        let mut values: Vec<Option<usize>> = parameters.iter().copied().map(Some).collect();
        values.resize(signature.symbols.len(), None);
        set_quotients(signature, &mut values);
        let given = || {
            let given = signature.symbols.iter().zip(parameters);
            given.map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
        };
        // A size that cannot be computed of these parameters is equal to none.
        let holds = |(left, right): &(Size, Size)| {
            let left = left.value(&values);
            left.is_some() && left == right.value(&values)
        };
        let failed = signature.equal.iter().zip(conditions).filter(|(pair, _)| !holds(pair));
        let mut problems: Vec<String> =
            failed.map(|(_, text)| format!("`where {text}` does not hold for {}", given())).collect();
        for (symbol, value) in signature.symbols.iter().zip(parameters) {
            if *value == 0 {
                problems.push(format!("`{symbol}` is 0, and a size is at least 1"));
            }
        }
        match Report::of(format_args!("{}::init", signature.name), problems) {
            Some(report) => Err(report.shape()),
            None => Ok(Site { name: name.to_owned(), init: init.into(), signature, values, reached: None }),
        }
    }

    /// The place of a part of the layer here.
    #[must_use]
    pub fn part(&self, part: &str) -> Self {
        Site { name: format!("{}/{part}", self.name), ..self.clone() }
    }

    /// The place of a part of the layer here, which these axes reach.
    #[must_use]
    pub fn part_after(&self, part: &str, before: &Axes) -> Self {
        let reached = before.elements.is_exact().then(|| dtype_of(&before.elements));
        Site { reached: reached.filter(|dtype| dtype.is_float()), ..self.part(part) }
    }

    /// The element type of the layer's own arrays: the one that an option gives, or the floating type that reaches the
    /// layer, or [`DType::F32`] where the model's header leaves that open.
    pub fn dtype(&self, given: Option<DType>) -> DType {
        given.or(self.reached).unwrap_or(DType::F32)
    }

    /// This place, with parameters from elsewhere.
    pub(super) fn with_init<'b>(&self, init: Init<'b>) -> Site<'b> {
        Site {
            name: self.name.clone(),
            init,
            signature: self.signature,
            values: self.values.clone(),
            reached: None,
        }
    }

    /// The name of the layer here, which its parameters' labels begin with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the parameters come from.
    pub fn init(&self) -> Init<'a> {
        self.init
    }

    /// The value of a size.
    ///
    /// # Errors
    /// The size is below 1 or larger than there can be, for the parameters that the model has.
    pub(super) fn value(&self, axis: &str, size: &Size) -> Result<usize> {
        match size.value(&self.values) {
            Some(value) if value > 0 => Ok(value),
            _ => {
                let text = crate::shape::Text::EMPTY.size(size, self.signature.symbols);
                let problem = format!(
                    "the size of `{axis}` is {}, which is not a number from 1 up here",
                    text.as_str()
                );
                Err(Report::new(&self.name, problem).help("give the model other parameters").shape())
            }
        }
    }

    /// The axes of a form; a size that was left out is that of the axis which the layer meets.
    ///
    /// # Errors
    /// A size that is not a number from 1 up.
    pub fn axes(&self, axes: &[Axis], before: &Axes, others: &[Axis]) -> Result<FormAxes> {
        let sized = |(place, axis): (usize, &Axis)| -> Result<(AxisName, Option<usize>)> {
            let met = || before.find(axis.name).and_then(|found| before.at(found).size);
            let twin = || crate::shape::find(others, axis.name).and_then(|found| others[found].size);
            let paired = || {
                let other = others.get(place)?;
                other.size.or_else(|| before.find(other.name).and_then(|found| before.at(found).size))
            };
            let size = axis.size.or_else(twin).or_else(met).or_else(paired);
            let open = size.filter(|size| size.value(&self.values).is_none() && size.fault().is_none());
            let value = match (size, open) {
                (None, _) => None,
                (Some(size), Some(_)) if self.is_open(&size) => None,
                (Some(size), _) => Some(self.value(axis.name, &size)?),
            };
            Ok((AxisName::new(axis.name), value))
        };
        let all = axes.iter().enumerate().map(sized).collect::<Result<_>>()?;
        Ok(FormAxes { axes: all, layer: self.name.clone() })
    }

    /// Whether an axis of open size is in it.
    fn is_open(&self, size: &Size) -> bool {
        let known: Vec<Option<usize>> = self.values.iter().map(|value| Some(value.unwrap_or(1))).collect();
        size.value(&known).is_some() && size.value(&self.values).is_none()
    }
}

/// The axes that an entry of a `model!` gives to a layer.
#[derive(Clone, Debug)]
pub struct FormAxes {
    axes: Vec<(AxisName, Option<usize>)>,
    layer: String,
}

impl FormAxes {
    /// The names, in order.
    pub fn names(&self) -> Vec<AxisName> {
        self.axes.iter().map(|(name, _)| *name).collect()
    }

    /// The names with their sizes.
    ///
    /// # Errors
    /// An axis whose size is open.
    pub fn sized(&self) -> Result<Vec<(AxisName, usize)>> {
        let sized = |(name, size): &(AxisName, Option<usize>)| {
            size.map(|size| (*name, size)).ok_or_else(|| {
                Report::new(&self.layer, format!("the size of `{name}` is open, and the layer needs it"))
                    .help(format!("declare it, such as `{name}: 64`"))
                    .shape()
            })
        };
        self.axes.iter().map(sized).collect()
    }
}
