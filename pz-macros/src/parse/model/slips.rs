//! What people write who come from Python, or from Rust's own declarations: each is told once, with what to type in its
//! place, and is then read as what it stands for, so that nothing else is told because of it.

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::ToTokens;

use super::{Cursor, wanted};
use crate::diag::Errors;
use crate::words::FORMS;

/// The name of an entry that was written without one. (Nothing that can be written is so called.)
pub(super) fn nameless(span: Span) -> Ident {
    Ident::new("_", span)
}

/// The text in quotes.
pub(super) fn quoted(literal: &Literal) -> Option<String> {
    syn::parse2::<syn::LitStr>(literal.to_token_stream()).ok().map(|text| text.value())
}

/// A name that was put in quotes: it is told, and stands without them.
pub(super) fn unquoted(errors: &mut Errors, literal: &Literal, what: &str) -> Option<Ident> {
    let text = quoted(literal)?;
    let mut name: Ident = syn::parse_str(&text).ok()?;
    name.set_span(literal.span());
    errors.add(
        literal,
        format!("found `{literal}`, wanted {what} without quotes"),
        format!("write `{name}`"),
    );
    Some(name)
}

/// The name of a layer. `None` where there is none, which is told; the entry is still there to be read, except for what
/// was written in the place of its name.
pub(super) fn layer_name(errors: &mut Errors, cursor: &mut Cursor) -> Option<Ident> {
    declaring_word(errors, cursor);
    if told_of_control(errors, cursor) {
        return None;
    }
    if let Some(TokenTree::Literal(literal)) = cursor.peek().cloned() {
        let name = unquoted(errors, &literal, "the name of a layer");
        if name.is_some() {
            cursor.take();
            return name;
        }
    }
    if let Some(layer) = layer_alone(cursor) {
        // `nn::Affine { .. }`, or `up:: Affine { .. }`.
        let one_colon = match layer.split_once("::") {
            Some((name, layer)) if name.starts_with(char::is_lowercase) && !layer.contains("::") => {
                format!(", or `{name}: {layer}` if `{name}` is its name")
            }
            _ => ", with a name of your choice".to_owned(),
        };
        let help = format!("write `name: {layer}`{one_colon}");
        errors.add(
            TokenTree::Ident(Ident::new("_", cursor.here())),
            format!("found `{layer}` without a name"),
            help,
        );
        return Some(nameless(cursor.here()));
    }
    if let (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(name))) =
        (cursor.peek().cloned(), cursor.peek_at(2).cloned())
        && word == "self"
        && cursor.is_at(1, ".")
    {
        errors.add(
            &word,
            format!("found `self.{name}`, wanted the name of a layer"),
            format!("write `{name}: Layer {{ .. }}`"),
        );
        cursor.take();
        cursor.take();
        return cursor.ident();
    }
    let name = cursor.name(errors, "the name of a layer");
    if name.is_none() {
        let help = match cursor.peek() {
            Some(TokenTree::Punct(punct)) if [',', ';'].contains(&punct.as_char()) => {
                format!("remove this `{punct}`")
            }
            Some(TokenTree::Literal(_)) => {
                "write `layer_0: Layer { .. }`: names begin with a letter".to_owned()
            }
            None => "remove what stands before, or write a layer after it: `name: Layer { .. }`".to_owned(),
            _ => "write `name: Layer { .. }`".to_owned(),
        };
        wanted(errors, cursor, "the name of a layer", &help);
    }
    name
}

/// `pub name:` and `let name =`: a word that declares something in Rust.
fn declaring_word(errors: &mut Errors, cursor: &mut Cursor) {
    let Some(TokenTree::Ident(word)) = cursor.peek().cloned() else { return };
    let help = match word.to_string().as_str() {
        "pub" => "remove it: a layer is as visible as its model",
        "let" | "mut" | "fn" | "static" | "const" | "struct" | "type" => {
            "remove it: a layer is declared by `name: Layer { .. }`"
        }
        _ => return,
    };
    let in_parentheses = usize::from(cursor.is_group_at(1, Delimiter::Parenthesis));
    if let Some(TokenTree::Ident(name)) = cursor.peek_at(1 + in_parentheses).cloned() {
        errors.add(&word, format!("found `{word}` before the layer `{name}`"), help);
        (0..=in_parentheses).for_each(|_| drop(cursor.take()));
    }
}

/// `for i in 0..12 { .. }` and its like, which is told.
fn told_of_control(errors: &mut Errors, cursor: &Cursor) -> bool {
    let Some(TokenTree::Ident(word)) = cursor.peek() else { return false };
    let help = match word.to_string().as_str() {
        "for" | "while" | "loop" => {
            "write `name: stack 12 as layer { .. }`, or each layer with a name of its own"
        }
        "if" | "match" => "write two models, and choose between them where they are built",
        _ => return false,
    };
    if cursor.begins_an_entry() {
        return false;
    }
    errors.add(word, format!("found `{word}`, and the layers of a model are always the same"), help);
    true
}

