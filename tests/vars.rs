//! Variables as a user sees them: sharing, labels, freezing, slots, and updates that may go wrong.

use pz::error::Report;
use pz::nn::{AnyLayer, Linear, ParameterLike, Sequential};
use pz::vars::{
    Metadata, ParameterSlot, ScopedStateVarLabel, UnboundVariableError, VariableLabel,
    scoped_auto_state_var_labels,
};
use pz::{Error, NamedArray, Parameter, ParameterValue, PyTree, StateVariable, select};

fn ints(values: &[i32]) -> NamedArray {
    NamedArray::from_vec(values.to_vec(), [("x", values.len())]).unwrap()
}

fn linear_with(weights: impl Into<ParameterLike>) -> Linear {
    Linear::new(weights, ["in"], ["out"])
}

fn weights() -> NamedArray {
    NamedArray::from_vec(vec![1.0_f32, 2.0], [("in", 2), ("out", 1)]).unwrap()
}

#[test]
fn clones_of_a_variable_are_one_variable() {
    let (counter, other) = (StateVariable::new("n", ints(&[1])), StateVariable::new("n", ints(&[1])));
    let same = counter.clone();
    same.set(ints(&[5]));
    assert_eq!(counter.value().to_vec::<i32>().unwrap(), [5]);
    assert_eq!(other.value().to_vec::<i32>().unwrap(), [1]);
    assert!(counter.is_same(&same) && !counter.is_same(&other));
}

#[test]
fn an_update_returns_what_the_variable_now_holds() {
    let counter = StateVariable::new("n", ints(&[1, 2]));
    let new = counter.update(|value| value.add(10)).unwrap();
    assert_eq!(new.to_vec::<i32>().unwrap(), [11, 12]);
    assert_eq!(counter.value().to_vec::<i32>().unwrap(), [11, 12]);
}

#[test]
fn an_update_that_fails_leaves_the_value() {
    let counter = StateVariable::new("n", ints(&[1]));
    let failed = counter.update(|_| Err(Report::new("here", "no").value()));
    assert!(matches!(failed, Err(Error::Value(_))));
    assert_eq!(counter.value().to_vec::<i32>().unwrap(), [1]);
}

#[test]
fn an_update_may_read_its_variable_and_must_not_be_overtaken() {
    let counter = StateVariable::new("n", ints(&[1]));
    counter.update(|value| value.add(counter.value())).unwrap();
    assert_eq!(counter.value().to_vec::<i32>().unwrap(), [2]);
    let overtaken = counter.update(|value| {
        counter.set(ints(&[7]));
        value.add(1)
    });
    let text = overtaken.unwrap_err().to_string();
    assert!(text.contains("the state variable `n` was given another value while the update ran"), "{text}");
    assert_eq!(counter.value().to_vec::<i32>().unwrap(), [7]);
}

#[test]
fn a_long_chain_of_updates_is_evaluated_and_dropped() {
    let counter = StateVariable::new("n", NamedArray::scalar(0_i32));
    for _ in 0..10_000 {
        counter.update(|value| value.add(1)).unwrap();
    }
    assert_eq!(counter.value().item::<i32>().unwrap(), 10_000);
}

#[test]
fn variables_are_leaves_and_frozen_ones_are_nodes() {
    let shared = Parameter::new("w", weights());
    let model = Sequential::new([
        AnyLayer::new(linear_with(shared.clone())),
        AnyLayer::new(linear_with(shared.freeze())),
        AnyLayer::new(linear_with(shared.slot())),
    ]);
    assert_eq!(select(&model).at_instances_of::<Parameter>().count(), 1);
    assert_eq!(select(&model).at_instances_of::<ParameterValue>().count(), 1);
    assert_eq!(select(&model).at_instances_of::<ParameterSlot>().count(), 1);
    // An array inside a variable is not a part of the tree; inside a frozen value it is.
    let arrays = select(&model).at_instances_of::<NamedArray>();
    let paths: Vec<_> = arrays.get_keypaths().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(paths, [".sublayers[1].weights.value"]);
}

