//! What holds other layers: residuals, branches and attention.

use proc_macro2::Ident;
use quote::quote;

use super::{Chain, Known};
use crate::expand::model::{constant, literal};
use crate::ir::model::{Form, Layer};

impl<'m> Chain<'m> {
    pub(super) fn block(
        &mut self,
        layer: &'m Layer,
        number: usize,
        word: &Ident,
        parts: &'m [Layer],
        before: Ident,
        known: &mut Known<'m>,
    ) {
        let name = literal::text(&layer.name);
        let after = constant(number, "");
        match word.to_string().as_str() {
            "residual" => {
                let inside = self.sequence(parts, before.clone(), known);
                self.alike(
                    word.span(),
                    "residual",
                    &name,
                    "adds what its layers give to its input",
                    &before,
                    &inside,
                );
                self.emit(
                    quote!(const #after: pz_::Axes = pz_::joined(#before.doubted(#inside.doubtful), &#inside, &#before);),
                );
            }
            kind @ ("add" | "multiply") => {
                let mut branches = Vec::new();
                for part in parts {
                    branches.push(self.layer(part, before.clone(), known));
                }
                let first = branches.first().cloned().unwrap_or_else(|| before.clone());
                for (part, branch) in parts.iter().zip(&branches).skip(1) {
                    let because = "joins what its branches give entry by entry";
                    self.alike(part.name.span(), kind, &name, because, &first, branch);
                }
                let others = branches.iter().skip(1);
                self.emit(quote!(const #after: pz_::Axes = pz_::joined_all(#first, &[#(&#others),*]);));
            }
            _ => {
                let before = if parts.is_empty() { self.unread(&before) } else { before };
                let inside = self.sequence(parts, before, known);
                self.emit(quote!(const #after: pz_::Axes = #inside;));
            }
        }
    }

    pub(super) fn attention(
        &mut self,
        layer: &'m Layer,
        form: &'m Form,
        number: usize,
        before: Ident,
        known: &mut Known<'m>,
    ) {
        let Form::Attention { word, seq, kv_seq, projection, parts } = form else { return };
        let name = literal::text(&layer.name);
        for axis in [seq, kv_seq].into_iter().chain(projection) {
            self.names_axis(&name, axis);
        }
        let (after, by, place) =
            (constant(number, ""), constant(number, "_BY"), literal::place(&name, kv_seq.span()));
        let (seq_text, kv_text) = (literal::text(seq), literal::text(kv_seq));
        let projections = projection.iter().map(literal::text);
        self.emit(quote! {
            const #by: pz_::AttentionAxes = pz_::AttentionAxes {
                seq: #seq_text, kv_seq: #kv_text, projection: &[#(#projections),*], by: #place,
            };
        });
        let part = |wanted: &str| parts.iter().find(|part| part.name == wanted);
        let run = |chain: &mut Self, wanted: &str, before: &Ident, known: &mut Known<'m>| match part(wanted) {
            Some(part) => (chain.layer(part, before.clone(), known), part.name.span()),
            None => (chain.unread(before), word.span()),
        };
        let (query, at_query) = run(self, "query", &before, known);
        let (key, at_key) = run(self, "key", &before, known);
        let (value, at_value) = run(self, "value", &before, known);
        self.judge(at_query, quote!(pz_::judge_query(&PZ_CX, #name, &#query, &#by)));
        self.judge(at_key, quote!(pz_::judge_key(&PZ_CX, #name, &#before, &#query, &#key, &#by)));
        self.judge(
            at_value,
            quote!(pz_::judge_value(&PZ_CX, #name, &#before, &#query, &#key, &#value, &#by)),
        );
        let (scores, mixed, parts_of) =
            (constant(number, "_C"), constant(number, "_M"), constant(number, "_P"));
        self.emit(quote! {
            const #scores: pz_::Axes = pz_::scores(&#query, &#key, &#by);
            const #parts_of: [&pz_::Axes; 3] = [&#before, &#query, &#key];
        });
        let outer = self.attention.replace(by.clone());
        let (weights, at_scores) = run(self, "scores", &scores, known);
        self.attention = outer;
        self.emit(quote!(const #mixed: pz_::Axes = pz_::mixed(&#query, &#value, &#weights, &#by);));
        self.alike(
            at_scores,
            "attention",
            &name,
            "multiplies values by what its scores become",
            &scores,
            &weights,
        );
        let (output, _) = run(self, "output", &mixed, known);
        self.emit(quote!(const #after: pz_::Axes = #output;));
    }
}