/// What stands there is a layer, and no name: its words, for a help line.
fn layer_alone(cursor: &Cursor) -> Option<String> {
    let TokenTree::Ident(word) = cursor.peek()? else { return None };
    let form = FORMS.iter().find(|form| word == form.word);
    if let Some(form) = form {
        let goes_on = cursor.is_word_at(1)
            || matches!(cursor.peek_at(1), Some(TokenTree::Group(_) | TokenTree::Literal(_)));
        return goes_on.then(|| form.example.to_owned());
    }
    let (text, ahead) = path(cursor);
    let capital = is_capital(&text);
    let group = match cursor.peek_at(ahead) {
        Some(TokenTree::Group(group)) => Some(group.delimiter()),
        _ => None,
    };
    let ends = cursor.peek_at(ahead).is_none() || cursor.is_at(ahead, ",") || cursor.is_at(ahead, "<");
    match group {
        Some(Delimiter::Brace) if capital => Some(format!("{text} {{ .. }}")),
        Some(Delimiter::Parenthesis) if capital => Some(format!("{text}(..)")),
        None if capital && ends => Some(text),
        _ => None,
    }
}

/// The path that is next, without arguments, and how many tokens it is.
fn path(cursor: &Cursor) -> (String, usize) {
    let mut ahead = usize::from(cursor.is_word_at(0));
    while ahead > 0 && cursor.is_at(ahead, "::") && cursor.is_word_at(ahead + 2) {
        ahead += 3;
    }
    ((0..ahead).filter_map(|at| cursor.peek_at(at)).map(ToString::to_string).collect(), ahead)
}

/// Whether the last word of a path is written as types are.
fn is_capital(path: &str) -> bool {
    path.rsplit("::").next().is_some_and(|last| last.starts_with(char::is_uppercase))
}

/// `:` after a name; what else stands for it is told, unless the entry was told of. Whether a layer follows.
pub(super) fn colon(errors: &mut Errors, cursor: &mut Cursor, name: &Ident, told: bool) -> bool {
    if cursor.punct(":").is_some() || told && cursor.one_of(&["=>", "->", "="]).is_some() {
        return true;
    }
    if let Some((found, place)) = cursor.one_of(&["=>", "->", "="]) {
        let help = match path(cursor) {
            (_, 0) => format!("write `{name}: Layer {{ .. }}`"),
            (layer, _) => format!("write `{name}: {layer}`"),
        };
        errors.add(place, format!("found `{found}`, wanted `:` after `{name}`"), help);
        return true;
    }
    let (layer, follows) = path(cursor);
    let layer = if follows > 0 { layer } else { "Layer { .. }".to_owned() };
    wanted(errors, cursor, &format!("`:` after `{name}`"), &format!("write `{name}: {layer}`"));
    follows > 0
}

/// The comma between two layers; what else stands in its place is told. `told` says that the layer before it was.
pub(super) fn after_layer(errors: &mut Errors, cursor: &mut Cursor, told: bool) {
    if cursor.is_at_end() || cursor.punct(",").is_some() || told && cursor.punct(";").is_some() {
        return;
    }
    if semicolon(errors, cursor) {
        return;
    }
    if cursor.begins_an_entry() {
        let next = cursor.found();
        wanted(errors, cursor, "a comma", &format!("write a comma before {next}"));
        return;
    }
    if !told {
        let help = match cursor.found().as_str() {
            "`.`" => "write what follows as a layer of its own: `act: Elementwise(relu)`",
            "`+`" => "remove it: a sum is a layer of its own, `add { a: .., b: .. }`",
            "`?`" => "remove it: `init` gives the error of any layer",
            "`as`" => {
                let dtype = cursor.peek_at(1).map_or("f32".to_owned(), ToString::to_string);
                &format!("remove it, and write a layer that casts: `cast: CastToDType({dtype})`")
            }
            _ => "write a comma between layers",
        };
        wanted(errors, cursor, "a comma", help);
    }
    cursor.skip_entry();
}

/// A semicolon in the place of a comma.
pub(super) fn semicolon(errors: &mut Errors, cursor: &mut Cursor) -> bool {
    let Some(place) = cursor.punct(";") else { return false };
    errors.add(place, "found `;`, wanted a comma", "write a comma in its place");
    true
}

/// The arrow in a layer's braces: `=>`.
pub(super) fn arrow(errors: &mut Errors, cursor: &mut Cursor) -> bool {
    if cursor.punct("=>").is_some() {
        return true;
    }
    if cursor.is_half_arrow() {
        let place = cursor.punct("=");
        errors.add(
            place,
            "found `=` between axes, wanted `=>`",
            "write `=>` between what is consumed and what is made",
        );
        return true;
    }
    let Some(place) = cursor.punct("->") else { return false };
    errors.add(
        place,
        "found `->` in a layer, wanted `=>`",
        "write `=>` between what is consumed and what is made; `->` belongs to the model's header",
    );
    true
}

