//! Syntax to meaning: which word says what, where it may stand, and that it is said once.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, ExprPath, LitStr, Path, TypePath};

use super::{Fallback, Field, Form, Layer, Node, Role, Rule, Variant};
use crate::diag::Errors;
use crate::parse::{self, Given, Opt};
use crate::words::{self, DATACLASS, LAYER, PYTREE, Place, Word};

/// The arguments of `#[pytree_dataclass(..)]`: the family that the type belongs to, as it was written.
pub(crate) fn dataclass(errors: &mut Errors, place: Place, arguments: Vec<Opt>) -> Option<TypePath> {
    let known = known(errors, &DATACLASS, place, arguments);
    known.into_iter().find_map(|(_, option)| family(errors, &option))
}

/// What `#[pytree_dataclass]` says of an item.
pub(crate) fn node(errors: &mut Errors, item: parse::Item) -> Node {
    let derives_layer = parse::derives(&item.attributes, "Layer");
    let mut node = Node {
        name: item.name,
        form: item.form,
        generics: item.generics,
        docs: item.docs,
        color: None,
        layer: derives_layer,
        family: false,
        is: None,
        packed: parse::packed(&item.attributes),
        dataclass_below: attribute_named(&item.attributes, "pytree_dataclass"),
        key_for_field: None,
        own_debug: parse::derives(&item.attributes, "Debug"),
        fields: Vec::new(),
        variants: Vec::new(),
    };
    let (place, of_field) = places(item.form);
    for (word, option) in known(errors, &PYTREE, place, item.pytree) {
        match word.word {
            "color" => node.color = color(errors, &option),
            "layer" => node.layer |= alone(errors, &option, word),
            "family" => node.family = alone(errors, &option, word),
            "is" => node.is = family(errors, &option),
            "key_for_field" => node.key_for_field = key_for_field(errors, &option),
            "own_debug" => node.own_debug |= alone(errors, &option, word),
            // `#[pytree_dataclass]` itself saw to it.
            "own_clone" => {
                alone(errors, &option, word);
            }
            _ => errors.bug(&option.word),
        }
    }
    node.fields = fields(errors, of_field, item.fields);
    for variant in item.variants {
        known(errors, &PYTREE, Place::Variant, variant.pytree);
        let fields = fields(errors, of_field, variant.fields);
        node.variants.push(Variant { name: variant.name, docs: variant.docs, fields });
    }
    node
}

/// Where options on an item stand, and those on its fields.
fn places(form: Form) -> (Place, Place) {
    match form {
        Form::Enum => (Place::Enum, Place::FieldOfVariant),
        Form::Struct | Form::Union => (Place::Struct, Place::Field),
    }
}

fn fields(errors: &mut Errors, place: Place, written: Vec<parse::Field>) -> Vec<Field> {
    let mut fields = Vec::new();
    for parse::Field { member, visibility, ty, docs, pytree, .. } in written {
        let mut field = Field {
            member,
            visibility,
            ty,
            docs,
            role: Role::Child,
            default: None,
            recursive: false,
            path: None,
        };
        for (word, option) in known(errors, &PYTREE, place, pytree) {
            match word.word {
                "static" => {
                    alone(errors, &option, word);
                    field.role = Role::Static;
                }
                "default" => field.default = default(errors, option),
                "recursive" => field.recursive = alone(errors, &option, word),
                "path" => match option.given {
                    Given::Value(ty) => field.path = Some(ty),
                    _ => errors.bug(&option.word),
                },
                _ => errors.bug(&option.word),
            }
        }
        fields.push(field);
    }
    fields
}

