//! Element types while a model is judged: what a layer gives, by what it is given and by what it holds.
//!
//! A header that says `bf16 { .. }` means it. A layer's own arrays take the type of what reaches the layer, unless its
//! option `dtype` says another; what comes out has the type that both promote to, as at run time.
//!
//! An input without a type is of any floating type `T`, and the arrays of layers are `f32` then. What comes out of a layer
//! is `T` or what `T` and `f32` promote to; that is what `float` stands for here, and what an output without a type means.
//! So a model that says nothing of types gives `f32` for `f32` and `f64` for `f64`, and for the two halves either the half
//! or `f32`: that is [`Elements::UNKNOWN`], which no declaration allows.

use super::text::Text;
use super::{Axes, Elements, Kind, Place, same_text};

/// What a layer makes of the element type that it is given.
#[derive(Clone, Copy, Debug)]
pub enum Types {
    /// It stays.
    Kept,
    /// It and that of the layer's own arrays are promoted. These are of the type that
    /// [`Site::dtype`](crate::nn::Site::dtype) gives.
    Promoted,
    /// It becomes that of the layer's own arrays.
    Own,
    /// It becomes the type that stands as the argument: `CastToDType(bf16)`.
    Argument,
    /// It becomes this one.
    Made(Elements),
}

impl Elements {
    /// The type that is taken where nothing else is said.
    const F32: Elements = Elements { kind: Kind::Float, name: "f32" };
    /// One of several floating types, without a rule which.
    pub const UNKNOWN: Elements = Elements { kind: Kind::Float, name: "one of several floating types" };

    /// Whether it is one type, and no kind of types.
    pub const fn is_exact(&self) -> bool {
        !matches!(self.kind, Kind::Any)
            && !same_text(self.name, Elements::FLOAT.name)
            && !same_text(self.name, Elements::INT.name)
            && !same_text(self.name, Elements::UNKNOWN.name)
    }

    const fn is(&self, other: &Elements) -> bool {
        same_text(self.name, other.name)
    }

    /// What an output without a type means, where this is the type of the input.
    pub const fn meant(&self) -> Elements {
        match self.kind {
            Kind::Float => *self,
            Kind::Any => Elements::ANY,
            Kind::Int | Kind::Bool => Elements::F32,
        }
    }

    /// What a model `input -> output` gives, where this type reaches it.
    pub const fn through(&self, input: &Elements, output: &Elements) -> Elements {
        if !output.is(&Elements::FLOAT) {
            return *output;
        }
        match (input.is(&Elements::FLOAT), self.width()) {
            (false, _) => input.meant(),
            (true, 4 | 8) => *self,
            (true, _) if self.is(&Elements::FLOAT) || matches!(self.kind, Kind::Any) => *self,
            (true, _) => Elements::UNKNOWN,
        }
    }

    /// The type of an operation on both, as far as it is known.
    pub const fn promoted(&self, other: &Elements) -> Elements {
        match (self.kind, other.kind) {
            (Kind::Any, _) | (_, Kind::Any) => Elements::ANY,
            (Kind::Bool, _) => *other,
            (_, Kind::Bool) => *self,
            (Kind::Int, Kind::Float) => *other,
            (Kind::Float, Kind::Int) => *self,
            _ if self.is_exact() && same_text(self.name, other.name) => *self,
            (Kind::Int, Kind::Int) => Elements::INT,
            (Kind::Float, Kind::Float) => match (self.width(), other.width()) {
                (8, _) => *self,
                (_, 8) => *other,
                _ if self.is(&Elements::UNKNOWN) || other.is(&Elements::UNKNOWN) => Elements::UNKNOWN,
                (0, _) | (_, 0) => Elements::FLOAT,
                (2, 2) => Elements::F32,
                (left, right) => {
                    if left > right {
                        *self
                    } else {
                        *other
                    }
                }
            },
        }
    }

    /// The bytes of a floating type; 0 for any.
    const fn width(&self) -> usize {
        match self.name.as_bytes() {
            b"f16" | b"bf16" => 2,
            b"f32" => 4,
            b"f64" => 8,
            _ => 0,
        }
    }
}

impl Text {
    /// This and the layer that makes elements of this type, or of this kind.
    pub const fn cast(self, to: &Elements) -> Self {
        let name = match to.kind {
            _ if to.is_exact() => to.name,
            Kind::Int => "i32",
            _ => "f32",
        };
        self.and("`CastToDType(").and(name).and(")`")
    }
}

/// The type of a layer's own arrays: the one that was given, or the one that reaches it.
pub const fn own_type(before: &Axes, given: Option<Elements>) -> Elements {
    match given {
        Some(given) => given,
        None if matches!(before.elements.kind, Kind::Float) && before.elements.is_exact() => before.elements,
        None => Elements::F32,
    }
}

/// The axes after a layer, with the element type that it gives. `own` is that of its arrays, `given` the one that it was
/// told.
pub const fn typed(
    after: Axes,
    before: &Axes,
    types: Types,
    own: &Elements,
    given: Option<Elements>,
    by: Place,
) -> Axes {
    let elements = match types {
        Types::Kept => before.elements,
        Types::Promoted => before.elements.promoted(own),
        Types::Own => *own,
        Types::Argument => match given {
            Some(given) => given,
            None => Elements::ANY,
        },
        Types::Made(elements) => elements,
    };
    if same_text(elements.name, before.elements.name) {
        return after.of(before.elements, before.typed);
    }
    after.of(elements, by)
}