/// An axis as it begins, and whether it stands for a rest. `None` where there is none, which is told.
pub(super) fn axis_name(errors: &mut Errors, cursor: &mut Cursor) -> Option<(bool, Ident)> {
    let dots = cursor.punct("..");
    let mut rest = dots.is_some();
    let strange = match (&dots, cursor.is_word_at(1)) {
        (Some(_), true) => cursor.one_of(&["=", "."]),
        (None, true) => cursor.one_of(&["*"]),
        _ => None,
    };
    if let Some((found, place)) = strange {
        let name = cursor.ident()?;
        let written = if rest { format!("..{found}{name}") } else { format!("{found}{name}") };
        errors.add(place, format!("found `{written}`, wanted a rest"), format!("write `..{name}`"));
        return Some((true, name));
    }
    if let Some(TokenTree::Literal(literal)) = cursor.peek().cloned()
        && let Some(name) = unquoted(errors, &literal, "the name of an axis")
    {
        cursor.take();
        return Some((rest, name));
    }
    let Some(name) = cursor.ident() else {
        let help = match (dots, cursor.peek()) {
            (Some(_), _) => "give the rest a name: `..batch`".to_owned(),
            (_, Some(TokenTree::Literal(number))) => {
                format!("write `name: {number}`, with the name of the axis")
            }
            (_, Some(TokenTree::Punct(punct))) if punct.as_char() == ',' => "remove this `,`".to_owned(),
            _ => "write axes such as `..batch, seq, features: 64`".to_owned(),
        };
        wanted(errors, cursor, "the name of an axis", &help);
        cursor.skip_axis();
        return None;
    };
    if !rest && cursor.is("..") && !cursor.is_word_at(2) {
        let place = cursor.punct("..");
        errors.add(place, format!("found `{name}..`, wanted a rest"), format!("write `..{name}`"));
        rest = true;
    }
    Some((rest, name))
}

/// `:` before a size, or `=`, which is told. Whether a size follows.
pub(super) fn size_follows(errors: &mut Errors, cursor: &mut Cursor, name: &Ident) -> bool {
    if cursor.punct(":").is_some() {
        return true;
    }
    if cursor.is_arrow() || !cursor.is("=") {
        return false;
    }
    let place = cursor.punct("=");
    let value = cursor.peek().map(ToString::to_string).unwrap_or_default();
    let is_size = value.parse::<u64>().is_ok() || cursor.is_word_at(0);
    if is_size {
        errors.add(
            place,
            format!("found `=` after `{name}`, wanted `:` and a size"),
            format!("write `{name}: {value}`"),
        );
    } else {
        cursor.until_comma();
        errors.add(
            place,
            format!("found the option `{name} = {value}` among axes"),
            format!("write it in parentheses after them: `{{ .. }} ({name} = {value})`"),
        );
    }
    is_size
}

/// What the parentheses after a layer hold that is not its argument.
pub(super) enum Misplaced {
    /// Axes, which stand in braces.
    Axes,
    /// A value with a name, which an argument does not have.
    Named(Ident, TokenStream),
}

/// Looks at the parentheses after a layer.
pub(super) fn misplaced(group: &Group) -> Option<Misplaced> {
    let mut cursor = Cursor::inside(group);
    if cursor.is("..") && cursor.is_word_at(2) || cursor.begins_an_entry() {
        return Some(Misplaced::Axes);
    }
    if cursor.is_word_at(0) && cursor.is_at(1, "=") && !cursor.is_at(1, "=>") && !cursor.is_at(1, "==") {
        let name = cursor.ident()?;
        cursor.punct("=");
        return Some(Misplaced::Named(name, cursor.until_comma()));
    }
    while !cursor.is_at_end() {
        // A closure's match has its arrows in a group of its own.
        if cursor.is("=>") {
            return Some(Misplaced::Axes);
        }
        cursor.take();
    }
    None
}

/// Whether the braces after a type hold layers, as those of a form do, and no axes.
pub(super) fn holds_layers(group: &Group) -> bool {
    let mut cursor = Cursor::inside(group);
    cursor.attributes();
    if cursor.begins_an_entry() {
        cursor.ident();
        cursor.punct(":");
    }
    let Some(TokenTree::Ident(word)) = cursor.peek() else { return false };
    let word = word.to_string();
    if FORMS.iter().any(|form| form.word == word) {
        let says_more = cursor.is_word_at(1) || matches!(cursor.peek_at(1), Some(TokenTree::Literal(_)));
        return says_more || cursor.is_group_at(1, Delimiter::Brace);
    }
    let (layer, ahead) = path(&cursor);
    let opens =
        [Delimiter::Brace, Delimiter::Parenthesis].iter().any(|open| cursor.is_group_at(ahead, *open));
    is_capital(&layer) && opens
}
