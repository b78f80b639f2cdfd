//! What `model!` asks of a layer, and what it builds with.
//!
//! The form of an entry carries its shape rule, so the macro has no list of layers: a type can stand in a form when it
//! implements that form's small trait, which is written beside the type. [`KeepsShape`] is `Layer(argument)`,
//! [`ActsOver`] is `Layer { a, b }`, [`MapsAxes`] is `Layer { a: 8 => b: 4 }`.
//!
//! An option that is called `dtype` is an element type, written `dtype = bf16`. Its field is an `Option<DType>`, and
//! [`Site::dtype`] says which type a layer's own arrays have.

mod build;
mod check;
mod probe;
mod run;
mod site;
mod sizes;
mod types;

pub use build::{Expression, attention, from_input, group, product, residual, stack, sum};
pub use check::{check_model, cost_model};
pub use probe::{Acting, Formless, Keeping, Mapping, Modelling, Sharing, Signing, reached};
pub use run::{call_model, call_signed};
pub use site::{FormAxes, Site};
pub use sizes::Sizes;
pub use types::elements_of;

use super::{Init, Slot};
use crate::error::Result;
use crate::shape::{Elements, Rule, Signature, Types, Within};

/// A side input that a layer reads: the option that names it, and the name that it has by default.
pub type SideInputOption = (&'static str, &'static str);

/// `name: Layer(argument)` in a `model!`: a layer that keeps the axes that it is given.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be declared as `{Self}(..)`",
    label = "this layer does not keep its shape without being told its axes",
    note = "write `{Self} {{ axis, .. }}` if it acts over axes, or `{Self} {{ axis: 8 => axis: 4 }}` if it makes axes; a model that `model!` declares is written `{Self}` alone, and any layer `{{ expression }} as {{ .. }} -> {{ .. }}`"
)]
pub trait KeepsShape: Sized {
    /// What stands in the parentheses: a tuple where it is several values, `()` where it is none.
    type Argument;
    /// The options, as fields.
    type Options: Default;
    /// The element type that the layer works on.
    const TAKES: Elements = Elements::ANY;
    /// What becomes of the element type.
    const TYPES: Types = Types::Kept;
    /// The least and the most that the argument may be, where it is a number.
    const RANGE: Option<[i64; 2]> = None;
    /// The side inputs that the layer reads.
    const SIDE_INPUTS: &'static [SideInputOption] = &[];
    /// Builds the layer.
    ///
    /// # Errors
    /// An argument that cannot be.
    fn keeping(site: &Site<'_>, argument: Self::Argument, options: Self::Options) -> Result<Slot<Self>>;
}

/// `name: Layer { a, b }` in a `model!`: a layer that needs some axes, and keeps all.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be declared as `{Self} {{ axes }}`",
    label = "this layer does not act over axes",
    note = "write `{Self}(..)` if it keeps the shape, or `{Self} {{ axis: 8 => axis: 4 }}` if it makes axes; a model that `model!` declares is written `{Self}` alone, and any layer `{{ expression }} as {{ .. }} -> {{ .. }}`"
)]
pub trait ActsOver: Sized {
    /// The options, as fields.
    type Options: Default;
    /// [`Rule::ActsOver`], or [`Rule::ActsOverSized`] where the layer has parameters along its axes.
    const RULE: Rule = Rule::ActsOver;
    /// How many axes, where it is not any number.
    const AXES: Option<usize> = None;
    /// What the size of each axis must be a multiple of.
    const MULTIPLE_OF: usize = 1;
    /// Whether its two axes are that of queries and that of keys, in this order.
    const ATTENDS: bool = false;
    /// The element type that the layer works on.
    const TAKES: Elements = Elements::FLOAT;
    /// What becomes of the element type.
    const TYPES: Types = Types::Promoted;
    /// The side inputs that the layer reads.
    const SIDE_INPUTS: &'static [SideInputOption] = &[];
    /// Builds the layer.
    ///
    /// # Errors
    /// Axes or options that cannot be.
    fn over(site: &Site<'_>, axes: &FormAxes, options: Self::Options) -> Result<Slot<Self>>;
}

/// `name: Layer { a: 8 => b: 4 }` in a `model!`: a layer that makes axes of others.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be declared as `{Self} {{ consumed => made }}`",
    label = "this layer does not make axes of others",
    note = "write `{Self} {{ axis, .. }}` if it acts over axes, or `{Self}(..)` if it keeps the shape; a model that `model!` declares is written `{Self}` alone, and any layer `{{ expression }} as {{ .. }} -> {{ .. }}`"
)]
pub trait MapsAxes: Sized {
    /// The options, as fields.
    type Options: Default;
    /// What becomes of the left axes.
    const RULE: Rule = Rule::Contracts;
    /// The element type that the layer works on.
    const TAKES: Elements = Elements::FLOAT;
    /// What becomes of the element type.
    const TYPES: Types = Types::Promoted;
    /// The side inputs that the layer reads.
    const SIDE_INPUTS: &'static [SideInputOption] = &[];
    /// Builds the layer. A type may build another layer that does its work for some axes.
    ///
    /// # Errors
    /// Axes or options that cannot be.
    fn mapping(site: &Site<'_>, from: &FormAxes, to: &FormAxes, options: Self::Options)
    -> Result<Slot<Self>>;
}

/// `name: shared other as Layer { .. }` in a `model!`: a layer that can share the parameters of a layer of another type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot share the parameters of `{Other}`",
    label = "no way is known to make this layer from the other"
)]
pub trait SharesWith<Other>: Sized {
    /// The layer that shares `other`'s parameters.
    fn sharing(other: &Other) -> Self;
}

