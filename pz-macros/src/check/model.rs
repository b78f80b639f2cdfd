//! What cannot be right in a `model!`, before any size is known.

use std::collections::HashMap;

use proc_macro2::{Group, Ident};
use syn::Path;

use crate::diag::{Errors, place};
use crate::ir::model::{Axes, Form, Layer, Model, Side, own_words};
use crate::parse::model::Setting;
use crate::words::{self, ACTIVATIONS, ATTENTION_PARTS, DTYPE, ELEMENT_TYPES};

/// All rules for the header.
pub(super) fn header(errors: &mut Errors, model: &Model) {
    twice(errors, &model.symbols.parameters, "the parameter");
    twice(errors, &model.side_inputs, "the side input");
    let names: Vec<Ident> = model.inputs.iter().map(|(name, _)| name.clone()).collect();
    twice(errors, &names, "the input");
    for name in names.iter().filter(|name| model.side_inputs.contains(name)) {
        errors.add(
            name,
            format!("found `{name}` as an input and as a side input"),
            "remove it from `with (..)`: layers inside reach inputs by `from` anyway",
        );
    }
    if model.inputs.is_empty() {
        header_side(errors, &model.input);
    }
    for (_, side) in &model.inputs {
        header_side(errors, side);
    }
    header_side(errors, &model.output);
    if let Some(((first, one), others)) = model.inputs.split_first() {
        for (name, other) in others {
            same_rest(errors, (first, one), (name, other));
        }
    }
    for parameter in model.symbols.parameters.iter().filter(|name| model.symbols.open.contains(name)) {
        errors.add(
            parameter,
            format!("found `{parameter}` as a parameter and as an axis of any size"),
            format!("write `{parameter}: {parameter}` for an axis of that size, or give one another name"),
        );
    }
    for rest in &model.output.axes.rests {
        if !model.input.broken && !model.input.axes.rests.contains(rest) {
            let help = match model.input.axes.rests.first() {
                Some(known) => format!("write `..{known}`"),
                None => format!("write `..{rest}` in the input too"),
            };
            errors.add(rest, format!("found `..{rest}` in the output, which the input does not have"), help);
        }
    }
    for axis in &model.output.axes.axes {
        if axis.size.is_none() {
            errors.add(
                &axis.name,
                format!("found `{}` in the output without a size, and it is no axis of the input", axis.name),
                format!("write `{}: 10`, with the size that the model gives it", axis.name),
            );
        }
    }
}

/// What makes trees and layers of a struct is at work in a model already.
pub(super) fn attributes(errors: &mut Errors, model: &Model) {
    for word in model.attributes.iter().flat_map(own_words) {
        errors.add(
            &word,
            format!("found `{word}` on the model `{}`, which is a tree and a layer already", model.name),
            format!("remove `{word}`"),
        );
    }
}

/// Inputs meet in sums and attention, so their rests are one and the same.
fn same_rest(errors: &mut Errors, (first, one): (&Ident, &Side), (name, other): (&Ident, &Side)) {
    let there = place(first.span());
    let (message, help) = match (one.axes.rests.first(), other.axes.rests.first()) {
        (Some(rest), Some(own)) if rest != own => (
            format!("found the rest `..{own}` in the input `{name}`, and `{first}` has `..{rest}`{there}"),
            format!("write `..{rest}` in both: the inputs of a model share their rest"),
        ),
        (Some(rest), None) => (
            format!("found the input `{name}` without `..{rest}`, which `{first}` has{there}"),
            format!("write `..{rest}` in both: the inputs of a model share their rest"),
        ),
        (None, Some(own)) => (
            format!("found the rest `..{own}` in the input `{name}`, and `{first}` has none{there}"),
            format!("write `..{own}` in both: the inputs of a model share their rest"),
        ),
        _ => return,
    };
    errors.add(name, message, help);
}

