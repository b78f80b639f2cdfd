//! Looking into a model while it runs, and changing what flows there: capture and patch.
//!
//! The selected layers are wrapped for one run of the model. The model that was selected in does not change, and a run
//! without a wrapper pays nothing: where nothing is selected, the model itself is run.

use std::sync::Arc;

use super::{AnyLayer, Layer, SideInputs, Value, call_child};
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::path::KeyPath;
use crate::tree::{Node, PyTree, Selection, Static, Tree};
use crate::vars::StateVariable;

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
    /// layer ran more than once, it is what it gave last.
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

    /// Runs the model once, with what each selected layer gives exchanged for what `change` makes of it.
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
    let mut taps: Vec<(KeyPath, StateVariable<Option<NamedArray>>)> = Vec::new();
    let (model, nothing) = (selection.root(), selection.is_empty());
    let tapped = selection.apply_with_keypath(|path, node| -> Result<Node> {
        let layer = AnyLayer::from_node(node.as_tree().clone_node()).map_err(|node| {
            let problem =
                format!("the selected `{}` is no layer, so it gives nothing", node.info().type_name);
            Report::new(operation, problem).path(path.clone()).tree()
        })?;
        let seen = StateVariable::new(format!("{operation}{path}"), None);
        taps.push((path.clone(), seen.clone()));
        let place = Place { path: path.clone(), change: change.clone() };
        Ok(Box::new(Tapped { layer, seen, place }))
    })?;
    let result = run(if nothing { model } else { &tapped })?;
    let seen = taps.into_iter().map(|(path, seen)| match seen.value() {
        Some(array) => Ok((path, array)),
        None => {
            let problem = "the selected layer did not run, so there is nothing to see or to change";
            let report = Report::new(operation, problem).path(path);
            Err(report
                .help("run the model that the closure is given, and select only layers that this run calls")
                .tree())
        }
    });
    Ok((result, seen.collect::<Result<_>>()?))
}