fn default(errors: &mut Errors, option: Opt) -> Option<Fallback> {
    let value = match option.given {
        Given::Nothing => return Some(Fallback::OfType),
        Given::Value(value) => value,
        Given::Group(_) | Given::Typed(..) => {
            let message = "found `default` with a value that no `=` stands before, wanted `default = ..`";
            errors.add(&option.word, message, "write `#[pytree(default = 1e-6)]`");
            return None;
        }
    };
    let expression = parse::expression(value.clone());
    if expression.is_none() {
        let message = format!("found `{value}` after `default =`, wanted an expression");
        let help = "write `#[pytree(default = 1e-6)]`; a value with a comma in it stands in parentheses";
        errors.add(&value, message, help);
    }
    expression.map(Fallback::Value)
}

fn key_for_field(errors: &mut Errors, option: &Opt) -> Option<ExprPath> {
    let help = "write `#[pytree(key_for_field = Self::key)]`, with `fn key(&self, field: &str) -> PathKey`";
    let Given::Value(value) = &option.given else {
        let message = "found `key_for_field` without a function, wanted a path to one";
        errors.add(&option.word, message, help);
        return None;
    };
    let path = parse::path(value.clone());
    if path.is_none() {
        errors.add(
            value,
            format!("found `{value}` after `key_for_field =`, wanted a path to a function"),
            help,
        );
    }
    path
}

/// What `#[derive(Layer)]` says of an item.
pub(crate) fn layer(errors: &mut Errors, mut item: parse::Item) -> Layer {
    let mut rule = Rule::Sequential;
    let mut first: Option<Ident> = None;
    // Of an enum, it is told that it cannot be one, and no more.
    let mut unheard = Errors::default();
    let errors = if item.form == Form::Enum { &mut unheard } else { errors };
    let (place, of_field) = places(item.form);
    let (signature, options): (Vec<_>, Vec<_>) =
        known(errors, &LAYER, place, std::mem::take(&mut item.layer))
            .into_iter()
            .partition(|(word, _)| matches!(word.word, "input" | "output" | "with"));
    let signature = super::signature::signature(errors, &item, signature);
    for (word, option) in options {
        if let Some(first) = &first {
            let message = format!("found `{first}` and `{}`: a layer is called in one way", option.word);
            errors.add(&option.word, message, format!("keep `{first}` or `{}`", option.word));
            continue;
        }
        first = Some(option.word.clone());
        rule = match word.word {
            "call" => match call(errors, &option) {
                Some(path) => Rule::Call(path),
                None => continue,
            },
            name => {
                alone(errors, &option, word);
                match name {
                    "residual" => Rule::Residual(option.word),
                    "add" => Rule::Add(option.word),
                    "multiply" => Rule::Multiply(option.word),
                    _ => {
                        errors.bug(&option.word);
                        continue;
                    }
                }
            }
        };
    }
    for field in &mut item.fields {
        known(errors, &LAYER, of_field, std::mem::take(&mut field.layer));
    }
    for variant in &mut item.variants {
        known(errors, &LAYER, Place::Variant, std::mem::take(&mut variant.layer));
        for field in &mut variant.fields {
            known(errors, &LAYER, of_field, std::mem::take(&mut field.layer));
        }
    }
    // Mistakes in `#[pytree(..)]` are reported by the derive that owns it.
    Layer { node: node(&mut Errors::default(), item), rule, signature }
}

