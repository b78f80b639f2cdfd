//! The rules of the three forms of a layer: keeping a shape, acting over axes, and making axes of others.
//!
//! A rule is two functions. One says what axes come out, whatever was wrong; the other judges one axis, and its
//! message is empty where nothing is wrong. So a mistake is told once, at its own token, and what follows is judged
//! as if it had not been made.

use super::text::Text;
use super::{Axes, Axis, Context, Elements, Kind, MAX_AXES, find, same_text};

/// What a layer in braces does with its axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Needs the axes, and leaves them.
    ActsOver,
    /// Needs the axes and their sizes, since it has a parameter for each element, and leaves them.
    ActsOverSized,
    /// Sums over the left axes and makes the right ones.
    Contracts,
    /// Reads integers as places along the left axes, which the input does not have, and makes the right ones.
    LooksUp,
    /// Calls the left axes by the names of the right ones, in order.
    Renames,
}

impl Rule {
    const fn verb(self) -> &'static str {
        match self {
            Rule::ActsOver | Rule::ActsOverSized => "acts over",
            Rule::Contracts => "contracts",
            Rule::LooksUp => "looks up",
            Rule::Renames => "renames",
        }
    }

    /// Whether the layer cannot be built without the size of its left axes.
    const fn needs_sizes(self) -> bool {
        matches!(self, Rule::ActsOverSized | Rule::Contracts | Rule::LooksUp)
    }
}

/// The axes after a layer `left => right`.
pub const fn made(before: &Axes, left: &[Axis], right: &[Axis], rule: Rule) -> Axes {
    let mut after = *before;
    let mut place = 0;
    while place < left.len() && matches!(rule, Rule::Contracts | Rule::Renames) {
        let name = left[place].name;
        if before.find(name).is_some() {
            after = after.without(name);
        } else {
            after = after.doubted(true);
            if let Some(meant) = before.nearest(name) {
                after = after.without(meant.name);
            }
        }
        place += 1;
    }
    let mut place = 0;
    while place < left.len() && matches!(rule, Rule::LooksUp) {
        // An axis of the table that the input has too is told.
        after = after.doubted(before.find(left[place].name).is_some());
        place += 1;
    }
    if matches!(rule, Rule::Renames) && left.len() != right.len() {
        after = after.doubted(true);
    }
    let mut place = 0;
    while place < right.len() {
        let axis = sized_right(before, left, right, place, rule);
        after = if after.find(axis.name).is_some() { after.doubted(true) } else { after.with(axis) };
        place += 1;
    }
    after
}

/// A made axis with its size: the one that it was given, or that of the axis it was.
const fn sized_right(before: &Axes, left: &[Axis], right: &[Axis], place: usize, rule: Rule) -> Axis {
    let axis = right[place];
    if axis.size.is_some() {
        return axis;
    }
    let was = match rule {
        Rule::Renames if place < left.len() => Some(left[place].name),
        Rule::Renames => None,
        _ if find(left, axis.name).is_some() => Some(axis.name),
        _ => None,
    };
    match was {
        Some(name) => match (find(left, name), before.find(name)) {
            (Some(given), _) if left[given].size.is_some() => Axis { size: left[given].size, ..axis },
            (_, Some(found)) => Axis { size: before.at(found).size, ..axis },
            _ => axis,
        },
        None => axis,
    }
}

/// The axes after a layer that acts over `left`: the same, with a size where only the layer knows it.
pub const fn acted_on(before: &Axes, left: &[Axis]) -> Axes {
    let mut after = *before;
    let mut place = 0;
    while place < left.len() {
        match before.find(left[place].name) {
            None => after = after.doubted(true),
            Some(found) if before.at(found).size.is_none() => after = after.replaced(found, left[place]),
            Some(_) => {}
        }
        place += 1;
    }
    after
}

