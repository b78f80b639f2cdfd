//! The `Struct` impl, a table and a value made of its fields, and `Debug`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Generics, Visibility};

use super::local;
use crate::ir::{Fallback, Field, Form, Node, Role};

/// Emits, for `pub struct Norm { pub scale: NamedArray, #[pytree(static, default = 1e-6)] pub epsilon: f64 }`:
///
/// ```text
/// impl pz_::Struct for Norm {
///     const TABLES: &'static [pz_::NodeInfo] = &[pz_::NodeInfo { type_name: "Norm", fields: &[…], … }];
///     const INIT_TAKES_FIELDS: bool = true;
///     fn from_fields(pz_fields: &mut pz_::Fields<'_>) -> pz_::Result<Self> {
///         pz_::Ok(Self {
///             scale: pz_::PyTree::given(pz_fields, 0)?,
///             epsilon: pz_::Static::given_or(pz_fields, 1, || 1e-6)?,
///         })
///     }
/// }
/// impl pz_::Debug for Norm { … }
/// ```
pub(super) fn structs(node: &Node, generics: &Generics) -> TokenStream {
    let name = &node.name;
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let tables = tables(node);
    let open = node
        .all_fields()
        .all(|field| node.form == Form::Enum || matches!(field.visibility, Visibility::Public(_)));
    let made = made(node);
    let debug = (!node.own_debug).then(|| {
        quote! {
            #[automatically_derived]
            impl #parameters pz_::Debug for #name #arguments #bounds {
                fn fmt(&self, f: &mut pz_::Formatter<'_>) -> pz_::FmtResult {
                    pz_::debug(self, f)
                }
            }
        }
    });
    quote! {
        #[automatically_derived]
        impl #parameters pz_::Struct for #name #arguments #bounds {
            const TABLES: &'static [pz_::NodeInfo] = &[#(#tables),*];
            const INIT_TAKES_FIELDS: bool = #open;
            #[inline]
            fn from_fields(pz_fields: &mut pz_::Fields<'_>) -> pz_::Result<Self> {
                #made
            }
        }
        #debug
    }
}

/// The table of the type, or of each variant.
fn tables(node: &Node) -> Vec<TokenStream> {
    let name = node.name.unraw().to_string();
    if node.form == Form::Struct {
        return vec![table(node, &name, &node.docs, &node.fields)];
    }
    let of_variant = |variant: &crate::ir::Variant| {
        let name = format!("{name}::{}", variant.name.unraw());
        let docs = if variant.docs.is_empty() { &node.docs } else { &variant.docs };
        table(node, &name, docs, &variant.fields)
    };
    node.variants.iter().map(of_variant).collect()
}

fn table(node: &Node, name: &str, docs: &str, fields: &[Field]) -> TokenStream {
    let color = match &node.color {
        Some(color) => quote!(pz_::Some(#color)),
        None => quote!(pz_::None),
    };
    let fields = fields.iter().map(|field| {
        let (name, docs) = (field.name(), &field.docs);
        let entry = match field.role {
            Role::Child => quote!(pz_::child_field(#name, #docs)),
            Role::Static => quote!(pz_::static_field(#name, #docs)),
        };
        if field.default.is_some() { quote!(pz_::with_default(#entry)) } else { entry }
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

/// A value made of its fields.
fn made(node: &Node) -> TokenStream {
    if node.form == Form::Struct {
        let fields = node.fields.iter().enumerate().map(given);
        return quote!(pz_::Ok(Self { #(#fields),* }));
    }
    let last = node.variants.len().saturating_sub(1);
    let arms = node.variants.iter().enumerate().map(|(place, variant)| {
        let name = &variant.name;
        let place = if place == last { quote!(_) } else { place.into_token_stream() };
        let fields = variant.fields.iter().enumerate().map(given);
        quote!(#place => Self::#name { #(#fields),* })
    });
    quote!(pz_::Ok(match pz_fields.variant() { #(#arms),* }))
}

fn given((place, field): (usize, &Field)) -> TokenStream {
    let (member, ty, span, fields) = (&field.member, &field.ty, field.span(), local("pz_fields"));
    let of = match field.role {
        Role::Child => quote_spanned!(span=> pz_::PyTree),
        Role::Static => quote_spanned!(span=> pz_::Static),
    };
    let value = match &field.default {
        None => quote_spanned!(span=> #of::given(#fields, #place)?),
        // The type is stated so that a default of another type is an error at the default.
        Some(Fallback::OfType) => {
            quote_spanned!(span=> <#ty as #of>::given_or(#fields, #place, pz_::Default::default)?)
        }
        Some(Fallback::Value(value)) => {
            quote_spanned!(span=> <#ty as #of>::given_or(#fields, #place, || #value)?)
        }
    };
    quote!(#member: #value)
}
