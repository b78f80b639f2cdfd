//! Typed paths through groups: `Decoder::path().blocks().mix().norm()`.
//!
//! What is in a group is in fields that hold any layers, so the steps to it cannot be read off their types. The model
//! knows what it put there: each group has a type of its own for paths, with a method for each of its parts, that goes
//! through the fields between.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;

use super::chain::Chain;
use super::named;
use crate::ir::model::{Form, Layer, Model};
use crate::words::ATTENTION_PARTS;

/// The groups of a model, each with its number.
pub(super) struct Groups<'m> {
    model: &'m Model,
    numbers: HashMap<*const Form, usize>,
    found: Vec<Group<'m>>,
}

/// A group: its name, the node that it is, and its parts.
struct Group<'m> {
    name: String,
    node: TokenStream,
    parts: Vec<Part<'m>>,
    /// The layers that stand before the group, which it can share with.
    known: Vec<&'m Layer>,
}

/// A part: the fields that lead to it from the group, and its place in the last.
struct Part<'m> {
    layer: &'m Layer,
    through: Vec<&'static str>,
    place: Option<usize>,
}

/// The fields of an attention, with the number of layers that are there before those of the part.
const ATTENTION: [(&str, usize); 5] = [
    ("input_to_query", 0),
    ("input_to_key", 0),
    ("input_to_value", 0),
    ("query_key_to_attn", 1),
    ("attn_value_to_output", 1),
];

impl<'m> Groups<'m> {
    pub(super) fn of(model: &'m Model) -> Self {
        let mut groups = Groups { model, numbers: HashMap::new(), found: Vec::new() };
        groups.look(&model.layers, "", &[]);
        groups
    }