/// Judges the axis `left[place]` of `layer`.
pub const fn judge_left(
    cx: &Context,
    before: &Axes,
    layer: &str,
    left: &[Axis],
    place: usize,
    rule: Rule,
) -> Text {
    let axis = &left[place];
    let about = Text::EMPTY.and("layer ").name(layer).and(" ").and(rule.verb()).and(" ");
    if let Some(size) = axis.size
        && let Some(fault) = size.fault()
    {
        return about.name(axis.name).and(", and its size ").and(fault.text());
    }
    if matches!(rule, Rule::LooksUp) {
        return judge_looked_up(cx, before, about, axis);
    }
    let Some(found) = before.find(axis.name) else {
        if before.unread || before.len() == super::axes::MAX_AXES && before.doubtful {
            return Text::EMPTY;
        }
        let text = about.axis(axis, cx.symbols).and(", but what reaches it has ").axes(before, cx.symbols);
        let text = origins(cx, text, before);
        if let Some(rest) = before.rest
            && same_text(rest, axis.name)
        {
            return text
                .and("\nhelp: `..")
                .and(rest)
                .and("` stands for any number of axes: give it another name, and declare `")
                .and(rest)
                .and("` in the header, `{ ..rest, ")
                .and(rest)
                .and(" }`");
        }
        return match before.nearest(axis.name) {
            Some(near) => text.and("\nhelp: write ").axis(near, cx.symbols),
            None => text.and("\nhelp: name an axis that is there, or make ").name(axis.name).and(" before"),
        };
    };
    let found = before.at(found);
    match (axis.size, found.size) {
        (Some(wanted), Some(given)) if !wanted.same_given(&given, cx.equal) => about
            .axis(axis, cx.symbols)
            .and(", but ")
            .origin(cx, found, " gives it ")
            .and("\nhelp: write ")
            .axis(found, cx.symbols)
            .and(" here, or change the size where it comes from"),
        (None, Some(given)) if rule.needs_sizes() && found.is_open(&given, cx.symbols) => {
            open(cx, about, found)
        }
        (Some(given), _) if rule.needs_sizes() && axis.is_open(&given, cx.symbols) => open(cx, about, found),
        _ => Text::EMPTY,
    }
}

/// Whether a left axis is not there, which is told: the one that is made may be the one that was meant.
const fn lacks(before: &Axes, left: &[Axis], rule: Rule) -> bool {
    let mut place = 0;
    while place < left.len() && !matches!(rule, Rule::LooksUp) {
        if before.find(left[place].name).is_none() {
            return true;
        }
        place += 1;
    }
    false
}

const fn open(cx: &Context, about: Text, axis: &Axis) -> Text {
    about
        .name(axis.name)
        .and(", and has parameters for each entry of it, but ")
        .origin(cx, axis, " gives it ")
        .and(" without a size\nhelp: declare its size, such as ")
        .and("`")
        .and(axis.name)
        .and(": 64`")
}

const fn judge_looked_up(cx: &Context, before: &Axes, about: Text, axis: &Axis) -> Text {
    match (before.find(axis.name), axis.size) {
        (Some(found), _) => about
            .name(axis.name)
            .and(", which is the axis of the table, but ")
            .origin(cx, before.at(found), " gives it ")
            .and(" as an axis too\nhelp: rename one of the two"),
        (None, None) => about
            .name(axis.name)
            .and(" without a size\nhelp: say how many there are, such as `")
            .and(axis.name)
            .and(": 512`"),
        (None, Some(_)) => Text::EMPTY,
    }
}

