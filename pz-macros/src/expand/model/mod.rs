//! The expansion of `model!`: a struct, the constants that judge it, and the code that builds it.
//!
//! ```text
//! #[::pz::__private::pytree_dataclass]
//! #[pytree(layer)]
//! pub struct Digits { pub hidden: Slot<Affine>, .. }
//!
//! const _: () = {
//!     use ::pz::__private as pz_;
//!     const PZ_CX: pz_::Context = ..;
//!     const PZ_0: pz_::Axes = ..;                                    // the input
//!     const PZ_1_L: &[pz_::Axis] = &[..];                            // what `hidden` consumes
//!     const PZ_1: pz_::Axes = pz_::made(&PZ_0, PZ_1_L, PZ_1_R, PZ_1_RULE);
//!     const _: () = pz_::judge_left(&PZ_CX, &PZ_0, "hidden", PZ_1_L, 0, PZ_1_RULE).judge();
//!     ..
//!     impl Digits { pub fn init(..) -> pz_::Result<Self> { .. } .. }
//!     impl pz_::Layer for Digits { .. }
//! };
//! ```

mod build;
pub(super) mod chain;
mod groups;
mod literal;
mod named;
mod page;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::snake_case;
use crate::ir::model::{Form, Layer, Model, own_words};
use chain::{Chain, respanned};
use groups::Groups;

/// Stands beside errors: the struct with the fields that could be read, the constants, which judge what could be read,
/// and inert code.
pub(crate) fn fallback(model: &Model) -> TokenStream {
    let Model { visibility, name, .. } = model;
    let parameters = &model.symbols.parameters;
    let item = item(model, None);
    let methods = methods(model);
    let mut chain = Chain::new(model, true);
    chain.model(model);
    let (signature, within) = (chain.signature(model), chain.within());
    let constants = &chain.items;
    quote! {
        #[allow(dead_code)]
        #item
        const _: () = {
            use ::pz::__private as pz_;
            #[allow(unused_imports)]
            use pz_::Formless as _;
            #constants
            #signature
            #[allow(dead_code, unused_variables)]
            impl <#(const #parameters: usize),*> #name <#(#parameters),*> {
                #(#visibility #methods { loop {} })*
            }
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl <#(const #parameters: usize),*> pz_::Model for #name <#(#parameters),*> {
                const SIGNATURE: &'static pz_::Signature = &PZ_SIGNATURE;
                const ARGUMENTS: &'static [usize] = &[#(#parameters),*];
                #within
                fn build(_: &str, _: pz_::Init<'_>) -> pz_::Result<pz_::Slot<Self>> { loop {} }
            }
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl <#(const #parameters: usize),*> pz_::Signed for #name <#(#parameters),*> {
                const SIGNATURE: &'static pz_::Signature = &PZ_SIGNATURE;
                const ARGUMENTS: &'static [usize] = &[#(#parameters),*];
                #within
                fn slot(self) -> pz_::Slot<Self> { loop {} }
            }
            #[automatically_derived]
            impl <#(const #parameters: usize),*> pz_::Layer for #name <#(#parameters),*> {
                fn call(&self, _: pz_::Value, _: &pz_::SideInputs) -> pz_::Result<pz_::Value> { loop {} }
            }
        };
    }
}

/// All of it.
pub(crate) fn model(model: &Model) -> TokenStream {
    let mut chain = Chain::new(model, false);
    chain.model(model);
    let groups = Groups::of(model);
    let item = item(model, Some((&page::table(model), &groups)));
    let groups = groups.items(&chain);
    let signature = chain.signature(model);
    let constants = &chain.items;
    let code = code(model, &chain);
    quote! {
        #item
        #[allow(unused_qualifications)]
        const _: () = {
            use ::pz::__private as pz_;
            #[allow(unused_imports)]
            use pz_::Formless as _;
            #constants
            #signature
            #code
            #groups
        };
    }
}

