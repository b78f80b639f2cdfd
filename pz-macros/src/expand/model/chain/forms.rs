//! What each form emits: the constants of its axes, and the judgements of them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

use super::{Chain, fact_of};
use crate::expand::model::{constant, literal, named};
use crate::ir::model::{Axes, Form, Layer};
use crate::parse::model::Setting;

/// A form that a type stands in.
#[derive(Clone, Copy)]
pub(super) enum FormType {
    Keeps,
    ActsOver,
    Maps,
    Model,
    Typed,
}

impl FormType {
    /// The form of a layer's type, and the type.
    pub(super) fn of(form: &Form) -> Option<(FormType, &Path)> {
        match form {
            Form::Keeps { ty, .. } => Some((FormType::Keeps, ty)),
            Form::ActsOver { ty, .. } => Some((FormType::ActsOver, ty)),
            Form::Maps { ty, .. } => Some((FormType::Maps, ty)),
            Form::Model { ty, .. } => Some((FormType::Model, ty)),
            Form::Typed { ty, .. } => Some((FormType::Typed, ty)),
            _ => None,
        }
    }

    /// The form's trait, and a constant of it.
    fn required(self) -> (TokenStream, Ident) {
        let fact = |name| Ident::new(name, Span::call_site());
        match self {
            FormType::Keeps => (quote!(pz_::KeepsShape), fact("TAKES")),
            FormType::ActsOver => (quote!(pz_::ActsOver), fact("TAKES")),
            FormType::Maps => (quote!(pz_::MapsAxes), fact("TAKES")),
            FormType::Model => (quote!(pz_::Model), fact("SIGNATURE")),
            FormType::Typed => (quote!(pz_::Signed), fact("SIGNATURE")),
        }
    }

    fn probe(self) -> TokenStream {
        match self {
            FormType::Keeps => quote!(pz_::Keeping),
            FormType::ActsOver => quote!(pz_::Acting),
            FormType::Maps => quote!(pz_::Mapping),
            FormType::Model => quote!(pz_::Modelling),
            FormType::Typed => quote!(pz_::Signing),
        }
    }
}

