//! What a model takes and gives, and the rules for using one model in another.

use super::text::Text;
use super::{Axes, Axis, Context, Elements, MAX_SYMBOLS, Place, Size, same_text};

/// A model's header.
#[derive(Debug)]
pub struct Signature {
    /// The model's name.
    pub name: &'static str,
    /// Names for the symbols in its sizes: const generics first.
    pub symbols: &'static [&'static str],
    /// How many of the symbols are const generics.
    pub parameters: usize,
    /// Where it was declared.
    pub by: Place,
    /// What the model takes: the first of its inputs, where it has several.
    pub input: Axes,
    /// Its inputs by name, where the header names them.
    pub inputs: &'static [(&'static str, Axes)],
    /// What it gives.
    pub output: Axes,
    /// Sizes that must be equal.
    pub equal: &'static [(Size, Size)],
    /// Quotients that have a symbol: dividend, divisor, symbol.
    pub quotients: &'static [(Size, Size, u8)],
    /// Every axis that the model names: its rest may hold none of them.
    pub names: &'static [&'static str],
    /// The side inputs that the model needs.
    pub side_inputs: &'static [&'static str],
}

impl Signature {
    /// The sizes of this model's symbols where it is used with `arguments` on `before`.
    const fn bindings(&self, cx: &Context, before: &Axes, arguments: &[Size]) -> [Size; MAX_SYMBOLS] {
        let mut sizes = [Size::of(0); MAX_SYMBOLS];
        let mut place = 0;
        while place < arguments.len() && place < self.parameters {
            sizes[place] = arguments[place];
            place += 1;
        }
        let mut place = 0;
        while place < self.input.len() {
            let axis = self.input.at(place);
            if let Some(size) = axis.size
                && axis.is_open(&size, self.symbols)
                && let Some(found) = before.find(axis.name)
                && let Some(actual) = before.at(found).size
            {
                let mut symbol = 0;
                while symbol < self.symbols.len() && symbol < MAX_SYMBOLS {
                    if size.is_symbol(symbol as u8) {
                        sizes[symbol] = actual;
                    }
                    symbol += 1;
                }
            }
            place += 1;
        }
        let mut place = 0;
        while place < self.quotients.len() {
            let (above, below, symbol) = &self.quotients[place];
            let quotient = cx.quotient(&above.substitute(&sizes), &below.substitute(&sizes));
            sizes[*symbol as usize % MAX_SYMBOLS] = quotient;
            place += 1;
        }
        sizes
    }

    /// Whether the model names this axis.
    const fn names(&self, name: &str) -> bool {
        let mut place = 0;
        while place < self.names.len() {
            if same_text(self.names[place], name) {
                return true;
            }
            place += 1;
        }
        false
    }

    /// Who names this axis: the model, or one of those `within` it.
    pub(super) const fn naming<'s>(&'s self, within: &'s [Within], name: &str) -> Option<&'s Signature> {
        if self.names(name) {
            return Some(self);
        }
        let mut place = 0;
        while place < within.len() {
            if let Some(found) = within[place].model.naming(within[place].parts, name) {
                return Some(found);
            }
            place += 1;
        }
        None
    }

    /// Whether the model is `other`, or holds it in models that were all declared after `other`.
    const fn holds(&self, within: &[Within], other: &Signature) -> bool {
        if same_text(self.name, other.name) && self.by.same(&other.by) {
            return true;
        }
        let mut place = 0;
        while place < within.len() && other.by.is_before(&self.by) {
            if within[place].model.holds(within[place].parts, other) {
                return true;
            }
            place += 1;
        }
        false
    }
}

/// A model in another, with those in it.
///
/// Models could hold each other without end, so a model says what is in it in constants of their own, each of which
/// looks one model deeper: `WITHIN_1` has its parts, `WITHIN_2` these with theirs. What lies deeper than the last is told
/// when a model is built.
#[derive(Clone, Copy, Debug)]
pub struct Within {
    /// The model.
    pub model: &'static Signature,
    /// Those in it, as far as is looked.
    pub parts: &'static [Within],
}

