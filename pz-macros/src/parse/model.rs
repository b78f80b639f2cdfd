//! The grammar of `model!`: a header, and entries between commas.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, Path, Visibility};

use super::cursor::Cursor;
use crate::diag::Errors;
use crate::words::{self, FORMS};

/// A declared model.
pub(crate) struct Model {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) parameters: Vec<Ident>,
    pub(crate) input: Side,
    pub(crate) output: Side,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) side_inputs: Vec<Ident>,
    pub(crate) entries: Vec<Entry>,
}

/// An array in a header: an element type, where one is said, and axes.
pub(crate) struct Side {
    pub(crate) dtype: Option<Ident>,
    pub(crate) axes: AxisList,
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
}

/// What stands after the name.
pub(crate) enum Form {
    /// `Layer(arguments)`.
    Keeps { ty: Path, arguments: TokenStream, options: Vec<Setting> },
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
    /// `shared other`, or `shared other as Layer { .. }`.
    Shared { of: Ident, as_: Option<Box<Form>> },
    /// `{ expression } as { .. } -> { .. }`.
    Foreign { expression: TokenStream, input: Side, output: Side },
    /// What could not be read; it is told.
    Unknown,
}

/// `option = value`.
pub(crate) struct Setting {
    pub(crate) name: Ident,
    pub(crate) value: TokenStream,
}

/// Reads a model; `None` where not even a header could be read.
pub(crate) fn model(errors: &mut Errors, tokens: TokenStream) -> Option<Model> {
    let mut cursor = Cursor::new(tokens, Span::call_site());
    let attributes = cursor.attributes();
    let visibility = visibility(&mut cursor);
    let Some(name) = cursor.ident() else {
        wanted(
            errors,
            &cursor,
            "the model's name",
            "write `pub Name: { ..batch, a: 8 } -> { ..batch, b: 4 } { .. }`",
        );
        return None;
    };
    let parameters = generics(errors, &mut cursor);
    if cursor.punct(":").is_none() {
        let help = format!("write `{name}: {{ ..batch, a: 8 }} -> {{ ..batch, b: 4 }} {{ .. }}`");
        wanted(errors, &cursor, "`:` and the axes of the input", &help);
        return None;
    }
    let input = side(errors, &mut cursor, "the input")?;
    if cursor.punct("->").is_none() {
        wanted(
            errors,
            &cursor,
            "`->` and the axes of the output",
            "write `-> { ..batch, b: 4 }` after the input",
        );
        return None;
    }
    let output = side(errors, &mut cursor, "the output")?;
    let side_inputs = side_inputs(errors, &mut cursor);
    let conditions = conditions(errors, &mut cursor);
    let Some(body) = cursor.group(Delimiter::Brace) else {
        wanted(
            errors,
            &cursor,
            "the layers in braces",
            "write `{ name: Layer { .. }, .. }` after the header",
        );
        return None;
    };
    if !cursor.is_at_end() {
        wanted(errors, &cursor, "nothing after the layers", "write one model in a `model!`");
    }
    let entries = entries(errors, &body);
    Some(Model { attributes, visibility, name, parameters, input, output, conditions, side_inputs, entries })
}

fn wanted(errors: &mut Errors, cursor: &Cursor, what: &str, help: &str) {
    let place = TokenTree::Ident(Ident::new("_", cursor.here()));
    errors.add(place, format!("found {}, wanted {what}", cursor.found()), help);
}

fn visibility(cursor: &mut Cursor) -> Visibility {
    let Some(word) = cursor.word("pub") else { return Visibility::Inherited };
    let group = cursor.group(Delimiter::Parenthesis);
    let tokens = word.to_token_stream().into_iter().chain(group.map(TokenTree::Group)).collect();
    syn::parse2(tokens).unwrap_or(Visibility::Inherited)
}

