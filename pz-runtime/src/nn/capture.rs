//! Looking into a model while it runs, and changing what flows there: capture and patch.
//!
//! The selected layers are wrapped for one run of the model. The model that was selected in does not change, and a run
//! without a wrapper pays nothing: where nothing is selected, the model itself is run.

use std::sync::Arc;

use super::stacked::REMARK;
use super::{
    AnyLayer, Layer, LayerStack, LayerStackAxes, LayerStackVarBehavior, SideInputs, Value, call_child,
};
use crate::AxisName;
use crate::error::{Error, Report, Result};
use crate::named::NamedArray;
use crate::path::KeyPath;
use crate::tree::{Node, PyTree, Selection, Static, Tree, Walk, visit};
use crate::vars::{Metadata, StateVariable};

/// What a patch makes of the value at a path.
type Change = Arc<dyn Fn(&KeyPath, NamedArray) -> Result<NamedArray> + Send + Sync>;

/// A layer whose result is kept, and may be changed.
#[crate::pytree_dataclass]
struct Tapped {
    layer: AnyLayer,
    seen: StateVariable<Option<NamedArray>>,
    #[pytree(static)]
    place: Place,
}

/// Where a tapped layer is in the model that was selected in, and what is done there.
#[derive(Clone)]
struct Place {
    path: KeyPath,
    change: Option<Change>,
}

impl Static for Place {
    fn same(&self, other: &dyn Static) -> bool {
        let other: &dyn std::any::Any = other;
        let address = |place: &Place| place.change.as_ref().map(|change| Arc::as_ptr(change).addr());
        other
            .downcast_ref::<Place>()
            .is_some_and(|other| self.path == other.path && address(self) == address(other))
    }
    fn hash_into(&self, mut state: &mut dyn std::hash::Hasher) {
        std::hash::Hash::hash(&self.path, &mut state);
    }
    fn show(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path)
    }
}

impl Layer for Tapped {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        let output = call_child(self, "layer", &self.layer, input, side)?.into_array("a tapped layer")?;
        let output = match &self.place.change {
            Some(change) => change(&self.place.path, output)?,
            None => output,
        };
        self.seen.set(Some(output.clone()));
        Ok(output.into())
    }
}

impl<Root: PyTree, T: Tree + ?Sized> Selection<'_, Root, T> {
    /// Runs the model once, and gives the run's result with what each selected layer gave, in the tree's order. Where a
    /// layer ran more than once, it is what it gave last. Of a layer in a [`LayerStack`] it is what
    /// it gave in each of the stack's layers, along the stack's axis.
    ///
    /// ```
    /// use pz::nn::{AnyLayer, Layer, Sequential, SideInputs, Softmax};
    /// use pz::{NamedArray, select};
    /// let model = Sequential::new([AnyLayer::new(Softmax::new(["x"]))]);
    /// let input = NamedArray::from_vec(vec![0f32, 0.], [("x", 2)])?;
    /// let (_, seen) = select(&model)
    ///     .at_instances_of::<Softmax>()
    ///     .capture(|model| model.call(input.clone().into(), &SideInputs::new()))?;
    /// assert_eq!(seen[0].0.to_string(), ".sublayers[0]");
    /// assert_eq!(seen[0].1.to_vec::<f32>()?, [0.5, 0.5]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    ///
    /// # Errors
    /// The run's own; nothing is selected (unless [`allow_empty`](Selection::allow_empty) was said); a selected node that
    /// is no layer, or in a field that holds one type only; a selected layer that did not run, or gave no array.
    pub fn capture<R>(self, run: impl FnOnce(&Root) -> Result<R>) -> Result<(R, Vec<(KeyPath, NamedArray)>)> {
        tap(self, "Selection::capture", None, run)
    }

    /// Runs the model once, with what each selected layer gives, each time it runs, exchanged for what `change` makes of it.
    ///
    /// # Errors
    /// As [`capture`](Self::capture); and those of `change`.
    pub fn patch<R>(
        self,
        change: impl Fn(&KeyPath, NamedArray) -> Result<NamedArray> + Send + Sync + 'static,
        run: impl FnOnce(&Root) -> Result<R>,
    ) -> Result<R> {
        tap(self, "Selection::patch", Some(Arc::new(change)), run).map(|(result, _)| result)
    }
}

