//! What a pattern must be beyond its grammar. A rule names the word that breaks it.

use crate::diag::Errors;
use crate::ir::{Einsum, Rearrange};
use crate::parse::{Place, Slip, Term, Word};
use crate::words;

fn slip(at: Place, message: String, help: impl Into<String>) -> Slip {
    Slip { at, message, help: help.into() }
}

/// The known name that `name` most likely was meant to be. Of one letter or two any other is as near.
fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.chars().count() < 3 { None } else { words::nearest(name, known) }
}

/// A name stands once in each array.
pub(super) fn names_stand_once(slips: &mut Vec<Slip>, words: &[&Word]) {
    for (place, word) in words.iter().enumerate() {
        if words[..place].iter().any(|known| known.text == word.text) {
            let message = format!("the axis `{}` stands twice in one array", word.text);
            slips.push(slip(word.at, message, "an array has an axis once; a diagonal is `x.diagonal(..)`"));
        }
    }
}

/// There are as many arrays as the pattern has.
pub(super) fn arrays_are_counted(slips: &mut Vec<Slip>, einsum: &Einsum) {
    let (wanted, given) = (einsum.operands.len(), einsum.arrays.len());
    if wanted != given && wanted > 0 {
        let len = einsum.pattern.value().chars().count();
        let message = format!("the pattern has {wanted} arrays before the `->`, and {given} are given");
        slips.push(slip(Place { start: 0, len }, message, "give one for each, in order"));
    }
}

/// What comes out went in.
pub(super) fn outputs_are_inputs(slips: &mut Vec<Slip>, einsum: &Einsum) {
    let known = || einsum.operands.iter().flat_map(|names| &names.words);
    for word in &einsum.output.words {
        if known().all(|input| input.text != word.text) {
            let message = format!("the axis `{}` of the output is in no array", word.text);
            let near = nearest(&word.text, known().map(|word| word.text.as_str()));
            let help =
                near.map_or("an output has axes of its arrays".into(), |near| format!("write `{near}`"));
            slips.push(slip(word.at, message, help));
        }
    }
    let rests = einsum.operands.iter().filter_map(|names| names.rest);
    match (rests.map(|(at, _)| at).next(), einsum.output.rest) {
        (Some(at), None) => slips.push(slip(
            at,
            "the `..` is on the left alone".into(),
            "write `..` behind the `->` too: its axes are kept",
        )),
        (None, Some((at, _))) => {
            slips.push(slip(
                at,
                "the `..` is on the right alone".into(),
                "write `..` in an array that has more axes",
            ));
        }
        _ => {}
    }
}

/// An axis that is in one array and not in the output is a slip more often than a sum.
pub(super) fn axes_are_used(slips: &mut Vec<Slip>, einsum: &Einsum) {
    let all = || einsum.operands.iter().flat_map(|names| &names.words).chain(&einsum.output.words);
    for word in einsum.operands.iter().flat_map(|names| &names.words) {
        if all().filter(|other| other.text == word.text).count() == 1 {
            let message = format!("the axis `{}` occurs only here", word.text);
            let others = all().map(|other| other.text.as_str()).filter(|other| *other != word.text);
            let help = nearest(&word.text, others).map_or_else(
                || format!("write it in the output too, or sum it first: `x.sum(\"{}\")`", word.text),
                |near| format!("write `{near}`, or sum it first: `x.sum(\"{}\")`", word.text),
            );
            slips.push(slip(word.at, message, help));
        }
    }
}

