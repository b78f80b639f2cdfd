//! The rules of what holds other layers: residuals, branches, stacks and attention.

use super::text::Text;
use super::{Axes, Axis, Context, Place, Signature, Within, joined, same_text};

/// Judges that two arrays have the same axes, since they are combined entry by entry. `about` begins the message and
/// `first` and `second` say what the two are; an axis of `second` is told as given by its maker.
pub const fn judge_alike(
    cx: &Context,
    about: &str,
    layer: &str,
    because: &str,
    first: &Axes,
    second: &Axes,
) -> Text {
    let begun = Text::EMPTY.and(about).and(" ").name(layer).and(" ").and(because).and(", but ");
    // What the first has, and what the second is without.
    let (others, own) = if same_text(about, "add") || same_text(about, "multiply") {
        (", and another branch gives ", "one branch gives ")
    } else if same_text(about, "shared") {
        (", and it was made for ", "what reaches it is ")
    } else if same_text(about, "attention") {
        (", and its scores have ", "they become ")
    } else {
        (", and its input has ", "they give ")
    };
    let mut text = Text::EMPTY;
    let mut place = 0;
    while place < second.len() {
        let axis = second.at(place);
        match first.find(axis.name) {
            None if !first.doubtful => {
                let other = match first.nearest(axis.name) {
                    Some(near) => near,
                    None if !first.is_empty() => first.at(first.len() - 1),
                    None => return begun.origin(cx, axis, " gives ").and(others).and("no axes"),
                };
                text = next(text, begun)
                    .origin(cx, axis, " gives ")
                    .and(others)
                    .axes(first, cx.symbols)
                    .and(" without it: ")
                    .origin(cx, other, " gives ");
            }
            None => {}
            Some(found) => {
                let other = first.at(found);
                if let (Some(left), Some(right)) = (axis.size, other.size)
                    && !left.same_given(&right, cx.equal)
                {
                    text = next(text, begun)
                        .origin(cx, axis, " gives ")
                        .and(", and ")
                        .origin(cx, other, " gives ");
                }
            }
        }
        place += 1;
    }
    if !text.is_empty() || second.doubtful {
        return with_help(text);
    }
    let mut place = 0;
    while place < first.len() {
        let axis = first.at(place);
        if second.find(axis.name).is_none() {
            text = next(text, begun)
                .and(own)
                .axes(second, cx.symbols)
                .and(" without ")
                .axis(axis, cx.symbols)
                .and(": ")
                .origin(cx, axis, " gives ");
        }
        place += 1;
    }
    with_help(text)
}

const fn next(text: Text, begun: Text) -> Text {
    if text.is_empty() { begun } else { text.and("\n  and ") }
}

const fn with_help(text: Text) -> Text {
    if text.is_empty() { text } else { text.and("\nhelp: give both the same axes, in the same sizes") }
}

/// Judges the signature of the layer `layer`, which adds its input to what its fields give: no axis of the input can be
/// lost or change its size.
pub const fn judge_residual(cx: &Context, layer: &str, input: &Axes, output: &Axes) -> Text {
    let begun = Text::EMPTY.and("residual ").name(layer).and(" adds what its fields give to its input, but ");
    let mut place = 0;
    while place < input.len() {
        let axis = input.at(place);
        let text =
            begun.and("its input has ").axis(axis, cx.symbols).place(&axis.by).and(", and its output ");
        place += 1;
        let text = match output.find(axis.name) {
            None => text.and("has ").axes(output, cx.symbols),
            Some(found) => {
                let found = output.at(found);
                match (axis.size, found.size) {
                    (Some(left), Some(right)) if !left.same_given(&right, cx.equal) => {
                        text.and("has ").axis(found, cx.symbols).place(&found.by)
                    }
                    _ => continue,
                }
            }
        };
        return text.and("\nhelp: declare the output with all axes of the input, in their sizes");
    }
    match (input.rest, output.rest) {
        (Some(rest), None) => {
            let text = begun.and("its input has the rest `..").and(rest).and("`, and its output has ");
            let text = text.axes(output, cx.symbols);
            let text = if output.is_empty() { text } else { text.place(&output.at(0).by) };
            text.and("\nhelp: write `..").and(rest).and("` in the output too")
        }
        _ => Text::EMPTY,
    }
}

