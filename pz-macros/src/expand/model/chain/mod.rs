//! The constants: the axes after each layer, and beside each a judgement at the user's token.
//!
//! Each step is a constant of its own, so a model of any length stays within the compiler's limits for one constant.
//! Each judgement is an item of its own, so mistakes are told independently.

mod blocks;
mod forms;
mod shared;

use forms::FormType;
use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::{constant, literal, named};
use crate::ir::model::{Axes, Form, Layer, Model};

/// What was emitted, and the numbers of layers.
pub(in crate::expand) struct Chain<'m> {
    pub(in crate::expand) items: TokenStream,
    /// The constants of each layer, by the address of its form.
    steps: HashMap<*const Form, usize>,
    pub(super) parameters: &'m [Ident],
    inert: bool,
    /// The names of the inputs.
    inputs: Vec<Ident>,
    /// The stacks that are around.
    stacks: Vec<Stack>,
    /// The constant of the attention whose scores are being made.
    attention: Option<Ident>,
    count: usize,
    /// Every axis that is named.
    names: Vec<String>,
    /// The models in this one, by the types' texts: the constant of the signature, and what answers for the type.
    models: Vec<(String, Ident, TokenStream)>,
}

/// A stack that is around.
#[derive(Clone)]
struct Stack {
    layer: String,
    /// The name of its axis.
    along: String,
    /// The constants of its axis and of what reaches it.
    axis: Ident,
    before: Ident,
    /// Whether a layer inside is told that it names that axis too.
    told: bool,
}

/// Earlier layers by name, for `shared`.
type Known<'m> = Vec<&'m Layer>;