/// Judges that the model `of`, which is the layer `layer` of the model `outer`, does not hold `outer` in its turn. Where
/// models hold each other, that is told of the first.
pub const fn judge_endless(outer: &Signature, layer: &str, of: &Signature, within: &[Within]) -> Text {
    if !of.holds(within, outer) {
        return Text::EMPTY;
    }
    Text::EMPTY
        .and("layer ")
        .name(layer)
        .and(" is the model ")
        .name(of.name)
        .place(&of.by)
        .and(", which has ")
        .name(outer.name)
        .and(" in it: it would never end\nhelp: name another model, or write `stack 12 as layer { .. }` for layers one after the other")
}

/// The axes after the model `of`, used as the layer `by` with these arguments.
pub const fn applied(
    cx: &Context,
    before: &Axes,
    of: &Signature,
    within: &[Within],
    arguments: &[Size],
    by: &Place,
) -> Axes {
    let sizes = of.bindings(cx, before, arguments);
    let fits = !before.unread && judge_signature(cx, before, by.who, of, within, arguments).is_empty();
    let mut after = before.doubted(!fits);
    let mut place = 0;
    while place < of.input.len() {
        let name = of.input.at(place).name;
        if before.find(name).is_none() {
            after = after.doubted(true);
            if let Some(near) = before.nearest(name) {
                after = after.without(near.name);
            }
        }
        after = after.without(name);
        place += 1;
    }
    if of.output.rest.is_none() && fits {
        after = Axes::new(&[], None, after.elements).doubted(after.doubtful);
    }
    let mut place = 0;
    while place < of.output.len() {
        let axis = of.output.at(place);
        let kept = match before.find(axis.name) {
            Some(found) if axis.size.is_none() => Some(*before.at(found)),
            _ => None,
        };
        let made = match (kept, axis.size) {
            // After a mistake, the size is no ground for another message.
            _ if !fits => Axis { name: axis.name, size: None, by: *by },
            (Some(kept), _) => kept,
            (None, Some(size)) => {
                let size = size.substitute(&sizes);
                let before_it = before.find(axis.name);
                match before_it {
                    // An axis that passes through is still its maker's.
                    Some(found) if unchanged(before.at(found), &size) => *before.at(found),
                    _ => Axis { name: axis.name, size: Some(size), by: *by },
                }
            }
            (None, None) => Axis { name: axis.name, size: None, by: *by },
        };
        after = if after.find(made.name).is_some() { after.doubted(true) } else { after.with(made) };
        place += 1;
    }
    let elements = match fits {
        true => before.elements.through(&of.input.elements, &of.output.elements),
        false => Elements::ANY,
    };
    after.of(elements, *by)
}

const fn unchanged(axis: &Axis, size: &Size) -> bool {
    match &axis.size {
        Some(known) => known.same(size),
        None => false,
    }
}

