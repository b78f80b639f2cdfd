//! The small rules: for headers, side inputs, layers that share, and layers that want so many axes.

use super::text::Text;
use super::{Axes, Axis, Context, Elements, Kind, MAX_SYMBOLS, Size, find, same_text};

/// The element type that is so called. (The macro has judged the word.)
pub const fn elements(name: &'static str) -> Elements {
    match Elements::named(name) {
        Some(elements) => elements,
        None => Elements { kind: Kind::Any, name },
    }
}

/// Numbers as sizes.
pub const fn sizes<const N: usize>(numbers: &[usize]) -> [Size; N] {
    let mut sizes = [Size::of(0); N];
    let mut place = 0;
    while place < numbers.len() && place < N {
        sizes[place] = Size::of(numbers[place]);
        place += 1;
    }
    sizes
}

/// Room for the arguments of any model.
pub const fn arguments(numbers: &[usize]) -> [Size; MAX_SYMBOLS] {
    sizes(numbers)
}

/// Judges the size of an axis in the model's header.
pub const fn judge_declared(cx: &Context, axis: &Axis) -> Text {
    let begun = Text::EMPTY.and("the input is declared with ");
    let Some(size) = axis.size else { return Text::EMPTY };
    if let Some(fault) = size.fault() {
        return begun.name(axis.name).and(", and its size ").and(fault.text());
    }
    match size.number() {
        Some(number) if number <= 0 => begun
            .axis(axis, cx.symbols)
            .and(", and a size is at least 1\nhelp: write the size that it shall have"),
        _ => Text::EMPTY,
    }
}

/// Judges a number that stands as the argument of a layer: its `value`, as it was `written`.
pub const fn judge_argument(layer: &str, range: Option<[i64; 2]>, value: f64, written: &str) -> Text {
    let Some([least, most]) = range else { return Text::EMPTY };
    if value >= least as f64 && value <= most as f64 {
        return Text::EMPTY;
    }
    Text::EMPTY
        .and("layer ")
        .name(layer)
        .and(" takes a number from ")
        .number(least.unsigned_abs())
        .and(" to ")
        .number(most.unsigned_abs())
        .and(", and was given ")
        .name(written)
        .and("\nhelp: write such a number")
}

/// Judges that a layer acts over as many axes as its kind does.
pub const fn judge_count(layer: &str, left: &[Axis], wanted: Option<usize>) -> Text {
    match wanted {
        Some(wanted) if wanted != left.len() => Text::EMPTY
            .and("layer ")
            .name(layer)
            .and(" acts over ")
            .number(wanted as u64)
            .and(if wanted == 1 { " axis" } else { " axes" })
            .and(", and was given ")
            .number(left.len() as u64)
            .and("\nhelp: see the page of the layer for what each axis is"),
        _ => Text::EMPTY,
    }
}

/// How many entries a layer takes at a time; one where it was given another number of axes, which is told by itself.
pub const fn groups_of(number: usize, left: &[Axis], wanted: Option<usize>) -> usize {
    match wanted {
        Some(wanted) if wanted != left.len() => 1,
        _ => number,
    }
}

/// Judges that the axis `left[place]` is a multiple of `number`, for a layer that takes its entries in groups of so many.
pub const fn judge_multiple(
    cx: &Context,
    before: &Axes,
    layer: &str,
    left: &[Axis],
    place: usize,
    number: usize,
) -> Text {
    let Some(found) = before.find(left[place].name) else { return Text::EMPTY };
    let found = before.at(found);
    let Some(size) = found.size else { return Text::EMPTY };
    let open = found.is_open(&size, cx.symbols);
    if number < 2 || size.fault().is_some() || !open && size.is_multiple(number as i64, cx.equal) {
        return Text::EMPTY;
    }
    let text = Text::EMPTY
        .and("layer ")
        .name(layer)
        .and(" takes the entries of ")
        .name(found.name)
        .and(if number == 2 { " in pairs" } else { " in groups of " });
    let text = if number == 2 { text } else { text.number(number as u64) };
    let text = text.and(", but ").origin(cx, found, " gives it ");
    if open {
        return text.and(" without a size\nhelp: declare its size, such as `").and(found.name).and(": 64`");
    }
    match size.number() {
        Some(_) => text.and("\nhelp: make it a multiple of ").number(number as u64),
        None => text
            .and(", which need not be a multiple of ")
            .number(number as u64)
            .and("\nhelp: state it in the model's header: `where ")
            .number(number as u64)
            .and(" divides ")
            .size(&size, cx.symbols)
            .and("`"),
    }
}

/// Judges a condition that no parameter is in.
pub const fn judge_condition(holds: bool, condition: &str) -> Text {
    if holds {
        return Text::EMPTY;
    }
    Text::EMPTY
        .and("the model states `where ")
        .and(condition)
        .and("`, which does not hold\nhelp: change one of the two sizes")
}

