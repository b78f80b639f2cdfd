//! What each form emits: the constants of its axes, and the judgements of them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;

use super::{Chain, fact_of};
use crate::expand::model::{constant, literal, named};
use crate::ir::model::{Axes, Layer};
use crate::parse::model::Setting;

impl Chain<'_> {
    /// `<Type as Form>`, by the type's alias, which this emits.
    pub(super) fn form_type(&mut self, number: usize, ty: &Path, form: &TokenStream) -> TokenStream {
        self.emit(named::constant_alias(number, ty, self.parameters));
        if !self.inert {
            self.emit(named::code_alias(number, ty, self.parameters));
        }
        let alias = named::constant_type(number, ty);
        quote_spanned!(alias.span()=> <#alias as #form>)
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
        let name = literal::text(&layer.name);
        let (after, rule) = (constant(number, ""), constant(number, "_RULE"));
        let (from, to) = constants;
        self.emit(quote!(const #after: pz_::Axes = pz_::made(&#before, #from, #to, #rule);));
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

    pub(super) fn signed(&mut self, layer: &Layer, number: usize, before: &Ident, place: Span) {
        let name = literal::text(&layer.name);
        let (after, signature, sizes) =
            (constant(number, ""), constant(number, "_S"), constant(number, "_A"));
        let by = literal::place(&name, layer.name.span());
        self.emit(
            quote!(const #after: pz_::Axes = pz_::applied(&PZ_CX, &#before, #signature, #sizes, &#by);),
        );
        self.judge(place, quote!(pz_::judge_signature(&PZ_CX, &#before, #name, #signature, #sizes)));
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
