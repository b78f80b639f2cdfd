//! The item that a derive is on: its name, generics, fields and options.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, Generics, Member, Meta, Path, Token, Type, Visibility};

use super::docs::docs;
use super::options::{Opt, options};
use crate::diag::Errors;
use crate::words::{self, DATACLASS, LAYER, PYTREE, Place};

/// What kind of item it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Struct,
    Enum,
    Union,
}

/// The item as it was written.
pub(crate) struct Item {
    pub(crate) name: Ident,
    pub(crate) form: Form,
    pub(crate) generics: Generics,
    pub(crate) docs: String,
    /// In declaration order; none of an enum or union.
    pub(crate) fields: Vec<Field>,
    /// Those of an enum.
    pub(crate) variants: Vec<Variant>,
    pub(crate) pytree: Vec<Opt>,
    pub(crate) layer: Vec<Opt>,
    /// The attributes that are not ours.
    pub(crate) attributes: Vec<Attribute>,
}

/// One variant of an enum as it was written.
pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) docs: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) pytree: Vec<Opt>,
    pub(crate) layer: Vec<Opt>,
}

/// One field as it was written.
pub(crate) struct Field {
    pub(crate) visibility: Visibility,
    pub(crate) member: Member,
    pub(crate) ty: Type,
    pub(crate) docs: String,
    pub(crate) pytree: Vec<Opt>,
    pub(crate) layer: Vec<Opt>,
}

/// Reads the item; `None` where Rust's own grammar does not hold.
///
/// Two derives read the same item. Each reports the mistakes in its own attribute, `own`, and leaves those in
/// the other's attribute to the other.
pub(crate) fn item(errors: &mut Errors, own: &words::Attribute, tokens: TokenStream) -> Option<Item> {
    let input: DeriveInput = syn::parse2(tokens).map_err(|error| errors.unread(error)).ok()?;
    // An enum is called by hand, which is told; what stands in its `#[layer(..)]` is then not looked at.
    let listens = own.name != LAYER.name || !matches!(input.data, Data::Enum(_));
    let mut read = |attribute: &words::Attribute, on: &[Attribute], place| {
        let mut others = Errors::default();
        let errors = if listens && attribute.name == own.name { &mut *errors } else { &mut others };
        options(errors, attribute, on, place)
    };
    let (form, fields, variants) = match input.data {
        Data::Struct(data) => (Form::Struct, fields(data.fields, Place::Field, &mut read), Vec::new()),
        Data::Enum(data) => {
            let variants = data.variants.into_iter().map(|variant| Variant {
                name: variant.ident,
                docs: docs(&variant.attrs),
                pytree: read(&PYTREE, &variant.attrs, Place::Variant),
                layer: read(&LAYER, &variant.attrs, Place::Variant),
                fields: fields(variant.fields, Place::FieldOfVariant, &mut read),
            });
            (Form::Enum, Vec::new(), variants.collect())
        }
        Data::Union(_) => (Form::Union, Vec::new(), Vec::new()),
    };
    let place = if form == Form::Enum { Place::Enum } else { Place::Struct };
    Some(Item {
        name: input.ident,
        form,
        generics: input.generics,
        docs: docs(&input.attrs),
        fields,
        variants,
        pytree: read(&PYTREE, &input.attrs, place),
        layer: read(&LAYER, &input.attrs, place),
        attributes: input.attrs,
    })
}

/// The fields of a struct or of a variant; `read` gives the options of an attribute.
fn fields(
    fields: Fields,
    place: Place,
    read: &mut impl FnMut(&words::Attribute, &[Attribute], Place) -> Vec<Opt>,
) -> Vec<Field> {
    let members: Vec<Member> = fields.members().collect();
    let fields = fields.into_iter().zip(members).map(|(field, member)| Field {
        member,
        docs: docs(&field.attrs),
        pytree: read(&PYTREE, &field.attrs, place),
        layer: read(&LAYER, &field.attrs, place),
        visibility: field.vis,
        ty: field.ty,
    });
    fields.collect()
}

/// The beginning of any item, for an attribute that may stand on anything.
pub(crate) struct Head {
    pub(crate) attributes: Vec<Attribute>,
    /// The first token after the visibility: `struct`, `fn`, `impl`.
    pub(crate) keyword: TokenTree,
    pub(crate) name: Option<Ident>,
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let head = Head { attributes, keyword: input.parse()?, name: input.call(Ident::parse_any).ok() };
        input.parse::<TokenStream>()?;
        Ok(head)
    }
}

impl Head {
    /// Where an option on the item stands.
    pub(crate) fn place(&self) -> Place {
        if self.keyword.to_string() == "enum" { Place::Enum } else { Place::Struct }
    }

    /// `#[pytree_dataclass]`, where it stands below another one.
    pub(crate) fn again(&self) -> Option<&Path> {
        let mut paths = self.attributes.iter().map(Attribute::path);
        paths.find(|path| path.segments.last().is_some_and(|last| last.ident == DATACLASS.name))
    }

    /// Whether a derive may stand on the item.
    pub(crate) fn is_type(&self) -> bool {
        self.name.is_some() && ["struct", "enum", "union"].contains(&self.keyword.to_string().as_str())
    }
}

/// Reads the beginning of an item; `None` where Rust's own grammar does not hold.
pub(crate) fn head(errors: &mut Errors, tokens: TokenStream) -> Option<Head> {
    syn::parse2(tokens).map_err(|error| errors.unread(error)).ok()
}

/// Whether a `#[derive(..)]` among `attributes` names `trait_name`.
pub(crate) fn derives(attributes: &[Attribute], trait_name: &str) -> bool {
    let mut found = false;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        if let Meta::List(list) = &attribute.meta {
            let parsed = list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
            found |= parsed.is_ok_and(|paths| {
                paths.iter().any(|path| path.segments.last().is_some_and(|last| last.ident == trait_name))
            });
        }
    }
    found
}

/// Whether a `#[pytree(..)]` among `attributes` has the option `word`. (Mistakes in it are the derive's to report.)
pub(crate) fn says(attributes: &[Attribute], word: &str) -> bool {
    options(&mut Errors::default(), &PYTREE, attributes, Place::Struct)
        .iter()
        .any(|option| option.word == word)
}

/// The `repr` of a packed struct, whose fields cannot be borrowed.
pub(crate) fn packed(attributes: &[Attribute]) -> Option<Path> {
    let is_packed = |attribute: &&Attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("repr") => list
            .tokens
            .clone()
            .into_iter()
            .any(|token| matches!(&token, TokenTree::Ident(word) if word == "packed")),
        _ => false,
    };
    attributes.iter().find(is_packed).map(|attribute| attribute.path().clone())
}
