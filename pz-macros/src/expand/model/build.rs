//! The code that builds a model: one `let` for each layer, in order, so that a later one can share with it.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};

use super::chain::Chain;
use super::{constant, literal, named};
use crate::ir::model::{Form, Layer, Model};
use crate::parse::model::Setting;
use crate::words::{ACTIVATIONS, ATTENTION_PARTS, DTYPE};

/// The body of `init`.
pub(super) fn body(model: &Model, chain: &Chain<'_>) -> TokenStream {
    let mut builder = Builder { chain, code: TokenStream::new() };
    let fields: Vec<(Ident, Ident)> = builder
        .sequence(&model.layers, &format_ident!("pz_site"), &mut Vec::new())
        .into_iter()
        .zip(&model.layers)
        .map(|(local, layer)| (layer.name.clone(), local))
        .collect();
    let statements = &builder.code;
    let fields = fields.iter().map(|(field, local)| quote!(#field: #local));
    quote! {
        #statements
        pz_::Ok(Self { #(#fields),* })
    }
}

struct Builder<'c, 'm> {
    chain: &'c Chain<'m>,
    code: TokenStream,
}

/// Earlier layers, with the variables that hold them.
type Known<'l> = Vec<(&'l Layer, Ident)>;

impl Builder<'_, '_> {
    fn sequence<'l>(&mut self, layers: &'l [Layer], site: &Ident, known: &mut Known<'l>) -> Vec<Ident> {
        let outside = known.len();
        for layer in layers {
            let local = self.layer(layer, site, known);
            known.push((layer, local));
        }
        known.drain(outside..).map(|(_, local)| local).collect()
    }

    /// Builds a layer, and gives the variable that holds it.
    fn layer<'l>(&mut self, layer: &'l Layer, site: &Ident, known: &mut Known<'l>) -> Ident {
        self.form(layer, &layer.form, site, known)
    }

    fn form<'l>(&mut self, layer: &'l Layer, form: &'l Form, site: &Ident, known: &mut Known<'l>) -> Ident {
        let number = self.chain.step(form);
        let local = format_ident!("pz_{number}");
        let name = literal::text(&layer.name);
        let before = constant(number, "_B");
        let parameters = self.chain.parameters;
        let value = match form {
            Form::Keeps { ty, arguments, options } => {
                let (span, ty) = (named::place(ty), named::code_type(number, ty, parameters));
                let (arguments, form) =
                    (argument(arguments), quote_spanned!(span=> <#ty as pz_::KeepsShape>));
                let argument = quote_spanned!(span=> let pz_argument: #form::Argument);
                let build = quote_spanned!(span=> #form::keeping);
                let options = settings(span, &form, options);
                quote_spanned! {span=> {
                    #argument = #arguments;
                    #build(&#site.part_after(#name, &#before), pz_argument, #options)?
                }}
            }
            Form::ActsOver { ty, options, .. } => {
                let (span, ty) = (named::place(ty), named::code_type(number, ty, parameters));
                let (left, form) = (constant(number, "_L"), quote_spanned!(span=> <#ty as pz_::ActsOver>));
                let build = quote_spanned!(span=> #form::over);
                let options = settings(span, &form, options);
                quote_spanned! {span=> {
                    let pz_part = #site.part_after(#name, &#before);
                    let pz_axes = pz_part.axes(#left, &#before, &[])?;
                    #build(&pz_part, &pz_axes, #options)?
                }}
            }
            Form::Maps { ty, options, .. } => {
                let (left, right) = (constant(number, "_L"), constant(number, "_R"));
                let (span, ty) = (named::place(ty), named::code_type(number, ty, parameters));
                let form = quote_spanned!(span=> <#ty as pz_::MapsAxes>);
                let build = quote_spanned!(span=> #form::mapping);
                let options = settings(span, &form, options);
                quote_spanned! {span=> {
                    let pz_part = #site.part_after(#name, &#before);
                    let pz_from = pz_part.axes(#left, &#before, &[])?;
                    let pz_to = pz_part.axes(#right, &#before, #left)?;
                    #build(&pz_part, &pz_from, &pz_to, #options)?
                }}
            }
            Form::Model { ty, .. } => {
                let (span, ty) = (named::place(ty), named::code_type(number, ty, parameters));
                let form = quote_spanned!(span=> <#ty as pz_::Model>);
                let build = quote_spanned!(span=> #form::build);
                quote_spanned! {span=> {
                    let pz_part = #site.part(#name);
                    #build(pz_part.name(), pz_part.init())?
                }}
            }
            Form::Foreign { expression, .. } => {
                let (part, init) =
                    (Ident::new("name", layer.name.span()), Ident::new("init", layer.name.span()));
                let layer = quote_spanned!(expression.span()=> pz_::Expression::into_layer(#expression));
                quote! {{
                    let pz_part = #site.part(#name);
                    #[allow(unused_variables)]
                    let (#part, #init) = (pz_part.name(), pz_part.init());
                    #layer
                }}
            }
            Form::Typed { expression, ty, .. } => {
                let (part, init) =
                    (Ident::new("name", layer.name.span()), Ident::new("init", layer.name.span()));
                let (span, ty) = (named::place(ty), named::code_type(number, ty, parameters));
                let slot = quote_spanned!(span=> <#ty as pz_::Signed>::slot);
                quote! {{
                    let pz_part = #site.part(#name);
                    #[allow(unused_variables)]
                    let (#part, #init) = (pz_part.name(), pz_part.init());
                    let pz_layer: #ty = #expression;
                    #slot(pz_layer)
                }}
            }
            Form::From { input, parts, .. } => {
                let (inner, input) = (self.site(number, site, &name), literal::text(input));
                let parts = self.sequence(parts, &inner, known);
                quote!(pz_::from_input(#input, &[#(pz_::AnyLayer::new(pz_::Clone::clone(&#parts))),*]))
            }
            Form::Block { word, parts } => {
                let inner = self.site(number, site, &name);
                let parts = self.sequence(parts, &inner, known);
                let parts = quote!(&[#(pz_::AnyLayer::new(pz_::Clone::clone(&#parts))),*]);
                match word.to_string().as_str() {
                    "residual" => quote!(pz_::residual(#parts)),
                    "add" => quote!(pz_::sum(#parts)),
                    "multiply" => quote!(pz_::product(#parts)),
                    _ => quote!(pz_::group(#name, #parts)),
                }
            }
            Form::Attention { parts, .. } => self.attention(number, &name, parts, site, known),
            Form::Stack { parts, .. } => {
                let (axis, inner) = (constant(number, "_L"), format_ident!("pz_site_{number}"));
                let mut inside = Builder { chain: self.chain, code: TokenStream::new() };
                let parts = inside.sequence(parts, &inner, &mut Vec::new());
                let code = inside.code;
                quote! {
                    pz_::stack(&#site.part(#name), &#axis, &|#inner: &pz_::Site<'_>| {
                        #code
                        pz_::Ok(pz_::Vec::from([#(pz_::AnyLayer::new(pz_::Clone::clone(&#parts))),*]))
                    })?
                }
            }
            Form::Shared { of, as_ } => {
                let other = known.iter().rev().find(|(known, _)| known.name == *of);
                let local_name = local.clone();
                match (other, as_.as_deref()) {
                    (Some((_, other)), None) => quote!(pz_::Clone::clone(&#other)),
                    (Some((of, local)), Some(Form::Maps { ty, .. })) => {
                        let (span, ty) = (named::place(ty), named::code_type(number, ty, parameters));
                        let Form::Maps { ty: theirs, .. } = &of.form else {
                            // That it makes no axes is told by a judgement.
                            self.code
                                .extend(quote!(let #local_name = pz_::Slot::new(pz_::unbuilt::<#ty>());));
                            return local_name;
                        };
                        let theirs = named::code_type(self.chain.step(&of.form), theirs, parameters);
                        let other = Ident::new(&local.to_string(), Span::call_site().located_at(span));
                        quote_spanned!(span=> pz_::Slot::new(<#ty as pz_::SharesWith<#theirs>>::sharing(#other.get()?)))
                    }
                    _ => return local,
                }
            }
            Form::Unknown => return local,
        };
        self.code.extend(quote!(let #local = #value;));
        local
    }

    /// A variable for the place inside a layer.
    fn site(&mut self, number: usize, outer: &Ident, name: &str) -> Ident {
        let inner = format_ident!("pz_site_{number}");
        self.code.extend(quote!(let #inner = #outer.part(#name);));
        inner
    }

    fn attention<'l>(
        &mut self,
        number: usize,
        name: &str,
        parts: &'l [Layer],
        site: &Ident,
        known: &mut Known<'l>,
    ) -> TokenStream {
        let inner = self.site(number, site, name);
        let mut chains = Vec::new();
        for wanted in ATTENTION_PARTS {
            let Some(part) = parts.iter().find(|part| part.name == wanted) else { continue };
            let layers = match &part.form {
                Form::Block { word, parts } if word == "group" => {
                    let inside = self.site(self.chain.step(&part.form), &inner, wanted);
                    self.sequence(parts, &inside, known)
                }
                _ => vec![self.layer(part, &inner, known)],
            };
            chains.push(quote!(&[#(pz_::AnyLayer::new(pz_::Clone::clone(&#layers))),*]));
        }
        let (by, met) = (constant(number, "_BY"), constant(number, "_P"));
        quote!(pz_::attention(&#by, #met, [#(#chains),*]))
    }
}

/// The argument of a layer that keeps the shape: none, one, or a tuple.
fn argument(arguments: &Group) -> TokenStream {
    let tokens = literal::element_type(&arguments.stream());
    if let Ok(word) = syn::parse2::<Ident>(tokens.clone())
        && ACTIVATIONS.contains(&word.to_string().as_str())
    {
        let text = word.to_string();
        return quote_spanned!(word.span()=> pz_::activation(#text));
    }
    let has_comma = tokens.clone().into_iter().any(|token| token.to_string() == ",");
    if has_comma || tokens.is_empty() { TokenTree::Group(arguments.clone()).into() } else { tokens }
}

/// The options: the defaults, with what is given put in. `form` is the layer as a form.
fn settings(span: Span, form: &TokenStream, settings: &[Setting]) -> TokenStream {
    let sets = settings.iter().map(|Setting { name, value }| match name == DTYPE {
        true => {
            let value = literal::element_type(value);
            quote_spanned!(span=> pz_options.#name = pz_::From::from(#value);)
        }
        false => quote_spanned!(span=> pz_options.#name = #value;),
    });
    let mutable = (!settings.is_empty()).then(|| quote_spanned!(span=> mut));
    let begun = quote_spanned! {span=>
        let #mutable pz_options: #form::Options = <#form::Options as pz_::Default>::default();
    };
    let given = quote_spanned!(span=> pz_options);
    quote_spanned!(span=> { #begun #(#sets)* #given })
}
