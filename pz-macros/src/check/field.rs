//! What a field can be, as far as its type's words tell.
//!
//! What a type is, rustc knows and the macro does not; but some types are known by how they are written, and rustc's
//! answer to these is long and beside the point: that a `Box<dyn Layer>` has no size. Names that a user's own types may
//! well have (`Cell`) count only where they hold what those of the standard library hold.

use quote::ToTokens;
use syn::{GenericArgument, Path, PathArguments, PathSegment, Type, TypeGroup, TypeParamBound, TypeParen};

use crate::diag::Errors;
use crate::ir::{Field, Node, Role};

/// A type that a field cannot have.
struct Refused<'a> {
    at: &'a dyn ToTokens,
    /// What stands there, after `found`.
    found: String,
    /// Why not, or what was wanted.
    why: &'static str,
    help: String,
    /// Whether it keeps its owner from going to another thread, as every tree must.
    stays: bool,
}

/// The longest tuple that is a tree.
const LONGEST_TUPLE: usize = 12;

const WANTED_TREE: &str = ", wanted a type that is a tree";
const WANTED_STATIC: &str = ", wanted a type that can be a static field";
const OWNS: &str = ": a tree node owns its parts";
const OWN: &str = "hold the value itself, or share it with `Arc`";
const FUNCTION: &str = "for a function of elements declare it as `#[pytree(static)]`, of the type `Activation`, made with \
                        `Activation::Custom(name, function)`; for any other write a struct that implements `Layer`";

/// A field is of a type that can be one.
pub(super) fn types_can_be_held(errors: &mut Errors, node: &Node) {
    for field in node.all_fields() {
        for Refused { at, found, why, help, .. } in refused(field) {
            errors.add(at, format!("found {found} in the field `{}`{why}", field.name()), help);
        }
    }
}

/// Whether a field's type is refused.
pub(crate) fn has_refused_field(node: &Node) -> bool {
    node.all_fields().any(|field| !refused(field).is_empty())
}

/// Whether a field keeps the node from going to another thread: nothing that is a tree can then stand for it.
pub(crate) fn stays_on_its_thread(node: &Node) -> bool {
    node.all_fields().flat_map(refused).any(|refused| refused.stays)
}

/// Whether a field's type has no size, and with it the node: nothing can be written for such a one.
pub(crate) fn has_no_size(node: &Node) -> bool {
    node.all_fields().any(|field| {
        let mut ty = &field.ty;
        while let Type::Group(TypeGroup { elem, .. }) | Type::Paren(TypeParen { elem, .. }) = ty {
            ty = elem;
        }
        matches!(ty, Type::TraitObject(_))
    })
}

/// What cannot be in a field's type; not looked for in what is refused as a whole.
fn refused(field: &Field) -> Vec<Refused<'_>> {
    let (mut refused, mut types) = (Vec::new(), vec![&field.ty]);
    while let Some(ty) = types.pop() {
        match judged(ty, field.role) {
            Some(found) => refused.push(found),
            None => types.extend(inside(ty).into_iter().rev()),
        }
    }
    refused
}