fn header_side(errors: &mut Errors, side: &Side) {
    let known = [ELEMENT_TYPES.as_slice(), &["float"]].concat();
    if let Some(dtype) = &side.dtype
        && !known.contains(&dtype.to_string().as_str())
    {
        let word = dtype.to_string();
        let near = words::meant_type(&word).or_else(|| words::nearest(&word, known.iter().copied()));
        let help = match near {
            Some(near) => format!("write `{near} {{ .. }}`"),
            None => format!("write one of {}", words::listed(&known)),
        };
        errors.add(dtype, format!("found `{dtype}`, which is no element type"), help);
    }
    axes(errors, &side.axes);
    if let [first, second, ..] = side.axes.rests.as_slice() {
        let there = place(first.span());
        errors.add(
            second,
            format!("found a second rest, `..{second}`, beside `..{first}`{there}"),
            "keep one: it stands for any number of axes",
        );
    }
}

fn axes(errors: &mut Errors, axes: &Axes) {
    let names: Vec<Ident> = axes.axes.iter().map(|axis| axis.name.clone()).collect();
    twice(errors, &names, "the axis");
}

/// An axis list of a layer: no rest.
fn layer_axes(errors: &mut Errors, list: &Axes) {
    axes(errors, list);
    for rest in &list.rests {
        errors.add(
            rest,
            format!(
                "found the rest `..{rest}` in a layer, which leaves all axes alone that it does not name"
            ),
            format!("remove `..{rest}`"),
        );
    }
}

fn twice(errors: &mut Errors, names: &[Ident], what: &str) {
    let mut seen: HashMap<String, &Ident> = HashMap::new();
    // A layer whose name could not be read is called `_`.
    for name in names.iter().filter(|name| *name != "_") {
        let Some(first) = seen.insert(name.to_string(), name) else { continue };
        let first = place(first.span());
        errors.add(
            name,
            format!("found {what} `{name}`, which is there already{first}"),
            "remove one of the two, or give it another name",
        );
    }
}

/// All rules for the layers. `before` are the names that `shared` can refer to.
pub(super) fn layers(errors: &mut Errors, model: &Model, layers: &[Layer], before: &[&Ident]) {
    let names: Vec<Ident> = layers.iter().map(|layer| layer.name.clone()).collect();
    twice(errors, &names, "the layer");
    let mut known = before.to_vec();
    for layer in layers {
        always_there(errors, layer);
        form(errors, model, layer, &layer.form, &known);
        known.push(&layer.name);
    }
}

/// The shapes of all that follows rest on a layer, so it cannot be there in some builds alone.
fn always_there(errors: &mut Errors, layer: &Layer) {
    for attribute in &layer.attributes {
        if let Some(word) = attribute.path().get_ident().filter(|word| *word == "cfg" || *word == "cfg_attr")
        {
            errors.add(
                attribute,
                format!(
                    "found `#[{word}]` on the layer `{}`, which the layers after it build on",
                    layer.name
                ),
                "write two models, each with its `#[cfg]`",
            );
        }
    }
}