/// Both sides have the same axes.
pub(super) fn sides_agree(slips: &mut Vec<Slip>, rearrange: &Rearrange) {
    let axes = |side: &[Term]| -> Vec<Word> { side.iter().flat_map(Term::axes).cloned().collect() };
    let sides = [(&rearrange.left, &rearrange.right, "left"), (&rearrange.right, &rearrange.left, "right")];
    for (here, there, name) in sides {
        let others = axes(there);
        for word in axes(here) {
            if others.iter().all(|other| other.text != word.text) {
                let near = nearest(&word.text, others.iter().map(|other| other.text.as_str()));
                let help = near.map_or_else(
                    || "both sides have the same axes; `x.sum(..)` removes one, `x.broadcast_to(..)` adds one".to_string(),
                    |near| format!("write `{near}`"),
                );
                slips.push(slip(word.at, format!("the axis `{}` is on the {name} alone", word.text), help));
            }
        }
        let rest = |side: &[Term]| side.iter().find(|term| matches!(term, Term::Rest(_))).map(Term::place);
        if let (Some(at), None) = (rest(here), rest(there)) {
            slips.push(slip(
                at,
                format!("the `..` is on the {name} alone"),
                "write `..` on the other side too",
            ));
        }
    }
}

/// The axis that a group becomes has a name, which no other has.
pub(super) fn joined_axes_have_names(slips: &mut Vec<Slip>, rearrange: &Rearrange) {
    let mut names: Vec<&Word> = Vec::new();
    for term in &rearrange.right {
        match term {
            Term::Group { name: None, axes, at } => {
                let inside: Vec<&str> = axes.iter().map(|word| word.text.as_str()).collect();
                slips.push(slip(
                    *at,
                    "the axis that the group becomes has no name".into(),
                    format!("write `name=({})`", inside.join(" ")),
                ));
            }
            Term::Group { name: Some(word), .. } | Term::Axis(word) => names.push(word),
            Term::Rest(_) => {}
        }
    }
    names_stand_once(slips, &names);
}

/// A group on the left is an axis that can be found: by its name, or as the only one left.
pub(super) fn split_axes_are_known(slips: &mut Vec<Slip>, rearrange: &Rearrange) {
    let has_rest = rearrange.left.iter().any(|term| matches!(term, Term::Rest(_)));
    for term in &rearrange.left {
        if let (Term::Group { name: None, axes, at }, true) = (term, has_rest) {
            let inside: Vec<&str> = axes.iter().map(|word| word.text.as_str()).collect();
            slips.push(slip(
                *at,
                "beside `..` nothing says which axis the group is".into(),
                format!("write its name: `name=({})`", inside.join(" ")),
            ));
        }
    }
}

/// All sizes in a group but one are given, since the last follows.
pub(super) fn sizes_are_given(slips: &mut Vec<Slip>, rearrange: &Rearrange) {
    for term in &rearrange.left {
        let Term::Group { axes, at, .. } = term else { continue };
        let open = axes.iter().filter(|word| rearrange.sizes.iter().all(|(name, _)| *name != word.text));
        let open: Vec<&str> = open.map(|word| word.text.as_str()).collect();
        if open.len() > 1 {
            let message = format!("the sizes of {} axes in the group are not known", open.len());
            slips.push(slip(*at, message, format!("give all but one: `, {} = 8`", open[0])));
        }
    }
}

/// Each size is that of an axis in a group, and given once.
pub(super) fn sizes_have_axes(errors: &mut Errors, rearrange: &Rearrange) {
    let groups = rearrange.left.iter().filter(|term| matches!(term, Term::Group { .. }));
    let split: Vec<&str> = groups.flat_map(Term::axes).map(|word| word.text.as_str()).collect();
    for (place, (name, _)) in rearrange.sizes.iter().enumerate() {
        let text = name.to_string();
        if rearrange.sizes[..place].iter().any(|(known, _)| known == name) {
            errors.add(name, format!("the size of `{text}` is given twice"), "remove one");
        } else if !split.contains(&text.as_str()) {
            let help = nearest(&text, split.iter().copied()).map_or_else(
                || "sizes are of axes in a group before the `->`".to_string(),
                |near| format!("write `{near}`"),
            );
            errors.add(name, format!("no group has an axis `{text}`"), help);
        }
    }
}