/// Judges the use of the model `of` as the layer `layer` with these arguments.
pub const fn judge_signature(
    cx: &Context,
    before: &Axes,
    layer: &str,
    of: &Signature,
    within: &[Within],
    arguments: &[Size],
) -> Text {
    let sizes = of.bindings(cx, before, arguments);
    let begun = Text::EMPTY.and("layer ").name(layer).and(" takes ");
    if of.inputs.len() > 1 {
        return Text::EMPTY
            .and("layer ")
            .name(layer)
            .and(" takes ")
            .number(of.inputs.len() as u64)
            .and(" inputs")
            .place(&of.by)
            .and(", but a layer of a model is given one\nhelp: declare what it takes beside the first as `with (..)` in its header");
    }
    let mut text = Text::EMPTY;
    if !before.elements.fit(&of.input.elements) {
        text = begun.and(of.input.elements.name).place(&of.by).and(", but ").elements_of(before);
        text = text.and("\nhelp: put ").cast(&of.input.elements);
        text = text.and(" before it, or change the declaration of the input");
    }
    let mut help = Text::EMPTY;
    let mut place = 0;
    while place < of.input.len() {
        let axis = of.input.at(place);
        match before.find(axis.name) {
            None if before.doubtful => {}
            None => {
                let wanted = substituted(axis, &sizes, of);
                text = next(text, begun)
                    .axis(&wanted, cx.symbols)
                    .place(&axis.by)
                    .and(", but what reaches it has ")
                    .axes(before, cx.symbols);
                text = match before.nearest(axis.name) {
                    Some(near) => text.and(": ").origin(cx, near, " gives it "),
                    None if !before.is_empty() => {
                        text.and(": ").origin(cx, before.at(before.len() - 1), " gives it ")
                    }
                    None => text,
                };
                help = match surplus(before, of, &wanted) {
                    Some(meant) => Text::EMPTY
                        .and("\nhelp: put `RenameAxes { ")
                        .and(meant.name)
                        .and(" => ")
                        .and(axis.name)
                        .and(" }` before it"),
                    None => Text::EMPTY.and("\nhelp: make ").name(axis.name).and(" before it"),
                };
            }
            Some(found) => {
                let (wanted, found) = (substituted(axis, &sizes, of), before.at(found));
                if let (Some(left), Some(right)) = (wanted.size, found.size)
                    && !left.same_given(&right, cx.equal)
                {
                    text = next(text, begun).axis(&wanted, cx.symbols).place(&axis.by).and(", but ").origin(
                        cx,
                        found,
                        " gives it ",
                    );
                    help = Text::EMPTY.and("\nhelp: change one of the two sizes");
                }
            }
        }
        place += 1;
    }
    text = text.and(help.as_str());
    let mut place = 0;
    while place < before.len() && text.is_empty() {
        let axis = before.at(place);
        if of.input.find(axis.name).is_none() {
            if of.input.rest.is_none() {
                text = next(text, begun)
                    .and("only ")
                    .axes(&of.input, of.symbols)
                    .and(", but ")
                    .origin(cx, axis, " gives it ")
                    .and(" too");
                text = with_rest(text, of, "batch");
            } else if let Some(naming) = of.naming(within, axis.name) {
                text = Text::EMPTY
                    .and("layer ")
                    .name(layer)
                    .and(" makes an axis ")
                    .name(axis.name)
                    .and(" inside");
                if !same_text(naming.name, of.name) {
                    text = text.and(" ").name(naming.name);
                }
                text = text
                    .place(&naming.by)
                    .and(", but ")
                    .origin(cx, axis, " gives it ")
                    .and(" already\nhelp: give one of the two axes another name");
            }
        }
        place += 1;
    }
    if let (Some(rest), None, true) = (before.rest, of.input.rest, text.is_empty()) {
        text = next(text, begun)
            .and("only ")
            .axes(&of.input, of.symbols)
            .and(", but what reaches it has `..")
            .and(rest)
            .and("` too");
        text = with_rest(text, of, rest);
    }
    let mut place = 0;
    while place < of.quotients.len() && text.is_empty() {
        let (above, below, _) = &of.quotients[place];
        let (dividend, divisor) = (above.substitute(&sizes), below.substitute(&sizes));
        if cx.quotient(&dividend, &divisor).fault().is_some() {
            text = Text::EMPTY
                .and("layer ")
                .name(layer)
                .and(" needs that ")
                .name_of(below, of.symbols)
                .and(" divides ")
                .name_of(above, of.symbols)
                .and(", as ")
                .name(of.name)
                .and(" states")
                .place(&of.by);
            text = unlike(cx, of, text, " divides ", (below, &divisor), (above, &dividend));
        }
        place += 1;
    }
    let mut pair = 0;
    while pair < of.equal.len() && text.is_empty() {
        let (left, right) = &of.equal[pair];
        let (here, there) = (left.substitute(&sizes), right.substitute(&sizes));
        if !here.same_given(&there, cx.equal) {
            text = Text::EMPTY
                .and("layer ")
                .name(layer)
                .and(" needs `")
                .size(left, of.symbols)
                .and(" == ")
                .size(right, of.symbols)
                .and("`, as ")
                .name(of.name)
                .and(" states")
                .place(&of.by);
            text = unlike(cx, of, text, " == ", (left, &here), (right, &there));
        }
        pair += 1;
    }
    text
}

/// An axis that reaches the model `of` and is none that it takes, of the size of the one that is `wanted`.
const fn surplus<'a>(before: &'a Axes, of: &Signature, wanted: &Axis) -> Option<&'a Axis> {
    let mut place = 0;
    while place < before.len() {
        let axis = before.at(place);
        if let (Some(size), Some(other), None) = (axis.size, wanted.size, of.input.find(axis.name))
            && size.same(&other)
        {
            return Some(axis);
        }
        place += 1;
    }
    None
}

/// This and what to type where the model `of` takes no rest.
const fn with_rest(text: Text, of: &Signature, rest: &str) -> Text {
    text.and("\nhelp: write `..").and(rest).and("` in what ").name(of.name).and(" takes and gives")
}