fn form(errors: &mut Errors, model: &Model, layer: &Layer, form: &Form, known: &[&Ident]) {
    if let Form::Keeps { options, .. } | Form::ActsOver { options, .. } | Form::Maps { options, .. } = form {
        element_type(errors, options);
    }
    match form {
        Form::ActsOver { ty, axes, .. } => {
            layer_axes(errors, axes);
            if axes.axes.is_empty() && axes.rests.is_empty() && !layer.broken {
                errors.add(
                    &layer.name,
                    format!("found no axes for `{}`", layer.name),
                    format!("name the axes that it acts over: `{} {{ axis }}`; one without axes is written with `()`", last_word(ty)),
                );
            }
        }
        Form::Maps { left, right, .. } => {
            layer_axes(errors, left);
            layer_axes(errors, right);
            if right.axes.is_empty() && left.axes.is_empty() && !layer.broken {
                errors.add(
                    &layer.name,
                    format!("found no axes before and after `=>` for `{}`", layer.name),
                    "write `{ consumed => made: 8 }`",
                );
            }
        }
        Form::Block { word, parts } => {
            some_parts(errors, word, parts);
            layers(errors, model, parts, known);
        }
        Form::Stack { word, parts, .. } => {
            some_parts(errors, word, parts);
            // What is inside exists once for each layer of the stack, so it can share with itself alone.
            layers(errors, model, parts, &[]);
        }
        Form::From { word, input, parts } => {
            some_parts(errors, word, parts);
            input_is_there(errors, model, input);
            layers(errors, model, parts, known);
        }
        Form::Attention { word, parts, .. } => {
            attention(errors, word, parts);
            for part in parts {
                self::form(errors, model, part, &part.form, known);
            }
        }
        Form::Shared { of, as_ } => {
            if !known.contains(&of) {
                let (why, help) = out_of_reach(&model.layers, layer, of, known);
                errors.add(of, format!("found `shared {of}`, and {why}"), help);
            }
            match as_.as_deref() {
                None | Some(Form::Unknown) => {}
                Some(Form::Maps { .. }) => self::form(errors, model, layer, as_.as_ref().map_or(&Form::Unknown, |form| form), known),
                Some(_) => errors.add(
                    of,
                    format!("found `shared {of} as` with a layer that makes no axes"),
                    format!("write `shared {of} as EmbeddingDecode {{ embedding => vocabulary: 512 }}`, or `shared {of}` alone"),
                ),
            }
        }
        Form::Foreign { input, output, side_inputs, .. } => {
            header_side(errors, input);
            header_side(errors, output);
            twice(errors, side_inputs, "the side input");
        }
        Form::Model { ty, .. } | Form::Typed { ty, .. } if is_itself(ty, &model.name) => errors.add(
            ty,
            format!("found `{}` inside itself: it would never end", model.name),
            "name another model, or write `stack 12 as layer { .. }` for layers one after the other",
        ),
        Form::Keeps { ty, arguments, .. } => function_of_elements(errors, ty, arguments),
        Form::Model { .. } | Form::Typed { .. } | Form::Unknown => {}
    }
}

/// Why `layer` cannot share with a layer called `of`, and what to write.
fn out_of_reach(all: &[Layer], layer: &Layer, of: &Ident, known: &[&Ident]) -> (String, String) {
    let here = around(all, &|other| std::ptr::eq(other, layer)).map(|(here, _)| here).unwrap_or_default();
    if let Some((there, found)) = around(all, &|other| other.name == *of && !std::ptr::eq(other, layer)) {
        let at = place(found.name.span());
        let apart = |from: &[&Layer], to: &[&Layer]| {
            from.iter()
                .find(|one| !to.iter().any(|other| std::ptr::eq(**one, *other)))
                .map(|one| one.name.clone())
        };
        if let Some(block) = apart(&there, &here) {
            let why = format!("`{of}` stands inside `{block}`{at}");
            return (why, format!("write `shared {block}`, or move `{of}` out of it"));
        }
        if let Some(stack) = here.iter().rev().find(|one| matches!(one.form, Form::Stack { .. })) {
            let stack = &stack.name;
            return (
                format!(
                    "`{of}`{at} stands outside the stack `{stack}`, each of whose layers has parameters of its own"
                ),
                format!(
                    "name a layer that stands before this one in `{stack}`, or write `{of}` again in its place"
                ),
            );
        }
        return (format!("`{of}` stands after it{at}"), format!("move `{of}` before `{}`", layer.name));
    }
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let help = match words::nearest(&of.to_string(), names.iter().copied()) {
        Some(near) => format!("write `shared {near}`"),
        None if names.is_empty() => "name a layer that stands before this one".to_owned(),
        None => format!("write one of {}", words::listed(&names)),
    };
    (format!("no layer before it is called `{of}`"), help)
}

/// The layer that is looked for, and those around it, from the outermost.
fn around<'m>(layers: &'m [Layer], found: &dyn Fn(&Layer) -> bool) -> Option<(Vec<&'m Layer>, &'m Layer)> {
    for layer in layers {
        if found(layer) {
            return Some((Vec::new(), layer));
        }
        let parts = match &layer.form {
            Form::Block { parts, .. }
            | Form::Stack { parts, .. }
            | Form::From { parts, .. }
            | Form::Attention { parts, .. } => parts,
            _ => continue,
        };
        if let Some((mut outside, layer_found)) = around(parts, found) {
            outside.insert(0, layer);
            return Some((outside, layer_found));
        }
    }
    None
}