/// Judges that the side inputs a layer reads are declared. `options` are pairs of the option that names one and the
/// name that it has by default; `given` are the options that the layer was given.
pub const fn judge_side_options(
    layer: &str,
    options: &[(&str, &str)],
    given: &[(&str, &str)],
    declared: &[&str],
) -> Text {
    let mut option = 0;
    while option < options.len() {
        let (called, mut name) = options[option];
        let mut place = 0;
        while place < given.len() {
            if same_text(given[place].0, called) {
                name = given[place].1;
            }
            place += 1;
        }
        let text = judge_side_inputs(layer, &[name], declared);
        if !text.is_empty() {
            return text;
        }
        option += 1;
    }
    Text::EMPTY
}

/// Judges that the side inputs a nested model needs are declared.
pub const fn judge_side_inputs(layer: &str, needed: &[&str], declared: &[&str]) -> Text {
    let mut place = 0;
    while place < needed.len() {
        let mut found = false;
        let mut known = 0;
        while known < declared.len() {
            found |= same_text(declared[known], needed[place]);
            known += 1;
        }
        if !found {
            let mut text = Text::EMPTY
                .and("layer ")
                .name(layer)
                .and(" reads the side input ")
                .name(needed[place])
                .and(", which the model does not declare\nhelp: write `with (");
            known = 0;
            while known < declared.len() {
                text = text.and(declared[known]).and(", ");
                known += 1;
            }
            return text.and(needed[place]).and(")` after the output in the model's header");
        }
        place += 1;
    }
    Text::EMPTY
}

/// The axes of a layer with the sizes that they had when it was made.
pub const fn resolved<const N: usize>(axes: &[Axis], before: &Axes) -> [Axis; N] {
    let mut all = [super::axes::NO_AXIS; N];
    let mut place = 0;
    while place < N && place < axes.len() {
        all[place] = axes[place];
        if all[place].size.is_none()
            && let Some(found) = before.find(axes[place].name)
        {
            all[place].size = before.at(found).size;
        }
        place += 1;
    }
    all
}

/// An axis of the layer `left => right`, which met `before`.
const fn tied_axis(name: &str, before: &Axes, left: &[Axis], right: &[Axis]) -> Option<Axis> {
    if let Some(found) = find(right, name) {
        return Some(right[found]);
    }
    let Some(place) = find(left, name) else { return None };
    match (left[place].size, before.find(name)) {
        (None, Some(found)) => Some(*before.at(found)),
        _ => Some(left[place]),
    }
}

/// The axes that a layer makes which shares with `left => right`: sizes left out are those of the other layer.
pub const fn tied<const N: usize>(own: &[Axis], before: &Axes, left: &[Axis], right: &[Axis]) -> [Axis; N] {
    let mut all = [super::axes::NO_AXIS; N];
    let mut place = 0;
    while place < N && place < own.len() {
        all[place] = own[place];
        if own[place].size.is_none()
            && let Some(axis) = tied_axis(own[place].name, before, left, right)
        {
            all[place].size = axis.size;
        }
        place += 1;
    }
    all
}

/// Says that `layer` cannot be made from `other`, which is of no form that makes axes.
pub const fn judge_makes_axes(layer: &str, other: &str) -> Text {
    Text::EMPTY
        .and("layer ")
        .name(layer)
        .and(" shares the parameters of ")
        .name(other)
        .and(", which makes no axes\nhelp: share those of a layer such as `EmbeddingLookup { vocabulary: 512 => embedding: 64 }`")
}

/// Judges an axis of `layer`, which shares parameters with `other`, if it can: the layer `left => right` that met `met`.
#[expect(clippy::too_many_arguments, reason = "a rule of two layers, each with its name and axes")]
pub const fn judge_tied(
    shares: bool,
    cx: &Context,
    before: &Axes,
    layer: &str,
    other: &str,
    axis: &Axis,
    met: &Axes,
    left: &[Axis],
    right: &[Axis],
) -> Text {
    let begun = Text::EMPTY.and("layer ").name(layer).and(" shares the parameters of ").name(other).and(", ");
    let Some(theirs) = tied_axis(axis.name, met, left, right) else {
        if met.unread || !shares {
            return Text::EMPTY;
        }
        let mut text = begun.and("which have no axis ").name(axis.name);
        let mut place = 0;
        while place < left.len() + right.len() {
            let theirs = if place < left.len() { &left[place] } else { &right[place - left.len()] };
            text =
                text.and(if place == 0 { " but " } else { ", " }).axis(theirs, cx.symbols).place(&theirs.by);
            place += 1;
        }
        return text.and("\nhelp: use the axes of ").name(other);
    };
    let reaches = match before.find(axis.name) {
        Some(found) => before.at(found).size,
        None => None,
    };
    if let (Some(size), Some(reaches)) = (axis.size, reaches)
        && !size.same_given(&reaches, cx.equal)
    {
        // That is told of the axis that it consumes.
        return Text::EMPTY;
    }
    let own = match axis.size {
        None => reaches,
        size => size,
    };
    match (own, theirs.size) {
        (Some(size), Some(other_size)) if !size.same_given(&other_size, cx.equal) => begun
            .and("and has ")
            .axis(&axis.sized(size), cx.symbols)
            .and(", but ")
            .origin(cx, &theirs, " has ")
            .and("\nhelp: give both the same size, or leave it out here"),
        _ => Text::EMPTY,
    }
}
