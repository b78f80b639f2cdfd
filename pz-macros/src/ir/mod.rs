//! What the user meant: every type of the intermediate representation on one page.
//!
//! Plain data, with the user's own tokens kept for spans. Questions about it are answered in `facts`; it is
//! made from syntax in `resolve`.

mod facts;
pub(crate) mod model;
mod pattern;
mod resolve;
mod signature;
mod size;

use proc_macro2::{Ident, TokenStream};
use syn::{Expr, ExprPath, Generics, Member, Path, Type, TypePath, Visibility};

pub(crate) use crate::parse::Form;
pub(crate) use facts::{Need, mentions};
pub(crate) use pattern::{Einsum, Names, Rearrange, einsum, rearrange};
pub(crate) use resolve::{dataclass, layer, node};

/// A tree node.
pub(crate) struct Node {
    pub(crate) name: Ident,
    pub(crate) form: Form,
    pub(crate) generics: Generics,
    pub(crate) docs: String,
    pub(crate) color: Option<String>,
    /// Whether the user says, or a derive shows, that the node is a layer.
    pub(crate) layer: bool,
    /// Whether other types can name it as their family.
    pub(crate) family: bool,
    /// The family that the type belongs to.
    pub(crate) is: Option<TypePath>,
    /// `#[repr(packed)]`, where it is there.
    pub(crate) packed: Option<Path>,
    /// `#[pytree_dataclass]`, where it stands below the derive that reads the item.
    pub(crate) dataclass_below: Option<Path>,
    /// The function that says what key a field has, where the user has one.
    pub(crate) key_for_field: Option<ExprPath>,
    /// Whether the user has a `Debug` of their own.
    pub(crate) own_debug: bool,
    /// The fields of a struct.
    pub(crate) fields: Vec<Field>,
    /// The variants of an enum.
    pub(crate) variants: Vec<Variant>,
}

/// A variant of an enum.
pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) docs: String,
    pub(crate) fields: Vec<Field>,
}

/// A field of a node.
pub(crate) struct Field {
    pub(crate) visibility: Visibility,
    pub(crate) member: Member,
    pub(crate) ty: Type,
    pub(crate) docs: String,
    pub(crate) role: Role,
    pub(crate) default: Option<Fallback>,
    /// Whether the user says that the type holds the node itself, by way of other types.
    pub(crate) recursive: bool,
    /// The type whose steps follow in typed paths, where that is not the field's own.
    pub(crate) path: Option<TokenStream>,
}

/// The value of a field that is not given.
pub(crate) enum Fallback {
    /// The type's own.
    OfType,
    /// An expression.
    Value(Expr),
}

/// What a field is to the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A tree of its own.
    Child,
    /// Part of the structure.
    Static,
}

/// A layer: a node and how its call is made from those of its children.
pub(crate) struct Layer {
    pub(crate) node: Node,
    pub(crate) rule: Rule,
    /// What it takes and gives, where that is declared: a model without layers.
    pub(crate) signature: Option<model::Model>,
}

/// How a layer is called.
pub(crate) enum Rule {
    /// One child after the other.
    Sequential,
    /// One after the other, and the input added to the result.
    Residual(Ident),
    /// All with the same input, results added.
    Add(Ident),
    /// All with the same input, results multiplied.
    Multiply(Ident),
    /// A function of the user's.
    Call(ExprPath),
}