/// A misspelled word for a function of elements. Another value may be so called, and then stands in braces.
fn function_of_elements(errors: &mut Errors, ty: &Path, arguments: &Group) {
    let Ok(word) = syn::parse2::<Ident>(arguments.stream()) else { return };
    let text = word.to_string();
    let is_known = ACTIVATIONS.contains(&text.as_str());
    if is_known || ty.segments.last().is_none_or(|last| last.ident != "Elementwise") {
        return;
    }
    if let Some(near) = words::nearest(&text, ACTIVATIONS) {
        errors.add(
            &word,
            format!("found `{word}`, which is no function of elements"),
            format!("write `{near}`; a value that is so called is written `Elementwise({{ {word} }})`"),
        );
    }
}

/// The option `dtype`: a word alone is the name of an element type.
fn element_type(errors: &mut Errors, options: &[Setting]) {
    for Setting { name, value } in options.iter().filter(|option| option.name == DTYPE) {
        let Ok(word) = syn::parse2::<Ident>(value.clone()) else { continue };
        let text = word.to_string();
        if ELEMENT_TYPES.contains(&text.as_str()) || !text.starts_with(char::is_lowercase) {
            continue;
        }
        let help = match words::meant_type(&text).or_else(|| words::nearest(&text, ELEMENT_TYPES)) {
            Some(near) => format!("write `{name} = {near}`"),
            None => format!("write one of {}", words::listed(&ELEMENT_TYPES)),
        };
        errors.add(word, format!("found `{name} = {text}`, which is no element type"), help);
    }
}

/// Whether the type is the model that is being declared: by its name alone, or by `self::` before it.
fn is_itself(ty: &Path, name: &Ident) -> bool {
    let words: Vec<&Ident> = ty.segments.iter().map(|segment| &segment.ident).collect();
    match words.as_slice() {
        [one] => *one == name || *one == "Self",
        [first, one] => *first == "self" && *one == name,
        _ => false,
    }
}

/// The type's own name.
fn last_word(ty: &Path) -> String {
    ty.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
}

fn input_is_there(errors: &mut Errors, model: &Model, input: &Ident) {
    if model.inputs.iter().any(|(name, _)| name == input) {
        return;
    }
    let names: Vec<String> = model.inputs.iter().map(|(name, _)| name.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let help = match words::nearest(&input.to_string(), names.iter().copied()) {
        Some(near) => format!("write `from {near}`"),
        None if names.is_empty() => {
            format!("name the inputs in the header: `(x: {{ .. }}, {input}: {{ .. }}) -> {{ .. }}`")
        }
        None => format!("write `from` and one of {}", words::listed(&names)),
    };
    errors.add(input, format!("found `from {input}`, and no input of the model is called `{input}`"), help);
}

fn some_parts(errors: &mut Errors, word: &Ident, parts: &[Layer]) {
    if parts.is_empty() {
        let what = if word == "group" { "{}".to_owned() } else { word.to_string() };
        errors.add(
            word,
            format!("found `{what}` without a layer in it, wanted at least one"),
            "write `name: Layer { .. }` inside",
        );
    }
}

fn attention(errors: &mut Errors, word: &Ident, parts: &[Layer]) {
    let names: Vec<Ident> = parts.iter().map(|part| part.name.clone()).collect();
    twice(errors, &names, "the part");
    let mut unknown = 0;
    for name in names.iter().filter(|name| !ATTENTION_PARTS.contains(&name.to_string().as_str())) {
        unknown += 1;
        let word = name.to_string();
        let begun = ATTENTION_PARTS.into_iter().find(|part| part.starts_with(&word));
        let help = match begun.or_else(|| words::nearest(&word, ATTENTION_PARTS)) {
            Some(near) => format!("write `{near}`"),
            None => format!("a part is one of {}", words::listed(&ATTENTION_PARTS)),
        };
        errors.add(name, format!("found the part `{name}` in an attention"), help);
    }
    for wanted in ATTENTION_PARTS {
        // A part that is misspelled is told once.
        if unknown == 0 && !names.iter().any(|name| name == wanted) {
            errors.add(
                word,
                format!("found an attention without `{wanted}`"),
                format!("write `{wanted}: {{ .. }}` with the layers of that part, or `{wanted}: Identity()` for none"),
            );
        }
    }
}