/// The types that a container of the standard library is made of.
fn inside(ty: &Type) -> Vec<&Type> {
    const CONTAINERS: [&str; 8] = ["Option", "Vec", "Box", "Arc", "BTreeMap", "HashMap", "IndexMap", "Slot"];
    match ty {
        Type::Group(group) => vec![&group.elem],
        Type::Paren(paren) => vec![&paren.elem],
        Type::Array(array) => vec![&array.elem],
        Type::Tuple(tuple) => tuple.elems.iter().collect(),
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if CONTAINERS.iter().any(|name| last.ident == name) => arguments(last),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The types between a name's angles.
fn arguments(segment: &PathSegment) -> Vec<&Type> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else { return Vec::new() };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

fn judged(ty: &Type, role: Role) -> Option<Refused<'_>> {
    let wanted = if role == Role::Child { WANTED_TREE } else { WANTED_STATIC };
    let refused = |found: &str, why, help: &str, stays| {
        Some(Refused { at: ty, found: found.to_owned(), why, help: help.to_owned(), stays })
    };
    match ty {
        Type::FnPtr(_) => refused("a function pointer", wanted, FUNCTION, false),
        Type::Ptr(_) => refused("a raw pointer", OWNS, OWN, true),
        // As a static field it can have an impl of the user's.
        Type::Reference(reference) if role == Role::Child => {
            let is_text = matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str"));
            // Of any other lifetime the type has to declare it, which is told there.
            let forever = reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
            if forever && !is_text { refused("a reference", OWNS, OWN, false) } else { None }
        }
        Type::Tuple(tuple) if tuple.elems.len() > LONGEST_TUPLE => {
            let help = match role {
                Role::Child => "write a struct with `#[pytree_dataclass]`, whose fields have names",
                Role::Static => "write a struct of your own, and `pz::static_by_eq!(..);` below it",
            };
            refused(&format!("a tuple of {}", tuple.elems.len()), ", wanted one of 12 at most", help, false)
        }
        // A struct with such a field has no size, and so no impl can be written.
        Type::TraitObject(object) => {
            of_any_type(ty, "", &object.bounds, wanted).map(|found| Refused { stays: true, ..found })
        }
        Type::Path(path) => named(ty, &path.path, role, wanted),
        _ => None,
    }
}

/// A value of a type that is not known: `Box<dyn Layer>`.
fn of_any_type<'a>(
    at: &'a Type,
    holder: &str,
    bounds: impl IntoIterator<Item = &'a TypeParamBound>,
    why: &'static str,
) -> Option<Refused<'a>> {
    let (mut name, mut others) = (String::new(), Vec::new());
    for bound in bounds {
        let TypeParamBound::Trait(bound) = bound else { continue };
        let word = bound.path.segments.last()?.ident.to_string();
        if name.is_empty() { name = word } else { others.push(word) }
    }
    let others = |wanted: &str| others.iter().any(|other| other == wanted);
    let listed =
        "list the types that it can have in an enum with `#[pytree_dataclass]`, or make the struct generic";
    let (stays, help) = match name.as_str() {
        "Layer" => {
            (false, "declare it as `AnyLayer`, which holds any layer: `AnyLayer::new(layer)`".to_owned())
        }
        "PyTree" => (false, format!("declare it as `AnyLayer` where it is a layer; otherwise {listed}")),
        "Fn" | "FnMut" | "FnOnce" => (!(others("Send") && others("Sync")), FUNCTION.to_owned()),
        _ => (!(others("Send") && others("Sync")), listed.to_owned()),
    };
    let found = if holder.is_empty() { format!("`dyn {name}`") } else { format!("`{holder}<dyn {name}>`") };
    Some(Refused { at, found, why, help, stays })
}

/// A type of the standard library that has another in its place in trees.
fn named<'a>(ty: &'a Type, path: &'a Path, role: Role, wanted: &'static str) -> Option<Refused<'a>> {
    let last = path.segments.last()?;
    let (name, arguments) = (last.ident.to_string(), arguments(last));
    let as_found =
        |why, help: String, stays| Some(Refused { at: ty, found: format!("`{name}`"), why, help, stays });
    let variable =
        "declare it as a variable: a `StateVariable` changes while the model runs, a `Parameter` is trained";
    match (name.as_str(), arguments.as_slice()) {
        ("Box" | "Arc", [Type::TraitObject(object)]) => of_any_type(ty, &name, &object.bounds, wanted),
        ("Rc", [_]) => {
            let help = format!("share it with `Arc`; where it is to change, {variable}");
            as_found(": a tree goes to other threads, and an `Rc` cannot", help, true)
        }
        ("RefCell" | "OnceCell" | "UnsafeCell", [_]) => {
            as_found(": what a tree holds changes by an edit of the tree alone", variable.into(), true)
        }
        ("Cell", [held]) if path.segments.len() > 1 || is_plain(held) => {
            as_found(": what a tree holds changes by an edit of the tree alone", variable.into(), true)
        }
        ("Mutex" | "RwLock", [_]) => {
            as_found(": what a tree holds changes by an edit of the tree alone", variable.into(), false)
        }
        ("VecDeque" | "LinkedList" | "BinaryHeap" | "HashSet" | "BTreeSet", [_]) => {
            as_found(wanted, "declare it as a `Vec`".into(), false)
        }
        ("HashMap", [_, _]) if role == Role::Static => {
            as_found(wanted, "declare it as a `BTreeMap`, whose entries have an order".into(), false)
        }
        ("HashMap" | "BTreeMap" | "IndexMap", [key, _]) if role == Role::Child && is_plain(key) => {
            let found = format!("keys of `{}` in a `{name}`", key.to_token_stream());
            let help =
                format!("write `{name}<String, ..>`, or `Vec<..>` where the keys are numbers from 0 on");
            Some(Refused { at: *key, found, why: ", wanted `String`", help, stays: false })
        }
        ("Box" | "Arc", [Type::Slice(_)]) => as_found(wanted, "declare it as a `Vec`".into(), false),
        ("Box" | "Arc", [Type::Path(held)]) if held.path.is_ident("str") => {
            as_found(wanted, "declare it as a `String`".into(), false)
        }
        _ => None,
    }
}

/// Whether a type is a number, a truth value or a letter.
fn is_plain(ty: &Type) -> bool {
    const PLAIN: [&str; 16] = [
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
        "isize", "f32", "f64",
    ];
    matches!(ty, Type::Path(path) if PLAIN.iter().any(|name| path.path.is_ident(name)))
}