/// What a condition of the model `of` is here: two numbers that do not fit, or what nothing is known of. Each of the two
/// sizes stands with what it is in this use.
const fn unlike(
    cx: &Context,
    of: &Signature,
    text: Text,
    relation: &str,
    (left, here): (&Size, &Size),
    (right, there): (&Size, &Size),
) -> Text {
    if here.number().is_some() && there.number().is_some() {
        return text
            .and(", but here ")
            .name_of(left, of.symbols)
            .and(" is ")
            .name_of(here, cx.symbols)
            .and(" and ")
            .name_of(right, of.symbols)
            .and(" is ")
            .name_of(there, cx.symbols)
            .and("\nhelp: change one of the two");
    }
    text.and(", but this model does not say that `")
        .size(here, cx.symbols)
        .and(relation)
        .size(there, cx.symbols)
        .and("`\nhelp: write `where ")
        .size(here, cx.symbols)
        .and(relation)
        .size(there, cx.symbols)
        .and("` in its header, after the output")
}

const fn next(text: Text, begun: Text) -> Text {
    if text.is_empty() { begun } else { text.and("\n  and ") }
}

/// A declared axis with the sizes of this use; one of open size stays without.
const fn substituted(axis: &Axis, sizes: &[Size], of: &Signature) -> Axis {
    match axis.size {
        Some(size) if !axis.is_open(&size, of.symbols) => axis.sized(size.substitute(sizes)),
        _ => Axis { size: None, ..*axis },
    }
}

/// Judges the declared output axis at `place` against what the last layer gives.
pub const fn judge_output(cx: &Context, last: &Axes, declared: &Axes, place: usize) -> Text {
    let axis = declared.at(place);
    let begun = Text::EMPTY.and("the output is declared with ").axis(axis, cx.symbols).and(", but ");
    if let Some(size) = axis.size
        && let Some(fault) = size.fault()
    {
        return Text::EMPTY
            .and("the output is declared with ")
            .name(axis.name)
            .and(", and its size ")
            .and(fault.text());
    }
    match last.find(axis.name) {
        None if last.doubtful => Text::EMPTY,
        None => {
            let text = begun.and("the last layer gives ").axes(last, cx.symbols);
            match last.nearest(axis.name) {
                Some(near) if declared.find(near.name).is_none() => {
                    text.and(": ").origin(cx, near, " gives ").and("\nhelp: write ").axis(near, cx.symbols)
                }
                _ if !last.is_empty() => text
                    .and(": ")
                    .origin(cx, last.at(last.len() - 1), " gives ")
                    .and("\nhelp: declare what the layers give, or add a layer that makes ")
                    .name(axis.name),
                _ => text.and("\nhelp: add a layer that makes ").name(axis.name),
            }
        }
        Some(found) => {
            let found = last.at(found);
            match (axis.size, found.size) {
                (Some(left), Some(right)) if !left.same_given(&right, cx.equal) => begun
                    .origin(cx, found, " gives ")
                    .and("\nhelp: write ")
                    .axis(found, cx.symbols)
                    .and(" here, or change the size where it comes from"),
                _ => Text::EMPTY,
            }
        }
    }
}

/// Judges that the last layer gives no more axes than are declared.
pub const fn judge_surplus(cx: &Context, last: &Axes, declared: &Axes) -> Text {
    if last.doubtful {
        return Text::EMPTY;
    }
    let mut place = 0;
    while place < declared.len() {
        if last.find(declared.at(place).name).is_none() {
            // That one is told already, and says what there is.
            return Text::EMPTY;
        }
        place += 1;
    }
    let begun = Text::EMPTY.and("the output is declared as ").axes(declared, cx.symbols).and(", but ");
    let mut place = 0;
    while place < last.len() {
        if declared.find(last.at(place).name).is_none() {
            return begun
                .origin(cx, last.at(place), " gives ")
                .and(" too\nhelp: declare that axis, or add a layer that consumes it");
        }
        place += 1;
    }
    match (last.rest, declared.rest) {
        (Some(rest), None) => begun
            .and("the input's rest `..")
            .and(rest)
            .and("` is still there\nhelp: write `..")
            .and(rest)
            .and("` in the output too"),
        _ => Text::EMPTY,
    }
}
