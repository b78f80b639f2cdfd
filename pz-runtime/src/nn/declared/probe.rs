//! What the constants of a `model!` ask of a type as a form.
//!
//! The code that builds a layer asks for the form's trait, and a type that does not implement it is told there. The
//! constants, of which there are many for each layer, must not tell it again: the compiler takes each for a message of
//! its own where it compiles incrementally, and editors would show all of them. So they ask a probe, which answers for
//! every type: the constants beside `T: Form` are found before those of [`Formless`] where there are both.

use std::marker::PhantomData;

use super::{ActsOver, KeepsShape, MapsAxes, Model, SharesWith, SideInputOption, Signed};
use crate::shape::{Axes, Elements, Place, Rule, Signature, Types, Within};

/// A type in the place of `Layer(argument)`.
pub struct Keeping<T>(PhantomData<T>);

impl<T: KeepsShape> Keeping<T> {
    /// The type has the form.
    pub const KNOWN: bool = true;
    /// As the form has it.
    pub const TAKES: Elements = T::TAKES;
    /// As the form has it.
    pub const TYPES: Types = T::TYPES;
    /// As the form has it.
    pub const RANGE: Option<[i64; 2]> = T::RANGE;
    /// As the form has it.
    pub const SIDE_INPUTS: &'static [SideInputOption] = T::SIDE_INPUTS;
}

/// A type in the place of `Layer { a, b }`.
pub struct Acting<T>(PhantomData<T>);

impl<T: ActsOver> Acting<T> {
    /// The type has the form.
    pub const KNOWN: bool = true;
    /// As the form has it.
    pub const RULE: Rule = T::RULE;
    /// As the form has it.
    pub const AXES: Option<usize> = T::AXES;
    /// As the form has it.
    pub const MULTIPLE_OF: usize = T::MULTIPLE_OF;
    /// As the form has it.
    pub const ATTENDS: bool = T::ATTENDS;
    /// As the form has it.
    pub const TAKES: Elements = T::TAKES;
    /// As the form has it.
    pub const TYPES: Types = T::TYPES;
    /// As the form has it.
    pub const SIDE_INPUTS: &'static [SideInputOption] = T::SIDE_INPUTS;
}

/// A type in the place of `Layer { a: 8 => b: 4 }`.
pub struct Mapping<T>(PhantomData<T>);

impl<T: MapsAxes> Mapping<T> {
    /// The type has the form.
    pub const KNOWN: bool = true;
    /// As the form has it.
    pub const RULE: Rule = T::RULE;
    /// As the form has it.
    pub const TAKES: Elements = T::TAKES;
    /// As the form has it.
    pub const TYPES: Types = T::TYPES;
    /// As the form has it.
    pub const SIDE_INPUTS: &'static [SideInputOption] = T::SIDE_INPUTS;
}

/// A type in the place of a model.
pub struct Modelling<T>(PhantomData<T>);

impl<T: Model> Modelling<T> {
    /// The type has the form.
    pub const KNOWN: bool = true;
    /// As the form has it.
    pub const SIGNATURE: &'static Signature = T::SIGNATURE;
    /// As the form has it.
    pub const ARGUMENTS: &'static [usize] = T::ARGUMENTS;
    /// As the form has it.
    pub const WITHIN_1: &'static [Within] = T::WITHIN_1;
    /// As the form has it.
    pub const WITHIN_2: &'static [Within] = T::WITHIN_2;
    /// As the form has it.
    pub const WITHIN_3: &'static [Within] = T::WITHIN_3;
}

/// A type in the place of a layer with a signature.
pub struct Signing<T>(PhantomData<T>);

impl<T: Signed> Signing<T> {
    /// The type has the form.
    pub const KNOWN: bool = true;
    /// As the form has it.
    pub const SIGNATURE: &'static Signature = T::SIGNATURE;
    /// As the form has it.
    pub const ARGUMENTS: &'static [usize] = T::ARGUMENTS;
    /// As the form has it.
    pub const WITHIN_1: &'static [Within] = T::WITHIN_1;
    /// As the form has it.
    pub const WITHIN_2: &'static [Within] = T::WITHIN_2;
    /// As the form has it.
    pub const WITHIN_3: &'static [Within] = T::WITHIN_3;
}

/// A type that is to share the parameters of another.
pub struct Sharing<T, Other>(PhantomData<(T, Other)>);

impl<T: SharesWith<Other>, Other> Sharing<T, Other> {
    /// It can.
    pub const KNOWN: bool = true;
}

/// The answers of a type that has not the form: nothing that anything could be judged by.
pub trait Formless {
    /// The type has not the form.
    const KNOWN: bool = false;
    /// No sizes are needed.
    const RULE: Rule = Rule::ActsOver;
    /// Any number.
    const AXES: Option<usize> = None;
    /// Any size.
    const MULTIPLE_OF: usize = 1;
    /// No order of axes.
    const ATTENDS: bool = false;
    /// Anything.
    const TAKES: Elements = Elements::ANY;
    /// It stays.
    const TYPES: Types = Types::Kept;
    /// Any number.
    const RANGE: Option<[i64; 2]> = None;
    /// None.
    const SIDE_INPUTS: &'static [SideInputOption] = &[];
    /// Anything.
    const SIGNATURE: &'static Signature = &ANYTHING;
    /// None.
    const ARGUMENTS: &'static [usize] = &[];
    /// None.
    const WITHIN_1: &'static [Within] = &[];
    /// None.
    const WITHIN_2: &'static [Within] = &[];
    /// None.
    const WITHIN_3: &'static [Within] = &[];
}

impl<T> Formless for Keeping<T> {}
impl<T> Formless for Acting<T> {}
impl<T> Formless for Mapping<T> {}
impl<T> Formless for Modelling<T> {}
impl<T> Formless for Signing<T> {}
impl<T, Other> Formless for Sharing<T, Other> {}

static ANYTHING: Signature = Signature {
    name: "",
    symbols: &[],
    parameters: 0,
    by: Place { who: "", file: "", line: 0 },
    input: Axes::new(&[], Some("rest"), Elements::ANY),
    inputs: &[],
    output: Axes::new(&[], Some("rest"), Elements::ANY),
    equal: &[],
    quotients: &[],
    names: &[],
    side_inputs: &[],
};

/// The axes that reach a layer, as far as they are any ground to judge it by: none where its type is told.
pub const fn reached(before: &Axes, known: bool) -> Axes {
    if known { *before } else { before.unread() }
}
