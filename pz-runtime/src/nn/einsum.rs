//! Sums of products over axes that are matched by an index, not by their name.
//!
//! Attention multiplies queries by keys, and both have an axis `seq` that means different tokens: an index
//! (`tq`, `tkv`) tells them apart. Axes are renamed to their indices, contracted by name two at a time, and
//! renamed to what the output calls them; all other axes are batch axes and keep their names.

use super::{Layer, SideInputs, Value};
use crate::AxisName;
use crate::error::{Report, Result};
use crate::named::{self, NamedArray};

/// Axes of one array, each with its summation index.
pub type IndexedAxes = Vec<(AxisName, AxisName)>;

/// Contracts a tuple of arrays.
///
/// Axes with the same index have the same size and are multiplied entry by entry; an index that the output does
/// not name is summed over; an index twice in one array takes the diagonal. Other axes must be in all arrays
/// with one size each: they come first in the result, then the output's axes in the order given.
///
/// ```
/// use pz::nn::{Layer, NamedEinsum, SideInputs, Value};
/// use pz::NamedArray;
/// let scores = NamedEinsum::new(
///     &[&[("seq", "tq"), ("projection", "p")], &[("seq", "tkv"), ("projection", "p")]],
///     &[("seq", "tq"), ("kv_seq", "tkv")],
/// );
/// let query = NamedArray::from_vec(vec![1.0_f32, 2.0], [("seq", 1), ("projection", 2)])?;
/// let keys = NamedArray::from_vec(vec![3.0_f32, 4.0, 5.0, 6.0], [("seq", 2), ("projection", 2)])?;
/// let out = scores.call(Value::from([query, keys]), &SideInputs::new())?.into_array("example")?;
/// assert_eq!(out.to_vec::<f32>()?, [11.0, 17.0]);
/// # Ok::<(), pz::Error>(())
/// ```
///
/// # Errors
/// The input is not a tuple of as many arrays as there are lists of axes; an array is not of a floating type,
/// has positional axes, or lacks an axis; sizes of an index or batch axes differ; the output names an index that
/// no input has, or one twice.
#[crate::pytree_dataclass]
pub struct NamedEinsum {
    /// For each input, its axes with their indices.
    #[pytree(static)]
    pub input_axes: Vec<IndexedAxes>,
    /// The output's axes with their indices.
    #[pytree(static)]
    pub output_axes: IndexedAxes,
}

impl NamedEinsum {
    /// An einsum of these inputs and this output: for each array its axes with their indices.
    pub fn new(inputs: &[&[(&'static str, &'static str)]], output: &[(&'static str, &'static str)]) -> Self {
        let indexed = |axes: &[(&'static str, &'static str)]| -> IndexedAxes {
            axes.iter().map(|(axis, index)| (AxisName::new(axis), AxisName::new(index))).collect()
        };
        NamedEinsum {
            input_axes: inputs.iter().map(|axes| indexed(axes)).collect(),
            output_axes: indexed(output),
        }
    }

    /// The arrays of the argument.
    fn arrays(&self, input: Value) -> Result<Vec<NamedArray>> {
        let wanted = self.input_axes.len();
        let given = match input {
            Value::Tuple(items) if items.len() == wanted && wanted > 0 => {
                return items.into_iter().map(|item| item.into_array("NamedEinsum")).collect();
            }
            Value::Tuple(items) => format!("a tuple of {}", items.len()),
            Value::Array(_) => "one array".into(),
        };
        Err(Report::new("NamedEinsum", format!("takes a tuple of {wanted} arrays, and was given {given}"))
            .shape())
    }

    /// Everything about the arrays that does not fit, at once.
    fn check(&self, arrays: &[NamedArray], batch: &[(AxisName, usize)]) -> Result<()> {
        let mut problems = Vec::new();
        // Each index with its size, and the axis and the input that it has it from.
        let mut indices: Vec<(AxisName, usize, (AxisName, usize))> = Vec::new();
        let place = |(axis, position): (AxisName, usize)| format!("`{axis}` of input {position}");
        for (position, (array, axes)) in arrays.iter().zip(&self.input_axes).enumerate() {
            if !array.dtype().is_float() {
                problems
                    .push(format!("input {position} is {}, and must be of a floating type", array.dtype()));
            }
            if !array.positional_shape().is_empty() {
                let shape = array.positional_shape();
                problems.push(format!("input {position} has positional axes {shape:?}, and must have none"));
            }
            for (axis, index) in axes {
                match (array.size(axis), indices.iter().find(|(known, ..)| known == index)) {
                    (None, _) => {
                        let given = array.named_shape();
                        problems
                            .push(format!("input {position} has no axis `{axis}`; its axes are {given:?}"));
                    }
                    (Some(size), None) => indices.push((*index, size, (*axis, position))),
                    (Some(size), Some((_, known, first))) if *known != size => problems.push(format!(
                        "index `{index}` has size {known} from {}, and size {size} from {}",
                        place(*first),
                        place((*axis, position))
                    )),
                    (Some(_), Some(_)) => {}
                }
            }
            let own = batch_axes(array, axes);
            if own.len() != batch.len() || own.iter().any(|axis| !batch.contains(axis)) {
                problems.push(format!(
                    "axes without an index must be the same in all inputs: input 0 has {batch:?}, input {position} has {own:?}"
                ));
            }
        }
        for (place, (axis, index)) in self.output_axes.iter().enumerate() {
            if !self.input_axes.iter().flatten().any(|(_, known)| known == index) {
                problems.push(format!("the output's axis `{axis}` has index `{index}`, which no input has"));
            }
            if let Some((first, _)) = self.output_axes[..place].iter().find(|(_, known)| known == index) {
                problems
                    .push(format!("index `{index}` stands twice in the output, for `{first}` and `{axis}`"));
            }
            if batch.iter().any(|(name, _)| name == axis) {
                problems
                    .push(format!("the output's axis `{axis}` is an axis without an index in the inputs"));
            }
        }
        match Report::of("NamedEinsum", problems) {
            Some(report) => Err(report.shape()),
            None => Ok(()),
        }
    }

