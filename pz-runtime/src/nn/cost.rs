//! What a model costs, known before anything is allocated.
//!
//! The model runs on arrays that have a shape and no value. The graph that comes of it is planned as it would be for an
//! evaluation, and each product, each step and each parameter is put down to the layer that it belongs to.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};
use std::fmt;

use super::basic::each_array;
use super::rehearsal::Rehearsal;
use super::{AnyLayer, KeyValueCache, Layer, SideInputs, Value};
use crate::array::trace::traced;
use crate::array::{Array, caller, plan};
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::path::KeyPath;
use crate::path::scope::{self, Scope};
use crate::tree::{PyTree, Walk, visit};
use crate::vars::{Parameter, ParameterSlot, ParameterValue, StateVariable};

/// What one layer costs, the layers inside it included.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerCost {
    /// Where the layer is in the model. All layers of a [`LayerStack`](super::LayerStack) are one.
    pub path: KeyPath,
    /// The layer's type.
    pub layer: &'static str,
    /// Numbers that are learned or frozen. A parameter that is in several places counts in the first.
    pub parameters: u128,
    /// The bytes of these.
    pub parameter_bytes: u128,
    /// Multiplications that are added up: one for each number that a contraction or a convolution adds to a sum. (Two
    /// floating-point operations each.) Of branches the dearest counts, and a loop whose end depends on values counts
    /// as one round.
    pub multiply_adds: u128,
    /// The most bytes that values take at one time while the layer runs, the layer's own and those that others still need:
    /// the operands and results of the step that runs, and what later steps read, in the planner's order, views and
    /// updates in place counted once. A step that is fused of operations of several layers counts in each. Parameters, inputs, caches and the few kilobytes that a kernel works in are not
    /// counted; results of the model are.
    pub peak_bytes: u128,
    /// The bytes of caches of keys and values.
    pub cache_bytes: u128,
}

/// What a model costs, layer by layer. Prints as a table.
///
/// ```
/// use pz::nn::{self, Affine, LinearConfig, SideInputs};
/// use pz::{DType, NamedArray, nn::Init};
/// let layer = Affine::from_config("out", Init::Slots, &LinearConfig::new([("x", 64)], [("y", 10)]))?;
/// let input = NamedArray::zeros([("batch", 32), ("x", 64)], DType::F32)?;
/// let cost = nn::cost(&layer, input, &SideInputs::new())?;
/// assert_eq!(cost.whole().parameters, 64 * 10 + 10);
/// assert_eq!(cost.whole().multiply_adds, 32 * 64 * 10);
/// println!("{cost}");
/// # Ok::<(), pz::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    layers: Vec<LayerCost>,
}

/// What it costs to call a layer on an input of this shape, whose values are not looked at. Nothing is computed or
/// allocated, variables keep what they hold, and parameters may be missing where their slots know their shapes, as those of
/// [`Init::Slots`](super::Init::Slots) do.
///
/// # Errors
/// What a layer says of its input; a layer that reads a value which is not there; a slot of unknown shape.
#[track_caller]
pub fn cost(layer: &dyn Layer, input: impl Into<Value>, side: &SideInputs) -> Result<Cost> {
    let call = caller::at(caller::here());
    let found = of(layer, input.into(), side);
    drop(call);
    found
}

fn of(layer: &dyn Layer, input: Value, side: &SideInputs) -> Result<Cost> {
    let mut rehearsal = Rehearsal::forgetful();
    let (model, side) = (rehearsal.of_layer(layer)?, rehearsal.of_side(side)?);
    let input = each_array(input, |array| rehearsal.of_array(&array))?;
    let outside = scope::current().depth();
    let (output, _) = traced(|| model.call(input, &side))?;
    let mut wanted: Vec<Array> = Vec::new();
    each_array(output, |array| {
        wanted.push(array.array.clone());
        Ok(array)
    })?;
    wanted.extend(rehearsal.held().into_iter().map(|array| array.array.clone()));
    let graph = plan::cost(&wanted);

    let mut table = Table::of(&model)?;
    for (scope, count) in &graph.multiply_adds {
        table.add(&path(scope, outside), |layer| {
            layer.multiply_adds = layer.multiply_adds.saturating_add(*count)
        });
    }
    for (scope, bytes) in &graph.memory {
        table.add(&path(scope, outside), |layer| layer.peak_bytes = layer.peak_bytes.max(*bytes));
    }
    Ok(Cost { layers: table.layers })
}

/// The path in the tree of the layer that a scope is in, of the layers that were entered after `outside`.
fn path(scope: &Scope, outside: usize) -> KeyPath {
    let mut path = KeyPath::root();
    for (owner, field, index) in scope.steps().skip(outside) {
        path.push(field);
        // A stack is in the tree as one layer, which runs for each of its places.
        path.extend(index.filter(|_| owner != "LayerStack"));
    }
    path
}

