//! Layers that share the parameters of an earlier one: each is judged where it stands, by what the other was made for.

use proc_macro2::{Ident, Span};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::forms::FormType;
use super::{Chain, Known, fact_of};
use crate::expand::model::{constant, literal, named};
use crate::ir::model::{Form, Layer};

impl<'m> Chain<'m> {
    pub(super) fn shared(
        &mut self,
        layer: &'m Layer,
        number: usize,
        of: &Ident,
        as_: Option<&'m Form>,
        before: Ident,
        known: &mut Known<'m>,
    ) {
        let name = literal::text(&layer.name);
        let after = constant(number, "");
        let other = known.iter().rev().find(|known| known.name == *of && !known.broken);
        let Some(other) = other.copied() else {
            self.emit(quote!(const #after: pz_::Axes = #before.unread();));
            return;
        };
        let theirs = self.step(&other.form);
        match (&other.form, as_) {
            (Form::Maps { ty: their_ty, .. }, Some(form @ Form::Maps { ty, left, right, .. })) => {
                self.steps.insert(std::ptr::from_ref(form), number);
                let own = named::constant_type(number, ty);
                let ty = self.form_type(number, ty, FormType::Maps);
                let before = self.reached(number, "_D", &before, &ty);
                self.named(&name, left);
                self.named(&name, right);
                self.types(layer, number, &before, &ty, None, Some(theirs));
                let (from, to) =
                    (self.axes(number, "_L", left, &name), self.axes(number, "_G", right, &name));
                let (rule, tied) = (constant(number, "_RULE"), constant(number, "_R"));
                let (their_from, their_to) = (constant(theirs, "_L"), constant(theirs, "_R"));
                let their_before = constant(theirs, "_B");
                let count = right.axes.len();
                let resolved = format_ident!("PZ_{number}_T");
                let rule_const = fact_of(&ty, "RULE");
                self.emit(quote! {
                    const #rule: pz_::Rule = #rule_const;
                    const #resolved: [pz_::Axis; #count] = pz_::tied(#to, &#their_before, #their_from, #their_to);
                    const #tied: &[pz_::Axis] = &#resolved;
                });
                self.maps(layer, number, &before, (left, right), (&from, &tied));
                self.facts(layer, number, &before, &ty, &[]);
                // Types that cannot share are told; their axes are no mistake then.
                let (known, alias) = (constant(number, "_K"), named::constant_type(theirs, their_ty));
                let alias = Ident::new(&alias.to_string(), Span::call_site().located_at(ty.span()));
                let can_share = quote_spanned!(ty.span()=> <pz_::Sharing<#own, #alias>>::KNOWN);
                self.emit(quote!(const #known: bool = #can_share;));
                let other_name = literal::text(of);
                for (list, constant) in [(left, &from), (right, &tied)] {
                    for (place, axis) in list.axes.iter().enumerate() {
                        self.judge(axis.name.span(), quote! {
                            pz_::judge_tied(#known, &PZ_CX, &#before, #name, #other_name, &#constant[#place], &#their_before, #their_from, #their_to)
                        });
                    }
                }
            }
            (Form::Maps { left, .. }, None) => {
                let rule = constant(theirs, "_RULE");
                let (from, to) = (constant(theirs, "_L"), constant(theirs, "_R"));
                let (seen, count, own) = (constant(theirs, "_B"), left.axes.len(), constant(number, "_L"));
                self.emit(quote! {
                    const #own: [pz_::Axis; #count] = pz_::resolved(#from, &#seen);
                });
                self.gives(layer, theirs, number, &before, quote!(pz_::made(&#before, &#own, #to, #rule)));
                for place in 0..count {
                    self.judge(
                        of.span(),
                        quote!(pz_::judge_left(&PZ_CX, &#before, #name, &#own, #place, #rule)),
                    );
                }
            }
            (Form::ActsOver { axes, .. }, None) => {
                let (from, rule, seen) =
                    (constant(theirs, "_L"), constant(theirs, "_RULE"), constant(theirs, "_B"));
                let (count, own) = (axes.axes.len(), constant(number, "_L"));
                self.emit(quote! {
                    const #own: [pz_::Axis; #count] = pz_::resolved(#from, &#seen);
                });
                self.gives(layer, theirs, number, &before, quote!(pz_::acted_on(&#before, &#own)));
                for place in 0..count {
                    self.judge(
                        of.span(),
                        quote!(pz_::judge_left(&PZ_CX, &#before, #name, &#own, #place, #rule)),
                    );
                }
            }
            (Form::Model { .. } | Form::Typed { .. } | Form::Foreign { .. }, None) => {
                let (signature, sizes) = (constant(theirs, "_S"), constant(theirs, "_A"));
                let (own_signature, own_sizes) = (constant(number, "_S"), constant(number, "_A"));
                let (within, own_within) = (constant(theirs, "_W"), constant(number, "_W"));
                self.emit(quote! {
                    const #own_within: &[pz_::Within] = #within;
                    const #own_signature: &pz_::Signature = #signature;
                    const #own_sizes: &[pz_::Size] = #sizes;
                });
                self.signed(layer, number, &before, of.span());
            }
            (Form::Keeps { .. }, None) => self.gives(layer, theirs, number, &before, quote!(#before)),
            (_, None) => {
                // A block is shared where it meets the axes that it met first.
                let (seen, gave) = (constant(theirs, "_B"), constant(theirs, ""));
                self.alike(of.span(), "shared", &name, "is used on what it was made for", &seen, &before);
                self.emit(quote!(const #after: pz_::Axes = #gave;));
            }
            (_, Some(form)) => {
                if let Form::Maps { ty, .. } = form {
                    self.form_type(number, ty, FormType::Maps);
                    let other_name = literal::text(of);
                    self.judge(of.span(), quote!(pz_::judge_makes_axes(#name, #other_name)));
                }
                self.emit(quote!(const #after: pz_::Axes = #before.unread();));
            }
        }
    }
}
