//! What a `model!` means: every type of its representation, and how it is made from syntax.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use std::collections::HashSet;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Path, Visibility};

use super::size::{Symbols, bare, spaced, symbol};
use crate::diag::Errors;
use crate::parse::model as syntax;
use crate::words::{self, ACTIVATIONS, ELEMENT_TYPES};

/// A model.
pub(crate) struct Model {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) symbols: Symbols,
    /// What goes into the first layer: the first input.
    pub(crate) input: Side,
    /// All inputs, where they have names.
    pub(crate) inputs: Vec<(Ident, Side)>,
    pub(crate) output: Side,
    /// Pairs of sizes that are equal.
    pub(crate) equal: Vec<(TokenStream, TokenStream)>,
    /// Conditions as they are tested at run time, with their text.
    pub(crate) tests: Vec<(TokenStream, String, Span)>,
    pub(crate) side_inputs: Vec<Ident>,
    pub(crate) layers: Vec<Layer>,
}

/// An array in a header.
#[derive(Clone)]
pub(crate) struct Side {
    pub(crate) dtype: Option<Ident>,
    pub(crate) axes: Axes,
    /// Whether a part of it could not be read.
    pub(crate) broken: bool,
}

/// Axes.
#[derive(Clone)]
pub(crate) struct Axes {
    pub(crate) rests: Vec<Ident>,
    pub(crate) axes: Vec<Axis>,
    pub(crate) span: Span,
}

/// One axis.
#[derive(Clone)]
pub(crate) struct Axis {
    pub(crate) name: Ident,
    /// An expression of type `pz_::Size`.
    pub(crate) size: Option<TokenStream>,
    /// The size as it was written, for the page.
    pub(crate) text: String,
}

/// A named layer.
pub(crate) struct Layer {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) form: Form,
    /// Whether a part of it could not be read.
    pub(crate) broken: bool,
}

/// How a layer was declared.
pub(crate) enum Form {
    Keeps {
        ty: Path,
        /// In its parentheses.
        arguments: Group,
        options: Vec<syntax::Setting>,
    },
    ActsOver {
        ty: Path,
        axes: Axes,
        options: Vec<syntax::Setting>,
    },
    Maps {
        ty: Path,
        left: Axes,
        right: Axes,
        options: Vec<syntax::Setting>,
    },
    Model {
        ty: Path,
        /// The sizes that it is given, where one depends on the parameters; otherwise its type knows them.
        arguments: Option<Vec<TokenStream>>,
    },
    Block {
        word: Ident,
        parts: Vec<Layer>,
    },
    Attention {
        word: Ident,
        seq: Ident,
        kv_seq: Ident,
        projection: Vec<Ident>,
        parts: Vec<Layer>,
    },
    Stack {
        word: Ident,
        count: TokenStream,
        count_text: String,
        axis: Ident,
        parts: Vec<Layer>,
    },
    From {
        word: Ident,
        input: Ident,
        parts: Vec<Layer>,
    },
    Shared {
        of: Ident,
        as_: Option<Box<Form>>,
    },
    Typed {
        expression: Group,
        ty: Path,
        arguments: Option<Vec<TokenStream>>,
    },
    Foreign {
        expression: Group,
        input: Side,
        output: Side,
        side_inputs: Vec<Ident>,
    },
    /// A mistake was told.
    Unknown,
}

/// The words in an attribute that make a tree or a layer of a struct.
pub(crate) fn own_words(attribute: &Attribute) -> Vec<Ident> {
    let mut words: Vec<Ident> =
        attribute.path().segments.last().map(|last| last.ident.clone()).into_iter().collect();
    if attribute.path().is_ident("derive") {
        // What cannot be read is the compiler's to tell.
        let _ = attribute.parse_nested_meta(|meta| {
            words.extend(meta.path.segments.last().map(|last| last.ident.clone()));
            Ok(())
        });
    }
    words.retain(|word| ["Layer", "PyTree", "pytree_dataclass"].iter().any(|own| word == own));
    words
}