/// The layers of a model while costs are put down to them.
struct Table {
    layers: Vec<LayerCost>,
    places: HashMap<KeyPath, usize>,
}

impl Table {
    /// A row for each layer, with what can be seen of the tree alone.
    fn of(model: &AnyLayer) -> Result<Self> {
        let mut table = Table { layers: Vec::new(), places: HashMap::new() };
        let (mut counted, mut unknown) = (HashSet::new(), Vec::new());
        visit(model, |path, node| {
            if path.is_empty() || is_layer(node) {
                table.places.insert(path.clone(), table.layers.len());
                table.layers.push(LayerCost {
                    path: path.clone(),
                    layer: node.info().type_name,
                    parameters: 0,
                    parameter_bytes: 0,
                    multiply_adds: 0,
                    peak_bytes: 0,
                    cache_bytes: 0,
                });
            }
            if node.identity().is_some_and(|identity| !counted.insert(identity)) {
                return Walk::Skip;
            }
            let parameter = node.downcast_ref::<Parameter>().map(Parameter::value);
            let frozen = || node.downcast_ref::<ParameterValue>().map(|frozen| frozen.value.clone());
            if let Some(array) = parameter.or_else(frozen) {
                let count = elements(&array);
                table.add(path, |layer| {
                    layer.parameters += count;
                    layer.parameter_bytes += count * array.dtype().size() as u128;
                });
                return Walk::Skip;
            }
            if let Some(slot) = node.downcast_ref::<ParameterSlot>() {
                unknown.push(format!("the shape of the missing parameter `{}` is not known", slot.label));
            }
            if let Some(cache) = node.downcast_ref::<StateVariable<KeyValueCache>>().map(StateVariable::value)
            {
                let bytes: u128 = [&cache.keys, &cache.values].map(bytes).iter().sum();
                table.add(path, |layer| layer.cache_bytes += bytes);
            }
            Walk::Enter
        });
        match Report::of("nn::cost", unknown) {
            Some(report) => Err(report.help("make the slots with `ParameterSlot::like`").variable()),
            None => Ok(table),
        }
    }

    /// Puts something down to every layer on the way to a path.
    fn add(&mut self, path: &KeyPath, change: impl Fn(&mut LayerCost)) {
        let mut path = path.clone();
        loop {
            if let Some(&place) = self.places.get(&path) {
                change(&mut self.layers[place]);
            }
            if path.pop().is_none() {
                return;
            }
        }
    }
}

fn is_layer(node: &dyn PyTree) -> bool {
    !node.is_leaf() && node.clone_node().into_slot(TypeId::of::<AnyLayer>()).is_ok()
}

fn elements(array: &NamedArray) -> u128 {
    array.array.dims().iter().map(|&dim| dim as u128).product()
}

fn bytes(array: &NamedArray) -> u128 {
    elements(array) * array.dtype().size() as u128
}

impl Cost {
    /// What the whole model costs.
    pub fn whole(&self) -> &LayerCost {
        &self.layers[0]
    }

    /// What each layer costs, parents before their children; the first is the whole model.
    pub fn layers(&self) -> &[LayerCost] {
        &self.layers
    }

    /// What the layer at a path costs, `.blocks` or `.body.sublayers[3]`.
    pub fn layer(&self, path: &str) -> Option<&LayerCost> {
        self.layers.iter().find(|layer| layer.path.to_string() == path)
    }
}

/// A number with a comma after each three digits.
fn with_commas(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes as one reads it.
fn as_bytes(bytes: u128) -> String {
    const UNITS: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut unit = 0;
    let mut value = bytes as f64;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1e3;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// A table: a line for each layer that has parameters, products or caches, indented under the layer it is in.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows =
            vec![["layer", "parameters", "multiply-adds", "peak memory", "cache"].map(String::from)];
        let mut above: Vec<&KeyPath> = Vec::new();
        for layer in &self.layers {
            if !layer.path.is_empty() && [layer.parameters, layer.multiply_adds, layer.cache_bytes] == [0; 3]
            {
                continue;
            }
            while above.last().is_some_and(|path| !path.is_prefix_of(&layer.path)) {
                above.pop();
            }
            let known = above.last().map_or(0, |path| path.len());
            let rest: KeyPath = layer.path.keys().into_iter().skip(known).cloned().collect();
            let space = if rest.is_empty() { "" } else { " " };
            rows.push([
                format!("{}{rest}{space}{}", "  ".repeat(above.len()), layer.layer),
                with_commas(layer.parameters),
                with_commas(layer.multiply_adds),
                as_bytes(layer.peak_bytes),
                as_bytes(layer.cache_bytes),
            ]);
            above.push(&layer.path);
        }
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: Vec<usize> = (0..5).map(width).collect();
        for row in &rows {
            write!(f, "{:<width$}", row[0], width = widths[0])?;
            for (text, width) in row.iter().zip(&widths).skip(1) {
                write!(f, "  {text:>width$}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