/// These axes, of the type that an operation on `first` and `second` gives.
pub const fn joined(axes: Axes, first: &Axes, second: &Axes) -> Axes {
    let elements = first.elements.promoted(&second.elements);
    let by = if same_text(elements.name, first.elements.name) { first.typed } else { second.typed };
    axes.of(elements, by)
}

/// The axes `first`, of the type that an operation on these and all of `others` gives.
pub const fn joined_all(first: Axes, others: &[&Axes]) -> Axes {
    let (mut axes, mut place) = (first, 0);
    while place < others.len() {
        axes = joined(axes, &axes, others[place]);
        place += 1;
    }
    axes
}

/// Judges that a layer which makes the type of its argument was given one that can be read.
pub const fn judge_type(layer: &str, types: Types, given: Option<Elements>) -> Text {
    match (types, given) {
        (Types::Argument, None) => Text::EMPTY
            .and("layer ")
            .name(layer)
            .and(" makes the element type of its argument, which is not written out\nhelp: write the type itself, such as `bf16`"),
        _ => Text::EMPTY,
    }
}

/// Judges the element type of the output: the one that is declared, or the one that is meant where nothing is.
pub const fn judge_output_elements(last: &Axes, declared: &Elements, input: &Elements) -> Text {
    let meant = input.meant();
    let wanted = if declared.is(&Elements::FLOAT) { &meant } else { declared };
    if last.elements.fit(wanted) && (wanted.is_exact() || last.elements.is(wanted)) {
        return Text::EMPTY;
    }
    if matches!(last.elements.kind, Kind::Any) || matches!(wanted.kind, Kind::Any) {
        return Text::EMPTY;
    }
    let text = Text::EMPTY.and("the output is declared ");
    if last.elements.is(&Elements::UNKNOWN) && !last.typed.who.is_empty() {
        let text = if declared.is_exact() {
            text.and("as ").and(declared.name)
        } else {
            text.and("without an element type")
        };
        return text
            .and(", but ")
            .name(last.typed.who)
            .and(" declares no element type, and may give a wider one than it is given")
            .place(&last.typed)
            .and("\nhelp: declare the element type in the header of that model, or add ")
            .cast(wanted);
    }
    if !declared.is(&Elements::FLOAT) || !matches!(last.elements.kind, Kind::Float) {
        let text = text.and("as ").and(declared.name).and(", but ").elements_of(last);
        return text.and("\nhelp: declare what the layers give, or add ").cast(wanted);
    }
    let text = text.and("without an element type, and is then ");
    let text = if wanted.is_exact() { text.and(wanted.name) } else { text.and("of the input's type or f32") };
    let text = text.and(", but ").elements_of(last).and("\nhelp: ");
    if last.elements.is_exact() {
        return text
            .and("write `")
            .and(last.elements.name)
            .and(" { .. }` in the output, or add ")
            .cast(wanted);
    }
    text.and("add ").cast(wanted)
}

/// Judges that what a stack's layers give can go into the next of them.
pub const fn judge_next_type(layer: &str, before: &Axes, inside: &Axes) -> Text {
    if inside.elements.fit(&before.elements) {
        return Text::EMPTY;
    }
    Text::EMPTY
        .and("stack ")
        .name(layer)
        .and(" gives what its layers give to the next of them, and takes ")
        .and(before.elements.name)
        .place(&before.typed)
        .and(", but ")
        .elements_of(inside)
        .and("\nhelp: put ")
        .cast(&before.elements)
        .and(" at its end, or give its layers the option `dtype = ")
        .and(before.elements.name)
        .and("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_any_float_is_said_to_be_one_only_where_it_is() {
        let named = |name| Elements::named(name).unwrap();
        assert_eq!(Elements::FLOAT.promoted(&named("f32")).name, "float");
        assert_eq!(named("bf16").promoted(&Elements::FLOAT).name, "float");
        assert_eq!(Elements::FLOAT.promoted(&named("f64")).name, "f64");
        assert_eq!(named("i32").promoted(&named("bf16")).name, "bf16");
        assert!(!Elements::FLOAT.fit(&named("f32")) && !Elements::UNKNOWN.fit(&named("f32")));
        let through = |name, input, output| named(name).through(&input, &output).name;
        assert_eq!(through("f32", Elements::FLOAT, Elements::FLOAT), "f32");
        assert_eq!(through("bf16", Elements::FLOAT, Elements::FLOAT), Elements::UNKNOWN.name);
        assert_eq!(through("float", Elements::FLOAT, Elements::FLOAT), "float");
        assert_eq!(through("i32", named("i32"), Elements::FLOAT), "f32");
        assert_eq!(through("bf16", named("bf16"), Elements::FLOAT), "bf16");
        assert_eq!(through("bf16", Elements::FLOAT, named("f32")), "f32");
    }
}
