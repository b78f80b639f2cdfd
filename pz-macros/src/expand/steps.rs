//! The typed path of a node: a type with one method for each child field.

use std::collections::HashSet;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{GenericParam, Generics, Member, parse_quote};

use super::snake_case;
use crate::ir::{Field, Form, Node, Role};

/// Emits, for `struct Mlp { pub up: Linear, #[pytree(static)] act: Function }`:
///
/// ```text
/// pub struct MlpPath<PzRoot, PzNode>(pz_::PathTo<PzRoot, PzNode>);
/// impl<PzRoot, PzNode: pz_::PyTree> pz_::TypedKeyPath for MlpPath<PzRoot, PzNode> { … }
/// impl<PzRoot> pz_::Steps<PzRoot> for Mlp { type Path = MlpPath<PzRoot, Self>; … }
/// impl<PzRoot> MlpPath<PzRoot, Mlp> {
///     pub fn up(self) -> pz_::PathOf<PzRoot, Linear> where Linear: pz_::Steps<PzRoot> {
///         self.0.field::<Linear>("up")
///     }
/// }
/// ```
///
/// A variant of an enum has no step: its method leads to a path type of its own, with its fields. Where the keys are the
/// user's, what they are depends on the value, and there are no methods.
pub(super) fn steps(node: &Node) -> TokenStream {
    let name = &node.name;
    let mut generics = node.generics.clone();
    let (_, arguments, _) = node.generics.split_for_impl();
    let of = quote!(#name #arguments);
    generics.params.insert(0, GenericParam::Type(parse_quote!(PzRoot)));
    let (parameters, _, bounds) = generics.split_for_impl();
    let path = format_ident!("{}Path", name.unraw(), span = Span::call_site());
    let first = path_type(&path);
    let rest = match (&node.key_for_field, node.form) {
        (Some(_), _) => TokenStream::new(),
        (None, Form::Enum) => variants(node, &path, &of, &generics),
        (None, _) => {
            let fields = node.fields.iter().filter_map(|field| {
                let visibility = &field.visibility;
                Some((visibility.to_token_stream(), field)).filter(|_| field.role == Role::Child)
            });
            methods(&path, &of, &generics, &fields.collect::<Vec<_>>())
        }
    };
    quote! {
        #first
        impl #parameters pz_::Steps<PzRoot> for #of #bounds {
            type Path = #path<PzRoot, Self>;
            fn begin(path: pz_::PathTo<PzRoot, Self>) -> Self::Path { #path(path) }
        }
        #rest
    }
}

/// A type of paths.
fn path_type(path: &Ident) -> TokenStream {
    quote! {
        pub struct #path<PzRoot, PzNode>(pz_::PathTo<PzRoot, PzNode>);
        impl<PzRoot, PzNode: pz_::PyTree> pz_::TypedKeyPath for #path<PzRoot, PzNode> {
            type Root = PzRoot;
            type Node = PzNode;
            fn typed(self) -> pz_::PathTo<PzRoot, PzNode> { self.0 }
        }
    }
}

/// The steps to these fields, each with the visibility that it has.
fn methods(
    path: &Ident,
    of: &TokenStream,
    generics: &Generics,
    fields: &[(TokenStream, &Field)],
) -> TokenStream {
    if fields.is_empty() {
        return TokenStream::new();
    }
    let (parameters, _, bounds) = generics.split_for_impl();
    let methods = fields.iter().map(|(visibility, field)| {
        let method = match &field.member {
            Member::Named(name) => name.clone(),
            Member::Unnamed(index) => format_ident!("_{}", index.index, span = index.span),
        };
        let ty = field.path.clone().unwrap_or_else(|| field.ty.to_token_stream());
        let ty = spelled_out(ty, of);
        let key = field.name();
        quote! {
            #visibility fn #method(self) -> pz_::PathOf<PzRoot, #ty> where #ty: pz_::Steps<PzRoot> {
                self.0.field::<#ty>(#key)
            }
        }
    });
    quote!(impl #parameters #path<PzRoot, #of> #bounds { #(#methods)* })
}

/// The path types of the variants that have children, and the methods that lead to them.
fn variants(node: &Node, path: &Ident, of: &TokenStream, generics: &Generics) -> TokenStream {
    let (parameters, _, bounds) = generics.split_for_impl();
    let (mut types, mut leads, mut taken) = (TokenStream::new(), TokenStream::new(), HashSet::new());
    for variant in &node.variants {
        let children = variant.fields.iter().filter(|field| field.role == Role::Child);
        let children: Vec<_> = children.map(|field| (quote!(pub), field)).collect();
        let method = method_name(&variant.name);
        if children.is_empty() || !taken.insert(method.to_string()) {
            continue;
        }
        let inner = format_ident!("{path}{}", variant.name.unraw());
        types.extend(path_type(&inner));
        types.extend(methods(&inner, of, generics, &children));
        leads.extend(quote!(pub fn #method(self) -> #inner<PzRoot, #of> { #inner(self.0) }));
    }
    quote!(#types impl #parameters #path<PzRoot, #of> #bounds { #leads })
}

/// The name of a variant as that of a method.
fn method_name(variant: &Ident) -> Ident {
    let name = snake_case(&variant.unraw().to_string());
    if syn::parse_str::<Ident>(&name).is_ok() {
        return Ident::new(&name, variant.span());
    }
    match name.as_str() {
        "self" | "super" | "crate" | "_" => format_ident!("{name}_", span = variant.span()),
        _ => Ident::new_raw(&name, variant.span()),
    }
}

/// The type of a field, in which `Self` is written out: it would be the path type here.
fn spelled_out(ty: TokenStream, of: &TokenStream) -> TokenStream {
    let tokens = ty.into_iter().flat_map(|token| match token {
        TokenTree::Ident(ident) if ident == "Self" => of.clone(),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), spelled_out(group.stream(), of));
            inner.set_span(group.span());
            TokenTree::Group(inner).into()
        }
        token => token.into(),
    });
    tokens.collect()
}
