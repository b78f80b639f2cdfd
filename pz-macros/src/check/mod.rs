//! The rules, one function each. The lists below are the specification, in the order of the messages.

mod field;
mod item;
mod layer;
mod model;
mod pattern;

use crate::diag::Errors;
use crate::ir::{Einsum, Layer, Node, Rearrange, model::Model};
use crate::parse::{Head, Slips, Term, Word};
pub(crate) use field::{has_no_size, has_refused_field, stays_on_its_thread};

/// The rules for the place where `#[pytree_dataclass]` stands.
pub(crate) fn dataclass(errors: &mut Errors, head: &Head) {
    item::is_a_type(errors, head);
    item::is_said_once(errors, head);
}

/// The rules for a tree node.
pub(crate) fn node(errors: &mut Errors, node: &Node) {
    item::is_no_union(errors, node);
    item::has_variants(errors, node);
    item::borrows_nothing(errors, node);
    item::is_not_packed(errors, node);
    field::types_can_be_held(errors, node);
}

/// The rules for a layer.
pub(crate) fn layer(errors: &mut Errors, layer: &Layer) {
    layer::dataclass_comes_first(errors, &layer.node);
    layer::is_a_struct(errors, &layer.node);
    item::is_no_union(errors, &layer.node);
    item::borrows_nothing(errors, &layer.node);
    layer::has_children_to_combine(errors, layer);
    field::types_can_be_held(errors, &layer.node);
    if let Some(signature) = &layer.signature {
        model::header(errors, signature);
    }
}

/// The rules for the pattern of `einsum!`.
pub(crate) fn einsum(slips: &mut Slips, einsum: &Einsum) {
    pattern::arrays_are_counted(slips, einsum);
    for names in einsum.operands.iter().chain([&einsum.output]) {
        pattern::names_stand_once(slips, &names.words.iter().collect::<Vec<_>>());
    }
    let operands: Vec<Vec<&Word>> =
        einsum.operands.iter().map(|names| names.words.iter().collect()).collect();
    let plain = einsum.operands.iter().all(|names| names.rest.is_none());
    if plain && pattern::names_are_words(slips, &operands, &einsum.output.words.iter().collect::<Vec<_>>()) {
        return;
    }
    pattern::outputs_are_inputs(slips, einsum);
    pattern::axes_are_used(slips, einsum);
}

/// The rules for the pattern and the sizes of `rearrange!`.
pub(crate) fn rearrange(errors: &mut Errors, slips: &mut Slips, rearrange: &Rearrange) {
    let words = |side: &'_ [Term]| side.iter().flat_map(Term::axes).cloned().collect::<Vec<Word>>();
    let sides = [words(&rearrange.left), words(&rearrange.right)];
    let [left, right] = sides.each_ref().map(|words| words.iter().collect::<Vec<&Word>>());
    let plain = rearrange.left.iter().all(|term| matches!(term, Term::Axis(_)));
    if plain && pattern::names_are_words(slips, std::slice::from_ref(&left), &right) {
        return;
    }
    for words in [&left, &right] {
        pattern::names_stand_once(slips, words);
    }
    pattern::sides_agree(slips, rearrange);
    pattern::joined_axes_have_names(slips, rearrange);
    pattern::split_axes_are_known(slips, rearrange);
    pattern::sizes_are_given(slips, rearrange);
    pattern::sizes_have_axes(errors, rearrange);
}

/// The rules for a model, before any size is known.
pub(crate) fn model(errors: &mut Errors, model: &Model) {
    model::attributes(errors, model);
    model::header(errors, model);
    model::layers(errors, model, &model.layers, &[]);
}
