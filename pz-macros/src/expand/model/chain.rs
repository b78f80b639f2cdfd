//! The constants: the axes after each layer, and beside each a judgement at the user's token.
//!
//! Each step is a constant of its own, so a model of any length stays within the compiler's limits for one constant.
//! Each judgement is an item of its own, so mistakes are told independently.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Path, PathArguments};

use super::{constant, literal};
use crate::ir::model::{Axes, Form, Layer, Model};
use crate::parse::model::Setting;

/// What was emitted, and the numbers of layers.
pub(super) struct Chain<'m> {
    pub(super) items: TokenStream,
    /// The constants of each layer, by the address of its form.
    steps: HashMap<*const Form, usize>,
    parameters: &'m [Ident],
    count: usize,
    /// Every axis that is named.
    names: Vec<String>,
}

/// Earlier layers by name, for `shared`.
type Known<'m> = Vec<&'m Layer>;

impl<'m> Chain<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        let symbols = &model.symbols;
        let names = symbols.parameters.iter().chain(&symbols.open).map(literal::text);
        let names = names.chain(symbols.quotients.iter().map(|quotient| quotient.text.clone()));
        let equal = model.equal.iter().map(|(left, right)| quote!((#left, #right)));
        let first = symbols.parameters.len() + symbols.open.len();
        let quotients: Vec<TokenStream> = symbols
            .quotients
            .iter()
            .enumerate()
            .map(|(place, quotient)| {
                let symbol = (first + place) as u8;
                let (dividend, divisor) = (&quotient.dividend, &quotient.divisor);
                quote!((#dividend, #divisor, #symbol))
            })
            .collect();
        let items = quote! {
            const PZ_FILE: &str = pz_::file!();
            const PZ_CX: pz_::Context = pz_::Context {
                symbols: &[#(#names),*],
                equal: &[#(#equal),*],
                quotients: &[#(#quotients),*],
            };
        };
        Chain { items, steps: HashMap::new(), parameters: &symbols.parameters, count: 0, names: Vec::new() }
    }

    /// The number of the constants of a layer.
    pub(super) fn step(&self, form: &Form) -> usize {
        self.steps.get(&std::ptr::from_ref(form)).copied().unwrap_or_default()
    }

    fn next(&mut self) -> usize {
        self.count += 1;
        self.count
    }

    fn emit(&mut self, items: TokenStream) {
        self.items.extend(items);
    }

    /// A judgement at `span`.
    fn judge(&mut self, span: Span, text: TokenStream) {
        let call = quote_spanned!(span=> .judge());
        let text: TokenStream = respanned(text, span);
        self.emit(quote!(const _: () = #text #call;));
    }

    fn named(&mut self, axes: &Axes) {
        self.names.extend(axes.axes.iter().map(|axis| literal::text(&axis.name)));
    }

    /// The whole model; gives the constant after the last layer.
    pub(super) fn model(&mut self, model: &'m Model) -> Ident {
        let input = literal::side(&model.input, "");
        let output = literal::side(&model.output, "");
        self.named(&model.input.axes);
        self.named(&model.output.axes);
        let sides = model.side_inputs.iter().map(literal::text);
        self.emit(quote! {
            const PZ_0: pz_::Axes = #input;
            const PZ_OUTPUT: pz_::Axes = #output;
            const PZ_SIDES: &[&str] = &[#(#sides),*];
        });
        for (place, axis) in model.input.axes.axes.iter().enumerate() {
            self.judge(axis.name.span(), quote!(pz_::judge_declared(&PZ_CX, PZ_0.at(#place))));
        }
        let mut known = Vec::new();
        let last = self.sequence(&model.layers, constant(0, ""), &mut known);
        for (place, axis) in model.output.axes.axes.iter().enumerate() {
            self.judge(axis.name.span(), quote!(pz_::judge_output(&PZ_CX, &#last, &PZ_OUTPUT, #place)));
        }
        self.judge(model.output.axes.span, quote!(pz_::judge_surplus(&PZ_CX, &#last, &PZ_OUTPUT)));
        let dtype = model.output.dtype.as_ref().map_or(model.output.axes.span, Ident::span);
        self.judge(dtype, quote!(pz_::judge_output_elements(&#last, &PZ_OUTPUT.elements)));
        last
    }

    /// The signature, for other models and for run time.
    pub(super) fn signature(&mut self, model: &Model, _last: &Ident) -> TokenStream {
        let name = literal::text(&model.name);
        let parameters = model.symbols.parameters.len();
        self.names.sort();
        self.names.dedup();
        let names = &self.names;
        quote! {
            static PZ_SIGNATURE: pz_::Signature = PZ_HEADER;
            const PZ_HEADER: pz_::Signature = pz_::Signature {
                name: #name,
                symbols: PZ_CX.symbols,
                parameters: #parameters,
                input: PZ_0,
                output: PZ_OUTPUT,
                equal: PZ_CX.equal,
                quotients: PZ_CX.quotients,
                names: &[#(#names),*],
                side_inputs: PZ_SIDES,
            };
        }
    }

    fn sequence(&mut self, layers: &'m [Layer], before: Ident, known: &mut Known<'m>) -> Ident {
        let outside = known.len();
        let mut before = before;
        for layer in layers {
            before = self.layer(layer, before, known);
            known.push(layer);
        }
        known.truncate(outside);
        before
    }

    fn layer(&mut self, layer: &'m Layer, before: Ident, known: &mut Known<'m>) -> Ident {
        self.form(layer, &layer.form, before, known)
    }

    fn form(&mut self, layer: &'m Layer, form: &'m Form, before: Ident, known: &mut Known<'m>) -> Ident {
        let name = literal::text(&layer.name);
        let number = self.next();
        self.steps.insert(std::ptr::from_ref(form), number);
        let after = constant(number, "");
        let input = constant(number, "_B");
        self.emit(quote!(const #input: pz_::Axes = #before;));
        let span = layer.name.span();
        match form {
            Form::Keeps { ty, options, .. } => {
                let ty = self.const_type(ty, &quote!(pz_::KeepsShape));
                let gives_const = fact_of(&ty, "GIVES");
                self.emit(quote!(const #after: pz_::Axes = pz_::kept(&#before, #gives_const);));
                self.facts(layer, number, &before, &ty, options);
            }
            Form::ActsOver { ty, axes, options } => {
                let ty = self.const_type(ty, &quote!(pz_::ActsOver));
                self.named(axes);
                let (left, rule) = (self.axes(number, "_L", axes, &name), constant(number, "_RULE"));
                let rule_const = fact_of(&ty, "RULE");
                self.emit(quote! {
                    const #rule: pz_::Rule = #rule_const;
                    const #after: pz_::Axes = pz_::acted_on(&#before, #left);
                });
                for (place, axis) in axes.axes.iter().enumerate() {
                    self.judge(
                        axis.name.span(),
                        quote!(pz_::judge_left(&PZ_CX, &#before, #name, #left, #place, #rule)),
                    );
                }
                let axes = constant(number, "_N");
                let axes_const = fact_of(&ty, "AXES");
                self.emit(quote!(const #axes: pz_::Option<usize> = #axes_const;));
                self.judge(span, quote!(pz_::judge_count(#name, #left, #axes)));
                self.facts(layer, number, &before, &ty, options);
            }
            Form::Maps { ty, left, right, options } => {
                let ty = self.const_type(ty, &quote!(pz_::MapsAxes));
                self.named(left);
                self.named(right);
                let (from, to) =
                    (self.axes(number, "_L", left, &name), self.axes(number, "_R", right, &name));
                let rule = constant(number, "_RULE");
                let rule_const = fact_of(&ty, "RULE");
                self.emit(quote!(const #rule: pz_::Rule = #rule_const;));
                self.maps(layer, number, &before, (left, right), (&from, &to));
                self.judge(span, quote!(pz_::judge_pairs(#name, #from, #to, #rule)));
                self.facts(layer, number, &before, &ty, options);
            }
            Form::Model { ty, arguments } => {
                let given = ty
                    .segments
                    .last()
                    .is_some_and(|last| matches!(last.arguments, PathArguments::AngleBracketed(_)));
                let place = ty.span();
                let ty = self.const_type(ty, &quote!(pz_::Model));
                let (signature, sizes) = (constant(number, "_S"), constant(number, "_A"));
                let arguments_const = fact_of(&ty, "ARGUMENTS");
                let arguments = if given {
                    quote!(&[#(#arguments),*])
                } else {
                    quote!(&pz_::arguments(#arguments_const))
                };
                let signature_const = fact_of(&ty, "SIGNATURE");
                self.emit(quote! {
                    const #signature: &pz_::Signature = #signature_const;
                    const #sizes: &[pz_::Size] = #arguments;
                });
                self.signed(layer, number, &before, place);
            }
            Form::Foreign { input, output, .. } => {
                let (signature, sizes) = (constant(number, "_S"), constant(number, "_A"));
                self.named(&input.axes);
                self.named(&output.axes);
                let (takes, gives) = (literal::side(input, &name), literal::side(output, &name));
                let count = self.parameters.len();
                let symbols = 0..count as u8;
                self.emit(quote! {
                    const #signature: &pz_::Signature = &pz_::Signature {
                        name: #name,
                        symbols: PZ_CX.symbols,
                        parameters: #count,
                        input: #takes,
                        output: #gives,
                        equal: &[],
                        quotients: &[],
                        names: &[],
                        side_inputs: &[],
                    };
                    const #sizes: &[pz_::Size] = &[#(pz_::Size::symbol(#symbols)),*];
                });
                self.signed(layer, number, &before, span);
            }
            Form::Block { word, parts } => self.block(layer, number, word, parts, before, known),
            Form::Attention { .. } => self.attention(layer, form, number, before, known),
            Form::Stack { word, count, axis, parts, .. } => {
                self.names.push(literal::text(axis));
                let (axis_name, by) = (literal::text(axis), literal::place(&name, axis.span()));
                let stacked = constant(number, "_L");
                self.emit(quote! {
                    const #stacked: pz_::Axis = pz_::Axis { name: #axis_name, size: pz_::Some(#count), by: #by };
                });
                self.judge(axis.span(), quote!(pz_::judge_stack_axis(&PZ_CX, #name, &#before, &#stacked)));
                let inside = self.sequence(parts, before.clone(), &mut Vec::new());
                let because = "gives what its layers give to the next of them";
                self.alike(word.span(), "stack", &name, because, &before, &inside);
                self.emit(quote!(const #after: pz_::Axes = #before.doubted(#inside.doubtful);));
            }
            Form::Shared { of, as_ } => self.shared(layer, number, of, as_.as_deref(), before, known),
            Form::Unknown => self.emit(quote!(const #after: pz_::Axes = #before.doubted(true);)),
        }
        after
    }

    /// `<Type as Form>`, where the model's parameters do not exist.
    fn const_type(&self, ty: &Path, form: &TokenStream) -> TokenStream {
        let plain = literal::without_parameters(ty, self.parameters);
        quote_spanned!(ty.span()=> <#plain as #form>)
    }

    fn axes(&mut self, number: usize, suffix: &str, list: &Axes, who: &str) -> Ident {
        let name = constant(number, suffix);
        let axes = list.axes.iter().map(|axis| literal::axis(axis, who));
        self.emit(quote!(const #name: &[pz_::Axis] = &[#(#axes),*];));
        name
    }

    /// What a layer `left => right` makes, by the constants `from` and `to`.
    fn maps(
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

    fn signed(&mut self, layer: &Layer, number: usize, before: &Ident, place: Span) {
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
    fn facts(&mut self, layer: &Layer, number: usize, before: &Ident, ty: &TokenStream, options: &[Setting]) {
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

    fn alike(&mut self, span: Span, about: &str, name: &str, because: &str, first: &Ident, second: &Ident) {
        self.judge(span, quote!(pz_::judge_alike(&PZ_CX, #about, #name, #because, &#first, &#second)));
    }

    fn block(
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
                    quote!(const #after: pz_::Axes = #before.doubted(#inside.doubtful).of(#inside.elements);),
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
                self.emit(quote!(const #after: pz_::Axes = #first;));
            }
            _ => {
                let inside = self.sequence(parts, before, known);
                self.emit(quote!(const #after: pz_::Axes = #inside;));
            }
        }
    }

    fn attention(
        &mut self,
        layer: &'m Layer,
        form: &'m Form,
        number: usize,
        before: Ident,
        known: &mut Known<'m>,
    ) {
        let Form::Attention { word, seq, kv_seq, projection, parts } = form else { return };
        let name = literal::text(&layer.name);
        self.names.extend([seq, kv_seq].into_iter().chain(projection).map(literal::text));
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
            None => (before.clone(), word.span()),
        };
        let (query, at_query) = run(self, "query", &before, known);
        let (key, at_key) = run(self, "key", &before, known);
        let (value, at_value) = run(self, "value", &before, known);
        self.judge(at_query, quote!(pz_::judge_query(&PZ_CX, #name, &#query, &#by)));
        self.judge(at_key, quote!(pz_::judge_key(&PZ_CX, #name, &#before, &#query, &#key, &#by)));
        self.judge(at_value, quote!(pz_::judge_value(&PZ_CX, #name, &#before, &#key, &#value, &#by)));
        let (scores, mixed, parts_of) =
            (constant(number, "_C"), constant(number, "_M"), constant(number, "_P"));
        self.emit(quote! {
            const #scores: pz_::Axes = pz_::scores(&#query, &#key, &#by);
            const #mixed: pz_::Axes = pz_::mixed(&#query, &#value, &#by);
            const #parts_of: [&pz_::Axes; 3] = [&#before, &#query, &#key];
        });
        let (weights, at_scores) = run(self, "scores", &scores, known);
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

    fn shared(
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
        let Some(other) = known.iter().rev().find(|known| known.name == *of).copied() else {
            self.emit(quote!(const #after: pz_::Axes = #before.doubted(true);));
            return;
        };
        let theirs = self.step(&other.form);
        match (&other.form, as_) {
            (
                Form::Maps { left: their_left, right: their_right, .. },
                Some(form @ Form::Maps { ty, left, right, .. }),
            ) => {
                self.steps.insert(std::ptr::from_ref(form), number);
                let ty = self.const_type(ty, &quote!(pz_::MapsAxes));
                self.named(left);
                self.named(right);
                let (from, to) =
                    (self.axes(number, "_L", left, &name), self.axes(number, "_G", right, &name));
                let (rule, tied) = (constant(number, "_RULE"), constant(number, "_R"));
                let (their_from, their_to) = (constant(theirs, "_L"), constant(theirs, "_R"));
                let their_before = constant(theirs, "_B");
                let _ = (their_left, their_right);
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
                let other_name = literal::text(of);
                for (list, constant) in [(left, &from), (right, &tied)] {
                    for (place, axis) in list.axes.iter().enumerate() {
                        self.judge(axis.name.span(), quote! {
                            pz_::judge_tied(&PZ_CX, &#before, #name, #other_name, &#constant[#place], &#their_before, #their_from, #their_to)
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
                    const #after: pz_::Axes = pz_::made(&#before, &#own, #to, #rule);
                });
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
                    const #after: pz_::Axes = pz_::acted_on(&#before, &#own);
                });
                for place in 0..count {
                    self.judge(
                        of.span(),
                        quote!(pz_::judge_left(&PZ_CX, &#before, #name, &#own, #place, #rule)),
                    );
                }
            }
            (Form::Model { .. } | Form::Foreign { .. }, None) => {
                let (signature, sizes) = (constant(theirs, "_S"), constant(theirs, "_A"));
                let (own_signature, own_sizes) = (constant(number, "_S"), constant(number, "_A"));
                self.emit(quote! {
                    const #own_signature: &pz_::Signature = #signature;
                    const #own_sizes: &[pz_::Size] = #sizes;
                });
                self.signed(layer, number, &before, of.span());
            }
            (Form::Keeps { .. }, None) => self.emit(quote!(const #after: pz_::Axes = #before;)),
            (_, None) => {
                // A block is shared where it meets the axes that it met first.
                let (seen, gave) = (constant(theirs, "_B"), constant(theirs, ""));
                self.alike(of.span(), "shared", &name, "is used on what it was made for", &seen, &before);
                self.emit(quote!(const #after: pz_::Axes = #gave;));
            }
            (_, Some(_)) => {
                self.emit(quote!(const #after: pz_::Axes = #before.doubted(true);));
            }
        }
    }
}

/// The constant `name` of a type as a form, all of it at the place of the type.
fn fact_of(ty: &TokenStream, name: &str) -> TokenStream {
    let span = ty.span();
    let name = Ident::new(name, span);
    quote_spanned!(span=> #ty::#name)
}

/// The tokens at another place, so that the compiler points there. Types and user expressions are not among them.
fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    let respan = |mut token: proc_macro2::TokenTree| {
        if let proc_macro2::TokenTree::Group(group) = &token {
            let mut inner = proc_macro2::Group::new(group.delimiter(), respanned(group.stream(), span));
            inner.set_span(span);
            return inner.into();
        }
        token.set_span(span);
        token
    };
    tokens.into_iter().map(respan).collect()
}
