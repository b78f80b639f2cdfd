//! The `Layer` impl: one call into the runtime, with the children and their names.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Generics;

use super::model::chain::Chain;
use super::{bound, bounded, hidden};
use crate::ir::{Layer, Rule, model::Model};

/// Emits, for a sequential `struct Mlp { up: Linear, down: Linear }`:
///
/// ```text
/// const _: () = {
///     use ::pz::__private as pz_;
///     impl pz_::Layer for Mlp {
///         fn call(&self, input: pz_::Value, side: &pz_::SideInputs) -> pz_::Result<pz_::Value> {
///             let Self { up: pz_0, down: pz_1, .. } = self;
///             pz_::call_sequential(self, &[("up", pz_0), ("down", pz_1)], input, side)
///         }
///     }
/// };
/// ```
pub(crate) fn layer(layer: &Layer) -> TokenStream {
    let name = &layer.node.name;
    let mut needs = layer.node.needs();
    needs.extend(layer.needs());
    let mut generics = bounded(&layer.node.generics, needs);
    if layer.node.is_generic() {
        generics.make_where_clause().predicates.push(syn::parse_quote!(Self: pz_::Clone));
    }
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let mut body = body(layer);
    let mut signed = TokenStream::new();
    if let Some(model) = &layer.signature {
        signed = signature(layer, model, &generics);
        body = quote! {
            pz_::call_signed(&PZ_SIGNATURE, <Self as pz_::Signed>::ARGUMENTS, input, side, &|input, side| { #body })
        };
    }
    hidden(quote! {
        #signed
        #[automatically_derived]
        impl #parameters pz_::Layer for #name #arguments #bounds {
            fn call(&self, input: pz_::Value, side: &pz_::SideInputs) -> pz_::Result<pz_::Value> {
                #body
            }
        }
    })
}

/// The constant, and the trait that gives it.
pub(super) fn signature(layer: &Layer, model: &Model, generics: &Generics) -> TokenStream {
    let mut chain = Chain::new(model, true);
    chain.header(model);
    if matches!(layer.rule, Rule::Residual(_)) && !model.input.broken && !model.output.broken {
        chain.residual(&layer.node.name, model.output.axes.span);
    }
    let signature = chain.signature(model);
    let (constants, parameters) = (&chain.items, &model.symbols.parameters);
    let name = &layer.node.name;
    let (generics, arguments, bounds) = generics.split_for_impl();
    quote! {
        #constants
        #signature
        #[automatically_derived]
        impl #generics pz_::Signed for #name #arguments #bounds {
            const SIGNATURE: &'static pz_::Signature = &PZ_SIGNATURE;
            const ARGUMENTS: &'static [usize] = &[#(#parameters),*];
            fn slot(self) -> pz_::Slot<Self> { pz_::Slot::new(self) }
        }
    }
}

fn body(layer: &Layer) -> TokenStream {
    let function = match &layer.rule {
        Rule::Sequential => quote!(pz_::call_sequential),
        Rule::Residual(_) => quote!(pz_::call_residual),
        Rule::Add(_) => quote!(pz_::call_sum),
        Rule::Multiply(_) => quote!(pz_::call_product),
        Rule::Call(path) => {
            // The type is stated so that a function of another type is one error, at its path.
            return quote! {
                let call: fn(&Self, pz_::Value, &pz_::SideInputs) -> pz_::Result<pz_::Value> = #path;
                call(self, input, side)
            };
        }
    };
    let children: Vec<_> = layer.node.children().collect();
    let members = children.iter().map(|field| &field.member);
    let bound: Vec<_> = children.iter().enumerate().map(|(place, field)| bound(place, field)).collect();
    let names = children.iter().map(|field| field.name());
    let open = (!children.is_empty()).then(|| quote!(let Self { #(#members: #bound,)* .. } = self;));
    quote!(#open #function(self, &[#((#names, #bound)),*], input, side))
}
