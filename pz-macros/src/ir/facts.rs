//! Questions about the intermediate representation.
//!
//! The bounds are the ones that the generated code needs and no more: a type that mentions no type parameter
//! gets none, so that a mistake in it is reported at the field and not at the whole impl.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Lifetime, Member};

use super::{Field, Layer, Node, Role, Rule};

/// What a type must be for the generated code to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Child,
    Static,
    Layer,
}

impl Node {
    /// The fields that are trees of their own.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.role == Role::Child)
    }

    /// All fields, those of an enum's variants too.
    pub(crate) fn all_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(self.variants.iter().flat_map(|variant| &variant.fields))
    }

    /// The lifetimes that the type declares.
    pub(crate) fn lifetimes(&self) -> impl Iterator<Item = &Lifetime> {
        self.generics.lifetimes().map(|parameter| &parameter.lifetime)
    }

    /// Whether the type has type parameters.
    pub(crate) fn is_generic(&self) -> bool {
        self.generics.type_params().next().is_some()
    }

    /// What the tree code needs of the types that depend on a type parameter.
    pub(crate) fn needs(&self) -> Vec<(TokenStream, Need)> {
        let need = |field: &Field| match field.role {
            Role::Child => Need::Child,
            Role::Static => Need::Static,
        };
        self.bounded(self.all_fields().map(|field| (field, need(field))))
    }

    /// Pairs each generic type with its need. A type that holds the node itself cannot be bounded (the proof
    /// would go round in circles), so its parameters are.
    fn bounded<'a>(&self, fields: impl Iterator<Item = (&'a Field, Need)>) -> Vec<(TokenStream, Need)> {
        let mut needs: Vec<(TokenStream, Need)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for (field, need) in fields {
            let words = idents(&field.ty);
            let parameters = self.generics.type_params().map(|parameter| &parameter.ident);
            let mentioned: Vec<_> = parameters.filter(|parameter| words.contains(parameter)).collect();
            let recursive = field.recursive || words.iter().any(|word| *word == self.name || word == "Self");
            let types = match mentioned.as_slice() {
                [] => Vec::new(),
                mentioned if recursive => mentioned.iter().map(ToTokens::to_token_stream).collect(),
                _ => vec![field.ty.to_token_stream()],
            };
            for ty in types {
                if seen.insert((ty.to_string(), need as u8)) {
                    needs.push((ty, need));
                }
            }
        }
        needs
    }
}

impl Layer {
    /// What the layer's code needs beside what the tree code needs.
    pub(crate) fn needs(&self) -> Vec<(TokenStream, Need)> {
        let called = |field: &&Field| field.role == Role::Child && !matches!(self.rule, Rule::Call(_));
        self.node.bounded(self.node.fields.iter().filter(called).map(|field| (field, Need::Layer)))
    }
}

impl Field {
    /// The name as a key of a path: without `r#`, and a number in a tuple struct.
    pub(crate) fn name(&self) -> String {
        match &self.member {
            Member::Named(name) => name.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        }
    }

    /// Where rustc shall point when the field's type is at fault.
    pub(crate) fn span(&self) -> Span {
        self.ty.span()
    }
}

/// Whether a word is in these tokens.
pub(crate) fn mentions(tokens: &TokenStream, word: &Ident) -> bool {
    idents(tokens).contains(word)
}

/// All identifiers in a type or an expression, those in groups too.
pub(super) fn idents(ty: &impl ToTokens) -> Vec<Ident> {
    let mut idents = Vec::new();
    let mut streams = vec![ty.to_token_stream()];
    while let Some(stream) = streams.pop() {
        for token in stream {
            match token {
                TokenTree::Ident(ident) => idents.push(ident),
                TokenTree::Group(group) => streams.push(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
    idents
}
