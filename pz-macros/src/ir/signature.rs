//! The signature of a layer written by hand: `#[layer(input { .. }, output { .. }, with(..))]`.
//!
//! It is the header of a model without layers, and is judged and written as such.

use proc_macro2::Ident;
use syn::{GenericParam, Visibility};

use super::model::{self, Model};
use crate::diag::Errors;
use crate::parse::{self, Given, Opt, model as syntax};
use crate::words::{INPUT, Word};

/// The signature, where the options give one.
pub(super) fn signature(
    errors: &mut Errors,
    item: &parse::Item,
    options: Vec<(&'static Word, Opt)>,
) -> Option<Model> {
    let (mut input, mut output, mut side_inputs) = (None, None, Vec::new());
    let mut first = None;
    for (word, option) in options {
        let name = option.word;
        match (word.word, option.given) {
            ("with", Given::Group(group)) => side_inputs = syntax::side_inputs_in(errors, &group),
            ("input", Given::Group(group)) => input = Some(syntax::array(errors, None, &group)),
            ("input", Given::Typed(dtype, group)) => input = Some(syntax::array(errors, Some(dtype), &group)),
            ("output", Given::Group(group)) => output = Some(syntax::array(errors, None, &group)),
            ("output", Given::Typed(dtype, group)) => {
                output = Some(syntax::array(errors, Some(dtype), &group));
            }
            (known, _) => {
                let (message, example) = match known {
                    "with" => (
                        "found `with` without names, wanted the side inputs that the layer reads".to_owned(),
                        "with(token_positions)",
                    ),
                    _ => (format!("found `{name}` without axes, wanted them in braces"), word.example),
                };
                errors.add(&name, message, format!("write `{example}`"));
                return None;
            }
        }
        first.get_or_insert(name);
    }
    let first = first?;
    let (Some(input), Some(output)) = (input, output) else {
        let (found, lacking) = match &first {
            word if word == "input" => ("input", "output"),
            word if word == "output" => ("output", "input"),
            _ => ("with", "input` and `output"),
        };
        errors.add(
            &first,
            format!("found `{found}` without `{lacking}`, wanted the whole signature"),
            format!("write `{INPUT}`"),
        );
        return None;
    };
    let parameters = item.generics.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Const(parameter) => Some(parameter.ident.clone()),
        _ => None,
    });
    let parameters: Vec<Ident> = parameters.collect();
    let header = syntax::Model {
        attributes: Vec::new(),
        visibility: Visibility::Inherited,
        name: item.name.clone(),
        parameters,
        inputs: vec![(None, input)],
        output,
        conditions: Vec::new(),
        side_inputs,
        entries: Vec::new(),
    };
    Some(model::model(errors, header))
}
