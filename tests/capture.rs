//! Looking into a model while it runs, and changing what flows there.

use pz::nn::{AnyLayer, ArrayLayer, Identity, Layer, Sequential, SideInputs, Slot};
use pz::{NamedArray, Result, pytree_dataclass, select};

/// Adds a number.
#[pytree_dataclass]
struct Shift {
    by: f32,
}

impl ArrayLayer for Shift {
    fn apply(&self, input: NamedArray, _: &SideInputs) -> Result<NamedArray> {
        input.add(NamedArray::scalar(self.by))
    }
}

/// Runs one of its layers, and has the other in a field of one type.
#[pytree_dataclass]
struct Model {
    body: AnyLayer,
    spare: Slot<Shift>,
    exact: Shift,
}

impl ArrayLayer for Model {
    fn apply(&self, input: NamedArray, side: &SideInputs) -> Result<NamedArray> {
        self.body.call(input.into(), side)?.into_array("Model")
    }
}

fn model() -> Model {
    let shift = |by| AnyLayer::new(Shift { by });
    Model {
        body: AnyLayer::new(Sequential::new([shift(1.0), AnyLayer::new(Identity {}), shift(10.0)])),
        spare: Slot::new(Shift { by: 0.0 }),
        exact: Shift { by: 0.0 },
    }
}

fn run(model: &Model) -> Result<f32> {
    model.apply(NamedArray::scalar(100.0_f32), &SideInputs::new())?.item()
}

#[test]
fn what_layers_give_is_captured_by_path() {
    let model = model();
    let in_body = select(&model).at(|model| &model.body).at_instances_of::<Shift>();
    let (result, seen) = in_body.capture(run).unwrap();
    let seen: Vec<_> = seen.iter().map(|(path, x)| (path.to_string(), x.item::<f32>().unwrap())).collect();
    assert_eq!(result, 111.0);
    assert_eq!(seen, [(".body.sublayers[0]".into(), 101.0), (".body.sublayers[2]".into(), 111.0)]);
    assert_eq!(run(&model).unwrap(), 111.0, "the model is what it was");
    let (result, seen) = select(&model).at_instances_of::<NamedArray>().allow_empty().capture(run).unwrap();
    assert_eq!((result, seen.len()), (111.0, 0));
    // What selects nothing runs the model itself, and so costs nothing.
    let nothing = select(&model).at_instances_of::<NamedArray>().allow_empty();
    assert!(nothing.capture(|run| Ok(std::ptr::eq(run, &model))).unwrap().0);
}

#[test]
fn what_layers_give_is_patched() {
    let model = model();
    let first = || select(&model).at(|model| &model.body).at_instances_of::<Shift>().pick_nth_selected(0);
    assert_eq!(first().patch(|_, x| x.mul(2.0), run).unwrap(), 212.0);
    let error = first().patch(|path, _| Err(pz::error::Report::new("patch", path.to_string()).value()), run);
    assert!(error.unwrap_err().to_string().starts_with("patch: .body.sublayers[0]"));
}

#[test]
fn a_place_that_is_not_reached_or_cannot_be_tapped_is_named() {
    let model = model();
    assert_eq!(
        select(&model).at(|model| &model.spare).capture(run).unwrap_err().to_string(),
        "Selection::capture: the selected layer did not run, so there is nothing to see or to change\n  at: .spare\n  \
         help: run the model that the closure is given, and select only layers that this run calls"
    );
    let number = select(&model).at(|model| &model.exact.by).patch(|_, x| Ok(x), run).unwrap_err().to_string();
    assert_eq!(
        number,
        "Selection::patch: the selected `f32` is no layer, so it gives nothing\n  at: .exact.by"
    );
    let exact = select(&model).at(|model| &model.exact).capture(run).unwrap_err().to_string();
    assert!(exact.contains("the field holds a `Shift`, and was given a `Tapped`\n  at: .exact"), "{exact}");
    assert!(select(&model).at_instances_of::<NamedArray>().capture(run).is_err(), "nothing is selected");
}