/// The meaning of a model.
pub(crate) fn model(errors: &mut Errors, model: syntax::Model) -> Model {
    let mut open: Vec<Ident> = Vec::new();
    for axis in model.inputs.iter().flat_map(|(_, side)| &side.axes.axes) {
        if axis.size.is_none() && !open.contains(&axis.name) {
            open.push(axis.name.clone());
        }
    }
    let mut symbols = Symbols {
        parameters: model.parameters,
        open,
        quotients: Vec::new(),
        divides: Vec::new(),
        doubtful: Vec::new(),
    };
    for condition in &model.conditions {
        if let syntax::Condition::Divides(divisor, of) = condition {
            symbols.divides.push((spaced(bare(divisor)), spaced(bare(of))));
        }
    }
    let mut equal = Vec::new();
    let mut tests = Vec::new();
    for condition in &model.conditions {
        match condition {
            syntax::Condition::Equal(left, right) => {
                let text = format!("{} == {}", spaced(left), spaced(right));
                tests.push((quote!((#left) == (#right)), text, left.span()));
                equal.push((symbols.size(errors, left), symbols.size(errors, right)));
            }
            syntax::Condition::Divides(divisor, of) => {
                let text = format!("{} divides {}", spaced(divisor), spaced(of));
                tests.push((quote!((#divisor) != 0 && (#of) % (#divisor) == 0), text, divisor.span()));
                let quotient: Expr = syn::parse_quote!((#of) / (#divisor));
                let whole: Expr = syn::parse_quote!(#of);
                if symbols.mentions(&quotient) {
                    let Expr::Binary(binary) = &quotient else { continue };
                    let (left, right) =
                        (symbols.size(errors, &binary.left), symbols.size(errors, &binary.right));
                    let made = symbols.size(errors, &quotient);
                    equal.push((quote!(#right.mul(&#made)), left));
                } else {
                    let whole = symbols.size(errors, &whole);
                    equal.push((quote!(#whole), whole));
                }
            }
        }
    }
    let mut axes = HashSet::new();
    let sides = model.inputs.iter().map(|(_, side)| &side.axes).chain([&model.output.axes]);
    names_in(sides.collect(), &mut axes);
    made_by(&model.entries, &mut axes);
    let mut resolver = Resolver { errors, symbols, axes };
    let mut sides = Vec::new();
    let mut inputs = Vec::new();
    for (name, side) in model.inputs {
        let mut side = resolver.side(side);
        for axis in &mut side.axes.axes {
            if axis.size.is_none() {
                axis.size = resolver.symbols.open(&axis.name).map(symbol);
            }
        }
        inputs.extend(name.map(|name| (name, side.clone())));
        sides.push(side);
    }
    let known: Vec<Axis> = sides.iter().flat_map(|side| side.axes.axes.clone()).collect();
    let input = sides.into_iter().next().unwrap_or_else(Side::nothing);
    let mut output = resolver.side(model.output);
    for axis in &mut output.axes.axes {
        if axis.size.is_none() {
            axis.size =
                known.iter().find(|known| known.name == axis.name).and_then(|known| known.size.clone());
        }
    }
    let layers = resolver.layers(model.entries);
    Model {
        attributes: model.attributes,
        visibility: model.visibility,
        name: model.name,
        symbols: resolver.symbols,
        input,
        inputs,
        output,
        equal,
        tests,
        side_inputs: model.side_inputs,
        layers,
    }
}

impl Side {
    /// No axes.
    fn nothing() -> Self {
        let axes = Axes { rests: Vec::new(), axes: Vec::new(), span: Span::call_site() };
        Side { dtype: None, axes, broken: true }
    }
}

struct Resolver<'a> {
    errors: &'a mut Errors,
    symbols: Symbols,
    /// Every axis that is named anywhere in the model.
    axes: HashSet<String>,
}

fn names_in(lists: Vec<&syntax::AxisList>, axes: &mut HashSet<String>) {
    axes.extend(lists.into_iter().flat_map(|list| &list.axes).map(|axis| axis.name.to_string()));
}

/// The axes that these layers name.
fn made_by(entries: &[syntax::Entry], axes: &mut HashSet<String>) {
    for entry in entries {
        match &entry.form {
            syntax::Form::Maps { left, right, .. } => names_in(vec![left, right], axes),
            syntax::Form::Attention { seq, kv_seq, parts, .. } => {
                axes.extend([seq, kv_seq].map(ToString::to_string));
                made_by(parts, axes);
            }
            syntax::Form::Block { parts, .. }
            | syntax::Form::From { parts, .. }
            | syntax::Form::Stack { parts, .. } => made_by(parts, axes),
            _ => {}
        }
    }
}

impl Resolver<'_> {
    fn side(&mut self, side: syntax::Side) -> Side {
        Side { dtype: side.dtype, axes: self.axes(side.axes), broken: side.broken }
    }

    fn axes(&mut self, list: syntax::AxisList) -> Axes {
        let axes = list.axes.into_iter().map(|axis| Axis {
            text: axis.size.as_ref().map(spaced).unwrap_or_default(),
            size: axis.size.map(|size| self.symbols.size(self.errors, &size)),
            name: axis.name,
        });
        Axes { axes: axes.collect(), rests: list.rests, span: list.span }
    }

    fn layers(&mut self, entries: Vec<syntax::Entry>) -> Vec<Layer> {
        let layer = |entry: syntax::Entry| Layer {
            attributes: entry.attributes,
            name: entry.name,
            form: self.form(entry.form),
            broken: entry.broken,
        };
        entries.into_iter().map(layer).collect()
    }

    fn form(&mut self, form: syntax::Form) -> Form {
        match form {
            syntax::Form::Keeps { ty, arguments, options } => {
                if self.axes_as_values(&ty, &arguments) || self.misspelled_type(&ty, &arguments) {
                    return Form::Unknown;
                }
                Form::Keeps { ty, arguments, options }
            }
            syntax::Form::ActsOver { ty, axes, options } => {
                Form::ActsOver { ty, axes: self.axes(axes), options }
            }
            syntax::Form::Maps { ty, left, right, options } => {
                Form::Maps { ty, left: self.axes(left), right: self.axes(right), options }
            }
            syntax::Form::Model { ty } => {
                let ty = with_constants(ty, false);
                let before = self.errors.count();
                let arguments = self.arguments(&ty, false);
                if self.errors.count() > before { Form::Unknown } else { Form::Model { ty, arguments } }
            }
            syntax::Form::Block { word, parts } => Form::Block { word, parts: self.layers(parts) },
            syntax::Form::Attention { word, seq, kv_seq, projection, parts } => {
                Form::Attention { word, seq, kv_seq, projection, parts: self.layers(parts) }
            }
            syntax::Form::Stack { word, count, axis, parts } => Form::Stack {
                word,
                count_text: spaced(&count),
                count: self.symbols.size(self.errors, &count),
                axis,
                parts: self.layers(parts),
            },
            syntax::Form::From { word, input, parts } => {
                Form::From { word, input, parts: self.layers(parts) }
            }
            syntax::Form::Typed { expression, ty } => {
                let ty = with_constants(ty, true);
                let before = self.errors.count();
                let arguments = self.arguments(&ty, true);
                if self.errors.count() > before {
                    return Form::Unknown;
                }
                Form::Typed { expression, ty, arguments }
            }
            syntax::Form::Shared { of, as_ } => {
                Form::Shared { of, as_: as_.map(|form| Box::new(self.form(*form))) }
            }
            syntax::Form::Foreign { expression, input, output, side_inputs } => {
                let (input, output) = (self.side(input), self.side(output));
                Form::Foreign { expression, input, output, side_inputs }
            }
            syntax::Form::Unknown => Form::Unknown,
        }
    }

    /// `Softmax(seq)`: whether what stands in the parentheses are axes, which is told.
    fn axes_as_values(&mut self, ty: &Path, arguments: &Group) -> bool {
        let parser = Punctuated::<Ident, syn::Token![,]>::parse_terminated;
        let Ok(names) = parser.parse2(arguments.stream()) else { return false };
        let known = |name: &Ident| {
            let name = name.to_string();
            let is_word = ACTIVATIONS.contains(&name.as_str()) || ELEMENT_TYPES.contains(&name.as_str());
            self.axes.contains(&name) && !is_word
        };
        let (Some(first), true) = (names.first(), names.iter().all(known)) else { return false };
        let called = ty.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let text = arguments.stream();
        self.errors.add(
            first,
            format!("found the axis `{first}` in parentheses, wanted braces"),
            format!(
                "write `{called} {{ {text} }}`; a value that is so called is written `{called}({{ {text} }})`"
            ),
        );
        true
    }

    /// `CastToDType(float16)`: whether the argument is an element type of another library, or misspelled, which is told.
    fn misspelled_type(&mut self, ty: &Path, arguments: &Group) -> bool {
        let Ok(word) = syn::parse2::<Ident>(arguments.stream()) else { return false };
        let text = word.to_string();
        let is_known = ELEMENT_TYPES.contains(&text.as_str()) || !text.starts_with(char::is_lowercase);
        if is_known || ty.segments.last().is_none_or(|last| last.ident != "CastToDType") {
            return false;
        }
        let meant = words::meant_type(&text).or_else(|| words::nearest(&text, ELEMENT_TYPES));
        if let Some(meant) = meant {
            let message = format!("found `{word}`, which is no element type");
            self.errors.add(&word, message, format!("write `CastToDType({meant})`"));
        }
        meant.is_some()
    }

    /// The const arguments of a type as sizes, where a parameter is in one. Where it may have types as arguments, these
    /// are told by their names.
    fn arguments(&mut self, ty: &Path, has_types: bool) -> Option<Vec<TokenStream>> {
        let last = ty.segments.last()?;
        let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        if !self.symbols.mentions(arguments) {
            return None;
        }
        let mut sizes = Vec::new();
        for argument in &arguments.args {
            let expression: Option<Expr> = match argument {
                syn::GenericArgument::Const(expression) => Some(expression.clone()),
                syn::GenericArgument::Type(syn::Type::Path(path)) if has_types && is_type(&path.path) => None,
                syn::GenericArgument::Type(syn::Type::Path(path)) => syn::parse2(quote!(#path)).ok(),
                _ => None,
            };
            let Some(expression) = expression else { continue };
            let lone = matches!(inner(&expression), Expr::Path(path) if path.path.get_ident().is_some());
            if !lone && self.symbols.mentions(&expression) {
                let text = quote!(#expression).to_string();
                self.errors.add(
                    argument,
                    format!("found the argument `{text}`, and in a model with parameters Rust allows a number, a constant or a parameter alone"),
                    format!("give the model a parameter for `{text}` and state it: `where SIZE == {}`", text.trim_matches(['{', '}', ' '])),
                );
            }
            sizes.push(self.symbols.size(self.errors, inner(&expression)));
        }
        Some(sizes)
    }
}

/// The expression without braces around it.
fn inner(expression: &Expr) -> &Expr {
    match expression {
        Expr::Block(block) => match block.block.stmts.as_slice() {
            [syn::Stmt::Expr(only, None)] => only,
            _ => expression,
        },
        _ => expression,
    }
}

/// The type with each constant among its arguments in braces: one that is not there is then told as a constant, once.
fn with_constants(mut ty: Path, has_types: bool) -> Path {
    let Some(last) = ty.segments.last_mut() else { return ty };
    let syn::PathArguments::AngleBracketed(arguments) = &mut last.arguments else { return ty };
    for argument in &mut arguments.args {
        if let syn::GenericArgument::Type(syn::Type::Path(path)) = argument
            && !(has_types && is_type(&path.path))
        {
            let mut braces = Group::new(Delimiter::Brace, quote!(#path));
            braces.set_span(Span::call_site().located_at(path.span()));
            if let Ok(constant) = syn::parse2(braces.into_token_stream()) {
                *argument = syn::GenericArgument::Const(constant);
            }
        }
    }
    ty
}

/// Whether the path is called as types are, and not as constants are.
fn is_type(path: &Path) -> bool {
    path.segments.last().is_some_and(|last| last.ident.to_string().contains(char::is_lowercase))
}