impl<'m> Chain<'m> {
    /// `inert` says that code is not emitted, since there are mistakes.
    pub(in crate::expand) fn new(model: &'m Model, inert: bool) -> Self {
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
        let inputs = model.inputs.iter().map(|(name, _)| name.clone()).collect();
        Chain {
            inputs,
            stacks: Vec::new(),
            attention: None,
            items,
            steps: HashMap::new(),
            parameters: &symbols.parameters,
            inert,
            count: 0,
            names: Vec::new(),
            models: Vec::new(),
        }
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

    /// Notes axes that `layer` names.
    fn named(&mut self, layer: &str, axes: &Axes) {
        for axis in &axes.axes {
            self.names_axis(layer, &axis.name);
        }
    }

    /// Notes an axis that `layer` names, and judges that no stack around has its parameters along it.
    fn names_axis(&mut self, layer: &str, axis: &Ident) {
        let text = literal::text(axis);
        if let Some(stack) = self.stacks.iter_mut().find(|stack| stack.along == text && !stack.told) {
            stack.told = true;
            let Stack { layer: around, axis: along, before, .. } = stack.clone();
            self.judge(
                axis.span(),
                quote!(pz_::judge_stacked_name(#around, &#before, &#along, #layer, #text)),
            );
        }
        self.names.push(text);
    }

    /// The whole model; gives the constant after the last layer.
    pub(super) fn model(&mut self, model: &'m Model) -> Ident {
        self.header(model);
        let mut known = Vec::new();
        let last = self.sequence(&model.layers, constant(0, ""), &mut known);
        if model.output.broken {
            return last;
        }
        for (place, axis) in model.output.axes.axes.iter().enumerate() {
            self.judge(axis.name.span(), quote!(pz_::judge_output(&PZ_CX, &#last, &PZ_OUTPUT, #place)));
        }
        self.judge(model.output.axes.span, quote!(pz_::judge_surplus(&PZ_CX, &#last, &PZ_OUTPUT)));
        let dtype = model.output.dtype.as_ref().map_or(model.output.axes.span, Ident::span);
        self.judge(dtype, quote!(pz_::judge_output_elements(&#last, &PZ_OUTPUT.elements, &PZ_0.elements)));
        last
    }

    /// What the header declares.
    pub(in crate::expand) fn header(&mut self, model: &'m Model) {
        let first = model.inputs.first().map(|(name, _)| literal::text(name)).unwrap_or_default();
        let input = literal::side(&model.input, &first);
        let unread = model.input.broken.then(|| quote!(.unread()));
        let output = literal::side(&model.output, "");
        self.named("", &model.input.axes);
        self.named("", &model.output.axes);
        let sides = model.side_inputs.iter().map(literal::text);
        self.emit(quote! {
            const PZ_0: pz_::Axes = #input #unread;
            const PZ_OUTPUT: pz_::Axes = #output;
            const PZ_SIDES: &[&str] = &[#(#sides),*];
        });
        for (place, axis) in model.input.axes.axes.iter().enumerate().filter(|_| !model.input.broken) {
            self.judge(axis.name.span(), quote!(pz_::judge_declared(&PZ_CX, PZ_0.at(#place))));
        }
        let (parameters, judged) = (self.parameters, !self.inert);
        for (test, text, span) in model.tests.iter().filter(|_| judged) {
            let mentions = |parameter: &Ident| crate::ir::mentions(test, parameter);
            if !parameters.iter().any(mentions) {
                self.judge(*span, quote!(pz_::judge_condition(#test, #text)));
            }
        }
        for (number, (name, side)) in model.inputs.iter().enumerate() {
            self.named("", &side.axes);
            let (constant, who) = (constant(number, "_IN"), literal::text(name));
            let axes = literal::side(side, &who);
            let unread = side.broken.then(|| quote!(.unread()));
            self.emit(quote!(const #constant: pz_::Axes = #axes #unread;));
            for (place, axis) in side.axes.axes.iter().enumerate().filter(|_| number > 0 && !side.broken) {
                self.judge(axis.name.span(), quote!(pz_::judge_declared(&PZ_CX, #constant.at(#place))));
            }
        }
    }

    /// The signature of a residual written by hand: its output is judged by its input.
    pub(in crate::expand) fn residual(&mut self, layer: &Ident, output: Span) {
        let name = literal::text(layer);
        self.judge(output, quote!(pz_::judge_residual(&PZ_CX, #name, &PZ_0, &PZ_OUTPUT)));
    }

    /// The signature, for other models and for run time.
    pub(in crate::expand) fn signature(&mut self, model: &Model) -> TokenStream {
        let name = literal::text(&model.name);
        let parameters = model.symbols.parameters.len();
        self.names.sort();
        self.names.dedup();
        let names = &self.names;
        let by = literal::place(&name, model.name.span());
        let inputs = model.inputs.iter().enumerate().map(|(number, (name, _))| {
            let (constant, name) = (constant(number, "_IN"), literal::text(name));
            quote!((#name, #constant))
        });
        quote! {
            static PZ_SIGNATURE: pz_::Signature = PZ_HEADER;
            const PZ_HEADER: pz_::Signature = pz_::Signature {
                name: #name,
                symbols: PZ_CX.symbols,
                parameters: #parameters,
                by: #by,
                input: PZ_0,
                inputs: &[#(#inputs),*],
                output: PZ_OUTPUT,
                equal: PZ_CX.equal,
                quotients: PZ_CX.quotients,
                names: &[#(#names),*],
                side_inputs: PZ_SIDES,
            };
        }
    }

    /// The constants of the models in this one, for the trait of models.
    pub(in crate::expand) fn within(&self) -> TokenStream {
        let depth = |name: &str, deeper: Option<&str>| {
            let name = Ident::new(name, Span::call_site());
            let parts = self.models.iter().map(|(_, signature, ty)| {
                let parts = deeper.map_or_else(|| quote!(&[]), |deeper| fact_of(ty, deeper));
                quote!(pz_::Within { model: #signature, parts: #parts })
            });
            quote!(const #name: &'static [pz_::Within] = &[#(#parts),*];)
        };
        let (one, two) = (depth("WITHIN_1", None), depth("WITHIN_2", Some("WITHIN_1")));
        let three = depth("WITHIN_3", Some("WITHIN_2"));
        quote!(#one #two #three)
    }

    /// What comes out of a layer that is not there.
    fn unread(&mut self, before: &Ident) -> Ident {
        let after = constant(self.next(), "");
        self.emit(quote!(const #after: pz_::Axes = #before.unread();));
        after
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
        let span = layer.name.span();
        if layer.broken {
            self.emit(quote! {
                const #input: pz_::Axes = #before;
                const #after: pz_::Axes = #before.unread();
            });
            return after;
        }
        let (ty, before) = match FormType::of(form) {
            Some((form, ty)) => {
                let ty = self.form_type(number, ty, form);
                let before = self.reached(number, "_B", &before, &ty);
                (ty, before)
            }
            None => {
                self.emit(quote!(const #input: pz_::Axes = #before;));
                (TokenStream::new(), before)
            }
        };
        match form {
            Form::Keeps { arguments, options, .. } => {
                self.types(
                    layer,
                    number,
                    &before,
                    &ty,
                    literal::dtype(options, Some(&arguments.stream())),
                    None,
                );
                self.gives(layer, number, number, &before, quote!(#before));
                if let Some((value, written)) = literal::number(&arguments.stream()) {
                    let (range, range_const) = (constant(number, "_RANGE"), fact_of(&ty, "RANGE"));
                    self.emit(quote!(const #range: pz_::Option<[i64; 2]> = #range_const;));
                    let at = arguments.stream().span();
                    self.judge(at, quote!(pz_::judge_argument(#name, #range, #value, #written)));
                }
                self.facts(layer, number, &before, &ty, options);
            }
            Form::ActsOver { axes, options, .. } => {
                self.named(&name, axes);
                let (left, rule) = (self.axes(number, "_L", axes, &name), constant(number, "_RULE"));
                let rule_const = fact_of(&ty, "RULE");
                self.emit(quote! {
                    const #rule: pz_::Rule = #rule_const;
                });
                self.types(layer, number, &before, &ty, literal::dtype(options, None), None);
                self.gives(layer, number, number, &before, quote!(pz_::acted_on(&#before, #left)));
                if let (Some(attention), Some(first)) = (self.attention.clone(), axes.axes.first()) {
                    let (attends, attends_const) = (constant(number, "_ATTENDS"), fact_of(&ty, "ATTENDS"));
                    self.emit(quote!(const #attends: bool = #attends_const;));
                    let at = first.name.span();
                    self.judge(at, quote!(pz_::judge_order(#name, #attends, #left, &#attention)));
                }
                for (place, axis) in axes.axes.iter().enumerate() {
                    self.judge(
                        axis.name.span(),
                        quote!(pz_::judge_left(&PZ_CX, &#before, #name, #left, #place, #rule)),
                    );
                }
                let list = axes;
                let axes = constant(number, "_N");
                let axes_const = fact_of(&ty, "AXES");
                self.emit(quote!(const #axes: pz_::Option<usize> = #axes_const;));
                self.judge(span, quote!(pz_::judge_count(#name, #left, #axes)));
                let (multiple, multiple_const) = (constant(number, "_G"), fact_of(&ty, "MULTIPLE_OF"));
                self.emit(quote! {
                    const #multiple: usize = pz_::groups_of(#multiple_const, #left, #axes);
                });
                for (place, axis) in list.axes.iter().enumerate() {
                    self.judge(
                        axis.name.span(),
                        quote!(pz_::judge_multiple(&PZ_CX, &#before, #name, #left, #place, #multiple)),
                    );
                }
                self.facts(layer, number, &before, &ty, options);
            }
            Form::Maps { left, right, options, .. } => {
                self.named(&name, left);
                self.named(&name, right);
                let (from, to) =
                    (self.axes(number, "_L", left, &name), self.axes(number, "_R", right, &name));
                let rule = constant(number, "_RULE");
                let rule_const = fact_of(&ty, "RULE");
                self.emit(quote!(const #rule: pz_::Rule = #rule_const;));
                self.types(layer, number, &before, &ty, literal::dtype(options, None), None);
                self.maps(layer, number, &before, (left, right), (&from, &to));
                self.judge(span, quote!(pz_::judge_pairs(#name, #from, #to, #rule)));
                self.facts(layer, number, &before, &ty, options);
            }
            Form::Model { ty: path, arguments } | Form::Typed { ty: path, arguments, .. } => {
                let (place, text) = (named::place(path), quote!(#path).to_string());
                let (signature, sizes) = (constant(number, "_S"), constant(number, "_A"));
                let arguments_const = fact_of(&ty, "ARGUMENTS");
                let arguments = match arguments {
                    Some(arguments) => quote!(&[#(#arguments),*]),
                    None => quote!(&pz_::arguments(#arguments_const)),
                };
                let signature_const = fact_of(&ty, "SIGNATURE");
                let (within, within_const) = (constant(number, "_W"), fact_of(&ty, "WITHIN_3"));
                self.emit(quote! {
                    const #signature: &pz_::Signature = #signature_const;
                    const #within: &[pz_::Within] = #within_const;
                    const #sizes: &[pz_::Size] = #arguments;
                });
                // A model inside itself is told already where there are other mistakes.
                if !self.inert {
                    self.judge(place, quote!(pz_::judge_endless(&PZ_HEADER, #name, #signature, #within)));
                }
                if !self.models.iter().any(|(known, ..)| *known == text) {
                    self.models.push((text, signature.clone(), ty.clone()));
                }
                for stack in self.stacks.clone() {
                    let Stack { layer: around, axis, before, .. } = stack;
                    let text = quote!(pz_::judge_stacked_model(#around, &#before, &#axis, #name, #signature, #within));
                    self.judge(place, text);
                }
                self.signed(layer, number, &before, place);
            }
            Form::Foreign { input, output, side_inputs, .. } => {
                let (signature, sizes) = (constant(number, "_S"), constant(number, "_A"));
                let within = constant(number, "_W");
                self.named(&name, &input.axes);
                self.named(&name, &output.axes);
                let sides = side_inputs.iter().map(literal::text);
                let (takes, gives) = (literal::side(input, &name), literal::side(output, &name));
                let count = self.parameters.len();
                let symbols = 0..count as u8;
                let by = literal::place(&name, span);
                self.emit(quote! {
                    const #signature: &pz_::Signature = &pz_::Signature {
                        name: #name,
                        symbols: PZ_CX.symbols,
                        parameters: #count,
                        by: #by,
                        input: #takes,
                        inputs: &[],
                        output: #gives,
                        equal: &[],
                        quotients: &[],
                        names: &[],
                        side_inputs: &[#(#sides),*],
                    };
                    const #sizes: &[pz_::Size] = &[#(pz_::Size::symbol(#symbols)),*];
                    const #within: &[pz_::Within] = &[];
                });
                self.signed(layer, number, &before, span);
            }
            Form::Block { word, parts } => self.block(layer, number, word, parts, before, known),
            Form::From { word, input, parts } => {
                let inside = match self.inputs.iter().position(|name| name == input) {
                    None => self.unread(&before),
                    Some(number) => {
                        let from = constant(number, "_IN");
                        for Stack { axis, .. } in self.stacks.clone() {
                            let text = quote!(pz_::judge_stack_axis(&PZ_CX, #name, &#from, &#axis));
                            self.judge(word.span(), text);
                        }
                        self.sequence(parts, from, known)
                    }
                };
                self.emit(quote!(const #after: pz_::Axes = #inside;));
            }
            Form::Attention { .. } => self.attention(layer, form, number, before, known),
            Form::Stack { word, count, axis, parts, .. } => {
                self.names_axis(&name, axis);
                let (axis_name, by) = (literal::text(axis), literal::place(&name, axis.span()));
                let stacked = constant(number, "_L");
                self.emit(quote! {
                    const #stacked: pz_::Axis = pz_::Axis { name: #axis_name, size: pz_::Some(#count), by: #by };
                });
                self.judge(axis.span(), quote!(pz_::judge_stack_axis(&PZ_CX, #name, &#before, &#stacked)));
                let along = literal::text(axis);
                let (layer, before_it) = (name.clone(), before.clone());
                self.stacks.push(Stack { layer, along, axis: stacked, before: before_it, told: false });
                let inside = self.sequence(parts, before.clone(), &mut Vec::new());
                self.stacks.pop();
                let because = "gives what its layers give to the next of them";
                self.alike(word.span(), "stack", &name, because, &before, &inside);
                self.judge(word.span(), quote!(pz_::judge_next_type(#name, &#before, &#inside)));
                self.emit(
                    quote!(const #after: pz_::Axes = #before.doubted(#inside.doubtful).of_type(&#inside);),
                );
            }
            Form::Shared { of, as_ } => self.shared(layer, number, of, as_.as_deref(), before, known),
            Form::Unknown => self.emit(quote!(const #after: pz_::Axes = #before.unread();)),
        }
        after
    }
}

/// The constant `name` of a type as a form, all of it at the place of the type.
fn fact_of(ty: &TokenStream, name: &str) -> TokenStream {
    let span = ty.span();
    let name = Ident::new(name, span);
    quote_spanned!(span=> #ty::#name)
}

/// The tokens at another place, so that the compiler points there. Types and user expressions are not among them.
pub(super) fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
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