    /// Sums over the indices that nothing after `step` needs, and takes them off the list.
    fn sum_finished(
        &self,
        step: usize,
        product: NamedArray,
        open: &mut Vec<AxisName>,
        names: &Names<'_>,
    ) -> Result<NamedArray> {
        let finished: Vec<AxisName> =
            open.iter().copied().filter(|index| !self.needs_after(step, *index)).collect();
        if finished.is_empty() {
            return Ok(product);
        }
        open.retain(|index| !finished.contains(index));
        product.sum(names.stand_ins(&finished))
    }

    /// Whether the output or an input after `step` has this index; if not, step `step` sums over it.
    fn needs_after(&self, step: usize, index: AxisName) -> bool {
        let later = self.input_axes[step + 1..].iter().flatten();
        self.output_axes.iter().chain(later).any(|(_, other)| *other == index)
    }
}

impl Layer for NamedEinsum {
    fn call(&self, input: Value, _side: &SideInputs) -> Result<Value> {
        let arrays = self.arrays(input)?;
        let batch = batch_axes(&arrays[0], &self.input_axes[0]);
        self.check(&arrays, &batch)?;
        let names = Names { batch: &batch };

        let (mut product, mut open) = names.by_index(&arrays[0], &self.input_axes[0])?;
        product = self.sum_finished(0, product, &mut open, &names)?;
        for (step, (array, axes)) in arrays.iter().zip(&self.input_axes).enumerate().skip(1) {
            let (array, own) = names.by_index(array, axes)?;
            let contracted: Vec<AxisName> = own
                .iter()
                .copied()
                .filter(|index| open.contains(index) && !self.needs_after(step, *index))
                .collect();
            product = named::contract(names.stand_ins(&contracted), &product, &array)?;
            let new: Vec<AxisName> = own.into_iter().filter(|index| !open.contains(index)).collect();
            open.extend(new);
            open.retain(|index| !contracted.contains(index));
            product = self.sum_finished(step, product, &mut open, &names)?;
        }

        let (output, indices): (Vec<AxisName>, Vec<AxisName>) = self.output_axes.iter().copied().unzip();
        let indices = names.stand_ins(&indices);
        let order: Vec<AxisName> = batch.iter().map(|(name, _)| name).chain(&indices).copied().collect();
        Ok(product.order_as(order)?.rename(indices, output)?.into())
    }
}

/// The axes of `array` that have no index.
fn batch_axes(array: &NamedArray, axes: &IndexedAxes) -> Vec<(AxisName, usize)> {
    let mut batch = array.named_shape();
    batch.retain(|(name, _)| axes.iter().all(|(axis, _)| axis != name));
    batch
}

/// How indices are called as axes while the product is made: by themselves, unless a batch axis has that name.
struct Names<'a> {
    batch: &'a [(AxisName, usize)],
}

impl Names<'_> {
    fn stand_in(&self, index: AxisName) -> AxisName {
        let taken = |name: AxisName| self.batch.iter().any(|(axis, _)| *axis == name);
        if !taken(index) {
            return index;
        }
        (0..=self.batch.len())
            .map(|number| AxisName::from(format!("index `{index}` ({number})")))
            .find(|name| !taken(*name))
            .unwrap_or(index)
    }

    fn stand_ins(&self, indices: &[AxisName]) -> Vec<AxisName> {
        indices.iter().map(|index| self.stand_in(*index)).collect()
    }

    /// The array with its axes called by their indices, each index once, and the list of these indices.
    fn by_index(&self, array: &NamedArray, axes: &IndexedAxes) -> Result<(NamedArray, Vec<AxisName>)> {
        let mut array = array.clone();
        let mut kept: IndexedAxes = Vec::with_capacity(axes.len());
        for (axis, index) in axes {
            match kept.iter().find(|(_, known)| known == index) {
                None => kept.push((*axis, *index)),
                Some((first, _)) => array = diagonal(&array, *first, *axis)?,
            }
        }
        let (axes, indices): (Vec<AxisName>, Vec<AxisName>) = kept.into_iter().unzip();
        let array = array.rename(axes, self.stand_ins(&indices))?;
        Ok((array, indices))
    }
}

/// What stands at the same place of `first` and `second`, along `first`.
fn diagonal(array: &NamedArray, first: AxisName, second: AxisName) -> Result<NamedArray> {
    let places = |axis: AxisName| NamedArray::arange(axis, array.size(axis).unwrap_or_default());
    places(first).equal(places(second))?.select(array, 0.0)?.sum(second)
}