/// The axes along which an attention attends.
#[derive(Clone, Copy, Debug)]
pub struct AttentionAxes {
    /// The axis of tokens.
    pub seq: &'static str,
    /// What the tokens that are attended to are called in the scores.
    pub kv_seq: &'static str,
    /// The axes that queries and keys are multiplied over.
    pub projection: &'static [&'static str],
    /// Where the attention was declared.
    pub by: Place,
}

impl AttentionAxes {
    const fn projects(&self, name: &str) -> bool {
        let mut place = 0;
        while place < self.projection.len() {
            if same_text(self.projection[place], name) {
                return true;
            }
            place += 1;
        }
        false
    }

    /// The first axis that `axes` should have and has not.
    const fn missing(&self, axes: &Axes) -> Option<&'static str> {
        if axes.find(self.seq).is_none() {
            return Some(self.seq);
        }
        let mut place = 0;
        while place < self.projection.len() {
            if axes.find(self.projection[place]).is_none() {
                return Some(self.projection[place]);
            }
            place += 1;
        }
        None
    }
}

/// The axes of scores: those of queries, with the tokens that are attended to in the place of what was multiplied.
pub const fn scores(query: &Axes, key: &Axes, by: &AttentionAxes) -> Axes {
    let lacking = by.missing(query).is_some() || by.missing(key).is_some();
    let mut scores = query.doubted(key.doubtful || lacking || query.find(by.kv_seq).is_some());
    let mut place = 0;
    while place < by.projection.len() {
        scores = scores.without(by.projection[place]);
        place += 1;
    }
    let size = match key.find(by.seq) {
        Some(found) => key.at(found).size,
        None => None,
    };
    let scores = scores.without(by.kv_seq).with(Axis { name: by.kv_seq, size, by: by.by });
    joined(scores, query, key)
}

/// The axes of what attention gives to its output layers: those of queries, with what values have along the
/// projection.
pub const fn mixed(query: &Axes, value: &Axes, weights: &Axes, by: &AttentionAxes) -> Axes {
    let lacking = by.missing(query).is_some() || by.missing(value).is_some();
    let mut mixed = query.doubted(value.doubtful || lacking || query.find(by.kv_seq).is_some());
    let mut place = 0;
    while place < by.projection.len() {
        let name = by.projection[place];
        if let (Some(at), Some(found)) = (mixed.find(name), value.find(name)) {
            mixed = mixed.replaced(at, *value.at(found));
        }
        place += 1;
    }
    joined(mixed, weights, value)
}

/// Judges what the queries of `layer` are.
pub const fn judge_query(cx: &Context, layer: &str, query: &Axes, by: &AttentionAxes) -> Text {
    judge_part(cx, layer, "queries", query, by)
}

const fn judge_part(cx: &Context, layer: &str, part: &str, axes: &Axes, by: &AttentionAxes) -> Text {
    let begun = Text::EMPTY.and("attention ").name(layer).and(" needs ");
    if let Some(name) = by.missing(axes) {
        if axes.doubtful {
            return Text::EMPTY;
        }
        let text = begun.name(name).and(" in its ").and(part).and(", which have ").axes(axes, cx.symbols);
        let text = match axes.len() {
            0 => text,
            len => text.and("\n  ").origin(cx, axes.at(len - 1), " gives "),
        };
        return text
            .and("\nhelp: make that axis, or name another in `attention(")
            .and(by.seq)
            .and(" as ")
            .and(by.kv_seq)
            .and(", ..)`");
    }
    if let Some(found) = axes.find(by.kv_seq) {
        return begun
            .name(by.kv_seq)
            .and(" as a new name for `")
            .and(by.seq)
            .and("`, but ")
            .origin(cx, axes.at(found), " gives ")
            .and(" already\nhelp: choose another name after `as`");
    }
    Text::EMPTY
}