/// A layer with a signature, from `#[layer(input {..}, output {..})]` or from `model!`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no signature",
    label = "what this layer takes and gives is not declared",
    note = "write `#[layer(input {{ .. }}, output {{ .. }})]` above it, or `as {{ .. }} -> {{ .. }}` here"
)]
pub trait Signed: Sized {
    /// What the layer takes and gives.
    const SIGNATURE: &'static Signature;
    /// The values of its const generics, in the order of the signature's symbols.
    const ARGUMENTS: &'static [usize];
    /// The models in it.
    const WITHIN_1: &'static [Within] = &[];
    /// The models in it, with those in them.
    const WITHIN_2: &'static [Within] = &[];
    /// The models in it, with those in them and those in these.
    const WITHIN_3: &'static [Within] = &[];
    /// The layer in a slot.
    fn slot(self) -> Slot<Self>;
}

/// A declared model with a group, of this number: `Parts` has a step for each of the group's parts.
pub trait Grouped<const NUMBER: usize> {
    /// Where the typed paths into the group go on.
    type Parts;
}

/// What `model!` declares.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no signature",
    label = "a name alone stands for a model that `model!` declares",
    note = "write its axes: `{Self} {{ a => b: 8 }}`, `{Self} {{ a }}`, or `{Self}(..)`; any layer can be written `{{ expression }} as {{ .. }} -> {{ .. }}`"
)]
pub trait Model: Sized {
    /// What the model takes and gives.
    const SIGNATURE: &'static Signature;
    /// The values of its const generics, in the order of the signature's symbols.
    const ARGUMENTS: &'static [usize];
    /// The models in it.
    const WITHIN_1: &'static [Within] = &[];
    /// The models in it, with those in them.
    const WITHIN_2: &'static [Within] = &[];
    /// The models in it, with those in them and those in these.
    const WITHIN_3: &'static [Within] = &[];
    /// Builds the model; its parameters' labels begin with `name`.
    ///
    /// # Errors
    /// Sizes that the declaration does not allow; those of the layers.
    fn build(name: &str, init: Init<'_>) -> Result<Slot<Self>>;
}