/// Judges the axis `right[place]` that `layer` makes.
pub const fn judge_right(
    cx: &Context,
    before: &Axes,
    layer: &str,
    left: &[Axis],
    right: &[Axis],
    place: usize,
    rule: Rule,
) -> Text {
    let axis = sized_right(before, left, right, place, rule);
    let about = Text::EMPTY.and("layer ").name(layer).and(" makes ");
    match axis.size {
        None if matches!(rule, Rule::Renames) || before.unread => {}
        None => {
            return about
                .name(axis.name)
                .and(" without a size\nhelp: write `")
                .and(axis.name)
                .and(": 64`, with the size that it shall have");
        }
        Some(size) => {
            if let Some(fault) = size.fault() {
                return about.name(axis.name).and(", and its size ").and(fault.text());
            }
            if let Some(number) = size.number()
                && number <= 0
            {
                return about
                    .axis(&axis, cx.symbols)
                    .and(", and a size is at least 1\nhelp: write the size that it shall have");
            }
            if !matches!(rule, Rule::Renames) && axis.is_open(&size, cx.symbols) {
                return about
                    .name(axis.name)
                    .and(", and has parameters for each entry of it, but gives it no size\nhelp: write `")
                    .and(axis.name)
                    .and(": 64`, with the size that it shall have");
            }
        }
    }
    if let Some(found) = before.find(axis.name)
        && (find(left, axis.name).is_none() || matches!(rule, Rule::LooksUp))
        && !lacks(before, left, rule)
    {
        return about
            .axis(&axis, cx.symbols)
            .and(", but ")
            .origin(cx, before.at(found), " gives it ")
            .and(" already\nhelp: choose another name, or consume that axis: `")
            .and(axis.name)
            .and(" => ..`");
    }
    if kept(before, left, rule) + place == MAX_AXES {
        return about
            .axis(&axis, cx.symbols)
            .and(", which is axis ")
            .number(MAX_AXES as u64 + 1)
            .and(" here, and an array has at most ")
            .number(MAX_AXES as u64)
            .and("\nhelp: leave some to the rest: `..batch` in the model's header");
    }
    Text::EMPTY
}

/// How many axes of what reaches a layer are there after it.
const fn kept(before: &Axes, left: &[Axis], rule: Rule) -> usize {
    let mut kept = before.len();
    let mut place = 0;
    while place < left.len() && matches!(rule, Rule::Contracts | Rule::Renames) {
        if before.find(left[place].name).is_some() {
            kept = kept.saturating_sub(1);
        }
        place += 1;
    }
    kept
}

/// Judges that each left axis has a right one, for a layer that renames.
pub const fn judge_pairs(layer: &str, left: &[Axis], right: &[Axis], rule: Rule) -> Text {
    if !matches!(rule, Rule::Renames) || left.len() == right.len() {
        return Text::EMPTY;
    }
    Text::EMPTY
        .and("layer ")
        .name(layer)
        .and(" renames ")
        .number(left.len() as u64)
        .and(if left.len() == 1 { " axis to " } else { " axes to " })
        .number(right.len() as u64)
        .and(if right.len() == 1 { " name" } else { " names" })
        .and("\nhelp: write as many names after `=>` as before it")
}

/// Judges the element type that reaches `layer`, which needs `wanted`.
pub const fn judge_elements(before: &Axes, layer: &str, wanted: &Elements) -> Text {
    if before.elements.fit(wanted) {
        return Text::EMPTY;
    }
    let text = Text::EMPTY.and("layer ").name(layer).and(" works on ").and(match wanted.kind {
        Kind::Int => "integers",
        Kind::Float if same_text(wanted.name, Elements::FLOAT.name) => "floating types",
        _ => wanted.name,
    });
    let text = text.and(", but ").elements_of(before);
    match (wanted.kind, before.elements.kind) {
        (Kind::Int, Kind::Float) => {
            text.and("\nhelp: declare the input as integers: `i32 { .. }` in the model's header")
        }
        (Kind::Float, Kind::Int) => {
            text.and("\nhelp: put an `EmbeddingLookup` or ").cast(wanted).and(" before it")
        }
        _ => text.and("\nhelp: put ").cast(wanted).and(" before it"),
    }
}

/// Adds who made each axis.
const fn origins(cx: &Context, mut text: Text, axes: &Axes) -> Text {
    let mut place = 0;
    while place < axes.len() && place < 4 {
        text = text.and("\n  ").origin(cx, axes.at(place), " gives it ");
        place += 1;
    }
    text
}
