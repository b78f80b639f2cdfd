//! The `PyTree` impl: the parts, and a copy with other children.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use syn::Generics;
use syn::spanned::Spanned;

use super::steps::steps;
use super::structs::structs;
use super::{bound, bounded, hidden, local};
use crate::ir::{Field, Form, Node, Role};

/// Emits, for `struct Mlp { up: Linear, #[pytree(static)] act: Function }`:
///
/// ```text
/// const _: () = {
///     use ::pz::__private as pz_;
///     impl pz_::PyTree for Mlp {
///         fn info(&self) -> &'static pz_::NodeInfo {
///             &<Self as pz_::Struct>::TABLES[0]
///         }
///         fn parts<'a>(&'a self, out: &mut pz_::Vec<pz_::Part<'a>>) {
///             let Self { up: pz_0, act: pz_1 } = self;
///             out.push(pz_::PyTree::as_part(pz_0));
///             out.push(pz_::Part::Static(pz_::Static::as_static(pz_1)));
///         }
///         fn rebuild(&self, edits: &mut pz_::Edits) -> pz_::Result<pz_::Node> {
///             pz_::Ok(pz_::Box::new({
///                 let Self { up: pz_0, act: pz_1 } = self;
///                 Self { up: pz_::PyTree::edited(pz_0, self, edits, 0)?, act: pz_::Clone::clone(pz_1) }
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
    let structs = structs(node, &generics);
    let steps = steps(node);
    let (info, parts, rebuilt) = match node.form {
        Form::Enum => of_variants(node),
        _ => of_struct(node),
    };
    let key = node.key_for_field.as_ref().map(|path| {
        quote! {
            fn child_key(&self, index: usize) -> pz_::PathKey {
                let key: fn(&Self, &str) -> pz_::PathKey = #path;
                pz_::key_of(self, index, |name| key(self, name))
            }
        }
    });
    // A path that nobody takes is no mistake, and its methods are called as the user called the fields.
    hidden(quote! {
        #[automatically_derived]
        impl #parameters pz_::PyTree for #name #arguments #bounds {
            fn info(&self) -> &'static pz_::NodeInfo {
                &<Self as pz_::Struct>::TABLES[#info]
            }
            fn parts<'a>(&'a self, out: &mut pz_::Vec<pz_::Part<'a>>) {
                #parts
            }
            fn rebuild(&self, edits: &mut pz_::Edits) -> pz_::Result<pz_::Node> {
                pz_::Ok(pz_::Box::new(#rebuilt))
            }
            fn clone_node(&self) -> pz_::Node {
                pz_::Box::new(pz_::Clone::clone(self))
            }
            #key
            #families
            fn into_slot(self: pz_::Box<Self>, slot: pz_::TypeId) -> pz_::Result<pz_::Box<dyn pz_::Any>, pz_::Node> {
                use pz_::{SlotOfLayer as _, SlotOfNode as _};
                (&pz_::SlotProbe::of(&*self)).fill(self, slot)
            }
        }
        #instance
        #structs
        #[allow(dead_code, missing_docs, unreachable_pub, private_interfaces, nonstandard_style, clippy::all)]
        const _: () = {
            #steps
        };
    })
}

/// Which table, the parts, and a copy with other children.
fn of_struct(node: &Node) -> (TokenStream, TokenStream, TokenStream) {
    let (pattern, parts, rebuilt) = taken_apart(&node.fields);
    let open = (!node.fields.is_empty()).then(|| quote!(let Self #pattern = self;));
    (quote!(0usize), quote!(#open #parts), quote!({ #open Self { #rebuilt } }))
}

/// The same of an enum: a `match` each.
fn of_variants(node: &Node) -> (TokenStream, TokenStream, TokenStream) {
    let (mut tables, mut parts, mut copies) = (TokenStream::new(), TokenStream::new(), TokenStream::new());
    for (table, variant) in node.variants.iter().enumerate() {
        let name = &variant.name;
        let (pattern, part, rebuilt) = taken_apart(&variant.fields);
        tables.extend(quote!(Self::#name { .. } => #table,));
        parts.extend(quote!(Self::#name #pattern => { #part }));
        copies.extend(quote!(Self::#name #pattern => Self::#name { #rebuilt },));
    }
    (quote!(match self { #tables }), quote!(match self { #parts }), quote!(match self { #copies }))
}

/// A pattern that takes all fields apart, the statements that give the parts, and the fields of a copy.
fn taken_apart(fields: &[Field]) -> (TokenStream, TokenStream, TokenStream) {
    let bound: Vec<Ident> = fields.iter().enumerate().map(|(place, field)| bound(place, field)).collect();
    let members = fields.iter().map(|field| &field.member);
    let parts = fields.iter().zip(&bound).map(|(field, bound)| part(field, bound));
    let mut index = 0_usize..;
    let rebuilt = fields.iter().zip(&bound).map(|(field, bound)| rebuilt(field, bound, &mut index));
    (quote!({ #(#members: #bound),* }), quote!(#(#parts)*), quote!(#(#rebuilt),*))
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

fn part(field: &Field, bound: &Ident) -> TokenStream {
    match field.role {
        Role::Child => {
            let child = quote_spanned!(field.span()=> pz_::PyTree::as_part(#bound));
            quote!(out.push(#child);)
        }
        Role::Static => {
            let value = quote_spanned!(field.span()=> pz_::Static::as_static(#bound));
            quote!(out.push(pz_::Part::Static(#value));)
        }
    }
}

fn rebuilt(field: &Field, bound: &Ident, index: &mut impl Iterator<Item = usize>) -> TokenStream {
    let member = &field.member;
    let value = match field.role {
        Role::Child => {
            let (index, this, edits) = (index.next(), local("self"), local("edits"));
            quote_spanned!(field.span()=> pz_::PyTree::edited(#bound, #this, #edits, #index)?)
        }
        Role::Static => quote_spanned!(field.span()=> pz_::Clone::clone(#bound)),
    };
    quote!(#member: #value)
}