fn tap<Root: PyTree, T: Tree + ?Sized, R>(
    selection: Selection<'_, Root, T>,
    operation: &str,
    change: Option<Change>,
    run: impl FnOnce(&Root) -> Result<R>,
) -> Result<(R, Vec<(KeyPath, NamedArray)>)> {
    let selection = match selection.or_root(operation)? {
        Ok(selection) => selection,
        Err(model) => return Ok((run(model)?, Vec::new())),
    };
    let mut taps: Vec<(KeyPath, StateVariable<Option<NamedArray>>)> = Vec::new();
    let (stacks, count) = (stacks(selection.root()), selection.count());
    let tapped = selection.apply_with_keypath(|path, node| -> Result<Node> {
        let layer = AnyLayer::from_node(node.as_tree().clone_node()).map_err(|node| {
            let problem =
                format!("the selected `{}` is no layer, so it gives nothing", node.info().type_name);
            Report::new(operation, problem).path(path.clone()).tree()
        })?;
        let around = stacks.iter().filter(|(stack, _)| stack.is_prefix_of(path));
        let axes = LayerStackAxes::new(around.map(|(_, axis)| (*axis, LayerStackVarBehavior::PerLayer)));
        let metadata = Metadata::new().with(REMARK, axes);
        let seen = StateVariable::with_metadata(format!("{operation}{path}"), None, metadata);
        taps.push((path.clone(), seen.clone()));
        let place = Place { path: path.clone(), change: change.clone() };
        Ok(Box::new(Tapped { layer, seen, place }))
    });
    let tapped =
        tapped.map_err(|error| if taps.len() == count { no_room(operation, error) } else { error })?;
    let result = run(&tapped)?;
    let (mut seen, mut missed) = (Vec::with_capacity(taps.len()), Vec::new());
    for (path, variable) in taps {
        match variable.value() {
            Some(array) => seen.push((path, array)),
            None => missed.push(path),
        }
    }
    match missed.first() {
        None => Ok((result, seen)),
        Some(first) => Err(did_not_run(operation, first, &missed)),
    }
}

/// The stacks of a model, with their axes: what is in one runs once for each of its layers.
fn stacks(model: &impl PyTree) -> Vec<(KeyPath, AxisName)> {
    let mut stacks = Vec::new();
    visit(model, |path, node| {
        stacks.extend(node.downcast_ref::<LayerStack>().map(|stack| (path.clone(), stack.stack_axis)));
        Walk::Enter
    });
    stacks
}

/// The error for a field that does not hold any layer. It has been told what was put there, which nobody asked for.
fn no_room(operation: &str, error: Error) -> Error {
    let path = error.report().path.clone().unwrap_or_default();
    let problem = match path.is_empty() {
        true => "the model itself is selected, and a layer is tapped inside a model",
        false => "the selected layer is in a field for its own type, so nothing can be put around it",
    };
    let report = Report::new(operation, problem);
    let report = if path.is_empty() { report } else { report.path(path) };
    report.help("hold the layer in an `AnyLayer` or a `Slot` (as `model!` and the combinators do)").tree()
}

/// How many paths a message lists.
const LISTED: usize = 5;

fn did_not_run(operation: &str, first: &KeyPath, missed: &[KeyPath]) -> Error {
    let report = match missed {
        [_] => {
            let problem = "the selected layer did not run, so there is nothing to see or to change";
            Report::new(operation, problem).path(first.clone())
        }
        _ => {
            let mut paths: Vec<_> = missed.iter().take(LISTED).map(KeyPath::told).collect();
            if missed.len() > LISTED {
                paths.push("…".into());
            }
            let (count, paths) = (missed.len(), paths.join(", "));
            let problem = "selected layers did not run, so there is nothing to see or to change";
            Report::new(operation, format!("{count} {problem}: {paths}"))
        }
    };
    report.help("run the model that the closure is given, and select only layers that this run calls").tree()
}
