//! The grammar of `model!`: a header, and entries between commas.

mod axes;
mod blocks;
mod entries;
mod forms;
mod header;
mod slips;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::{Attribute, Expr, Path, Visibility};

use super::cursor::Cursor;
use crate::diag::Errors;
pub(crate) use header::{array, side_inputs_in};

/// A declared model.
pub(crate) struct Model {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) parameters: Vec<Ident>,
    /// What the model takes, with names where the header gives them.
    pub(crate) inputs: Vec<(Option<Ident>, Side)>,
    pub(crate) output: Side,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) side_inputs: Vec<Ident>,
    pub(crate) entries: Vec<Entry>,
}

/// An array in a header: an element type, where one is said, and axes.
pub(crate) struct Side {
    pub(crate) dtype: Option<Ident>,
    pub(crate) axes: AxisList,
    /// Whether a part of it could not be read.
    pub(crate) broken: bool,
}

/// Axes in braces.
pub(crate) struct AxisList {
    pub(crate) rests: Vec<Ident>,
    pub(crate) axes: Vec<Axis>,
    /// Where the list ends.
    pub(crate) span: Span,
}

/// One axis.
pub(crate) struct Axis {
    pub(crate) name: Ident,
    pub(crate) size: Option<Expr>,
}

/// What `where` states.
pub(crate) enum Condition {
    /// `left == right`.
    Equal(Expr, Expr),
    /// `divisor divides of`.
    Divides(Expr, Expr),
}

/// A named layer.
pub(crate) struct Entry {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) form: Form,
    /// Whether a part of it could not be read; of a layer that holds others, each part says so itself.
    pub(crate) broken: bool,
}

/// What stands after the name.
pub(crate) enum Form {
    /// `Layer(arguments)`.
    Keeps { ty: Path, arguments: Group, options: Vec<Setting> },
    /// `Layer { axes }`.
    ActsOver { ty: Path, axes: AxisList, options: Vec<Setting> },
    /// `Layer { left => right }`.
    Maps { ty: Path, left: AxisList, right: AxisList, options: Vec<Setting> },
    /// `Other`.
    Model { ty: Path },
    /// `residual { .. }` and its like, by the word; `{ .. }` is `group`.
    Block { word: Ident, parts: Vec<Entry> },
    /// `attention(seq as kv_seq, projection) { .. }`.
    Attention { word: Ident, seq: Ident, kv_seq: Ident, projection: Vec<Ident>, parts: Vec<Entry> },
    /// `stack N as axis { .. }`.
    Stack { word: Ident, count: Expr, axis: Ident, parts: Vec<Entry> },
    /// `from input { .. }`.
    From { word: Ident, input: Ident, parts: Vec<Entry> },
    /// `shared other`, or `shared other as Layer { .. }`.
    Shared { of: Ident, as_: Option<Box<Form>> },
    /// `{ expression } as { .. } -> { .. } with (..)`.
    Foreign { expression: Group, input: Side, output: Side, side_inputs: Vec<Ident> },
    /// `{ expression } as Layer`.
    Typed { expression: Group, ty: Path },
    /// What could not be read; it is told.
    Unknown,
}

/// `option = value`.
pub(crate) struct Setting {
    pub(crate) name: Ident,
    pub(crate) value: TokenStream,
}

/// Reads a model. `None` where it has not even a name; what else is missing is told, and the rest is read.
pub(crate) fn model(errors: &mut Errors, tokens: TokenStream) -> Option<Model> {
    let end = match tokens.clone().into_iter().last() {
        Some(TokenTree::Group(group)) => group.span_close(),
        Some(token) => token.span(),
        None => Span::call_site(),
    };
    let mut cursor = Cursor::new(tokens, end);
    let attributes = cursor.attributes();
    let visibility = header::visibility(&mut cursor);
    if let (Some(TokenTree::Ident(word)), true) = (cursor.peek().cloned(), cursor.is_word_at(1))
        && ["struct", "fn", "let", "mod", "class", "type", "enum"].iter().any(|known| word == known)
    {
        cursor.take();
        errors.add(&word, format!("found `{word}`, wanted the model's name"), format!("remove `{word}`"));
    }
    let Some(name) = cursor.name(errors, "the model's name") else {
        wanted(
            errors,
            &cursor,
            "the model's name",
            "write `pub Name: { ..batch, a: 8 } -> { ..batch, b: 4 } { .. }`",
        );
        return None;
    };
    let before = errors.count();
    let parameters = header::generics(errors, &mut cursor);
    if cursor.punct(":").is_none() {
        let help = format!("write `{name}: {{ ..batch, a: 8 }} -> {{ ..batch, b: 4 }} {{ .. }}`");
        wanted(errors, &cursor, &format!("`:` after the model's name `{name}`"), &help);
        cursor.one_of(&["=>", "->", "="]);
    }
    let inputs = header::inputs(errors, &mut cursor);
    let output = output(errors, &mut cursor, inputs.iter().any(|(_, side)| side.broken));
    if let Some(comma) = cursor.punct(",").or_else(|| cursor.punct(";")) {
        let found = comma.to_string();
        errors.add(comma, format!("found `{found}` after the output"), "remove it");
    }
    let mut side_inputs = header::side_inputs(errors, &mut cursor);
    let conditions = header::conditions(errors, &mut cursor, &mut side_inputs);
    let (entries, output) = match cursor.group(Delimiter::Brace) {
        Some(body) => (entries::entries(errors, &body), output),
        None => {
            if errors.count() == before {
                let help = "write `{ name: Layer { .. }, .. }` after the header";
                wanted(errors, &cursor, "the layers in braces", help);
            }
            (Vec::new(), Side { broken: true, ..output })
        }
    };
    if !cursor.is_at_end() && errors.count() == before {
        let help = if cursor.is(";") { "remove it" } else { "write each model in a `model!` of its own" };
        wanted(errors, &cursor, &format!("the end after the layers of `{name}`"), help);
    }
    Some(Model { attributes, visibility, name, parameters, inputs, output, conditions, side_inputs, entries })
}

/// `-> { .. }`. `told` says that what stands before it could not be read.
fn output(errors: &mut Errors, cursor: &mut Cursor, told: bool) -> Side {
    while told && !(cursor.is_at_end() || cursor.is("->") || cursor.is_group_at(0, Delimiter::Brace)) {
        cursor.take();
    }
    if cursor.punct("->").is_some() {
        return header::side(errors, cursor, "the output");
    }
    let another = ["=>", "="].iter().any(|arrow| cursor.is(arrow));
    if !told {
        let help =
            if another { "write `->` in its place" } else { "write `-> { ..batch, b: 4 }` after the input" };
        wanted(errors, cursor, "`->` and the axes of the output", help);
    }
    let another_arrow = cursor.one_of(&["=>", "="]).is_some();
    if another_arrow || cursor.is_group_at(0, Delimiter::Brace) && cursor.is_group_at(1, Delimiter::Brace) {
        return header::side(errors, cursor, "the output");
    }
    let axes = AxisList { rests: Vec::new(), axes: Vec::new(), span: cursor.here() };
    Side { dtype: None, axes, broken: true }
}

#[track_caller]
fn wanted(errors: &mut Errors, cursor: &Cursor, what: &str, help: &str) {
    let place = TokenTree::Ident(Ident::new("_", cursor.here()));
    errors.add(place, format!("found {}, wanted {what}", cursor.found()), help);
}