/// The struct, with its page and the typed paths into its groups where nothing is wrong. The user's attributes come after ours, so that derives of theirs are seen by ours.
fn item(model: &Model, whole: Option<(&String, &Groups<'_>)>) -> TokenStream {
    let Model { attributes, visibility, name, .. } = model;
    let parameters = &model.symbols.parameters;
    let types = field_types(&model.layers);
    let mut known: Vec<&Ident> = Vec::new();
    let mut fields = TokenStream::new();
    for (place, (layer, ty)) in model.layers.iter().zip(types).enumerate() {
        let Layer { attributes, name, .. } = layer;
        let before: Vec<&Layer> = model.layers[..place].iter().collect();
        let steps = whole.and_then(|(_, groups)| groups.steps_of(layer, &before, &quote!(Self)));
        let path = steps.map(|steps| quote!(#[pytree(path = #steps)]));
        // What stands twice, or could not be read, is told.
        if name != "_" && !known.contains(&name) {
            known.push(name);
            fields.extend(quote!(#(#attributes)* #path #visibility #name: #ty,));
        }
    }
    let page = whole.map(|(table, _)| quote!(#[doc = #table]));
    let attributes = attributes.iter().filter(|attribute| own_words(attribute).is_empty());
    // What is ours stands at the model's name, where the compiler shall point when it speaks of the struct.
    let at = Span::call_site().located_at(name.span());
    let ours = |tokens: TokenStream| respanned(tokens, at);
    let node = ours(quote!(#[::pz::__private::pytree_dataclass] #[pytree(layer)]));
    let declared = ours(quote!(#visibility struct));
    let generics = ours(quote!(<#(const #parameters: usize),*>));
    let mut body = Group::new(Delimiter::Brace, fields);
    body.set_span(at);
    quote!(#node #(#attributes)* #page #declared #name #generics #body)
}

/// The type of each field.
fn field_types(layers: &[Layer]) -> Vec<TokenStream> {
    let mut types: Vec<(Ident, TokenStream)> = Vec::new();
    for layer in layers {
        let ty = field_type(&layer.form, &types);
        types.push((layer.name.clone(), ty));
    }
    types.into_iter().map(|(_, ty)| ty).collect()
}

fn field_type(form: &Form, before: &[(Ident, TokenStream)]) -> TokenStream {
    let slot = |ty: TokenStream| quote!(::pz::__private::Slot<#ty>);
    match form {
        Form::Keeps { ty, .. }
        | Form::ActsOver { ty, .. }
        | Form::Maps { ty, .. }
        | Form::Model { ty, .. }
        | Form::Typed { ty, .. } => quote_spanned!(named::place(ty)=> ::pz::__private::Slot<#ty>),
        Form::Block { word, .. } => match word.to_string().as_str() {
            "residual" => slot(quote!(::pz::__private::Residual)),
            "add" => slot(quote!(::pz::__private::BranchAndAddTogether)),
            "multiply" => slot(quote!(::pz::__private::BranchAndMultiplyTogether)),
            _ => slot(quote!(::pz::__private::NamedGroup)),
        },
        Form::Attention { .. } => slot(quote!(::pz::__private::Attention)),
        Form::From { .. } => slot(quote!(::pz::__private::FromInput)),
        Form::Stack { .. } => slot(quote!(::pz::__private::LayerStack)),
        Form::Shared { as_: Some(form), .. } => field_type(form, before),
        Form::Shared { of, as_: None } => before
            .iter()
            .find(|(name, _)| name == of)
            .map_or_else(|| quote!(::pz::__private::AnyLayer), |(_, ty)| ty.clone()),
        Form::Foreign { .. } | Form::Unknown => quote!(::pz::__private::AnyLayer),
    }
}

/// What the model's own methods are called, take and give, at the model's name.
fn methods(model: &Model) -> [TokenStream; 6] {
    let at = Span::call_site().located_at(model.name.span());
    [
        quote!(fn init<'a>(name: &str, init: impl pz_::Into<pz_::Init<'a>>) -> pz_::Result<Self>),
        quote!(fn with_slots() -> pz_::Result<Self>),
        quote!(fn signature() -> &'static pz_::Signature),
        quote!(fn check(&self) -> pz_::Result<()>),
        quote! {
            fn check_with(&self, sizes: impl pz_::Into<pz_::Sizes>, side: &pz_::SideInputs) -> pz_::Result<()>
        },
        quote!(fn cost(&self, sizes: impl pz_::Into<pz_::Sizes>) -> pz_::Result<pz_::Cost>),
    ]
    .map(|method| respanned(method, at))
}

/// The impls.
fn code(model: &Model, chain: &Chain) -> TokenStream {
    let Model { visibility, name, .. } = model;
    let parameters = &model.symbols.parameters;
    let generics = quote!(<#(const #parameters: usize),*>);
    let ty = quote!(#name <#(#parameters),*>);
    let built = build::body(model, chain);
    let fields: Vec<&Ident> = model.layers.iter().map(|layer| &layer.name).collect();
    let texts: Vec<String> = fields.iter().map(|field| field.unraw().to_string()).collect();
    let own_name = snake_case(&name.unraw().to_string());
    let conditions = model.tests.iter().map(|(_, text, _)| text);
    let within = chain.within();
    let [init, with_slots, signature, check, check_with, cost] = methods(model);
    quote! {
        impl #generics #ty {
            /// Builds the model; its parameters' labels begin with `name`, and `init` says what values they have.
            ///
            /// # Errors
            /// Sizes that the declaration does not allow; those of the layers.
            #[allow(unused_braces, clippy::let_unit_value, clippy::field_reassign_with_default)]
            #visibility #init {
                let pz_site = pz_::Site::new(&PZ_SIGNATURE, name, init, &[#(#parameters),*], &[#(#conditions),*])?;
                #built
            }

            /// The model without parameters: each is a slot.
            ///
            /// # Errors
            /// Sizes that the declaration does not allow.
            #visibility #with_slots {
                Self::init(#own_name, pz_::Init::Slots)
            }

            /// What the model takes and gives.
            #visibility #signature {
                &PZ_SIGNATURE
            }

            /// Judges the tree against the header, which edits may have broken; nothing is computed.
            ///
            /// # Errors
            /// As [`check_with`](Self::check_with).
            #[track_caller]
            #visibility #check {
                pz_::check_model(self, pz_::Sizes::default(), &pz_::SideInputs::new())
            }

            /// Judges the tree against the header, on an input with these sizes: of the open axes, and of axes for the
            /// rest. What is left out is made up; the model's state variables keep what they hold.
            ///
            /// # Errors
            /// What a layer says of its input; a result that is not what the header declares; a size for an axis that
            /// the header does not leave open; a layer that reads a value.
            #[track_caller]
            #visibility #check_with {
                pz_::check_model(self, sizes.into(), side)
            }

            /// What the model costs on an input with these sizes, layer by layer: parameters, multiply-adds, memory and
            /// caches. Nothing is computed or allocated, also for a model [`with_slots`](Self::with_slots).
            ///
            /// # Errors
            /// A size that is left open; what a layer says of its input; a layer that reads a value.
            #[track_caller]
            #visibility #cost {
                pz_::cost_model(self, sizes.into())
            }
        }

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #generics pz_::Model for #ty {
            const SIGNATURE: &'static pz_::Signature = &PZ_SIGNATURE;
            const ARGUMENTS: &'static [usize] = &[#(#parameters),*];
            #within
            fn build(name: &str, init: pz_::Init<'_>) -> pz_::Result<pz_::Slot<Self>> {
                pz_::Ok(pz_::Slot::new(Self::init(name, init)?))
            }
        }

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #generics pz_::Signed for #ty {
            const SIGNATURE: &'static pz_::Signature = &PZ_SIGNATURE;
            const ARGUMENTS: &'static [usize] = &[#(#parameters),*];
            #within
            fn slot(self) -> pz_::Slot<Self> {
                pz_::Slot::new(self)
            }
        }

        #[automatically_derived]
        impl #generics pz_::Layer for #ty {
            fn call(&self, input: pz_::Value, side: &pz_::SideInputs) -> pz_::Result<pz_::Value> {
                pz_::call_model(self, &PZ_SIGNATURE, &[#((#texts, &self.#fields)),*], input, side)
            }
        }
    }
}

/// The constant's name with a suffix.
fn constant(number: usize, suffix: &str) -> Ident {
    format_ident!("PZ_{number}{suffix}")
}
