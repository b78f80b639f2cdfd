//! Inert impls, which stand beside an error so that code that uses the type has no further errors.
//!
//! They are compiled and never run: the crate has an error. A lifetime, refused in a node, becomes `'static`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, Lifetime};

use super::hidden;
use crate::ir::{Layer, Node};

/// A `PyTree` without parts, whose instances can be looked for.
pub(crate) fn tree(node: &Node) -> TokenStream {
    let instance = inert(
        node,
        &quote!(pz_::Instance),
        &quote! {
            type Seen = Self;
            fn seen(_: &dyn pz_::PyTree) -> pz_::Option<&Self> { loop {} }
        },
    );
    let tree = inert(
        node,
        &quote!(pz_::PyTree),
        &quote! {
            fn info(&self) -> &'static pz_::NodeInfo { loop {} }
            fn parts<'a>(&'a self, _: &mut pz_::Vec<pz_::Part<'a>>) {}
            fn rebuild(&self, _: &mut pz_::Edits) -> pz_::Result<pz_::Node> { loop {} }
            fn clone_node(&self) -> pz_::Node { loop {} }
            fn into_slot(self: pz_::Box<Self>, _: pz_::TypeId) -> pz_::Result<pz_::Box<dyn pz_::Any>, pz_::Node> { loop {} }
        },
    );
    let named = inert(
        node,
        &quote!(pz_::Struct),
        &quote! {
            const TABLES: &'static [pz_::NodeInfo] = &[];
            const INIT_TAKES_FIELDS: bool = false;
            fn from_fields(_: &mut pz_::Fields<'_>) -> pz_::Result<Self> { loop {} }
        },
    );
    let debug = (!node.own_debug).then(|| {
        let body = quote!(
            fn fmt(&self, _: &mut pz_::Formatter<'_>) -> pz_::FmtResult {
                loop {}
            }
        );
        inert(node, &quote!(pz_::Debug), &body)
    });
    quote!(#tree #instance #named #debug)
}

/// A `Clone` that gives nothing back, where the fields have none that could be derived.
pub(crate) fn clone(node: &Node) -> TokenStream {
    inert(
        node,
        &quote!(pz_::Clone),
        &quote!(
            fn clone(&self) -> Self {
                loop {}
            }
        ),
    )
}

/// A `Layer` that gives nothing back.
pub(crate) fn layer(layer: &Layer) -> TokenStream {
    inert(
        &layer.node,
        &quote!(pz_::Layer),
        &quote! {
            fn call(&self, _: pz_::Value, _: &pz_::SideInputs) -> pz_::Result<pz_::Value> { loop {} }
        },
    )
}

fn inert(node: &Node, of: &TokenStream, body: &TokenStream) -> TokenStream {
    // `Clone` is a supertrait of `Struct`, and asks more than can be known here.
    let itself = node.is_generic().then(|| quote!(Self: pz_::Clone));
    inert_where(node, of, body, itself)
}

fn inert_where(
    node: &Node,
    of: &TokenStream,
    body: &TokenStream,
    itself: Option<TokenStream>,
) -> TokenStream {
    let name = &node.name;
    let mut generics = node.generics.clone();
    generics.params = generics
        .params
        .into_iter()
        .filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
        .collect();
    let declared = generics.where_clause.take().filter(|_| node.lifetimes().next().is_none());
    let declared = declared.into_iter().flat_map(|clause| clause.predicates);
    let needed = node.generics.type_params().map(|parameter| {
        let ident = &parameter.ident;
        quote!(#ident: pz_::PyTree + pz_::Clone)
    });
    let (parameters, _, _) = generics.split_for_impl();
    let arguments = node.generics.params.iter().map(|parameter| match parameter {
        GenericParam::Lifetime(lifetime) => {
            let forever = Lifetime::new("'static", lifetime.lifetime.span());
            quote!(#forever)
        }
        GenericParam::Type(parameter) => {
            let ident = &parameter.ident;
            quote!(#ident)
        }
        GenericParam::Const(parameter) => {
            let ident = &parameter.ident;
            quote!(#ident)
        }
    });
    hidden(quote! {
        #[automatically_derived]
        impl #parameters #of for #name<#(#arguments),*> where #(#declared,)* #(#needed,)* #itself {
            #body
        }
    })
}