/// `<const W: usize, ..>`.
fn generics(errors: &mut Errors, cursor: &mut Cursor) -> Vec<Ident> {
    let mut parameters = Vec::new();
    if cursor.punct("<").is_none() {
        return parameters;
    }
    while !cursor.is_at_end() && cursor.punct(">").is_none() {
        let word = cursor.word("const");
        let Some(name) = cursor.ident() else {
            wanted(errors, cursor, "a parameter", "write `<const WIDTH: usize>`");
            cursor.take();
            continue;
        };
        let typed = cursor.punct(":").is_some() && cursor.word("usize").is_some();
        if word.is_none() || !typed {
            errors.add(
                &name,
                format!("found the parameter `{name}`, wanted a size"),
                format!("write `const {name}: usize`: models have no other parameters"),
            );
            while !cursor.is_at_end() && !cursor.is(",") && !cursor.is(">") {
                cursor.take();
            }
        }
        parameters.push(name);
        cursor.punct(",");
    }
    parameters
}

fn side(errors: &mut Errors, cursor: &mut Cursor, what: &str) -> Option<Side> {
    let dtype = cursor.ident();
    let Some(group) = cursor.group(Delimiter::Brace) else {
        wanted(errors, cursor, &format!("the axes of {what} in braces"), "write `{ ..batch, a: 8 }`");
        return None;
    };
    Some(Side { dtype, axes: axes(errors, &group) })
}

/// `with (positions, ..)`.
fn side_inputs(errors: &mut Errors, cursor: &mut Cursor) -> Vec<Ident> {
    if cursor.word("with").is_none() {
        return Vec::new();
    }
    let Some(group) = cursor.group(Delimiter::Parenthesis) else {
        wanted(errors, cursor, "the names of side inputs", "write `with (token_positions)`");
        return Vec::new();
    };
    names(errors, &mut Cursor::inside(&group), "the name of a side input")
}

/// Identifiers between commas.
fn names(errors: &mut Errors, cursor: &mut Cursor, what: &str) -> Vec<Ident> {
    let mut names = Vec::new();
    while !cursor.is_at_end() {
        match cursor.ident() {
            Some(name) => names.push(name),
            None => {
                wanted(errors, cursor, what, "write names between commas");
                cursor.skip_entry();
                continue;
            }
        }
        if !cursor.is_at_end() && cursor.punct(",").is_none() {
            wanted(errors, cursor, "a comma", "write a comma between the names");
            cursor.skip_entry();
        }
    }
    names
}

