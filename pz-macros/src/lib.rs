//! The procedural macros of pz. Use them through `pz`, which re-exports them.
//!
//! Each macro is a pipeline of stages, one folder each: `parse` reads tokens and recovers, `ir` says what the
//! user meant, `check` refuses what cannot be right, `expand` writes code and cannot fail. All mistakes are
//! collected on the way and reported at once; beside them stands an inert fallback, so that one mistake is one
//! error. Expansions name the runtime only through `::pz::__private`.

#![forbid(unsafe_code)]

mod check;
mod diag;
mod dump;
mod expand;
mod ir;
mod parse;
mod pattern;
mod twins;
mod words;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;

use diag::Errors;
use words::{DATACLASS, LAYER, PYTREE};

#[doc = include_str!("../docs/pytree_dataclass.md")]
#[proc_macro_attribute]
pub fn pytree_dataclass(
    arguments: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    dataclass(arguments.into(), item.into()).into()
}

/// What `#[pytree_dataclass]` expands to: it makes `#[pytree(..)]` a legal attribute of the item.
#[doc(hidden)]
#[proc_macro_derive(PyTreeDataclass, attributes(pytree))]
pub fn derive_pytree(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    tree(item.into()).into()
}

#[doc = include_str!("../docs/layer.md")]
#[proc_macro_derive(Layer, attributes(layer, pytree))]
pub fn derive_layer(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    layer(item.into()).into()
}

#[doc = include_str!("../docs/einsum.md")]
#[proc_macro]
pub fn einsum(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    pattern::einsum(tokens.into()).into()
}

#[doc = include_str!("../docs/rearrange.md")]
#[proc_macro]
pub fn rearrange(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    pattern::rearrange(tokens.into()).into()
}

#[doc = include_str!("../docs/model.md")]
#[proc_macro]
pub fn model(declaration: proc_macro::TokenStream) -> proc_macro::TokenStream {
    declared(declaration.into()).into()
}

/// `model!`: the struct, the constants that judge it, and the code that builds it.
fn declared(declaration: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(model) = parse::model::model(&mut errors, declaration) else {
        return with_errors(errors, TokenStream::new());
    };
    if twins::told(&mut errors, &model.name) {
        return with_errors(errors, TokenStream::new());
    }
    let model = ir::model::model(&mut errors, model);
    check::model(&mut errors, &model);
    let expansion = match errors.into_tokens() {
        None => expand::model::model(&model),
        Some(errors) => {
            let fallback = expand::model::fallback(&model);
            quote!(#errors #fallback)
        }
    };
    dump::passing("model!", &model.name.to_string(), expansion)
}

/// `#[pytree_dataclass]`: the item, under the hidden derive.
fn dataclass(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(head) = parse::head(&mut errors, item.clone()) else {
        return with_errors(errors, item);
    };
    let arguments = parse::arguments(&mut errors, &DATACLASS, arguments);
    let family = ir::dataclass(&mut errors, head.place(), arguments);
    check::dataclass(&mut errors, &head);
    // The one below writes what there is to write.
    if !head.is_type() || head.again().is_some() {
        return with_errors(errors, item);
    }
    // What cannot be a field cannot be cloned either, and the derive says the former.
    let clone = writes_clone(&head.attributes) && !holds_what_it_cannot(item.clone());
    with_errors(errors, expand::dataclass(&item, clone, family.as_ref()))
}

/// Whether `Clone` is left to `#[pytree_dataclass]`.
fn writes_clone(attributes: &[syn::Attribute]) -> bool {
    !parse::derives(attributes, "Clone") && !parse::says(attributes, "own_clone")
}

/// Whether the derive refuses the type of a field.
fn holds_what_it_cannot(item: TokenStream) -> bool {
    let mut unheard = Errors::default();
    parse::item(&mut unheard, &PYTREE, item)
        .is_some_and(|item| check::has_refused_field(&ir::node(&mut unheard, item)))
}

/// The hidden derive: the `PyTree` impl.
fn tree(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(item) = parse::item(&mut errors, &PYTREE, item) else {
        return with_errors(errors, TokenStream::new());
    };
    let clone = writes_clone(&item.attributes);
    let node = ir::node(&mut errors, item);
    check::node(&mut errors, &node);
    let expansion = match errors.into_tokens() {
        None => expand::tree(&node),
        Some(errors) => {
            let clone = clone && check::has_refused_field(&node) && !check::has_no_size(&node);
            let clone = clone.then(|| expand::fallback::clone(&node));
            let tree = (!check::stays_on_its_thread(&node)).then(|| expand::fallback::tree(&node));
            quote!(#errors #clone #tree)
        }
    };
    dump::passing("#[pytree_dataclass]", &node.name.to_string(), expansion)
}

/// `#[derive(Layer)]`: the `Layer` impl.
fn layer(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(item) = parse::item(&mut errors, &LAYER, item) else {
        return with_errors(errors, TokenStream::new());
    };
    let layer = ir::layer(&mut errors, item);
    check::layer(&mut errors, &layer);
    let expansion = match errors.into_tokens() {
        None => expand::layer(&layer),
        Some(errors) => {
            let layer = (!check::stays_on_its_thread(&layer.node)).then(|| expand::fallback::layer(&layer));
            quote!(#errors #layer)
        }
    };
    dump::passing("#[derive(Layer)]", &layer.node.name.to_string(), expansion)
}

/// The errors, if any, and what stands beside them.
fn with_errors(errors: Errors, beside: TokenStream) -> TokenStream {
    let errors = errors.into_tokens();
    quote!(#errors #beside)
}