#[test]
fn a_parameter_can_be_put_into_a_slot_and_frozen_by_an_edit() {
    let parameter = Parameter::new("w", weights());
    let empty = linear_with(parameter.slot());
    let text = empty.weights.value().unwrap_err().to_string();
    assert!(text.contains("the parameter `w` has no value: there is only a slot for it"), "{text}");
    let filled = select(&empty).at_instances_of::<ParameterSlot>().set(parameter.clone()).unwrap();
    assert_eq!(filled.weights.value().unwrap().to_vec::<f32>().unwrap(), [1.0, 2.0]);
    let frozen = select(&filled).at_instances_of::<Parameter>().apply(|p| p.freeze()).unwrap();
    parameter.set_value(weights().neg().unwrap());
    assert_eq!(filled.weights.value().unwrap().to_vec::<f32>().unwrap(), [-1.0, -2.0]);
    assert_eq!(frozen.weights.value().unwrap().to_vec::<f32>().unwrap(), [1.0, 2.0]);
}

#[test]
fn freezing_keeps_label_and_metadata() {
    let parameter = Parameter::with_metadata("w", weights(), Metadata::new().with("decay", false));
    let frozen = parameter.freeze();
    assert_eq!(frozen.label, VariableLabel::from("w"));
    assert_eq!(frozen.slot(), parameter.slot());
    let thawed = frozen.unfreeze_as_copy();
    assert!(!thawed.is_same(&parameter));
    assert_eq!(thawed.metadata().get::<bool>("decay"), Some(&false));
    let state = StateVariable::new("s", ints(&[1])).freeze();
    assert_eq!(state.unfreeze_as_copy().label(), &VariableLabel::from("s"));
}

#[test]
fn reading_a_slot_is_an_error_of_its_own() {
    let unbound: UnboundVariableError = ParameterSlot::new("encoder.bias").value().unwrap_err();
    assert_eq!(unbound.label(), &VariableLabel::from("encoder.bias"));
    assert!(matches!(Error::from(unbound), Error::Variable(_)));
    let state = StateVariable::new("cache", ints(&[0])).slot();
    assert!(state.value::<NamedArray>().unwrap_err().to_string().contains("the state variable `cache`"));
}

#[test]
fn labels_are_made_and_counted_in_scopes() {
    let outside = [StateVariable::unlabelled(1), StateVariable::unlabelled(1)];
    assert_ne!(outside[0].label(), outside[1].label());
    let scoped = |index| VariableLabel::Scoped(ScopedStateVarLabel { group: Some("blocks".into()), index });
    let outer = scoped_auto_state_var_labels(Some("blocks"));
    assert_eq!(StateVariable::unlabelled(1).label(), &scoped(0));
    assert_eq!(StateVariable::new("own", 1).label(), &VariableLabel::from("own"));
    {
        let _inner = scoped_auto_state_var_labels(Some("blocks"));
        assert_eq!(StateVariable::unlabelled(1).label(), &scoped(0));
    }
    assert_eq!(StateVariable::unlabelled(1).label(), &scoped(1));
    drop(outer);
    assert!(matches!(StateVariable::unlabelled(1).label(), VariableLabel::Auto(_)));
}

#[test]
fn automatic_labels_sort_after_texts() {
    let auto = StateVariable::unlabelled(1).label().clone();
    let scoped = VariableLabel::Scoped(ScopedStateVarLabel { group: None, index: 0 });
    let mut labels = vec![scoped.clone(), auto.clone(), VariableLabel::from("z"), VariableLabel::from("a")];
    labels.sort();
    assert_eq!(labels, [VariableLabel::from("a"), VariableLabel::from("z"), auto, scoped]);
}

#[test]
fn a_variable_says_what_it_holds() {
    let parameter = Parameter::new("w", weights());
    assert_eq!(parameter.summary().unwrap(), "\"w\", f32(in:2, out:1)");
    assert_eq!(format!("{parameter:?}"), "Parameter(\"w\", f32(in:2, out:1))");
}
