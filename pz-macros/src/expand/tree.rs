//! The `PyTree` impl: a const table, the parts, and a copy with other children.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};

use syn::Generics;
use syn::spanned::Spanned;

use super::{bounded, hidden};
use crate::ir::{Field, Node, Role};

/// Emits, for `struct Mlp { up: Linear, #[pytree(static)] act: Function }`:
///
/// ```text
/// const _: () = {
///     use ::pz::__private as pz_;
///     impl pz_::PyTree for Mlp {
///         fn info(&self) -> &'static pz_::NodeInfo {
///             static INFO: pz_::NodeInfo = pz_::NodeInfo { type_name: "Mlp", fields: &[…], … };
///             &INFO
///         }
///         fn parts<'a>(&'a self, out: &mut pz_::Vec<pz_::Part<'a>>) {
///             out.push(pz_::PyTree::as_part(&self.up));
///             out.push(pz_::Part::Static(&self.act));
///         }
///         fn rebuild(&self, edits: &mut pz_::Edits) -> pz_::Result<pz_::Node> {
///             pz_::Ok(pz_::Box::new(Self {
///                 up: pz_::PyTree::edited(&self.up, edits, 0, "up")?,
///                 act: pz_::Clone::clone(&self.act),
///             }))
///         }
///         fn clone_node(&self) -> pz_::Node { … }
///         fn into_slot(…) -> … { … }
///     }
/// };
/// ```
pub(crate) fn tree(node: &Node) -> TokenStream {
    let name = &node.name;
    let mut generics = bounded(&node.generics, node.needs());
    if node.is_generic() {
        // `Clone` is the user's own or derived, with bounds that are not known here.
        generics.make_where_clause().predicates.push(syn::parse_quote!(Self: pz_::Clone));
        if node.layer {
            generics.make_where_clause().predicates.push(syn::parse_quote!(Self: pz_::Layer));
        }
    }
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let instance = instance(node, &generics);
    let families = families(node);
    let info = info(node);
    let parts = node.fields.iter().map(part);
    let mut index = 0_usize..;
    let rebuilt = node.fields.iter().map(|field| rebuilt(field, &mut index));
    hidden(quote! {
        #[automatically_derived]
        impl #parameters pz_::PyTree for #name #arguments #bounds {
            fn info(&self) -> &'static pz_::NodeInfo {
                static INFO: pz_::NodeInfo = #info;
                &INFO
            }
            fn parts<'a>(&'a self, out: &mut pz_::Vec<pz_::Part<'a>>) {
                #(#parts)*
            }
            fn rebuild(&self, edits: &mut pz_::Edits) -> pz_::Result<pz_::Node> {
                pz_::Ok(pz_::Box::new(Self { #(#rebuilt),* }))
            }
            fn clone_node(&self) -> pz_::Node {
                pz_::Box::new(pz_::Clone::clone(self))
            }
            #families
            fn into_slot(self: pz_::Box<Self>, slot: pz_::TypeId) -> pz_::Result<pz_::Box<dyn pz_::Any>, pz_::Node> {
                use pz_::{SlotOfLayer as _, SlotOfNode as _};
                (&pz_::SlotProbe::of(&*self)).fill(self, slot)
            }
        }
        #instance
    })
}

/// That nodes can be instances of the type: seen as the type, or as nodes where it is a family.
pub(super) fn instance(node: &Node, generics: &Generics) -> TokenStream {
    let name = &node.name;
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let (seen, ask) = match node.family {
        false => (quote!(Self), quote!(node.downcast_ref())),
        true => (quote!(dyn pz_::PyTree), quote!(pz_::member_of::<Self>(node))),
    };
    let family = node.family.then(|| quote!(impl #parameters pz_::Family for #name #arguments #bounds {}));
    quote! {
        impl #parameters pz_::Instance for #name #arguments #bounds {
            type Seen = #seen;
            fn seen(node: &dyn pz_::PyTree) -> pz_::Option<&#seen> { #ask }
        }
        #family
    }
}

/// The family that the type names.
fn families(node: &Node) -> Option<TokenStream> {
    node.is.as_ref().map(|family| {
        let id = quote_spanned!(family.span()=> pz_::family_id::<#family>());
        quote! {
            fn families(&self) -> &'static [pz_::TypeId] {
                const FAMILIES: &[pz_::TypeId] = &[#id];
                FAMILIES
            }
        }
    })
}

/// The table of the type.
fn info(node: &Node) -> TokenStream {
    let name = syn::ext::IdentExt::unraw(&node.name).to_string();
    let docs = &node.docs;
    let color = match &node.color {
        Some(color) => quote!(pz_::Some(#color)),
        None => quote!(pz_::None),
    };
    let fields = node.fields.iter().map(|field| {
        let (name, docs) = (field.name(), &field.docs);
        match field.role {
            Role::Child => quote!(pz_::child_field(#name, #docs)),
            Role::Static => quote!(pz_::static_field(#name, #docs)),
        }
    });
    quote! {
        pz_::NodeInfo {
            type_name: #name,
            kind: pz_::Kind::Struct,
            fields: &[#(#fields),*],
            color: #color,
            docs: #docs,
        }
    }
}

fn part(field: &Field) -> TokenStream {
    let member = &field.member;
    let span = field.span();
    match field.role {
        Role::Child => {
            let child = quote_spanned!(span=> pz_::PyTree::as_part(&self.#member));
            quote!(out.push(#child);)
        }
        Role::Static => {
            let value = quote_spanned!(span=> &self.#member);
            quote!(out.push(pz_::Part::Static(#value));)
        }
    }
}

fn rebuilt(field: &Field, index: &mut impl Iterator<Item = usize>) -> TokenStream {
    let member = &field.member;
    let value = match field.role {
        Role::Child => {
            let name = field.name();
            let index = index.next().into_token_stream();
            quote_spanned!(field.span()=> pz_::PyTree::edited(&self.#member, edits, #index, #name)?)
        }
        Role::Static => quote_spanned!(field.span()=> pz_::Clone::clone(&self.#member)),
    };
    quote!(#member: #value)
}