/// Judges keys against the queries and the input `x` of `layer`.
pub const fn judge_key(
    cx: &Context,
    layer: &str,
    x: &Axes,
    query: &Axes,
    key: &Axes,
    by: &AttentionAxes,
) -> Text {
    let text = judge_part(cx, layer, "keys", key, by);
    if !judge_part(cx, layer, "queries", query, by).is_empty() {
        // What lacks in all three is told of the first.
        return Text::EMPTY;
    }
    if !text.is_empty() {
        return text;
    }
    let text = judge_shared(cx, layer, "keys", "queries", query, key, by, false);
    if !text.is_empty() {
        return text;
    }
    judge_batch(cx, layer, "keys", "queries", x, query, key, by)
}

/// Judges values against the keys and the input `x` of `layer`. Keys that were told, since they do not fit the queries,
/// are no ground for another message.
pub const fn judge_value(
    cx: &Context,
    layer: &str,
    x: &Axes,
    query: &Axes,
    key: &Axes,
    value: &Axes,
    by: &AttentionAxes,
) -> Text {
    let text = judge_part(cx, layer, "values", value, by);
    if !judge_part(cx, layer, "keys", key, by).is_empty()
        || !judge_key(cx, layer, x, query, key, by).is_empty()
    {
        return Text::EMPTY;
    }
    if !text.is_empty() {
        return text;
    }
    let text = judge_shared(cx, layer, "values", "keys", key, value, by, true);
    if !text.is_empty() {
        return text;
    }
    let text = judge_batch(cx, layer, "values", "keys", x, key, value, by);
    if !text.is_empty() || key.doubtful || value.doubtful {
        return text;
    }
    let mut place = 0;
    while place < key.len() {
        if value.find(key.at(place).name).is_none() {
            return absent(cx, layer, "values", "keys", value, key.at(place));
        }
        place += 1;
    }
    Text::EMPTY
}

/// Judges that each axis of `second` is one of `first`, with its size.
#[expect(clippy::too_many_arguments, reason = "a rule of two arrays, each with the word for it")]
const fn judge_shared(
    cx: &Context,
    layer: &str,
    of_second: &str,
    of_first: &str,
    first: &Axes,
    second: &Axes,
    by: &AttentionAxes,
    projection_is_free: bool,
) -> Text {
    let begun =
        Text::EMPTY.and("attention ").name(layer).and(" matches its ").and(of_second).and(" with its ");
    let begun = begun.and(of_first).and(" by axis, but ");
    let mut place = 0;
    while place < second.len() {
        let axis = second.at(place);
        match first.find(axis.name) {
            None if first.doubtful => {}
            None => {
                let text = begun.origin(cx, axis, " gives ").and(", and the ").and(of_first).and(" have ");
                return text
                    .axes(first, cx.symbols)
                    .and("\nhelp: make that axis in the ")
                    .and(of_first)
                    .and(" too, or call it as they do");
            }
            Some(found) => {
                let other = first.at(found);
                // Queries and keys may be of different lengths, and values of another projection.
                let free =
                    if projection_is_free { by.projects(axis.name) } else { same_text(axis.name, by.seq) };
                if let (Some(left), Some(right)) = (axis.size, other.size)
                    && !free
                    && !left.same_given(&right, cx.equal)
                {
                    return begun
                        .origin(cx, axis, " gives ")
                        .and(", and ")
                        .origin(cx, other, " gives ")
                        .and("\nhelp: give both the same size");
                }
            }
        }
        place += 1;
    }
    Text::EMPTY
}

/// Judges that an axis of the input that `first` kept, `second` kept too.
#[expect(clippy::too_many_arguments, reason = "a rule of two arrays, each with the word for it")]
const fn judge_batch(
    cx: &Context,
    layer: &str,
    of_second: &str,
    of_first: &str,
    x: &Axes,
    first: &Axes,
    second: &Axes,
    by: &AttentionAxes,
) -> Text {
    let mut place = 0;
    while place < first.len() && !second.doubtful {
        let axis = first.at(place);
        let kept = x.find(axis.name).is_some() && !by.projects(axis.name);
        if kept && second.find(axis.name).is_none() {
            return absent(cx, layer, of_second, of_first, second, axis);
        }
        place += 1;
    }
    Text::EMPTY
}