    fn look(&mut self, layers: &'m [Layer], above: &str, before: &[&'m Layer]) {
        let mut known = before.to_vec();
        for layer in layers {
            let name = format!("{above}{}", camel_case(&layer.name));
            let parts: &'m [Layer] = match &layer.form {
                Form::Block { word, parts } => {
                    let word = word.to_string();
                    let (node, through) = match word.as_str() {
                        "residual" => (quote!(pz_::Residual), vec!["delta", "sublayers"]),
                        "add" => (quote!(pz_::BranchAndAddTogether), vec!["branches"]),
                        "multiply" => (quote!(pz_::BranchAndMultiplyTogether), vec!["branches"]),
                        _ => (quote!(pz_::NamedGroup), vec!["sublayers"]),
                    };
                    self.add(&layer.form, &name, node, in_a_row(parts, &through, 0), &known);
                    parts
                }
                Form::From { parts, .. } => {
                    let row = in_a_row(parts, &["sublayers"], 0);
                    self.add(&layer.form, &name, quote!(pz_::FromInput), row, &known);
                    parts
                }
                Form::Stack { parts, .. } => {
                    let row = in_a_row(parts, &["stacked_sublayers", "sublayers"], 0);
                    self.add(&layer.form, &name, quote!(pz_::LayerStack), row, &[]);
                    self.look(parts, &name, &[]);
                    &[]
                }
                Form::Attention { parts, .. } => {
                    self.attention(layer, parts, &name, &known);
                    &[]
                }
                _ => &[],
            };
            self.look(parts, &name, &known);
            known.push(layer);
        }
    }

    fn attention(&mut self, layer: &'m Layer, written: &'m [Layer], name: &str, known: &[&'m Layer]) {
        let mut parts = Vec::new();
        for (wanted, (field, first)) in ATTENTION_PARTS.into_iter().zip(ATTENTION) {
            let Some(part) = written.iter().find(|part| part.name == wanted) else { continue };
            match &part.form {
                Form::Block { word, parts: inner } if word == "group" => {
                    let name = format!("{name}{}", camel_case(&part.name));
                    let row = in_a_row(inner, &["sublayers"], first);
                    self.add(&part.form, &name, quote!(pz_::Sequential), row, known);
                    self.look(inner, &name, known);
                    parts.push(Part { layer: part, through: vec![field], place: None });
                }
                _ => {
                    self.look(std::slice::from_ref(part), name, known);
                    parts.push(Part { layer: part, through: vec![field, "sublayers"], place: Some(first) });
                }
            }
        }
        self.add(&layer.form, name, quote!(pz_::Attention), parts, known);
    }

    fn add(
        &mut self,
        form: &'m Form,
        name: &str,
        node: TokenStream,
        parts: Vec<Part<'m>>,
        known: &[&'m Layer],
    ) {
        self.numbers.insert(form, self.found.len());
        self.found.push(Group { name: name.to_owned(), node, parts, known: known.to_vec() });
    }

    /// The type whose steps follow on a layer that is a group, or shares with one; `model` is the model's own type.
    pub(super) fn steps_of(
        &self,
        layer: &'m Layer,
        known: &[&'m Layer],
        model: &TokenStream,
    ) -> Option<TokenStream> {
        let form = itself(layer, known);
        let number = self.numbers.get(&std::ptr::from_ref(form))?;
        Some(quote!(<#model as ::pz::__private::Grouped<#number>>::Parts))
    }

    /// The type that a typed path leads to at a part.
    fn type_of(
        &self,
        layer: &'m Layer,
        known: &[&'m Layer],
        chain: &Chain<'_>,
        model: &TokenStream,
    ) -> TokenStream {
        if let Some(steps) = self.steps_of(layer, known, model) {
            return steps;
        }
        let form = itself(layer, known);
        let number = chain.step(form);
        let form = match form {
            Form::Shared { as_: Some(inner), .. } => inner,
            form => form,
        };
        match form {
            Form::Keeps { ty, .. }
            | Form::ActsOver { ty, .. }
            | Form::Maps { ty, .. }
            | Form::Model { ty, .. }
            | Form::Typed { ty, .. } => {
                let ty = named::code_type(number, ty, chain.parameters);
                quote!(pz_::Slot<#ty>)
            }
            _ => quote!(pz_::AnyLayer),
        }
    }

    /// The types of paths.
    pub(super) fn items(&self, chain: &Chain<'_>) -> TokenStream {
        let (name, parameters) = (&self.model.name, &self.model.symbols.parameters);
        let constants = quote!(#(const #parameters: usize),*);
        let arguments = quote!(#(#parameters),*);
        let model = quote!(#name<#arguments>);
        let visibility = &self.model.visibility;
        let items = self.found.iter().enumerate().map(|(number, group)| {
            let node = &group.node;
            let path = Ident::new(&format!("{}{}Path", name.unraw(), group.name), Span::call_site());
            let mut known = group.known.clone();
            let methods: Vec<TokenStream> = group
                .parts
                .iter()
                .map(|Part { layer, through, place }| {
                    let (method, ty) = (&layer.name, self.type_of(layer, &known, chain, &model));
                    known.push(layer);
                    let place = match place {
                        Some(place) => quote!(pz_::Some(#place)),
                        None => quote!(pz_::None),
                    };
                    quote! {
                        #visibility fn #method(self) -> pz_::PathOf<PzRoot, #ty> where #ty: pz_::Steps<PzRoot> {
                            self.0.part::<#ty>(&[#(#through),*], #place)
                        }
                    }
                })
                .collect();
            quote! {
                const _: () = {
                    pub struct PzParts<#constants>;
                    pub struct #path<PzRoot, #constants>(pz_::PathTo<PzRoot, #node>);
                    impl<#constants> pz_::Grouped<#number> for #model { type Parts = PzParts<#arguments>; }
                    impl<PzRoot, #constants> pz_::TypedKeyPath for #path<PzRoot, #arguments> {
                        type Root = PzRoot;
                        type Node = #node;
                        fn typed(self) -> pz_::PathTo<PzRoot, #node> { self.0 }
                    }
                    impl<PzRoot, #constants> pz_::Steps<PzRoot> for PzParts<#arguments> {
                        type Path = #path<PzRoot, #arguments>;
                        fn begin(path: pz_::PathTo<PzRoot, Self>) -> Self::Path { #path(path.seen_as()) }
                    }
                    impl<PzRoot, #constants> #path<PzRoot, #arguments> { #(#methods)* }
                };
            }
        });
        // A path that nobody takes is no mistake, and its methods are called as the user called the layers.
        quote! {
            #[allow(dead_code, missing_docs, unreachable_pub, private_interfaces, nonstandard_style, clippy::all)]
            const _: () = { #(#items)* };
        }
    }
}

/// The form of a layer, or of the one that it is again.
fn itself<'m>(layer: &'m Layer, mut known: &[&'m Layer]) -> &'m Form {
    let mut form = &layer.form;
    while let Form::Shared { of, as_: None } = form {
        let Some(place) = known.iter().rposition(|known| known.name == *of) else { break };
        form = &known[place].form;
        known = &known[..place];
    }
    form
}

/// Parts that are one after the other in a field.
fn in_a_row<'m>(layers: &'m [Layer], through: &[&'static str], first: usize) -> Vec<Part<'m>> {
    let part = |(place, layer)| Part { layer, through: through.to_vec(), place: Some(first + place) };
    layers.iter().enumerate().map(part).collect()
}

/// `feed_forward` as `FeedForward`.
fn camel_case(name: &Ident) -> String {
    let name = name.unraw().to_string();
    let words = name.split('_').map(|word| {
        let mut letters = word.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        first + letters.as_str()
    });
    words.collect()
}