impl Chain<'_> {
    /// What answers for the type as a form, by the type's alias, which this emits.
    pub(super) fn form_type(&mut self, number: usize, ty: &Path, form: FormType) -> TokenStream {
        self.emit(named::constant_alias(number, ty, self.parameters));
        let alias = named::constant_type(number, ty);
        let at = alias.span();
        if self.inert {
            // No code asks for the form's trait.
            let (required, fact) = form.required();
            let asked = quote_spanned!(at=> <#alias as #required>::#fact);
            self.emit(quote!(const _: () = { let _ = #asked; };));
        } else {
            self.emit(named::code_alias(number, ty, self.parameters));
        }
        let probe = form.probe();
        quote_spanned!(at=> <#probe<#alias>>)
    }

    /// What reaches a layer, as far as it is judged: not at all where its type has not the form.
    pub(super) fn reached(&mut self, number: usize, suffix: &str, before: &Ident, ty: &TokenStream) -> Ident {
        let (reached, known) = (constant(number, suffix), fact_of(ty, "KNOWN"));
        self.emit(quote!(const #reached: pz_::Axes = pz_::reached(&#before, #known);));
        reached
    }

    pub(super) fn axes(&mut self, number: usize, suffix: &str, list: &Axes, who: &str) -> Ident {
        let name = constant(number, suffix);
        let axes = list.axes.iter().map(|axis| literal::axis(axis, who));
        self.emit(quote!(const #name: &[pz_::Axis] = &[#(#axes),*];));
        name
    }

    /// What a layer `left => right` makes, by the constants `from` and `to`.
    pub(super) fn maps(
        &mut self,
        layer: &Layer,
        number: usize,
        before: &Ident,
        lists: (&Axes, &Axes),
        constants: (&Ident, &Ident),
    ) {
        let (name, rule) = (literal::text(&layer.name), constant(number, "_RULE"));
        let (from, to) = constants;
        self.gives(layer, number, number, before, quote!(pz_::made(&#before, #from, #to, #rule)));
        for (place, axis) in lists.0.axes.iter().enumerate() {
            self.judge(
                axis.name.span(),
                quote!(pz_::judge_left(&PZ_CX, &#before, #name, #from, #place, #rule)),
            );
        }
        for (place, axis) in lists.1.axes.iter().enumerate() {
            self.judge(
                axis.name.span(),
                quote!(pz_::judge_right(&PZ_CX, &#before, #name, #from, #to, #place, #rule)),
            );
        }
    }

    /// The constants of the layer's element types: what it makes of what it is given, the type that it was told, and that of
    /// its own arrays, which may be those of another layer.
    pub(super) fn types(
        &mut self,
        layer: &Layer,
        number: usize,
        before: &Ident,
        ty: &TokenStream,
        given: Option<TokenStream>,
        shares_with: Option<usize>,
    ) {
        let (types, told, own) =
            (constant(number, "_TYPES"), constant(number, "_TOLD"), constant(number, "_OWN"));
        let types_const = fact_of(ty, "TYPES");
        let own_type = match shares_with {
            Some(other) => constant(other, "_OWN").into_token_stream(),
            None => quote!(pz_::own_type(&#before, #told)),
        };
        let given = match given {
            Some(given) => quote!(pz_::Some(pz_::elements_of(#given))),
            None => quote!(pz_::None),
        };
        self.emit(quote! {
            const #types: pz_::Types = #types_const;
            const #told: pz_::Option<pz_::Elements> = #given;
            const #own: pz_::Elements = #own_type;
        });
        let name = literal::text(&layer.name);
        self.judge(layer.name.span(), quote!(pz_::judge_type(#name, #types, #told)));
    }

    /// The constant after the layer `number`, which is the layer `of` at another place or itself: these axes, of the element
    /// type that it gives.
    pub(super) fn gives(
        &mut self,
        layer: &Layer,
        of: usize,
        number: usize,
        before: &Ident,
        axes: TokenStream,
    ) {
        let (types, told, own) = (constant(of, "_TYPES"), constant(of, "_TOLD"), constant(of, "_OWN"));
        let (after, name) = (constant(number, ""), literal::text(&layer.name));
        let by = literal::place(&name, layer.name.span());
        self.emit(quote! {
            const #after: pz_::Axes = pz_::typed(#axes, &#before, #types, &#own, #told, #by);
        });
    }

    pub(super) fn signed(&mut self, layer: &Layer, number: usize, before: &Ident, place: Span) {
        let name = literal::text(&layer.name);
        let (after, signature, sizes) =
            (constant(number, ""), constant(number, "_S"), constant(number, "_A"));
        let within = constant(number, "_W");
        let by = literal::place(&name, layer.name.span());
        self.emit(
            quote!(const #after: pz_::Axes = pz_::applied(&PZ_CX, &#before, #signature, #within, #sizes, &#by);),
        );
        self.judge(place, quote!(pz_::judge_signature(&PZ_CX, &#before, #name, #signature, #within, #sizes)));
        self.judge(place, quote!(pz_::judge_side_inputs(#name, #signature.side_inputs, PZ_SIDES)));
    }

    /// Judges the element type and the side inputs that the layer's type says it needs.
    pub(super) fn facts(
        &mut self,
        layer: &Layer,
        number: usize,
        before: &Ident,
        ty: &TokenStream,
        options: &[Setting],
    ) {
        let name = literal::text(&layer.name);
        let (elements, sides) = (constant(number, "_E"), constant(number, "_I"));
        let takes_const = fact_of(ty, "TAKES");
        let side_inputs_const = fact_of(ty, "SIDE_INPUTS");
        self.emit(quote! {
            const #elements: pz_::Elements = #takes_const;
            const #sides: &[(&str, &str)] = #side_inputs_const;
        });
        let given = options.iter().filter_map(|option| {
            let text: syn::LitStr = syn::parse2(option.value.clone()).ok()?;
            let name = literal::text(&option.name);
            Some(quote!((#name, #text)))
        });
        let given: Vec<TokenStream> = given.collect();
        let span = layer.name.span();
        self.judge(span, quote!(pz_::judge_elements(&#before, #name, &#elements)));
        self.judge(span, quote!(pz_::judge_side_options(#name, #sides, &[#(#given),*], PZ_SIDES)));
    }

    pub(super) fn alike(
        &mut self,
        span: Span,
        about: &str,
        name: &str,
        because: &str,
        first: &Ident,
        second: &Ident,
    ) {
        self.judge(span, quote!(pz_::judge_alike(&PZ_CX, #about, #name, #because, &#first, &#second)));
    }
}