/// `where A * B == C, D divides E`.
fn conditions(errors: &mut Errors, cursor: &mut Cursor) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if cursor.word("where").is_none() {
        return conditions;
    }
    while !cursor.is_at_end()
        && !matches!(cursor.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
    {
        let mut tokens = Vec::new();
        while !cursor.is_at_end()
            && !cursor.is(",")
            && !matches!(cursor.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
        {
            tokens.extend(cursor.take());
        }
        cursor.punct(",");
        match condition(&tokens) {
            Some(condition) => conditions.push(condition),
            None => {
                let all: TokenStream = tokens.into_iter().collect();
                errors.add(
                    &all,
                    format!("found `where {all}`, wanted what is equal or what divides"),
                    "write `where HEADS * WIDTH == EMBEDDING` or `where HEADS divides EMBEDDING`",
                );
            }
        }
    }
    conditions
}

fn condition(tokens: &[TokenTree]) -> Option<Condition> {
    let expression = |tokens: &[TokenTree]| syn::parse2::<Expr>(tokens.iter().cloned().collect()).ok();
    if let Some(place) =
        tokens.iter().position(|token| matches!(token, TokenTree::Ident(word) if word == "divides"))
    {
        return Some(Condition::Divides(expression(&tokens[..place])?, expression(&tokens[place + 1..])?));
    }
    match expression(tokens)? {
        Expr::Binary(binary) if matches!(binary.op, syn::BinOp::Eq(_)) => {
            Some(Condition::Equal(*binary.left, *binary.right))
        }
        _ => None,
    }
}

/// The axes in braces.
fn axes(errors: &mut Errors, group: &Group) -> AxisList {
    let mut cursor = Cursor::inside(group);
    let axes = axes_until(errors, &mut cursor, group);
    if !cursor.is_at_end() {
        wanted(errors, &cursor, "an axis", "`=>` belongs to a layer that makes axes of others");
    }
    axes
}

/// Axes up to the end or to `=>`.
fn axes_until(errors: &mut Errors, cursor: &mut Cursor, group: &Group) -> AxisList {
    let mut list = AxisList { rests: Vec::new(), axes: Vec::new(), span: group.span() };
    while !cursor.is_at_end() && !cursor.is("=>") {
        let rest = cursor.punct("..").is_some();
        let Some(name) = cursor.ident() else {
            wanted(errors, cursor, "the name of an axis", "write axes such as `..batch, seq, features: 64`");
            cursor.skip_entry();
            continue;
        };
        let size = if cursor.punct(":").is_some() { size(errors, cursor, &name) } else { None };
        match (rest, &size) {
            (true, None) => list.rests.push(name),
            (true, Some(size)) => errors.add(
                size,
                format!("found a size after `..{name}`, which stands for any axes"),
                format!("write `..{name}`, or `{name}: 8` for one axis"),
            ),
            (false, _) => list.axes.push(Axis { name, size }),
        }
        if cursor.is_at_end() || cursor.is("=>") || cursor.punct(",").is_some() {
            continue;
        }
        if cursor.begins_an_entry() || matches!(cursor.peek(), Some(TokenTree::Ident(_))) || cursor.is("..") {
            let found = cursor.found();
            wanted(errors, cursor, "a comma", &format!("write a comma before {found}"));
        } else {
            wanted(errors, cursor, "a comma", "write `name: size` between commas");
            cursor.skip_entry();
        }
    }
    list
}

/// The expression after `name:`.
fn size(errors: &mut Errors, cursor: &mut Cursor, name: &Ident) -> Option<Expr> {
    let tokens = cursor.until_comma();
    if tokens.is_empty() {
        wanted(
            errors,
            cursor,
            &format!("the size of `{name}`"),
            &format!("write `{name}: 64`, or `{name}` alone"),
        );
        return None;
    }
    match syn::parse2(tokens.clone()) {
        Ok(size) => Some(size),
        Err(_) => {
            errors.add(
                &tokens,
                format!("found `{tokens}` as the size of `{name}`, wanted a number or an expression"),
                format!("write `{name}: 64`, `{name}: WIDTH` or `{name}: 2 * WIDTH`"),
            );
            None
        }
    }
}

/// The entries in braces.
fn entries(errors: &mut Errors, group: &Group) -> Vec<Entry> {
    let mut cursor = Cursor::inside(group);
    let mut entries = Vec::new();
    while !cursor.is_at_end() {
        let attributes = cursor.attributes();
        let Some(name) = cursor.ident() else {
            wanted(errors, &cursor, "the name of a layer", "write `name: Layer { .. }`");
            cursor.skip_entry();
            continue;
        };
        if cursor.punct(":").is_none() {
            wanted(
                errors,
                &cursor,
                &format!("`:` after `{name}`"),
                &format!("write `{name}: Layer {{ .. }}`"),
            );
            cursor.skip_entry();
            continue;
        }
        let form = form(errors, &mut cursor, &name);
        let readable = !matches!(form, Form::Unknown);
        entries.push(Entry { attributes, name, form });
        if cursor.is_at_end() || cursor.punct(",").is_some() {
            continue;
        }
        if cursor.begins_an_entry() {
            let next = cursor.found();
            wanted(errors, &cursor, "a comma", &format!("write a comma before {next}"));
        } else {
            if readable {
                wanted(errors, &cursor, "a comma", "write a comma between layers");
            }
            cursor.skip_entry();
        }
    }
    entries
}

fn form(errors: &mut Errors, cursor: &mut Cursor, name: &Ident) -> Form {
    if let Some(group) = cursor.group(Delimiter::Brace) {
        return braces(errors, cursor, &group);
    }
    if let Some(TokenTree::Ident(word)) = cursor.peek().cloned() {
        let known = FORMS.iter().find(|form| word == form.word);
        if let Some(form) = known {
            cursor.take();
            return block(errors, cursor, word, form.word);
        }
    }
    let before = cursor.here();
    let tokens = cursor.until_group();
    let Ok(ty) = syn::parse2::<Path>(tokens.clone()) else {
        let place = TokenTree::Ident(Ident::new("_", before));
        let found = if tokens.is_empty() { cursor.found() } else { format!("`{tokens}`") };
        errors.add(
            place,
            format!("found {found} after `{name}:`, wanted a layer"),
            format!("write `{name}: Layer {{ .. }}`, or one of {}", words::listed(&words::form_examples())),
        );
        return Form::Unknown;
    };
    if let Some(word) = lower_case(&ty) {
        let known = FORMS.iter().map(|form| form.word);
        let near = words::nearest(&word.to_string(), known);
        let help = match near.and_then(|near| FORMS.iter().find(|form| form.word == near)) {
            Some(form) => format!("write `{}`", form.example),
            None => format!(
                "layers are types, such as `Affine`; the other forms are {}",
                words::listed(&words::form_examples())
            ),
        };
        errors.add(&word, format!("unknown form `{word}`"), help);
        while cursor.group(Delimiter::Parenthesis).or_else(|| cursor.group(Delimiter::Brace)).is_some() {}
        return Form::Unknown;
    }
    if let Some(group) = cursor.group(Delimiter::Parenthesis) {
        let options = options(errors, cursor);
        return Form::Keeps { ty, arguments: group.stream(), options };
    }
    if let Some(group) = cursor.group(Delimiter::Brace) {
        let mut inside = Cursor::inside(&group);
        let left = axes_until(errors, &mut inside, &group);
        if inside.punct("=>").is_none() {
            let options = options(errors, cursor);
            return Form::ActsOver { ty, axes: left, options };
        }
        let right = axes_until(errors, &mut inside, &group);
        if !inside.is_at_end() {
            wanted(
                errors,
                &inside,
                "the end",
                "write `=>` once: what is consumed before it, what is made after it",
            );
        }
        let options = options(errors, cursor);
        return Form::Maps { ty, left, right, options };
    }
    Form::Model { ty }
}

/// `{ expression } as { .. } -> { .. }`, or `{ entries }`.
fn braces(errors: &mut Errors, cursor: &mut Cursor, group: &Group) -> Form {
    if cursor.word("as").is_some() {
        let read = side(errors, cursor, "the input").and_then(|input| {
            if cursor.punct("->").is_none() {
                wanted(errors, cursor, "`->` and the axes of the output", "write `as { a: 8 } -> { b: 4 }`");
                return None;
            }
            Some((input, side(errors, cursor, "the output")?))
        });
        return match read {
            Some((input, output)) => Form::Foreign { expression: group.stream(), input, output },
            None => Form::Unknown,
        };
    }
    if Cursor::inside(group).begins_an_entry() || group.stream().is_empty() {
        return Form::Block { word: Ident::new("group", group.span_open()), parts: entries(errors, group) };
    }
    errors.add(
        TokenTree::Group(group.clone()),
        "found an expression without a signature, wanted what it takes and gives",
        "write `{ expression } as { ..batch, a: 8 } -> { ..batch, b: 4 }`",
    );
    Form::Unknown
}

fn block(errors: &mut Errors, cursor: &mut Cursor, word: Ident, known: &str) -> Form {
    let body = |errors: &mut Errors, cursor: &mut Cursor| {
        let Some(group) = cursor.group(Delimiter::Brace) else {
            let example = FORMS.iter().find(|form| form.word == known).map_or("", |form| form.example);
            wanted(
                errors,
                cursor,
                &format!("the layers of `{known}` in braces"),
                &format!("write `{example}`"),
            );
            return None;
        };
        Some(entries(errors, &group))
    };
    match known {
        "shared" => shared(errors, cursor),
        "attention" => {
            let axes = cursor.group(Delimiter::Parenthesis).and_then(|group| attention_axes(&group));
            let parts = body(errors, cursor);
            match (axes, parts) {
                (Some((seq, kv_seq, projection)), Some(parts)) => {
                    Form::Attention { word, seq, kv_seq, projection, parts }
                }
                (None, Some(_)) => {
                    errors.add(
                        &word,
                        "found `attention` without its axes, wanted the axis to attend along and the axes to multiply over",
                        "write `attention(seq as kv_seq, projection) { .. }`",
                    );
                    Form::Unknown
                }
                (_, None) => Form::Unknown,
            }
        }
        "stack" => {
            let mut tokens = Vec::new();
            while !cursor.is_at_end()
                && !matches!(cursor.peek(), Some(TokenTree::Ident(word)) if word == "as")
                && !matches!(cursor.peek(), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
            {
                tokens.extend(cursor.take());
            }
            let count = syn::parse2::<Expr>(tokens.into_iter().collect()).ok();
            let axis = cursor.word("as").and_then(|_| cursor.ident());
            let parts = body(errors, cursor);
            match (count, axis, parts) {
                (Some(count), Some(axis), Some(parts)) => Form::Stack { word, count, axis, parts },
                (_, _, Some(_)) => {
                    errors.add(
                        &word,
                        "found `stack` without a number and an axis, wanted how many layers and what their axis is called",
                        "write `stack 12 as layer { .. }`",
                    );
                    Form::Unknown
                }
                (_, _, None) => Form::Unknown,
            }
        }
        _ => body(errors, cursor).map_or(Form::Unknown, |parts| Form::Block { word, parts }),
    }
}

/// `(seq as kv_seq, projection)`.
fn attention_axes(group: &Group) -> Option<(Ident, Ident, Vec<Ident>)> {
    let mut cursor = Cursor::inside(group);
    let seq = cursor.ident()?;
    cursor.word("as")?;
    let kv_seq = cursor.ident()?;
    let mut projection = Vec::new();
    while cursor.punct(",").is_some() && !cursor.is_at_end() {
        projection.push(cursor.ident()?);
    }
    (cursor.is_at_end() && !projection.is_empty()).then_some((seq, kv_seq, projection))
}

fn shared(errors: &mut Errors, cursor: &mut Cursor) -> Form {
    let Some(of) = cursor.ident() else {
        wanted(errors, cursor, "the name of an earlier layer", "write `shared embed`");
        return Form::Unknown;
    };
    let as_ = cursor.word("as").map(|_| Box::new(form(errors, cursor, &of)));
    Form::Shared { of, as_ }
}

/// `(option = value, ..)`, where it is next.
fn options(errors: &mut Errors, cursor: &mut Cursor) -> Vec<Setting> {
    let Some(group) = cursor.group(Delimiter::Parenthesis) else { return Vec::new() };
    let mut cursor = Cursor::inside(&group);
    let mut settings: Vec<Setting> = Vec::new();
    while !cursor.is_at_end() {
        let name = cursor.ident().filter(|_| cursor.punct("=").is_some());
        let Some(name) = name else {
            wanted(errors, &cursor, "an option with its value", "write `option = value` between commas");
            cursor.skip_entry();
            continue;
        };
        let mut value = Vec::new();
        while !cursor.is_at_end() && !cursor.is(",") {
            value.extend(cursor.take());
        }
        let value: TokenStream = value.into_iter().collect();
        if value.is_empty() {
            wanted(errors, &cursor, &format!("a value for `{name}`"), &format!("write `{name} = value`"));
        } else if settings.iter().any(|known| known.name == name) {
            errors.add(&name, format!("found the option `{name}` twice"), "remove one of the two");
        } else {
            settings.push(Setting { name, value });
        }
        cursor.punct(",");
    }
    settings
}

/// The one word of a path that is no type's name.
fn lower_case(path: &Path) -> Option<Ident> {
    let word = path.get_ident()?;
    word.unraw().to_string().starts_with(|letter: char| letter.is_lowercase()).then(|| word.clone())
}