/// The options whose word is known at `place`, each word once.
fn known(
    errors: &mut Errors,
    attribute: &words::Attribute,
    place: Place,
    options: Vec<Opt>,
) -> Vec<(&'static Word, Opt)> {
    let mut known: Vec<(&'static Word, Opt)> = Vec::new();
    for option in options {
        let name = option.word.to_string();
        match attribute.find(&name) {
            None => {
                let message =
                    format!("unknown option `{name}` in `#[{}(..)]` on {}", attribute.name, place.name());
                let help = match PYTREE.find(&name).filter(|_| attribute.name == DATACLASS.name) {
                    Some(word) => format!("write it on a line of its own: `{}`", word.example),
                    None => attribute.suggest(&name, place),
                };
                errors.add(&option.word, message, help);
            }
            Some(word) if !place.takes(word) => {
                let (wanted, help) = match word.place {
                    Place::Field => {
                        ("a field", format!("move `{}` above the field that it is about", word.example))
                    }
                    _ if place.item() == "enum" => {
                        (Place::Enum.name(), format!("move `{}` above the enum", word.example))
                    }
                    _ => (Place::Struct.name(), format!("move `{}` above the struct", word.example)),
                };
                let message = format!("found `{name}` on {}, it belongs on {wanted}", place.name());
                errors.add(&option.word, message, help);
            }
            Some(word) if known.iter().any(|(earlier, _)| earlier.word == word.word) => {
                let message = format!("found `{name}` twice on {}", place.name());
                errors.add(&option.word, message, "remove one of the two");
            }
            Some(word) => known.push((word, option)),
        }
    }
    known
}

/// Sees to it that a word has no value.
fn alone(errors: &mut Errors, option: &Opt, word: &Word) -> bool {
    let given: Option<TokenStream> = match &option.given {
        Given::Nothing => None,
        Given::Value(value) => Some(value.clone()),
        Given::Group(group) => Some(group.to_token_stream()),
        Given::Typed(dtype, group) => Some(quote::quote!(#dtype #group)),
    };
    if let Some(given) = given {
        errors.add(
            &given,
            format!("found `{given}` after `{}`, which takes no value", option.word),
            format!("write `{}`", word.example),
        );
    }
    true
}

fn family(errors: &mut Errors, option: &Opt) -> Option<TypePath> {
    let help = "write `#[pytree_dataclass(is = Sequential)]`";
    let Given::Value(value) = &option.given else {
        errors.add(
            &option.word,
            "found `is` without a type, wanted the family that the type belongs to",
            help,
        );
        return None;
    };
    let family = parse::type_path(value.clone());
    if family.is_none() {
        errors.add(value, format!("found `{value}` after `is =`, wanted the name of a type"), help);
    }
    family
}

fn color(errors: &mut Errors, option: &Opt) -> Option<String> {
    let help = "write `#[pytree(color = \"#93cce1\")]`";
    let Given::Value(value) = &option.given else {
        errors.add(&option.word, "found `color` without a value, wanted a CSS colour in quotes", help);
        return None;
    };
    let Some(text) = parse::string(value.clone()) else {
        errors.add(value, format!("found `{value}` as colour, wanted a CSS colour in quotes"), help);
        return None;
    };
    if !is_color(&text) {
        errors.add(&text, format!("found `{}`, which is no CSS colour", text.value()), help);
        return None;
    }
    Some(text.value())
}

/// `#` with 3, 4, 6 or 8 hexadecimal digits, a name, or a function such as `oklch(0.8 0.1 187 / 1.0)`. (It ends
/// up in a style sheet: nothing that could end a declaration may pass.)
fn is_color(text: &LitStr) -> bool {
    let text = text.value();
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_alphabetic());
    let is_argument = |byte: u8| byte.is_ascii_alphanumeric() || b" .,%/+-".contains(&byte);
    if let Some(digits) = text.strip_prefix('#') {
        return matches!(digits.len(), 3 | 4 | 6 | 8)
            && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    }
    match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((function, arguments)) => is_name(function) && arguments.bytes().all(is_argument),
        None => is_name(&text),
    }
}

fn call(errors: &mut Errors, option: &Opt) -> Option<ExprPath> {
    let help = "write `#[layer(call = Self::run)]`, with `fn run(&self, input: Value, side: &SideInputs) -> Result<Value>`";
    let Given::Value(value) = &option.given else {
        errors.add(&option.word, "found `call` without a function, wanted a path to one", help);
        return None;
    };
    let path = parse::path(value.clone());
    if path.is_none() {
        errors.add(value, format!("found `{value}` after `call =`, wanted a path to a function"), help);
    }
    path
}

fn attribute_named(attributes: &[Attribute], name: &str) -> Option<Path> {
    let named =
        |attribute: &&Attribute| attribute.path().segments.last().is_some_and(|last| last.ident == name);
    attributes.iter().find(named).map(|attribute| attribute.path().clone())
}
