//! Looking into a model while it runs, and changing what flows there.

use pz::nn::{AnyLayer, ArrayLayer, Identity, Layer, LayerStack, Sequential, SideInputs, Slot};
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
    assert_eq!(
        select(&model).at(|model| &model.exact).capture(run).unwrap_err().to_string(),
        "Selection::capture: the selected layer is in a field for its own type, so nothing can be put around it\n  at: \
         .exact\n  help: hold the layer in an `AnyLayer` or a `Slot` (as `model!` and the combinators do)"
    );
    let itself = select(&model).capture(run).unwrap_err().to_string();
    assert_eq!(
        itself,
        "Selection::capture: the model itself is selected, and a layer is tapped inside a model\n  help: hold the layer in \
         an `AnyLayer` or a `Slot` (as `model!` and the combinators do)"
    );
    let nothing = select(&model).at_instances_of::<NamedArray>().capture(run).unwrap_err().to_string();
    assert!(nothing.starts_with("Selection::capture: nothing is selected: `at_instances_of"), "{nothing}");
    // The run looks at the model that was selected in, not at the one that it is given.
    let taps = select(&model).at(|model| &model.body).at_instances_of::<Shift>();
    let text = taps.capture(|_| run(&model)).unwrap_err().to_string();
    let told = "2 selected layers did not run, so there is nothing to see or to change: `.body.sublayers[0]`, \
                `.body.sublayers[2]`";
    assert!(text.contains(told), "{text}");
    // A chain that failed says why, also where nothing need be selected.
    let failed = select(&model).at(|_| &1.5_f32).allow_empty().capture(run).unwrap_err().to_string();
    assert!(failed.contains("no node in this `Model`"), "{failed}");
}

fn values(seen: &[(pz::path::KeyPath, NamedArray)]) -> Vec<(String, Vec<f32>)> {
    seen.iter().map(|(path, array)| (path.to_string(), array.to_vec::<f32>().unwrap())).collect()
}

#[test]
fn a_layer_is_seen_at_each_of_its_places_and_when_it_ran_last() {
    let shared = AnyLayer::new(Shift { by: 1.0 });
    let model = Model {
        body: AnyLayer::new(Sequential::new([shared.clone(), shared])),
        spare: Slot::new(Shift { by: 0.0 }),
        exact: Shift { by: 0.0 },
    };
    let body = || select(&model).at(|model| &model.body).at_instances_of::<Shift>();
    let twice = |model: &Model| Ok(run(model)? + run(model)?);
    let (result, seen) = body().capture(twice).unwrap();
    assert_eq!(result, 204.0);
    let wanted =
        [(".body.sublayers[0]".to_owned(), vec![101.0]), (".body.sublayers[1]".to_owned(), vec![102.0])];
    assert_eq!(values(&seen), wanted);
    let patched = body().pick_nth_selected(1).patch(|_, x| x.mul(2.0), twice).unwrap();
    assert_eq!(patched, 408.0, "each run is patched, at one place only");
    // In a capture there is room for another one. Its model has the taps of the first around the layers.
    let (inner, outer) = body()
        .capture(|model| {
            let inner = select(model).at(|model| &model.body).at_instances_of::<Shift>();
            Ok(inner.capture(run)?.1)
        })
        .unwrap();
    assert_eq!(values(&outer), wanted);
    assert_eq!(values(&inner)[1], (".body.sublayers[1].layer".to_owned(), vec![102.0]));
}

/// Adds an array of its own.
#[pytree_dataclass]
struct Add {
    weight: NamedArray,
}

impl ArrayLayer for Add {
    fn apply(&self, input: NamedArray, _: &SideInputs) -> Result<NamedArray> {
        input.add(&self.weight)
    }
}

#[test]
fn in_a_stack_each_of_its_layers_is_seen() -> Result<()> {
    let weights =
        NamedArray::from_vec(vec![1.0_f32, 2.0, 3.0, 10.0, 20.0, 30.0], [("outer", 2), ("inner", 3)])?;
    let add = AnyLayer::new(Add { weight: weights });
    let inner = LayerStack { stacked_sublayers: add, stack_axis: "inner".into(), stack_axis_size: 3 };
    let model = LayerStack {
        stacked_sublayers: AnyLayer::new(inner),
        stack_axis: "outer".into(),
        stack_axis_size: 2,
    };
    let call = |model: &LayerStack| {
        model.call(NamedArray::scalar(0.0_f32).into(), &SideInputs::new())?.into_array("stack")?.item::<f32>()
    };
    let (result, seen) = select(&model).at_instances_of::<Add>().capture(call)?;
    assert_eq!(result, 66.0);
    assert_eq!(seen[0].0.to_string(), ".stacked_sublayers.stacked_sublayers");
    let gave = seen[0].1.clone();
    assert_eq!((gave.size("outer"), gave.size("inner")), (Some(2), Some(3)));
    assert_eq!(gave.order_as(["outer", "inner"])?.to_vec::<f32>()?, [1.0, 3.0, 6.0, 16.0, 36.0, 66.0]);
    // The inner stack runs once for each layer of the outer one.
    let stack = || select(&model).at(|model| &model.stacked_sublayers);
    assert_eq!(stack().capture(call)?.1[0].1.to_vec::<f32>()?, [6.0, 66.0]);
    assert_eq!(
        stack().capture(|model| Ok(call(model)? + call(model)?))?.1[0].1.to_vec::<f32>()?,
        [6.0, 66.0]
    );
    // 0 + 6 = 6, doubled; 12 + 60 = 72, doubled.
    assert_eq!(stack().patch(|_, x| x.mul(2.0), call)?, 144.0);
    Ok(())
}

/// What is seen is differentiated, and what is put in its place too. By hand: softmax `s` of equal numbers is a half each,
/// and `ds_i/dx_j = s_i (i = j) - s_i s_j`, so with weights 1 and 2 the gradient is -1/4 and 1/4.
#[test]
fn captures_and_patches_are_differentiated() -> Result<()> {
    use pz::nn::Softmax;
    let model = Sequential::new([AnyLayer::new(Softmax::new(["x"]))]);
    let pair = |values: Vec<f32>| NamedArray::from_vec(values, [("x", 2)]);
    let (input, weights) = (pair(vec![0.0, 0.0])?, pair(vec![1.0, 2.0])?);
    let softmax = || select(&model).at_instances_of::<Softmax>();
    let run = |model: &Sequential, input: &NamedArray| {
        model.call(input.clone().into(), &SideInputs::new())?.into_array("the model")
    };
    let of_seen = pz::grad(
        |inputs| {
            let (_, seen) = softmax().capture(|model| run(model, &inputs[0]))?;
            seen[0].1.mul(&weights)?.sum("x")
        },
        std::slice::from_ref(&input),
    )?;
    assert_eq!(of_seen[0].to_vec::<f32>()?, [-0.25, 0.25]);
    let weighs = weights.clone();
    let of_patched = pz::grad(
        |inputs| {
            let weighs = weighs.clone();
            softmax().patch(move |_, seen| seen.mul(&weighs), |model| run(model, &inputs[0]))?.sum("x")
        },
        std::slice::from_ref(&input),
    )?;
    assert_eq!(of_patched[0].to_vec::<f32>()?, [-0.25, 0.25]);
    Ok(())
}