const fn absent(
    cx: &Context,
    layer: &str,
    of_second: &str,
    of_first: &str,
    second: &Axes,
    axis: &Axis,
) -> Text {
    Text::EMPTY
        .and("attention ")
        .name(layer)
        .and(" matches its ")
        .and(of_second)
        .and(" with its ")
        .and(of_first)
        .and(" by axis, but the ")
        .and(of_second)
        .and(" have ")
        .axes(second, cx.symbols)
        .and(" and lack ")
        .axis(axis, cx.symbols)
        .and(": ")
        .origin(cx, axis, " gives ")
        .and("\nhelp: make the ")
        .and(of_second)
        .and(" with that axis")
}

/// Judges that the axis along which `layer` stacks parameters is not one of the input.
pub const fn judge_stack_axis(cx: &Context, layer: &str, before: &Axes, axis: &Axis) -> Text {
    let begun = Text::EMPTY.and("stack ").name(layer).and(" has its parameters along ");
    if let Some(size) = axis.size {
        if let Some(fault) = size.fault() {
            return begun.name(axis.name).and(", and its size ").and(fault.text());
        }
        if let Some(number) = size.number()
            && number <= 0
        {
            return begun.axis(axis, cx.symbols).and("\nhelp: a stack has at least 1 layer");
        }
    }
    match before.find(axis.name) {
        Some(found) => begun
            .name(axis.name)
            .and(", but ")
            .origin(cx, before.at(found), " gives it ")
            .and(" already\nhelp: choose another name after `as`"),
        None => Text::EMPTY,
    }
}

/// Judges that what stands in the stack `stack`, whose parameters are along `along`, does not name that axis too: its
/// parameters would have it twice. `before` is what reaches the stack; where the axis is in it, that is told already.
pub const fn judge_stacked_name(stack: &str, before: &Axes, along: &Axis, layer: &str, name: &str) -> Text {
    if !same_text(along.name, name) || before.find(name).is_some() {
        return Text::EMPTY;
    }
    stacked_twice(Text::EMPTY.and("layer ").name(layer), stack, along)
}

/// As [`judge_stacked_name`], of the axes that the model `of` names.
pub const fn judge_stacked_model(
    stack: &str,
    before: &Axes,
    along: &Axis,
    layer: &str,
    of: &Signature,
    within: &[Within],
) -> Text {
    let Some(naming) = of.naming(within, along.name) else { return Text::EMPTY };
    if before.find(along.name).is_some() {
        return Text::EMPTY;
    }
    let begun = Text::EMPTY.and("layer ").name(layer);
    if same_text(naming.name, of.name) {
        return stacked_twice(begun, stack, along);
    }
    stacked_twice(begun.and(" holds ").name(naming.name).place(&naming.by).and(", which"), stack, along)
}

const fn stacked_twice(begun: Text, stack: &str, along: &Axis) -> Text {
    begun
        .and(" uses the axis ")
        .name(along.name)
        .and(", along which the stack ")
        .name(stack)
        .and(" around it has its parameters")
        .place(&along.by)
        .and("\nhelp: give one of the two axes another name")
}

/// Judges the two axes of a layer that `attends`, within the scores of an attention.
pub const fn judge_order(layer: &str, attends: bool, left: &[Axis], by: &AttentionAxes) -> Text {
    if !attends || left.len() != 2 {
        return Text::EMPTY;
    }
    if !same_text(left[0].name, by.kv_seq) && !same_text(left[1].name, by.seq) {
        return Text::EMPTY;
    }
    Text::EMPTY
        .and("layer ")
        .name(layer)
        .and(" takes the axis of queries and then that of keys, and was given ")
        .name(left[0].name)
        .and(" and ")
        .name(left[1].name)
        .and(", but the attention calls the axis of queries ")
        .name(by.seq)
        .and(" and that of keys ")
        .name(by.kv_seq)
        .place(&by.by)
        .and("\nhelp: write `{ ")
        .and(by.seq)
        .and(", ")
        .and(by.kv_seq)
        .and(" }`")
}
